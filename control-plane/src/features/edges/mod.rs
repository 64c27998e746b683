//! Edges: enrolment by one-time token, the uplink's server side, who is connected with how much room.
//! Edges belong to the platform and serve every tenant. What their news means for attempts and calls
//! is decided in `calls::ingest`.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub mod ca;
mod enrol;
mod frames;
mod http;
pub mod links;
pub mod store;
pub mod uplink;
mod uploads;

pub use http::{EdgeView, enrolment_token, token_for_name, views};
pub use uplink::run_uplink;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_edges, http::create_edge))
        .routes(routes!(http::drain_edge, http::resume_edge))
        .routes(routes!(http::revoke_edge))
}
