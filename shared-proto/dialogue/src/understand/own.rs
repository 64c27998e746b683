//! Whether words of a flow's own intents are meant, of which nothing is known but that they can be denied like any
//! others: 不会还, 没法按时还, 明天还不上.

use super::builtin::builtins;
use super::phrase::Found;
use super::polarity::{clause, denial, either_or, ends_like, negates, skip_back};
use super::units::{self, Unit};
use std::ops::Range;
use std::sync::LazyLock;

/// Whether an intent is the flow's own.
pub(super) fn is_own(key: &str) -> bool {
    builtins().iter().all(|builtin| builtin.key != key)
}

/// Words that begin with a negation, such as 不还, are denied by another: 我不是不还. All others by any: 不会按时还, and by
/// what says that it cannot be done: 还不上. 不能分期吗 asks for it, and so does the 不能分期 of 能不能分期.
pub(super) fn denied(found: &Found, said: &[Unit]) -> bool {
    if either_or(said, found.from) {
        return true;
    }
    if negates(said, found.from) {
        return denial(said, found.from).is_some();
    }
    let start = clause(said, found.from).start;
    cannot_be_done(found, said) || (!said[found.from].asks && negated(said, start..found.from))
}

/// 还不上, 还不了: what is said fails. But 还不错 and 还不用 are other words.
fn cannot_be_done(found: &Found, said: &[Unit]) -> bool {
    let goes_on = |at: usize| !said[at - 1].ends && at < said.len();
    let not = goes_on(found.to) && said[found.to].is("不");
    not && goes_on(found.to + 1) && said[found.to + 1].is("上了起清完出成动")
}

/// Whether what a clause says before denies what follows: 不会, 没法, 没打算, 不一定能. 能不能 only asks.
fn negated(said: &[Unit], before: Range<usize>) -> bool {
    const HELPERS: &str = "要必想再会太很是需能敢怎么得愿意给按时";
    static UNABLE: LazyLock<Vec<Vec<Unit>>> = LazyLock::new(|| {
        let all = [
            "没法",
            "没办法",
            "没有办法",
            "没能力",
            "没有能力",
            "不可能",
            "不一定",
            "没打算",
            "不打算",
            "没准备",
            "不准备",
        ];
        all.map(units::phrase).into()
    });
    let rest = skip_back(&said[before.clone()], HELPERS);
    let Some(last) = rest.len().checked_sub(1).map(|length| before.start + length) else { return false };
    let negation = negates(said, last);
    negation || UNABLE.iter().any(|words| ends_like(rest, words))
}
