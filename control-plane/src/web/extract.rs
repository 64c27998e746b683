//! `Json`, `Query` and `Path` whose refusals are problems. Use these, not axum's.

use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, FailedToBufferBody, JsonRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use super::refusal;

pub struct Json<T>(pub T);
pub struct Query<T>(pub T);
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let bytes = bytes.map_err(of_bytes)?;
        let parsed = axum::Json::<T>::from_request(Request::from_parts(parts, Body::from(bytes.clone())), state).await;
        let axum::Json(value) = parsed.map_err(of_json)?;
        without_nul(&bytes).map(|()| Self(value))
    }
}

/// No text in JSON may hold the character NUL: one of the databases cannot keep it, and no person types it.
fn without_nul(json: &[u8]) -> Result<(), Problem> {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escape = &rest[at + 1..];
        if escape.starts_with(b"u0000") {
            return Err(Problem::unprocessable("text_with_nul"));
        }
        // What is escaped may be a backslash itself.
        rest = escape.get(1..).unwrap_or_default();
    }
    Ok(())
}

/// Too long, or broken off on its way.
fn of_bytes(refused: BytesRejection) -> Problem {
    match refused {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Problem::too_large("body_too_large")
        }
        _ => Problem::bad_request("request_invalid"),
    }
}

fn of_json(refused: JsonRejection) -> Problem {
    match refused {
        JsonRejection::BytesRejection(refused) => of_bytes(refused),
        JsonRejection::MissingJsonContentType(_) => Problem::unsupported("content_type_not_json"),
        JsonRejection::JsonDataError(refused) => refusal::of_body(after_prefix(&refused.body_text())),
        refused => refusal::of_syntax(&refused.body_text()),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A parameter without a value asks for nothing, whatever it is.
fn without_blanks(uri: &Uri) -> Uri {
    let blank = |value: &str| value.replace("%20", "").chars().all(|sign| sign == '+');
    let given = |pair: &&str| pair.split_once('=').is_some_and(|(_, value)| !blank(value));
    let kept: Vec<&str> = uri.query().unwrap_or_default().split('&').filter(given).collect();
    format!("/?{}", kept.join("&")).parse().unwrap_or_else(|_| uri.clone())
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(Problem::bad_request("text_with_nul"));
        }
        let query = axum::extract::Query::<T>::try_from_uri(&without_blanks(&parts.uri));
        query
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|refused| refusal::of_query(after_prefix(&refused.body_text())))
    }
}

/// An id that cannot be an id answers like an id that does not exist.
impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value)).map_err(|_| Problem::not_found())
    }
}

/// A JSON body that may be left out.
pub fn optional<T: DeserializeOwned + Default>(body: &Bytes) -> Result<T, Problem> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(T::default());
    }
    let axum::Json(value) = axum::Json::<T>::from_bytes(body).map_err(of_json)?;
    without_nul(body).map(|()| value)
}

/// The part of a refusal that says where and what: "windows[0]: missing field `to` at line 1 column 3".
fn after_prefix(text: &str) -> &str {
    text.split_once(": ").map_or(text, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_parameter_is_none() {
        let kept =
            |query: &str| without_blanks(&format!("/v1/calls{query}").parse().unwrap()).query().map(str::to_owned);
        assert_eq!(kept("?cursor=&limit=2&q=+&label=%20&archived").as_deref(), Some("limit=2"));
        assert_eq!(kept("?q=a+b&x==").as_deref(), Some("q=a+b&x=="));
        assert_eq!(kept("").unwrap_or_default(), "");
    }

    #[test]
    fn nul_is_found_where_it_is_meant() {
        let refused = |json: &str| without_nul(json.as_bytes()).is_err();
        assert!(refused(r#"{"name": "a\u0000b"}"#));
        assert!(refused(r#"{"name": "a\\\u0000b"}"#), "after a backslash");
        assert!(refused(r#"{"\u0000": 1}"#));
        assert!(!refused(r#"{"name": "a\\u0000b"}"#), "a backslash, then letters");
        assert!(!refused(r#"{"name": "a\u0001\n"}"#));
        assert!(!refused(r#"{"name": "a\"#));
    }
}
