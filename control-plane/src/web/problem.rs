//! RFC 9457 problems, the only shape of an error that leaves the server. A handler returns a
//! `Problem`; the layer at the end of this file writes it out in the caller's language.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use super::request::RequestId;
use crate::text::Language;

/// A handler's error. `code` is stable and has a text in the catalogue; `params` fill the text and
/// let a program understand the case.
#[derive(Clone, Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub params: Map<String, Value>,
}

/// The body of every error answer (`application/problem+json`).
#[derive(Serialize, utoipa::ToSchema)]
pub struct ProblemBody {
    /// `/problems/<code>`
    r#type: String,
    /// The sentence for people, in the language asked for.
    title: String,
    status: u16,
    /// Stable name of the case, for programs.
    code: String,
    /// What the case is about: field names, limits, seconds to wait.
    params: Map<String, Value>,
    /// Quote this to support; the log holds the same id.
    request_id: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, params: Map::new() }
    }

    pub fn bad_request(code: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code)
    }

    pub fn unauthorized(code: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code)
    }

    pub fn forbidden(code: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, code)
    }

    /// Also the answer for another tenant's id.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    pub fn conflict(code: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, code)
    }

    pub fn too_large(code: &'static str) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, code)
    }

    /// The body is of a kind that is not taken here.
    pub fn unsupported(code: &'static str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code)
    }

    /// The request is well formed and its content cannot be accepted.
    pub fn unprocessable(code: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code)
    }

    /// `unprocessable` about one field of the body.
    pub fn field(code: &'static str, field: &str) -> Self {
        Self::unprocessable(code).with("field", field)
    }

    pub fn too_many(code: &'static str, retry_after_s: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code).with("retry_after_s", retry_after_s)
    }

    /// Something outside is not there: a model, an edge, a trunk.
    pub fn unavailable(code: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code)
    }

    pub fn storage_full() -> Self {
        Self::new(StatusCode::INSUFFICIENT_STORAGE, "storage_full")
    }

    pub fn range_not_satisfiable(total: u64) -> Self {
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable").with("total", total)
    }

    /// Our own fault: the cause goes to the log, the caller gets the request id.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed by our own fault");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }
}

/// The answer carries the problem as an extension; `write_out` gives it its body.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<sea_orm::DbErr> for Problem {
    fn from(error: sea_orm::DbErr) -> Self {
        if matches!(error, sea_orm::DbErr::RecordNotFound(_)) {
            return Self::not_found();
        }
        let text = error.to_string();
        if text.contains("disk is full") { Self::storage_full() } else { Self::internal(text) }
    }
}

impl From<platform::objects::ObjectsError> for Problem {
    fn from(error: platform::objects::ObjectsError) -> Self {
        use platform::objects::ObjectsError;
        match error {
            ObjectsError::NotFound(_) => Self::not_found(),
            ObjectsError::Full(_) => Self::storage_full(),
            ObjectsError::Range { total, .. } => Self::range_not_satisfiable(total),
            other => Self::internal(other),
        }
    }
}

impl From<platform::sealing::SealingError> for Problem {
    fn from(error: platform::sealing::SealingError) -> Self {
        Self::internal(error)
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        Self::internal(format!("{error:#}"))
    }
}

/// The layer that turns problems, and bare errors of the framework, into problem+json.
pub async fn write_out(request: Request, next: Next) -> Response {
    let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = Language::accepted(header);
    let is_api = request.uri().path().starts_with("/v1");
    let request_id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let mut response = next.run(request).await;
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_api => match framework_problem(&response) {
            Some(problem) => problem,
            None => return response,
        },
        None => return response,
    };
    let title = language.text("problem", problem.code, &problem.params);
    let body = ProblemBody {
        r#type: format!("/problems/{}", problem.code),
        title,
        status: problem.status.as_u16(),
        code: problem.code.to_owned(),
        params: problem.params.clone(),
        request_id: request_id.0.to_string(),
    };
    let mut answer = (problem.status, axum::Json(body)).into_response();
    // Headers set by inner layers stay; those that describe the old body go.
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.params.get("retry_after_s").and_then(Value::as_u64) {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    // RFC 9110, section 14.4: the length tells the caller which ranges there are.
    if problem.status == StatusCode::RANGE_NOT_SATISFIABLE
        && let Some(total) = problem.params.get("total").and_then(Value::as_u64)
        && let Ok(said) = HeaderValue::from_str(&format!("bytes */{total}"))
    {
        answer.headers_mut().insert(header::CONTENT_RANGE, said);
    }
    answer.extensions_mut().insert(problem);
    answer
}

/// Answers that axum itself makes with a plain text body.
fn framework_problem(response: &Response) -> Option<Problem> {
    let code = match response.status() {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "content_type_not_json",
        status if status.is_client_error() => "request_invalid",
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => "unavailable",
        status if status.is_server_error() => "internal",
        _ => return None,
    };
    Some(Problem::new(response.status(), code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_no_internal_error() {
        let code = |status: StatusCode| framework_problem(&status.into_response()).map(|problem| problem.code);
        assert_eq!(code(StatusCode::INTERNAL_SERVER_ERROR), Some("internal"));
        assert_eq!(code(StatusCode::SERVICE_UNAVAILABLE), Some("unavailable"));
        assert_eq!(code(StatusCode::GATEWAY_TIMEOUT), Some("unavailable"));
        assert_eq!(code(StatusCode::OK), None);
    }
}
