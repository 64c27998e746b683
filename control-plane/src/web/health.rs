//! Is it alive, can it serve, and how is it doing: /healthz, /readyz, /metrics.

use std::sync::OnceLock;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::problem::Problem;
use super::request::Address;
use crate::app::App;
use crate::jobs;

/// The process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The process can do its work: its database answers.
pub async fn readyz(State(app): State<App>) -> Response {
    match app.database.ping().await {
        Ok(()) if !app.tasks.stop.is_cancelled() => "ready\n".into_response(),
        Ok(()) => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "database\n").into_response()
        }
    }
}

/// Prometheus text. Open to this machine, or to who knows the token.
pub async fn metrics(State(app): State<App>, address: Address, headers: HeaderMap) -> Result<Response, Problem> {
    let token = app.config.metrics_token.expose();
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let allowed = if token.is_empty() { address.0.is_loopback() } else { sent == Some(&format!("Bearer {token}")) };
    if !allowed {
        return Err(Problem::forbidden("forbidden"));
    }
    let (waiting, failed) = jobs::counts(&app.database).await?;
    metrics::gauge!("bellbird_jobs_waiting").set(waiting as f64);
    metrics::gauge!("bellbird_jobs_failed").set(failed as f64);
    let text = recorder().render() + &app.measures.text();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

/// The one recorder of the process; the first use installs it.
pub fn recorder() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is in place; /metrics stays empty");
        }
        handle
    })
}

/// The route of an answer, for the measure that is taken further out.
#[derive(Clone)]
struct RouteName(MatchedPath);

pub async fn name_route(route: MatchedPath, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.extensions_mut().insert(RouteName(route));
    response
}

/// Anything may stand where a method does, and every new label is a series that is kept for ever.
fn method_name(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] =
        [Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS];
    let names = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"];
    KNOWN.iter().zip(names).find_map(|(known, name)| (known == method).then_some(name)).unwrap_or("other")
}

/// Counts and times every request by route.
pub async fn measure(request: Request, next: Next) -> Response {
    let since = Instant::now();
    let method = method_name(request.method());
    let response = next.run(request).await;
    let route = response.extensions().get::<RouteName>().map_or("other", |name| name.0.as_str()).to_owned();
    let status = response.status().as_u16();
    let took = since.elapsed();
    metrics::counter!("bellbird_http_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("bellbird_http_seconds", "route" => route.clone()).record(took.as_secs_f64());
    tracing::debug!(method, route, status, took_ms = took.as_millis() as u64, "answered");
    response
}
