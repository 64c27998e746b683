//! The flow: one script version's conversation as data, a graph of nodes by key plus what holds everywhere
//! (FAQ, objections, silence, opt-out, limits, label rules). It decides nothing: crate `dialogue` runs and checks it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The schema version this code reads and writes.
pub const SCHEMA: u32 = 1;

/// The slowest and fastest speech a listener follows comfortably.
pub const SPEED: std::ops::RangeInclusive<f32> = 0.7..=1.3;
/// Loudness relative to the voice's own; above this a G.711 line clips.
pub const VOLUME: std::ops::RangeInclusive<f32> = 0.3..=1.5;

/// The voices there are: key and language. An edge without the voice speaks with the one it has.
pub const VOICES: &[(&str, &str)] = &[("baker", "zh-CN")];

/// Conversation of one script version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    pub schema: u32,
    /// Key of the node that opens the call.
    pub start: String,
    pub nodes: Vec<Node>,
    #[serde(default)]
    pub faq: Vec<Faq>,
    #[serde(default)]
    pub objections: Vec<Objection>,
    #[serde(default)]
    pub intents: Vec<Intent>,
    #[serde(default)]
    pub variables: Vec<Variable>,
    /// What silence does wherever a node has no rule of its own.
    pub silence: Patience,
    /// What an utterance nobody understood does wherever a node has no rule of its own.
    pub not_understood: Patience,
    /// Opting out always ends the call and blocks the number; only the words of the reply are free.
    pub opt_out: OptOut,
    pub limits: Limits,
    #[serde(default)]
    pub voice: Voice,
    /// Tried in order; the first rule whose conditions all hold names the call's label.
    #[serde(default)]
    pub labels: Vec<LabelRule>,
}

/// One place in the conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = flow::Node)]
pub enum Node {
    /// The first words of the call; otherwise a question.
    Opening(Question),
    /// Says something and goes on at once.
    Statement(Statement),
    /// Says something, listens, and branches on what was meant.
    Question(Question),
    /// The last words; the bot hangs up after them.
    Closing(Closing),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Statement)]
pub struct Statement {
    pub key: String,
    #[serde(default)]
    pub name: String,
    pub text: String,
    #[serde(default = "yes")]
    pub interruptible: bool,
    /// These words promise that a human will get in touch.
    #[serde(default)]
    pub handover: bool,
    pub next: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Question)]
pub struct Question {
    pub key: String,
    #[serde(default)]
    pub name: String,
    pub text: String,
    /// A shorter form for coming back to the question; the whole text where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
    #[serde(default = "yes")]
    pub interruptible: bool,
    /// How long to wait for the contact; `limits.wait_ms` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u32>,
    #[serde(default)]
    pub branches: Vec<Branch>,
    /// Where to go when the contact said something that nothing here or in the global lists expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Patience>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_understood: Option<Patience>,
    /// The value this question asks for; an answer that holds one satisfies the branch on intent `slot`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Closing)]
pub struct Closing {
    pub key: String,
    #[serde(default)]
    pub name: String,
    pub text: String,
    /// These words promise that a human will get in touch.
    #[serde(default)]
    pub handover: bool,
}

/// Any of `intents` leads to `next`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Branch)]
pub struct Branch {
    pub intents: Vec<String>,
    pub next: String,
}

/// A value wanted from the contact's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Slot)]
pub struct Slot {
    /// Under this name the value is kept with the call.
    pub name: String,
    pub kind: SlotKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = flow::SlotKind)]
pub enum SlotKind {
    Number,
    Amount,
    Time,
    YesNo,
}

/// A question contacts ask; the answer returns to where the flow was.
/// Its key is the intent that `phrases` mean; `intents` lists others that ask the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Faq)]
pub struct Faq {
    pub key: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub phrases: Vec<String>,
    #[serde(default)]
    pub intents: Vec<String>,
    /// Said the first time, the second time, …; the last one again after that.
    pub replies: Vec<String>,
    #[serde(default = "yes")]
    pub interruptible: bool,
}

/// A resistance: answered as many times as there are replies, returning to the flow each time, then `then`.
/// Without replies it is a jump.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Objection)]
pub struct Objection {
    pub key: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub phrases: Vec<String>,
    #[serde(default)]
    pub intents: Vec<String>,
    #[serde(default)]
    pub replies: Vec<String>,
    #[serde(default = "yes")]
    pub interruptible: bool,
    pub then: String,
}

/// What an utterance may mean. A built-in key adds phrases to the built-in intent.
/// In a phrase `*` stands for a few characters, `[甲|乙]` for either, `[甲|]` for an optional part,
/// `^` and `$` for the utterance's ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Intent)]
pub struct Intent {
    pub key: String,
    #[serde(default)]
    pub name: String,
    pub phrases: Vec<String>,
}

/// `{name}` in any text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Variable)]
pub struct Variable {
    pub name: String,
    /// Said where the contact has no value.
    #[serde(default)]
    pub fallback: String,
}

/// One reply per time in a row, then `then`. An empty reply repeats the question; so does `ask_again` after a reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Patience)]
pub struct Patience {
    pub replies: Vec<String>,
    #[serde(default)]
    pub ask_again: bool,
    pub then: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::OptOut)]
pub struct OptOut {
    pub reply: String,
    /// More words that mean it; the built-in ones always count.
    #[serde(default)]
    pub phrases: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Limits)]
pub struct Limits {
    /// The contact's goes, silences included.
    pub max_turns: u32,
    pub max_duration_s: u32,
    /// How long to wait for the contact where the node does not say.
    pub wait_ms: u32,
    /// The closing for a call that reaches a limit.
    pub goodbye: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::Voice)]
pub struct Voice {
    pub name: String,
    pub speed: f32,
    pub volume: f32,
}

/// All of `when` → `label`. An empty `when` always holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = flow::LabelRule)]
pub struct LabelRule {
    pub label: String,
    /// Why, in the words an agent reads; composed from the conditions where empty.
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub when: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = flow::Condition)]
pub enum Condition {
    /// One of `intents` was heard, at one of `nodes` if any are named.
    Heard {
        intents: Vec<String>,
        #[serde(default)]
        nodes: Vec<String>,
    },
    /// None of `intents` was heard.
    NotHeard {
        intents: Vec<String>,
    },
    /// The conversation came to one of `nodes`.
    Reached {
        nodes: Vec<String>,
    },
    PromisedHandover,
    OptedOut,
    /// The contact asked at least so many questions of the FAQ.
    Asked {
        at_least: u32,
    },
    /// The contact spoke at least so many times.
    Spoke {
        at_least: u32,
    },
    /// The contact never said a word.
    NeverSpoke,
    /// The contact spoke, and nothing of it was understood.
    UnderstoodNothing,
    /// The contact hung up before so many seconds had passed.
    HungUpWithin {
        seconds: u32,
    },
    /// A recording or an assistant answered.
    Machine,
}

/// Why a text is not a flow.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    #[error("not a flow: {0}")]
    Shape(#[from] serde_json::Error),
    #[error("flow schema {0} is not known here; known is {SCHEMA}")]
    Schema(u32),
}

impl Flow {
    /// Reads a flow strictly: unknown fields and unknown schema versions are refused.
    pub fn parse(json: &str) -> Result<Self, FlowError> {
        let flow: Self = serde_json::from_str(json)?;
        if flow.schema == SCHEMA { Ok(flow) } else { Err(FlowError::Schema(flow.schema)) }
    }

    pub fn node(&self, key: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.key() == key)
    }
}

impl Node {
    pub fn key(&self) -> &str {
        match self {
            Self::Opening(n) | Self::Question(n) => &n.key,
            Self::Statement(n) => &n.key,
            Self::Closing(n) => &n.key,
        }
    }

    /// The name people see; the key where none was given.
    pub fn name(&self) -> &str {
        let name = match self {
            Self::Opening(n) | Self::Question(n) => &n.name,
            Self::Statement(n) => &n.name,
            Self::Closing(n) => &n.name,
        };
        if name.is_empty() { self.key() } else { name }
    }

    pub fn text(&self) -> &str {
        match self {
            Self::Opening(n) | Self::Question(n) => &n.text,
            Self::Statement(n) => &n.text,
            Self::Closing(n) => &n.text,
        }
    }

    pub fn question(&self) -> Option<&Question> {
        match self {
            Self::Opening(n) | Self::Question(n) => Some(n),
            Self::Statement(_) | Self::Closing(_) => None,
        }
    }
}

impl Default for Voice {
    fn default() -> Self {
        Self { name: VOICES[0].0.into(), speed: 1.0, volume: 1.0 }
    }
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"{"schema":1,"start":"a","nodes":[
        {"kind":"opening","key":"a","text":"您好，请问您是{姓名}吗？","branches":[{"intents":["affirm"],"next":"b"}]},
        {"kind":"closing","key":"b","text":"再见。"}],
        "silence":{"replies":["您好，能听到吗？"],"then":"b"},"not_understood":{"replies":[""],"then":"b"},
        "opt_out":{"reply":"好的，不再打扰您。"},
        "limits":{"max_turns":10,"max_duration_s":120,"wait_ms":5000,"goodbye":"b"}}"#;

    #[test]
    fn a_flow_survives_writing_and_reading() {
        let flow = Flow::parse(SMALL).unwrap();
        let again = Flow::parse(&serde_json::to_string(&flow).unwrap()).unwrap();
        assert_eq!(again, flow);
        assert!(flow.node("a").unwrap().question().unwrap().interruptible);
    }

    #[test]
    fn an_unknown_field_is_refused_at_every_level() {
        let top = SMALL.replace("\"start\"", "\"color\":1,\"start\"");
        let node = SMALL.replace("\"kind\":\"closing\"", "\"kind\":\"closing\",\"color\":1");
        let branch = SMALL.replace("\"next\":\"b\"}]", "\"next\":\"b\",\"color\":1}]");
        for text in [top, node, branch] {
            assert!(matches!(Flow::parse(&text), Err(FlowError::Shape(_))), "{text}");
        }
    }

    #[test]
    fn a_later_schema_is_refused_by_number() {
        let text = SMALL.replace("\"schema\":1", "\"schema\":2");
        assert_eq!(Flow::parse(&text).unwrap_err().to_string(), "flow schema 2 is not known here; known is 1");
    }
}
