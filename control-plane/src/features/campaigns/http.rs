//! Handlers for campaigns and for what is asked of them.

use std::collections::HashSet;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared_proto::ids::{CampaignId, EventId, GroupId, ScriptId, TrunkId};
use shared_proto::window::Window;
use utoipa::{IntoParams, ToSchema};

use super::command::{self, Draft, InProgress};
use super::rules::{CampaignState, Counters, Retry};
use super::store::{self, By, Model};
use super::{attempts, counters};
use crate::app::App;
use crate::features::contacts::groups::store as groups;
use crate::features::contacts::imports::rules::clean_text;
use crate::features::identity::permissions::{CampaignsControl, CampaignsManage, CampaignsRead};
use crate::features::identity::{Actor, Can};
use crate::features::{scripts, trunks};
use crate::tenant_db::TenantDb;
use crate::web::extract::{Json, Path, Query, optional};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};

/// Half-open hours `[from, to)` on weekdays (1 = Monday), in the contact's own zone.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowBody {
    weekdays: Vec<u8>,
    /// `HH:MM`
    from: String,
    /// `HH:MM`, more than a minute later; `24:00` is the end of the day
    to: String,
}

impl From<WindowBody> for Window {
    fn from(body: WindowBody) -> Self {
        Self { weekdays: body.weekdays, from: body.from, to: body.to }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignView {
    pub id: String,
    pub name: String,
    pub remark: String,
    pub group_id: Option<String>,
    pub script_id: Option<String>,
    pub trunk_id: Option<String>,
    pub windows: Vec<WindowBody>,
    pub max_calls: u32,
    pub retry: Retry,
    pub state: CampaignState,
    pub counters: Counters,
    /// The published version of the script that is said, from the start on.
    pub version_id: Option<String>,
    pub created_by: String,
    pub created_at: Time,
    /// When its state or settings last changed.
    pub updated_at: Time,
    pub started_at: Option<Time>,
    pub ended_at: Option<Time>,
}

async fn view(db: &TenantDb, campaign: Model) -> Result<CampaignView, Problem> {
    let counters = counters::of(db, &campaign).await?;
    Ok(view_with(campaign, counters))
}

fn view_with(campaign: Model, counters: Counters) -> CampaignView {
    let body = |window: Window| WindowBody { weekdays: window.weekdays, from: window.from, to: window.to };
    CampaignView {
        windows: campaign.windows().into_iter().map(body).collect(),
        max_calls: campaign.max_calls(),
        retry: campaign.retry(),
        state: campaign.state(),
        counters,
        created_at: Time(campaign.created_at),
        updated_at: Time(campaign.updated_at),
        started_at: campaign.started_at.map(Time),
        ended_at: campaign.ended_at.map(Time),
        id: campaign.id,
        name: campaign.name,
        remark: campaign.remark,
        group_id: campaign.group_id,
        script_id: campaign.script_id,
        trunk_id: campaign.trunk_id,
        version_id: campaign.version_id,
        created_by: campaign.created_by,
    }
}

pub fn by(actor: &Actor) -> By {
    By::User { id: actor.user_id.to_string(), name: actor.name.clone() }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CampaignQuery {
    /// Part of the name
    q: Option<String>,
    #[param(inline)]
    state: Option<CampaignState>,
}

/// List campaigns, newest first
#[utoipa::path(get, path = "/v1/campaigns", tag = "campaigns", params(CampaignQuery, PageQuery),
    responses((status = 200, body = Page<CampaignView>)))]
pub async fn list_campaigns(
    can: Can<CampaignsRead>,
    State(app): State<App>,
    Query(query): Query<CampaignQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<CampaignView>>, Problem> {
    let q = query.q.filter(|text| !text.trim().is_empty());
    let search = store::Search { name: q, state: query.state };
    let rows = store::page(&can.db, search, page.after()?.as_deref(), page.limit() + 1).await?;
    let mut counted = counters::of_all(&app, &can.db, &rows).await?;
    let item = |row: Model| {
        let counters = counted.remove(&row.id).unwrap_or_default();
        view_with(row, counters)
    };
    Ok(Json(Page::cut(rows, page.limit(), |row| row.id.clone(), item)))
}

/// One campaign with its counters
#[utoipa::path(get, path = "/v1/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = CampaignView), (status = 404, body = ProblemBody)))]
pub async fn show_campaign(can: Can<CampaignsRead>, Path(id): Path<CampaignId>) -> Result<Json<CampaignView>, Problem> {
    let campaign = store::campaign(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(view(&can.db, campaign).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCampaign {
    name: String,
    #[serde(default)]
    remark: String,
    #[schema(value_type = Option<String>)]
    group_id: Option<GroupId>,
    #[schema(value_type = Option<String>)]
    script_id: Option<ScriptId>,
    #[schema(value_type = Option<String>)]
    trunk_id: Option<TrunkId>,
    /// A sip trunk calls in these hours only; a rehearsal needs none.
    #[serde(default)]
    windows: Vec<WindowBody>,
    /// The most calls at once.
    max_calls: u32,
    #[serde(default = "once")]
    retry: Retry,
}

fn once() -> Retry {
    Retry { attempts: 1, interval_s: 0 }
}

/// Create a campaign; it is `ready` where nothing is missing, a `draft` otherwise
#[utoipa::path(post, path = "/v1/campaigns", tag = "campaigns", request_body = NewCampaign,
    responses((status = 201, body = CampaignView), (status = 422, body = ProblemBody)))]
pub async fn create_campaign(
    can: Can<CampaignsManage>,
    State(app): State<App>,
    Json(body): Json<NewCampaign>,
) -> Result<(StatusCode, Json<CampaignView>), Problem> {
    let draft = Draft {
        name: name(&body.name)?,
        remark: remark(&body.remark)?,
        group: body.group_id,
        script: body.script_id,
        trunk: body.trunk_id,
        windows: windows(body.windows)?,
        max_calls: max_calls(body.max_calls)?,
        retry: retry(body.retry)?,
    };
    known_trunk(&can.db, draft.trunk).await?;
    known_list_and_script(&can.db, draft.group, draft.script).await?;
    let campaign = command::create(&app, &can.db, draft, &by(&can.actor), "created").await?;
    can.trail.object("campaign", &campaign.id);
    let view = view(&can.db, campaign).await?;
    can.trail.after(&view);
    Ok((StatusCode::CREATED, Json(view)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignChange {
    name: Option<String>,
    remark: Option<String>,
    #[schema(value_type = Option<String>)]
    group_id: Option<GroupId>,
    #[schema(value_type = Option<String>)]
    script_id: Option<ScriptId>,
    #[schema(value_type = Option<String>)]
    trunk_id: Option<TrunkId>,
    windows: Option<Vec<WindowBody>>,
    max_calls: Option<u32>,
    retry: Option<Retry>,
}

/// Change a campaign. Group and script can be changed before the start only, the trunk while nothing is dialled
#[utoipa::path(patch, path = "/v1/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)), request_body = CampaignChange,
    responses((status = 200, body = CampaignView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn update_campaign(
    can: Can<CampaignsManage>,
    State(app): State<App>,
    Path(id): Path<CampaignId>,
    Json(body): Json<CampaignChange>,
) -> Result<Json<CampaignView>, Problem> {
    let tx = can.db.write().await?;
    let before = store::campaign_on(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    let mut campaign = before.clone();
    let state = before.state();
    if (body.group_id.is_some() || body.script_id.is_some()) && !state.before_start()
        || body.trunk_id.is_some() && state == CampaignState::Running
    {
        return Err(command::wrong_state(state));
    }
    if let Some(text) = &body.name {
        campaign.name = name(text)?;
    }
    if let Some(text) = &body.remark {
        campaign.remark = remark(text)?;
    }
    known_list_and_script(&can.db, body.group_id, body.script_id).await?;
    if let Some(group) = body.group_id {
        campaign.group_id = Some(group.to_string());
    }
    if let Some(script) = body.script_id {
        campaign.script_id = Some(script.to_string());
    }
    if let Some(trunk) = body.trunk_id {
        known_trunk(&can.db, Some(trunk)).await?;
        campaign.trunk_id = Some(trunk.to_string());
    }
    let hours_change = body.windows.is_some();
    if let Some(hours) = body.windows {
        campaign.windows = serde_json::to_string(&windows(hours)?).map_err(Problem::internal)?;
    }
    if let Some(calls) = body.max_calls {
        campaign.max_calls = i64::from(max_calls(calls)?);
    }
    if let Some(wish) = body.retry {
        let wish = retry(wish)?;
        campaign.retry_attempts = i64::from(wish.attempts);
        campaign.retry_interval_s = i64::from(wish.interval_s);
    }
    campaign.updated_at = app.now_ms();
    command::settle_draft(&can.db, &mut campaign).await?;
    command::keeps_hours(&can.db, &campaign).await?;
    store::save(&can.db, &tx, &campaign).await?;
    store::log(&can.db, &tx, app.fresh(EventId::new), &campaign.id, "updated", &by(&can.actor), json!({})).await?;
    tx.commit().await?;
    if hours_change && !state.before_start() {
        command::hours_changed(&app, &can.db, id).await?;
    }
    app.dialer.changed(can.db.tenant(), id);
    app.dialer.wake();
    can.trail.before(&view(&can.db, before).await?);
    let after = view(&can.db, campaign).await?;
    can.trail.after(&after);
    Ok(Json(after))
}

/// Delete a campaign that does not dial; its calls are kept
#[utoipa::path(delete, path = "/v1/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn delete_campaign(
    can: Can<CampaignsManage>,
    State(app): State<App>,
    Path(id): Path<CampaignId>,
) -> Result<StatusCode, Problem> {
    let tx = can.db.write().await?;
    let mut campaign = store::campaign_on(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    let state = campaign.state();
    let live = !attempts::live_of(&can.db, &*tx, &campaign.id).await?.is_empty();
    if live || state.calls() {
        return Err(command::wrong_state(state));
    }
    campaign.deleted_at = Some(app.now_ms());
    store::save(&can.db, &tx, &campaign).await?;
    command::close_alerts(&app, &can.db, &tx, id).await?;
    tx.commit().await?;
    can.trail.before(&json!({ "name": campaign.name, "state": campaign.state }));
    Ok(StatusCode::NO_CONTENT)
}

/// Start a campaign; starting one that runs changes nothing
#[utoipa::path(post, path = "/v1/campaigns/{id}/start", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = CampaignView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn start(
    can: Can<CampaignsControl>,
    State(app): State<App>,
    Path(id): Path<CampaignId>,
) -> Result<Json<CampaignView>, Problem> {
    command::start_campaign(&app, &can.db, id, &by(&can.actor)).await?;
    answer(&can, id).await
}

/// Pause a campaign: no new dials; calls in progress end by themselves
#[utoipa::path(post, path = "/v1/campaigns/{id}/pause", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = CampaignView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn pause(
    can: Can<CampaignsControl>,
    State(app): State<App>,
    Path(id): Path<CampaignId>,
) -> Result<Json<CampaignView>, Problem> {
    command::pause(&app, &can.db, id, &by(&can.actor)).await?;
    answer(&can, id).await
}

/// Go on with a paused campaign
#[utoipa::path(post, path = "/v1/campaigns/{id}/resume", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = CampaignView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn resume(
    can: Can<CampaignsControl>,
    State(app): State<App>,
    Path(id): Path<CampaignId>,
) -> Result<Json<CampaignView>, Problem> {
    command::resume(&app, &can.db, id, &by(&can.actor)).await?;
    answer(&can, id).await
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopBody {
    /// Whether calls in progress may end by themselves (`finish`, where it is not given) or are hung up.
    #[serde(default)]
    calls_in_progress: InProgress,
}

/// Stop a campaign: contacts that wait are cancelled
#[utoipa::path(post, path = "/v1/campaigns/{id}/stop", tag = "campaigns", params(("id" = String, Path)), request_body = Option<StopBody>,
    responses((status = 200, body = CampaignView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn stop(
    can: Can<CampaignsControl>,
    State(app): State<App>,
    Path(id): Path<CampaignId>,
    body: Bytes,
) -> Result<Json<CampaignView>, Problem> {
    let body: StopBody = optional(&body)?;
    command::stop(&app, &can.db, id, &by(&can.actor), body.calls_in_progress).await?;
    answer(&can, id).await
}

/// Open a stopped or completed campaign again for those who were not reached
#[utoipa::path(post, path = "/v1/campaigns/{id}/restart", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = CampaignView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn restart(
    can: Can<CampaignsControl>,
    State(app): State<App>,
    Path(id): Path<CampaignId>,
) -> Result<Json<CampaignView>, Problem> {
    command::restart(&app, &can.db, id, &by(&can.actor)).await?;
    answer(&can, id).await
}

/// Copy a campaign's settings into a new one
#[utoipa::path(post, path = "/v1/campaigns/{id}/copy", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 201, body = CampaignView), (status = 404, body = ProblemBody)))]
pub async fn copy(
    can: Can<CampaignsControl>,
    State(app): State<App>,
    Path(id): Path<CampaignId>,
) -> Result<(StatusCode, Json<CampaignView>), Problem> {
    let from = store::campaign(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let draft = Draft {
        name: copied_name(&from.name, &store::names(&can.db).await?),
        remark: from.remark.clone(),
        group: from.group_id.as_deref().and_then(|id| id.parse().ok()),
        script: from.script_id.as_deref().and_then(|id| id.parse().ok()),
        trunk: from.trunk_id.as_deref().and_then(|id| id.parse().ok()),
        windows: from.windows(),
        max_calls: from.max_calls(),
        retry: from.retry(),
    };
    let campaign = command::create(&app, &can.db, draft, &by(&can.actor), "copied").await?;
    let view = view(&can.db, campaign).await?;
    can.trail.after(&view);
    Ok((StatusCode::CREATED, Json(view)))
}

/// `name (2)`, `name (3)`, …, the first that is not taken: a number needs no language.
fn copied_name(name: &str, taken: &HashSet<String>) -> String {
    let numbered = name.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    let (stem, next) = match numbered.and_then(|(stem, number)| Some((stem, number.parse::<u32>().ok()?))) {
        Some((stem, number)) => (stem, number.saturating_add(1)),
        None => (name, 2),
    };
    let stem: String = stem.chars().take(45).collect();
    let mut names = (next..=u32::MAX).map(|number| format!("{stem} ({number})"));
    names.find(|name| !taken.contains(name)).unwrap_or(stem)
}

async fn answer(can: &Can<CampaignsControl>, id: CampaignId) -> Result<Json<CampaignView>, Problem> {
    let campaign = store::campaign(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(view(&can.db, campaign).await?))
}

fn name(text: &str) -> Result<String, Problem> {
    let name = clean_text(text);
    let fine = (1..=60).contains(&name.chars().count());
    fine.then_some(name).ok_or_else(|| Problem::field("name_invalid", "name"))
}

fn remark(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let fine = text.chars().count() <= 500;
    fine.then(|| text.to_owned()).ok_or_else(|| Problem::field("remark_too_long", "remark").with("most", 500))
}

fn windows(bodies: Vec<WindowBody>) -> Result<Vec<Window>, Problem> {
    if bodies.len() > WINDOWS_MOST {
        return Err(Problem::field("too_many", "windows").with("most", WINDOWS_MOST));
    }
    let windows: Vec<Window> = bodies.into_iter().map(Window::from).collect();
    match windows.iter().find_map(|window| window.check().err()) {
        Some(error) => Err(Problem::field(error.code(), "windows")),
        None => Ok(windows),
    }
}

/// Every contact that is due is looked at through all of them.
const WINDOWS_MOST: usize = 50;

fn max_calls(calls: u32) -> Result<u32, Problem> {
    in_range(calls, 1, 10_000, "max_calls")
}

fn retry(wish: Retry) -> Result<Retry, Problem> {
    in_range(wish.attempts, 0, Retry::MOST_ATTEMPTS, "retry.attempts")?;
    in_range(wish.interval_s, 0, Retry::LONGEST_INTERVAL_S, "retry.interval_s")?;
    Ok(wish)
}

fn in_range(n: u32, least: u32, most: u32, field: &str) -> Result<u32, Problem> {
    let fine = (least..=most).contains(&n);
    let refused = || Problem::field("number_out_of_range", field).with("least", least).with("most", most);
    fine.then_some(n).ok_or_else(refused)
}

/// What a campaign names exists in its tenant.
async fn known_list_and_script(db: &TenantDb, group: Option<GroupId>, script: Option<ScriptId>) -> Result<(), Problem> {
    if let Some(id) = group
        && groups::find(db, db.read(), id).await?.is_none()
    {
        return Err(Problem::field("group_unknown", "group_id"));
    }
    if let Some(id) = script
        && scripts::store::script(db, id).await?.is_none()
    {
        return Err(Problem::field("script_unknown", "script_id"));
    }
    Ok(())
}

async fn known_trunk(db: &TenantDb, trunk: Option<TrunkId>) -> Result<(), Problem> {
    if let Some(id) = trunk
        && trunks::store::trunk(db, id).await?.is_none()
    {
        return Err(Problem::field("trunk_unknown", "trunk_id"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::copied_name;

    #[test]
    fn copies_are_numbered() {
        let copied =
            |name: &str, taken: &[&str]| copied_name(name, &taken.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(copied("春季回访", &["春季回访"]), "春季回访 (2)");
        assert_eq!(copied("春季回访 (2)", &["春季回访 (2)"]), "春季回访 (3)");
        assert_eq!(copied("春季回访", &["春季回访 (2)", "春季回访 (3)"]), "春季回访 (4)");
        assert_eq!(copied("a (b)", &[]), "a (b) (2)");
    }
}
