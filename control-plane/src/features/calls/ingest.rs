//! News from edges, applied in order by one task: many pieces to a transaction, each idempotent,
//! results acknowledged after the commit. What a piece of news does is decided in
//! `campaigns::attempt`; what a result leaves behind is written by `apply.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;
use platform::WriteTx;
use shared_proto::events::{CallState, Event};
use shared_proto::ids::{AttemptId, CampaignId, EdgeId, EventId, TenantId};
use shared_proto::wire::{AttemptResult, Down, JobVerdict, Known, Progress, TrunkUse, Who};
use tokio::sync::mpsc;

use super::live::Holder;
use super::said::{self, Said};
use super::{apply, lines, telling};
use crate::app::App;
use crate::features::campaigns::attempt::{self, AttemptState, Effect, News};
use crate::features::campaigns::attempts::{self, AttemptRow};
use crate::features::campaigns::{dispatcher, lease, members, rules, store as campaigns};
use crate::tenant_db::TenantDb;

/// News that may wait; edges feel it when the database is slower than they are.
const QUEUE: usize = 4096;
/// News applied by one transaction.
const BATCH: usize = 64;
/// How soon an unknown attempt is asked about again.
const ASK_AGAIN_MS: i64 = 15_000;
/// A result that its edge has journaled comes within this time.
const RESULT_COMES_MS: i64 = 30_000;
/// A campaign whose jobs an edge cannot place leases nothing for so long.
const UNFIT_REST_MS: i64 = 10_000;

#[derive(Debug)]
pub enum Inbound {
    Verdict {
        edge: EdgeId,
        attempt: AttemptId,
        fence: u64,
        verdict: JobVerdict,
    },
    Progress {
        edge: EdgeId,
        attempt: AttemptId,
        fence: u64,
        at_unix_ms: u64,
        progress: Progress,
    },
    Result {
        edge: EdgeId,
        seq: u64,
        result: Box<AttemptResult>,
    },
    Known {
        edge: EdgeId,
        attempts: Vec<(AttemptId, Known)>,
    },
    /// From the reaper.
    Overdue {
        attempt: AttemptId,
    },
    Trunks {
        trunks: Vec<TrunkUse>,
    },
}

/// The door to the one who applies news.
#[derive(Clone)]
pub struct Ingest {
    inbox: mpsc::Sender<Inbound>,
    outlet: Arc<Mutex<Option<mpsc::Receiver<Inbound>>>>,
}

impl Default for Ingest {
    fn default() -> Self {
        let (inbox, outlet) = mpsc::channel(QUEUE);
        Self { inbox, outlet: Arc::new(Mutex::new(Some(outlet))) }
    }
}

impl Ingest {
    pub async fn send(&self, news: Inbound) {
        // It is only closed when the house stops, and then edges repeat what matters.
        let _ = self.inbox.send(news).await;
    }
}

/// What is done once the transaction has committed.
pub(super) enum After {
    Publish(TenantId, Event),
    Ack(EdgeId, u64),
    Send(EdgeId, Down),
    Changed(TenantId, CampaignId),
    Gone(AttemptId),
    Moved(AttemptId, CallState, i64),
}

/// The transaction at hand and what follows from it.
pub(super) struct Work<'a> {
    pub app: &'a App,
    pub tx: &'a WriteTx,
    pub now: i64,
    pub after: Vec<After>,
}

/// Applies news until the house stops.
pub async fn run(app: App) {
    let Some(mut outlet) = app.ingest.outlet.lock().take() else { return };
    loop {
        let first = tokio::select! {
            () = app.tasks.stop.cancelled() => return,
            news = outlet.recv() => match news {
                Some(news) => news,
                None => return,
            },
        };
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(news) = outlet.try_recv()
        {
            batch.push(news);
        }
        apply_all(&app, batch).await;
    }
}

/// Words of live calls are told at once and then kept, before a result can end their call; the rest shares a transaction.
/// If that fails, each piece gets its own, so that one bad piece stops no other.
async fn apply_all(app: &App, batch: Vec<Inbound>) {
    let mut rows = Vec::with_capacity(batch.len());
    let mut said = Vec::new();
    for news in batch {
        match news {
            Inbound::Progress { edge, attempt, fence, progress: Progress::Turn(turn), .. } => {
                let tenant = telling::turn(app, attempt, Holder { edge, fence }, &turn);
                said.extend(tenant.map(|tenant| Said { tenant, attempt, turn }));
            }
            Inbound::Progress { edge, attempt, fence, progress: Progress::Hearing { text }, .. } => {
                telling::speaking(app, attempt, Holder { edge, fence }, Who::Customer, text)
            }
            Inbound::Progress { edge, attempt, fence, progress: Progress::Saying { text }, .. } => {
                telling::speaking(app, attempt, Holder { edge, fence }, Who::Bot, text)
            }
            news => rows.push(news),
        }
    }
    if !said.is_empty()
        && let Err(error) = said::keep(app, &said).await
    {
        tracing::warn!(error = format!("{error:#}"), turns = said.len(), "what was said could not be kept for now");
    }
    if rows.is_empty() {
        return;
    }
    if let Err(error) = transact(app, &rows).await {
        tracing::warn!(error = format!("{error:#}"), pieces = rows.len(), "news are applied one by one");
        for news in &rows {
            if let Err(error) = transact(app, std::slice::from_ref(news)).await {
                tracing::error!(error = format!("{error:#}"), "a piece of news could not be applied");
            }
        }
    }
}

async fn transact(app: &App, batch: &[Inbound]) -> anyhow::Result<()> {
    let tx = app.database.write().await?;
    let mut work = Work { app, tx: &tx, now: app.database.now_ms(), after: Vec::new() };
    for news in batch {
        one(&mut work, news).await?;
    }
    let after = work.after;
    tx.commit().await?;
    perform(app, after).await;
    Ok(())
}

async fn one(work: &mut Work<'_>, news: &Inbound) -> anyhow::Result<()> {
    match news {
        Inbound::Verdict { edge, attempt, fence, verdict } => {
            let Some(row) = current(work, *attempt, Some(*fence), Some(*edge)).await? else { return Ok(()) };
            let (news, wait) = of_verdict(verdict);
            match verdict {
                JobVerdict::Accepted => lines::reached(work, &row).await?,
                JobVerdict::NoRoute { reason } => lines::leads_nowhere(work, &row, reason).await?,
                JobVerdict::Unfit { reason } => unfit(work, &row, reason).await?,
                JobVerdict::Busy | JobVerdict::TooLate | JobVerdict::Draining | JobVerdict::Duplicate => {}
            }
            apply_news(work, row, news, wait).await
        }
        Inbound::Progress { edge, attempt, fence, at_unix_ms, progress } => {
            let Some(mut row) = current(work, *attempt, Some(*fence), Some(*edge)).await? else { return Ok(()) };
            let at = *at_unix_ms as i64;
            let news = match progress {
                Progress::Dialing => News::Dialing,
                Progress::Ringing => {
                    row.ringing_at.get_or_insert(at);
                    News::Ringing
                }
                Progress::Answered => {
                    row.answered_at.get_or_insert(at);
                    News::Answered
                }
                Progress::Turn(_) | Progress::Hearing { .. } | Progress::Saying { .. } => return Ok(()),
            };
            apply_news(work, row, news, None).await
        }
        Inbound::Known { edge, attempts } => {
            for (attempt, known) in attempts {
                let Some(row) = current(work, *attempt, None, Some(*edge)).await? else { continue };
                let news = match known {
                    Known::Unsent => attempt::unsent(row.dialed_at.is_some()),
                    Known::Live => attempt::known_live(row.ringing_at.is_some(), row.answered_at.is_some()),
                    Known::Lost => News::KnownLost,
                    Known::Ended => News::KnownEnded,
                };
                apply_news(work, row, news, Some(Wait { ms: 1_000, gate: "reconciled" })).await?;
            }
            Ok(())
        }
        Inbound::Overdue { attempt } => {
            let Some(row) = current(work, *attempt, None, None).await? else { return Ok(()) };
            if row.deadline_at > work.now {
                return Ok(());
            }
            let longest_over = row.longest_at <= work.now;
            let news = if longest_over { News::LongestOver } else { News::Overdue };
            apply_news(work, row, news, None).await
        }
        Inbound::Result { edge, seq, result } => apply::result(work, *edge, *seq, result).await,
        Inbound::Trunks { trunks } => lines::told(work, trunks).await,
    }
}

/// The attempt as it stands in this transaction; `None` where the news is not for it.
pub(super) async fn current(
    work: &Work<'_>,
    attempt: AttemptId,
    fence: Option<u64>,
    edge: Option<EdgeId>,
) -> anyhow::Result<Option<AttemptRow>> {
    let Some(row) = attempts::by_id(&**work.tx, attempt).await? else { return Ok(None) };
    let fits = fence.is_none_or(|fence| fence == row.fence.unsigned_abs())
        && edge.is_none_or(|edge| edge.to_string() == row.edge_id);
    if !fits {
        tracing::debug!(%attempt, "news with a stale fence, or from another edge, changes nothing");
    }
    Ok(fits.then_some(row))
}

/// How long a contact waits whose job was refused, and what its list then shows.
#[derive(Clone, Copy)]
struct Wait {
    ms: i64,
    gate: &'static str,
}

fn of_verdict(verdict: &JobVerdict) -> (News, Option<Wait>) {
    let refused = |ms, gate| (News::Refused, Some(Wait { ms, gate }));
    match verdict {
        // A duplicate was taken before: the first one's news counts.
        JobVerdict::Accepted | JobVerdict::Duplicate => (News::Accepted, None),
        JobVerdict::Busy => refused(2_000, "edge_busy"),
        JobVerdict::TooLate => refused(1_000, "edge_too_late"),
        JobVerdict::Draining => refused(500, "edge_draining"),
        JobVerdict::Unfit { .. } => refused(30_000, "edge_unfit"),
        JobVerdict::NoRoute { .. } => refused(30_000, lines::LINE_FAILED),
    }
}

/// Moves the attempt, and its contact with it.
async fn apply_news(work: &mut Work<'_>, mut row: AttemptRow, news: News, wait: Option<Wait>) -> anyhow::Result<()> {
    let tenant: TenantId = row.tenant_id.parse()?;
    let id: AttemptId = row.id.parse()?;
    let db = TenantDb::of(&work.app.database, tenant);
    let now = work.now;
    match attempt::step(row.state(), news) {
        Effect::Nothing => {
            // An edge that said "lost" is not asked again at once: its next answer would be the same.
            if row.state() == AttemptState::Unknown && news == News::Overdue {
                ask_again(work, &db, &mut row).await?;
            }
            Ok(())
        }
        Effect::Extend => {
            let span = if news == News::KnownEnded { RESULT_COMES_MS } else { 0 };
            row.deadline_at = (now + span).max(limits(&row).deadline(row.state(), now));
            attempts::save(&db, work.tx, &row, None).await?;
            Ok(())
        }
        Effect::To(next) => {
            let first_dial = row.dialed_at.is_none() && !matches!(next, AttemptState::Leased | AttemptState::Unknown);
            if first_dial {
                row.dialed_at = Some(now);
            }
            row.state = next.as_str().to_owned();
            row.deadline_at = limits(&row).deadline(next, now);
            if next == AttemptState::Unknown {
                ask_again(work, &db, &mut row).await?;
            } else {
                attempts::save(&db, work.tx, &row, None).await?;
                let state = match next {
                    AttemptState::InCall => Some(CallState::InCall),
                    AttemptState::Ringing => Some(CallState::Ringing),
                    AttemptState::Dialing => Some(CallState::Dialing),
                    _ => None,
                };
                work.after.extend(state.map(|state| After::Moved(id, state, now)));
            }
            follow(work, &db, &row, contact_state(next), first_dial).await
        }
        Effect::Return => {
            row.state = AttemptState::Returned.as_str().to_owned();
            attempts::save(&db, work.tx, &row, Some(now)).await?;
            work.after.push(After::Gone(id));
            give_back(work, &db, &row, wait.unwrap_or(Wait { ms: 1_000, gate: "returned" })).await
        }
        Effect::Lose => {
            row.state = AttemptState::Lost.as_str().to_owned();
            attempts::save(&db, work.tx, &row, Some(now)).await?;
            work.after.push(After::Gone(id));
            apply::lost(work, &db, &row).await
        }
        // Only a result ends an attempt, and `apply::result` asks for its effect itself.
        Effect::End | Effect::EndLate => Ok(()),
    }
}

/// The limits this attempt was leased with: the longest call is in the row.
pub(super) fn limits(row: &AttemptRow) -> attempt::Limits {
    let base = attempt::Limits { lease_ms: lease::LEASE_MS, ring_limit_ms: lease::RING_LIMIT_MS, max_duration_ms: 0 };
    let max_duration_ms = row.longest_at - base.longest(row.leased_at);
    attempt::Limits { max_duration_ms, ..base }
}

/// An unknown attempt is asked about now and again, until the longest possible call is over.
async fn ask_again(work: &mut Work<'_>, db: &TenantDb, row: &mut AttemptRow) -> anyhow::Result<()> {
    row.deadline_at = (work.now + ASK_AGAIN_MS).min(row.longest_at.max(work.now + 1));
    attempts::save(db, work.tx, row, None).await?;
    let (edge, attempt): (EdgeId, AttemptId) = (row.edge_id.parse()?, row.id.parse()?);
    work.after.push(After::Send(edge, Down::Reconcile { attempts: vec![attempt] }));
    Ok(())
}

fn contact_state(state: AttemptState) -> rules::ContactState {
    match state {
        AttemptState::Leased => rules::ContactState::Leased,
        AttemptState::Dialing => rules::ContactState::Dialing,
        AttemptState::Ringing => rules::ContactState::Ringing,
        AttemptState::InCall => rules::ContactState::InCall,
        AttemptState::Unknown => rules::ContactState::Unknown,
        AttemptState::Returned => rules::ContactState::Pending,
        AttemptState::Ended | AttemptState::Lost => rules::ContactState::Done,
    }
}

/// The contact, as long as this is its present attempt.
pub(super) async fn member_of(
    work: &Work<'_>,
    db: &TenantDb,
    row: &AttemptRow,
) -> anyhow::Result<Option<members::Member>> {
    let member = members::member(db, &**work.tx, &row.campaign_id, &row.contact_id).await?;
    Ok(member.filter(|member| member.attempt_id.as_deref() == Some(row.id.as_str())))
}

/// The contact follows its attempt from one live state to another.
async fn follow(
    work: &mut Work<'_>,
    db: &TenantDb,
    row: &AttemptRow,
    state: rules::ContactState,
    dialed: bool,
) -> anyhow::Result<()> {
    let Some(member) = member_of(work, db, row).await? else { return Ok(()) };
    let change = members::Change {
        state,
        gate: None,
        attempts: member.attempts + i64::from(dialed),
        tries: member.tries,
        failures: member.failures,
        next_at: work.now,
        disposition: member.disposition.as_deref(),
        cause: member.cause.as_deref(),
        label_key: member.label_key.as_deref(),
    };
    members::save(db, work.tx, &row.campaign_id, &row.contact_id, change).await?;
    work.after.push(After::Changed(db.tenant(), row.campaign_id.parse()?));
    Ok(())
}

/// Nothing was sent: the contact waits as before, or goes with its stopped campaign.
async fn give_back(work: &mut Work<'_>, db: &TenantDb, row: &AttemptRow, wait: Wait) -> anyhow::Result<()> {
    let Some(member) = member_of(work, db, row).await? else { return Ok(()) };
    let campaign = campaigns::campaign_on(db, &**work.tx, row.campaign_id.parse()?).await?;
    let over = campaign.is_none_or(|campaign| campaign.state() == rules::CampaignState::Stopped);
    let next_at = work.now + wait.ms;
    let change = members::Change {
        state: if over { rules::ContactState::Cancelled } else { rules::ContactState::Pending },
        gate: if over { None } else { Some(wait.gate) },
        attempts: member.attempts,
        tries: member.tries,
        failures: member.failures,
        next_at,
        disposition: member.disposition.as_deref(),
        cause: member.cause.as_deref(),
        label_key: member.label_key.as_deref(),
    };
    members::save(db, work.tx, &row.campaign_id, &row.contact_id, change).await?;
    work.after.push(After::Changed(db.tenant(), row.campaign_id.parse()?));
    Ok(())
}

/// An edge that cannot place a job at all is trouble that a person must hear of.
async fn unfit(work: &mut Work<'_>, row: &AttemptRow, reason: &str) -> anyhow::Result<()> {
    let db = TenantDb::of(&work.app.database, row.tenant_id.parse()?);
    tracing::warn!(edge = row.edge_id, reason, "an edge cannot place a job");
    work.app.dialer.rest(row.campaign_id.parse()?, work.now + UNFIT_REST_MS);
    let entry = work.app.fresh(EventId::new);
    let params = serde_json::json!({ "edge": row.edge_id, "reason": reason });
    campaigns::log(&db, work.tx, entry, &row.campaign_id, "edge_unfit", &campaigns::By::Bellbird, params).await?;
    Ok(())
}

async fn perform(app: &App, after: Vec<After>) {
    let mut changed = BTreeSet::new();
    for one in after {
        match one {
            After::Publish(tenant, event) => app.events.publish(tenant, event),
            After::Ack(edge, seq) => {
                app.links.send(edge, Down::ResultAck { seq });
            }
            After::Send(edge, frame) => {
                app.links.send(edge, frame);
            }
            After::Changed(tenant, campaign) => {
                changed.insert((tenant, campaign));
            }
            After::Gone(attempt) => {
                if let Some(call) = app.live.remove(attempt) {
                    telling::state(app, attempt, &call, CallState::Ended, app.now_ms());
                }
            }
            After::Moved(attempt, state, at) => {
                if let Some(call) = app.live.moved(attempt, state, at) {
                    telling::state(app, attempt, &call, state, at);
                }
            }
        }
    }
    for (tenant, campaign) in changed {
        app.dialer.changed(tenant, campaign);
        let db = TenantDb::of(&app.database, tenant);
        if let Err(error) = dispatcher::finish_if_settled(app, &db, &campaign.to_string(), campaign).await {
            tracing::error!(error = format!("{error:#}"), "whether a campaign is complete could not be told");
        }
    }
    app.dialer.wake();
    // Alerts and leads are told by jobs.
    app.jobs.wake();
}

/// What to ask an edge that has just connected: attempts we believe it has and it does not name.
pub async fn reconcile_on_connect(app: &App, edge: EdgeId, live: &[(AttemptId, u64)]) -> anyhow::Result<Option<Down>> {
    let named: BTreeSet<AttemptId> = live.iter().map(|(attempt, _)| *attempt).collect();
    let ours = attempts::live_on(&app.database, edge).await?;
    let missing: Vec<AttemptId> =
        ours.iter().filter_map(|row| row.id.parse().ok()).filter(|attempt| !named.contains(attempt)).collect();
    Ok((!missing.is_empty()).then_some(Down::Reconcile { attempts: missing }))
}
