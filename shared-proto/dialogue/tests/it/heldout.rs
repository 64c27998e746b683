//! What is held out of tuning stays out: no held-out phrasing of a synthetic customer stands, or nearly stands, in what the
//! understanding is made from or tested with. A failure names the persona and the place, never the phrasing.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// From the root of the workspace. Folders are taken whole, as far as they hold text, Rust or flows.
const TUNED: [&str; 4] = [
    "shared-proto/dialogue/src",
    "shared-proto/dialogue/tests",
    "control-plane/demo",
    "control-plane/src/features/scripts/starter.json",
];
const PERSONAS: &str = "edge-gateway/carrier-sim/personas";
/// Said without changing what is meant, so not counted.
const PARTICLES: &str = "啊呢吧哦嗯呀啦嘛吗了哎唉诶呐哟喔噢哈嘞咯呗哇喂嗨的";
/// Stand between phrases of one line. What stands between other marks is taken both whole and in parts.
const BETWEEN_PHRASES: &str = "；;|/\\\"“”「」[]()（）：:";
/// A shorter piece may stand in any sentence.
const FEWEST: usize = 5;
const ALIKE: f64 = 0.8;

#[test]
fn no_held_out_phrasing_stands_in_tuned_data() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (mut tuned, mut held_out) = (BTreeMap::new(), Vec::new());
    TUNED.iter().for_each(|name| read(&root, name, &mut tuned));
    for file in files(&root, PERSONAS).into_iter().filter(|name| name.ends_with(".json")) {
        let persona: Value = serde_json::from_str(&std::fs::read_to_string(root.join(&file)).unwrap()).unwrap();
        for (turn, phrasings) in persona["turns"].as_array().unwrap().iter().enumerate() {
            let half = |name: &str| phrasings[name].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
            half("tuning").for_each(|line| keep(line, &format!("{file}, tuning, turn {turn}"), &mut tuned));
            held_out.extend(half("held_out").map(|line| (persona["key"].to_string(), plain(line))));
        }
    }
    assert!(held_out.len() > 40 && tuned.len() > 2000, "{} held out, {} tuned", held_out.len(), tuned.len());
    let leaked: BTreeSet<String> = held_out
        .iter()
        .flat_map(|(key, line)| tuned.iter().filter(|(piece, _)| same(line, piece)).map(move |(_, at)| (key, at)))
        .map(|(key, at)| format!("a phrasing held out by {key} is at {at}"))
        .collect();
    assert!(leaked.is_empty(), "{leaked:#?}");
}

#[test]
fn copies_and_near_copies_are_the_same_and_other_words_are_not() {
    let alike = |one, other| same(&plain(one), &plain(other));
    assert!(alike("好的，我现在就去看看啊。", "我现在就去看看"));
    assert!(alike("天气不错，出去走走", "天气不错，出去走一走吧"));
    assert!(!alike("好的。", "好的，我现在就去看看"));
    assert!(!alike("天气不错，出去走走", "下雨了，在家待着"));
}

fn files(root: &Path, name: &str) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(root.join(name)) else { return vec![name.to_owned()] };
    let names = folder.map(|entry| format!("{name}/{}", entry.unwrap().file_name().to_str().unwrap()));
    names.flat_map(|name| files(root, &name)).collect()
}

fn read(root: &Path, name: &str, tuned: &mut BTreeMap<Vec<char>, String>) {
    for file in files(root, name).iter().filter(|name| [".txt", ".rs", ".json"].iter().any(|end| name.ends_with(end))) {
        for (number, line) in std::fs::read_to_string(root.join(file)).unwrap().lines().enumerate() {
            keep(line, &format!("{file}:{}", number + 1), tuned);
        }
    }
}

/// The line, its phrases and their parts, by what is counted of them.
fn keep(line: &str, at: &str, tuned: &mut BTreeMap<Vec<char>, String>) {
    let phrases = line.split(|c| BETWEEN_PHRASES.contains(c));
    let parts = line.split(|c: char| !c.is_alphanumeric());
    for piece in std::iter::once(line).chain(phrases).chain(parts).map(plain).filter(|piece| piece.len() > 1) {
        tuned.entry(piece).or_insert_with(|| at.to_owned());
    }
}

fn plain(text: &str) -> Vec<char> {
    text.chars().filter(|c| c.is_alphanumeric() && !PARTICLES.contains(*c)).flat_map(char::to_lowercase).collect()
}

fn same(one: &[char], other: &[char]) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    let contained = short.len() >= FEWEST && long.windows(short.len()).any(|window| window == short);
    contained || one == other || shared_pairs(one, other) >= ALIKE || edits_spared(short, long) >= ALIKE
}

/// Dice's measure over pairs of neighbours.
fn shared_pairs(one: &[char], other: &[char]) -> f64 {
    let mut rest: Vec<&[char]> = other.windows(2).collect();
    let all = one.len().saturating_sub(1) + rest.len();
    for pair in one.windows(2) {
        if let Some(at) = rest.iter().position(|found| *found == pair) {
            rest.swap_remove(at);
        }
    }
    2.0 * (other.len().saturating_sub(1) - rest.len()) as f64 / all.max(1) as f64
}

/// The share of the longer text that no edit touches, by Levenshtein.
fn edits_spared(short: &[char], long: &[char]) -> f64 {
    if (short.len() as f64) < ALIKE * long.len() as f64 {
        return 0.0;
    }
    let mut row: Vec<usize> = (0..=long.len()).collect();
    for (above, c) in short.iter().enumerate() {
        let mut slant = std::mem::replace(&mut row[0], above + 1);
        for (at, d) in long.iter().enumerate() {
            let best = (slant + usize::from(c != d)).min(row[at] + 1).min(row[at + 1] + 1);
            slant = std::mem::replace(&mut row[at + 1], best);
        }
    }
    1.0 - row[long.len()] as f64 / long.len() as f64
}
