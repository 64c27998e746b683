//! A conversation in text: a script editor's try-out, and what is known of a call that was cut off.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared_proto::flow::Flow;

use crate::{Dialogue, LabelDecision, Script, Step, Then, Understanding, label};

/// A conversation in text, as far as the given lines carry it.
pub struct TryOut {
    pub turns: Vec<Tried>,
    pub ended: bool,
    /// The label if the contact hung up now.
    pub label: Option<LabelDecision>,
    pub slots: BTreeMap<String, String>,
    pub opted_out: bool,
}

/// One turn of it.
pub enum Tried {
    Bot { text: String, node: String },
    Contact { text: String, understood: Option<Understanding> },
}

/// About as long as a turn takes on the phone.
const TURN_MS: u64 = 5_000;

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
        let mut step = if silent { dialogue.silent(silences) } else { dialogue.heard(line) };
        turns.push(Tried::Contact { text: line.trim().to_owned(), understood: step.understood.take() });
        ended = said(&mut turns, &step);
    }
    let mut facts = dialogue.facts();
    facts.contact_hung_up(turns.len() as u64 * TURN_MS);
    let label = label(&flow.labels, &facts);
    TryOut { label, opted_out: facts.opt_out.is_some(), slots: facts.slots, turns, ended }
}

fn said(turns: &mut Vec<Tried>, step: &Step) -> bool {
    let text: String = step.say.iter().map(|prompt| prompt.text.as_str()).collect();
    if !text.is_empty() {
        turns.push(Tried::Bot { text, node: step.node.clone() });
    }
    step.then == Then::HangUp
}
