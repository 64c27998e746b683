//! Every fault of a flow is found at its place; the demo scripts have none.

use crate::flows::{SMALL, loan, payment, starter};
use dialogue::{Finding, lint};
use shared_proto::flow::Flow;

const LABELS: &[&str] = &["high", "low", "refused", "callback", "invalid"];

fn findings(json: &str) -> Vec<String> {
    let line = |f: Finding| format!("{} {}", f.code, f.path);
    lint(&Flow::parse(json).expect("a flow"), LABELS).into_iter().map(line).collect()
}

/// The small flow with one thing changed.
fn changed(from: &str, to: &str) -> Vec<String> {
    assert!(SMALL.contains(from), "{from}");
    findings(&SMALL.replacen(from, to, 1))
}

#[test]
fn the_demo_scripts_are_clean() {
    assert_eq!(lint(&loan(), LABELS), []);
    assert_eq!(lint(&payment(), LABELS), []);
    assert_eq!(lint(&starter(), LABELS), []);
    assert_eq!(findings(SMALL), Vec::<String>::new());
}

#[test]
fn references_and_keys_are_checked() {
    assert_eq!(changed(r#""next":"c""#, r#""next":"x""#), ["node_missing /nodes/1/next", "node_unreachable /nodes/2"]);
    assert_eq!(changed(r#""goodbye":"bye""#, r#""goodbye":"c""#), ["goodbye_not_closing /limits/goodbye"]);
    assert_eq!(changed(r#""key":"b""#, r#""key":"c""#)[0], "node_missing /nodes/0/branches/0/next");
    assert!(changed(r#""key":"b""#, r#""key":"c""#).contains(&"key_duplicate /nodes/2/key".to_owned()));
}

#[test]
fn dead_branches_and_dead_ends_are_found() {
    let again = changed(r#"{"intents":["deny"],"next":"bye"}"#, r#"{"intents":["affirm"],"next":"bye"}"#);
    assert_eq!(again, ["branch_dead /nodes/0/branches/1", "intent_taken /nodes/0/branches/1/intents/0"]);
    let none = changed(r#""branches":[{"intents":["affirm","interested"],"next":"bye"}]"#, r#""branches":[]"#);
    assert_eq!(none, ["question_without_branches /nodes/2/branches"]);
    let loops = changed(r#"{"intents":["affirm","interested"],"next":"bye"}"#, r#"{"intents":["affirm"],"next":"b"}"#);
    assert_eq!(loops, ["loop_without_exit /nodes/1", "loop_without_exit /nodes/2"]);
    let unheard = changed(r#""intents":["deny"]"#, r#""intents":["denied"]"#);
    assert_eq!(unheard, ["intent_unknown /nodes/0/branches/1/intents/0"]);
    let slot = changed(r#""intents":["deny"]"#, r#""intents":["slot"]"#);
    assert_eq!(slot, ["branch_dead /nodes/0/branches/1", "slot_missing /nodes/0/branches/1/intents/0"]);
}

#[test]
fn opting_out_cannot_be_taken_over_or_silenced() {
    let branch = changed(r#""intents":["deny"]"#, r#""intents":["opt_out"]"#);
    assert_eq!(branch, ["branch_dead /nodes/0/branches/1", "intent_reserved /nodes/0/branches/1/intents/0"]);
    assert_eq!(changed("好的，不再打扰。", " "), ["text_empty /opt_out/reply"]);
}

#[test]
fn words_are_checked() {
    assert_eq!(changed("{姓名}", "{名字}"), ["variable_unknown /nodes/0/text", "variable_unused /variables/0"]);
    assert_eq!(changed("{姓名}", "{姓名"), ["brace_unpaired /nodes/0/text", "variable_unused /variables/0"]);
    assert_eq!(changed("您要吗？", "。"), ["text_empty /nodes/2/text"]);
    assert_eq!(changed("您要吗？", &"啊".repeat(121)), ["text_long /nodes/2/text"]);
    assert_eq!(changed(r#""fallback":"您""#, r#""fallback":"""#), ["variable_without_fallback /variables/0/fallback"]);
}

#[test]
fn intents_and_answers_are_checked() {
    let with = |more: &str| changed(r#""variables""#, &format!(r#"{more},"variables""#));
    assert_eq!(with(r#""intents":[{"key":"x","phrases":[]}]"#), ["intent_without_phrases /intents/0"]);
    assert_eq!(with(r#""intents":[{"key":"x","phrases":["*"]}]"#), ["phrase_empty /intents/0/phrases/0"]);
    assert_eq!(with(r#""faq":[{"key":"x","replies":["好"]}]"#), ["answer_dead /faq/0"]);
    assert_eq!(with(r#""faq":[{"key":"x","phrases":["价格"],"replies":[]}]"#), ["reply_missing /faq/0/replies"]);
    let twice = r#""objections":[{"key":"o","intents":["is_scam"],"then":"bye"}],"faq":[{"key":"x","intents":["is_scam"],"replies":["好"]}]"#;
    assert_eq!(with(twice), ["answer_dead /faq/0", "intent_taken /faq/0/intents/0"]);
}

#[test]
fn labels_and_ranges_are_checked() {
    assert_eq!(changed(r#""label":"high""#, r#""label":"hot""#), ["label_unknown /labels/0/label"]);
    assert_eq!(changed(r#""nodes":["c"]"#, r#""nodes":["x"]"#), ["node_missing /labels/0/when/0/nodes/0"]);
    assert_eq!(
        changed(r#""labels":["#, r#""labels":[{"label":"low"},"#),
        ["label_rule_dead /labels/1", "label_rule_dead /labels/2"]
    );
    assert_eq!(changed(r#""max_turns":8"#, r#""max_turns":0"#), ["out_of_range /limits/max_turns"]);
    let voice = changed(r#""labels":["#, r#""voice":{"name":"baker","speed":1.31,"volume":1.0},"labels":["#);
    assert_eq!(voice, ["out_of_range /voice/speed"]);
    let voice = changed(r#""labels":["#, r#""voice":{"name":"nobody","speed":1.0,"volume":1.0},"labels":["#);
    assert_eq!(voice, ["voice_unknown /voice/name"]);
}
