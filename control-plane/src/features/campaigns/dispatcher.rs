//! The dialler: looks at what is due and what is free, lets the planner decide, leases contacts in
//! short transactions and hands the jobs to edges after the commit. One task; it is woken by
//! capacity, results, starts and the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use shared_proto::ids::{CampaignId, EventId, TenantId, TrunkId, VersionId};
use tokio::sync::Notify;

use super::planner::{self, Pace, TrunkRoom, Wish};
use super::rules::CampaignState;
use super::{attempts, batches, command, lease, members, store};
use crate::app::App;
use crate::features::trunks;
use crate::features::trunks::rules::TrunkState;
use crate::tenant_db::TenantDb;

/// The dialler looks again after this long though nothing woke it: windows open, waits end.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Contacts looked at in one go; those that gates hold back do not use up slots.
const LOOK_AT: u64 = 400;
/// Looks at one campaign in one round, before the others get their turn.
const LOOKS: usize = 8;

/// What the dialler shares with the rest of the house.
#[derive(Clone, Default)]
pub struct Dialer(Arc<Inner>);

#[derive(Default)]
struct Inner {
    wake: Notify,
    turn: AtomicUsize,
    changed: Mutex<BTreeSet<(TenantId, CampaignId)>>,
    counted: Mutex<BTreeMap<CampaignId, i64>>,
    paces: Mutex<BTreeMap<TrunkId, Pace>>,
    probes: Mutex<BTreeMap<TrunkId, i64>>,
    lines: Mutex<BTreeMap<TrunkId, Address>>,
    resting: Mutex<BTreeMap<CampaignId, i64>>,
    flows: Mutex<BTreeMap<VersionId, Arc<lease::Script>>>,
}

/// What edges last said of a trunk's address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Address {
    Found,
    Lost,
}

impl Dialer {
    /// Something happened that may let a contact be dialled.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// The campaign's counters are not what they were.
    pub fn changed(&self, tenant: TenantId, campaign: CampaignId) {
        self.0.changed.lock().insert((tenant, campaign));
    }

    /// Edges cannot place this campaign's jobs: it leases nothing before `until`.
    pub fn rest(&self, campaign: CampaignId, until: i64) {
        self.0.resting.lock().insert(campaign, until);
    }

    fn rests(&self, campaign: CampaignId, now: i64) -> bool {
        let mut resting = self.0.resting.lock();
        resting.retain(|_, until| *until > now);
        resting.contains_key(&campaign)
    }

    /// An edge cannot find the trunk's address.
    pub fn line_lost(&self, trunk: TrunkId) {
        self.0.lines.lock().insert(trunk, Address::Lost);
    }

    pub fn line_is_lost(&self, trunk: TrunkId) -> bool {
        self.0.lines.lock().get(&trunk) == Some(&Address::Lost)
    }

    /// An edge has found the trunk's address. True where that was not known.
    pub fn line_found(&self, trunk: TrunkId) -> bool {
        self.0.lines.lock().insert(trunk, Address::Found) != Some(Address::Found)
    }

    /// The trunk has another address, of which nothing is known yet.
    pub fn line_changed(&self, trunk: TrunkId) {
        self.0.lines.lock().remove(&trunk);
        self.0.probes.lock().remove(&trunk);
    }

    /// Campaigns that changed and may be counted again.
    pub(super) fn take_changed(&self, now: i64) -> BTreeSet<(TenantId, CampaignId)> {
        let mut counted = self.0.counted.lock();
        counted.retain(|_, until| *until > now);
        let mut changed = self.0.changed.lock();
        let due = changed.iter().filter(|(_, campaign)| !counted.contains_key(campaign)).copied().collect();
        changed.retain(|one| counted.contains_key(&one.1));
        due
    }

    /// The campaign has been counted and is not counted again before `until`.
    pub(super) fn counted(&self, campaign: CampaignId, until: i64) {
        self.0.counted.lock().insert(campaign, until);
    }

    pub(super) fn known_flow(&self, version: VersionId) -> Option<Arc<lease::Script>> {
        self.0.flows.lock().get(&version).cloned()
    }

    pub(super) fn keep_flow(&self, version: VersionId, script: Arc<lease::Script>) {
        self.0.flows.lock().insert(version, script);
    }
}

/// Runs until the house stops.
pub async fn run(app: App) {
    loop {
        tokio::select! {
            () = app.tasks.stop.cancelled() => return,
            () = app.dialer.0.wake.notified() => {}
            () = app.clock.sleep(LOOK_AGAIN) => {}
        }
        if let Err(error) = round(&app).await {
            tracing::error!(error = format!("{error:#}"), "the dialler's round failed; it tries again");
            app.clock.sleep(LOOK_AGAIN).await;
        }
    }
}

/// One running campaign with everything a round needs of it.
pub struct Running {
    pub db: TenantDb,
    pub campaign: store::Model,
    pub id: CampaignId,
    pub trunk: trunks::store::Model,
    pub trunk_id: TrunkId,
}

/// One round: batches of long work, then leases for whoever has slots, then campaigns that are done.
pub async fn round(app: &App) -> anyhow::Result<()> {
    if batches::step(app).await? {
        app.dialer.wake();
    }
    let running = running(app).await?;
    if running.is_empty() {
        return Ok(());
    }
    let slots = plan(app, &running).await?;
    let mut more = false;
    for one in &running {
        let given = slots.get(&one.id).copied().unwrap_or(0);
        match turn(app, one, given).await {
            Ok(left) => more |= left,
            // Whatever is wrong with one campaign, those behind it get their turn.
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(error, campaign = %one.id, tenant = %one.db.tenant(), "a campaign could not be dialled this time");
            }
        }
    }
    if more {
        app.dialer.wake();
    }
    Ok(())
}

/// One campaign's part of a round. True where more may be due than was looked at.
async fn turn(app: &App, one: &Running, given: u32) -> anyhow::Result<bool> {
    let more = given > 0 && dial(app, one, given).await?;
    finish_if_settled(app, &one.db, &one.campaign.id, one.id).await?;
    Ok(more)
}

async fn running(app: &App) -> anyhow::Result<Vec<Running>> {
    let mut out = Vec::new();
    for (tenant, busy) in store::in_state(&app.database, CampaignState::Running).await? {
        let db = TenantDb::of(&app.database, tenant);
        let Ok(id) = busy.id.parse::<CampaignId>() else { continue };
        let Some(campaign) = store::campaign(&db, id).await? else { continue };
        let trunk_id = campaign.trunk_id.as_deref().and_then(|id| id.parse::<TrunkId>().ok());
        let Some(trunk_id) = trunk_id else { continue };
        let Some(trunk) = trunks::store::trunk(&db, trunk_id).await? else { continue };
        out.push(Running { db, campaign, id, trunk, trunk_id });
    }
    Ok(out)
}

/// How many contacts each campaign may lease now.
async fn plan(app: &App, running: &[Running]) -> anyhow::Result<BTreeMap<CampaignId, u32>> {
    let now = app.now_ms();
    let mut by_campaign: BTreeMap<String, u32> = BTreeMap::new();
    let mut by_trunk: BTreeMap<String, u32> = BTreeMap::new();
    for slots in attempts::slots(&app.database).await? {
        let n = u32::try_from(slots.n).unwrap_or(u32::MAX);
        *by_campaign.entry(slots.campaign_id).or_default() += n;
        *by_trunk.entry(slots.trunk_id).or_default() += n;
    }
    let wishes: Vec<Wish> = running
        .iter()
        .filter(|one| !app.dialer.rests(one.id, now))
        .map(|one| Wish {
            campaign: one.id,
            trunk: one.trunk_id,
            room: one.campaign.max_calls().saturating_sub(by_campaign.get(&one.campaign.id).copied().unwrap_or(0)),
        })
        .collect();
    let mut trunks = BTreeMap::new();
    for one in running {
        let used = by_trunk.get(&one.trunk.id).copied().unwrap_or(0);
        // Once for each line, however many campaigns use it: asking takes its turn to be tried.
        trunks.entry(one.trunk_id).or_insert_with(|| trunk_room(app, &one.trunk, one.trunk_id, used, now));
    }
    let free = app.links.all().iter().fold(0u32, |sum, link| sum.saturating_add(link.free));
    let first = app.dialer.0.turn.fetch_add(1, Ordering::Relaxed);
    Ok(planner::share(&wishes, &trunks, free, first))
}

/// A reported line takes nothing; one that is down is tried by one call now and then.
fn trunk_room(app: &App, trunk: &trunks::store::Model, id: TrunkId, used: u32, now: i64) -> TrunkRoom {
    if trunk.faulty() {
        return TrunkRoom { channels: 0, starts: 0 };
    }
    if trunk.state() == TrunkState::Down {
        let mut probes = app.dialer.0.probes.lock();
        let last = probes.get(&id).copied().unwrap_or(i64::MIN);
        if used > 0 || last.saturating_add(trunks::rules::PROBE_MS) > now {
            return TrunkRoom { channels: 0, starts: 0 };
        }
        probes.insert(id, now);
        return TrunkRoom { channels: 1, starts: 1 };
    }
    let mut paces = app.dialer.0.paces.lock();
    let pace = paces.entry(id).or_insert_with(|| Pace::full(trunk.calls_per_second(), now));
    let starts = pace.starts(trunk.calls_per_second(), now);
    TrunkRoom { channels: trunk.max_calls().saturating_sub(used), starts }
}

/// Leases up to `slots` contacts of one campaign. True where more may be due than was looked at.
async fn dial(app: &App, one: &Running, mut slots: u32) -> anyhow::Result<bool> {
    let Some(script) = lease::script(app, one).await? else { return Ok(false) };
    for _ in 0..LOOKS {
        let now = app.clock.now();
        let rows = LOOK_AT.min(u64::from(slots) + 50);
        let due = members::due(&one.db, one.id, one.trunk.carrier(), now.timestamp_millis(), rows).await?;
        if due.is_empty() {
            return Ok(false);
        }
        let whole = due.len() as u64 == rows;
        let outcome = lease::lease(app, one, &script, due, slots, now).await?;
        if outcome == lease::Outcome::default() {
            return Ok(false);
        }
        if let Some(pace) = app.dialer.0.paces.lock().get_mut(&one.trunk_id) {
            pace.take(outcome.leased);
        }
        app.dialer.changed(one.db.tenant(), one.id);
        slots -= outcome.leased.min(slots);
        if slots == 0 || !whole {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Closes the campaign when nothing is left to do or to hear of.
pub async fn finish_if_settled(app: &App, db: &TenantDb, id: &str, campaign: CampaignId) -> anyhow::Result<()> {
    if members::unsettled(db, db.read(), id).await? {
        return Ok(());
    }
    let tx = db.write().await?;
    if members::unsettled(db, &*tx, id).await? || !store::complete(db, &tx, id, app.now_ms()).await? {
        return Ok(());
    }
    let entry = app.fresh(EventId::new);
    store::log(db, &tx, entry, id, "completed", &store::By::Bellbird, serde_json::json!({})).await?;
    command::close_alerts(app, db, &tx, campaign).await?;
    tx.commit().await?;
    app.dialer.changed(db.tenant(), campaign);
    Ok(())
}
