//! What every request carries: an id and the address it came from.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use tokio_stream::{Stream, StreamExt};

/// How long a body may stand still: a slow line sends something within it.
pub const BODY_STALL: Duration = Duration::from_secs(30);
/// A file may take as long as this many pauses, which is half an hour; any other body two.
const PAUSES_OF_A_FILE: u32 = 60;

pub const REQUEST_ID: &str = "x-request-id";

/// Sixteen random hexadecimal digits, in the answer's `x-request-id`, in problems and in the log.
#[derive(Clone, Debug, Default)]
pub struct RequestId(pub Arc<str>);

/// The layer that gives each request its id. An id sent by the caller is not believed.
pub async fn give_id(mut request: Request, next: Next) -> Response {
    let id: Arc<str> = format!("{:016x}", rand::random::<u64>()).into();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The address that a request came from: the peer's, or what a trusted proxy says of its own peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub IpAddr);

impl Address {
    pub fn of(parts: &Parts) -> Self {
        if let Some(address) = parts.extensions.get::<Self>() {
            return *address;
        }
        let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Self(info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip()))
    }

    /// Walks `X-Forwarded-For` from its end, where each proxy put the peer that it saw, past the proxies that are trusted.
    /// What stands before the first stranger was written by strangers.
    fn behind(self, trusted: &[IpAddr], headers: &HeaderMap) -> Self {
        let lines = headers.get_all("x-forwarded-for").iter().rev().filter_map(|line| line.to_str().ok());
        let mut hops = lines.flat_map(|line| line.rsplit(',')).map(|hop| hop.trim().parse::<IpAddr>().ok());
        let mut address = self.0;
        while trusted.contains(&address) {
            match hops.next().flatten() {
                Some(before) => address = before,
                None => break,
            }
        }
        Self(address)
    }
}

/// The layer that finds out where a request came from.
pub async fn find_address(State(trusted): State<Arc<[IpAddr]>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let address = Address::of(&parts).behind(&trusted, &parts.headers);
    parts.extensions.insert(address);
    next.run(Request::from_parts(parts, body)).await
}

/// The layer that gives up a body that has stopped coming, or drips: nobody holds a connection by announcing what they
/// never send. A file may take its time.
pub async fn hurry_body(State(stall): State<Duration>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let pauses = if kind.starts_with("multipart/") { PAUSES_OF_A_FILE } else { 2 };
    next.run(request.map(|body| Body::from_stream(hurried(body, stall, stall * pauses)))).await
}

fn hurried(body: Body, stall: Duration, whole: Duration) -> impl Stream<Item = io::Result<Bytes>> {
    let mut pieces = body.into_data_stream();
    let until = tokio::time::Instant::now() + whole;
    async_stream::try_stream! {
        loop {
            let next = (tokio::time::Instant::now() + stall).min(until);
            let piece = tokio::time::timeout_at(next, pieces.next()).await;
            match piece.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))? {
                Some(piece) => yield piece.map_err(io::Error::other)?,
                None => break,
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_says_where_a_request_came_from() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let from = |peer: &str, lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            Address(ip(peer)).behind(&[ip("127.0.0.1"), ip("10.0.0.2")], &headers).0.to_string()
        };
        assert_eq!(from("127.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(from("203.0.113.5", &["198.51.100.1"]), "203.0.113.5", "a stranger says what it likes");
        assert_eq!(from("127.0.0.1", &["1.2.3.4, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(from("127.0.0.1", &["1.2.3.4", "203.0.113.9,10.0.0.2"]), "203.0.113.9");
        assert_eq!(from("127.0.0.1", &["nonsense"]), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &[]), "127.0.0.1");
    }
}
