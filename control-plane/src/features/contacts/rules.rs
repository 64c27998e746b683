//! What may be said of a contact: its fields, what a search text means, what people are shown. Pure.

use serde_json::{Map, Value};
use shared_proto::phone::Phone;

pub use super::imports::rules::{NAME_MOST, TEXT_MOST};
use super::imports::rules::{clean_text, mask_digits, number};

/// Numbers that no subscriber has: rehearsals dial them, real lines never do.
pub const REHEARSAL_BLOCK: &str = "+861990000";
/// Custom fields that people give one contact; an import may bring more.
pub const FIELDS_MOST: usize = 100;

pub fn is_synthetic(phone: &Phone) -> bool {
    phone.reveal().len() == 14 && phone.reveal().starts_with(REHEARSAL_BLOCK)
}

/// What the search box of the contact list holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    Everyone,
    /// A whole number: equality by blind index.
    Number(Phone),
    /// Four digits: the end of a number, or part of a name such as 1234号客户.
    Tail(String),
    Name(String),
}

impl Search {
    pub fn parse(text: &str) -> Self {
        let text = clean_text(text);
        if text.is_empty() {
            return Self::Everyone;
        }
        if let Ok(phone) = number(&text) {
            return Self::Number(phone);
        }
        if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) { Self::Tail(text) } else { Self::Name(text) }
    }
}

/// `%` and `_` mean themselves in a `LIKE … ESCAPE '\'`.
pub fn like_anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for sign in text.chars() {
        if matches!(sign, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}

/// The last four digits, for a search by the end of a number.
pub fn tail(phone: &Phone) -> String {
    let digits = phone.reveal();
    digits[digits.len().saturating_sub(4)..].to_owned()
}

pub fn name(text: &str) -> Option<String> {
    let name = clean_text(text);
    (name.chars().count() <= NAME_MOST).then_some(name)
}

pub fn remark(text: &str) -> Option<String> {
    let remark = clean_text(text);
    (remark.chars().count() <= TEXT_MOST).then_some(remark)
}

/// Custom fields as people write them: at most a hundred texts, blank ones dropped.
pub fn fields(fields: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut kept = Map::new();
    for (key, value) in fields {
        let key = clean_text(key);
        let value = match value {
            Value::Null => continue,
            Value::String(text) => clean_text(text),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => return None,
        };
        if key.is_empty() || key.chars().count() > NAME_MOST || value.chars().count() > TEXT_MOST {
            return None;
        }
        if !value.is_empty() {
            kept.insert(key, value.into());
        }
    }
    (kept.len() <= FIELDS_MOST).then_some(kept)
}

/// Custom fields as they are shown: long numbers in them are masked.
pub fn shown_fields(json: &str) -> Map<String, Value> {
    let fields: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
    fields.into_iter().map(|(key, value)| (mask_digits(&key), shown(value))).collect()
}

fn shown(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(mask_digits(&text)),
        other => other,
    }
}

/// Custom fields as people sent them back, where what they were shown masked is whole again.
pub fn restored_fields(sent: Map<String, Value>, stored: &str) -> Map<String, Value> {
    let stored: Map<String, Value> = serde_json::from_str(stored).unwrap_or_default();
    let restored = |(key, value): (String, Value)| match stored.iter().find(|(full, _)| mask_digits(full) == key) {
        Some((full, kept)) if shown(kept.clone()) == value => (full.clone(), kept.clone()),
        Some((full, _)) => (full.clone(), value),
        None => (key, value),
    };
    sent.into_iter().map(restored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_search_box_takes_names_numbers_and_their_ends() {
        assert_eq!(Search::parse(" "), Search::Everyone);
        assert_eq!(Search::parse("张"), Search::Name("张".into()));
        assert_eq!(Search::parse("5678"), Search::Tail("5678".into()));
        assert!(matches!(Search::parse("138 1234 5678"), Search::Number(_)));
        assert_eq!(Search::parse("1381"), Search::Tail("1381".into()));
        assert_eq!(like_anywhere("50%_"), "%50\\%\\_%");
    }

    #[test]
    fn custom_fields_are_texts() {
        let given = json!({"城市": " 上海 ", "空": "", "欠费": 12.5, "无": null});
        assert_eq!(Value::Object(fields(given.as_object().unwrap()).unwrap()), json!({"城市": "上海", "欠费": "12.5"}));
        assert_eq!(fields(json!({"a": [1]}).as_object().unwrap()), None);
    }

    #[test]
    fn fields_that_come_back_as_they_were_shown_stay_what_they_are() {
        let stored = json!({"备用 138-1234-5678": "139 0000 0002", "城市": "上海"}).to_string();
        let mut sent = shown_fields(&stored);
        assert_eq!(Value::Object(sent.clone()), json!({"备用 138****5678": "139****0002", "城市": "上海"}));
        assert_eq!(Value::Object(restored_fields(sent.clone(), &stored)).to_string(), stored);
        sent.insert("城市".into(), "北京".into());
        assert_eq!(restored_fields(sent, &stored)["城市"], "北京");
    }

    #[test]
    fn rehearsal_numbers_are_known() {
        assert!(is_synthetic(&Phone::parse("19900001234").unwrap()));
        assert!(!is_synthetic(&Phone::parse("19900011234").unwrap()));
    }
}
