//! Handlers for trying a flow out in text, with the interpreter that runs on the phone, and for what a flow can
//! be made of: voices and built-in intents.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::HeaderMap;
use dialogue::Understanding;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared_proto::flow::{Flow, VOICES};
use shared_proto::ids::ScriptId;
use utoipa::ToSchema;

use super::http::flow_of_body;
use super::publishing::{language, version_of};
use super::rules::{LONGEST_LINE, MOST_LINES};
use super::store;
use crate::features::identity::Can;
use crate::features::identity::permissions::{ScriptsManage, ScriptsRead};
use crate::features::labels;
use crate::web::extract::{Json, Path};
use crate::web::page::Page;
use crate::web::problem::{Problem, ProblemBody};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryScript {
    /// A published version; left out with `flow`: the draft.
    version_id: Option<String>,
    /// A flow that is being edited.
    #[schema(value_type = Option<Flow>)]
    flow: Option<Value>,
    /// A contact's values.
    #[serde(default)]
    variables: BTreeMap<String, String>,
    /// What the contact has said so far; an empty line is silence.
    #[serde(default)]
    lines: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Tried {
    turns: Vec<TriedTurn>,
    /// The bot hangs up here.
    ended: bool,
    /// The label if the contact hung up now.
    label: Option<TriedLabel>,
    /// Values taken from the contact's words.
    slots: BTreeMap<String, String>,
    /// The contact asked for no more calls: the number would be blacklisted.
    opted_out: bool,
}

#[derive(Serialize, ToSchema)]
struct TriedTurn {
    /// `bot` or `customer`
    who: &'static str,
    text: String,
    /// Key of what the contact meant; null where nothing was understood.
    intent: Option<String>,
    intent_name: Option<String>,
    /// Key of the node that spoke.
    node: Option<String>,
    /// Why the words were understood so.
    why: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct TriedLabel {
    key: String,
    name: String,
    rule: String,
    quote: Option<String>,
}

/// Talk to a script in text: send all lines so far, get the whole conversation
#[utoipa::path(post, path = "/v1/scripts/{id}/try", tag = "scripts", params(("id" = String, Path)), request_body = TryScript,
    responses((status = 200, body = Tried), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn try_script(
    can: Can<ScriptsManage>,
    Path(id): Path<ScriptId>,
    headers: HeaderMap,
    Json(body): Json<TryScript>,
) -> Result<Json<Tried>, Problem> {
    if body.lines.len() > MOST_LINES || body.lines.iter().any(|line| line.chars().count() > LONGEST_LINE) {
        let refused = Problem::field("lines_too_long", "lines");
        return Err(refused.with("lines", MOST_LINES).with("signs", LONGEST_LINE));
    }
    let script = store::script(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let flow = match (&body.version_id, &body.flow) {
        (Some(version), _) => {
            let version = version.parse().map_err(|_| Problem::not_found())?;
            store::parsed(&version_of(&can.db, id, version).await?.flow)?
        }
        (None, Some(flow)) => flow_of_body(flow)?,
        (None, None) => store::parsed(&script.draft)?,
    };
    let tried = dialogue::try_out(Arc::new(flow), body.variables, &body.lines);
    let names = labels::store::names(&can.db).await?;
    let label = tried.label.map(|label| TriedLabel {
        name: names.get(&label.key).cloned().unwrap_or_else(|| label.key.clone()),
        key: label.key,
        rule: label.rule,
        quote: label.quote,
    });
    let language = language(&headers);
    let why = |meant: &Understanding| {
        let also: Vec<&str> = meant.also.iter().map(|also| also.name.as_str()).collect();
        let words = [("matched", &meant.matched), ("phrase", &meant.phrase), ("also", &also.join("、"))];
        let params: Map<String, Value> =
            words.into_iter().map(|(key, value)| (key.to_owned(), Value::String(value.clone()))).collect();
        let key = match (meant.phrase.is_empty(), meant.also.is_empty()) {
            (true, _) => "value",
            (false, true) => "phrase",
            (false, false) => "phrase_and_more",
        };
        language.text("understood", key, &params)
    };
    let turns = tried.turns.into_iter().map(|turn| match turn {
        dialogue::Tried::Bot { text, node } => {
            TriedTurn { who: "bot", text, intent: None, intent_name: None, node: Some(node), why: None }
        }
        dialogue::Tried::Contact { text, understood } => TriedTurn {
            who: "customer",
            text,
            why: understood.as_ref().map(why),
            intent: understood.as_ref().map(|meant| meant.intent.clone()),
            intent_name: understood.map(|meant| meant.name),
            node: None,
        },
    });
    let turns = turns.collect();
    Ok(Json(Tried { turns, ended: tried.ended, label, slots: tried.slots, opted_out: tried.opted_out }))
}

#[derive(Serialize, ToSchema)]
pub struct VoiceView {
    key: &'static str,
    name: String,
    language: &'static str,
}

/// The voices a script can choose
#[utoipa::path(get, path = "/v1/voices", tag = "scripts", responses((status = 200, body = Page<VoiceView>)))]
pub async fn list_voices(_can: Can<ScriptsRead>, headers: HeaderMap) -> Json<Page<VoiceView>> {
    let texts = language(&headers);
    let view = |(key, language): &(&'static str, &'static str)| VoiceView {
        key,
        name: texts.text("voice", key, &Map::new()),
        language,
    };
    Json(Page::whole(VOICES.iter().map(view).collect()))
}

#[derive(Serialize, ToSchema)]
pub struct IntentView {
    key: &'static str,
    name: &'static str,
    /// Some of the phrases it is known by.
    examples: Vec<&'static str>,
    /// It ends every call that holds it, whatever the flow says.
    reserved: bool,
}

/// The intents every flow understands without phrases of its own
#[utoipa::path(get, path = "/v1/intents", tag = "scripts", responses((status = 200, body = Page<IntentView>)))]
pub async fn list_intents(_can: Can<ScriptsRead>) -> Json<Page<IntentView>> {
    let plain = |phrase: &&&'static str| !phrase.contains(['*', '[', '^', '$']);
    let view = |intent: &dialogue::Builtin| IntentView {
        key: intent.key,
        name: intent.name,
        examples: intent.phrases.iter().filter(plain).take(6).copied().collect(),
        reserved: intent.meaning == dialogue::Meaning::OptOut,
    };
    Json(Page::whole(dialogue::builtins().iter().map(view).collect()))
}
