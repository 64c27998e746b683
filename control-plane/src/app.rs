//! What every handler and job can reach: the parts, the keys, the events, the jobs.

use std::ops::Deref;
use std::sync::Arc;

use parking_lot::Mutex;
use platform::{Bus, Cache, Clock, Config, Database, Objects};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::features::calls::ingest::Ingest;
use crate::features::calls::live::LiveCalls;
use crate::features::campaigns::dispatcher::Dialer;
use crate::features::edges::ca::Ca;
use crate::features::edges::links::Links;
use crate::features::identity::passwords::Passwords;
use crate::jobs::Jobs;
use crate::sealing::Keys;
use crate::web::events::EventHub;

/// The outside parts, chosen by the caller: `bellbird run` from the configuration, a test by hand.
pub struct Parts {
    pub database: Database,
    pub bus: Bus,
    pub cache: Cache,
    pub objects: Objects,
    pub clock: Clock,
    pub hashing: Hashing,
}

/// How dear a password hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hashing {
    /// argon2id, 19 MiB, two passes: about a tenth of a second.
    Dear,
    /// For tests that sign in hundreds of times.
    Cheap,
}

impl Parts {
    /// The parts that the configuration names.
    pub async fn connect(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        Ok(Self {
            database: Database::connect(&config.database_url(), clock.clone()).await?,
            bus: Bus::connect(&config.bus_url)?,
            cache: Cache::connect(&config.cache_url, clock.clone())?,
            objects: Objects::connect(&config.objects_url())?,
            clock,
            hashing: Hashing::Dear,
        })
    }
}

/// Cheap to clone; the state of the router.
#[derive(Clone)]
pub struct App(Arc<AppInner>);

pub struct AppInner {
    pub config: Config,
    pub database: Database,
    pub bus: Bus,
    pub cache: Cache,
    pub objects: Objects,
    pub clock: Clock,
    pub keys: Keys,
    pub events: EventHub,
    pub jobs: Jobs,
    pub passwords: Passwords,
    pub tasks: Tasks,
    /// The authority that edges' certificates come from.
    pub ca: Ca,
    /// The edges that are connected.
    pub links: Links,
    /// The door for news from edges.
    pub ingest: Ingest,
    /// The calls that are up.
    pub live: LiveCalls,
    pub dialer: Dialer,
    /// Rooms of the same process that have numbers for `/metrics`.
    pub measures: Measures,
    pub started_at: i64,
}

/// Sources of Prometheus text besides the recorder's: the edge, where it lives in this process.
#[derive(Default)]
pub struct Measures(Mutex<Vec<Box<dyn Fn() -> String + Send + Sync>>>);

impl Measures {
    pub fn add(&self, source: impl Fn() -> String + Send + Sync + 'static) {
        self.0.lock().push(Box::new(source));
    }

    pub fn text(&self) -> String {
        self.0.lock().iter().map(|source| source()).collect()
    }
}

impl App {
    pub(crate) fn new(inner: AppInner) -> Self {
        Self(Arc::new(inner))
    }

    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A fresh id: `app.fresh(ContactId::new)`.
    pub fn fresh<Id>(&self, make: impl Fn(u64, u128) -> Id) -> Id {
        fresh(&self.clock, make)
    }
}

/// A fresh id where only the clock is at hand. Ids made by one process within one millisecond sort
/// in the order in which they were made: lists and cursors rely on it.
pub fn fresh<Id>(clock: &Clock, make: impl Fn(u64, u128) -> Id) -> Id {
    static LAST: Mutex<(u64, u128)> = Mutex::new((0, 0));
    let now = u64::try_from(clock.now_ms()).unwrap_or(0);
    let mut last = LAST.lock();
    // 79 random bits leave room to count up; the steps are random, so that ids are not a sequence.
    let random =
        if last.0 == now { last.1 + 1 + u128::from(rand::random::<u32>()) } else { rand::random::<u128>() >> 49 };
    *last = (now, random);
    make(now, random)
}

impl Deref for App {
    type Target = AppInner;
    fn deref(&self) -> &AppInner {
        &self.0
    }
}

/// The owner of every background task: they end by `stop` and are joined at the end of `run`.
#[derive(Clone, Default)]
pub struct Tasks {
    pub stop: CancellationToken,
    tracker: TaskTracker,
}

impl Tasks {
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(task);
    }

    /// Goes on to its end though whoever waits for it is dropped.
    pub async fn to_its_end<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        match self.tracker.spawn(work.in_current_span()).await {
            Ok(done) => done,
            Err(broken) => match broken.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is going down, and whoever waits with it.
                Err(_) => std::future::pending().await,
            },
        }
    }

    /// Tells every task to stop and waits until all have.
    pub async fn finish(&self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_proto::ids::ContactId;

    #[test]
    fn ids_of_one_millisecond_sort_in_the_order_of_their_making() {
        let (clock, _) = Clock::manual(chrono::DateTime::UNIX_EPOCH);
        let ids: Vec<String> = (0..100).map(|_| fresh(&clock, ContactId::new).to_string()).collect();
        assert!(ids.is_sorted());
    }
}
