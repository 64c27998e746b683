//! A contact as people see it: masked, with its groups and where it stands.

use std::collections::HashMap;

use sea_orm::{DbErr, FromQueryResult, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::Named;
use super::blacklist::store as blacklist;
use super::groups::store as groups;
use super::imports::rules::mask_digits;
use super::rules;
use super::store::{HELD, HOLDING, IN_CALL, Model};
use crate::features::campaigns::planner::Carrier;
use crate::features::labels::store as labels;
use crate::tenant_db::TenantDb;
use crate::web::page::Time;

/// What `call_status` may be.
pub const CALL_STATUSES: [&str; 7] = ["never", "waiting", "in_call", "answered", "not_connected", "invalid", "blocked"];

#[derive(Serialize, ToSchema)]
pub struct Contact {
    pub id: String,
    pub name: String,
    /// Masked, as in `138****1234`.
    pub number: String,
    pub number_type: String,
    pub province: Option<String>,
    pub city: Option<String>,
    pub carrier: Option<String>,
    /// IANA zone whose calling hours hold; null blocks dialling.
    pub zone: Option<String>,
    pub remark: String,
    #[schema(value_type = HashMap<String, String>)]
    pub fields: Map<String, Json>,
    pub groups: Vec<Named>,
    /// `waiting` or `in_call` where a campaign has the contact now; else how its last call ended: `answered`,
    /// `not_connected` or `invalid`; without any, `blocked` where the blacklist has its number, and `never`
    pub call_status: String,
    pub label: Option<LabelRef>,
    pub last_call_at: Option<Time>,
    pub archived: bool,
    /// The number was once found dead.
    pub dead: bool,
    pub blacklisted: bool,
    pub created_at: Time,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LabelRef {
    pub key: String,
    pub name: String,
}

/// The contacts of one page with what hangs on them, in a fixed number of queries.
pub async fn contacts(db: &TenantDb, rows: Vec<Model>) -> Result<Vec<Contact>, DbErr> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut groups = groups::of_contacts(db, &ids).await?;
    let blocked =
        blacklist::blacklisted_of(db, db.read(), Carrier::Sip, rows.iter().map(|row| row.number_blind.clone())).await?;
    let labels = labels::names(db).await?;
    let live = live_states(db, &ids).await?;
    let view = |row: Model| {
        let call_status = match live.get(&row.id) {
            Some(state) => (*state).to_owned(),
            None if row.status == "never" && blocked.contains(&row.number_blind) => "blocked".to_owned(),
            None => row.status,
        };
        Contact {
            groups: groups.remove(&row.id).unwrap_or_default(),
            blacklisted: blocked.contains(&row.number_blind),
            label: row.label_key.map(|key| LabelRef { name: labels.get(&key).unwrap_or(&key).clone(), key }),
            id: row.id,
            name: mask_digits(&row.name),
            number: row.number_masked,
            number_type: row.number_type,
            province: row.province,
            city: row.city,
            carrier: row.carrier,
            zone: row.zone,
            remark: mask_digits(&row.remark),
            fields: rules::shown_fields(&row.fields),
            call_status,
            last_call_at: row.last_call_at.map(Time),
            archived: row.archived_at.is_some(),
            dead: row.dead_at.is_some(),
            created_at: Time(row.created_at),
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Contacts that a campaign holds right now: in a call, or waiting for one.
async fn live_states(db: &TenantDb, ids: &[String]) -> Result<HashMap<String, &'static str>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        contact_id: String,
        status: String,
    }
    let mut found = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let places: Vec<String> = (2..ids.len() + 2).map(|place| format!("${place}")).collect();
    // The order of a cross join is kept: from each contact to its campaigns, never through all of a campaign.
    let sql = format!(
        "SELECT m.contact_id, CASE WHEN {IN_CALL} THEN 'in_call' ELSE 'waiting' END AS status \
         FROM campaign_contacts m CROSS JOIN campaigns k WHERE m.tenant_id = $1 AND m.contact_id IN ({}) AND {HELD} \
         AND k.tenant_id = $1 AND k.id = m.campaign_id AND {HOLDING}",
        places.join(",")
    );
    let values = ids.iter().map(|id| Value::from(id.as_str()));
    for row in Row::find_by_statement(db.sql(&sql, values)).all(db.read()).await? {
        let status = if row.status == "in_call" { "in_call" } else { "waiting" };
        let known = found.entry(row.contact_id).or_insert(status);
        if status == "in_call" {
            *known = status;
        }
    }
    Ok(found)
}
