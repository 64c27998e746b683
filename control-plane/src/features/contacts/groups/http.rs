//! Making, renaming and removing groups.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::{DbErr, SqlErr};
use serde::{Deserialize, Serialize};
use shared_proto::ids::{ContactId, GroupId};
use utoipa::{IntoParams, ToSchema};

use super::store;
use crate::app::App;
use crate::features::campaigns;
use crate::features::contacts::imports::rules::clean_text;
use crate::features::contacts::{imports, rules, store as contacts};
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

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GroupsQuery {
    /// Part of the name
    q: Option<String>,
}

/// List groups, newest first
#[utoipa::path(get, path = "/v1/groups", tag = "contacts", params(GroupsQuery, PageQuery), responses((status = 200, body = Page<Group>)))]
pub async fn list_groups(
    can: Can<ContactsRead>,
    Query(query): Query<GroupsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Group>>, Problem> {
    let named = clean_text(query.q.as_deref().unwrap_or_default());
    let rows = store::page(&can.db, &named, page.after()?, page.limit() + 1).await?;
    Ok(Json(Page::cut(rows, page.limit(), |group| group.id.clone(), Group::from)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
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
#[serde(deny_unknown_fields)]
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
    // Read under the writer's lock: of two changes at once neither is lost.
    let tx = can.db.write().await?;
    let before = Group::from(store::counted(&can.db, id).await?.ok_or_else(Problem::not_found)?);
    let mut group = store::find(&can.db, can.db.read(), id).await?.ok_or_else(Problem::not_found)?;
    if let Some(name) = &body.name {
        group.name = store::rules_name(name).ok_or_else(|| Problem::field("group_name_invalid", "name"))?;
    }
    if let Some(remark) = &body.remark {
        group.remark = rules::remark(remark)
            .ok_or_else(|| Problem::field("text_too_long", "remark").with("most", rules::TEXT_MOST))?;
    }
    store::save(&can.db, &tx, &group).await.map_err(name_taken)?;
    tx.commit().await?;
    let after = Group::from(store::counted(&can.db, id).await?.ok_or_else(Problem::not_found)?);
    can.trail.before(&before);
    can.trail.after(&after);
    Ok(Json(after))
}

/// Remove a group; its contacts stay
#[utoipa::path(delete, path = "/v1/groups/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn delete_group(can: Can<ContactsManage>, Path(id): Path<GroupId>) -> Result<StatusCode, Problem> {
    let before = Group::from(store::counted(&can.db, id).await?.ok_or_else(Problem::not_found)?);
    let tx = can.db.write().await?;
    if let Some(campaign) = campaigns::store::calling_group(&can.db, &*tx, id).await? {
        return Err(Problem::conflict("group_in_use").with("campaign", campaign));
    }
    if let Some(file) = imports::store::file_going_into(&can.db, &*tx, &id.to_string()).await? {
        return Err(Problem::conflict("group_importing").with("file", file));
    }
    store::delete(&can.db, &tx, id).await?;
    tx.commit().await?;
    can.trail.before(&before);
    Ok(StatusCode::NO_CONTENT)
}

/// Contacts that one call takes.
const CONTACTS_MOST: usize = 1000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoreContacts {
    /// 1 to 1000
    #[schema(value_type = Vec<String>)]
    contact_ids: Vec<ContactId>,
}

#[derive(Serialize, ToSchema)]
pub struct Added {
    /// How many were not in the group before.
    added: u64,
}

/// Put contacts into a group; who is in it already stays in it
#[utoipa::path(post, path = "/v1/groups/{id}/contacts", tag = "contacts", params(("id" = String, Path)), request_body = MoreContacts,
    responses((status = 200, body = Added), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn add_to_group(
    can: Can<ContactsManage>,
    Path(id): Path<GroupId>,
    Json(body): Json<MoreContacts>,
) -> Result<Json<Added>, Problem> {
    let tx = can.db.write().await?;
    store::find(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    let ids: BTreeSet<String> = body.contact_ids.iter().map(ContactId::to_string).collect();
    if !(1..=CONTACTS_MOST).contains(&body.contact_ids.len()) {
        return Err(Problem::field("group_contacts_which", "contact_ids").with("most", CONTACTS_MOST));
    }
    if contacts::known(&can.db, &*tx, &ids).await? != ids.len() as u64 {
        return Err(Problem::field("contact_unknown", "contact_ids"));
    }
    let added = store::add_contacts(&can.db, &tx, id, &ids).await?;
    tx.commit().await?;
    can.trail.after(&serde_json::json!({"added": added, "contacts": ids.len()}));
    Ok(Json(Added { added }))
}

fn name_taken(error: DbErr) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::conflict("group_name_taken").with("field", "name"),
        _ => error.into(),
    }
}
