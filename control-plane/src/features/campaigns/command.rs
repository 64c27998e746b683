//! Carries out what an operator asks of a campaign. The state is read and moved in one transaction,
//! so that two tabs and a double click do it once.

use platform::WriteTx;
use sea_orm::DbErr;
use serde_json::json;
use shared_proto::ids::{CampaignId, EventId, GroupId, ScriptId, TrunkId, VersionId};
use shared_proto::window::Window;

use super::attempt::AttemptState;
use super::check;
use super::planner::Carrier;
use super::recall::{self, How};
use super::rules::{self, CampaignState, Command, Retry, Step};
use super::store::{self, By, Model, Snapshot};
use super::{batches, members};
use crate::app::App;
use crate::features::{alerts, contacts, scripts, trunks};
use crate::tenant_db::TenantDb;
use crate::web::problem::Problem;

/// A campaign as people write it.
#[derive(Clone, Debug)]
pub struct Draft {
    pub name: String,
    pub remark: String,
    pub group: Option<GroupId>,
    pub script: Option<ScriptId>,
    pub trunk: Option<TrunkId>,
    pub windows: Vec<Window>,
    pub max_calls: u32,
    pub retry: Retry,
}

/// Writes a new campaign: ready where nothing is missing, a draft otherwise.
pub async fn create(app: &App, db: &TenantDb, draft: Draft, by: &By, event: &str) -> Result<Model, Problem> {
    let mut campaign = Model {
        tenant_id: db.tenant().to_string(),
        id: app.fresh(CampaignId::new).to_string(),
        name: draft.name,
        remark: draft.remark,
        group_id: draft.group.map(|id| id.to_string()),
        script_id: draft.script.map(|id| id.to_string()),
        trunk_id: draft.trunk.map(|id| id.to_string()),
        version_id: None,
        windows: serde_json::to_string(&draft.windows).map_err(Problem::internal)?,
        max_calls: i64::from(draft.max_calls),
        retry_attempts: i64::from(draft.retry.attempts),
        retry_interval_s: i64::from(draft.retry.interval_s),
        state: CampaignState::Draft.as_str().to_owned(),
        epoch: 0,
        snapshot: Snapshot::None.as_str().to_owned(),
        snapshot_after: String::new(),
        snapshot_total: 0,
        sweeping: false,
        created_by: match by {
            By::User { name, .. } => name.clone(),
            By::Bellbird => String::new(),
        },
        created_at: app.now_ms(),
        updated_at: app.now_ms(),
        started_at: None,
        ended_at: None,
        deleted_at: None,
    };
    settle_draft(db, &mut campaign).await?;
    let tx = db.write().await?;
    store::insert(db, &tx, &campaign).await?;
    store::log(db, &tx, app.fresh(EventId::new), &campaign.id, event, by, json!({})).await?;
    tx.commit().await?;
    Ok(campaign)
}

/// Before the start, the state says whether anything that starting needs is missing.
pub async fn settle_draft(db: &TenantDb, campaign: &mut Model) -> Result<(), Problem> {
    if campaign.state().before_start() {
        let complete = needs(db, campaign).await?.is_ok();
        let state = if complete { CampaignState::Ready } else { CampaignState::Draft };
        campaign.state = state.as_str().to_owned();
    }
    Ok(())
}

/// What a start hangs on.
pub struct Needs {
    pub group: String,
    pub means: Means,
}

/// What dialling hangs on, once the campaign has its list.
pub struct Means {
    pub version: VersionId,
    pub trunk: trunks::store::Model,
}

/// Everything a start needs, or the first thing that is missing.
pub async fn needs(db: &TenantDb, campaign: &Model) -> Result<Result<Needs, Problem>, Problem> {
    let missing = || Ok(Err(lacks("group")));
    let Some(group) = parsed::<GroupId>(campaign.group_id.as_deref()) else { return missing() };
    if contacts::groups::store::find(db, db.read(), group).await?.is_none() {
        return missing();
    }
    Ok(means(db, campaign).await?.map(|means| Needs { group: group.to_string(), means }))
}

/// What a restart needs: its contacts are its own, whatever has become of the group.
async fn means(db: &TenantDb, campaign: &Model) -> Result<Result<Means, Problem>, Problem> {
    let missing = |what: &str| Ok(Err(lacks(what)));
    let Some(script) = parsed::<ScriptId>(campaign.script_id.as_deref()) else { return missing("script") };
    let Some(version) = scripts::store::published_version(db, script).await? else {
        return missing("published_script");
    };
    let Some(trunk) = parsed::<TrunkId>(campaign.trunk_id.as_deref()) else { return missing("trunk") };
    let Some(trunk) = trunks::store::trunk(db, trunk).await? else { return missing("trunk") };
    if lacks_hours(&trunk, campaign) {
        return missing("windows");
    }
    Ok(Ok(Means { version, trunk }))
}

fn lacks(what: &str) -> Problem {
    Problem::unprocessable("campaign_incomplete").with("missing", what)
}

/// Real people are called in the hours that somebody has set, or not at all.
fn lacks_hours(trunk: &trunks::store::Model, campaign: &Model) -> bool {
    trunk.carrier() == Carrier::Sip && campaign.windows().is_empty()
}

/// Once started, a campaign keeps the hours that its start needed.
pub async fn keeps_hours(db: &TenantDb, campaign: &Model) -> Result<(), Problem> {
    let trunk = match parsed::<TrunkId>(campaign.trunk_id.as_deref()) {
        Some(id) if !campaign.state().before_start() => trunks::store::trunk(db, id).await?,
        Some(_) | None => None,
    };
    match trunk {
        Some(trunk) if lacks_hours(&trunk, campaign) => Err(lacks("windows")),
        Some(_) | None => Ok(()),
    }
}

fn parsed<Id: std::str::FromStr>(text: Option<&str>) -> Option<Id> {
    text.and_then(|text| text.parse().ok())
}

pub fn wrong_state(state: CampaignState) -> Problem {
    Problem::conflict("campaign_wrong_state").with("state", state.as_str())
}

/// Starts a campaign. Starting one that runs does nothing.
pub async fn start_campaign(app: &App, db: &TenantDb, id: CampaignId, by: &By) -> Result<(), Problem> {
    let campaign = store::campaign(db, id).await?.ok_or_else(Problem::not_found)?;
    if asked(&campaign, Command::Start)? == Step::Already {
        return Ok(());
    }
    let needs = needs(db, &campaign).await??;
    let reach = check::reach(db, &needs.group, needs.means.trunk.carrier()).await?;
    if reach.dialable == 0 {
        let blocked = serde_json::to_value(&reach.blocked).unwrap_or_default();
        return Err(Problem::unprocessable("campaign_nobody_to_call").with("blocked", blocked));
    }
    let total = members::group_size(db, &needs.group).await?;
    let tx = db.write().await?;
    let mut campaign = store::campaign_on(db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    if asked(&campaign, Command::Start)? == Step::Already {
        return Ok(());
    }
    // Whom the file has yet to bring would be left out for good.
    if let Some(file) = contacts::imports::store::file_going_into(db, &*tx, &needs.group).await? {
        return Err(Problem::conflict("group_importing").with("file", file));
    }
    // Nobody changes what the start hangs on from here to the commit.
    let needs = self::needs(db, &campaign).await??;
    campaign.state = CampaignState::Running.as_str().to_owned();
    campaign.version_id = Some(needs.means.version.to_string());
    campaign.started_at = Some(app.now_ms());
    campaign.updated_at = app.now_ms();
    store::save(db, &tx, &campaign).await?;
    store::save_snapshot(db, &tx, &campaign.id, Snapshot::Copying, "", total as i64).await?;
    store::log(db, &tx, app.fresh(EventId::new), &campaign.id, "started", by, json!({ "contacts": total })).await?;
    tx.commit().await?;
    // The first contacts are copied before the answer, the rest by the dialler.
    batches::step_one(app, db, id).await?;
    moved(app, db, id);
    Ok(())
}

/// Stops new dials at once. Jobs that no edge has dialled yet are called back.
pub async fn pause(app: &App, db: &TenantDb, id: CampaignId, by: &By) -> Result<(), Problem> {
    if move_to(app, db, id, by, Command::Pause, "paused").await? {
        recall::campaign(app, db, id, |state| state == AttemptState::Leased, How::Drop).await?;
    }
    Ok(())
}

pub async fn resume(app: &App, db: &TenantDb, id: CampaignId, by: &By) -> Result<(), Problem> {
    move_to(app, db, id, by, Command::Resume, "resumed").await.map(|_| ())
}

/// What a stop does with calls that are up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InProgress {
    #[default]
    Finish,
    HangUp,
}

pub async fn stop(app: &App, db: &TenantDb, id: CampaignId, by: &By, calls: InProgress) -> Result<(), Problem> {
    let moved = move_to(app, db, id, by, Command::Stop, "stopped").await?;
    if moved || calls == InProgress::HangUp {
        match calls {
            InProgress::Finish => {
                recall::campaign(app, db, id, |state| state == AttemptState::Leased, How::Drop).await?
            }
            InProgress::HangUp => recall::campaign(app, db, id, |_| true, How::HangUp).await?,
        }
    }
    // Small campaigns are swept before the answer.
    batches::step_one(app, db, id).await?;
    Ok(())
}

/// Opens a stopped or completed campaign again for those who were not reached.
pub async fn restart(app: &App, db: &TenantDb, id: CampaignId, by: &By) -> Result<(), Problem> {
    let campaign = store::campaign(db, id).await?.ok_or_else(Problem::not_found)?;
    if asked(&campaign, Command::Restart)? == Step::Already {
        return Ok(());
    }
    means(db, &campaign).await??;
    if campaign.sweeping {
        while batches::step_one(app, db, id).await? {}
    }
    let opened = members::reopenable(db, &campaign.id).await?;
    if opened == 0 && !members::unsettled(db, db.read(), &campaign.id).await? {
        return Err(Problem::conflict("campaign_nothing_left"));
    }
    let tx = db.write().await?;
    let mut campaign = store::campaign_on(db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    if asked(&campaign, Command::Restart)? == Step::Already {
        return Ok(());
    }
    let means = means(db, &campaign).await??;
    campaign.state = CampaignState::Running.as_str().to_owned();
    campaign.version_id = Some(means.version.to_string());
    campaign.ended_at = None;
    campaign.sweeping = false;
    campaign.updated_at = app.now_ms();
    store::save(db, &tx, &campaign).await?;
    store::save_snapshot(db, &tx, &campaign.id, Snapshot::Reopening, "", campaign.snapshot_total).await?;
    store::log(db, &tx, app.fresh(EventId::new), &campaign.id, "restarted", by, json!({ "contacts": opened })).await?;
    tx.commit().await?;
    // The first contacts are opened before the answer, the rest by the dialler.
    batches::step_one(app, db, id).await?;
    self::moved(app, db, id);
    Ok(())
}

/// A campaign that was started has other hours: jobs that no edge has dialled yet are called back, and contacts that the
/// old hours held back are asked about again.
pub async fn hours_changed(app: &App, db: &TenantDb, id: CampaignId) -> Result<(), Problem> {
    recall::campaign(app, db, id, |state| state == AttemptState::Leased, How::Drop).await?;
    let campaign = id.to_string();
    let mut after = Some(String::new());
    while let Some(from) = after {
        let tx = db.write().await?;
        after = members::hours_changed_batch(db, &tx, &campaign, &from, app.now_ms()).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn asked(campaign: &Model, command: Command) -> Result<Step, Problem> {
    rules::command(campaign.state(), command).map_err(|rules::Refused| wrong_state(campaign.state()))
}

/// True where the campaign moved, false where it was there already.
async fn move_to(
    app: &App,
    db: &TenantDb,
    id: CampaignId,
    by: &By,
    command: Command,
    event: &str,
) -> Result<bool, Problem> {
    let tx = db.write().await?;
    let mut campaign = store::campaign_on(db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    let Step::To(state) = asked(&campaign, command)? else { return Ok(false) };
    campaign.state = state.as_str().to_owned();
    campaign.updated_at = app.now_ms();
    if state == CampaignState::Stopped {
        campaign.sweeping = true;
        campaign.ended_at = Some(app.now_ms());
    }
    store::save(db, &tx, &campaign).await?;
    store::log(db, &tx, app.fresh(EventId::new), &campaign.id, event, by, json!({})).await?;
    if !state.calls() {
        close_alerts(app, db, &tx, id).await?;
    }
    tx.commit().await?;
    moved(app, db, id);
    Ok(true)
}

/// Nobody needs to look after the calling of a campaign that does not call any more.
pub async fn close_alerts(app: &App, db: &TenantDb, tx: &WriteTx, id: CampaignId) -> Result<(), DbErr> {
    for code in rules::ALERTS {
        let scope = alerts::Scope { campaign: Some(id), trunk: None };
        alerts::close(app, db, tx, code, scope).await?;
    }
    app.jobs.wake();
    Ok(())
}

fn moved(app: &App, db: &TenantDb, id: CampaignId) {
    app.dialer.changed(db.tenant(), id);
    app.dialer.wake();
}
