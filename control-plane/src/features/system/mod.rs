//! The system page: how the house itself is doing. Measures; changes nothing.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

mod http;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(http::read_system))
}
