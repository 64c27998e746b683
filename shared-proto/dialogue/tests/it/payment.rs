//! What customers answer to a payment notice, when it has been read out and when it has been said again. The table
//! is written as those of `polarity`.

use crate::flows::{payment, values};
use crate::polarity::cases;
use dialogue::{Dialogue, Script};

#[test]
fn who_will_not_pay_is_not_taken_for_who_will() {
    let script = Script::new(payment());
    let mut wrong = String::new();
    for (right, line) in cases(include_str!("tables/payment.txt")) {
        for (place, before) in [("notice", &["对"] as &[&str]), ("explain", &["对", "不清楚"])] {
            let (mut dialogue, _) = Dialogue::start(script.clone(), values());
            before.iter().for_each(|line| drop(dialogue.heard(line)));
            let understood = dialogue.heard(line).understood;
            let found = understood.as_ref().map_or("", |u| u.intent.as_str());
            let holds = match right.strip_prefix('!') {
                Some(never) => found != never,
                None => right.split(' ').any(|intent| intent == found),
            };
            if !holds {
                let why = understood.as_ref().map(|u| format!("{} ~ {}", u.matched, u.phrase)).unwrap_or_default();
                wrong += &format!("{line} at {place}: {right} expected, {found} understood ({why})\n");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
