//! Handlers for labels.

use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::{DbErr, SqlErr};
use serde::{Deserialize, Serialize};
use shared_proto::ids::LabelId;
use utoipa::ToSchema;

use super::{rules, store};
use crate::app::App;
use crate::features::identity::Can;
use crate::features::identity::permissions::{LabelsManage, LabelsRead};
use crate::features::scripts;
use crate::web::extract::{Json, Path};
use crate::web::page::Page;
use crate::web::problem::{Problem, ProblemBody};

#[derive(Clone, Serialize, ToSchema)]
pub struct LabelView {
    id: String,
    /// What label rules and calls name it by; never changes.
    key: String,
    name: String,
    /// `#rrggbb`
    color: String,
    /// A call with this label becomes a lead.
    hot: bool,
    /// Cannot be deleted.
    seeded: bool,
}

impl From<store::Model> for LabelView {
    fn from(label: store::Model) -> Self {
        let store::Model { id, key, name, color, hot, seeded, .. } = label;
        Self { id, key, name, color, hot, seeded }
    }
}

/// List the labels
#[utoipa::path(get, path = "/v1/labels", tag = "labels", responses((status = 200, body = Page<LabelView>)))]
pub async fn list_labels(can: Can<LabelsRead>) -> Result<Json<Page<LabelView>>, Problem> {
    let labels = store::all(&can.db).await?;
    Ok(Json(Page::whole(labels.into_iter().map(LabelView::from).collect())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLabel {
    /// Lower-case letters, digits and `_`, at most 32
    key: String,
    name: String,
    /// `#rrggbb`
    color: String,
    #[serde(default)]
    hot: bool,
}

/// Add a label
#[utoipa::path(post, path = "/v1/labels", tag = "labels", request_body = NewLabel,
    responses((status = 201, body = LabelView), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn create_label(
    can: Can<LabelsManage>,
    State(app): State<App>,
    Json(body): Json<NewLabel>,
) -> Result<(StatusCode, Json<LabelView>), Problem> {
    let label = store::Model {
        tenant_id: can.actor.tenant_id.to_string(),
        id: app.fresh(LabelId::new).to_string(),
        key: rules::key(&body.key).ok_or_else(|| Problem::field("label_key_invalid", "key"))?,
        name: rules::name(&body.name).ok_or_else(|| Problem::field("label_name_invalid", "name"))?,
        color: rules::color(&body.color).ok_or_else(|| Problem::field("label_color_invalid", "color"))?,
        hot: body.hot,
        seeded: false,
        created_at: app.now_ms(),
    };
    let tx = can.db.write().await?;
    store::insert(&can.db, &tx, &label).await.map_err(key_taken)?;
    tx.commit().await?;
    let view = LabelView::from(label);
    can.trail.object("label", &view.id);
    can.trail.after(&view);
    Ok((StatusCode::CREATED, Json(view)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelChange {
    name: Option<String>,
    color: Option<String>,
    hot: Option<bool>,
}

/// Rename or recolour a label, or choose whether it makes leads
#[utoipa::path(patch, path = "/v1/labels/{id}", tag = "labels", params(("id" = String, Path)), request_body = LabelChange,
    responses((status = 200, body = LabelView), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn update_label(
    can: Can<LabelsManage>,
    Path(id): Path<LabelId>,
    Json(body): Json<LabelChange>,
) -> Result<Json<LabelView>, Problem> {
    // Read under the writer's lock: of two changes at once neither is lost.
    let tx = can.db.write().await?;
    let before = store::label(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let mut label = before.clone();
    if let Some(name) = &body.name {
        label.name = rules::name(name).ok_or_else(|| Problem::field("label_name_invalid", "name"))?;
    }
    if let Some(color) = &body.color {
        label.color = rules::color(color).ok_or_else(|| Problem::field("label_color_invalid", "color"))?;
    }
    label.hot = body.hot.unwrap_or(label.hot);
    store::save(&can.db, &tx, &label).await?;
    tx.commit().await?;
    let (before, after) = (LabelView::from(before), LabelView::from(label));
    can.trail.before(&before);
    can.trail.after(&after);
    Ok(Json(after))
}

/// Delete a label that was added, that no script or campaign names and nobody carries
#[utoipa::path(delete, path = "/v1/labels/{id}", tag = "labels", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn delete_label(can: Can<LabelsManage>, Path(id): Path<LabelId>) -> Result<StatusCode, Problem> {
    // All of it in one write: a script that is published meanwhile would name a label that is gone.
    let tx = can.db.write().await?;
    let label = store::label_in(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    if label.seeded {
        return Err(Problem::conflict("label_seeded"));
    }
    if let Some(script) = scripts::store::script_naming_label(&can.db, &*tx, &label.key).await? {
        return Err(Problem::conflict("label_in_use").with("script", script));
    }
    // It is still going to label calls by the version that it began with.
    if let Some(campaign) = scripts::store::campaign_naming_label(&can.db, &*tx, &label.key).await? {
        return Err(Problem::conflict("label_in_campaign").with("campaign", campaign));
    }
    // Lists and filters would no longer know what it is called.
    if store::is_carried(&can.db, &*tx, &label.key).await? {
        return Err(Problem::conflict("label_carried"));
    }
    store::delete(&can.db, &tx, id).await?;
    tx.commit().await?;
    can.trail.before(&LabelView::from(label));
    Ok(StatusCode::NO_CONTENT)
}

fn key_taken(error: DbErr) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::conflict("label_key_taken"),
        _ => error.into(),
    }
}
