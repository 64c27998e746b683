//! The intents every flow has. Their phrases, the words Chinese (and English) speakers use on the phone, are
//! in `builtin.txt`: `= key name`, then phrases between semicolons.

use std::sync::LazyLock;

/// A built-in intent.
#[derive(Debug, Clone)]
pub struct Builtin {
    pub key: &'static str,
    /// In words for people.
    pub name: &'static str,
    pub meaning: Meaning,
    pub phrases: Vec<&'static str>,
}

/// What kind of thing is meant, which decides how meanings weigh against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    OptOut,
    Machine,
    Yes,
    No,
    /// Wants what is offered, or may want it.
    Wish,
    Refusal,
    /// Not now.
    Deferral,
    Farewell,
    Question,
    Repeat,
    Greeting,
    Other,
}

/// All of them.
pub fn builtins() -> &'static [Builtin] {
    static ALL: LazyLock<Vec<Builtin>> =
        LazyLock::new(|| include_str!("builtin.txt").split("= ").filter_map(read).collect());
    &ALL
}

fn read(block: &'static str) -> Option<Builtin> {
    let (head, body) = block.split_once('\n')?;
    let (key, name) = head.split_once(' ')?;
    let phrases = body.split(';').map(str::trim).filter(|phrase| !phrase.is_empty()).collect();
    Some(Builtin { key, name, meaning: meaning(key), phrases })
}

fn meaning(key: &str) -> Meaning {
    match key {
        "opt_out" => Meaning::OptOut,
        "machine" => Meaning::Machine,
        "affirm" => Meaning::Yes,
        "deny" => Meaning::No,
        "interested" | "consider" => Meaning::Wish,
        "not_interested" | "hostile" | "wrong_person" | "somebody_else" => Meaning::Refusal,
        "busy_callback" => Meaning::Deferral,
        "goodbye" => Meaning::Farewell,
        "who_are_you" | "are_you_robot" | "how_got_number" | "is_scam" | "what_matter" => Meaning::Question,
        "repeat_please" => Meaning::Repeat,
        "greeting" | "backchannel" => Meaning::Greeting,
        _ => Meaning::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_intent_has_a_name_and_is_listed_once() {
        let keys: Vec<&str> = builtins().iter().map(|b| b.key).collect();
        let once: std::collections::BTreeSet<&str> = keys.iter().copied().collect();
        assert_eq!((keys.len(), once.len()), (23, 23));
        assert!(builtins().iter().all(|b| !b.name.is_empty() && (b.key == "backchannel" || b.phrases.len() > 5)));
    }
}
