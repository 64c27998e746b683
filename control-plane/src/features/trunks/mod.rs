//! Trunks: the lines calls go out by, their limits, their credentials (sealed, never shown) and how
//! they fare. Whether a call fits is the campaigns' planner's business.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

mod http;
pub mod rules;
pub mod store;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_trunks, http::create_trunk))
        .routes(routes!(http::show_trunk, http::update_trunk, http::delete_trunk))
        .routes(routes!(http::report_fault, http::clear_fault))
}
