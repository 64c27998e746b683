//! The sum that a contact names as wanted before anybody asked for one, so that it need not be asked for again. What
//! answers a question for a sum is that question's value and none of this. And which of two sums is meant where one
//! corrects the other.

use crate::slots;
use crate::understand::{self, Kind, Stance, Understanding};
use shared_proto::flow::{Flow, Node, Question, SlotKind};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

/// A sum, and the words that named it.
#[derive(Debug, Clone)]
pub(crate) struct Sum {
    pub yuan: String,
    pub quote: String,
}

/// What an utterance says about the sum that is wanted.
pub(crate) enum Named {
    /// It names one.
    Wanted(Sum),
    /// It speaks of a sum, and whether of the one named before is not known.
    Unclear,
    Nothing,
}

/// A sum said beside a clear wish or yes is the one that is wanted, and so is one that is all that was said where that
/// was taken for either; a mere question changes nothing. A range names no sum.
pub(crate) fn named(text: &str, understood: Option<&Understanding>) -> Named {
    let meant = || understood.into_iter().flat_map(|u| std::iter::once(u).chain(&u.also)).filter(|u| u.is_clear());
    let wished = meant().any(|u| u.stance() == Some(Stance::For));
    let agreed = meant().any(Understanding::agrees);
    let goes_on = |u: &Understanding| u.agrees() || u.stance() == Some(Stance::For);
    let asks = understand::asks(text);
    let answered = agreed || (understood.is_some_and(goes_on) && is_all(text));
    match slots::find(text).amount {
        Some(yuan) if (wished || (answered && !asks)) && !slots::holds_range(text) => {
            Named::Wanted(Sum { yuan, quote: text.trim().to_owned() })
        }
        Some(_) if wished || !asks => Named::Unclear,
        Some(_) | None => Named::Nothing,
    }
}

/// Whether a number said where one was asked for is the answer. 能分十二期吗 and 我有十万贷款 answer nothing; 五万可以吗 and
/// 五万，几天到账 do.
pub(crate) fn answers(text: &str, understood: Option<&Understanding>) -> bool {
    let open = understood.is_none_or(|u| {
        matches!(u.kind, Kind::Unexpected | Kind::Greeting) || u.agrees() || u.stance() == Some(Stance::For)
    });
    // 十几万 asks nothing.
    let asks = understand::asks(&text.replace("十几", "")) || ["行不行", "可不可以"].iter().any(|w| text.contains(w));
    let mut clauses = text.split(|c: char| !c.is_alphanumeric());
    (open && !asks) || clauses.any(|clause| is_all_but(clause, "可以行吗不能好您你看先来够了呢"))
}

/// Whether nothing but one sum is said: 大概10万左右. 我欠了十万 and 我有十万 say something else.
fn is_all(text: &str) -> bool {
    is_all_but(text, "")
}

/// The same beside such characters.
fn is_all_but(text: &str, fillers: &str) -> bool {
    const FILLERS: &str = "哦啊呃嗯噢诶哎呀额吧块元钱的我就应该想要需贷借用个大概左右差不多上下";
    let chars: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let sums = slots::sums_in(&chars);
    let small = |c: char| FILLERS.contains(c) || fillers.contains(c);
    let other = |at: usize| !sums.iter().any(|sum| sum.contains(&at)) && !small(chars[at]);
    sums.len() == 1 && !(0..chars.len()).any(other)
}

/// The words without the sums that they correct themselves: 十万，不对，五万 says 五万, and 不要十万要五万 says 要五万.
pub(crate) fn corrected(text: &str) -> Cow<'_, str> {
    let mut chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut changed = false;
    while let Some(gone) = taken_back(&chars) {
        chars.drain(gone);
        changed = true;
    }
    if changed { Cow::Owned(chars.into_iter().collect()) } else { Cow::Borrowed(text) }
}

/// A sum that the words take back for the next one, with the words that do so.
fn taken_back(chars: &[char]) -> Option<Range<usize>> {
    let sums = slots::sums_in(chars);
    sums.windows(2).find_map(|pair| {
        let (first, second) = (&pair[0], &pair[1]);
        let before: String = chars[..first.start].iter().collect();
        let between: String = chars[first.end..second.start].iter().collect();
        match ["不要", "不是", "不用"].iter().find(|words| before.ends_with(**words)) {
            Some(words) => {
                let asks = before.trim_end_matches(words).ends_with(['是', '要', '用']);
                (!asks && affirms(&between)).then(|| first.start - words.chars().count()..first.end)
            }
            None => corrects(&between).then_some(first.start..second.start),
        }
    })
}

/// 不, 不对, 哦不 and 说错了 correct what was said; 不要 and 不是 right before a sum deny that one instead.
fn corrects(between: &str) -> bool {
    const FILLERS: &str = "哦啊呃嗯噢诶哎呀额吧块元钱的了我就应该想贷借大概左右";
    let core: String = between.chars().filter(|c| c.is_alphanumeric() && !FILLERS.contains(*c)).collect();
    let denies_the_next = ["不要", "不是", "不用"].iter().any(|words| between.ends_with(words));
    let correction = ["不对不对", "不对", "不不", "不", "说错", "错"].iter().find_map(|words| core.strip_prefix(words));
    !denies_the_next && correction.is_some_and(|rest| ["", "要", "是", "只要", "需要"].contains(&rest))
}

/// 要, 我要, 是: the sum that follows is the one that is meant.
fn affirms(between: &str) -> bool {
    let core: String = between.chars().filter(|c| c.is_alphanumeric() && !"块元钱我就只想".contains(*c)).collect();
    ["要", "是", "需要", "贷", "借", "要贷", "要借"].contains(&core.as_str())
}

/// Whether a question asks for a sum.
pub(crate) fn asked_by(question: &Question) -> bool {
    question.slot.as_ref().is_some_and(|slot| slot.kind == SlotKind::Amount)
}

/// Whether a script asks for one sum only, so that a sum named before can answer nothing else.
pub(crate) fn is_only_one(flow: &Flow) -> bool {
    let questions = flow.nodes.iter().filter_map(Node::question).filter(|question| asked_by(question));
    let names: BTreeSet<&str> = questions.flat_map(|question| &question.slot).map(|slot| slot.name.as_str()).collect();
    names.len() == 1
}
