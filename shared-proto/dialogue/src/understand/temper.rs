//! Whether words that are hostile to a caller are meant for one: 我一直打工, 家里有病人 and 会有人骚扰我吗 are not.

use super::phrase::Found;
use super::polarity::{clause, contains, has, skip_back, starts_with};
use super::units::Unit;

/// The intent of who is angry.
pub(super) const HOSTILE: &str = "hostile";

/// Whether words found for it tell of something else.
pub(super) fn tells_of_oneself(found: &Found, said: &[Unit]) -> bool {
    let before = &said[clause(said, found.from).start..found.from];
    let works =
        |after: &[Unit]| after.first().is_some_and(|unit| unit.is("工零杂卡牌游球麻针")) && !starts_with(after, "工信");
    let at_work = |at: usize| said[at].is("打") && works(&said[at + 1..]);
    let idle = |at: usize| said[at].is("闲干") && has(before, "我家") && !has(before, "你您");
    let feared = said[found.from].asks && has(before, "会") || contains(before, "会不会");
    let mut words = (found.from..found.to).filter(|at| found.holds(*at));
    feared || words.any(|at| at_work(at) || (said[at].is("病") && is_ill(said, at)) || idle(at))
}

/// 家里有病人, 我妈有病, 征信有毛病. But 有病, 真有病 and 你这人有病 scold.
fn is_ill(said: &[Unit], at: usize) -> bool {
    let own = clause(said, at);
    let before = skip_back(&said[own.start..at], "有毛真的都是不就也又太可能才确实好像");
    let goes_on = said[at + 1..own.end].first().is_some_and(|unit| unit.is("人在要能住需急史历"));
    let scolded = has(before, "你您") || ["这人", "神经", "脑"].iter().any(|words| contains(before, words));
    goes_on || (!before.is_empty() && !scolded)
}
