//! Imports: a sheet is uploaded, looked at, and read in the background; every row is accounted for.

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub mod batch;
mod errors_sheet;
mod guessing;
mod http;
pub mod jobs;
mod leftovers;
pub mod plan;
mod preview;
pub mod reading;
pub mod rules;
pub mod store;
mod tries;
mod upload;

pub use leftovers::sweep;

pub fn routes() -> OpenApiRouter<App> {
    let uploads = OpenApiRouter::new()
        .routes(routes!(http::list_imports, http::start_import))
        .routes(routes!(preview::preview_import))
        .layer(DefaultBodyLimit::max(upload::BODY_MOST));
    OpenApiRouter::new()
        .merge(uploads)
        .routes(routes!(http::read_import))
        .routes(routes!(http::list_rows))
        .routes(routes!(errors_sheet::download_errors))
        .routes(routes!(errors_sheet::download_template))
}
