//! From characters to the voice's phonemes: longest known phrase first, then single characters, then tone sandhi.

use std::collections::HashMap;
use std::path::Path;

use pinyin::ToPinyin;
use serde::Deserialize;

use super::phrases::{CHARACTERS, LETTERS, PHRASES};
use super::{is_han, sandhi};
use crate::config::existing;
use crate::error::SpeechError;

/// Knows how phrases are read and which symbols the voice has.
pub(crate) struct Pronouncer {
    /// `银行` → `yin2 hang2`
    phrases: HashMap<Box<str>, Box<str>>,
    characters: HashMap<char, &'static str>,
    mapper: Mapper,
}

/// One spoken syllable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Syllable {
    pub character: char,
    /// Pinyin without tone, ü written v.
    pub sound: String,
    /// 1 to 4, 5 is neutral.
    pub tone: u8,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// First of the clause or after 、.
    AfterBreak,
    WordStart,
    InWord,
}

/// The part of the voice's own table that is needed: symbol numbers, and pinyin as initial and final.
#[derive(Deserialize)]
struct Mapper {
    symbol_to_id: HashMap<String, i32>,
    pinyin_dict: HashMap<String, (String, String)>,
}

const PHRASE_FILE: &str = "phrase-pinyin.tsv";
const MAPPER_FILE: &str = "baker_mapper.json";
const LONGEST_PHRASE: usize = 8;

impl Pronouncer {
    pub fn load(models: &Path) -> Result<Pronouncer, SpeechError> {
        let read = |name: &str| -> Result<(std::path::PathBuf, String), SpeechError> {
            let path = existing(models, name)?;
            let text = std::fs::read_to_string(&path).map_err(|error| broken(&path, &error))?;
            Ok((path, text))
        };
        let (path, json) = read(MAPPER_FILE)?;
        let mapper = serde_json::from_str(&json).map_err(|error| broken(&path, &error))?;
        let (_, table) = read(PHRASE_FILE)?;
        let known = table.lines().filter_map(|line| line.split_once('\t'));
        // Ours come last and win.
        let phrases = known.chain(PHRASES.iter().copied()).map(|(phrase, read)| (phrase.into(), read.into())).collect();
        Ok(Pronouncer { phrases, characters: CHARACTERS.iter().copied().collect(), mapper })
    }

    /// The voice's input for one clause; empty when nothing in it can be read.
    pub fn symbols(&self, clause: &str) -> Vec<i32> {
        let syllables = self.read(clause);
        let mut names: Vec<String> = vec!["sil".to_owned()];
        for (at, syllable) in syllables.iter().enumerate() {
            let (initial, vowel) = match self.mapper.pinyin_dict.get(&syllable.sound) {
                Some((initial, vowel)) => (initial.as_str(), vowel.as_str()),
                None => continue,
            };
            let erhua = at > 0 && syllable.character == '儿' && syllable.tone == 5 && syllable.place == Place::InWord;
            if erhua {
                names.push("er5".to_owned());
                continue;
            }
            if names.len() > 1 {
                let boundary = match syllable.place {
                    Place::AfterBreak => "#3",
                    Place::WordStart | Place::InWord => "#0",
                };
                names.push(boundary.to_owned());
            }
            names.push(initial.to_owned());
            names.push(format!("{vowel}{}", syllable.tone));
        }
        if names.len() == 1 {
            return Vec::new();
        }
        names.push("sil".to_owned());
        names.push("eos".to_owned());
        names.iter().filter_map(|name| self.mapper.symbol_to_id.get(name).copied()).collect()
    }

    /// `ni2 hao3`, for tests and for people.
    pub fn syllables(&self, clause: &str) -> String {
        let read: Vec<String> = self.read(clause).iter().map(|s| format!("{}{}", s.sound, s.tone)).collect();
        read.join(" ")
    }

    fn read(&self, clause: &str) -> Vec<Syllable> {
        let mut syllables: Vec<Syllable> = Vec::new();
        let mut place = Place::AfterBreak;
        let mut rest = clause;
        while let Some(first) = rest.chars().next() {
            let (taken, readings) = if is_han(first) {
                self.word(rest)
            } else if first.is_ascii_alphabetic() {
                (1, LETTERS[(first.to_ascii_uppercase() as u8 - b'A') as usize].to_owned())
            } else {
                (1, String::new())
            };
            let end = rest.char_indices().nth(taken).map_or(rest.len(), |(at, _)| at);
            let characters = rest[..end].chars().chain(std::iter::repeat(first));
            for (reading, character) in readings.split_whitespace().zip(characters) {
                let (sound, tone) = reading.split_at(reading.len() - 1);
                let tone = tone.parse().unwrap_or(5);
                syllables.push(Syllable { character, sound: sound.to_owned(), tone, place });
                place = Place::InWord;
            }
            place = match (first, place) {
                ('、', _) => Place::AfterBreak,
                (_, Place::AfterBreak) => Place::AfterBreak,
                _ => Place::WordStart,
            };
            rest = &rest[end..];
        }
        particles(&mut syllables);
        sandhi::apply(&mut syllables);
        syllables
    }

    /// The longest known phrase at the start of `rest`, else one character: its length and reading.
    fn word(&self, rest: &str) -> (usize, String) {
        let ends: Vec<usize> = rest
            .char_indices()
            .take_while(|(_, c)| is_han(*c))
            .take(LONGEST_PHRASE)
            .map(|(at, c)| at + c.len_utf8())
            .collect();
        for (length, end) in ends.iter().enumerate().map(|(n, end)| (n + 1, *end)).skip(1).rev() {
            if let Some(reading) = self.phrases.get(&rest[..end]) {
                return (length, reading.to_string());
            }
        }
        let character = rest.chars().next().unwrap_or_default();
        let reading = match self.characters.get(&character) {
            Some(reading) => (*reading).to_owned(),
            None => character.to_pinyin().map(|p| toned(p.with_tone_num_end())).unwrap_or_default(),
        };
        (1, reading)
    }
}

/// The table writes a neutral tone without a digit, and ü as it is.
fn toned(reading: &str) -> String {
    let reading = reading.replace('ü', "v");
    if reading.ends_with(|c: char| c.is_ascii_digit()) { reading } else { reading + "5" }
}

/// Single characters whose reading their neighbours decide: 地 between words is the adverb's particle (慢慢地说), alone
/// it is the ground; 还 with nothing left to modify is to pay back (怎么还); 得 at a beginning is must (得拿什么).
fn particles(syllables: &mut [Syllable]) {
    for at in 0..syllables.len() {
        let here = &syllables[at];
        let next = syllables.get(at + 1).filter(|next| next.place != Place::AfterBreak);
        if here.place == Place::InWord || next.is_some_and(|next| next.place == Place::InWord) {
            continue;
        }
        let first = here.place == Place::AfterBreak;
        let (sound, tone) = match (here.character, next.map(|next| next.character)) {
            ('地', Some(_)) if !first => ("de", 5),
            ('还', None | Some('了' | '呢' | '吗' | '吧' | '啊' | '过' | '的')) => ("huan", 2),
            ('得', Some(_)) if first => ("dei", 3),
            _ => continue,
        };
        syllables[at].sound = sound.to_owned();
        syllables[at].tone = tone;
    }
}

fn broken(path: &Path, error: &dyn std::fmt::Display) -> SpeechError {
    SpeechError::ModelBroken { path: path.to_owned(), reason: error.to_string() }
}
