//! Handlers for what belongs to one campaign: its contacts, its live calls, its log.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared_proto::events::CallState;
use shared_proto::ids::{CallId, CampaignId};
use shared_proto::wire::Turn;
use utoipa::{IntoParams, ToSchema};

use super::members::{self, Listed};
use super::rules::ContactState;
use super::store;
use crate::app::App;
use crate::features::contacts::imports::rules::mask_digits;
use crate::features::identity::Can;
use crate::features::identity::permissions::CampaignsRead;
use crate::web::extract::{Json, Path, Query};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};

#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignContactView {
    pub contact: MemberContact,
    pub state: String,
    /// What holds the contact back, or last sent its job back.
    pub gate: Option<String>,
    /// INVITEs sent.
    pub attempts: u64,
    /// When it is looked at next, where it waits.
    pub next_at: Option<Time>,
    pub disposition: Option<String>,
    pub label: Option<MemberLabel>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MemberContact {
    pub id: String,
    pub name: String,
    /// Masked.
    pub number: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MemberLabel {
    pub key: String,
    pub name: String,
}

fn contact_view(row: Listed) -> CampaignContactView {
    let waits = matches!(row.state.as_str(), "pending" | "retry_wait");
    CampaignContactView {
        contact: MemberContact {
            id: row.contact_id,
            name: mask_digits(&row.name.unwrap_or_default()),
            number: row.number_masked.unwrap_or_default(),
        },
        state: row.state,
        gate: row.gate,
        attempts: row.attempts.unsigned_abs(),
        next_at: waits.then_some(Time(row.next_at)),
        disposition: row.disposition,
        label: row.label_key.map(|key| MemberLabel { name: row.label_name.unwrap_or_else(|| key.clone()), key }),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StateQuery {
    /// Only contacts in this state.
    #[param(inline)]
    state: Option<ContactState>,
}

/// List the contacts of a campaign
#[utoipa::path(get, path = "/v1/campaigns/{id}/contacts", tag = "campaigns",
    params(("id" = String, Path), StateQuery, PageQuery),
    responses((status = 200, body = Page<CampaignContactView>), (status = 404, body = ProblemBody)))]
pub async fn list_campaign_contacts(
    can: Can<CampaignsRead>,
    Path(id): Path<CampaignId>,
    Query(query): Query<StateQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<CampaignContactView>>, Problem> {
    store::campaign(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let rows = members::list(&can.db, id, query.state, page.after()?, page.limit() + 1).await?;
    Ok(Json(Page::cut(rows, page.limit(), |row| row.contact_id.clone(), contact_view)))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LiveCallView {
    pub call_id: String,
    pub contact_id: String,
    pub contact_name: String,
    /// Masked.
    pub number: String,
    /// `dialing`, `ringing` or `in_call`
    #[schema(value_type = String)]
    pub state: CallState,
    pub since: Time,
    /// The last thing said.
    #[schema(value_type = Option<Object>)]
    pub last_turn: Option<Turn>,
    /// Everything said so far.
    #[schema(value_type = Vec<Object>)]
    pub turns: Vec<Turn>,
    /// What the customer seems to be saying.
    pub hearing: Option<String>,
    /// What the bot is saying.
    pub saying: Option<String>,
}

/// The calls of a campaign that are up right now
#[utoipa::path(get, path = "/v1/campaigns/{id}/live", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Page<LiveCallView>), (status = 404, body = ProblemBody)))]
pub async fn list_live_calls(
    can: Can<CampaignsRead>,
    State(app): State<App>,
    Path(id): Path<CampaignId>,
) -> Result<Json<Page<LiveCallView>>, Problem> {
    store::campaign(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let calls = app.live.of(id).into_iter().map(|(attempt, call)| LiveCallView {
        call_id: CallId::from(attempt).to_string(),
        contact_id: call.contact.to_string(),
        contact_name: call.contact_name,
        number: call.number,
        state: call.state,
        since: Time(call.since),
        last_turn: call.turns.last().cloned(),
        turns: call.turns,
        hearing: call.hearing,
        saying: call.saying,
    });
    Ok(Json(Page::whole(calls.collect())))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LogView {
    pub at: Time,
    pub event: String,
    pub user: Option<LogUser>,
    #[schema(value_type = Object)]
    pub params: Value,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LogUser {
    pub id: String,
    pub name: String,
}

/// Who did what with a campaign, newest first
#[utoipa::path(get, path = "/v1/campaigns/{id}/log", tag = "campaigns", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = Page<LogView>), (status = 404, body = ProblemBody)))]
pub async fn show_campaign_log(
    can: Can<CampaignsRead>,
    Path(id): Path<CampaignId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<LogView>>, Problem> {
    store::campaign(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let rows = store::log_page(&can.db, &id.to_string(), page.after()?, page.limit() + 1).await?;
    let item = |line: store::LogLine| LogView {
        at: Time(line.at),
        event: line.event,
        user: line.user_id.map(|id| LogUser { id, name: line.user_name.unwrap_or_default() }),
        params: serde_json::from_str(&line.params).unwrap_or_default(),
    };
    Ok(Json(Page::cut(rows, page.limit(), |line| line.id.clone(), item)))
}
