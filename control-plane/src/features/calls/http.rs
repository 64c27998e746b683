//! Handlers for kept calls: search and detail. Who may not see people sees calls without them.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared_proto::ids::CallId;
use shared_proto::outcome::Disposition;
use shared_proto::phone::Phone;
use shared_proto::wire::Turn;
use utoipa::{IntoParams, ToSchema};

use super::rules::{self, ResponseSummary};
use super::store::{self, CallRow, Search};
use crate::app::App;
use crate::features::contacts::imports::rules::mask_digits;
use crate::features::contacts::{Named, number_search};
use crate::features::identity::permissions::{CallsRead, Scope};
use crate::features::identity::{Actor, Can};
use crate::features::{labels, scripts};
use crate::web::extract::{Json, Path, Query};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::refusal;

/// What the whole call meant, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallLabel {
    pub key: String,
    pub name: String,
    pub rule: String,
    pub quote: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RecordingView {
    /// `pending`, `ready`, `lost` or `none`
    pub state: String,
    pub duration_ms: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CallView {
    pub id: String,
    pub campaign: Named,
    pub contact: Named,
    /// Masked.
    pub number: String,
    pub trunk: Named,
    /// A simulated customer spoke, not this contact.
    pub rehearsal: bool,
    pub disposition: String,
    pub cause: String,
    pub side: String,
    pub sip_code: Option<i64>,
    pub label: Option<CallLabel>,
    pub dialed_at: Time,
    pub ringing_at: Option<Time>,
    pub answered_at: Option<Time>,
    pub ended_at: Time,
    pub ring_ms: Option<i64>,
    pub talk_ms: Option<i64>,
    pub recording: RecordingView,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ScriptOfCall {
    pub id: String,
    pub name: String,
    pub version_id: String,
    pub version: i64,
}

/// The shape of one party's go, as the edge reports it (`shared_proto::wire::Turn`).
#[derive(ToSchema)]
#[schema(as = Turn)]
#[expect(dead_code, reason = "it only describes a body that the wire crate serialises")]
pub struct TurnBody {
    /// `bot` or `customer`.
    who: String,
    /// Of the bot: what the customer really heard of it.
    text: String,
    start_ms: u64,
    end_ms: u64,
    /// Answers of the bot: from the customer's last voiced sample to the first RTP packet of this go.
    response_ms: Option<u64>,
    waterfall: Option<WaterfallBody>,
    /// Of a customer: the intent understood.
    intent: Option<String>,
    /// The node of the flow that heard or spoke it.
    node: Option<String>,
    /// The customer cut the bot off.
    interrupted: bool,
}

/// Where a response time went; the parts add up to it.
#[derive(ToSchema)]
#[schema(as = Waterfall)]
#[expect(dead_code, reason = "it only describes a body that the wire crate serialises")]
pub struct WaterfallBody {
    endpoint_ms: u64,
    asr_ms: u64,
    dialogue_ms: u64,
    tts_ms: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CallDetail {
    #[serde(flatten)]
    pub call: CallView,
    /// Times are milliseconds since the answer.
    #[schema(value_type = Vec<TurnBody>)]
    pub turns: Vec<Turn>,
    pub script: Option<ScriptOfCall>,
    /// How quickly the bot answered.
    pub response_ms: Option<ResponseSummary>,
    /// The checks passed before INVITE, and what each said.
    #[schema(value_type = Vec<Object>)]
    pub gates: Value,
    #[schema(value_type = Object)]
    pub slots: Value,
}

pub fn view(row: &CallRow, actor: &Actor) -> CallView {
    let people = actor.role.sees_people();
    let or_hidden = |text: Option<String>| text.filter(|_| people).unwrap_or_default();
    let quote = row.label_quote.clone();
    let label = row.label_key.clone().map(|key| CallLabel {
        name: row.label_name.clone().unwrap_or_else(|| key.clone()),
        key,
        rule: row.label_rule.clone().unwrap_or_default(),
        quote: quote.map(|quote| shown(row, people, &quote)),
    });
    CallView {
        id: row.id.clone(),
        campaign: Named {
            id: if people { row.campaign_id.clone() } else { String::new() },
            name: or_hidden(row.campaign_name.clone()),
        },
        contact: Named {
            id: if people { row.contact_id.clone() } else { String::new() },
            name: or_hidden(row.contact_name.as_deref().map(mask_digits)),
        },
        number: or_hidden(Some(row.number_masked.clone())),
        trunk: Named {
            id: if people { row.trunk_id.clone() } else { String::new() },
            name: or_hidden(row.trunk_name.clone()),
        },
        rehearsal: row.rehearsal,
        disposition: row.disposition.clone(),
        cause: row.cause.clone(),
        side: row.side.clone(),
        sip_code: row.sip_code,
        label,
        dialed_at: Time(row.dialed_at),
        ringing_at: row.ringing_at.map(Time),
        answered_at: row.answered_at.map(Time),
        ended_at: Time(row.ended_at),
        ring_ms: row.ring_ms,
        talk_ms: row.talk_ms,
        recording: RecordingView { state: row.recording_state.clone(), duration_ms: row.recording_ms },
    }
}

/// What was said, without numbers; and for who may not know the contact without its name, which the bot says.
fn shown(row: &CallRow, people: bool, text: &str) -> String {
    if people {
        return rules::without_numbers(text);
    }
    let names = [&row.spoken_name, &row.contact_name].into_iter().flatten().map(|name| name.trim());
    names.filter(|name| !name.is_empty()).fold(rules::without_digits(text), |text, name| text.replace(name, "***"))
}

/// Agents see the calls of their accepted leads, and the one call that an offer is about.
pub(super) fn of_agent(actor: &Actor) -> Option<String> {
    (actor.role.scope() == Scope::Own).then(|| actor.user_id.to_string())
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallQuery {
    campaign_id: Option<String>,
    contact_id: Option<String>,
    /// A whole number, or its last four digits.
    number: Option<String>,
    /// A label's key
    label: Option<String>,
    /// As in `disposition` of a call
    disposition: Option<String>,
    /// Dialled at or after (RFC 3339).
    from: Option<String>,
    /// Dialled before (RFC 3339).
    to: Option<String>,
}

/// Search calls
#[utoipa::path(get, path = "/v1/calls", tag = "calls", params(CallQuery, PageQuery),
    responses((status = 200, body = Page<CallView>), (status = 400, body = ProblemBody), (status = 429, body = ProblemBody)))]
pub async fn list_calls(
    can: Can<CallsRead>,
    State(app): State<App>,
    Query(query): Query<CallQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<CallView>>, Problem> {
    let time = |text: Option<String>, field: &str| match text.filter(|text| !text.is_empty()) {
        Some(text) => Time::parse(&text)
            .map(|time| Some(time.0))
            .ok_or_else(|| Problem::bad_request("query_invalid").with("field", field)),
        None => Ok(None),
    };
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let mut search = Search {
        campaign: given(query.campaign_id),
        contact: given(query.contact_id),
        label: labels::known(&can.db, query.label).await?,
        disposition: refusal::one_of("disposition", query.disposition, &Disposition::ALL.map(Disposition::as_str))?,
        from: time(query.from, "from")?,
        to: time(query.to, "to")?,
        of_agent: of_agent(&can.actor),
        below: page.after()?,
        ..Default::default()
    };
    if let Some(number) = given(query.number) {
        if !can.actor.role.sees_people() {
            // Who may not know whose a call was finds none by it.
            return Ok(Json(Page::whole(Vec::new())));
        }
        let number = number.trim();
        if number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit()) {
            search.number_tail = Some(number.to_owned());
        } else if let Ok(phone) = Phone::parse(number) {
            number_search::count(&app, &can, &phone).await?;
            search.number_blind = Some(app.keys.sealer(can.db.tenant()).await?.blind(&phone));
        } else {
            // What is no number is nobody's.
            return Ok(Json(Page::whole(Vec::new())));
        }
    }
    let rows = store::search(&can.db, search, page.limit() + 1).await?;
    Ok(Json(Page::cut(rows, page.limit(), |row| row.id.clone(), |row| view(&row, &can.actor))))
}

/// One call with its transcript, its times and the checks it passed
#[utoipa::path(get, path = "/v1/calls/{id}", tag = "calls", params(("id" = String, Path)),
    responses((status = 200, body = CallDetail), (status = 404, body = ProblemBody)))]
pub async fn show_call(can: Can<CallsRead>, Path(id): Path<CallId>) -> Result<Json<CallDetail>, Problem> {
    let call = store::call(&can.db, &id.to_string(), of_agent(&can.actor)).await?.ok_or_else(Problem::not_found)?;
    let mut turns: Vec<Turn> = serde_json::from_str(&call.turns).unwrap_or_default();
    let response_ms = rules::response_summary(&turns);
    let people = can.actor.role.sees_people();
    for turn in &mut turns {
        turn.text = shown(&call.row, people, &turn.text);
    }
    let script = script_of(&can, &call.version_id).await?;
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    Ok(Json(CallDetail {
        call: view(&call.row, &can.actor),
        turns,
        script,
        response_ms,
        gates: json(&call.gates).get("gates").cloned().unwrap_or_default(),
        slots: if people { without_numbers(json(&call.slots)) } else { Value::Object(Default::default()) },
    }))
}

/// What a customer said into a slot may be a number too.
fn without_numbers(slots: Value) -> Value {
    match slots {
        Value::String(text) => Value::String(rules::without_numbers(&text)),
        Value::Object(slots) => {
            Value::Object(slots.into_iter().map(|(name, value)| (name, without_numbers(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_numbers).collect()),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
    }
}

/// The script and the version of it that was said.
async fn script_of(can: &Can<CallsRead>, version: &str) -> Result<Option<ScriptOfCall>, Problem> {
    let Ok(version) = version.parse() else { return Ok(None) };
    let Some(version) = scripts::store::version(&can.db, version).await? else { return Ok(None) };
    let script = match version.script_id.parse() {
        Ok(script) => scripts::store::script(&can.db, script).await?,
        Err(_) => None,
    };
    Ok(Some(ScriptOfCall {
        id: version.script_id,
        name: script.map(|script| script.name).unwrap_or_default(),
        version_id: version.id,
        version: version.number,
    }))
}
