//! Reports: what campaigns have come to, one by one and together, on a page and as a spreadsheet.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

mod http;
mod rules;
mod store;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(http::report_campaigns)).routes(routes!(http::export_campaigns))
}
