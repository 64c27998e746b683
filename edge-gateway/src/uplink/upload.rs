//! Uploads finished recordings, each on a stream of its own, once their results are acknowledged,
//! and again until the recording is acknowledged too.

use super::frames;
use crate::recorder::Spool;
use crate::stats::EdgeStats;
use anyhow::Context;
use shared_proto::ids::CallId;
use shared_proto::wire::Upload;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// An upload that was not acknowledged is repeated after this long.
const REPEAT: Duration = Duration::from_secs(30);
const CHUNK: usize = 64 * 1024;

/// The door to the uploading task.
#[derive(Debug, Clone)]
pub struct Uploads {
    orders: mpsc::UnboundedSender<Order>,
}

#[derive(Debug)]
enum Order {
    Link(Option<quinn::Connection>),
    Ready(CallId),
    Acked(CallId),
}

impl Uploads {
    /// The task ends when the last door goes.
    pub fn start(spool: Spool, stats: EdgeStats) -> (Self, tokio::task::JoinHandle<()>) {
        let (orders, inbox) = mpsc::unbounded_channel();
        let uploader = Uploader { spool, stats, link: None, waiting: BTreeMap::new() };
        (Self { orders }, tokio::spawn(uploader.run(inbox)))
    }

    pub fn link(&self, connection: Option<quinn::Connection>) {
        self.order(Order::Link(connection));
    }

    /// The call's result is acknowledged: its recording, if there is one, may follow.
    pub fn ready(&self, call: CallId) {
        self.order(Order::Ready(call));
    }

    pub fn acked(&self, call: CallId) {
        self.order(Order::Acked(call));
    }

    fn order(&self, order: Order) {
        // The task outlives every door; after a panic of its own, recordings wait in the spool for the next start.
        let _ = self.orders.send(order);
    }
}

struct Uploader {
    spool: Spool,
    stats: EdgeStats,
    link: Option<quinn::Connection>,
    /// When each recording is due.
    waiting: BTreeMap<CallId, Instant>,
}

impl Uploader {
    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Order>) {
        loop {
            let due = self.next_due();
            let wake = async {
                match due {
                    Some((_, at)) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                order = inbox.recv() => match order {
                    Some(order) => self.take(order).await,
                    None => return,
                },
                () = wake => {
                    if let (Some((call, _)), Some(link)) = (due, self.link.clone()) {
                        self.upload(call, &link).await;
                    }
                }
            }
        }
    }

    fn next_due(&self) -> Option<(CallId, Instant)> {
        self.link.as_ref()?;
        self.waiting.iter().map(|(&call, &at)| (call, at)).min_by_key(|&(_, at)| at)
    }

    async fn take(&mut self, order: Order) {
        match order {
            Order::Link(link) => {
                // What an older connection carried may not have arrived.
                let now = Instant::now();
                self.waiting.values_mut().for_each(|due| *due = now);
                self.link = link;
            }
            Order::Ready(call) => {
                self.waiting.entry(call).or_insert_with(Instant::now);
            }
            Order::Acked(call) => {
                if self.waiting.remove(&call).is_some() {
                    self.stats.recording_uploaded();
                }
                self.on_disk(move |spool| spool.remove_whole(call)).await;
            }
        }
    }

    /// Reads or deletes files, which may take long, where nobody waits for it.
    async fn on_disk<T: Send + 'static>(&self, work: impl FnOnce(Spool) -> T + Send + 'static) -> Option<T> {
        let spool = self.spool.clone();
        let done = tokio::task::spawn_blocking(move || work(spool)).await;
        done.inspect_err(|error| tracing::error!(%error, "the spool cannot be worked on")).ok()
    }

    async fn upload(&mut self, call: CallId, link: &quinn::Connection) {
        let (there, head) = self.on_disk(move |spool| (spool.audio(call).exists(), spool.head(call))).await.unzip();
        let sent = match head {
            Some(Ok(head)) => send(&head, &self.spool.audio(call), link).await,
            Some(Err(error)) => Err(error).context("reading the upload's head"),
            None => Err(anyhow::anyhow!("the spool cannot be read")),
        };
        match sent {
            Ok(()) => {
                self.waiting.insert(call, Instant::now() + REPEAT);
            }
            Err(error) if there == Some(false) => {
                tracing::warn!(%call, error = format!("{error:#}"), "a recording is gone from the spool");
                self.waiting.remove(&call);
                self.on_disk(move |spool| spool.remove_whole(call)).await;
            }
            Err(error) => {
                tracing::info!(%call, error = format!("{error:#}"), "a recording will be sent again");
                self.waiting.insert(call, Instant::now() + REPEAT);
            }
        }
    }
}

async fn send(head: &Upload, audio: &Path, link: &quinn::Connection) -> anyhow::Result<()> {
    let mut file = tokio::fs::File::open(audio).await.context("opening the recording")?;
    let mut stream = link.open_uni().await?;
    frames::write(&mut stream, head).await?;
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk).await? {
            0 => break,
            n => stream.write_all(&chunk[..n]).await?,
        }
    }
    stream.finish()?;
    Ok(())
}
