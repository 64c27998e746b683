//! The list of contacts, and changes of one contact by hand.

use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::{DbErr, SqlErr};
use serde::Deserialize;
use serde_json::{Map, Value};
use shared_proto::ids::{ContactId, GroupId};
use shared_proto::phone::Phone;
use utoipa::{IntoParams, ToSchema};

use super::groups::store as groups;
use super::imports::rules::number;
use super::number_search;
use super::rules::{self, Search};
use super::store::{self, Filter, NewContact};
use super::views::{self, Contact};
use crate::app::App;
use crate::features::campaigns;
use crate::features::identity::Can;
use crate::features::identity::permissions::{ContactsManage, ContactsRead};
use crate::features::{labels, leads};
use crate::tenant_db::TenantDb;
use crate::web::extract::{Json, Path, Query};
use crate::web::page::{Page, PageQuery};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::refusal;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContactsQuery {
    group_id: Option<String>,
    /// Part of a name, a whole number, or the last four digits of one
    q: Option<String>,
    /// `never`, `waiting`, `in_call`, `answered`, `not_connected`, `invalid` or `blocked`, as in `call_status`
    status: Option<String>,
    /// A label's key
    label: Option<String>,
    /// Archived contacts instead of the others
    archived: Option<bool>,
}

/// List contacts, newest first
#[utoipa::path(get, path = "/v1/contacts", tag = "contacts", params(ContactsQuery, PageQuery),
    responses((status = 200, body = Page<Contact>), (status = 400, body = ProblemBody), (status = 429, body = ProblemBody)))]
pub async fn list_contacts(
    can: Can<ContactsRead>,
    State(app): State<App>,
    Query(query): Query<ContactsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Contact>>, Problem> {
    let status = refusal::one_of("status", query.status, &views::CALL_STATUSES)?;
    let label = labels::known(&can.db, query.label).await?;
    let Ok(group) = query.group_id.map(|id| id.parse::<GroupId>()).transpose() else {
        // What is no id is nobody's.
        return Ok(Json(Page::whole(Vec::new())));
    };
    let filter = Filter {
        group,
        search: Search::parse(query.q.as_deref().unwrap_or_default()),
        status,
        label,
        archived: query.archived.unwrap_or(false),
    };
    if let Search::Number(phone) = &filter.search {
        number_search::count(&app, &can, phone).await?;
    }
    let sealer = app.keys.sealer(can.db.tenant()).await?;
    let rows = store::page(&can.db, &sealer, &filter, page.after()?, page.limit() + 1).await?;
    let cut = Page::cut(rows, page.limit(), |row| row.id.clone(), |row| row);
    let items = views::contacts(&can.db, cut.items).await?;
    Ok(Json(Page { items, next_cursor: cut.next_cursor }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContactBody {
    #[serde(default)]
    name: String,
    number: String,
    #[serde(default)]
    remark: String,
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    group_ids: Vec<GroupId>,
    /// Custom fields, such as variables of a script
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    fields: Map<String, Value>,
}

/// Add a contact
#[utoipa::path(post, path = "/v1/contacts", tag = "contacts", request_body = NewContactBody,
    responses((status = 201, body = Contact), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody),
        (status = 429, body = ProblemBody)))]
pub async fn create_contact(
    can: Can<ContactsManage>,
    State(app): State<App>,
    Json(body): Json<NewContactBody>,
) -> Result<(StatusCode, Json<Contact>), Problem> {
    let phone = phone(&body.number)?;
    number_search::count_entry(&app, &can, &phone).await?;
    let new = NewContact {
        id: app.fresh(ContactId::new),
        phone,
        name: name(&body.name)?,
        remark: remark(&body.remark)?,
        fields: fields(&body.fields)?,
    };
    let id = new.id;
    let sealer = app.keys.sealer(can.db.tenant()).await?;
    let tx = can.db.write().await?;
    known_groups(&can.db, &tx, &body.group_ids).await?;
    if let Err(error) = store::insert(&can.db, &tx, &sealer, new).await {
        return Err(taken(&app, &can, error).await);
    }
    groups::add_contact(&can.db, &tx, id, &body.group_ids).await?;
    tx.commit().await?;
    let view = view(&can.db, id).await?;
    can.trail.object("contact", id);
    can.trail.after(&view);
    Ok((StatusCode::CREATED, Json(view)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactChange {
    name: Option<String>,
    number: Option<String>,
    remark: Option<String>,
    /// The groups it shall be in, all of them.
    #[schema(value_type = Option<Vec<String>>)]
    group_ids: Option<Vec<GroupId>>,
    /// All custom fields as they shall be. A value sent back masked stays what it was.
    #[schema(value_type = Option<std::collections::HashMap<String, String>>)]
    fields: Option<Map<String, Value>>,
    /// `false`: the number was found dead by mistake, or has an owner again; it may be called. Only calls say `true`.
    dead: Option<bool>,
}

/// Change a contact
#[utoipa::path(patch, path = "/v1/contacts/{id}", tag = "contacts", params(("id" = String, Path)), request_body = ContactChange,
    responses((status = 200, body = Contact), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody), (status = 429, body = ProblemBody)))]
pub async fn update_contact(
    can: Can<ContactsManage>,
    State(app): State<App>,
    Path(id): Path<ContactId>,
    Json(body): Json<ContactChange>,
) -> Result<Json<Contact>, Problem> {
    if body.dead == Some(true) {
        return Err(Problem::field("dead_is_found_by_calls", "dead"));
    }
    let before = view(&can.db, id).await?;
    // A form sends the masked number back when nobody touched it.
    let renumbered = body.number.filter(|text| *text != before.number).map(|text| phone(&text)).transpose()?;
    if let Some(phone) = &renumbered {
        number_search::count_entry(&app, &can, phone).await?;
    }
    let sealer = app.keys.sealer(can.db.tenant()).await?;
    let tx = can.db.write().await?;
    let mut contact = store::find_in(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    if let Some(text) = body.name.filter(|text| *text != before.name) {
        contact.name = name(&text)?;
    }
    if let Some(text) = body.remark.filter(|text| *text != before.remark) {
        contact.remark = remark(&text)?;
    }
    if let Some(phone) = &renumbered {
        store::renumber(&sealer, &mut contact, phone)?;
    }
    if body.dead == Some(false) {
        store::forget_dead(&can.db, &tx, &contact.number_blind).await?;
        contact.dead_at = None;
    }
    if let Some(sent) = body.fields {
        contact.fields = fields(&rules::restored_fields(sent, &contact.fields))?;
    }
    if let Err(error) = store::save(&can.db, &tx, &contact).await {
        return Err(taken(&app, &can, error.into()).await);
    }
    if renumbered.is_some() || body.dead.is_some() {
        store::judge_number(&can.db, &tx, &contact).await?;
    }
    if let Some(wanted) = &body.group_ids {
        known_groups(&can.db, &tx, wanted).await?;
        groups::set_of_contact(&can.db, &tx, id, wanted).await?;
    }
    tx.commit().await?;
    if renumbered.is_some() {
        campaigns::contacts_changed(&app, &can.db, &[id.to_string()]).await?;
    }
    let after = view(&can.db, id).await?;
    can.trail.before(&before);
    can.trail.after(&after);
    Ok(Json(after))
}

/// Delete a contact; its calls stay
#[utoipa::path(delete, path = "/v1/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn delete_contact(
    can: Can<ContactsManage>,
    State(app): State<App>,
    Path(id): Path<ContactId>,
) -> Result<StatusCode, Problem> {
    let before = view(&can.db, id).await?;
    let tx = can.db.write().await?;
    // An agent would be offered somebody without a name or a number.
    if leads::store::any_open(&can.db, &*tx, id).await? {
        return Err(Problem::conflict("contact_has_lead"));
    }
    if campaigns::attempts::in_call(&can.db, &*tx, id).await? {
        return Err(Problem::conflict("contact_in_call"));
    }
    store::delete(&can.db, &tx, id).await?;
    tx.commit().await?;
    campaigns::contacts_changed(&app, &can.db, &[id.to_string()]).await?;
    can.trail.before(&before);
    Ok(StatusCode::NO_CONTENT)
}

async fn view(db: &TenantDb, id: ContactId) -> Result<Contact, Problem> {
    let row = store::find(db, id).await?.ok_or_else(Problem::not_found)?;
    views::contacts(db, vec![row]).await?.pop().ok_or_else(Problem::not_found)
}

fn phone(text: &str) -> Result<Phone, Problem> {
    number(text).map_err(|code| Problem::field(code, "number"))
}

fn name(text: &str) -> Result<String, Problem> {
    rules::name(text).ok_or_else(|| Problem::field("text_too_long", "name").with("most", rules::NAME_MOST))
}

fn remark(text: &str) -> Result<String, Problem> {
    rules::remark(text).ok_or_else(|| Problem::field("text_too_long", "remark").with("most", rules::TEXT_MOST))
}

fn fields(given: &Map<String, Value>) -> Result<String, Problem> {
    let fields = rules::fields(given).ok_or_else(|| Problem::field("fields_invalid", "fields"))?;
    Ok(Value::Object(fields).to_string())
}

const GROUPS_MOST: usize = 100;

async fn known_groups(db: &TenantDb, tx: &platform::WriteTx, ids: &[GroupId]) -> Result<(), Problem> {
    if ids.len() > GROUPS_MOST {
        return Err(Problem::field("too_many", "group_ids").with("most", GROUPS_MOST));
    }
    for id in ids {
        groups::find(db, &**tx, *id).await?.ok_or_else(|| Problem::field("group_unknown", "group_ids"))?;
    }
    Ok(())
}

async fn taken(app: &App, can: &Can<ContactsManage>, error: anyhow::Error) -> Problem {
    match error.downcast_ref::<DbErr>().and_then(DbErr::sql_err) {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            number_search::count_taken(app, can).await;
            Problem::conflict("contact_number_taken").with("field", "number")
        }
        _ => error.into(),
    }
}
