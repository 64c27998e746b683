//! Groups: sets of contacts chosen for calling.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

mod http;
pub mod store;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_groups, http::create_group))
        .routes(routes!(http::update_group, http::delete_group))
        .routes(routes!(http::add_to_group))
}
