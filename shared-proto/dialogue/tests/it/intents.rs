//! Single utterances at the loan offer's question whether money is needed. `intents.txt` holds them: `=` and the
//! intents that are right, then utterances between `；`.

use crate::flows::{loan, values};
use dialogue::{Dialogue, Understanding};

fn meant(line: &str) -> Option<Understanding> {
    let (mut dialogue, _) = Dialogue::start(loan(), values());
    dialogue.heard("对");
    dialogue.heard(line).understood
}

#[test]
fn utterances_as_people_say_them_are_understood() {
    let mut wrong = String::new();
    let mut all = 0;
    for block in include_str!("intents.txt").split("= ").filter(|block| !block.is_empty()) {
        let (right, lines) = block.split_once('\n').expect("lines after the intents");
        for line in lines.split('；').map(str::trim).filter(|line| !line.is_empty()) {
            all += 1;
            let understood = meant(line);
            let found = understood.as_ref().map_or("", |u| u.intent.as_str());
            if !right.split(' ').any(|intent| intent == found) {
                let why = understood.as_ref().map(|u| format!("{} ~ {}", u.matched, u.phrase)).unwrap_or_default();
                wrong += &format!("{line}: {right} expected, {found} understood ({why})\n");
            }
        }
    }
    assert!(wrong.is_empty(), "of {all}:\n{wrong}");
}

#[test]
fn a_question_back_is_no_yes_and_a_denied_refusal_is_no_refusal() {
    for line in ["可以吗", "是吗", "真的可以吗", "有兴趣吗"] {
        assert_ne!(meant(line).map(|u| u.intent).unwrap_or_default(), "affirm", "{line}");
    }
    assert_ne!(meant("也不是没兴趣").map(|u| u.intent).unwrap_or_default(), "not_interested");
}

#[test]
fn what_recognisers_invent_from_noise_means_nothing() {
    for line in ["请不吝点赞订阅转发", "字幕由志愿者提供", "谢谢观看"] {
        assert_eq!(meant(line), None, "{line}");
    }
}
