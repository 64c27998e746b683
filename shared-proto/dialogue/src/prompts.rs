//! Everything a flow may say to one contact, so that an edge can render it ahead.

use crate::runner::{self, Prompt};
use crate::text;
use shared_proto::flow::{Flow, Node};
use std::collections::{BTreeMap, BTreeSet};

/// What to render, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompts {
    /// The same for every contact: rendered once per flow version and kept.
    pub fixed: Vec<Prompt>,
    /// The first words, in order, where they hold variables: rendered before INVITE.
    pub opening: Vec<Prompt>,
    /// The other sentences with variables: rendered while it rings.
    pub variable: Vec<Prompt>,
}

/// All prompts of a flow for one contact, each text once.
pub fn prompts(flow: &Flow, variables: &BTreeMap<String, String>) -> Prompts {
    let first = runner::first_nodes(flow);
    let mut found = Prompts { fixed: Vec::new(), opening: Vec::new(), variable: Vec::new() };
    let mut seen = BTreeSet::new();
    for (key, said, interruptible) in texts(flow) {
        let opening = first.iter().any(|node| key == format!("node/{node}"));
        for prompt in runner::speak(flow, variables, &key, &said, interruptible) {
            if !seen.insert(prompt.text.clone()) {
                continue;
            }
            match (prompt.fixed, opening) {
                (true, _) => found.fixed.push(prompt),
                (false, true) => found.opening.push(prompt),
                (false, false) => found.variable.push(prompt),
            }
        }
    }
    found
}

/// Every text of the flow: its key, itself, whether it may be interrupted.
pub(crate) fn texts(flow: &Flow) -> Vec<(String, String, bool)> {
    let mut all = Vec::new();
    for node in &flow.nodes {
        let key = format!("node/{}", node.key());
        let interruptible = match node {
            Node::Opening(q) | Node::Question(q) => {
                if let Some(again) = &q.again {
                    all.push((format!("{key}/again"), again.clone(), q.interruptible));
                }
                for (word, rule) in [("silence", &q.silence), ("not_understood", &q.not_understood)] {
                    for (n, reply) in rule.iter().flat_map(|rule| rule.replies.iter().enumerate()) {
                        all.push((format!("{key}/{word}/{n}"), reply.clone(), true));
                    }
                }
                q.interruptible
            }
            Node::Statement(s) => s.interruptible,
            Node::Closing(_) => false,
        };
        all.push((key, node.text().to_owned(), interruptible));
    }
    for faq in &flow.faq {
        for (n, reply) in faq.replies.iter().enumerate() {
            all.push((format!("faq/{}/{n}", faq.key), reply.clone(), faq.interruptible));
        }
    }
    for objection in &flow.objections {
        for (n, reply) in objection.replies.iter().enumerate() {
            all.push((format!("objection/{}/{n}", objection.key), reply.clone(), objection.interruptible));
        }
    }
    for (word, rule) in [("silence", &flow.silence), ("not_understood", &flow.not_understood)] {
        for (n, reply) in rule.replies.iter().enumerate() {
            all.push((format!("{word}/{n}"), reply.clone(), true));
        }
    }
    all.push(("opt_out".to_owned(), flow.opt_out.reply.clone(), false));
    all.retain(|(_, said, _)| !text::sentences(said).is_empty());
    all
}
