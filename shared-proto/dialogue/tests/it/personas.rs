//! What the synthetic customers say, taken as perfectly heard text through the loan offer: how often the label is the one
//! that an attentive listener would give. Only the phrasings for tuning are used here, the carrier's and those of three
//! strangers (`tests/phrasings`): those that are held out are for the bench of labels alone.

use crate::flows::{loan, values};
use dialogue::{Dialogue, Script, Then, label};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const PERSONAS: [&str; 4] = [
    include_str!("../../../../edge-gateway/carrier-sim/personas/interested.json"),
    include_str!("../../../../edge-gateway/carrier-sim/personas/questions.json"),
    include_str!("../../../../edge-gateway/carrier-sim/personas/refuses.json"),
    include_str!("../../../../edge-gateway/carrier-sim/personas/busy.json"),
];
/// Conversations with each persona.
const CALLS: usize = 120;
const MOST_GOES: usize = 12;

#[test]
fn what_may_be_tuned_on_is_labelled_as_a_listener_would() {
    let (recall, wrong) = measure(PERSONAS.map(str::to_owned));
    assert!(recall.values().all(|share| *share >= 0.95), "{recall:?}\n{}", wrong.join("\n"));
}

#[test]
fn what_strangers_say_is_mostly_labelled_as_a_listener_would() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/phrasings");
    for author in ["1", "2", "3"] {
        let read = |key| std::fs::read_to_string(folder.join(author).join(format!("{key}.json"))).unwrap();
        let (recall, wrong) = measure(["interested", "questions", "refuses", "busy"].map(read));
        assert!(recall.values().all(|share| *share >= 0.88), "{author}: {recall:?}\n{}", wrong.join("\n"));
    }
}

/// The share of right labels by true label, and some conversations that got another one.
fn measure(personas: [String; 4]) -> (BTreeMap<String, f64>, Vec<String>) {
    let script = Script::new(loan());
    let mut recall = BTreeMap::new();
    let mut wrong = Vec::new();
    for persona in personas {
        let persona: Value = serde_json::from_str(&persona).unwrap();
        let wanted = persona["label"].as_str().unwrap();
        let mut right = 0;
        for call in 0..CALLS {
            let (given, trace) = converse(&script, &persona, call);
            if given == wanted {
                right += 1;
            } else if wrong.iter().filter(|line: &&String| line.starts_with(wanted)).count() < 10 {
                wrong.push(format!("{wanted} was taken for {given}: {trace}"));
            }
        }
        recall.insert(wanted.to_owned(), right as f64 / CALLS as f64);
    }
    (recall, wrong)
}

fn converse(script: &Arc<Script>, persona: &Value, seed: usize) -> (String, String) {
    let (mut dialogue, mut step) = Dialogue::start(script.clone(), values());
    let turns = persona["turns"].as_array().unwrap();
    let hang_up_after = persona["hang_up_after"].as_u64().map_or(MOST_GOES, |goes| goes as usize);
    let mut trace = String::new();
    for go in 0..MOST_GOES.min(hang_up_after) {
        if step.then == Then::HangUp {
            break;
        }
        let lines = turns.get(go).or(turns.last()).unwrap()["tuning"].as_array().unwrap();
        // Each go takes its own stride through the lines, so that all combinations come up.
        let line = lines[(seed * [1, 7, 5, 11][go % 4] + seed / lines.len() + go) % lines.len()].as_str().unwrap();
        step = dialogue.heard(line);
        let intent = step.understood.as_ref().map_or("-", |u| u.intent.as_str());
        trace += &format!(" {line} [{intent}]");
    }
    let mut facts = dialogue.facts();
    facts.contact_hung_up(30_000);
    let given = label(&script.flow().labels, &facts).map_or("none".to_owned(), |decision| decision.key);
    (given, trace)
}
