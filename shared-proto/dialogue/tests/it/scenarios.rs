//! Conversations as text: a fixture is the trace itself, its `客:` lines are the input. Run with
//! `UPDATE_TRACES=1` to write the traces anew, then read the difference.

use crate::flows::{ONE_SUM, SUMS, flow, loan, payment, starter, trace, values};
use shared_proto::flow::Flow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

#[test]
fn loan_offer_conversations_go_as_written() {
    check("loan.txt", &loan());
}

#[test]
fn payment_notice_conversations_go_as_written() {
    check("payment.txt", &payment());
}

#[test]
fn a_payment_notice_without_values_sounds_right() {
    check_for("payment_bare.txt", &payment(), &BTreeMap::new());
}

#[test]
fn conversations_of_a_new_script_go_as_written() {
    check("starter.txt", &starter());
}

#[test]
fn every_sum_is_asked_for_and_can_be_corrected() {
    check("sums.txt", &flow(SUMS));
}

#[test]
fn a_sum_that_was_named_as_wanted_is_not_asked_for_again() {
    check("one_sum.txt", &flow(ONE_SUM));
}

fn check(file: &str, flow: &Arc<Flow>) {
    check_for(file, flow, &values());
}

fn check_for(file: &str, flow: &Arc<Flow>, values: &BTreeMap<String, String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scenarios").join(file);
    let written = std::fs::read_to_string(&path).expect("the fixture");
    let traced: String =
        written.split("\n\n").filter(|block| !block.trim().is_empty()).map(|block| run(block, flow, values)).collect();
    let traced = traced.trim_end().to_owned() + "\n";
    if std::env::var_os("UPDATE_TRACES").is_some() {
        return std::fs::write(&path, &traced).expect("a writable fixture");
    }
    for (expected, found) in written.split("\n\n").zip(traced.split("\n\n")) {
        assert_eq!(found.trim(), expected.trim());
    }
}

/// A block is `# name` and the trace.
fn run(block: &str, flow: &Arc<Flow>, values: &BTreeMap<String, String>) -> String {
    let block = block.trim();
    let name = block.lines().next().unwrap_or_default();
    let lines: Vec<&str> =
        block.lines().filter_map(|line| line.strip_prefix("客: ")).filter(|line| *line != "(挂断)").collect();
    let lines: Vec<&str> = lines.into_iter().map(|line| line.split(" [").next().unwrap_or_default()).collect();
    format!("{name}\n{}\n", trace(flow, values.clone(), &lines))
}
