//! Whole conversations and the label that a listener would give them. `tables/labels.txt` holds `=` and the label, then
//! conversations between `；`, in which ` / ` stands between what the contact says one after another.

use crate::flows::{loan, values};
use crate::polarity::cases;
use dialogue::{Dialogue, Script, Then, label};

#[test]
fn interest_questions_and_refusals_are_weighed_as_a_listener_would() {
    let script = Script::new(loan());
    let mut wrong = String::new();
    for (wanted, conversation) in cases(include_str!("tables/labels.txt")) {
        let (mut dialogue, _) = Dialogue::start(script.clone(), values());
        let mut trace = String::new();
        for line in conversation.split(" / ") {
            let step = dialogue.heard(line);
            let intent = step.understood.map_or("-".to_owned(), |u| format!("{} {}~{}", u.intent, u.matched, u.phrase));
            trace += &format!(" {line} [{intent}]");
            if step.then == Then::HangUp {
                break;
            }
        }
        let mut facts = dialogue.facts();
        facts.contact_hung_up(30_000);
        let given = label(&script.flow().labels, &facts).map_or("none".to_owned(), |decision| decision.key);
        if given != wanted {
            wrong += &format!("{wanted} was taken for {given}:{trace}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
