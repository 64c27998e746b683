//! One phrase of an intent: compiled once, looked for anywhere in an utterance, by character and by sound.
//! `*` is a gap, `[甲|乙]` either, `[甲|]` optional, `^` and `$` a clause's ends. `!` before all: heard as it is written and
//! within one clause, for words that sound like harmless ones: 莫 like 没, 勿 like 午.

use super::units::{self, EXACT, NEAR_SOUND, Unit};

/// The most units a `*` may stand for.
const GAP: usize = 6;
/// From so many units one may be misheard.
const GUESSABLE: usize = 5;
/// What must not be misheard into its opposite: no unit of these is ever guessed.
const NEVER_GUESSED: &str = "不没别无未甭要有是好行对可能想需";

/// What decides by one syllable is not guessed, nor heard in what only sounds a little like it: 删 not in the 上 of
/// 晚上打电话.
const DECIDES_ALONE: &str = "删";

/// A compiled phrase.
#[derive(Debug, Clone)]
pub(crate) struct Phrase {
    pieces: Vec<Piece>,
    /// Long enough, and without gaps, so that one unit may be misheard.
    guessable: bool,
    /// Neither homophones nor other clauses.
    literal: bool,
}

#[derive(Debug, Clone)]
enum Piece {
    Unit(Unit),
    Either(Vec<Vec<Unit>>),
    Gap,
    Start,
    End,
}

/// Where a phrase was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Found {
    /// First unit, and one past the last.
    pub from: usize,
    pub to: usize,
    /// Bit n: unit n matched words of the phrase, not a gap.
    pub mask: u128,
    /// Sum of the likenesses.
    pub weight: f32,
    pub units: u32,
    misheard: u32,
    /// How many more units may be misheard.
    guesses: u32,
}

impl Phrase {
    pub(crate) fn compile(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let (literal, text) = text.strip_prefix('!').map_or((false, text), |text| (true, text));
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let special = match c {
                '*' => Piece::Gap,
                '^' => Piece::Start,
                '$' => Piece::End,
                '[' => {
                    let inside: String = rest.by_ref().take_while(|c| *c != ']').collect();
                    Piece::Either(inside.split('|').map(units::phrase).collect())
                }
                _ => {
                    plain.push(c);
                    continue;
                }
            };
            pieces.extend(units::phrase(&std::mem::take(&mut plain)).into_iter().map(Piece::Unit));
            pieces.push(special);
        }
        pieces.extend(units::phrase(&plain).into_iter().map(Piece::Unit));
        let longest = pieces.iter().map(|piece| match piece {
            Piece::Unit(_) => 1,
            Piece::Either(ways) => ways.iter().map(Vec::len).max().unwrap_or(0),
            Piece::Gap | Piece::Start | Piece::End => 0,
        });
        let whole = !pieces.iter().any(|piece| matches!(piece, Piece::Gap));
        Self { guessable: whole && !literal && longest.sum::<usize>() >= GUESSABLE, literal, pieces }
    }

    /// Whether there is anything to match at all.
    pub(crate) fn is_empty(&self) -> bool {
        !self.pieces.iter().any(|piece| match piece {
            Piece::Unit(_) => true,
            Piece::Either(ways) => ways.iter().any(|way| !way.is_empty()),
            Piece::Gap | Piece::Start | Piece::End => false,
        })
    }

    /// Every place where the phrase is in the utterance, at most one per start.
    pub(crate) fn find(&self, said: &[Unit]) -> Vec<Found> {
        let starts = 0..said.len();
        starts.filter_map(|from| self.at(said, from)).filter(Found::convinces).collect()
    }

    fn at(&self, said: &[Unit], from: usize) -> Option<Found> {
        let guesses = u32::from(self.guessable);
        let begin = Found { from, to: from, mask: 0, weight: 0.0, units: 0, misheard: 0, guesses };
        let found = follow(&self.pieces, said, begin)?;
        let within = || found.is_exact() && !said[from..found.to.saturating_sub(1)].iter().any(|unit| unit.ends);
        // A phrase begins with its own words, so that its place and its negation can be told.
        (found.mask >> from & 1 == 1 && (!self.literal || within())).then_some(found)
    }
}

impl Found {
    /// Short phrases must be nearly exact, of two words one exactly so; longer ones may hold homophones, and from five units one misheard unit.
    fn convinces(&self) -> bool {
        let mean = self.weight / self.units.max(1) as f32;
        let (least, guesses) = match self.units {
            0 => return false,
            1 => (0.99, 0),
            2 => (0.94, 0),
            3 => (0.8, 0),
            4 => (0.75, 0),
            _ => (0.75, 1),
        };
        mean >= least && self.misheard <= guesses
    }

    pub(crate) fn is_exact(&self) -> bool {
        self.weight >= EXACT * self.units as f32
    }

    /// All that was said.
    pub(crate) fn everywhere(said: &[Unit]) -> Self {
        Self { from: 0, to: said.len(), mask: u128::MAX, weight: 0.0, units: 0, misheard: 0, guesses: 0 }
    }

    /// Whether the unit at a place is one of the phrase's own words.
    pub(crate) fn holds(&self, at: usize) -> bool {
        at < 128 && self.mask >> at & 1 == 1
    }

    pub(crate) fn inside(&self, other: &Found) -> bool {
        self.mask != other.mask && self.mask & other.mask == self.mask
    }

    fn take(&self, want: &Unit, said: &[Unit]) -> Option<Found> {
        let unit = said.get(self.to).filter(|_| self.to < 128)?;
        let mut next = *self;
        // 明天还不了 is no 明天聊.
        let ends_a_word = unit.is("了") && want.is("聊");
        let likeness = if ends_a_word { 0.0 } else { want.likeness(unit) };
        // What was heard as one of these words is no other that only sounds a little like it: 想 is not 先.
        let taken_for_another = likeness == NEAR_SOUND && (unit.is(NEVER_GUESSED) || want.is(DECIDES_ALONE));
        if likeness == 0.0 || taken_for_another {
            if self.guesses == 0 {
                return None;
            }
            // Nor is the first word of another clause a misheard last one.
            let wanted = !want.is(NEVER_GUESSED) && !want.is(DECIDES_ALONE);
            let safe = !unit.starts && wanted && !unit.is(NEVER_GUESSED) && unit.text.chars().count() == 1;
            if !safe || self.units == 0 {
                return None;
            }
            next.misheard += 1;
            next.guesses -= 1;
        }
        next.weight += likeness;
        next.units += 1;
        next.mask |= 1 << self.to;
        next.to += 1;
        Some(next)
    }
}

/// Follows the pieces from a place, trying every way; the heaviest wins.
fn follow(pieces: &[Piece], said: &[Unit], so_far: Found) -> Option<Found> {
    let Some((piece, rest)) = pieces.split_first() else { return Some(so_far) };
    match piece {
        Piece::Unit(want) => follow(rest, said, so_far.take(want, said)?),
        Piece::Either(ways) => {
            let took = ways.iter().filter_map(|way| way.iter().try_fold(so_far, |found, want| found.take(want, said)));
            heaviest(took.filter_map(|found| follow(rest, said, found)))
        }
        Piece::Gap => {
            let most = GAP.min(said.len().saturating_sub(so_far.to));
            // The shortest gap that works: a longer one only reaches for unrelated words.
            (0..=most).find_map(|skip| follow(rest, said, Found { to: so_far.to + skip, ..so_far }))
        }
        Piece::Start => {
            said.get(so_far.to).filter(|unit| unit.starts)?;
            follow(rest, said, so_far)
        }
        Piece::End => {
            so_far.to.checked_sub(1).and_then(|last| said.get(last)).filter(|unit| unit.ends)?;
            follow(rest, said, so_far)
        }
    }
}

fn heaviest(ways: impl Iterator<Item = Found>) -> Option<Found> {
    // Of two equally heavy ways the one without a guess is meant.
    let worth = |found: &Found| found.weight - found.misheard as f32;
    ways.max_by(|a, b| worth(a).total_cmp(&worth(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, said: &str) -> bool {
        !Phrase::compile(phrase).find(&units::utterance(said).units).is_empty()
    }

    #[test]
    fn a_phrase_is_found_by_sound_inside_an_utterance() {
        assert!(found("没兴趣", "我们兴趣谢谢"));
        assert!(found("贷款", "你们是做带款的吗"));
        assert!(found("不感兴趣", "我不敢兴去"));
        assert!(!found("有时间", "我没时间"));
    }

    #[test]
    fn a_literal_phrase_is_found_as_written_and_within_one_clause() {
        assert!(found("!请*勿*打", "请你勿再打") && found("!莫打", "莫打了"));
        assert!(!found("!请*勿*打", "请中午打") && !found("!莫打", "没打") && !found("!有空*打", "我有空，你打"));
    }

    #[test]
    fn a_short_phrase_is_not_guessed() {
        assert!(!found("需要", "主要"));
        assert!(!found("好", "号"));
        assert!(!found("我需要贷款", "我不要贷款"));
    }

    #[test]
    fn gaps_choices_and_ends_hold() {
        assert!(found("怎么*[电话|号码]", "你们怎么会有我的号码"));
        assert!(!found("怎么*[电话|号码]", "怎么这个事情这样子的我要了解才给你号码"));
        assert!(found("^[我|]不用$", "喂，我不用，谢谢"));
        assert!(!found("^[我|]不用$", "我不用抵押"));
        assert!(found("有需要*[再|会|]*[联系|找|给你]", "等有需要我再找你们"));
        assert!(found("别[再|]打了", "别打了") && found("别[再|]打了", "别再打了"));
    }

    #[test]
    fn a_phrase_without_words_matches_nothing() {
        for empty in ["", "*", "^$", "[|]", "啊呢", "[", "*[|"] {
            let phrase = Phrase::compile(empty);
            assert!(phrase.is_empty() && phrase.find(&units::utterance("你好").units).is_empty(), "{empty}");
        }
    }
}
