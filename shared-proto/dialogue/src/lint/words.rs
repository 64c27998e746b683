//! The words: texts, variables, intents and labels.

use super::{Findings, patience};
use crate::text::{self, Part};
use crate::understand::{self, OPT_OUT, SLOT};
use shared_proto::flow::{Condition, Flow};
use std::collections::{BTreeMap, BTreeSet};

/// Longer than this nobody listens to in one go, in characters.
const LONG: usize = 120;

pub(crate) fn check(flow: &Flow, known_labels: &[&str], findings: &mut Findings) {
    texts(flow, findings);
    variables(flow, findings);
    let known = intents(flow, findings);
    answers(flow, &known, findings);
    labels(flow, known_labels, &known, findings);
}

/// Every text with its place, and whether it may be empty.
fn said(flow: &Flow) -> Vec<(String, &str, bool)> {
    let mut all = Vec::new();
    for (n, node) in flow.nodes.iter().enumerate() {
        all.push((format!("/nodes/{n}/text"), node.text(), false));
        if let Some(again) = node.question().and_then(|q| q.again.as_deref()) {
            all.push((format!("/nodes/{n}/again"), again, false));
        }
    }
    for (n, faq) in flow.faq.iter().enumerate() {
        all.extend(faq.replies.iter().enumerate().map(|(r, t)| (format!("/faq/{n}/replies/{r}"), t.as_str(), false)));
    }
    for (n, o) in flow.objections.iter().enumerate() {
        let replies = o.replies.iter().enumerate();
        all.extend(replies.map(|(r, t)| (format!("/objections/{n}/replies/{r}"), t.as_str(), false)));
    }
    for (path, rule) in patience(flow) {
        all.extend(rule.replies.iter().enumerate().map(|(r, t)| (format!("{path}/replies/{r}"), t.as_str(), true)));
    }
    all.push(("/opt_out/reply".to_owned(), &flow.opt_out.reply, false));
    all
}

fn texts(flow: &Flow, findings: &mut Findings) {
    for (path, said, may_be_empty) in said(flow) {
        let plain: String =
            text::parts(said).iter().map(|part| if let Part::Plain(plain) = part { plain } else { "" }).collect();
        let length = plain.chars().count();
        if text::sentences(said).is_empty() {
            if !may_be_empty || !said.trim().is_empty() {
                findings.error("text_empty", path, &[]);
            }
        } else if plain.contains(['{', '}']) {
            findings.error("brace_unpaired", path, &[]);
        } else if length > LONG {
            let (length, most) = (length.to_string(), LONG.to_string());
            findings.warn("text_long", path, &[("length", &length), ("most", &most)]);
        }
    }
}

fn variables(flow: &Flow, findings: &mut Findings) {
    let mut used = BTreeSet::new();
    for (path, said, _) in said(flow) {
        for part in text::parts(said) {
            let Part::Variable(name) = part else { continue };
            used.insert(name);
            if !flow.variables.iter().any(|variable| variable.name == name) {
                findings.error("variable_unknown", path.as_str(), &[("variable", name)]);
            }
        }
    }
    let mut seen = BTreeSet::new();
    for (n, variable) in flow.variables.iter().enumerate() {
        let name = variable.name.as_str();
        if name.trim().is_empty() || name.contains(['{', '}']) {
            findings.error("key_empty", format!("/variables/{n}/name"), &[]);
        } else if !seen.insert(name) {
            findings.error("key_duplicate", format!("/variables/{n}/name"), &[("key", name)]);
        } else if !used.contains(name) {
            findings.warn("variable_unused", format!("/variables/{n}"), &[("variable", name)]);
        } else if variable.fallback.trim().is_empty() {
            findings.warn("variable_without_fallback", format!("/variables/{n}/fallback"), &[("variable", name)]);
        }
    }
}

/// Checks where intents are made; returns all that exist.
fn intents(flow: &Flow, findings: &mut Findings) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = understand::builtins().iter().map(|b| b.key.to_owned()).collect();
    let mut made: BTreeMap<&str, String> = BTreeMap::new();
    let makers = [
        flow.intents.iter().enumerate().map(|(n, i)| (format!("/intents/{n}"), i.key.as_str(), &i.phrases)).collect(),
        flow.faq.iter().enumerate().map(|(n, f)| (format!("/faq/{n}"), f.key.as_str(), &f.phrases)).collect(),
        flow.objections
            .iter()
            .enumerate()
            .map(|(n, o)| (format!("/objections/{n}"), o.key.as_str(), &o.phrases))
            .collect::<Vec<_>>(),
    ];
    for (path, key, phrases) in makers.into_iter().flatten() {
        if key.trim().is_empty() {
            findings.error("key_empty", format!("{path}/key"), &[]);
        } else if key == OPT_OUT || key == SLOT {
            findings.error("intent_reserved", format!("{path}/key"), &[("intent", key)]);
        } else if made.insert(key, path.clone()).is_some() {
            findings.error("key_duplicate", format!("{path}/key"), &[("key", key)]);
        }
        if path.starts_with("/intents") && phrases.is_empty() {
            findings.error("intent_without_phrases", path.as_str(), &[("intent", key)]);
        }
        known.insert(key.to_owned());
        heard(&path, phrases, findings);
    }
    heard("/opt_out", &flow.opt_out.phrases, findings);
    for (n, node) in flow.nodes.iter().enumerate() {
        for (b, branch) in node.question().into_iter().flat_map(|q| q.branches.iter().enumerate()) {
            unknown(&format!("/nodes/{n}/branches/{b}"), &branch.intents, &known, findings);
        }
    }
    known
}

fn heard(path: &str, phrases: &[String], findings: &mut Findings) {
    for (n, phrase) in phrases.iter().enumerate() {
        if !understand::can_be_heard(phrase) {
            findings.error("phrase_empty", format!("{path}/phrases/{n}"), &[("phrase", phrase)]);
        }
    }
}

fn unknown(path: &str, intents: &[String], known: &BTreeSet<String>, findings: &mut Findings) {
    for (i, intent) in intents.iter().enumerate() {
        if intent != SLOT && !known.contains(intent) {
            findings.error("intent_unknown", format!("{path}/intents/{i}"), &[("intent", intent)]);
        }
    }
}

/// FAQ entries and objections that can never be heard or have nothing to say.
fn answers(flow: &Flow, known: &BTreeSet<String>, findings: &mut Findings) {
    let mut taken: BTreeSet<&str> = BTreeSet::from([OPT_OUT]);
    let objections = flow.objections.iter().enumerate();
    let objections = objections.map(|(n, o)| (format!("/objections/{n}"), &o.key, &o.intents, &o.phrases));
    let faq = flow.faq.iter().enumerate().map(|(n, f)| (format!("/faq/{n}"), &f.key, &f.intents, &f.phrases));
    for (path, key, intents, phrases) in objections.chain(faq) {
        unknown(&path, intents, known, findings);
        let built_in = understand::builtins().iter().any(|b| b.key == key);
        let mut alive = !phrases.is_empty() || (built_in && !taken.contains(key.as_str()));
        for (i, intent) in intents.iter().enumerate() {
            if taken.insert(intent) {
                alive = true;
            } else {
                findings.warn("intent_taken", format!("{path}/intents/{i}"), &[("intent", intent)]);
            }
        }
        taken.insert(key);
        if !alive {
            findings.error("answer_dead", path, &[("key", key)]);
        }
    }
    for (n, faq) in flow.faq.iter().enumerate().filter(|(_, faq)| faq.replies.is_empty()) {
        findings.error("reply_missing", format!("/faq/{n}/replies"), &[("key", &faq.key)]);
    }
}

fn labels(flow: &Flow, known_labels: &[&str], known: &BTreeSet<String>, findings: &mut Findings) {
    if flow.labels.is_empty() {
        findings.warn("labels_missing", "/labels", &[]);
    }
    let mut always = None;
    for (n, rule) in flow.labels.iter().enumerate() {
        let path = format!("/labels/{n}");
        if !known_labels.contains(&rule.label.as_str()) {
            findings.error("label_unknown", format!("{path}/label"), &[("label", &rule.label)]);
        }
        if let Some(earlier) = always {
            let earlier: usize = earlier;
            findings.warn("label_rule_dead", path.as_str(), &[("rule", &(earlier + 1).to_string())]);
        } else if rule.when.is_empty() {
            always = Some(n);
        }
        for (c, condition) in rule.when.iter().enumerate() {
            let path = format!("{path}/when/{c}");
            if let Condition::Heard { intents, .. } | Condition::NotHeard { intents } = condition {
                unknown(&path, intents, known, findings);
                if intents.is_empty() {
                    findings.error("condition_empty", path.as_str(), &[]);
                }
            }
            if let Condition::Heard { nodes, .. } | Condition::Reached { nodes } = condition {
                for (i, node) in nodes.iter().enumerate().filter(|(_, node)| flow.node(node).is_none()) {
                    findings.error("node_missing", format!("{path}/nodes/{i}"), &[("node", node)]);
                }
            }
            if matches!(condition, Condition::Reached { nodes } if nodes.is_empty()) {
                findings.error("condition_empty", path, &[]);
            }
        }
    }
}
