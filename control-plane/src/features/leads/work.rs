//! What an agent does with an own lead: accept, reveal the number, complete the contact's data,
//! follow up.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use shared_proto::events::Event;
use shared_proto::ids::LeadId;
use utoipa::ToSchema;

use super::http::{LeadNamed, LeadView, visible};
use super::rules::{self, FollowUpStatus, LeadStatus};
use super::store;
use crate::app::App;
use crate::features::contacts::imports::rules::mask_digits;
use crate::features::contacts::rules as contact_rules;
use crate::features::identity::Can;
use crate::features::identity::permissions::{LeadsRead, LeadsReveal, LeadsWork, Permission};
use crate::web::extract::{Json, Path};
use crate::web::page::{Page, Time};
use crate::web::problem::{Problem, ProblemBody};

/// The caller's own lead, in whatever status.
async fn own<P: Permission>(can: &Can<P>, id: LeadId) -> Result<store::Model, Problem> {
    let lead = store::find(&can.db, id).await?;
    let owner = can.actor.user_id.to_string();
    lead.filter(|lead| lead.owner_id.as_deref() == Some(&owner)).ok_or_else(Problem::not_found)
}

/// The caller's own lead, once accepted.
async fn taken<P: Permission>(can: &Can<P>, id: LeadId) -> Result<store::Model, Problem> {
    let lead = own(can, id).await?;
    let taken = LeadStatus::parse(&lead.status).is_some_and(LeadStatus::is_taken);
    if taken { Ok(lead) } else { Err(Problem::conflict("lead_not_accepted")) }
}

async fn view<P: Permission>(can: &Can<P>, id: LeadId) -> Result<LeadView, Problem> {
    Ok(store::find_row(&can.db, id).await?.ok_or_else(Problem::not_found)?.into())
}

/// Accept an offered lead; again is fine
#[utoipa::path(post, path = "/v1/leads/{id}/accept", tag = "leads", params(("id" = String, Path)),
    responses((status = 200, body = LeadView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn accept_lead(
    can: Can<LeadsWork>,
    State(app): State<App>,
    Path(id): Path<LeadId>,
) -> Result<Json<LeadView>, Problem> {
    let lead = own(&can, id).await?;
    if LeadStatus::parse(&lead.status).is_some_and(LeadStatus::is_taken) {
        return Ok(Json(view(&can, id).await?));
    }
    let tx = can.db.write().await?;
    let accepted = store::accept(&can.db, &tx, id, can.actor.user_id, app.now_ms()).await?;
    tx.commit().await?;
    if !accepted {
        // Pressed twice, or in two windows: the first has taken it.
        let now_taken = LeadStatus::parse(&own(&can, id).await?.status).is_some_and(LeadStatus::is_taken);
        return if now_taken { Ok(Json(view(&can, id).await?)) } else { Err(Problem::conflict("lead_offer_over")) };
    }
    changed(&app, &can, id, LeadStatus::Accepted);
    Ok(Json(view(&can, id).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealReason {
    /// 1 to 200 signs; kept in the access log
    reason: String,
}

#[derive(Serialize, ToSchema)]
pub struct RevealedNumber {
    /// As it is dialled.
    number: String,
    expires_in_s: u64,
}

/// Show the number of one own accepted lead, to call back; logged
#[utoipa::path(post, path = "/v1/leads/{id}/reveal", tag = "leads", params(("id" = String, Path)),
    request_body = RevealReason,
    responses((status = 200, body = RevealedNumber), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 429, body = ProblemBody)))]
pub async fn reveal_number(
    can: Can<LeadsReveal>,
    State(app): State<App>,
    Path(id): Path<LeadId>,
    Json(body): Json<RevealReason>,
) -> Result<Json<RevealedNumber>, Problem> {
    can.trail.access();
    let lead = taken(&can, id).await?;
    let reason = body.reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(Problem::field("reveal_reason", "reason"));
    }
    let hour = Duration::from_hours(1);
    if app.cache.count(&format!("reveal:{}", can.actor.user_id), hour).await > rules::REVEALS_PER_HOUR {
        let refused = Problem::too_many("reveal_limit", hour.as_secs());
        return Err(refused.with("most", rules::REVEALS_PER_HOUR));
    }
    let sql = "SELECT number_sealed FROM contacts WHERE tenant_id = $1 AND id = $2";
    let row = can.db.read().query_one_raw(can.db.sql(sql, [lead.contact_id.clone().into()])).await?;
    let sealed: Vec<u8> = row.ok_or_else(Problem::not_found)?.try_get("", "number_sealed")?;
    let phone = app.keys.sealer(can.actor.tenant_id).await?.open(&sealed)?;
    can.trail.object("contact", &lead.contact_id);
    let reason = mask_digits(reason);
    can.trail.after(&serde_json::json!({ "lead": lead.id, "number": phone.masked(), "reason": reason }));
    Ok(Json(RevealedNumber { number: phone.national(), expires_in_s: rules::REVEAL_SHOWN_S }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactData {
    // An empty text removes it.
    name: Option<String>,
    remark: Option<String>,
    /// Fields to set; an empty text removes one
    fields: Option<BTreeMap<String, String>>,
}

/// Complete the contact's data of an own accepted lead
#[utoipa::path(patch, path = "/v1/leads/{id}/contact", tag = "leads", params(("id" = String, Path)),
    request_body = ContactData,
    responses((status = 200, body = LeadView), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn complete_contact(
    can: Can<LeadsWork>,
    State(app): State<App>,
    Path(id): Path<LeadId>,
    Json(body): Json<ContactData>,
) -> Result<Json<LeadView>, Problem> {
    let lead = taken(&can, id).await?;
    can.trail.object("contact", &lead.contact_id);
    let tx = can.db.write().await?;
    let sql = "SELECT name, remark, fields FROM contacts WHERE tenant_id = $1 AND id = $2";
    let row =
        tx.query_one_raw(can.db.sql(sql, [lead.contact_id.clone().into()])).await?.ok_or_else(Problem::not_found)?;
    let mut name: String = row.try_get("", "name")?;
    let mut remark: String = row.try_get("", "remark")?;
    let fields: String = row.try_get("", "fields")?;
    let before = Completed::of(&name, &remark, &fields);
    if let Some(text) = body.name.filter(|text| touched(text, &name)) {
        name = contact_name(&text)?;
    }
    if let Some(text) = body.remark.filter(|text| touched(text, &remark)) {
        remark = contact_remark(text)?;
    }
    let fields = serde_json::json!(changed_fields(&fields, body.fields.unwrap_or_default())?).to_string();
    let after = Completed::of(&name, &remark, &fields);
    let values = [lead.contact_id.clone().into(), name.into(), remark.into(), fields.into(), app.now_ms().into()];
    let sql =
        "UPDATE contacts SET name = $3, remark = $4, fields = $5, updated_at = $6 WHERE tenant_id = $1 AND id = $2";
    tx.execute_raw(can.db.sql(sql, values)).await?;
    tx.commit().await?;
    can.trail.before(&before);
    can.trail.after(&after);
    Ok(Json(view(&can, id).await?))
}

/// What the log keeps of a contact's data, as the agent sees it.
#[derive(Serialize)]
struct Completed {
    name: String,
    remark: String,
    fields: serde_json::Map<String, serde_json::Value>,
}

impl Completed {
    fn of(name: &str, remark: &str, fields: &str) -> Self {
        Self { name: mask_digits(name), remark: mask_digits(remark), fields: contact_rules::shown_fields(fields) }
    }
}

/// A form sends back what it was shown, long runs of digits masked: such a text stays as it is stored.
fn touched(sent: &str, stored: &str) -> bool {
    sent.trim() != mask_digits(stored).trim()
}

/// As elsewhere, a contact without a name has an empty one.
fn contact_name(text: &str) -> Result<String, Problem> {
    let most = contact_rules::NAME_MOST;
    contact_rules::name(text).ok_or_else(|| Problem::field("text_too_long", "name").with("most", most))
}

/// Unlike elsewhere, its lines stay lines.
fn contact_remark(text: String) -> Result<String, Problem> {
    let most = contact_rules::TEXT_MOST;
    let fits = text.chars().count() <= most;
    fits.then_some(text).ok_or_else(|| Problem::field("text_too_long", "remark").with("most", most))
}

/// The `stored` custom fields with `changes` made. What stays as it was, an import may have brought: it is not judged.
fn changed_fields(
    stored: &str,
    changes: BTreeMap<String, String>,
) -> Result<BTreeMap<String, serde_json::Value>, Problem> {
    let mut fields: BTreeMap<String, serde_json::Value> = serde_json::from_str(stored).unwrap_or_default();
    let most = contact_rules::FIELDS_MOST.max(fields.len());
    for (key, value) in changes {
        let kept = fields.get(&key).and_then(serde_json::Value::as_str);
        if kept.is_some_and(|kept| !touched(&value, kept)) {
            continue;
        }
        if key.chars().count() > contact_rules::NAME_MOST || value.chars().count() > contact_rules::TEXT_MOST {
            return Err(Problem::field("text_too_long", "fields").with("most", contact_rules::TEXT_MOST));
        }
        if value.is_empty() {
            fields.remove(&key);
        } else {
            fields.insert(key, value.into());
        }
    }
    if fields.len() > most {
        return Err(Problem::field("too_many_fields", "fields").with("most", contact_rules::FIELDS_MOST));
    }
    Ok(fields)
}

#[derive(Serialize, ToSchema)]
pub struct FollowUpView {
    id: String,
    result: String,
    note: String,
    #[schema(value_type = FollowUpStatus)]
    status: String,
    next_at: Option<Time>,
    by: LeadNamed,
    created_at: Time,
}

impl FollowUpView {
    fn of(row: store::follow_ups::Model, by: String) -> Self {
        Self {
            id: row.id,
            result: mask_digits(&row.result),
            note: mask_digits(&row.note),
            status: row.status,
            next_at: row.next_at.map(Time),
            by: LeadNamed { id: row.user_id, name: by },
            created_at: Time(row.created_at),
        }
    }
}

/// The follow-ups of a lead, newest first
#[utoipa::path(get, path = "/v1/leads/{id}/follow-ups", tag = "leads", params(("id" = String, Path)),
    responses((status = 200, body = Page<FollowUpView>), (status = 404, body = ProblemBody)))]
pub async fn list_follow_ups(can: Can<LeadsRead>, Path(id): Path<LeadId>) -> Result<Json<Page<FollowUpView>>, Problem> {
    let lead = store::find(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    visible(&can.actor, lead.owner_id.as_deref())?;
    let rows = store::follow_ups_of(&can.db, id).await?;
    Ok(Json(Page::whole(rows.into_iter().map(|(row, by)| FollowUpView::of(row, by)).collect())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFollowUpBody {
    /// What came of it, in a few words
    result: String,
    #[serde(default)]
    note: String,
    status: FollowUpStatus,
    /// When to go on, for `following`
    #[schema(value_type = Option<String>)]
    next_at: Option<Time>,
}

/// Add a follow-up to an own accepted lead
#[utoipa::path(post, path = "/v1/leads/{id}/follow-ups", tag = "leads", params(("id" = String, Path)),
    request_body = NewFollowUpBody,
    responses((status = 201, body = FollowUpView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn add_follow_up(
    can: Can<LeadsWork>,
    State(app): State<App>,
    Path(id): Path<LeadId>,
    Json(body): Json<NewFollowUpBody>,
) -> Result<(StatusCode, Json<FollowUpView>), Problem> {
    let lead = taken(&can, id).await?;
    let (result, note) = (body.result.trim().to_owned(), body.note.trim().to_owned());
    if result.is_empty() || result.chars().count() > 100 {
        return Err(Problem::field("follow_up_result", "result").with("most", 100));
    }
    if note.chars().count() > 2000 {
        return Err(Problem::field("text_too_long", "note").with("most", 2000));
    }
    let next_at = body.next_at.map(|time| time.0).filter(|_| body.status == FollowUpStatus::Following);
    if next_at.is_some_and(|at| at <= app.now_ms()) {
        return Err(Problem::field("follow_up_in_the_past", "next_at"));
    }
    if next_at.is_some_and(|at| at > app.now_ms() + rules::FOLLOW_UP_MOST_MS) {
        return Err(Problem::field("follow_up_too_far", "next_at"));
    }
    let tx = can.db.write().await?;
    let new = store::NewFollowUp { result, note, status: body.status, next_at };
    let row = store::add_follow_up(&app, &can.db, &tx, &lead, can.actor.user_id, new).await?;
    let row = row.ok_or_else(|| Problem::conflict("lead_not_accepted"))?;
    tx.commit().await?;
    changed(&app, &can, id, body.status.lead());
    let view = FollowUpView::of(row, can.actor.name.clone());
    can.trail.object("lead", id);
    can.trail.after(&view);
    Ok((StatusCode::CREATED, Json(view)))
}

fn changed<P: Permission>(app: &App, can: &Can<P>, lead_id: LeadId, status: LeadStatus) {
    let user_id = Some(can.actor.user_id);
    let status = status.as_str().to_owned();
    app.events.publish(can.actor.tenant_id, Event::LeadChanged { lead_id, user_id, status });
}
