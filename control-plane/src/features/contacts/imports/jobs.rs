//! The background half of an import: the file is read on one thread while short transactions settle what
//! was read. A crash or a stop loses nothing: the next run goes on at the checkpoint.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared_proto::events::Event;
use shared_proto::ids::ImportId;
use sheets::Sheet;
use tokio::sync::mpsc;

use super::batch::{self, Counts, Line, Policy, Target};
use super::plan::{Mapping, Plan, Refusal};
use super::reading::{self, Reading};
use super::store::{self, Model};
use super::tries;
use crate::app::App;
use crate::jobs::{Job, Registry};
use crate::tenant_db::TenantDb;

pub const KIND: &str = "contacts.import";

/// Lines handed over at once; two such batches wait at most.
const BATCH: usize = 1024;
/// A transaction that takes longer makes other writers wait: smaller ones follow.
const SLOW: Duration = Duration::from_millis(30);
const FAST: Duration = Duration::from_millis(12);
const SMALLEST: usize = 64;
const TELL_EVERY: Duration = Duration::from_millis(500);

pub fn register(registry: &mut Registry) {
    registry.handle(KIND, run);
    registry.is_long(KIND);
    registry.given_up(KIND, give_up);
}

/// What an import's job is given.
#[derive(Serialize, Deserialize)]
pub struct Order {
    pub import: ImportId,
}

enum Stop {
    /// The file cannot be imported, and trying again will not help.
    Refused(Refusal),
    /// Something here failed or is ending: a later run goes on.
    Again(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Again(error.into())
    }
}

async fn run(app: App, job: Job) -> anyhow::Result<()> {
    let order: Order = job.payload()?;
    let Some((db, import)) = ordered(&app, &job, &order).await? else { return Ok(()) };
    if !import.is_over() {
        match work(&app, &db, &import).await {
            Ok(()) => {
                store::remove_unused_group(&db, &import.group_id, &import.id).await?;
                store::set_done(&db, &import.id).await?;
            }
            Err(Stop::Refused((code, params))) => fail(&db, &import, code, &params).await?,
            Err(Stop::Again(error)) => return Err(error),
        }
    }
    end(&app, &db, &import, &order).await
}

/// Every attempt failed, or took the process with it.
async fn give_up(app: App, job: Job) -> anyhow::Result<()> {
    let order: Order = job.payload()?;
    let Some((db, import)) = ordered(&app, &job, &order).await? else { return Ok(()) };
    if !import.is_over() {
        fail(&db, &import, "import_interrupted", &json!({})).await?;
    }
    end(&app, &db, &import, &order).await
}

async fn ordered(app: &App, job: &Job, order: &Order) -> anyhow::Result<Option<(TenantDb, Model)>> {
    let tenant = job.tenant.ok_or_else(|| anyhow::anyhow!("an import without a tenant"))?;
    let db = TenantDb::of(&app.database, tenant);
    Ok(store::find(&db, order.import).await?.map(|import| (db, import)))
}

async fn fail(db: &TenantDb, import: &Model, code: &str, params: &Value) -> anyhow::Result<()> {
    store::undo(db, import).await?;
    store::remove_unused_group(db, &import.group_id, &import.id).await?;
    store::set_failed(db, &import.id, code, &params.to_string()).await?;
    Ok(())
}

async fn end(app: &App, db: &TenantDb, import: &Model, order: &Order) -> anyhow::Result<()> {
    tell(app, db, order.import).await?;
    app.objects.delete(&import.object_key).await?;
    Ok(())
}

async fn work(app: &App, db: &TenantDb, import: &Model) -> Result<(), Stop> {
    let sealer = app.keys.sealer(db.tenant()).await?;
    let mapping = Mapping::parse(&import.mapping).unwrap_or_default();
    let path = app.objects.local_path(&import.object_key)?;
    let opened = tokio::task::spawn_blocking(move || {
        let sheet = Sheet::open(&path).map_err(|error| reading::refusal(&error))?;
        let plan = reading::plan(&sheet, &mapping)?;
        let numbers = reading::numbers(&sheet, &plan)?;
        Ok::<_, Refusal>((sheet, plan, numbers.count(), numbers.bunches()))
    });
    let (sheet, plan, numbers, bunches) = opened.await?.map_err(Stop::Refused)?;
    // Judged once, before anybody is changed: an import that goes on has changed some already.
    if import.state == "queued"
        && let Some(refusal) = tries::refusal(app, db, import, (numbers, &bunches)).await?
    {
        return Err(Stop::Refused(refusal));
    }
    let (sheet, plan) = (Arc::new(sheet), Arc::new(plan));
    let estimate = i64::try_from(sheet.rows_estimate).unwrap_or(i64::MAX) - i64::from(plan.header_row);
    store::set_running(db, &import.id, &json!(plan.headers).to_string(), estimate.max(0)).await?;

    let (sender, lines) = mpsc::channel(2);
    let reader = tokio::task::spawn_blocking({
        let (sealer, plan) = (sealer.clone(), plan.clone());
        let checkpoint = u32::try_from(import.checkpoint).unwrap_or(0);
        let at_ms = u64::try_from(import.created_at).unwrap_or(0);
        move || read(&sheet, &plan, &sealer, checkpoint, at_ms, &sender)
    });
    let policy = if import.policy == "overwrite" { Policy::Overwrite } else { Policy::Skip };
    let target = Target { db, sealer: &sealer, import_id: &import.id, group_id: &import.group_id, policy };
    settle_all(app, &target, import, estimate.max(0), lines).await?;
    // The channel has closed: the reader has come to its end, or to its error.
    reader.await?.map_err(Stop::Refused)?;
    let settled = store::find(db, parsed(&import.id)?).await?.map_or(0, |import| import.total());
    if settled == 0 { Err(Stop::Refused(("import_empty", json!({})))) } else { Ok(()) }
}

fn read(
    sheet: &Sheet,
    plan: &Plan,
    sealer: &crate::sealing::Sealer,
    checkpoint: u32,
    at_ms: u64,
    sender: &mpsc::Sender<Vec<Line>>,
) -> Result<(), Refusal> {
    let reading = Reading { sheet, plan, sealer, checkpoint, at_ms, batch: BATCH };
    let mut take = |lines: Vec<Line>| {
        if sender.blocking_send(lines).is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    reading.run(&mut take).map_err(|error| reading::refusal(&error))
}

async fn settle_all(
    app: &App,
    target: &Target<'_>,
    import: &Model,
    estimate: i64,
    mut batches: mpsc::Receiver<Vec<Line>>,
) -> Result<(), Stop> {
    let mut progress = Progress::of(import, estimate);
    let mut size = BATCH / 4;
    let mut told = Instant::now();
    while let Some(lines) = batches.recv().await {
        let mut rest = lines.as_slice();
        while !rest.is_empty() {
            if app.tasks.stop.is_cancelled() {
                return Err(Stop::Again(anyhow::anyhow!("the process is ending; the import goes on after it starts")));
            }
            let (now, later) = rest.split_at(size.min(rest.len()));
            let began = Instant::now();
            progress.add(batch::settle(target, now).await?);
            size = match began.elapsed() {
                took if took > SLOW => (size / 2).max(SMALLEST),
                took if took < FAST => (size + size / 2).min(BATCH),
                _ => size,
            };
            rest = later;
            if told.elapsed() > TELL_EVERY {
                told = Instant::now();
                app.events.publish(target.db.tenant(), progress.event(parsed(&import.id)?));
            }
        }
    }
    Ok(())
}

struct Progress {
    settled: Counts,
    estimate: i64,
    here: i64,
    since: Instant,
}

impl Progress {
    fn of(import: &Model, estimate: i64) -> Self {
        let settled = Counts {
            accepted: import.accepted,
            duplicate: import.duplicate,
            invalid: import.invalid,
            blocked: import.blocked,
            dead: import.dead,
        };
        Self { settled, estimate, here: 0, since: Instant::now() }
    }

    fn add(&mut self, counts: Counts) {
        self.here += counts.accepted + counts.duplicate + counts.invalid + counts.blocked;
        self.settled.accepted += counts.accepted;
        self.settled.duplicate += counts.duplicate;
        self.settled.invalid += counts.invalid;
        self.settled.blocked += counts.blocked;
        self.settled.dead += counts.dead;
    }

    fn event(&self, import_id: ImportId) -> Event {
        let Counts { accepted, duplicate, invalid, blocked, dead } = self.settled;
        let total = accepted + duplicate + invalid + blocked;
        let rate = self.here as f64 / self.since.elapsed().as_secs_f64().max(0.001);
        let left = (self.estimate - total).max(0) as f64;
        let rows = json!({
            "total": total, "accepted": accepted, "duplicate": duplicate, "invalid": invalid, "blocked": blocked,
            "dead": dead, "rows_estimate": self.estimate.max(total), "rows_per_s": rate.round() as i64,
            "eta_s": (left / rate.max(1.0)).ceil() as i64,
        });
        Event::ImportProgress { import_id, state: "running".to_owned(), rows }
    }
}

/// The end, as an event.
async fn tell(app: &App, db: &TenantDb, id: ImportId) -> anyhow::Result<()> {
    if let Some(import) = store::find(db, id).await? {
        let rows = json!({
            "total": import.total(), "accepted": import.accepted, "duplicate": import.duplicate,
            "invalid": import.invalid, "blocked": import.blocked, "dead": import.dead,
        });
        app.events.publish(db.tenant(), Event::ImportProgress { import_id: id, state: import.state, rows });
    }
    Ok(())
}

fn parsed(id: &str) -> anyhow::Result<ImportId> {
    id.parse().map_err(|error| anyhow::anyhow!("import id {id}: {error}"))
}
