//! Checks a flow before it is published. Every finding points at its place; nothing is repaired.

mod graph;
mod words;

use serde::{Deserialize, Serialize};
use shared_proto::flow::{Flow, Node, Patience, SPEED, VOICES, VOLUME};
use std::collections::BTreeMap;

/// One thing wrong with a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    /// A word for the kind of fault, translated by whoever shows it.
    pub code: String,
    pub params: BTreeMap<String, String>,
    /// JSON pointer into the flow.
    pub path: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Publishing is refused.
    Error,
    /// Publishing is possible.
    Warning,
}

/// Everything wrong with a flow, errors first, then by place.
pub fn lint(flow: &Flow, known_labels: &[&str]) -> Vec<Finding> {
    let mut findings = Findings::default();
    graph::check(flow, &mut findings);
    words::check(flow, known_labels, &mut findings);
    ranges(flow, &mut findings);
    let mut all = findings.0;
    all.sort_by(|a, b| a.severity.cmp(&b.severity).then_with(|| natural(&a.path).cmp(&natural(&b.path))));
    all
}

#[derive(Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn error(&mut self, code: &str, path: impl Into<String>, params: &[(&str, &str)]) {
        self.add(Severity::Error, code, path.into(), params);
    }

    pub(crate) fn warn(&mut self, code: &str, path: impl Into<String>, params: &[(&str, &str)]) {
        self.add(Severity::Warning, code, path.into(), params);
    }

    fn add(&mut self, severity: Severity, code: &str, path: String, params: &[(&str, &str)]) {
        let params = params.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.0.push(Finding { severity, code: code.to_owned(), params, path });
    }
}

/// Every patience rule of a flow with its place.
fn patience(flow: &Flow) -> Vec<(String, &Patience)> {
    let mut all = vec![("/silence".to_owned(), &flow.silence), ("/not_understood".to_owned(), &flow.not_understood)];
    for (n, node) in flow.nodes.iter().enumerate() {
        let Some(question) = node.question() else { continue };
        all.extend(question.silence.iter().map(|rule| (format!("/nodes/{n}/silence"), rule)));
        all.extend(question.not_understood.iter().map(|rule| (format!("/nodes/{n}/not_understood"), rule)));
    }
    all
}

fn ranges(flow: &Flow, findings: &mut Findings) {
    if !VOICES.iter().any(|(key, _)| *key == flow.voice.name) {
        findings.error("voice_unknown", "/voice/name", &[("voice", &flow.voice.name)]);
    }
    let mut within = |path: String, value: f64, least: f64, most: f64| {
        if !(least..=most).contains(&value) {
            let words = [value, least, most].map(|n| n.to_string());
            findings.error("out_of_range", path, &[("value", &words[0]), ("least", &words[1]), ("most", &words[2])]);
        }
    };
    let limits = &flow.limits;
    within("/limits/max_turns".into(), f64::from(limits.max_turns), 1.0, 100.0);
    within("/limits/max_duration_s".into(), f64::from(limits.max_duration_s), 10.0, 3600.0);
    within("/limits/wait_ms".into(), f64::from(limits.wait_ms), 1000.0, 30_000.0);
    let hundredths = |n: f32| (f64::from(n) * 100.0).round() / 100.0;
    within("/voice/speed".into(), hundredths(flow.voice.speed), hundredths(*SPEED.start()), hundredths(*SPEED.end()));
    within(
        "/voice/volume".into(),
        hundredths(flow.voice.volume),
        hundredths(*VOLUME.start()),
        hundredths(*VOLUME.end()),
    );
    for (n, node) in flow.nodes.iter().enumerate() {
        if let Node::Opening(q) | Node::Question(q) = node
            && let Some(wait) = q.wait_ms
        {
            within(format!("/nodes/{n}/wait_ms"), f64::from(wait), 1000.0, 30_000.0);
        }
    }
}

/// A path that sorts its numbers as numbers.
fn natural(path: &str) -> Vec<(bool, usize, &str)> {
    path.split('/').map(|part| part.parse().map_or((true, 0, part), |n| (false, n, ""))).collect()
}
