//! The transaction that makes attempts, and the jobs that follow from it. The attempt, its fence and
//! the contact's new state are one commit; an edge hears of it only afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared_proto::ids::{AttemptId, EdgeId, VersionId};
use shared_proto::wire::{DialJob, TrunkSpec};

use super::attempt::{AttemptState, Limits};
use super::attempts::{self, AttemptRow};
use super::dispatcher::Running;
use super::members::{self, Due};
use super::planner::{self, Decision, Gate};
use super::rules::ContactState;
use super::{recall, store};
use crate::app::App;
use crate::features::calls::live::{Holder, LiveCall};
use crate::features::contacts::blacklist::store as blacklist;
use crate::features::scripts;

/// How long an edge may hold a job before INVITE: the first call of a version waits for its prompts.
pub const LEASE_MS: i64 = 30_000;
/// How long it may ring.
pub const RING_LIMIT_MS: i64 = 45_000;
/// Where the script sets no limit of its own.
const MAX_DURATION_MS: i64 = 10 * 60_000;
/// Attempts made by one transaction.
const AT_ONCE: usize = 100;

/// A published version as the dialler needs it.
pub struct Script {
    pub version: VersionId,
    pub flow: Value,
    pub max_duration_ms: i64,
}

impl Script {
    pub fn limits(&self) -> Limits {
        Limits { lease_ms: LEASE_MS, ring_limit_ms: RING_LIMIT_MS, max_duration_ms: self.max_duration_ms }
    }
}

/// The version that the campaign is pinned to.
pub async fn script(app: &App, one: &Running) -> anyhow::Result<Option<Arc<Script>>> {
    let Some(version) = one.campaign.version_id.as_deref().and_then(|id| id.parse::<VersionId>().ok()) else {
        return Ok(None);
    };
    if let Some(known) = app.dialer.known_flow(version) {
        return Ok(Some(known));
    }
    let Some(flow) = scripts::store::flow_of(&one.db, version).await? else { return Ok(None) };
    let flow = serde_json::to_value(flow)?;
    let seconds = flow.pointer("/limits/max_duration_s").and_then(Value::as_i64);
    let max_duration_ms = seconds.map_or(MAX_DURATION_MS, |seconds| seconds * 1000);
    let script = Arc::new(Script { version, flow, max_duration_ms });
    app.dialer.keep_flow(version, script.clone());
    Ok(Some(script))
}

/// A contact about to be dialled, before its commit.
struct Order {
    due: Due,
    attempt: AttemptId,
    edge: EdgeId,
    job: DialJob,
    row: AttemptRow,
}

/// What one look at due contacts came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub leased: u32,
    pub held: u32,
}

/// Leases at most `slots` of `due` and holds back those whose gates are closed.
pub async fn lease(
    app: &App,
    one: &Running,
    script: &Arc<Script>,
    due: Vec<Due>,
    slots: u32,
    now: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let carrier = one.trunk.carrier();
    let windows = one.campaign.windows();
    let mut orders = Vec::new();
    let mut held = Vec::new();
    let most = AT_ONCE.min(slots as usize);
    let job_maker = JobMaker::new(app, one, script).await?;
    for due in due {
        let facts = due.facts();
        match planner::decide(&facts, carrier, &windows, now) {
            Decision::Dial { until } => {
                if orders.len() < most
                    && let Some(edge) = app.links.roomiest()
                {
                    let contact = due.contact_id.clone();
                    match job_maker.order(due, facts.zone.as_deref(), until, edge, now) {
                        Ok(order) => {
                            app.links.reserve(edge, order.attempt, now.timestamp_millis());
                            orders.push(order);
                        }
                        Err(error) => {
                            tracing::error!(%error, contact, "a contact's number does not open; it is not called");
                            held.push((contact, Some(ContactState::Blocked), Gate::NumberType, now));
                        }
                    }
                }
            }
            Decision::Block(gate) => held.push((due.contact_id, Some(ContactState::Blocked), gate, now)),
            Decision::Defer { gate, next_at } => held.push((due.contact_id, None, gate, next_at)),
        }
    }
    let reserved: Vec<(EdgeId, AttemptId)> = orders.iter().map(|order| (order.edge, order.attempt)).collect();
    match commit(app, one, script, orders, held).await {
        Ok((leased, held)) => {
            let kept: Vec<AttemptId> = leased.iter().map(|order| order.attempt).collect();
            for (edge, attempt) in reserved.into_iter().filter(|(_, attempt)| !kept.contains(attempt)) {
                app.links.give_back(edge, attempt);
            }
            let outcome = Outcome { leased: leased.len() as u32, held };
            let numbers: Vec<Vec<u8>> = leased.iter().map(|order| order.row.number_blind.clone()).collect();
            send(app, one, script, leased);
            recall::overtaken(app, &one.db, one.id, &kept).await?;
            call_back_listed(app, one, numbers).await?;
            Ok(outcome)
        }
        Err(error) => {
            reserved.into_iter().for_each(|(edge, attempt)| app.links.give_back(edge, attempt));
            Err(error)
        }
    }
}

type Held = (String, Option<ContactState>, Gate, DateTime<Utc>);

/// One transaction: fences, attempts, contacts. Returns the orders that stand, and how many contacts are held back.
async fn commit(
    app: &App,
    one: &Running,
    script: &Script,
    orders: Vec<Order>,
    held: Vec<Held>,
) -> anyhow::Result<(Vec<Order>, u32)> {
    let (db, id) = (&one.db, one.campaign.id.as_str());
    let tx = db.write().await?;
    let now = app.database.now_ms();
    // A pause or other hours have come in between: nothing is leased, nothing is held.
    let Some(epoch) = store::take_fences(db, &tx, &one.campaign, orders.len() as u64).await? else {
        return Ok((Vec::new(), 0));
    };
    let mut fence = epoch - orders.len() as i64;
    let numbers = orders.iter().map(|order| order.row.number_blind.clone());
    let listed = blacklist::blacklisted_of(db, &*tx, one.trunk.carrier(), numbers).await?;
    let mut leased = Vec::with_capacity(orders.len());
    let mut held_here = 0;
    for mut order in orders {
        fence += 1;
        if listed.contains(&order.row.number_blind) {
            let blocked = Some(ContactState::Blocked);
            members::hold(db, &tx, id, &order.due.contact_id, blocked, Gate::Blacklist, now).await?;
            held_here += 1;
            continue;
        }
        order.row.fence = fence;
        order.row.leased_at = now;
        order.row.deadline_at = script.limits().deadline(AttemptState::Leased, now);
        order.row.longest_at = script.limits().longest(now);
        order.job.fence = fence.unsigned_abs();
        if !attempts::insert(db, &tx, &order.row).await? {
            let next_at = now + 15_000;
            members::hold(db, &tx, id, &order.due.contact_id, None, Gate::NumberLive, next_at).await?;
            held_here += 1;
            continue;
        }
        if members::lease(db, &tx, id, &order.due.contact_id, &order.row.id).await? {
            leased.push(order);
        } else {
            attempts::forget(db, &tx, &order.row.id).await?;
        }
    }
    let n = held.len() as u32 + held_here;
    for (contact, state, gate, next_at) in held {
        members::hold(db, &tx, id, &contact, state, gate, next_at.timestamp_millis()).await?;
    }
    tx.commit().await?;
    Ok((leased, n))
}

/// A number may have come onto the blacklist between the lease's commit and the job's way to its edge, when there
/// was nothing to call back yet. Whatever is listed after this look is called back by whoever lists it.
async fn call_back_listed(app: &App, one: &Running, numbers: Vec<Vec<u8>>) -> anyhow::Result<()> {
    let db = &one.db;
    for number in blacklist::blacklisted_of(db, db.read(), one.trunk.carrier(), numbers).await? {
        recall::number_listed(app, db, &number).await?;
    }
    Ok(())
}

/// After the commit. A job that cannot be handed over stays leased until its deadline is looked into.
fn send(app: &App, one: &Running, script: &Script, orders: Vec<Order>) {
    for order in orders {
        app.live.insert(
            order.attempt,
            LiveCall::leased(
                Holder { edge: order.edge, fence: order.job.fence },
                one.db.tenant(),
                one.id,
                order.due.contact_id.parse().unwrap_or(shared_proto::ids::ContactId::from_bits(0)),
                order.due.name.unwrap_or_default(),
                order.due.number_masked.unwrap_or_default(),
                order.row.leased_at,
            ),
        );
        if !app.links.send_job(order.edge, order.job, &script.flow) {
            tracing::warn!(edge = %order.edge, "a job could not be handed to its edge; its lease will run out");
        }
    }
}

/// Makes orders for one campaign.
struct JobMaker<'a> {
    app: &'a App,
    one: &'a Running,
    script: &'a Script,
    sealer: crate::sealing::Sealer,
    spec: TrunkSpec,
    caller_ids: Vec<String>,
}

impl<'a> JobMaker<'a> {
    async fn new(app: &'a App, one: &'a Running, script: &'a Script) -> anyhow::Result<Self> {
        let sealer = app.keys.sealer(one.db.tenant()).await?;
        let password = one.trunk.password_sealed.as_deref().map(|sealed| sealer.open_text(sealed)).transpose()?;
        let spec = TrunkSpec {
            id: one.trunk_id,
            address: one.trunk.address.clone(),
            username: one.trunk.username.clone(),
            password,
            max_calls: one.trunk.max_calls(),
            calls_per_second: one.trunk.calls_per_second(),
        };
        Ok(Self { app, one, script, sealer, spec, caller_ids: one.trunk.caller_ids() })
    }

    fn order(
        &self,
        due: Due,
        zone: Option<&str>,
        until: Option<DateTime<Utc>>,
        edge: EdgeId,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Order> {
        let number = self.sealer.open(due.number_sealed.as_deref().unwrap_or_default())?;
        let attempt = self.app.fresh(AttemptId::new);
        let carrier = self.one.trunk.carrier();
        let gates = serde_json::json!({
            "rules": planner::RULES,
            "by": "dialer",
            "at_ms": now.timestamp_millis(),
            "gates": planner::record(carrier, zone, until),
        });
        let row = AttemptRow {
            tenant_id: self.one.db.tenant().to_string(),
            id: attempt.to_string(),
            campaign_id: self.one.campaign.id.clone(),
            contact_id: due.contact_id.clone(),
            number_blind: due.number_blind.clone().unwrap_or_default(),
            number_sealed: due.number_sealed.clone(),
            trunk_id: self.one.trunk.id.clone(),
            edge_id: edge.to_string(),
            version_id: self.script.version.to_string(),
            fence: 0,
            state: AttemptState::Leased.as_str().to_owned(),
            gates: gates.to_string(),
            deadline_at: 0,
            longest_at: 0,
            leased_at: now.timestamp_millis(),
            dialed_at: None,
            ringing_at: None,
            answered_at: None,
            recalled: None,
        };
        let job = DialJob {
            attempt,
            fence: 0,
            tenant: self.one.db.tenant(),
            campaign: self.one.id,
            lease_ms: LEASE_MS.unsigned_abs(),
            dial_before_unix_ms: until.map(|until| until.timestamp_millis().unsigned_abs()),
            number,
            caller_id: self.caller_id(&due.contact_id),
            trunk: self.spec.clone(),
            version: self.script.version,
            variables: variables(due.name.as_deref().unwrap_or_default(), due.fields.as_deref()),
            ring_limit_ms: RING_LIMIT_MS.unsigned_abs(),
            max_duration_ms: self.script.max_duration_ms.unsigned_abs(),
        };
        Ok(Order { due, attempt, edge, job, row })
    }

    /// The same contact always sees the same number.
    fn caller_id(&self, contact: &str) -> String {
        let place: usize = contact.bytes().map(usize::from).sum();
        match self.caller_ids.len() {
            0 => self.spec.username.clone().unwrap_or_else(|| "bellbird".to_owned()),
            n => self.caller_ids[place % n].clone(),
        }
    }
}

/// The contact's name and custom fields by their names, for `{name}` in a script.
pub fn variables(name: &str, fields: Option<&str>) -> BTreeMap<String, String> {
    let fields: BTreeMap<String, Value> = fields.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let mut out: BTreeMap<String, String> = fields
        .into_iter()
        .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    if !name.is_empty() {
        for key in ["name", "姓名"] {
            out.entry(key.to_owned()).or_insert_with(|| name.to_owned());
        }
    }
    out
}
