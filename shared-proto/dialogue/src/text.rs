//! A text with `{variables}`: filling, finding them, and cutting into sentences. It knows nothing of nodes.

use shared_proto::flow::Variable;
use std::collections::BTreeMap;

/// The longest value a variable may bring into speech, in characters.
const LONGEST_VALUE: usize = 60;

/// A stretch of a text: plain, or the name of a variable.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Part<'a> {
    Plain(&'a str),
    Variable(&'a str),
}

/// Cuts a text at its variables. An unclosed brace is plain text.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { break };
        if open > 0 {
            found.push(Part::Plain(&rest[..open]));
        }
        found.push(Part::Variable(rest[open + 1..open + length].trim()));
        rest = &rest[open + length + 1..];
    }
    if !rest.is_empty() {
        found.push(Part::Plain(rest));
    }
    found
}

pub(crate) fn has_variable(text: &str) -> bool {
    parts(text).iter().any(|part| matches!(part, Part::Variable(_)))
}

/// The text as it is said: values from the contact, else the fallback, else nothing.
pub(crate) fn fill(text: &str, variables: &[Variable], values: &BTreeMap<String, String>) -> String {
    let mut said = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Plain(plain) => said.push_str(plain),
            Part::Variable(name) => said.push_str(&value(name, variables, values)),
        }
    }
    said
}

/// One prompt per sentence, so that a sentence without variables stays fixed beside one that has some.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        if ends_sentence(c, next) {
            push(&mut found, &text[start..at + c.len_utf8()]);
            start = at + c.len_utf8();
        }
    }
    push(&mut found, &text[start..]);
    found
}

fn ends_sentence(c: char, next: Option<char>) -> bool {
    match c {
        '。' | '！' | '？' | '；' | '…' | '!' | '?' | ';' | '\n' => {
            !matches!(next, Some('。' | '！' | '？' | '…' | '!' | '?' | '”' | '」' | '"'))
        }
        '.' => next.is_none_or(char::is_whitespace),
        _ => false,
    }
}

fn push<'a>(found: &mut Vec<&'a str>, sentence: &'a str) {
    let sentence = sentence.trim();
    if sentence.chars().any(|c| c.is_alphanumeric() || c == '{') {
        found.push(sentence);
    }
}

fn value(name: &str, variables: &[Variable], values: &BTreeMap<String, String>) -> String {
    let given = values.get(name).map(|v| v.trim()).filter(|v| !v.is_empty());
    let fallback = variables.iter().find(|v| v.name == name).map(|v| v.fallback.trim());
    let said = given.or(fallback).unwrap_or_default();
    said.chars().filter(|c| !c.is_control()).take(LONGEST_VALUE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_said_as_given_and_never_expanded_again() {
        let variables = [Variable { name: "姓名".into(), fallback: "您".into() }];
        let mut values = BTreeMap::from([("姓名".to_owned(), "{额度}".to_owned())]);
        assert_eq!(fill("请问是{姓名}吗", &variables, &values), "请问是{额度}吗");
        values.insert("姓名".into(), "  ".into());
        assert_eq!(fill("请问是{姓名}吗{", &variables, &values), "请问是您吗{");
    }

    #[test]
    fn sentences_keep_their_marks_and_decimals_stay_whole() {
        assert_eq!(sentences("好的。利率是3.5%，您看可以吗？"), ["好的。", "利率是3.5%，您看可以吗？"]);
        assert_eq!(sentences("。。"), Vec::<&str>::new());
    }
}
