//! Whoever sees `138****1234` could put the ten thousand numbers that it may stand for into a file, and read off the
//! duplicates which of them the tenant has. A list of customers has a few numbers under one mask; such a file is told
//! by having many. Pure.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

/// Different numbers under one mask that a short list may have.
const FEW: u64 = 50;
/// A list whose numbers all begin alike has one number in ten thousand under each mask; fifty times as many are
/// allowed for.
const ONE_IN: u64 = 200;

#[derive(Default)]
pub struct Guessing {
    hasher: RandomState,
    numbers: HashSet<u64>,
    under: HashMap<u64, u64>,
}

impl Guessing {
    /// Takes the next number of the list. True where one mask has had too many.
    pub fn take(&mut self, number_blind: &[u8], masked: &str) -> bool {
        if !self.numbers.insert(self.hasher.hash_one(number_blind)) {
            return false;
        }
        let under = self.under.entry(self.hasher.hash_one(masked)).or_default();
        *under += 1;
        *under > FEW + self.numbers.len() as u64 / ONE_IN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guesses(numbers: impl Iterator<Item = String>) -> bool {
        let mut guessing = Guessing::default();
        numbers.into_iter().any(|number| guessing.take(number.as_bytes(), &format!("{}{}", &number[..3], &number[7..])))
    }

    #[test]
    fn trying_what_a_mask_hides_is_told_from_a_list() {
        assert!(guesses((0..100).map(|middle| format!("138{middle:04}1234"))), "all under one mask");
        assert!(!guesses((0..50).map(|middle| format!("138{middle:04}1234"))), "some chance");
        assert!(!guesses((0..200_000).map(|n| format!("138{:08}", n * 37 % 100_000_000))), "one range, mixed");
        assert!(!guesses((0..100_000).map(|n| format!("138{n:08}"))), "one range, in order");
        assert!(!guesses((0..1_000).map(|_| "13800138000".to_owned())), "one number for whoever has given none");
    }
}
