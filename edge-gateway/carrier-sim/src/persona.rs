//! Who a synthetic customer is: read from JSON files (see `personas/README.md`), chosen by seed and number.

use serde::Deserialize;
use std::path::Path;

/// How the called party behaves at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    Speaks,
    Silent,
    HangsUp,
    Busy,
    Unavailable,
    NoAnswer,
    NotFound,
}

/// Phrasings for one go, split so that rules are never tuned on what they are measured with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrasings {
    #[serde(default)]
    pub tuning: Vec<String>,
    #[serde(default)]
    pub held_out: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    pub key: String,
    #[serde(default = "one")]
    pub weight: u32,
    pub behaviour: Behaviour,
    /// What an attentive listener would label the call; for the bench, not for the persona.
    pub label: Option<String>,
    #[serde(default)]
    pub turns: Vec<Phrasings>,
    #[serde(default)]
    pub hang_up_after: Option<u32>,
}

fn one() -> u32 {
    1
}

/// Which half of the phrasings is spoken: the half that the intent rules were written with, or the one that measures them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Half {
    #[default]
    Tuning,
    HeldOut,
}

#[derive(Debug, thiserror::Error)]
pub enum PersonaError {
    #[error("cannot read the personas in {folder}: {source}")]
    Read { folder: String, source: std::io::Error },
    #[error("{file} is not a persona: {source}")]
    Malformed { file: String, source: serde_json::Error },
    #[error("{file}: {what}")]
    Empty { file: String, what: &'static str },
    #[error("no persona is in {0}")]
    None(String),
}

const BUILT_IN: [(&str, &str); 10] = [
    ("interested.json", include_str!("../personas/interested.json")),
    ("questions.json", include_str!("../personas/questions.json")),
    ("refuses.json", include_str!("../personas/refuses.json")),
    ("busy.json", include_str!("../personas/busy.json")),
    ("silent.json", include_str!("../personas/silent.json")),
    ("hangs_up.json", include_str!("../personas/hangs_up.json")),
    ("line_busy.json", include_str!("../personas/line_busy.json")),
    ("unavailable.json", include_str!("../personas/unavailable.json")),
    ("no_answer.json", include_str!("../personas/no_answer.json")),
    ("not_found.json", include_str!("../personas/not_found.json")),
];

/// The personas that come with the carrier.
pub fn built_in() -> Result<Vec<Persona>, PersonaError> {
    BUILT_IN.iter().map(|(file, text)| parse(file, text)).collect()
}

/// Every `*.json` of a folder, by name.
pub fn load(folder: &Path) -> Result<Vec<Persona>, PersonaError> {
    let shown = folder.display().to_string();
    let read = |source| PersonaError::Read { folder: shown.clone(), source };
    let mut files: Vec<_> = std::fs::read_dir(folder).map_err(read)?.collect::<Result<_, _>>().map_err(read)?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    let mut personas = Vec::new();
    for file in
        files.iter().map(std::fs::DirEntry::path).filter(|path| path.extension().is_some_and(|ext| ext == "json"))
    {
        let text = std::fs::read_to_string(&file).map_err(read)?;
        personas.push(parse(&file.display().to_string(), &text)?);
    }
    if personas.is_empty() { Err(PersonaError::None(shown)) } else { Ok(personas) }
}

fn parse(file: &str, text: &str) -> Result<Persona, PersonaError> {
    let persona: Persona =
        serde_json::from_str(text).map_err(|source| PersonaError::Malformed { file: file.to_owned(), source })?;
    let empty = |what| Err(PersonaError::Empty { file: file.to_owned(), what });
    if persona.behaviour == Behaviour::Speaks && persona.turns.is_empty() {
        return empty("a persona that speaks needs at least one turn");
    }
    if persona.turns.iter().any(|turn| turn.tuning.is_empty() && turn.held_out.is_empty()) {
        return empty("a turn has no phrasing");
    }
    Ok(persona)
}

/// The persona behind a number, and the seed of everything it does in that call.
pub fn choose<'a>(personas: &'a [Persona], seed: u64, number: &str) -> Option<(&'a Persona, u64)> {
    let mut mix = fastrand::Rng::with_seed(
        number
            .bytes()
            .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
    );
    let total: u32 = personas.iter().map(|persona| persona.weight).sum();
    let mut ticket = mix.u32(0..total.max(1));
    let chosen = personas.iter().find(|persona| {
        let wins = ticket < persona.weight;
        ticket = ticket.saturating_sub(persona.weight);
        wins
    })?;
    Some((chosen, mix.u64(..)))
}

impl Persona {
    /// What is said at the `index`-th go (from 0); the last entry repeats.
    pub fn line(&self, index: usize, half: Half, random: &mut fastrand::Rng) -> Option<&str> {
        let turn = self.turns.get(index).or_else(|| self.turns.last())?;
        let pool: Vec<&String> = match half {
            Half::Tuning if !turn.tuning.is_empty() => turn.tuning.iter().collect(),
            Half::HeldOut if !turn.held_out.is_empty() => turn.held_out.iter().collect(),
            Half::Tuning | Half::HeldOut => turn.tuning.iter().chain(&turn.held_out).collect(),
        };
        pool.get(random.usize(0..pool.len().max(1))).map(|line| line.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_speaking_persona_has_a_dozen_ways_to_begin_and_half_are_held_out() {
        let speaking: Vec<_> = built_in().unwrap().into_iter().filter(|p| p.behaviour == Behaviour::Speaks).collect();
        assert_eq!(speaking.len(), 4);
        for persona in speaking {
            let first = &persona.turns[0];
            assert!(first.tuning.len() + first.held_out.len() >= 12, "{}", persona.key);
            for turn in &persona.turns {
                assert_eq!(turn.tuning.len(), turn.held_out.len(), "{}", persona.key);
                assert!(turn.tuning.iter().all(|line| !turn.held_out.contains(line)), "{}", persona.key);
            }
        }
    }

    #[test]
    fn the_same_number_and_seed_is_the_same_customer() {
        let personas = built_in().unwrap();
        let pick = |seed, number: &str| choose(&personas, seed, number).map(|(p, s)| (p.key.clone(), s)).unwrap();
        assert_eq!(pick(7, "19900000001"), pick(7, "19900000001"));
        let seen: std::collections::BTreeSet<_> = (0..200).map(|n| pick(7, &format!("199{n:08}")).0).collect();
        assert_eq!(seen.len(), personas.len(), "every persona is met among 200 numbers");
    }

    #[test]
    fn a_broken_persona_names_its_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.json"), r#"{"key":"a","behaviour":"speaks","label":null}"#).unwrap();
        assert!(load(folder.path()).unwrap_err().to_string().contains("a.json: a persona that speaks"));
    }
}
