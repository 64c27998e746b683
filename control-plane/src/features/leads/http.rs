//! Reading leads. An agent reads the own ones.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared_proto::ids::LeadId;
use utoipa::{IntoParams, ToSchema};

use super::rules::LeadStatus;
use super::store::{self, LeadRow};
use crate::features::calls::rules::without_numbers;
use crate::features::contacts;
use crate::features::contacts::imports::rules::mask_digits;
use crate::features::identity::permissions::{LeadsRead, Scope};
use crate::features::identity::{Actor, Can};
use crate::web::extract::{Json, Path, Query};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LeadQuery {
    #[param(inline)]
    status: Option<LeadStatus>,
    owner_id: Option<String>,
    campaign_id: Option<String>,
    contact_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct LeadView {
    id: String,
    contact: LeadContact,
    call_id: String,
    /// A simulated customer spoke, not this contact.
    rehearsal: bool,
    campaign: LeadNamed,
    label: LeadLabel,
    status: LeadStatus,
    owner: Option<LeadNamed>,
    /// While offered: accept before this.
    offered_until: Option<Time>,
    /// The next follow-up.
    next_at: Option<Time>,
    created_at: Time,
}

#[derive(Serialize, ToSchema)]
pub struct LeadContact {
    id: String,
    name: String,
    /// Masked.
    number: String,
    province: Option<String>,
    city: Option<String>,
    remark: String,
    #[schema(value_type = Object)]
    fields: Value,
}

#[derive(Serialize, ToSchema)]
pub struct LeadNamed {
    pub id: String,
    pub name: String,
}

/// Why it is a lead: the label, the rule that gave it, the customer's words.
#[derive(Serialize, ToSchema)]
pub struct LeadLabel {
    key: String,
    name: String,
    rule: String,
    quote: Option<String>,
}

impl From<LeadRow> for LeadView {
    fn from(row: LeadRow) -> Self {
        let owner = row.owner_id.map(|id| LeadNamed { id, name: row.owner_name.unwrap_or_default() });
        Self {
            id: row.id,
            contact: LeadContact {
                id: row.contact_id,
                name: mask_digits(&row.contact_name.unwrap_or_default()),
                number: row.number_masked.unwrap_or_default(),
                province: row.province,
                city: row.city,
                remark: mask_digits(&row.remark.unwrap_or_default()),
                fields: Value::Object(contacts::rules::shown_fields(&row.fields.unwrap_or_default())),
            },
            call_id: row.call_id,
            rehearsal: row.rehearsal,
            campaign: LeadNamed { id: row.campaign_id, name: row.campaign_name.unwrap_or_default() },
            label: LeadLabel {
                name: row.label_name.unwrap_or_else(|| row.label_key.clone()),
                key: row.label_key,
                rule: row.label_rule,
                quote: row.label_quote.map(|quote| without_numbers(&quote)),
            },
            status: LeadStatus::parse(&row.status).unwrap_or(LeadStatus::Waiting),
            owner,
            offered_until: row.offered_until.map(Time),
            next_at: row.next_at.map(Time),
            created_at: Time(row.created_at),
        }
    }
}

/// List leads, newest first; an agent's own
#[utoipa::path(get, path = "/v1/leads", tag = "leads", params(LeadQuery, PageQuery),
    responses((status = 200, body = Page<LeadView>)))]
pub async fn list_leads(
    can: Can<LeadsRead>,
    Query(query): Query<LeadQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<LeadView>>, Problem> {
    let owner = match can.actor.role.scope() {
        Scope::Own => Some(can.actor.user_id.to_string()),
        Scope::All => query.owner_id,
    };
    let search = store::Search { status: query.status, owner, campaign: query.campaign_id, contact: query.contact_id };
    let rows = store::search(&can.db, search, page.after()?, page.limit() + 1).await?;
    Ok(Json(Page::cut(rows, page.limit(), |row| row.id.clone(), LeadView::from)))
}

/// One lead; another agent's is not found
#[utoipa::path(get, path = "/v1/leads/{id}", tag = "leads", params(("id" = String, Path)),
    responses((status = 200, body = LeadView), (status = 404, body = ProblemBody)))]
pub async fn read_lead(can: Can<LeadsRead>, Path(id): Path<LeadId>) -> Result<Json<LeadView>, Problem> {
    let row = store::find_row(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    visible(&can.actor, row.owner_id.as_deref())?;
    Ok(Json(row.into()))
}

/// Not found, for a role that sees only its own, unless it is the owner.
pub fn visible(actor: &Actor, owner: Option<&str>) -> Result<(), Problem> {
    let own = owner == Some(actor.user_id.to_string().as_str());
    if own || actor.role.scope() == Scope::All { Ok(()) } else { Err(Problem::not_found()) }
}
