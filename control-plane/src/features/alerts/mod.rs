//! Alerts: raised by rules of other features, shown with pop-up and sound until somebody
//! acknowledges them, closed when the trouble is over. Judges nothing itself.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

mod http;
pub mod jobs;
pub mod store;

pub use store::{Level, Scope, close, raise};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(http::list_alerts)).routes(routes!(http::acknowledge_alert))
}
