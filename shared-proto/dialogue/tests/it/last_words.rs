//! What is said when the conversation is over, or in its last turn, is heard all the same.

use crate::flows::{SMALL, flow, loan, values};
use dialogue::{Dialogue, Script, Then, label};

#[test]
fn who_wants_no_more_calls_is_heard_though_the_goodbye_was_said() {
    let (mut dialogue, _) = Dialogue::start(Script::new(loan()), values());
    let step = dialogue.heard("不需要，谢谢");
    let mut last = step;
    for _ in 0..3 {
        if last.then != Then::HangUp {
            last = dialogue.heard("不用了，再见");
        }
    }
    assert_eq!(last.then, Then::HangUp);
    assert!(dialogue.is_over());
    let nothing = dialogue.heard("好的好的");
    assert_eq!((nothing.then, nothing.say.len(), nothing.understood.is_some()), (Then::HangUp, 0, false));
    assert_eq!(dialogue.facts().opt_out, None);
    let step = dialogue.heard("以后不要再给我打电话了");
    assert_eq!((step.then, step.say.len(), step.understood.is_some()), (Then::HangUp, 0, true));
    assert_eq!(dialogue.facts().opt_out.as_deref(), Some("以后不要再给我打电话了"));
    assert_eq!(label(&loan().labels, &dialogue.facts()).map(|decision| decision.key).as_deref(), Some("refused"));
}

#[test]
fn the_last_turn_is_understood_and_answered_with_the_goodbye() {
    let flow = flow(&SMALL.replace("\"max_turns\":8", "\"max_turns\":1"));
    let (mut dialogue, _) = Dialogue::start(Script::new(flow.clone()), values());
    dialogue.heard("是的");
    let step = dialogue.heard("我要，我很感兴趣");
    let said: String = step.say.iter().map(|prompt| prompt.text.as_str()).collect();
    assert_eq!((said.as_str(), step.then), ("再见。", Then::HangUp));
    assert_eq!(label(&flow.labels, &dialogue.facts()).map(|decision| decision.key).as_deref(), Some("high"));

    let (mut dialogue, _) = Dialogue::start(Script::new(flow), values());
    dialogue.heard("是的");
    let step = dialogue.heard("别再打电话了");
    let said: String = step.say.iter().map(|prompt| prompt.text.as_str()).collect();
    assert_eq!((said.as_str(), step.then), ("好的，不再打扰。", Then::HangUp));
    assert!(dialogue.facts().opt_out.is_some());
}
