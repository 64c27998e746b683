//! The graph: keys, references, what can be reached and what can end.

use super::{Findings, patience};
use crate::understand::{OPT_OUT, SLOT};
use shared_proto::flow::{Flow, Node, Question};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn check(flow: &Flow, findings: &mut Findings) {
    keys(flow, findings);
    references(flow, findings);
    for (n, node) in flow.nodes.iter().enumerate() {
        if let Some(question) = node.question() {
            branches(n, question, findings);
        }
    }
    reach(flow, findings);
    ends(flow, findings);
}

fn keys(flow: &Flow, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (n, node) in flow.nodes.iter().enumerate() {
        if node.key().trim().is_empty() {
            findings.error("key_empty", format!("/nodes/{n}/key"), &[]);
        } else if !seen.insert(node.key()) {
            findings.error("key_duplicate", format!("/nodes/{n}/key"), &[("key", node.key())]);
        }
    }
    if !flow.nodes.iter().any(|node| matches!(node, Node::Closing(_))) {
        findings.error("closing_missing", "/nodes", &[]);
    }
}

/// Every place that names a node: its path and the name.
fn targets(flow: &Flow) -> Vec<(String, &str)> {
    let mut all = vec![("/start".to_owned(), flow.start.as_str())];
    for (n, node) in flow.nodes.iter().enumerate() {
        all.extend(talk(n, node));
    }
    let objections = flow.objections.iter().enumerate();
    all.extend(objections.map(|(n, o)| (format!("/objections/{n}/then"), o.then.as_str())));
    all.extend(patience(flow).into_iter().map(|(path, rule)| (format!("{path}/then"), rule.then.as_str())));
    all.push(("/limits/goodbye".to_owned(), &flow.limits.goodbye));
    all
}

/// Where a node leads by its own words and answers.
fn talk(n: usize, node: &Node) -> Vec<(String, &str)> {
    match node {
        Node::Statement(statement) => vec![(format!("/nodes/{n}/next"), statement.next.as_str())],
        Node::Closing(_) => Vec::new(),
        Node::Opening(q) | Node::Question(q) => {
            let branches = q.branches.iter().enumerate();
            let mut all: Vec<_> =
                branches.map(|(b, branch)| (format!("/nodes/{n}/branches/{b}/next"), branch.next.as_str())).collect();
            all.extend(q.otherwise.iter().map(|next| (format!("/nodes/{n}/otherwise"), next.as_str())));
            all
        }
    }
}

fn references(flow: &Flow, findings: &mut Findings) {
    for (path, key) in targets(flow) {
        match flow.node(key) {
            None => findings.error("node_missing", path, &[("node", key)]),
            Some(Node::Closing(_)) => {}
            Some(_) if path == "/limits/goodbye" => findings.error("goodbye_not_closing", path, &[("node", key)]),
            Some(_) => {}
        }
    }
}

fn branches(n: usize, question: &Question, findings: &mut Findings) {
    if question.branches.is_empty() && question.otherwise.is_none() {
        findings.error("question_without_branches", format!("/nodes/{n}/branches"), &[("node", &question.key)]);
    }
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    for (b, branch) in question.branches.iter().enumerate() {
        let path = format!("/nodes/{n}/branches/{b}");
        let mut alive = false;
        for (i, intent) in branch.intents.iter().enumerate() {
            let path = format!("{path}/intents/{i}");
            if intent == OPT_OUT {
                findings.error("intent_reserved", path, &[("intent", intent)]);
            } else if intent == SLOT && question.slot.is_none() {
                findings.error("slot_missing", path, &[("node", &question.key)]);
            } else if let Some(earlier) = taken.get(intent.as_str()).filter(|earlier| **earlier != b) {
                let earlier = (earlier + 1).to_string();
                findings.warn("intent_taken", path, &[("intent", intent), ("branch", &earlier)]);
            } else {
                taken.insert(intent, b);
                alive = true;
            }
        }
        if !alive {
            let number = (b + 1).to_string();
            findings.error("branch_dead", path, &[("node", &question.key), ("branch", &number)]);
        }
    }
}

/// Nodes nothing leads to.
fn reach(flow: &Flow, findings: &mut Findings) {
    let mut open = vec![flow.start.as_str(), flow.limits.goodbye.as_str()];
    open.extend(flow.objections.iter().map(|o| o.then.as_str()));
    open.extend([flow.silence.then.as_str(), flow.not_understood.then.as_str()]);
    let mut seen = BTreeSet::new();
    while let Some(key) = open.pop() {
        let Some(node) = flow.node(key).filter(|_| seen.insert(key)) else { continue };
        open.extend(talk(0, node).into_iter().map(|(_, next)| next));
        let own = node.question().into_iter().flat_map(|q| [&q.silence, &q.not_understood]);
        open.extend(own.flatten().map(|rule| rule.then.as_str()));
    }
    for (n, node) in flow.nodes.iter().enumerate() {
        if !seen.contains(node.key()) {
            findings.error("node_unreachable", format!("/nodes/{n}"), &[("node", node.key())]);
        }
    }
}

/// Nodes from which talking on never comes to a closing.
fn ends(flow: &Flow, findings: &mut Findings) {
    // A dead end is reported as what it is, not as a loop.
    let leads_on = |node: &&Node| talk(0, node).iter().any(|(_, next)| flow.node(next).is_some());
    let mut ending: BTreeSet<&str> = flow.nodes.iter().filter(|node| !leads_on(node)).map(Node::key).collect();
    loop {
        let before = ending.len();
        for node in &flow.nodes {
            if talk(0, node).iter().any(|(_, next)| ending.contains(next)) {
                ending.insert(node.key());
            }
        }
        if ending.len() == before {
            break;
        }
    }
    for (n, node) in flow.nodes.iter().enumerate() {
        if !ending.contains(node.key()) {
            findings.error("loop_without_exit", format!("/nodes/{n}"), &[("node", node.key())]);
        }
    }
}
