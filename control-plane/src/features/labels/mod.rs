//! Intent labels: what a whole call is worth, as data of the tenant. Five are seeded and stay; more may be added.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

mod http;
mod rules;
pub mod store;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_labels, http::create_label))
        .routes(routes!(http::update_label, http::delete_label))
}
