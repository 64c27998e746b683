//! The contact card: everything that is known of one contact on one page.

use std::collections::BTreeMap;

use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use shared_proto::ids::ContactId;
use shared_proto::masking::mask_digits;
use utoipa::ToSchema;

use super::views::{self, Contact, LabelRef};
use super::{Named, store};
use crate::features::identity::Can;
use crate::features::identity::permissions::ContactsRead;
use crate::features::labels::store as labels;
use crate::features::trunks::store::IS_REHEARSAL;
use crate::tenant_db::TenantDb;
use crate::web::extract::{Json, Path};
use crate::web::page::Time;
use crate::web::problem::{Problem, ProblemBody};

const CALLS: usize = 20;
const FOLLOW_UPS: usize = 50;

#[derive(Serialize, ToSchema)]
pub struct ContactCard {
    #[serde(flatten)]
    contact: Contact,
    /// The last twenty, newest first.
    calls: Vec<CardCall>,
    /// How the label changed, newest first.
    labels: Vec<CardLabel>,
    follow_ups: Vec<CardFollowUp>,
    /// Newest first.
    campaigns: Vec<CardCampaign>,
}

#[derive(Serialize, ToSchema)]
struct CardCall {
    id: String,
    campaign: Option<Named>,
    /// A simulated customer spoke, not this contact.
    rehearsal: bool,
    number: String,
    disposition: String,
    cause: String,
    side: String,
    label: Option<LabelRef>,
    dialed_at: Time,
    answered_at: Option<Time>,
    ended_at: Time,
    talk_ms: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct CardLabel {
    label: LabelRef,
    at: Time,
    call_id: String,
}

#[derive(Serialize, ToSchema)]
struct CardFollowUp {
    id: String,
    result: String,
    note: String,
    /// `following`, `won` or `dropped`
    status: String,
    next_at: Option<Time>,
    by: Option<Named>,
    created_at: Time,
}

#[derive(Serialize, ToSchema)]
struct CardCampaign {
    id: String,
    name: String,
    state: String,
}

/// Read a contact's card
#[utoipa::path(get, path = "/v1/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ContactCard), (status = 404, body = ProblemBody)))]
pub async fn read_contact(can: Can<ContactsRead>, Path(id): Path<ContactId>) -> Result<Json<ContactCard>, Problem> {
    let row = store::find(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let contact = views::contacts(&can.db, vec![row]).await?.pop().ok_or_else(Problem::not_found)?;
    let names = labels::names(&can.db).await?;
    let calls = calls(&can.db, id, &names).await?;
    let changes = calls.iter().rev().filter_map(|call| Some((call.label.as_ref()?, call)));
    let mut labels: Vec<CardLabel> = Vec::new();
    for (label, call) in changes {
        if labels.last().is_none_or(|before| before.label.key != label.key) {
            labels.push(CardLabel { label: label.clone(), at: call.ended_at, call_id: call.id.clone() });
        }
    }
    labels.reverse();
    let follow_ups = follow_ups(&can.db, id).await?;
    let campaigns = campaigns(&can.db, id).await?;
    Ok(Json(ContactCard { contact, calls, labels, follow_ups, campaigns }))
}

async fn calls(db: &TenantDb, id: ContactId, names: &BTreeMap<String, String>) -> Result<Vec<CardCall>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        campaign_id: String,
        campaign: Option<String>,
        rehearsal: bool,
        number_masked: String,
        disposition: String,
        cause: String,
        side: String,
        label_key: Option<String>,
        dialed_at: i64,
        answered_at: Option<i64>,
        ended_at: i64,
        talk_ms: Option<i64>,
    }
    let sql = format!(
        "SELECT k.id, k.campaign_id, c.name AS campaign, {IS_REHEARSAL} AS rehearsal, \
         k.number_masked, k.disposition, k.cause, k.side, k.label_key, k.dialed_at, k.answered_at, k.ended_at, k.talk_ms FROM calls k \
         LEFT JOIN campaigns c ON c.tenant_id = $1 AND c.id = k.campaign_id \
         LEFT JOIN trunks t ON t.tenant_id = $1 AND t.id = k.trunk_id \
         WHERE k.tenant_id = $1 AND k.contact_id = $2 ORDER BY k.id DESC LIMIT {CALLS}"
    );
    let rows = Row::find_by_statement(db.sql(&sql, [id.to_string().into()])).all(db.read()).await?;
    let call = |row: Row| CardCall {
        campaign: row.campaign.map(|name| Named { id: row.campaign_id, name }),
        label: row.label_key.map(|key| LabelRef { name: names.get(&key).unwrap_or(&key).clone(), key }),
        id: row.id,
        rehearsal: row.rehearsal,
        number: row.number_masked,
        disposition: row.disposition,
        cause: row.cause,
        side: row.side,
        dialed_at: Time(row.dialed_at),
        answered_at: row.answered_at.map(Time),
        ended_at: Time(row.ended_at),
        talk_ms: row.talk_ms,
    };
    Ok(rows.into_iter().map(call).collect())
}

async fn follow_ups(db: &TenantDb, id: ContactId) -> Result<Vec<CardFollowUp>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        result: String,
        note: String,
        status: String,
        next_at: Option<i64>,
        user_id: String,
        user_name: Option<String>,
        created_at: i64,
    }
    let sql = format!(
        "SELECT f.id, f.result, f.note, f.status, f.next_at, f.user_id, u.name AS user_name, f.created_at \
         FROM follow_ups f LEFT JOIN users u ON u.tenant_id = $1 AND u.id = f.user_id \
         WHERE f.tenant_id = $1 AND f.contact_id = $2 ORDER BY f.id DESC LIMIT {FOLLOW_UPS}"
    );
    let rows = Row::find_by_statement(db.sql(&sql, [id.to_string().into()])).all(db.read()).await?;
    let follow_up = |row: Row| CardFollowUp {
        id: row.id,
        result: mask_digits(&row.result),
        note: mask_digits(&row.note),
        status: row.status,
        next_at: row.next_at.map(Time),
        by: row.user_name.map(|name| Named { id: row.user_id, name }),
        created_at: Time(row.created_at),
    };
    Ok(rows.into_iter().map(follow_up).collect())
}

async fn campaigns(db: &TenantDb, id: ContactId) -> Result<Vec<CardCampaign>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        name: String,
        state: String,
    }
    let sql = "SELECT c.id, c.name, c.state FROM campaign_contacts m \
               JOIN campaigns c ON c.tenant_id = $1 AND c.id = m.campaign_id \
               WHERE m.tenant_id = $1 AND m.contact_id = $2 AND c.deleted_at IS NULL ORDER BY c.id DESC LIMIT 50";
    let rows = Row::find_by_statement(db.sql(sql, [id.to_string().into()])).all(db.read()).await?;
    Ok(rows.into_iter().map(|Row { id, name, state }| CardCampaign { id, name, state }).collect())
}
