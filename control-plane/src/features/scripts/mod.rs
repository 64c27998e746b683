//! Scripts: a draft flow that is edited, checked and tried out, and the immutable versions published from it.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub mod demo;
mod http;
mod publishing;
pub mod rules;
pub mod store;
mod trying;

pub use demo::{DemoScripts, seed_demo};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_scripts, http::create_script))
        .routes(routes!(http::get_script, http::update_script, http::delete_script))
        .routes(routes!(publishing::list_versions))
        .routes(routes!(publishing::get_version))
        .routes(routes!(publishing::lint_script))
        .routes(routes!(publishing::publish_script))
        .routes(routes!(publishing::rollback_script))
        .routes(routes!(trying::try_script))
        .routes(routes!(trying::list_voices))
        .routes(routes!(trying::list_intents))
}
