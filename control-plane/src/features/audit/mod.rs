//! The logs: who changed what (`operation`), who signed in (`login`), who saw personal data
//! (`access`). Every change is recorded by a layer, so that no handler can forget it.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

mod http;
mod rules;
mod sight;
pub mod store;
mod trail;

pub use trail::{LoginAttempt, Trail, login, record};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(http::search_audit))
}
