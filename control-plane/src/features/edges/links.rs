//! Who is connected right now and how much room each has. In memory only: what must not be lost is
//! in the attempts table, and slots are counted there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use shared_proto::ids::{AttemptId, EdgeId, TrunkId, VersionId};
use shared_proto::wire::{DialJob, Down, Trouble, TrunkUse};
use tokio::sync::mpsc;

/// Frames that may wait for one edge. An edge that is further behind than this is not well.
pub const QUEUE: usize = 4096;
/// A job sent so long before a capacity report is in that report, whether it has a verdict or not.
const REPORTED_MS: i64 = 1_000;

/// The connected edges.
#[derive(Clone, Default)]
pub struct Links(Arc<Mutex<BTreeMap<EdgeId, Link>>>);

struct Link {
    number: u64,
    name: String,
    out: mpsc::Sender<Down>,
    connection: quinn::Connection,
    free: u32,
    live: u32,
    trunks: Vec<TrunkUse>,
    /// What the edge said of it; `None` before its first word on this connection.
    trouble: Option<Option<Trouble>>,
    draining: bool,
    seen_at: i64,
    unsettled: BTreeMap<AttemptId, i64>,
    versions: BTreeSet<VersionId>,
}

/// A look at one connected edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkView {
    pub edge: EdgeId,
    pub name: String,
    pub live: u32,
    /// As the edge reports it, less the jobs it has not answered yet.
    pub free: u32,
    pub draining: bool,
    pub seen_at: i64,
}

impl Link {
    fn usable(&self) -> u32 {
        if self.draining {
            return 0;
        }
        self.free.saturating_sub(self.unsettled.len() as u32)
    }
}

/// What a new connection registers.
pub struct Joining {
    pub edge: EdgeId,
    pub name: String,
    pub draining: bool,
    pub connection: quinn::Connection,
    pub out: mpsc::Sender<Down>,
    pub now: i64,
}

impl Links {
    /// A second connection of the same edge closes the first. The number tells them apart in `leave`.
    pub fn join(&self, joining: Joining) -> u64 {
        let mut links = self.0.lock();
        let number = links.values().map(|link| link.number).max().unwrap_or(0) + 1;
        let link = Link {
            number,
            name: joining.name,
            out: joining.out,
            connection: joining.connection,
            free: 0,
            live: 0,
            trunks: Vec::new(),
            trouble: None,
            draining: joining.draining,
            seen_at: joining.now,
            unsettled: BTreeMap::new(),
            versions: BTreeSet::new(),
        };
        if let Some(old) = links.insert(joining.edge, link) {
            old.connection.close(2u32.into(), b"replaced");
        }
        number
    }

    /// True where the connection was still the edge's present one.
    pub fn leave(&self, edge: EdgeId, number: u64) -> bool {
        let mut links = self.0.lock();
        let present = links.get(&edge).is_some_and(|link| link.number == number);
        if present {
            links.remove(&edge);
        }
        present
    }

    pub fn all(&self) -> Vec<LinkView> {
        let links = self.0.lock();
        let view = |(edge, link): (&EdgeId, &Link)| LinkView {
            edge: *edge,
            name: link.name.clone(),
            live: link.live,
            free: link.usable(),
            draining: link.draining,
            seen_at: link.seen_at,
        };
        links.iter().map(view).collect()
    }

    pub fn online(&self) -> bool {
        self.0.lock().values().any(|link| !link.draining)
    }

    /// Takes a capacity report. True where it differs from the one before.
    pub fn capacity(&self, edge: EdgeId, free: u32, live: u32, trunks: Vec<TrunkUse>, now: i64) -> bool {
        let mut links = self.0.lock();
        let Some(link) = links.get_mut(&edge) else { return false };
        let changed = (link.free, link.live) != (free, live) || link.trunks != trunks;
        link.free = free;
        link.live = live;
        link.trunks = trunks;
        link.seen_at = now;
        link.unsettled.retain(|_, sent| *sent + REPORTED_MS > now);
        changed
    }

    /// Takes an edge's word of trouble. True where it is news, as the first word of a connection always is.
    pub fn trouble(&self, edge: EdgeId, trouble: Option<Trouble>) -> bool {
        let mut links = self.0.lock();
        links.get_mut(&edge).is_some_and(|link| link.trouble.replace(trouble) != Some(trouble))
    }

    /// Nobody could be told: the same word will be news again.
    pub fn trouble_untold(&self, edge: EdgeId) {
        if let Some(link) = self.0.lock().get_mut(&edge) {
            link.trouble = None;
        }
    }

    /// The name of a connected edge that is in one of these troubles.
    pub fn troubled(&self, with: impl Fn(Trouble) -> bool) -> Option<String> {
        let links = self.0.lock();
        links.values().find(|link| link.trouble.flatten().is_some_and(&with)).map(|link| link.name.clone())
    }

    /// Consecutive failures of a trunk: the best of what the edges say, for one edge may be badly placed.
    pub fn failing(&self, trunk: TrunkId) -> Option<u32> {
        let links = self.0.lock();
        let told = links.values().flat_map(|link| &link.trunks).filter(|told| told.trunk == trunk);
        told.filter_map(|told| told.failing).min()
    }

    /// The verdict on a job came: it no longer waits, and if it was taken there is one place less.
    pub fn settled(&self, edge: EdgeId, attempt: AttemptId, taken: bool) {
        if let Some(link) = self.0.lock().get_mut(&edge)
            && link.unsettled.remove(&attempt).is_some()
            && taken
        {
            link.free = link.free.saturating_sub(1);
        }
    }

    /// The connected edge with the most room.
    pub fn roomiest(&self) -> Option<EdgeId> {
        let links = self.0.lock();
        let with_room = links.iter().filter(|(_, link)| link.usable() > 0);
        with_room.max_by_key(|(_, link)| link.usable()).map(|(edge, _)| *edge)
    }

    /// Takes a place for a job that will be sent after the commit.
    pub fn reserve(&self, edge: EdgeId, attempt: AttemptId, now: i64) {
        if let Some(link) = self.0.lock().get_mut(&edge) {
            link.unsettled.insert(attempt, now);
        }
    }

    /// The commit did not happen.
    pub fn give_back(&self, edge: EdgeId, attempt: AttemptId) {
        if let Some(link) = self.0.lock().get_mut(&edge) {
            link.unsettled.remove(&attempt);
        }
    }

    /// Queues a job, and before the first that names it the flow version. False where the edge is
    /// gone: its lease will run out and be looked into.
    pub fn send_job(&self, edge: EdgeId, job: DialJob, flow: &Value) -> bool {
        let mut links = self.0.lock();
        let Some(link) = links.get_mut(&edge) else { return false };
        let version = job.version;
        if !link.versions.contains(&version) {
            if link.out.try_send(Down::Flow { version, flow: flow.clone() }).is_err() {
                return false;
            }
            link.versions.insert(version);
        }
        link.out.try_send(Down::Job(Box::new(job))).is_ok()
    }

    pub fn send(&self, edge: EdgeId, frame: Down) -> bool {
        self.0.lock().get(&edge).is_some_and(|link| link.out.try_send(frame).is_ok())
    }

    pub fn drain(&self, edge: EdgeId) {
        if let Some(link) = self.0.lock().get_mut(&edge) {
            link.draining = true;
            let _ = link.out.try_send(Down::Drain);
        }
    }

    /// The edge says its capacity again, and gets jobs after that.
    pub fn resume(&self, edge: EdgeId) {
        if let Some(link) = self.0.lock().get_mut(&edge) {
            link.draining = false;
            let _ = link.out.try_send(Down::Resume);
        }
    }

    /// Closes an edge's connection at once.
    pub fn cut(&self, edge: EdgeId) {
        if let Some(link) = self.0.lock().remove(&edge) {
            link.connection.close(3u32.into(), b"revoked");
        }
    }
}
