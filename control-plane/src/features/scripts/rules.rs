//! What a script may be called, how long a try-out may be, and what a new script begins with. Pure.

use shared_proto::flow::{Flow, FlowError};

use crate::features::contacts::imports::rules::clean_text;

/// Lines a try-out may have, and signs in a line.
pub const MOST_LINES: usize = 200;
pub const LONGEST_LINE: usize = 500;

/// What scripts are for.
pub const CATEGORIES: [&str; 6] = ["marketing", "revisit", "notice", "collection", "public", "other"];

pub fn name(text: &str) -> Option<String> {
    let name = clean_text(text);
    (1..=60).contains(&name.chars().count()).then_some(name)
}

pub fn category(text: &str) -> Option<&'static str> {
    CATEGORIES.into_iter().find(|category| *category == text)
}

pub fn remark(text: &str) -> Option<String> {
    let text = text.trim();
    (text.chars().count() <= 500).then(|| text.to_owned())
}

/// The flow of a new script: whole enough to be published once its words are changed.
pub fn starter() -> Result<Flow, FlowError> {
    Flow::parse(include_str!("starter.json"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_new_script_has_nothing_wrong_but_its_words() {
        let labels = ["high", "low", "refused", "callback"];
        assert_eq!(dialogue::lint(&starter().unwrap(), &labels), []);
    }

    #[test]
    fn a_new_script_tried_out_gives_a_label() {
        let flow = Arc::new(starter().unwrap());
        let lines = ["喂你好", "可以啊", "好的"].map(str::to_owned);
        let tried = dialogue::try_out(flow.clone(), BTreeMap::new(), &lines);
        assert!(tried.ended);
        assert_eq!(tried.label.unwrap().key, "high");
        let silent = dialogue::try_out(flow, BTreeMap::new(), &["".to_owned()]);
        assert!(!silent.ended && silent.label.unwrap().key == "callback");
    }

    #[test]
    fn names_and_categories_are_parsed_at_the_door() {
        assert!(name(" ").is_none() && name("\u{200b}").is_none() && name(&"长".repeat(61)).is_none());
        assert_eq!(category("notice"), Some("notice"));
        assert_eq!(category("spam"), None);
    }
}
