//! Whether who refuses or wishes has only not decided yet: 先不用了，我就问问 is no refusal, 我考虑了一下，不需要 is one.

use super::phrase::Found;
use super::polarity::{clause, contains, has};
use super::units::Unit;

/// The intent of who declines the offer.
pub(super) const NOT_INTERESTED: &str = "not_interested";
/// The intent of who has not decided.
pub(super) const CONSIDER: &str = "consider";

/// What hesitation takes back.
pub(super) const DECIDED: [&str; 2] = [NOT_INTERESTED, "interested"];

/// Whether words of hesitation take back other words: they come after them, or are about the time before a decision, as
/// in 我先了解一下，不办.
pub(super) fn softens(hesitation: &Found, other: &Found, said: &[Unit]) -> bool {
    let first = (hesitation.from..hesitation.to).any(|at| hesitation.holds(at) && said[at].is("先"));
    // 你再看看别人 is advice.
    let advises = has(&said[clause(said, hesitation.from).start..hesitation.from], "你您");
    !advises && (hesitation.from >= other.to || first)
}

/// 眼下也不缺钱 declines for now, and may be asked again another day.
pub(super) fn is_for_now(refusal: &Found, said: &[Unit]) -> bool {
    let own = &said[clause(said, refusal.from).start..refusal.to];
    ["先不", "现在", "暂时", "眼下", "目前"].iter().any(|words| contains(own, words))
}
