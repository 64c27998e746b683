//! Background jobs: rows that workers lease, run and remove. Enqueued in the transaction of their
//! cause, they are the outbox. Delivery is at least once, so a handler is idempotent. Ticks are work
//! by the clock that needs no row. Knows no feature: they register in `features::jobs`.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use shared_proto::ids::{JobId, TenantId};
use tokio::sync::Notify;

use crate::app::App;

mod runner;
mod store;

pub use store::{Claim, NewJob, claim, counts, enqueue};

type Running = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;
type Handler = Arc<dyn Fn(App, Job) -> Running + Send + Sync>;
type TickWork = Arc<dyn Fn(App) -> Running + Send + Sync>;

/// A leased job in its handler's hands.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    /// `None` for the platform's own jobs.
    pub tenant: Option<TenantId>,
    pub kind: String,
    payload: String,
    /// 1 on the first try.
    pub attempt: i64,
    pub last_attempt: bool,
}

impl Job {
    pub fn payload<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        Ok(serde_json::from_str(&self.payload)?)
    }
}

/// What features register.
#[derive(Default)]
pub struct Registry {
    handlers: HashMap<&'static str, Handler>,
    given_up: HashMap<&'static str, Handler>,
    ticks: Vec<(&'static str, Duration, TickWork)>,
    long: Vec<&'static str>,
}

impl Registry {
    /// The handler of a kind of job. An error, or a panic, is tried again with growing delays.
    pub fn handle<F>(&mut self, kind: &'static str, handler: impl Fn(App, Job) -> F + Send + Sync + 'static)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let before = self.handlers.insert(kind, Arc::new(move |app, job| Box::pin(handler(app, job))));
        assert!(before.is_none(), "two handlers for jobs of kind {kind}");
    }

    /// Jobs of this kind may take minutes: one worker is kept free of them.
    pub fn is_long(&mut self, kind: &'static str) {
        self.long.push(kind);
    }

    /// What is still to be done when a job of this kind will not be run again. It may be done twice.
    pub fn given_up<F>(&mut self, kind: &'static str, handler: impl Fn(App, Job) -> F + Send + Sync + 'static)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.given_up.insert(kind, Arc::new(move |app, job| Box::pin(handler(app, job))));
    }

    /// Work to be done at the start and then `period` after each end, by the clock part.
    pub fn tick<F>(&mut self, name: &'static str, period: Duration, work: impl Fn(App) -> F + Send + Sync + 'static)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.ticks.push((name, period, Arc::new(move |app| Box::pin(work(app)))));
    }
}

/// Wakes the workers: call `wake` after the commit that enqueued a job.
#[derive(Clone, Default)]
pub struct Jobs {
    arrived: Arc<Notify>,
    /// For the worker that leaves long jobs to the others: a word meant for them must not end with it.
    arrived_for_short: Arc<Notify>,
}

impl Jobs {
    pub fn wake(&self) {
        self.arrived.notify_one();
        self.arrived_for_short.notify_one();
    }
}

/// Starts the workers and the ticks; `app.tasks` owns them. What a crash left behind goes on at once.
pub async fn start(app: &App, registry: Registry) -> Result<(), sea_orm::DbErr> {
    if app.database.serves_one_process() {
        store::release_all(&app.database).await?;
    }
    runner::start(app, registry);
    Ok(())
}
