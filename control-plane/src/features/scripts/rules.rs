//! What a script may be called, what a new one begins with, and a try-out of a flow. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use dialogue::{Dialogue, LabelDecision, Script, Step, Then};
use shared_proto::flow::{Flow, FlowError};

/// Lines a try-out may have, and signs in a line.
pub const MOST_LINES: usize = 200;
pub const LONGEST_LINE: usize = 500;

/// What scripts are for.
pub const CATEGORIES: [&str; 6] = ["marketing", "revisit", "notice", "collection", "public", "other"];

pub fn name(text: &str) -> Option<String> {
    let text = text.trim();
    (1..=60).contains(&text.chars().count()).then(|| text.to_owned())
}

pub fn category(text: &str) -> Option<&'static str> {
    CATEGORIES.into_iter().find(|category| *category == text)
}

pub fn remark(text: &str) -> Option<String> {
    let text = text.trim();
    (text.chars().count() <= 500).then(|| text.to_owned())
}

/// The flow of a new script: whole enough to be published once its words are changed.
pub fn starter() -> Result<Flow, FlowError> {
    Flow::parse(include_str!("starter.json"))
}

/// A conversation in text, as far as the given lines carry it.
pub struct TryOut {
    pub turns: Vec<Turn>,
    pub ended: bool,
    /// The label if the contact hung up now.
    pub label: Option<LabelDecision>,
    pub slots: BTreeMap<String, String>,
    pub opted_out: bool,
}

pub enum Turn {
    Bot { text: String, node: String },
    Contact { text: String, intent: Option<Meant> },
}

pub struct Meant {
    pub intent: String,
    pub name: String,
    pub matched: String,
    pub phrase: String,
    pub also: Vec<String>,
}

/// An empty line is silence.
pub fn try_out(flow: Arc<Flow>, variables: BTreeMap<String, String>, lines: &[String]) -> TryOut {
    let (mut dialogue, step) = Dialogue::start(Script::new(flow.clone()), variables);
    let mut turns = Vec::new();
    let mut ended = said(&mut turns, &step);
    let mut silences = 0;
    for line in lines {
        if ended {
            break;
        }
        let silent = line.trim().is_empty();
        silences = if silent { silences + 1 } else { 0 };
        let step = if silent { dialogue.silent(silences) } else { dialogue.heard(line) };
        let intent = step.understood.as_ref().map(|understood| Meant {
            intent: understood.intent.clone(),
            name: understood.name.clone(),
            matched: understood.matched.clone(),
            phrase: understood.phrase.clone(),
            also: understood.also.iter().map(|also| also.name.clone()).collect(),
        });
        turns.push(Turn::Contact { text: line.trim().to_owned(), intent });
        ended = said(&mut turns, &step);
    }
    let mut facts = dialogue.facts();
    // About as long as the same words take on the phone.
    facts.contact_hung_up(turns.len() as u64 * 5_000);
    TryOut {
        label: dialogue::label(&flow.labels, &facts),
        opted_out: facts.opt_out.is_some(),
        slots: facts.slots,
        turns,
        ended,
    }
}

fn said(turns: &mut Vec<Turn>, step: &Step) -> bool {
    let text: String = step.say.iter().map(|prompt| prompt.text.as_str()).collect();
    if !text.is_empty() {
        turns.push(Turn::Bot { text, node: step.node.clone() });
    }
    step.then == Then::HangUp
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_script_has_nothing_wrong_but_its_words() {
        let labels = ["high", "low", "refused", "callback"];
        assert_eq!(dialogue::lint(&starter().unwrap(), &labels), []);
    }

    #[test]
    fn a_try_out_runs_the_lines_and_names_the_label() {
        let flow = Arc::new(starter().unwrap());
        let lines = ["喂你好", "可以啊", "好的"].map(str::to_owned);
        let tried = try_out(flow.clone(), BTreeMap::new(), &lines);
        assert!(tried.ended);
        assert_eq!(tried.label.unwrap().key, "high");
        let silent = try_out(flow, BTreeMap::new(), &["".to_owned()]);
        assert!(!silent.ended && silent.label.unwrap().key == "callback");
    }

    #[test]
    fn names_and_categories_are_parsed_at_the_door() {
        assert!(name(" ").is_none() && name(&"长".repeat(61)).is_none());
        assert_eq!(category("notice"), Some("notice"));
        assert_eq!(category("spam"), None);
    }
}
