//! Handlers for scripts and their drafts.

use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared_proto::flow::{Flow, FlowError};
use shared_proto::ids::ScriptId;
use utoipa::{IntoParams, ToSchema};

use super::{rules, store};
use crate::app::App;
use crate::features::identity::Can;
use crate::features::identity::permissions::{ScriptsManage, ScriptsRead};
use crate::web::extract::{Json, Path, Query};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::refusal;

#[derive(Clone, Serialize, ToSchema)]
pub struct ScriptView {
    id: String,
    name: String,
    /// `marketing`, `revisit`, `notice`, `collection`, `public` or `other`
    category: String,
    remark: String,
    draft: DraftView,
    /// What a new campaign takes; null before the first publishing.
    published: Option<PublishedView>,
    archived: bool,
    created_at: Time,
}

#[derive(Clone, Serialize, ToSchema)]
struct DraftView {
    /// Left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<Flow>,
    /// Send it back with a changed flow.
    revision: i64,
    updated_at: Time,
    /// The draft differs from the published version.
    changed: bool,
}

#[derive(Clone, Serialize, ToSchema)]
struct PublishedView {
    version_id: String,
    number: i64,
    at: Time,
}

impl ScriptView {
    fn of(script: store::scripts::Model, flow: Option<Flow>) -> Self {
        let published = match (script.version_id, script.version_number, script.published_at) {
            (Some(version_id), Some(number), Some(at)) => Some(PublishedView { version_id, number, at: Time(at) }),
            _ => None,
        };
        let changed = published.as_ref().is_none_or(|published| script.draft_at > published.at.0);
        Self {
            id: script.id,
            name: script.name,
            category: script.category,
            remark: script.remark,
            draft: DraftView { flow, revision: script.revision, updated_at: Time(script.draft_at), changed },
            published,
            archived: script.archived_at.is_some(),
            created_at: Time(script.created_at),
        }
    }

    fn whole(script: store::scripts::Model) -> Result<Self, DbErr> {
        let flow = store::parsed(&script.draft)?;
        Ok(Self::of(script, Some(flow)))
    }

    /// For the operation log, which is no place for whole flows.
    fn without_flow(&self) -> Self {
        let mut view = self.clone();
        view.draft.flow = None;
        view
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScriptsQuery {
    /// Part of the name
    q: Option<String>,
    /// One of the categories that a script may have
    category: Option<String>,
    archived: Option<bool>,
    /// Only what a campaign can take, or only what it cannot
    published: Option<bool>,
}

/// List scripts, newest first
#[utoipa::path(get, path = "/v1/scripts", tag = "scripts", params(ScriptsQuery, PageQuery),
    responses((status = 200, body = Page<ScriptView>), (status = 400, body = ProblemBody)))]
pub async fn list_scripts(
    can: Can<ScriptsRead>,
    Query(query): Query<ScriptsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ScriptView>>, Problem> {
    let ScriptsQuery { q, category, archived, published } = query;
    let category = refusal::one_of("category", category, &rules::CATEGORIES)?;
    let search = store::Search { q, category, archived, published };
    let rows = store::page(&can.db, &search, page.after()?.as_deref(), page.limit() + 1).await?;
    Ok(Json(Page::cut(rows, page.limit(), |script| script.id.clone(), |script| ScriptView::of(script, None))))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScript {
    name: String,
    /// `marketing`, `revisit`, `notice`, `collection`, `public` or `other`, which is the default
    category: Option<String>,
    remark: Option<String>,
    /// Left out: a short flow to start from.
    #[schema(value_type = Option<Flow>)]
    flow: Option<Value>,
}

/// Create a script with a draft
#[utoipa::path(post, path = "/v1/scripts", tag = "scripts", request_body = NewScript,
    responses((status = 201, body = ScriptView), (status = 422, body = ProblemBody)))]
pub async fn create_script(
    can: Can<ScriptsManage>,
    State(app): State<App>,
    Json(body): Json<NewScript>,
) -> Result<(StatusCode, Json<ScriptView>), Problem> {
    let flow = match body.flow {
        Some(flow) => flow_of_body(&flow)?,
        None => rules::starter().map_err(Problem::internal)?,
    };
    let now = app.now_ms();
    let script = store::scripts::Model {
        tenant_id: can.actor.tenant_id.to_string(),
        id: app.fresh(ScriptId::new).to_string(),
        name: name_of(&body.name)?,
        category: category_of(body.category.as_deref().unwrap_or("other"))?,
        remark: remark_of(body.remark.as_deref().unwrap_or_default())?,
        draft: written(&flow)?,
        revision: 1,
        draft_at: now,
        version_id: None,
        version_number: None,
        published_at: None,
        archived_at: None,
        created_at: now,
    };
    let tx = can.db.write().await?;
    store::insert(&can.db, &tx, &script).await?;
    tx.commit().await?;
    let view = ScriptView::of(script, Some(flow));
    can.trail.object("script", &view.id);
    can.trail.after(&view.without_flow());
    Ok((StatusCode::CREATED, Json(view)))
}

/// One script with its draft
#[utoipa::path(get, path = "/v1/scripts/{id}", tag = "scripts", params(("id" = String, Path)),
    responses((status = 200, body = ScriptView), (status = 404, body = ProblemBody)))]
pub async fn get_script(can: Can<ScriptsRead>, Path(id): Path<ScriptId>) -> Result<Json<ScriptView>, Problem> {
    let script = store::script(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(ScriptView::whole(script)?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScriptChange {
    name: Option<String>,
    category: Option<String>,
    remark: Option<String>,
    archived: Option<bool>,
    /// Needs `revision`.
    #[schema(value_type = Option<Flow>)]
    flow: Option<Value>,
    /// The draft's revision that the change was made from; a later one answers 409 `script_stale`.
    revision: Option<i64>,
}

/// Change a script or save its draft
#[utoipa::path(patch, path = "/v1/scripts/{id}", tag = "scripts", params(("id" = String, Path)), request_body = ScriptChange,
    responses((status = 200, body = ScriptView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
pub async fn update_script(
    can: Can<ScriptsManage>,
    State(app): State<App>,
    Path(id): Path<ScriptId>,
    Json(body): Json<ScriptChange>,
) -> Result<Json<ScriptView>, Problem> {
    let flow = body.flow.as_ref().map(flow_of_body).transpose()?;
    let tx = can.db.write().await?;
    let before = store::script_in(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    let mut script = before.clone();
    if let Some(name) = &body.name {
        script.name = name_of(name)?;
    }
    if let Some(category) = &body.category {
        script.category = category_of(category)?;
    }
    if let Some(remark) = &body.remark {
        script.remark = remark_of(remark)?;
    }
    match body.archived {
        Some(true) => script.archived_at = script.archived_at.or(Some(app.now_ms())),
        Some(false) => script.archived_at = None,
        None => {}
    }
    if let Some(flow) = &flow {
        let revision = body.revision.ok_or_else(|| Problem::field("revision_missing", "revision"))?;
        if revision != script.revision {
            return Err(Problem::conflict("script_stale").with("revision", script.revision));
        }
        script.draft = written(flow)?;
        script.revision += 1;
        script.draft_at = app.now_ms();
    }
    store::save(&can.db, &tx, &script).await?;
    tx.commit().await?;
    let view = ScriptView::whole(script)?;
    can.trail.before(&ScriptView::of(before, None));
    can.trail.after(&view.without_flow());
    Ok(Json(view))
}

/// Delete a script that was never published; archive the others
#[utoipa::path(delete, path = "/v1/scripts/{id}", tag = "scripts", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn delete_script(can: Can<ScriptsManage>, Path(id): Path<ScriptId>) -> Result<StatusCode, Problem> {
    let tx = can.db.write().await?;
    let script = store::script_in(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    if script.version_id.is_some() {
        return Err(Problem::conflict("script_published"));
    }
    store::delete(&can.db, &tx, id).await?;
    tx.commit().await?;
    can.trail.before(&ScriptView::of(script, None));
    Ok(StatusCode::NO_CONTENT)
}

/// Of each kind. Checking a flow looks at every part together with every other.
const PARTS_MOST: usize = 500;

/// A flow in a request, read as strictly as everywhere.
pub(super) fn flow_of_body(value: &Value) -> Result<Flow, Problem> {
    let flow = Flow::parse(&value.to_string()).map_err(|error| match error {
        FlowError::Shape(error) => refusal::of_flow(&error.to_string()),
        FlowError::Schema(schema) => Problem::unprocessable("flow_schema_unknown").with("schema", schema),
    })?;
    let counted = [
        ("nodes", flow.nodes.len()),
        ("faq", flow.faq.len()),
        ("objections", flow.objections.len()),
        ("intents", flow.intents.len()),
        ("variables", flow.variables.len()),
        ("labels", flow.labels.len()),
    ];
    match counted.into_iter().find(|(_, n)| *n > PARTS_MOST) {
        Some((part, _)) => Err(Problem::field("too_many", &format!("flow.{part}")).with("most", PARTS_MOST)),
        None => Ok(flow),
    }
}

pub(super) fn written(flow: &Flow) -> Result<String, Problem> {
    serde_json::to_string(flow).map_err(Problem::internal)
}

fn name_of(text: &str) -> Result<String, Problem> {
    rules::name(text).ok_or_else(|| Problem::field("name_invalid", "name"))
}

fn category_of(text: &str) -> Result<String, Problem> {
    let known = rules::category(text).map(str::to_owned);
    known.ok_or_else(|| Problem::field("category_unknown", "category").with("known", rules::CATEGORIES.join(", ")))
}

fn remark_of(text: &str) -> Result<String, Problem> {
    rules::remark(text).ok_or_else(|| Problem::field("remark_too_long", "remark").with("most", 500))
}
