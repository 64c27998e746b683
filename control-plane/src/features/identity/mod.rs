//! Accounts, the five preset roles, sessions, and the extractor that guards every handler.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub mod admin;
pub mod can;
mod guesses;
mod http;
pub mod jobs;
pub mod passwords;
pub mod permissions;
mod rules;
mod sessions;
pub mod store;

pub use can::{Actor, Can};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(sessions::routes())
        .routes(routes!(http::me))
        .routes(routes!(http::change_password))
        .routes(routes!(http::list_users, http::create_user))
        .routes(routes!(http::update_user))
        .routes(routes!(http::reset_password))
        .routes(routes!(http::list_roles))
}
