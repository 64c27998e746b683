//! Handlers for trunks.

use axum::extract::State;
use axum::http::StatusCode;
use platform::{Secret, WriteTx};
use sea_orm::{DbErr, SqlErr};
use serde::{Deserialize, Serialize};
use shared_proto::events::Event;
use shared_proto::ids::TrunkId;
use utoipa::ToSchema;

use super::rules::{TrunkKind, TrunkState};
use super::{rules, store};
use crate::app::App;
use crate::features::alerts;
use crate::features::contacts::imports::rules::clean_text;
use crate::features::identity::Can;
use crate::features::identity::permissions::{Permission, TrunksManage, TrunksRead, TrunksReport};
use crate::tenant_db::TenantDb;
use crate::web::extract::{Json, Path, Query};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrunkView {
    pub id: String,
    pub name: String,
    pub kind: TrunkKind,
    /// `host:port`
    pub address: String,
    pub username: Option<String>,
    /// The password itself is never shown.
    pub has_password: bool,
    pub caller_ids: Vec<String>,
    pub max_calls: u32,
    pub calls_per_second: u32,
    pub state: TrunkState,
    /// Calls in use right now.
    pub calls: u64,
    pub fault: Option<FaultView>,
    pub created_at: Time,
}

/// Someone's report that the line is faulty; nothing is dialled over it until it is withdrawn.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FaultView {
    pub reason: String,
    pub reported_by: String,
    pub at: Time,
}

pub fn view(trunk: store::Model, calls: u64) -> TrunkView {
    let fault = trunk.fault_at.map(|at| FaultView {
        reason: trunk.fault_reason.clone().unwrap_or_default(),
        reported_by: trunk.fault_by.clone().unwrap_or_default(),
        at: Time(at),
    });
    TrunkView {
        kind: trunk.kind(),
        caller_ids: trunk.caller_ids(),
        max_calls: trunk.max_calls(),
        calls_per_second: trunk.calls_per_second(),
        state: trunk.state(),
        has_password: trunk.password_sealed.is_some(),
        created_at: Time(trunk.created_at),
        id: trunk.id,
        name: trunk.name,
        address: trunk.address,
        username: trunk.username,
        calls,
        fault,
    }
}

/// List trunks
#[utoipa::path(get, path = "/v1/trunks", tag = "trunks", params(PageQuery), responses((status = 200, body = Page<TrunkView>)))]
pub async fn list_trunks(
    can: Can<TrunksRead>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<TrunkView>>, Problem> {
    let rows = store::page(&can.db, page.after()?.as_deref(), page.limit() + 1).await?;
    let calls = store::calls_in_use(&can.db).await?;
    let item = |trunk: store::Model| {
        let in_use = calls.get(&trunk.id).copied().unwrap_or(0);
        view(trunk, in_use)
    };
    Ok(Json(Page::cut(rows, page.limit(), |trunk| trunk.id.clone(), item)))
}

/// One trunk
#[utoipa::path(get, path = "/v1/trunks/{id}", tag = "trunks", params(("id" = String, Path)),
    responses((status = 200, body = TrunkView), (status = 404, body = ProblemBody)))]
pub async fn show_trunk(can: Can<TrunksRead>, Path(id): Path<TrunkId>) -> Result<Json<TrunkView>, Problem> {
    let trunk = store::trunk(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let calls = store::calls_in_use(&can.db).await?.get(&trunk.id).copied().unwrap_or(0);
    Ok(Json(view(trunk, calls)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTrunk {
    name: String,
    kind: TrunkKind,
    /// `host:port` of the SIP peer; 5060 where no port is given. That of a rehearsal must be loopback: a rehearsal
    /// elsewhere keeps calling hours and leaves out synthetic numbers like a sip trunk.
    address: String,
    username: Option<String>,
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Secret>,
    #[serde(default)]
    caller_ids: Vec<String>,
    /// The most calls at once.
    max_calls: u32,
    calls_per_second: u32,
}

/// Create a trunk
#[utoipa::path(post, path = "/v1/trunks", tag = "trunks", request_body = NewTrunk,
    responses((status = 201, body = TrunkView), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn create_trunk(
    can: Can<TrunksManage>,
    State(app): State<App>,
    Json(body): Json<NewTrunk>,
) -> Result<(StatusCode, Json<TrunkView>), Problem> {
    let sealed = sealed(&app, can.db.tenant(), body.password).await?;
    let trunk = store::Model {
        tenant_id: can.db.tenant().to_string(),
        id: app.fresh(TrunkId::new).to_string(),
        name: name(&body.name)?,
        kind: body.kind.as_str().to_owned(),
        address: address(&body.address)?,
        username: body.username.filter(|text| !text.is_empty()),
        password_sealed: sealed,
        caller_ids: caller_ids(&body.caller_ids)?,
        max_calls: limit(body.max_calls, 10_000, "max_calls")?,
        calls_per_second: limit(body.calls_per_second, 1_000, "calls_per_second")?,
        state: TrunkState::Unknown.as_str().to_owned(),
        failing: 0,
        fault_reason: None,
        fault_by: None,
        fault_at: None,
        created_at: app.now_ms(),
        updated_at: app.now_ms(),
        deleted_at: None,
    };
    let tx = can.db.write().await?;
    store::insert(&can.db, &tx, &trunk).await.map_err(name_taken)?;
    tx.commit().await?;
    let view = view(trunk, 0);
    can.trail.object("trunk", &view.id);
    can.trail.after(&view);
    Ok((StatusCode::CREATED, Json(view)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrunkChange {
    name: Option<String>,
    /// While a campaign runs or is paused, a rehearsal's stays loopback, or stays elsewhere.
    address: Option<String>,
    /// An empty text takes the user name away.
    username: Option<String>,
    /// An empty text takes the password away.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Secret>,
    caller_ids: Option<Vec<String>>,
    max_calls: Option<u32>,
    calls_per_second: Option<u32>,
}

/// Change a trunk
#[utoipa::path(patch, path = "/v1/trunks/{id}", tag = "trunks", params(("id" = String, Path)), request_body = TrunkChange,
    responses((status = 200, body = TrunkView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn update_trunk(
    can: Can<TrunksManage>,
    State(app): State<App>,
    Path(id): Path<TrunkId>,
    Json(body): Json<TrunkChange>,
) -> Result<Json<TrunkView>, Problem> {
    let password = match body.password {
        Some(password) => Some(sealed(&app, can.db.tenant(), Some(password)).await?),
        None => None,
    };
    let tx = can.db.write().await?;
    let before = store::trunk_on(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    let mut trunk = before.clone();
    if let Some(text) = &body.name {
        trunk.name = name(text)?;
    }
    if let Some(text) = &body.address {
        trunk.address = address(text)?;
    }
    if let Some(text) = body.username {
        trunk.username = Some(text).filter(|text| !text.is_empty());
    }
    if let Some(sealed) = password {
        trunk.password_sealed = sealed;
    }
    if let Some(ids) = &body.caller_ids {
        trunk.caller_ids = caller_ids(ids)?;
    }
    if let Some(calls) = body.max_calls {
        trunk.max_calls = limit(calls, 10_000, "max_calls")?;
    }
    if let Some(calls) = body.calls_per_second {
        trunk.calls_per_second = limit(calls, 1_000, "calls_per_second")?;
    }
    trunk.updated_at = app.now_ms();
    if trunk.carrier() != before.carrier() {
        // Real people have calling hours and simulated ones none: a campaign that calls was started for one of them.
        unused(&can.db, &tx, id).await?;
    }
    if trunk.address != before.address {
        // What was heard of the old address says nothing of the new one.
        (trunk.state, trunk.failing) = (TrunkState::Unknown.as_str().to_owned(), 0);
        store::save_state(&can.db, &tx, &trunk.id, TrunkState::Unknown, 0).await?;
        trouble_over(&app, &can.db, &tx, id).await?;
    }
    store::save(&can.db, &tx, &trunk).await.map_err(name_taken)?;
    tx.commit().await?;
    changed(&app, &can, before, trunk).await
}

/// Delete a trunk that no running campaign uses
#[utoipa::path(delete, path = "/v1/trunks/{id}", tag = "trunks", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn delete_trunk(
    can: Can<TrunksManage>,
    State(app): State<App>,
    Path(id): Path<TrunkId>,
) -> Result<StatusCode, Problem> {
    let tx = can.db.write().await?;
    let mut trunk = store::trunk_on(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    unused(&can.db, &tx, id).await?;
    trunk.deleted_at = Some(app.now_ms());
    trunk.password_sealed = None;
    store::save(&can.db, &tx, &trunk).await?;
    trouble_over(&app, &can.db, &tx, id).await?;
    tx.commit().await?;
    can.trail.before(&view(trunk, 0));
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    reason: String,
}

/// Report a line as faulty: nothing is dialled over it until the report is withdrawn
#[utoipa::path(post, path = "/v1/trunks/{id}/fault", tag = "trunks", params(("id" = String, Path)), request_body = Fault,
    responses((status = 200, body = TrunkView), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn report_fault(
    can: Can<TrunksReport>,
    State(app): State<App>,
    Path(id): Path<TrunkId>,
    Json(body): Json<Fault>,
) -> Result<Json<TrunkView>, Problem> {
    let reason = body.reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Problem::field("reason_required", "reason"));
    }
    reported(&app, &can, id, Some(reason)).await
}

/// Withdraw the report
#[utoipa::path(delete, path = "/v1/trunks/{id}/fault", tag = "trunks", params(("id" = String, Path)),
    responses((status = 200, body = TrunkView), (status = 404, body = ProblemBody)))]
pub async fn clear_fault(
    can: Can<TrunksReport>,
    State(app): State<App>,
    Path(id): Path<TrunkId>,
) -> Result<Json<TrunkView>, Problem> {
    reported(&app, &can, id, None).await
}

async fn reported(
    app: &App,
    can: &Can<TrunksReport>,
    id: TrunkId,
    fault: Option<&str>,
) -> Result<Json<TrunkView>, Problem> {
    let tx = can.db.write().await?;
    let before = store::trunk_on(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    let mut trunk = before.clone();
    trunk.fault_reason = fault.map(str::to_owned);
    trunk.fault_by = fault.map(|_| can.actor.name.clone());
    trunk.fault_at = fault.map(|_| app.now_ms());
    store::save(&can.db, &tx, &trunk).await?;
    tx.commit().await?;
    let after = changed(app, can, before, trunk).await?;
    let state = if after.0.fault.is_some() { "fault" } else { after.0.state.as_str() }.to_owned();
    let calls = after.0.calls as u32;
    app.events.publish(can.db.tenant(), Event::TrunkChanged { trunk_id: id, state, calls });
    Ok(after)
}

/// After the commit: the dialler looks again, the operation log has both states.
async fn changed<P: Permission>(
    app: &App,
    can: &Can<P>,
    before: store::Model,
    trunk: store::Model,
) -> Result<Json<TrunkView>, Problem> {
    app.dialer.wake();
    can.trail.before(&view(before, 0));
    let calls = store::calls_in_use(&can.db).await?.get(&trunk.id).copied().unwrap_or(0);
    let after = view(trunk, calls);
    can.trail.after(&after);
    Ok(Json(after))
}

/// Refuses while a campaign calls over the trunk, or will go on to.
async fn unused(db: &TenantDb, tx: &WriteTx, id: TrunkId) -> Result<(), Problem> {
    match store::campaigns_using(db, &**tx, id).await? {
        0 => Ok(()),
        campaigns => Err(Problem::conflict("trunk_in_use").with("campaigns", campaigns)),
    }
}

/// Nobody needs to look after a line that is gone, or that leads elsewhere now.
async fn trouble_over(app: &App, db: &TenantDb, tx: &WriteTx, id: TrunkId) -> Result<(), DbErr> {
    app.dialer.line_changed(id);
    for code in [rules::TRUNK_FAILING, rules::TRUNK_NO_ROUTE] {
        let scope = alerts::Scope { campaign: None, trunk: Some(id) };
        alerts::close(app, db, tx, code, scope).await?;
    }
    app.jobs.wake();
    Ok(())
}

fn name(text: &str) -> Result<String, Problem> {
    let name = clean_text(text);
    let fine = (1..=60).contains(&name.chars().count());
    fine.then_some(name).ok_or_else(|| Problem::field("name_invalid", "name"))
}

fn address(text: &str) -> Result<String, Problem> {
    rules::address(text).ok_or_else(|| Problem::field("trunk_address_invalid", "address"))
}

fn caller_ids(ids: &[String]) -> Result<String, Problem> {
    let ids: Option<Vec<String>> = ids.iter().map(|id| rules::caller_id(id)).collect();
    let ids = ids.ok_or_else(|| Problem::field("caller_id_invalid", "caller_ids"))?;
    serde_json::to_string(&ids).map_err(Problem::internal)
}

fn limit(n: u32, most: u32, field: &str) -> Result<i64, Problem> {
    if (1..=most).contains(&n) {
        Ok(i64::from(n))
    } else {
        Err(Problem::field("number_out_of_range", field).with("least", 1).with("most", most))
    }
}

async fn sealed(
    app: &App,
    tenant: shared_proto::ids::TenantId,
    password: Option<Secret>,
) -> Result<Option<Vec<u8>>, Problem> {
    match password.filter(|password| !password.is_empty()) {
        Some(password) => Ok(Some(app.keys.sealer(tenant).await?.seal_text(password.expose())?)),
        None => Ok(None),
    }
}

fn name_taken(error: DbErr) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::conflict("name_taken"),
        _ => error.into(),
    }
}
