//! Handlers that check a draft, publish it and look at versions. A version never changes; going back to an
//! old one publishes it again under a new number.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared_proto::flow::Flow;
use shared_proto::ids::{ScriptId, VersionId};
use utoipa::ToSchema;

use super::http::flow_of_body;
use super::store;
use crate::app::App;
use crate::features::identity::permissions::{ScriptsManage, ScriptsRead};
use crate::features::identity::{Actor, Can};
use crate::features::labels;
use crate::tenant_db::TenantDb;
use crate::text::Language;
use crate::web::extract::{Json, Path, Query, optional};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};

#[derive(Serialize, ToSchema)]
pub struct VersionView {
    id: String,
    number: i64,
    published_at: Time,
    by: String,
    note: String,
    /// Only where one version is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<Flow>,
}

impl VersionView {
    fn of(version: store::versions::Model, flow: Option<Flow>) -> Self {
        Self {
            id: version.id,
            number: version.number,
            published_at: Time(version.published_at),
            by: version.published_by_name,
            note: version.note,
            flow,
        }
    }
}

/// Published versions, newest first
#[utoipa::path(get, path = "/v1/scripts/{id}/versions", tag = "scripts", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = Page<VersionView>), (status = 404, body = ProblemBody)))]
pub async fn list_versions(
    can: Can<ScriptsRead>,
    Path(id): Path<ScriptId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<VersionView>>, Problem> {
    store::script(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let number = |text: String| text.parse::<i64>().map_err(|_| Problem::bad_request("cursor_invalid"));
    let before = page.after()?.map(number).transpose()?;
    let rows = store::versions_of(&can.db, id, before, page.limit() + 1).await?;
    Ok(Json(Page::cut(rows, page.limit(), |row| row.number.to_string(), |row| VersionView::of(row, None))))
}

/// One version with its flow
#[utoipa::path(get, path = "/v1/scripts/{id}/versions/{version_id}", tag = "scripts",
    params(("id" = String, Path), ("version_id" = String, Path)),
    responses((status = 200, body = VersionView), (status = 404, body = ProblemBody)))]
pub async fn get_version(
    can: Can<ScriptsRead>,
    Path((id, version)): Path<(ScriptId, VersionId)>,
) -> Result<Json<VersionView>, Problem> {
    let row = version_of(&can.db, id, version).await?;
    let flow = store::parsed(&row.flow)?;
    Ok(Json(VersionView::of(row, Some(flow))))
}

#[derive(Clone, Serialize, ToSchema)]
pub struct FindingView {
    /// `error` forbids publishing, `warning` does not.
    severity: &'static str,
    code: String,
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    params: Map<String, Value>,
    /// JSON pointer into the flow.
    path: String,
    /// The sentence for people.
    text: String,
}

#[derive(Serialize, ToSchema)]
pub struct Findings {
    findings: Vec<FindingView>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LintScript {
    /// Left out: the draft.
    #[schema(value_type = Option<Flow>)]
    flow: Option<Value>,
}

/// Check the draft, or a flow that is being edited
#[utoipa::path(post, path = "/v1/scripts/{id}/lint", tag = "scripts", params(("id" = String, Path)),
    request_body = Option<LintScript>,
    responses((status = 200, body = Findings), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn lint_script(
    can: Can<ScriptsManage>,
    Path(id): Path<ScriptId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Findings>, Problem> {
    let body: LintScript = optional(&body)?;
    let script = store::script(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let flow = match &body.flow {
        Some(flow) => flow_of_body(flow)?,
        None => store::parsed(&script.draft)?,
    };
    Ok(Json(Findings { findings: findings(&can.db, can.db.read(), &flow, language(&headers)).await? }))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishScript {
    note: Option<String>,
    /// Publish only if the draft is still at this revision.
    revision: Option<i64>,
}

/// Publish the draft as a new version
#[utoipa::path(post, path = "/v1/scripts/{id}/publish", tag = "scripts", params(("id" = String, Path)),
    request_body = Option<PublishScript>,
    responses((status = 201, body = VersionView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`script_invalid`, with `params.findings`")))]
pub async fn publish_script(
    can: Can<ScriptsManage>,
    State(app): State<App>,
    Path(id): Path<ScriptId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<VersionView>), Problem> {
    let body: PublishScript = optional(&body)?;
    let tx = can.db.write().await?;
    let mut script = store::script_in(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    if body.revision.is_some_and(|revision| revision != script.revision) {
        return Err(Problem::conflict("script_stale").with("revision", script.revision));
    }
    refuse_faults(&can.db, &*tx, &store::parsed(&script.draft)?, language(&headers)).await?;
    let version = next_version(&app, &can.actor, &script, script.draft.clone(), note(body.note)?);
    point_at(&mut script, &version);
    store::insert_version(&can.db, &tx, &version).await?;
    store::save(&can.db, &tx, &script).await?;
    tx.commit().await?;
    let view = VersionView::of(version, None);
    can.trail.after(&view);
    Ok((StatusCode::CREATED, Json(view)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollbackScript {
    version_id: String,
}

/// Publish an old version again, as a new one
///
/// The draft follows it unless it holds changes that were never published.
#[utoipa::path(post, path = "/v1/scripts/{id}/rollback", tag = "scripts", params(("id" = String, Path)),
    request_body = RollbackScript,
    responses((status = 201, body = VersionView), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn rollback_script(
    can: Can<ScriptsManage>,
    State(app): State<App>,
    Path(id): Path<ScriptId>,
    headers: HeaderMap,
    Json(body): Json<RollbackScript>,
) -> Result<(StatusCode, Json<VersionView>), Problem> {
    let version: VersionId = body.version_id.parse().map_err(|_| Problem::not_found())?;
    let old = version_of(&can.db, id, version).await?;
    let tx = can.db.write().await?;
    // Labels may have gone since it was published.
    refuse_faults(&can.db, &*tx, &store::parsed(&old.flow)?, language(&headers)).await?;
    let mut script = store::script_in(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    let unpublished = script.published_at.is_some_and(|at| script.draft_at > at);
    let new = next_version(&app, &can.actor, &script, old.flow.clone(), format!("v{}", old.number));
    point_at(&mut script, &new);
    if !unpublished {
        script.draft = old.flow;
        script.revision += 1;
        script.draft_at = new.published_at;
    }
    store::insert_version(&can.db, &tx, &new).await?;
    store::save(&can.db, &tx, &script).await?;
    tx.commit().await?;
    let view = VersionView::of(new, None);
    can.trail.after(&view);
    Ok((StatusCode::CREATED, Json(view)))
}

/// A version of this script and no other.
pub(super) async fn version_of(
    db: &TenantDb,
    script: ScriptId,
    version: VersionId,
) -> Result<store::versions::Model, Problem> {
    let row = store::version(db, version).await?;
    row.filter(|row| row.script_id == script.to_string()).ok_or_else(Problem::not_found)
}

pub(super) fn language(headers: &HeaderMap) -> Language {
    Language::accepted(headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

async fn findings(
    db: &TenantDb,
    conn: &impl ConnectionTrait,
    flow: &Flow,
    language: Language,
) -> Result<Vec<FindingView>, Problem> {
    let labels = labels::store::all_in(db, conn).await?;
    let keys: Vec<&str> = labels.iter().map(|label| label.key.as_str()).collect();
    let view = |finding: dialogue::Finding| {
        let params: Map<String, Value> =
            finding.params.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        // People know a node by its name.
        let mut words = params.clone();
        if let Some(node) = params.get("node").and_then(Value::as_str).and_then(|key| flow.node(key)) {
            words.insert("node".to_owned(), node.name().into());
        }
        FindingView {
            severity: match finding.severity {
                dialogue::Severity::Error => "error",
                dialogue::Severity::Warning => "warning",
            },
            text: language.text("finding", &finding.code, &words),
            code: finding.code,
            params,
            path: finding.path,
        }
    };
    Ok(dialogue::lint(flow, &keys).into_iter().map(view).collect())
}

async fn refuse_faults(
    db: &TenantDb,
    conn: &impl ConnectionTrait,
    flow: &Flow,
    language: Language,
) -> Result<(), Problem> {
    let findings = findings(db, conn, flow, language).await?;
    let Some(first) = findings.iter().find(|finding| finding.severity == "error") else { return Ok(()) };
    let errors = findings.iter().filter(|finding| finding.severity == "error").count();
    let first = first.text.clone();
    let all = serde_json::to_value(&findings).map_err(Problem::internal)?;
    Err(Problem::unprocessable("script_invalid").with("errors", errors).with("first", first).with("findings", all))
}

fn next_version(
    app: &App,
    actor: &Actor,
    script: &store::scripts::Model,
    flow: String,
    note: String,
) -> store::versions::Model {
    store::versions::Model {
        tenant_id: script.tenant_id.clone(),
        id: app.fresh(VersionId::new).to_string(),
        script_id: script.id.clone(),
        number: script.version_number.unwrap_or(0) + 1,
        flow,
        note,
        published_by: Some(actor.user_id.to_string()),
        published_by_name: actor.name.clone(),
        published_at: app.now_ms(),
    }
}

pub(super) fn point_at(script: &mut store::scripts::Model, version: &store::versions::Model) {
    script.version_id = Some(version.id.clone());
    script.version_number = Some(version.number);
    script.published_at = Some(version.published_at);
}

fn note(text: Option<String>) -> Result<String, Problem> {
    let text = text.unwrap_or_default();
    super::rules::remark(&text).ok_or_else(|| Problem::field("remark_too_long", "note").with("most", 500))
}
