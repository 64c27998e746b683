//! Whoever sees `138****1234` could put the ten thousand numbers that it may stand for into files, and read off the
//! duplicates which of them the tenant has. A list of customers has a few numbers under one mask; files that try one
//! out are told by having many. Pure: whose contacts stand under a mask is asked in `tries.rs`.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasher;

use shared_proto::phone::Phone;

use crate::features::contacts::rules::tail;

/// Different numbers under one mask that a person's files of an hour may have, beyond those that chance gives each.
const MOST: u64 = 50;
/// A list whose numbers all begin alike has one number in ten thousand under each mask; fifty times as many are
/// allowed for, up to so many in one file.
const ONE_IN: u64 = 200;
const SHARE_MOST: u64 = 100;

/// The numbers of one file, each once.
#[derive(Default)]
pub struct Numbers {
    hasher: RandomState,
    /// The digits of E.164, of which there are fifteen at most.
    known: HashSet<u64>,
    under: HashMap<u64, Under>,
}

struct Under {
    count: u64,
    first: u64,
}

/// A mask that more numbers of a file stand under than chance would have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bunch {
    pub masked: String,
    /// The last four digits, which contacts are found by.
    pub tail: String,
    pub numbers: u64,
    beyond_chance: u64,
}

impl Numbers {
    pub fn take(&mut self, phone: &Phone) {
        let Ok(digits) = phone.reveal().trim_start_matches('+').parse::<u64>() else { return };
        if self.known.insert(digits) {
            let under = self.hasher.hash_one(phone.masked());
            self.under.entry(under).or_insert(Under { count: 0, first: digits }).count += 1;
        }
    }

    /// Of the whole file, whatever the order of its rows.
    pub fn bunches(&self) -> Vec<Bunch> {
        let by_chance = 1 + (self.known.len() as u64 / ONE_IN).min(SHARE_MOST);
        let many = self.under.values().filter(|under| under.count > by_chance);
        let bunch = |under: &Under| {
            let phone = Phone::from_e164(&format!("+{}", under.first))?;
            let beyond_chance = under.count - by_chance;
            Some(Bunch { masked: phone.masked(), tail: tail(&phone), numbers: under.count, beyond_chance })
        };
        let mut bunches: Vec<Bunch> = many.filter_map(bunch).collect();
        bunches.sort_unstable_by(|a, b| a.masked.cmp(&b.masked));
        bunches
    }
}

/// What one person's files of an hour have had under each mask beyond chance.
pub type Tried = BTreeMap<String, u64>;

/// Adds a file's. Returns those under which it is now too many.
pub fn too_many<'a>(tried: &mut Tried, bunches: &'a [Bunch]) -> Vec<&'a Bunch> {
    let mut many = Vec::new();
    for bunch in bunches {
        let sum = tried.entry(bunch.masked.clone()).or_default();
        *sum += bunch.beyond_chance;
        if *sum > MOST {
            many.push(bunch);
        }
    }
    many
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bunches(numbers: impl Iterator<Item = String>) -> Vec<Bunch> {
        let mut all = Numbers::default();
        numbers.for_each(|number| all.take(&Phone::parse(&number).unwrap()));
        all.bunches()
    }

    fn too_many_of(numbers: impl Iterator<Item = String>) -> bool {
        !too_many(&mut Tried::new(), &bunches(numbers)).is_empty()
    }

    #[test]
    fn trying_what_a_mask_hides_is_told_from_a_list() {
        let guesses = |most: u64| (0..most).map(|middle| format!("138{middle:04}1234"));
        let others = |count: u64| (0..count).map(|n| format!("139{:08}", n * 37 % 100_000_000));
        assert!(too_many_of(guesses(100)), "all under one mask");
        assert!(!too_many_of(guesses(50)), "some chance");
        assert!(too_many_of(others(100_000).chain(guesses(1_000))), "among many others");
        assert!(!too_many_of((0..200_000).map(|n| format!("138{:08}", n * 37 % 100_000_000))), "one range, mixed");
        assert!(!too_many_of((0..100_000).map(|n| format!("138{n:08}"))), "one range, in order");
        assert!(!too_many_of((0..1_000).map(|_| "13800138000".to_owned())), "one number for whoever has given none");
    }

    #[test]
    fn what_chance_does_not_explain_adds_up_over_files() {
        let file = |from: u64| bunches((from..from + 30).map(|middle| format!("138{middle:04}1234")));
        let mut tried = Tried::new();
        assert!(too_many(&mut tried, &file(0)).is_empty());
        let second = file(30);
        let many = too_many(&mut tried, &second);
        assert_eq!((many[0].masked.as_str(), many[0].tail.as_str(), many[0].numbers), ("138****1234", "1234", 30));
    }
}
