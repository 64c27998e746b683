//! The door for HTTP connections: so many at once, and none that stays without asking for anything. What is asked is the
//! router's business.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, getrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Layer;

/// A browser sends the head of a request at once; one that has asked for nothing since connects anew.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
const CONNECTIONS_MOST: u64 = 4_096;
/// The part of the open files that browsers may take: calls, files and the database need the rest.
const SHARE_OF_FILES: u64 = 8;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the opening of a connection, or the end of an answer, to the end of the next request's head.
    pub head: Duration,
    /// Open at once; further ones wait at the door.
    pub connections: usize,
}

impl Limits {
    /// As many connections as the system's limit of open files has room for.
    pub fn of_process() -> Self {
        Self { head: HEAD_LIMIT, connections: fitting(getrlimit(Resource::Nofile).current) }
    }
}

/// `None` is no limit.
fn fitting(files: Option<u64>) -> usize {
    let share = files.map_or(CONNECTIONS_MOST, |files| files / SHARE_OF_FILES);
    usize::try_from(share.clamp(1, CONNECTIONS_MOST)).unwrap_or(1)
}

/// Serves until `stop` is cancelled, then lets requests end. Streams end by themselves when the process stops.
pub async fn serve(mut listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let mut places = Places { free: Arc::new(Semaphore::new(limits.connections)), full: false };
    let connections = TaskTracker::new();
    while let Some(place) = unless(&stop, places.next()).await {
        let Some((stream, peer)) = unless(&stop, Listener::accept(&mut listener)).await else { break };
        let router = router.clone();
        let stop = stop.clone();
        connections.spawn(async move {
            connection(stream, peer, router, limits, stop).await;
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn unless<T>(stop: &CancellationToken, done: impl Future<Output = T>) -> Option<T> {
    stop.run_until_cancelled(done).await
}

struct Places {
    free: Arc<Semaphore>,
    /// Said once, until there is a place again.
    full: bool,
}

impl Places {
    /// A place for one more connection, when there is one.
    async fn next(&mut self) -> OwnedSemaphorePermit {
        if let Ok(place) = self.free.clone().try_acquire_owned() {
            self.full = false;
            return place;
        }
        if !std::mem::replace(&mut self.full, true) {
            tracing::warn!("as many HTTP connections are open as there may be: the next waits until one of them ends");
        }
        self.free.clone().acquire_owned().await.expect("the places are never closed")
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, limits: Limits, stop: CancellationToken) {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.head);
    let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(router));
    let mut served = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = match unless(&stop, served.as_mut()).await {
        Some(ended) => ended,
        None => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, %peer, "an HTTP connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::request::hurry_body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::task::JoinHandle;

    const ASKED: &str = "GET / HTTP/1.1\r\nHost: bellbird\r\nConnection: close\r\n\r\n";

    struct Door {
        address: SocketAddr,
        stop: CancellationToken,
        served: JoinHandle<()>,
    }

    impl Door {
        /// Answers with the peer's address, or with what it was sent. Bodies have as long as heads.
        async fn open(connections: usize, head_ms: u64) -> Self {
            let head = Duration::from_millis(head_ms);
            let router = Router::new()
                .route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()))
                .route("/echo", post(async |said: String| said))
                .layer(from_fn_with_state(head, hurry_body));
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let stop = CancellationToken::new();
            let limits = Limits { head, connections };
            let served = tokio::spawn(serve(listener, router, limits, stop.clone()));
            Self { address, stop, served }
        }

        async fn send(&self, text: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            stream
        }

        async fn close(self) {
            self.stop.cancel();
            self.served.await.unwrap();
        }
    }

    /// All that comes until the server closes.
    async fn read(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn who_does_not_finish_the_head_of_a_request_is_sent_away() {
        let door = Door::open(8, 20).await;
        for begun in ["", "G", "P", "GET / HTTP/1.1\r\nHost:"] {
            let answer = read(door.send(begun).await).await;
            assert!(!answer.contains("200 OK"), "{begun}: {answer}");
        }
        door.close().await;
    }

    #[tokio::test]
    async fn who_does_not_finish_the_body_of_a_request_is_sent_away() {
        let door = Door::open(8, 20).await;
        let head = "POST /echo HTTP/1.1\r\nHost: bellbird\r\nContent-Length: 4\r\n";
        assert!(read(door.send(&format!("{head}\r\nab")).await).await.contains("400 Bad Request"));
        assert!(read(door.send(&format!("{head}Connection: close\r\n\r\nabcd")).await).await.ends_with("\r\n\r\nabcd"));
        door.close().await;
    }

    #[tokio::test]
    async fn a_request_knows_its_peer() {
        let door = Door::open(8, 10_000).await;
        let stream = door.send(ASKED).await;
        let peer = stream.local_addr().unwrap();
        assert!(read(stream).await.ends_with(&format!("\r\n\r\n{peer}")));
        door.close().await;
    }

    #[tokio::test]
    async fn over_the_most_connections_the_next_waits_for_a_place() {
        let door = Door::open(1, 20).await;
        let silent = door.send("G").await;
        let waiting = door.send(ASKED).await;
        assert!(read(waiting).await.contains("200 OK"));
        read(silent).await;
        door.close().await;
    }

    #[tokio::test]
    async fn a_silent_connection_does_not_hold_up_the_end() {
        let door = Door::open(1, 60_000).await;
        let silent = door.send("").await;
        door.close().await;
        assert_eq!(read(silent).await, "");
    }

    #[test]
    fn connections_are_capped_by_the_limit_of_open_files() {
        assert_eq!([None, Some(1_000_000), Some(1_024), Some(4)].map(fitting), [4_096, 4_096, 128, 1]);
    }
}
