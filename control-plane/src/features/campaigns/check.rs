//! The look before the start: who can be called, who cannot and why, and what else is not in order.

use std::collections::BTreeMap;

use axum::extract::State;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::{Value, json};
use shared_proto::ids::{CampaignId, ScriptId, TrunkId};
use shared_proto::window::{self, Verdict};
use utoipa::ToSchema;

use super::planner::Carrier;
use super::store::{self, Model};
use crate::app::App;
use crate::features::identity::Can;
use crate::features::identity::permissions::CampaignsRead;
use crate::features::trunks::rules::TrunkState;
use crate::features::{contacts, scripts, trunks};
use crate::tenant_db::TenantDb;
use crate::web::extract::{Json, Path};
use crate::web::page::Time;
use crate::web::problem::{Problem, ProblemBody};

/// How many of a group can be called, and how many each gate holds back for good.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reach {
    pub dialable: u64,
    /// Of the dialable, those that are no simulated customers.
    pub real: u64,
    pub blocked: BTreeMap<String, u64>,
}

/// Counts a group by the gates that no waiting opens, in the planner's order.
pub async fn reach(db: &TenantDb, group: &str, carrier: Carrier) -> Result<Reach, DbErr> {
    let sql = "SELECT CASE WHEN c.id IS NULL OR c.archived_at IS NOT NULL THEN 'archived' \
               WHEN c.dead_at IS NOT NULL OR ($3 = 0 AND EXISTS (SELECT 1 FROM dead_numbers d \
               WHERE d.tenant_id = $1 AND d.number_blind = c.number_blind)) THEN 'dead' \
               WHEN EXISTS (SELECT 1 FROM blacklist b WHERE b.tenant_id = $1 AND b.number_blind = c.number_blind \
               AND ($3 = 0 OR b.source <> 'rehearsal')) THEN 'blacklist' \
               WHEN c.number_type IN ('service', 'short', 'toll_free') THEN 'number' \
               WHEN $3 = 1 AND c.synthetic THEN 'synthetic' \
               WHEN $3 = 1 AND coalesce(c.zone, '') = '' THEN 'unknown_zone' \
               ELSE '' END AS gate, count(*) AS n, sum(CASE WHEN c.synthetic THEN 0 ELSE 1 END) AS actual \
               FROM contact_groups g LEFT JOIN contacts c ON c.tenant_id = g.tenant_id AND c.id = g.contact_id \
               WHERE g.tenant_id = $1 AND g.group_id = $2 GROUP BY 1";
    let sip = i64::from(carrier == Carrier::Sip);
    let mut reach = Reach::default();
    for row in db.read().query_all_raw(db.sql(sql, [group.into(), sip.into()])).await? {
        let (gate, n): (String, i64) = (row.try_get("", "gate")?, row.try_get("", "n")?);
        if gate.is_empty() {
            reach.dialable = n.unsigned_abs();
            reach.real = row.try_get::<i64>("", "actual")?.unsigned_abs();
        } else {
            reach.blocked.insert(gate, n.unsigned_abs());
        }
    }
    Ok(reach)
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CheckFinding {
    pub code: &'static str,
    #[schema(value_type = Object)]
    pub params: Value,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CheckView {
    /// Contacts that no gate holds back for good.
    pub dialable: u64,
    /// Contacts held back, by gate.
    pub blocked: BTreeMap<String, u64>,
    /// Contacts without a value, by the script's variable; they hear its fallback.
    pub missing_variables: BTreeMap<String, u64>,
    pub script_published: bool,
    pub trunk_state: TrunkState,
    pub edge_online: bool,
    /// When the first contact may be called; null where that is now.
    pub opens_at: Option<Time>,
    /// What should be looked at before the start.
    pub findings: Vec<CheckFinding>,
}

/// Look before the start
#[utoipa::path(get, path = "/v1/campaigns/{id}/check", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = CheckView), (status = 404, body = ProblemBody)))]
pub async fn check_campaign(
    can: Can<CampaignsRead>,
    State(app): State<App>,
    Path(id): Path<CampaignId>,
) -> Result<Json<CheckView>, Problem> {
    let db = &can.db;
    let campaign = store::campaign(db, id).await?.ok_or_else(Problem::not_found)?;
    let trunk = match campaign.trunk_id.as_deref().and_then(|id| id.parse::<TrunkId>().ok()) {
        Some(id) => trunks::store::trunk(db, id).await?,
        None => None,
    };
    let carrier = trunk.as_ref().map_or(Carrier::Sip, |trunk| trunk.carrier());
    let reach = match &campaign.group_id {
        Some(group) => reach(db, group, carrier).await?,
        None => Reach::default(),
    };
    let version = match campaign.script_id.as_deref().and_then(|id| id.parse::<ScriptId>().ok()) {
        Some(script) => scripts::store::published_version(db, script).await?,
        None => None,
    };
    let missing_variables = match version {
        Some(version) => missing_variables(db, &campaign, version).await?,
        None => BTreeMap::new(),
    };
    let opening = opening(&app, db, &campaign, carrier).await?;
    let mut findings = Vec::new();
    let mut find = |wrong: bool, code: &'static str, params: Value| {
        if wrong {
            findings.push(CheckFinding { code, params });
        }
    };
    find(campaign.group_id.is_none(), "group_missing", json!({}));
    find(campaign.group_id.is_some() && reach.dialable == 0, "nobody_to_call", json!({}));
    if let Some(group) = &campaign.group_id
        && let Some(file) = contacts::imports::store::file_going_into(db, db.read(), group).await?
    {
        find(true, "group_importing", json!({ "file": file }));
    }
    find(version.is_none(), "script_unpublished", json!({}));
    find(trunk.is_none(), "trunk_missing", json!({}));
    if let Some(trunk) = &trunk {
        find(trunk.faulty(), "trunk_fault", json!({ "trunk": trunk.name }));
        find(trunk.state() == TrunkState::Down, "trunk_down", json!({ "trunk": trunk.name }));
    }
    find(!app.links.online(), "edge_offline", json!({}));
    let sip = carrier == Carrier::Sip;
    find(!sip && reach.real > 0, "rehearsal_of_real", json!({ "n": reach.real }));
    find(sip && campaign.windows().is_empty(), "windows_missing", json!({}));
    find(matches!(opening, Opening::Later(_)), "outside_window", json!({}));
    find(matches!(opening, Opening::Never) && !campaign.windows().is_empty(), "window_never", json!({}));
    Ok(Json(CheckView {
        dialable: reach.dialable,
        blocked: reach.blocked,
        missing_variables,
        script_published: version.is_some(),
        trunk_state: trunk.as_ref().map_or(TrunkState::Unknown, |trunk| trunk.state()),
        edge_online: app.links.online(),
        opens_at: match opening {
            Opening::Later(at) => Some(Time(at)),
            Opening::Now | Opening::Never => None,
        },
        findings,
    }))
}

enum Opening {
    Now,
    Later(i64),
    Never,
}

/// When the first zone of the group opens.
async fn opening(app: &App, db: &TenantDb, campaign: &Model, carrier: Carrier) -> Result<Opening, DbErr> {
    if carrier == Carrier::Rehearsal {
        return Ok(Opening::Now);
    }
    let Some(group) = &campaign.group_id else { return Ok(Opening::Never) };
    let sql = "SELECT DISTINCT c.zone FROM contact_groups g JOIN contacts c ON c.tenant_id = g.tenant_id AND c.id = g.contact_id \
               WHERE g.tenant_id = $1 AND g.group_id = $2";
    let windows = campaign.windows();
    let mut first: Option<i64> = None;
    for row in db.read().query_all_raw(db.sql(sql, [group.as_str().into()])).await? {
        let zone: Option<String> = row.try_get("", "zone")?;
        match window::decide(&windows, zone.as_deref(), app.clock.now()) {
            Verdict::Open { .. } => return Ok(Opening::Now),
            Verdict::Closed { opens: Some(at) } => {
                let at = at.timestamp_millis();
                first = Some(first.map_or(at, |known| known.min(at)));
            }
            Verdict::Closed { opens: None } | Verdict::UnknownZone => {}
        }
    }
    Ok(first.map_or(Opening::Never, Opening::Later))
}

/// How many contacts have no value for each variable of the script.
async fn missing_variables(
    db: &TenantDb,
    campaign: &Model,
    version: shared_proto::ids::VersionId,
) -> Result<BTreeMap<String, u64>, Problem> {
    #[derive(FromQueryResult)]
    struct Row {
        contact_id: String,
        name: String,
        fields: String,
    }
    let Some(flow) = scripts::store::flow_of(db, version).await? else { return Ok(BTreeMap::new()) };
    let names: Vec<String> = flow.variables.iter().map(|variable| variable.name.clone()).collect();
    let Some(group) = campaign.group_id.as_deref().filter(|_| !names.is_empty()) else { return Ok(BTreeMap::new()) };
    let sql = "SELECT g.contact_id, c.name, c.fields FROM contact_groups g \
               JOIN contacts c ON c.tenant_id = g.tenant_id AND c.id = g.contact_id \
               WHERE g.tenant_id = $1 AND g.group_id = $2 AND g.contact_id > $3 ORDER BY g.contact_id LIMIT 5000";
    let mut missing: BTreeMap<String, u64> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let statement = db.sql(sql, [group.into(), after.as_str().into()]);
        let rows = Row::find_by_statement(statement).all(db.read()).await?;
        let Some(last) = rows.last() else { return Ok(missing) };
        after.clone_from(&last.contact_id);
        for row in &rows {
            let values = super::lease::variables(&row.name, Some(&row.fields));
            for name in &names {
                if values.get(name).is_none_or(|value| value.trim().is_empty()) {
                    *missing.entry(name.clone()).or_default() += 1;
                }
            }
        }
    }
}
