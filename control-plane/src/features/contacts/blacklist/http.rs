//! Numbers put on the blacklist by hand, and taken off it.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use shared_proto::ids::{BlacklistId, ContactId};
use shared_proto::masking::mask_digits;
use utoipa::{IntoParams, ToSchema};

use super::store::{self, Entry, Model, Source};
use crate::app::App;
use crate::features::campaigns;
use crate::features::contacts::{Named, imports, number_search, rules, store as contacts};
use crate::features::identity::Can;
use crate::features::identity::permissions::{BlacklistManage, BlacklistRead};
use crate::features::identity::store as identity;
use crate::tenant_db::TenantDb;
use crate::web::extract::{Json, Path, Query};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};

#[derive(Serialize, ToSchema)]
pub struct BlacklistEntry {
    id: String,
    number: String,
    reason: String,
    /// `manual`; `opt_out`: asked for in a call; `rehearsal`: asked for by a simulated customer, and kept to by
    /// rehearsals alone
    source: String,
    by: Option<Named>,
    created_at: Time,
}

/// Entries with the names of who made them, in two queries.
async fn entries(db: &TenantDb, rows: Vec<Model>) -> Result<Vec<BlacklistEntry>, Problem> {
    let names = identity::names(db, rows.iter().filter_map(|row| row.created_by.clone())).await?;
    let by = |id: Option<String>| id.and_then(|id| names.get(&id).map(|name| Named { id, name: name.clone() }));
    let entry = |row: Model| BlacklistEntry {
        by: by(row.created_by),
        id: row.id,
        number: row.number_masked,
        reason: mask_digits(&row.reason),
        source: row.source,
        created_at: Time(row.created_at),
    };
    Ok(rows.into_iter().map(entry).collect())
}

async fn shown(db: &TenantDb, row: Model) -> Result<BlacklistEntry, Problem> {
    entries(db, vec![row]).await?.pop().ok_or_else(Problem::not_found)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BlacklistQuery {
    /// A whole number
    number: Option<String>,
}

/// List the blacklist, newest first
#[utoipa::path(get, path = "/v1/blacklist", tag = "contacts", params(BlacklistQuery, PageQuery),
    responses((status = 200, body = Page<BlacklistEntry>), (status = 429, body = ProblemBody)))]
pub async fn list_blacklist(
    can: Can<BlacklistRead>,
    State(app): State<App>,
    Query(query): Query<BlacklistQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<BlacklistEntry>>, Problem> {
    let blind = match query.number.as_deref().filter(|text| !text.trim().is_empty()) {
        None => None,
        Some(text) => match imports::rules::number(text) {
            Ok(phone) => {
                number_search::count(&app, &can, &phone).await?;
                Some(app.keys.sealer(can.db.tenant()).await?.blind(&phone))
            }
            Err(_) => return Ok(Json(Page::whole(Vec::new()))),
        },
    };
    let rows = store::page(&can.db, blind, page.after()?, page.limit() + 1).await?;
    let cut = Page::cut(rows, page.limit(), |row| row.id.clone(), |row| row);
    let items = entries(&can.db, cut.items).await?;
    Ok(Json(Page { items, next_cursor: cut.next_cursor }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBlacklistEntry {
    number: Option<String>,
    /// Instead of the number: that of a contact, which nobody needs to see for this.
    #[schema(value_type = Option<String>)]
    contact_id: Option<ContactId>,
    #[serde(default)]
    reason: String,
}

/// Never call a number again
#[utoipa::path(post, path = "/v1/blacklist", tag = "contacts", request_body = NewBlacklistEntry,
    responses((status = 201, body = BlacklistEntry), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody),
        (status = 429, body = ProblemBody)))]
pub async fn add_to_blacklist(
    can: Can<BlacklistManage>,
    State(app): State<App>,
    Json(body): Json<NewBlacklistEntry>,
) -> Result<(StatusCode, Json<BlacklistEntry>), Problem> {
    let sealer = app.keys.sealer(can.db.tenant()).await?;
    let phone = match body.contact_id {
        Some(id) => {
            let contact = contacts::find(&can.db, id).await?.ok_or_else(Problem::not_found)?;
            contacts::open_number(&sealer, &contact).map_err(Problem::internal)?
        }
        None => {
            let phone = imports::rules::number(body.number.as_deref().unwrap_or_default())
                .map_err(|code| Problem::field(code, "number"))?;
            // Its contact, if there is one, is shown as listed from now on.
            number_search::count_entry(&app, &can, &phone).await?;
            phone
        }
    };
    let reason = rules::remark(&body.reason)
        .ok_or_else(|| Problem::field("text_too_long", "reason").with("most", rules::TEXT_MOST))?;
    let id = app.fresh(BlacklistId::new);
    let blind = sealer.blind(&phone);
    let entry = Entry {
        id,
        number_blind: &blind,
        number_sealed: &sealer.seal(&phone)?,
        number_masked: &phone.masked(),
        reason: &reason,
        source: Source::Manual(can.actor.user_id),
    };
    let tx = can.db.write().await?;
    if !store::add(&can.db, &tx, entry).await? {
        if body.contact_id.is_none() {
            number_search::count_taken(&app, &can).await;
        }
        return Err(Problem::conflict("blacklist_taken").with("field", "number"));
    }
    tx.commit().await?;
    campaigns::number_listed(&app, &can.db, &blind).await?;
    let row = store::find(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let view = shown(&can.db, row).await?;
    can.trail.object("blacklist", id);
    can.trail.after(&view);
    Ok((StatusCode::CREATED, Json(view)))
}

/// Take a number off the blacklist
#[utoipa::path(delete, path = "/v1/blacklist/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn remove_from_blacklist(
    can: Can<BlacklistManage>,
    Path(id): Path<BlacklistId>,
) -> Result<StatusCode, Problem> {
    let row = store::find(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let before = shown(&can.db, row).await?;
    let tx = can.db.write().await?;
    store::remove(&can.db, &tx, id).await?;
    tx.commit().await?;
    can.trail.before(&before);
    Ok(StatusCode::NO_CONTENT)
}
