//! HTTP that knows no feature's business: the router's layers, problems, pages, events, the portal's
//! files, health and metrics.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::features::{self, audit};

mod description;
pub mod events;
pub mod extract;
mod health;
pub use health::recorder;
pub mod page;
mod portal;
pub mod problem;
pub mod refusal;
pub mod request;
pub mod server;
pub mod xlsx;

/// Bodies are small; a route that takes files sets its own limit.
const BODY_LIMIT: usize = 1 << 20;

/// The whole site.
pub fn router(app: App) -> Router {
    let (api, openapi) = api(&app).split_for_parts();
    let openapi = description::text(openapi);
    let portal = portal::Portal::open(&app.config.portal);
    let compress = DefaultPredicate::new()
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::const_new("audio/"));
    let proxies: Arc<[IpAddr]> = app.config.trusted_proxies.0.clone().into();
    api.route("/openapi.json", get(move || async move { ([(header::CONTENT_TYPE, "application/json")], openapi) }))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .fallback(move |request: axum::extract::Request| portal.clone().serve(request))
        .with_state(app)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(request::BODY_STALL, request::hurry_body))
        .layer(CompressionLayer::new().compress_when(compress))
        .layer(fixed_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed_header(header::REFERRER_POLICY, "same-origin"))
        .layer(fixed_header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(from_fn(problem::write_out))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            use axum::response::IntoResponse;
            problem::Problem::internal("a handler panicked").into_response()
        }))
        .layer(from_fn(health::measure))
        .layer(from_fn(request::give_id))
        .layer(from_fn_with_state(proxies, request::find_address))
}

/// Every operation under /v1 with its description.
fn api(app: &App) -> OpenApiRouter<App> {
    described().route_layer(from_fn_with_state(app.clone(), audit::record)).route_layer(from_fn(health::name_route))
}

fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(description::outline()).merge(features::routes()).merge(events::routes())
}

/// The description of the API, as served and as checked in.
pub fn openapi() -> String {
    description::text(described().into_openapi())
}

fn fixed_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
