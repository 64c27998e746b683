//! What may be taken for its opposite: thanks for a refusal, a denied refusal for a refusal, somebody else's phone for
//! the contact's own, a question for a goodbye, a disputed debt for a wrong number. Each table holds `=` and what is right, then utterances between `；`;
//! `!` before an intent says what must not be understood, `!negative` that nothing is turned down.

use crate::intents::meant;

const NEGATIVE: [&str; 6] = ["not_interested", "deny", "hostile", "opt_out", "goodbye", "wrong_person"];

#[test]
fn thanks_are_no_refusal() {
    check(include_str!("tables/gratitude.txt"));
}

#[test]
fn a_refusal_that_is_denied_is_none() {
    check(include_str!("tables/double_negation.txt"));
}

#[test]
fn only_the_contacts_own_phone_is_opted_out() {
    check(include_str!("tables/opt_out_scope.txt"));
}

#[test]
fn a_goodbye_stands_by_itself_and_asks_nothing() {
    check(include_str!("tables/farewell.txt"));
}

#[test]
fn a_request_that_is_denied_is_none() {
    check(include_str!("tables/request_denied.txt"));
}

#[test]
fn what_is_owed_and_who_answers_say_nothing_of_a_wrong_number() {
    check(include_str!("tables/wrong_person.txt"));
}

#[test]
fn who_tells_of_work_and_illness_is_not_hostile() {
    check(include_str!("tables/hostile.txt"));
}

fn check(table: &str) {
    let mut wrong = String::new();
    for (right, line) in cases(table) {
        let understood = meant(line);
        let found = understood.as_ref().map_or("", |u| u.intent.as_str());
        let holds = match right.strip_prefix('!') {
            Some("negative") => !NEGATIVE.contains(&found),
            Some(never) => found != never,
            None => right.split(' ').any(|intent| intent == found),
        };
        if !holds {
            let why = understood.as_ref().map(|u| format!("{} ~ {} {:.2}", u.matched, u.phrase, u.likeness));
            wrong += &format!("{line}: {right} expected, {found} understood ({})\n", why.unwrap_or_default());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

pub fn cases(table: &str) -> Vec<(&str, &str)> {
    let blocks = table.split("= ").filter_map(|block| block.split_once('\n'));
    blocks
        .flat_map(|(right, lines)| {
            lines.split('；').map(str::trim).filter(|line| !line.is_empty()).map(move |line| (right, line))
        })
        .collect()
}
