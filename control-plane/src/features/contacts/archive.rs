//! Archiving: out of sight and out of new campaigns, without losing the history.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use shared_proto::ids::{ContactId, GroupId};
use utoipa::ToSchema;

use super::groups::store as groups;
use super::{imports, store};
use crate::app::App;
use crate::features::campaigns;
use crate::features::identity::Can;
use crate::features::identity::permissions::ContactsManage;
use crate::tenant_db::TenantDb;
use crate::web::extract::{Json, Path};
use crate::web::problem::{Problem, ProblemBody};

/// Short transactions: other writers get their turn between batches.
const BATCH: u64 = 500;
const IDS_MOST: usize = 10_000;

/// Archive a contact
#[utoipa::path(post, path = "/v1/contacts/{id}/archive", tag = "contacts", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn archive_contact(
    can: Can<ContactsManage>,
    State(app): State<App>,
    Path(id): Path<ContactId>,
) -> Result<StatusCode, Problem> {
    set_one(&can.db, id, Some(can.db.now_ms())).await?;
    campaigns::contacts_changed(&app, &can.db, &[id.to_string()]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bring an archived contact back
#[utoipa::path(post, path = "/v1/contacts/{id}/unarchive", tag = "contacts", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn unarchive_contact(can: Can<ContactsManage>, Path(id): Path<ContactId>) -> Result<StatusCode, Problem> {
    set_one(&can.db, id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_one(db: &TenantDb, id: ContactId, at: Option<i64>) -> Result<(), Problem> {
    store::find(db, id).await?.ok_or_else(Problem::not_found)?;
    let tx = db.write().await?;
    store::set_archived(db, &tx, &[id.to_string()], at).await?;
    tx.commit().await?;
    Ok(())
}

/// Either `ids` or `group_id`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArchiveMany {
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    ids: Vec<ContactId>,
    #[schema(value_type = Option<String>)]
    group_id: Option<GroupId>,
}

#[derive(Serialize, ToSchema)]
pub struct Archived {
    /// How many were archived now; the others were already, or do not exist.
    archived: u64,
}

/// Archive many contacts, or everyone in a group
#[utoipa::path(post, path = "/v1/contacts/archive", tag = "contacts", request_body = ArchiveMany,
    responses((status = 200, body = Archived), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn archive_contacts(
    can: Can<ContactsManage>,
    State(app): State<App>,
    Json(body): Json<ArchiveMany>,
) -> Result<Json<Archived>, Problem> {
    let db = &can.db;
    let now = db.now_ms();
    let mut archived = 0;
    match body.group_id {
        Some(group) if body.ids.is_empty() => {
            groups::find(db, db.read(), group).await?.ok_or_else(|| Problem::field("group_unknown", "group_id"))?;
            // Whom the file has yet to bring would be left out.
            if let Some(file) = imports::store::file_going_into(db, db.read(), &group.to_string()).await? {
                return Err(Problem::conflict("group_importing").with("file", file));
            }
            let mut after = String::new();
            loop {
                let ids = store::ids_in_group(db, group, &after, BATCH).await?;
                let Some(last) = ids.last() else { break };
                after.clone_from(last);
                archived += archive(&app, db, &ids, now).await?;
            }
        }
        None if (1..=IDS_MOST).contains(&body.ids.len()) => {
            let ids: Vec<String> = body.ids.iter().map(ContactId::to_string).collect();
            for part in ids.chunks(BATCH as usize) {
                archived += archive(&app, db, part, now).await?;
            }
        }
        _ => return Err(Problem::field("archive_which", "ids").with("most", IDS_MOST)),
    }
    can.trail.after(&serde_json::json!({"archived": archived, "group_id": body.group_id}));
    Ok(Json(Archived { archived }))
}

async fn archive(app: &App, db: &TenantDb, ids: &[String], at: i64) -> Result<u64, Problem> {
    let tx = db.write().await?;
    let count = store::set_archived(db, &tx, ids, Some(at)).await?;
    tx.commit().await?;
    campaigns::contacts_changed(app, db, ids).await?;
    Ok(count)
}
