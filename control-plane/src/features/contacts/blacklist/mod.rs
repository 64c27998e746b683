//! The blacklist: numbers that are never dialled. Asked at import and again before every INVITE.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

mod http;
pub mod store;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_blacklist, http::add_to_blacklist))
        .routes(routes!(http::remove_from_blacklist))
}
