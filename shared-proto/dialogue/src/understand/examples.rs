//! What an utterance resembles where no phrase was heard in it: sentences that people say, by intent, and the nearest of
//! them by their words and sounds. Nearest neighbours over TF-IDF weighted n-grams (Salton and Buckley 1988), so every
//! answer can name the sentence it rests on.

use super::units::{self, Unit};
use std::collections::BTreeMap;

/// Words and sounds in a row that make one feature, at most.
const LONGEST: usize = 3;
/// Neighbours that vote.
const VOTERS: usize = 10;
/// A nearer neighbour counts more: its likeness to this power.
const SHARPNESS: i32 = 2;
/// What the question expects is likelier than what nobody asked for.
const EXPECTED: f32 = 1.3;

/// Sentences of known intents.
#[derive(Debug, Default)]
pub(crate) struct Examples {
    sentences: Vec<(String, String)>,
    /// Feature → sentences that have it, with its weight in each; sentences are vectors of length one.
    postings: BTreeMap<u64, Vec<(u32, f32)>>,
    rarity: BTreeMap<u64, f32>,
}

/// One sentence that an utterance resembles.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Neighbour {
    pub intent: String,
    pub sentence: String,
    /// Cosine of the two, 0 to 1.
    pub likeness: f32,
}

/// What the neighbours agree on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Vote {
    pub nearest: Neighbour,
    /// The winner's share of the votes times the nearest likeness: 0 to 1.
    pub confidence: f32,
}

impl Examples {
    /// From pairs of intent and sentence.
    pub(crate) fn new(sentences: impl Iterator<Item = (String, String)>) -> Self {
        let sentences: Vec<(String, String)> = sentences.collect();
        let counted: Vec<BTreeMap<u64, u32>> = sentences.iter().map(|(_, text)| features(text)).collect();
        let mut spread: BTreeMap<u64, u32> = BTreeMap::new();
        for feature in counted.iter().flat_map(BTreeMap::keys) {
            *spread.entry(*feature).or_default() += 1;
        }
        let all = sentences.len() as f32;
        let rare = |n: u32| ((1.0 + all) / (1.0 + n as f32)).ln() + 1.0;
        let rarity: BTreeMap<u64, f32> = spread.into_iter().map(|(feature, n)| (feature, rare(n))).collect();
        let mut postings: BTreeMap<u64, Vec<(u32, f32)>> = BTreeMap::new();
        for (at, counts) in (0..).zip(&counted) {
            for (feature, weight) in weigh(counts, &rarity) {
                postings.entry(feature).or_default().push((at, weight));
            }
        }
        Self { sentences, postings, rarity }
    }

    /// The sentences most like `said`, nearest first.
    pub(crate) fn near(&self, said: &str) -> Vec<Neighbour> {
        let mut likeness = vec![0.0; self.sentences.len()];
        for (feature, weight) in weigh(&features(said), &self.rarity) {
            for (at, own) in self.postings.get(&feature).into_iter().flatten() {
                likeness[*at as usize] += weight * own;
            }
        }
        let mut near: Vec<(u32, f32)> = (0..).zip(likeness).filter(|(_, likeness)| *likeness > 0.0).collect();
        near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let neighbour = |(at, likeness): (u32, f32)| {
            let (intent, sentence) = self.sentences.get(at as usize)?.clone();
            Some(Neighbour { intent, sentence, likeness })
        };
        near.into_iter().take(VOTERS).filter_map(neighbour).collect()
    }
}

/// What the nearest of several books of examples agree on; `expected` intents get the benefit of the doubt.
pub(crate) fn vote(mut near: Vec<Neighbour>, expected: impl Fn(&str) -> bool) -> Option<Vote> {
    near.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    near.truncate(VOTERS);
    let mut votes: BTreeMap<&str, f32> = BTreeMap::new();
    for neighbour in &near {
        let benefit = if expected(&neighbour.intent) { EXPECTED } else { 1.0 };
        *votes.entry(&neighbour.intent).or_default() += benefit * neighbour.likeness.powi(SHARPNESS);
    }
    let all: f32 = votes.values().sum();
    let (intent, most) = votes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let confidence = most / all.max(f32::EPSILON) * near.first()?.likeness;
    let nearest = near.iter().find(|neighbour| neighbour.intent == intent)?.clone();
    Some(Vote { nearest, confidence })
}

/// How often each feature is in a text: runs of one to three words, and of syllables without tone, inside clauses.
fn features(text: &str) -> BTreeMap<u64, u32> {
    const EDGE: u64 = 1;
    let mut found = BTreeMap::new();
    let said = units::utterance(text).units;
    for clause in said.chunk_by(|unit, next| !unit.ends && !next.starts) {
        for (kind, code) in [(2, Unit::code as fn(&Unit) -> u64), (3, Unit::sound)] {
            let mut codes = vec![EDGE];
            codes.extend(clause.iter().map(code));
            codes.push(EDGE);
            for length in 1..=LONGEST {
                for run in codes.windows(length).filter(|run| *run != [EDGE]) {
                    *found.entry(fold(kind, run)).or_default() += 1;
                }
            }
        }
    }
    found
}

/// A run as one number (FNV-1a over its codes).
fn fold(kind: u64, run: &[u64]) -> u64 {
    let mix = |hash: u64, code: u64| (hash ^ code).wrapping_mul(0x0100_0000_01b3);
    run.iter().fold(mix(0xcbf2_9ce4_8422_2325, kind), |hash, code| mix(hash.rotate_left(23), *code))
}

/// The features that are known, weighted by how often and how rare, as a vector of length one.
fn weigh(counts: &BTreeMap<u64, u32>, rarity: &BTreeMap<u64, f32>) -> Vec<(u64, f32)> {
    let known =
        counts.iter().filter_map(|(feature, n)| Some((*feature, (1.0 + (*n as f32).ln()) * rarity.get(feature)?)));
    let mut weighed: Vec<(u64, f32)> = known.collect();
    let length = weighed.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
    weighed.iter_mut().for_each(|(_, weight)| *weight /= length.max(f32::EPSILON));
    weighed
}

/// The sentences that come with the house, by intent: `= key`, then one to a line.
pub(crate) fn built_in() -> impl Iterator<Item = (String, String)> {
    let mut intent = "";
    include_str!("examples.txt").lines().filter_map(move |line| match line.strip_prefix("= ") {
        Some(key) => {
            intent = key.trim();
            None
        }
        None => Some((intent.to_owned(), line.trim().to_owned())).filter(|(_, sentence)| !sentence.is_empty()),
    })
}

/// A phrase of the grammar as a sentence: its gaps and choices closed up.
pub(crate) fn sentence(phrase: &str) -> String {
    let mut plain = String::new();
    let mut rest = phrase.chars();
    while let Some(c) = rest.next() {
        match c {
            '[' => {
                let inside: String = rest.by_ref().take_while(|c| *c != ']').collect();
                plain.push_str(inside.split('|').next().unwrap_or_default());
            }
            '!' | '*' | '^' | '$' => {}
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::builtins;
    use std::collections::BTreeSet;

    fn book() -> Examples {
        let pairs = [
            ("busy", "我在开车不方便说话"),
            ("busy", "正开着会呢"),
            ("wish", "我想贷点钱装修"),
            ("wish", "能给我办一个吗"),
        ];
        Examples::new(pairs.into_iter().map(|(intent, text)| (intent.to_owned(), text.to_owned())))
    }

    #[test]
    fn the_nearest_sentence_is_found_by_words_and_by_sound() {
        assert_eq!(book().near("现在正开车")[0].intent, "busy");
        assert_eq!(book().near("我想带点钱庄修")[0].sentence, "我想贷点钱装修");
        assert!(book().near("葡萄").is_empty());
    }

    #[test]
    fn neighbours_vote_and_what_is_expected_gets_the_benefit_of_the_doubt() {
        let neighbour = |intent: &str, likeness| Neighbour { intent: intent.into(), sentence: String::new(), likeness };
        let near = vec![neighbour("a", 0.5), neighbour("b", 0.48)];
        assert_eq!(vote(near.clone(), |_| false).unwrap().nearest.intent, "a");
        assert_eq!(vote(near, |intent| intent == "b").unwrap().nearest.intent, "b");
        assert_eq!(vote(Vec::new(), |_| true), None);
    }

    #[test]
    fn every_example_is_of_an_intent_that_exists_and_stands_once() {
        let known: BTreeSet<&str> = builtins().iter().map(|b| b.key).collect();
        let mut seen = BTreeSet::new();
        for (intent, sentence) in built_in() {
            assert!(known.contains(intent.as_str()), "{intent}");
            assert!(seen.insert(sentence.clone()), "{sentence} stands twice");
        }
        assert!(seen.len() > 1_500);
    }

    #[test]
    fn a_phrase_becomes_a_sentence() {
        assert_eq!(sentence("^[我|]不用$"), "我不用");
        assert_eq!(sentence("怎么*[电话|号码]"), "怎么电话");
    }
}
