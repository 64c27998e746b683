//! Making, renaming and removing groups.

use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::{DbErr, SqlErr};
use serde::{Deserialize, Serialize};
use shared_proto::ids::GroupId;
use utoipa::ToSchema;

use super::store;
use crate::app::App;
use crate::features::contacts::rules;
use crate::features::identity::Can;
use crate::features::identity::permissions::{ContactsManage, ContactsRead};
use crate::web::extract::{Json, Path, Query};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};

#[derive(Serialize, ToSchema)]
pub struct Group {
    id: String,
    name: String,
    remark: String,
    /// How many contacts are in it.
    contacts: i64,
    created_at: Time,
}

impl From<store::Counted> for Group {
    fn from(group: store::Counted) -> Self {
        let store::Counted { id, name, remark, created_at, contacts } = group;
        Self { id, name, remark, contacts, created_at: Time(created_at) }
    }
}

/// List groups, newest first
#[utoipa::path(get, path = "/v1/groups", tag = "contacts", params(PageQuery), responses((status = 200, body = Page<Group>)))]
pub async fn list_groups(can: Can<ContactsRead>, Query(page): Query<PageQuery>) -> Result<Json<Page<Group>>, Problem> {
    let rows = store::page(&can.db, page.after()?, page.limit() + 1).await?;
    Ok(Json(Page::cut(rows, page.limit(), |group| group.id.clone(), Group::from)))
}

#[derive(Deserialize, ToSchema)]
pub struct NewGroup {
    name: String,
    #[serde(default)]
    remark: String,
}

/// Make a group
#[utoipa::path(post, path = "/v1/groups", tag = "contacts", request_body = NewGroup,
    responses((status = 201, body = Group), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn create_group(
    can: Can<ContactsManage>,
    State(app): State<App>,
    Json(body): Json<NewGroup>,
) -> Result<(StatusCode, Json<Group>), Problem> {
    let name = store::rules_name(&body.name).ok_or_else(|| Problem::field("group_name_invalid", "name"))?;
    let remark = rules::remark(&body.remark)
        .ok_or_else(|| Problem::field("text_too_long", "remark").with("most", rules::TEXT_MOST))?;
    let id = app.fresh(GroupId::new);
    let tx = can.db.write().await?;
    store::insert(&can.db, &tx, id, &name, &remark).await.map_err(name_taken)?;
    tx.commit().await?;
    let group = Group::from(store::counted(&can.db, id).await?.ok_or_else(Problem::not_found)?);
    can.trail.object("group", id);
    can.trail.after(&group);
    Ok((StatusCode::CREATED, Json(group)))
}

#[derive(Deserialize, ToSchema)]
pub struct GroupChange {
    name: Option<String>,
    remark: Option<String>,
}

/// Rename a group or change its remark
#[utoipa::path(patch, path = "/v1/groups/{id}", tag = "contacts", params(("id" = String, Path)), request_body = GroupChange,
    responses((status = 200, body = Group), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn update_group(
    can: Can<ContactsManage>,
    Path(id): Path<GroupId>,
    Json(body): Json<GroupChange>,
) -> Result<Json<Group>, Problem> {
    let before = Group::from(store::counted(&can.db, id).await?.ok_or_else(Problem::not_found)?);
    let mut group = store::find(&can.db, can.db.read(), id).await?.ok_or_else(Problem::not_found)?;
    if let Some(name) = &body.name {
        group.name = store::rules_name(name).ok_or_else(|| Problem::field("group_name_invalid", "name"))?;
    }
    if let Some(remark) = &body.remark {
        group.remark = rules::remark(remark)
            .ok_or_else(|| Problem::field("text_too_long", "remark").with("most", rules::TEXT_MOST))?;
    }
    let tx = can.db.write().await?;
    store::save(&can.db, &tx, &group).await.map_err(name_taken)?;
    tx.commit().await?;
    let after = Group::from(store::counted(&can.db, id).await?.ok_or_else(Problem::not_found)?);
    can.trail.before(&before);
    can.trail.after(&after);
    Ok(Json(after))
}

/// Remove a group; its contacts stay
#[utoipa::path(delete, path = "/v1/groups/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn delete_group(can: Can<ContactsManage>, Path(id): Path<GroupId>) -> Result<StatusCode, Problem> {
    let before = Group::from(store::counted(&can.db, id).await?.ok_or_else(Problem::not_found)?);
    let tx = can.db.write().await?;
    store::delete(&can.db, &tx, id).await?;
    tx.commit().await?;
    can.trail.before(&before);
    Ok(StatusCode::NO_CONTENT)
}

fn name_taken(error: DbErr) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::conflict("group_name_taken").with("field", "name"),
        _ => error.into(),
    }
}
