//! Recordings come one to a stream: a head, then the file. Each is checked against its SHA-256,
//! stored, noted with its call, and only then acknowledged; otherwise the edge keeps it and tries again.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use sha2::{Digest, Sha256};
use shared_proto::ids::{EdgeId, EventId};
use shared_proto::wire::{Down, Upload};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::frames::FrameReader;
use crate::app::App;
use crate::features::calls;
use crate::features::calls::recordings::Offer;

/// Uploads of one edge at a time: calls go first.
const AT_ONCE: usize = 4;
/// An hour of two channels of G.711 or an hour of one of PCM is below this.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// Takes uploads until the connection ends.
pub async fn serve(app: App, edge: EdgeId, connection: quinn::Connection) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let tasks = TaskTracker::new();
    while let Ok(stream) = connection.accept_uni().await {
        let Ok(place) = places.clone().acquire_owned().await else { break };
        let app = app.clone();
        tasks.spawn(async move {
            if let Err(error) = take(&app, edge, stream).await {
                tracing::error!(%edge, error = format!("{error:#}"), "a recording was not stored; the edge keeps it");
            }
            drop(place);
        });
    }
    tasks.close();
    tasks.wait().await;
}

async fn take(app: &App, edge: EdgeId, stream: quinn::RecvStream) -> anyhow::Result<()> {
    let mut reader = FrameReader::new(stream);
    let Some(head) = reader.next::<Upload>().await? else { return Ok(()) };
    anyhow::ensure!(head.info.bytes <= MOST_BYTES, "a recording of {} bytes is over the limit", head.info.bytes);
    match calls::recordings::offer(app, &head).await? {
        Offer::Wanted => {}
        Offer::Stored => {
            app.links.send(edge, Down::RecordingAck { call: head.call });
            return Ok(());
        }
        Offer::NoSuchCall => {
            // Nobody could ever listen to it: the edge need not offer it for ever.
            tracing::warn!(%edge, call = %head.call, "a recording of no call of this house was let go");
            app.links.send(edge, Down::RecordingAck { call: head.call });
            return Ok(());
        }
    }
    // A name of its own, so that a damaged repeat never touches a file that was stored meanwhile.
    let key = format!("{}-{}", calls::rules::recording_key(head.tenant, head.call), app.fresh(EventId::new));
    let (first, rest) = reader.into_rest();
    let mut body = Checked::new(first, rest, head.info.bytes);
    let stored = app.objects.put_reader(&key, &mut body).await;
    let checked = stored.map_err(anyhow::Error::from).and_then(|_| body.verdict(&head.info.sha256));
    let noted = match checked {
        Ok(()) => calls::recordings::stored(app, &head, &key).await,
        Err(error) => {
            calls::recordings::could_not_store(app, &head, &error).await;
            Err(error)
        }
    };
    if !matches!(noted, Ok(true))
        && let Err(error) = app.objects.delete(&key).await
    {
        tracing::warn!(%error, "a recording that no call speaks of could not be deleted");
    }
    noted?;
    app.links.send(edge, Down::RecordingAck { call: head.call });
    Ok(())
}

/// Counts and hashes what passes.
struct Checked {
    first: Vec<u8>,
    at: usize,
    rest: quinn::RecvStream,
    hash: Sha256,
    bytes: u64,
    expected: u64,
}

impl Checked {
    fn new(first: Vec<u8>, rest: quinn::RecvStream, expected: u64) -> Self {
        Self { first, at: 0, rest, hash: Sha256::new(), bytes: 0, expected }
    }

    fn verdict(self, sha256: &str) -> anyhow::Result<()> {
        anyhow::ensure!(self.bytes == self.expected, "a recording of {} bytes came as {}", self.expected, self.bytes);
        let found = hex::encode(self.hash.finalize());
        anyhow::ensure!(found.eq_ignore_ascii_case(sha256), "a recording came with another SHA-256 than its own");
        Ok(())
    }
}

impl AsyncRead for Checked {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        if this.at < this.first.len() {
            let length = buf.remaining().min(this.first.len() - this.at);
            buf.put_slice(&this.first[this.at..this.at + length]);
            this.at += length;
        } else {
            match AsyncRead::poll_read(Pin::new(&mut this.rest), cx, buf) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
        }
        let came = &buf.filled()[before..];
        this.hash.update(came);
        this.bytes += came.len() as u64;
        if this.bytes > this.expected {
            return Poll::Ready(Err(std::io::Error::other("more bytes than announced")));
        }
        Poll::Ready(Ok(()))
    }
}
