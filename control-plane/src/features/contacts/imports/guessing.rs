//! Whoever sees `138****1234` could put the ten thousand numbers that it may stand for into files, and read off the
//! duplicates which of them the tenant has. A list of customers has a few numbers under one mask; files that try one
//! out are told by having many. Pure: whose contacts stand under a mask is asked in `tries.rs`.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use shared_proto::phone::Phone;

use crate::features::contacts::rules::tail;

/// Different numbers under one mask that a person's files of a day may have,
const MOST: u64 = 10;
/// and one more for every so many numbers in them: a list whose numbers all begin alike has one in ten thousand under
/// each mask, and five times as many are allowed for.
const ONE_IN: u64 = 2_000;
const SHARE_MOST: u64 = 50;
/// From so many numbers in one file, the only one under its mask is not counted: it stands there by chance.
const ALONE_FROM: u64 = 2_000;

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

/// A mask and how many numbers of a file stand under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bunch {
    pub masked: String,
    /// The last four digits, which contacts are found by.
    pub tail: String,
    pub numbers: u64,
}

impl Numbers {
    pub fn take(&mut self, phone: &Phone) {
        let Ok(digits) = phone.reveal().trim_start_matches('+').parse::<u64>() else { return };
        if self.known.insert(digits) {
            let under = self.hasher.hash_one(phone.masked());
            self.under.entry(under).or_insert(Under { count: 0, first: digits }).count += 1;
        }
    }

    /// How many they are.
    pub fn count(&self) -> u64 {
        self.known.len() as u64
    }

    /// Of the whole file, whatever the order of its rows.
    pub fn bunches(&self) -> Vec<Bunch> {
        let uncounted = u64::from(self.count() >= ALONE_FROM);
        let many = self.under.values().filter(|under| under.count > uncounted);
        let bunch = |under: &Under| {
            let phone = Phone::from_e164(&format!("+{}", under.first))?;
            Some(Bunch { masked: phone.masked(), tail: tail(&phone), numbers: under.count })
        };
        let mut bunches: Vec<Bunch> = many.filter_map(bunch).collect();
        bunches.sort_unstable_by(|a, b| a.masked.cmp(&b.masked));
        bunches
    }
}

/// The most numbers under one mask in files that have `numbers` together.
pub fn most_under_a_mask(numbers: u64) -> u64 {
    MOST + (numbers / ONE_IN).min(SHARE_MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of files, and the most of them that are counted under one mask.
    fn counted(files: impl Iterator<Item = Vec<String>>) -> (u64, u64) {
        let mut numbers = 0;
        let mut under: HashMap<String, u64> = HashMap::new();
        for file in files {
            let mut all = Numbers::default();
            file.iter().for_each(|number| all.take(&Phone::parse(number).unwrap()));
            numbers += all.count();
            for bunch in all.bunches() {
                *under.entry(bunch.masked).or_default() += bunch.numbers;
            }
        }
        (numbers, under.into_values().max().unwrap_or(0))
    }

    fn too_many(numbers: impl Iterator<Item = String>) -> bool {
        let (numbers, most) = counted(std::iter::once(numbers.collect()));
        most > most_under_a_mask(numbers)
    }

    fn guesses(middles: std::ops::Range<u64>) -> impl Iterator<Item = String> {
        middles.map(|middle| format!("138{middle:04}1234"))
    }

    fn others(count: u64) -> impl Iterator<Item = String> {
        (0..count).map(|n| format!("139{:08}", n * 37 % 100_000_000))
    }

    #[test]
    fn trying_what_a_mask_hides_is_told_from_a_list() {
        assert!(too_many(guesses(0..100)), "all under one mask");
        assert!(!too_many(guesses(0..10)), "some chance");
        assert!(too_many(guesses(0..40)), "all that one place leaves");
        assert!(too_many(others(20_000).chain(guesses(0..40))), "even among others");
        assert!(too_many(others(100_000).chain(guesses(0..1_000))), "among many others");
        assert!(!too_many((0..200_000).map(|n| format!("138{:08}", n * 37 % 100_000_000))), "one range, mixed");
        assert!(!too_many((0..100_000).map(|n| format!("138{n:08}"))), "one range, in order");
        assert!(!too_many((0..1_000).map(|_| "13800138000".to_owned())), "one number for whoever has given none");
    }

    #[test]
    fn files_add_up_and_others_among_them_hide_no_more_than_a_share_once() {
        let files = |each: u64, padding: u64| {
            (0..4).map(move |file| guesses(file * each..(file + 1) * each).chain(others(padding)).collect())
        };
        let over = |(numbers, most): (u64, u64)| most > most_under_a_mask(numbers);
        assert!(!over(counted(files(2, 0))) && over(counted(files(3, 0))));
        assert!(!over(counted(files(12, 20_000))) && over(counted(files(13, 20_000))));
    }
}
