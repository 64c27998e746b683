//! Workers that lease and run jobs, and the loops behind ticks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use super::store::{self, Claim};
use super::{Handler, Job, Registry, TickWork};
use crate::app::App;

const WORKERS: usize = 4;
/// Another process may have enqueued: look again after this long though nobody woke us.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
const RENEW_EVERY: Duration = Duration::from_secs(20);
/// How long a job may go on after the stop before it is given back.
const GRACE: Duration = Duration::from_secs(5);

pub fn start(app: &App, registry: Registry) {
    let known = Arc::new(Known { handlers: registry.handlers, given_up: registry.given_up });
    let long: Arc<[&'static str]> = registry.long.into();
    // What is short never waits behind a row of long ones.
    let leaves = |worker| if worker == 0 { long.clone() } else { Arc::default() };
    for worker in 0..WORKERS {
        app.tasks.spawn(work(app.clone(), known.clone(), leaves(worker)));
    }
    for (name, period, tick) in registry.ticks {
        app.tasks.spawn(run_tick(app.clone(), name, period, tick));
    }
}

struct Known {
    handlers: HashMap<&'static str, Handler>,
    given_up: HashMap<&'static str, Handler>,
}

async fn work(app: App, known: Arc<Known>, leaves: Arc<[&'static str]>) {
    let stop = app.tasks.stop.clone();
    let arrived = if leaves.is_empty() { &app.jobs.arrived } else { &app.jobs.arrived_for_short };
    while !stop.is_cancelled() {
        match store::claim(&app.database, &leaves).await {
            Ok(Claim::Leased(job)) => {
                // A sibling may find the next one at once.
                app.jobs.wake();
                run_job(&app, &known, job).await;
            }
            Ok(Claim::Spent(job)) => {
                app.jobs.wake();
                let why = "the process ended in the middle of every attempt".to_owned();
                settle(&app, &known, &job, End::Failed(why)).await;
            }
            Ok(Claim::NextAt(next)) => {
                let look = app.clock.now() + LOOK_AGAIN;
                let next = next.and_then(chrono::DateTime::from_timestamp_millis).map_or(look, |next| next.min(look));
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = arrived.notified() => {}
                    () = app.clock.sleep_until(next) => tokio::task::yield_now().await,
                }
            }
            Err(error) => {
                tracing::error!(%error, "jobs cannot be read");
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(LOOK_AGAIN) => {}
                }
            }
        }
    }
}

enum End {
    Done,
    Failed(String),
    Interrupted,
}

async fn run_job(app: &App, known: &Known, job: Job) {
    let end = match known.handlers.get(job.kind.as_str()) {
        Some(handler) => attempt(app, handler, &job).await,
        None => End::Failed(format!("no handler for jobs of kind {}", job.kind)),
    };
    settle(app, known, &job, end).await;
}

async fn settle(app: &App, known: &Known, job: &Job, end: End) {
    let written = match end {
        End::Done => store::done(&app.database, job.id).await,
        End::Interrupted => store::give_back(&app.database, job.id).await,
        End::Failed(error) if job.last_attempt => {
            tracing::error!(kind = job.kind, id = %job.id, error, "a job failed for the last time");
            if let Some(handler) = known.given_up.get(job.kind.as_str()) {
                match attempt(app, handler, job).await {
                    End::Done => {}
                    // Its lease runs out, and what is left is done then.
                    End::Interrupted => return,
                    End::Failed(error) => tracing::error!(kind = job.kind, error, "what is left of a job was not done"),
                }
            }
            store::failed(&app.database, job.id, &error).await
        }
        End::Failed(error) => {
            tracing::warn!(kind = job.kind, id = %job.id, attempt = job.attempt, error, "a job failed and is tried again");
            store::retry_at(&app.database, job.id, app.now_ms() + delay_ms(job.attempt), &error).await
        }
    };
    if let Err(error) = written {
        tracing::error!(%error, id = %job.id, "the end of a job could not be written; its lease will run out");
    }
}

async fn attempt(app: &App, handler: &Handler, job: &Job) -> End {
    let mut run = std::panic::AssertUnwindSafe(handler(app.clone(), job.clone())).catch_unwind();
    // Beside the run, never instead of it: a run that holds the writer has to go on for the renewal to get it.
    let mut renewing = std::pin::pin!(keep_renewing(app, job));
    let mut overdue = std::pin::pin!(async {
        app.tasks.stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    });
    let ended = tokio::select! {
        ended = &mut run => ended,
        () = &mut renewing => return End::Interrupted,
        () = &mut overdue => return End::Interrupted,
    };
    match ended {
        Ok(Ok(())) => End::Done,
        _ if app.tasks.stop.is_cancelled() => End::Interrupted,
        Ok(Err(error)) => End::Failed(format!("{error:#}")),
        Err(_) => End::Failed("the handler panicked".to_owned()),
    }
}

/// Goes on until it is dropped.
async fn keep_renewing(app: &App, job: &Job) {
    let mut every = tokio::time::interval(RENEW_EVERY);
    every.tick().await;
    loop {
        every.tick().await;
        if let Err(error) = store::renew(&app.database, job.id).await {
            tracing::warn!(%error, id = %job.id, "a job's lease could not be renewed");
        }
    }
}

/// 5 s, 10 s, 20 s … ten minutes at most.
fn delay_ms(attempt: i64) -> i64 {
    let doublings = u32::try_from(attempt.clamp(1, 8) - 1).unwrap_or(0);
    (5_000 * 2i64.pow(doublings)).min(600_000)
}

async fn run_tick(app: App, name: &'static str, period: Duration, tick: TickWork) {
    let stop = app.tasks.stop.clone();
    while !stop.is_cancelled() {
        let done = tokio::select! {
            () = stop.cancelled() => return,
            done = std::panic::AssertUnwindSafe(tick(app.clone())).catch_unwind() => done,
        };
        match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(name, error = format!("{error:#}"), "a tick failed; the next one comes"),
            Err(_) => tracing::error!(name, "a tick panicked; the next one comes"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.clock.sleep(period) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_end_at_ten_minutes() {
        assert_eq!([1, 2, 3, 8, 99].map(delay_ms), [5_000, 10_000, 20_000, 600_000, 600_000]);
    }
}
