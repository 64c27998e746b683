//! Whether words that were found are meant: not denied, not asked back, not in passing.
//! It looks at what stands around them in their clause; it finds nothing itself.

use super::builtin::Meaning;
use super::phrase::Found;
use super::units::{self, SAME_SOUND, Unit};
use super::{forbidding, own, temper};
use std::ops::Range;
use std::sync::LazyLock;

/// The intent that asks for a human.
pub(crate) const HUMAN: &str = "transfer_human";
/// The intent that says that another person was called than was meant.
pub(crate) const WRONG_PERSON: &str = "wrong_person";
/// The intent that says that somebody answers in the contact's place.
pub(crate) const SOMEBODY_ELSE: &str = "somebody_else";
/// As far as this from what is denied or wrong stands the money that it is about.
const DISPUTED_NEAR: usize = 5;

/// 不 before a wish or a yes takes it back, 不是 before a refusal too, and 吗 makes a question of it.
pub(crate) fn denied(meaning: Meaning, key: &str, found: &Found, said: &[Unit]) -> bool {
    let weighed = matches!(meaning, Meaning::Yes | Meaning::No | Meaning::Wish | Meaning::Refusal);
    if weighed && (found.from.saturating_sub(1)..found.to).any(|at| either_or(said, at)) {
        return true;
    }
    let before = &said[clause(said, found.from).start..found.from];
    let asked = said[found.from].asks;
    let negated = negation_before(said, found.from);
    match meaning {
        Meaning::Yes => asked || negated.is_some(),
        // 我不是不需要 is a wish again; 打听一下 is none.
        Meaning::Wish => {
            let inquires = said[found.from].is("听") && ends_with(before, "打");
            // 学生可以申请不.
            let whether =
                said[found.from].is("可") && said.get(found.to).is_some_and(|unit| unit.is("不没") && unit.ends);
            inquires || whether || negated.is_some_and(|at| denial(said, at) != Some(Denial::Sure))
        }
        Meaning::No => asked || twice_denied(found, said) || opens_double_negation(found, said),
        Meaning::Refusal => {
            (asked && key == "not_interested" && !reminds(before))
                || (ends_with(before, "不是") && !said[found.from].is("我") && !supposes_a_mistake(key, before))
                || (key == WRONG_PERSON && disputes_a_debt(said, found.from..found.to))
                || (key == temper::HOSTILE && temper::tells_of_oneself(found, said))
                || minds_nothing(found, said)
                || interrupts(found, said)
                || twice_denied(found, said)
        }
        Meaning::Deferral => {
            let misheard = !found.is_exact() && is_question(said, found.from);
            misheard
                || bargains(said)
                // 手头不方便 is about money.
                || ["手头", "资金", "经济"].iter().any(|words| contains(before, words))
                || twice_denied(found, said)
                || works_away(said, found.from..found.to + 1)
                || waits_for_advice(found, said)
        }
        Meaning::Farewell => !takes_leave(found, said),
        // 不用给我打电话 asks for nobody, nor does 可以，不过不要打我.
        Meaning::Other if key == HUMAN => {
            let whether = asks_whether(said, found.from - before.len()..found.to);
            // 不贷，以后少给我打电话, of which 少 was misheard: 以后 speaks of all calls.
            let for_good = ["以后", "往后", "今后"].iter().any(|words| contains(before, words));
            // 为啥打给我.
            let wonders = has(before, "怎咋谁") || ["为啥", "为什么"].iter().any(|words| contains(before, words));
            whether
                || for_good
                || wonders
                || request_denied(before)
                || forbids(found, said)
                || reports_a_call(found, said)
        }
        Meaning::Other => own::is_own(key) && own::denied(found, said),
        Meaning::OptOut => forbidding::forbids_no_call(found, said),
        Meaning::Question | Meaning::Repeat | Meaning::Greeting | Meaning::Machine => false,
    }
}

/// 你们是不是打错了 supposes it.
fn supposes_a_mistake(key: &str, before: &[Unit]) -> bool {
    key == WRONG_PERSON && ends_with(before, "是不是")
}

/// 不认账, 这个钱我不认, 利息搞错了, 你们算错了: what is owed is disputed, which says nothing of who was called.
pub(crate) fn disputes_a_debt(said: &[Unit], places: Range<usize>) -> bool {
    // The 额 of 金额 is dropped as a hum.
    const MONEY: &str = "账帐钱款债息金";
    let near = |at: usize| {
        let own = clause(said, at);
        (at.saturating_sub(DISPUTED_NEAR).max(own.start)..own.end.min(at + DISPUTED_NEAR)).any(|at| said[at].is(MONEY))
    };
    let disowns = |at: usize| {
        let person = said.get(at + 1).is_some_and(|unit| unit.is("识得错人他她"));
        said[at].is("认") && at > 0 && said[at - 1].is("不没") && !person && near(at)
    };
    let miscounts = |at: usize| follows(said, at + 1, "错") && (said[at].is("算") || (said[at].is("搞弄") && near(at)));
    places.into_iter().any(|at| disowns(at) || miscounts(at))
}

/// 别的公司也给我打过电话 tells of a call and asks for none; 打过来 does.
pub(crate) fn reports_a_call(found: &Found, said: &[Unit]) -> bool {
    let reports = |at: usize| {
        let past = said[at].is("打") && follows(said, at + 1, "过");
        past && !said.get(at + 2).is_some_and(|unit| unit.is("来去"))
    };
    (found.from..found.to).any(reports)
}

/// 打断, 打岔: it is the talk that is broken off.
pub(crate) fn interrupts(found: &Found, said: &[Unit]) -> bool {
    (found.from..found.to).any(|at| said[at].is("打") && said.get(at + 1).is_some_and(|unit| unit.is("断岔")))
}

/// 在外面打工 is nothing that ends today.
pub(crate) fn works_away(said: &[Unit], mut places: Range<usize>) -> bool {
    places.any(|at| at < said.len() && starts_with(&said[at..], "打工"))
}

/// 没正式工作也行吗 only sounds like 施工呢: who asks something has time to hear the answer.
fn is_question(said: &[Unit], at: usize) -> bool {
    let own = &said[clause(said, at)];
    let whether = ["什么", "多少", "还是", "有没有", "能不能", "是不是"].iter().any(|words| contains(own, words));
    whether || own.iter().any(|unit| unit.asks || unit.is("怎几哪谁啥吗"))
}

/// 等我儿子回来问问他再说 waits for somebody's advice, not for time to talk.
fn waits_for_advice(found: &Found, said: &[Unit]) -> bool {
    const OTHERS: &str = "儿女爸妈老媳爱家他她哥姐弟妹朋";
    let waits = |at: usize| {
        let own = clause(said, at);
        let after = &said[at + 1..own.end];
        said[at].is("等") && after.iter().take(2).any(|unit| unit.is(OTHERS)) && has(after, "问商")
    };
    (found.from..found.to).any(waits)
}

/// 不介意, which sounds like 不借.
pub(crate) fn minds_nothing(found: &Found, said: &[Unit]) -> bool {
    (found.from..found.to).any(|at| said[at].is("介") && said.get(at + 1).is_some_and(|unit| unit.is("意")))
}

/// 打几折: the price is talked about, which sounds like 打错.
pub(crate) fn bargains(said: &[Unit]) -> bool {
    let discount = |at: usize| said[at + 1..].iter().take(3).any(|unit| unit.is("折"));
    (0..said.len()).any(|at| said[at].is("打") && discount(at))
}

/// 不用让你们顾问: no request, with what may stand between the negation and what is asked for.
fn request_denied(before: &[Unit]) -> bool {
    let rest = skip_back(before, "要用必想再需得给我让叫请安排派找转人你您他她们顾问经理专员客服");
    let at = rest.len().saturating_sub(1);
    rest.last().is_some_and(|unit| unit.is("不没别甭莫")) && !either_or(before, at)
}

/// Whether the words that were found say 别 or 不要 themselves; 别的 and 要不要 forbid nothing.
fn forbids(found: &Found, said: &[Unit]) -> bool {
    let next_is = |at: usize, words: &str| said.get(at + 1).is_some_and(|unit| unit.is(words));
    (found.from..found.to).any(|at| {
        (said[at].is("别甭") && !next_is(at, "的人家"))
            || (said[at].is("不") && next_is(at, "要用必许准") && !either_or(said, at))
    })
}

/// 要不要联系我 asks, and wants no call yet.
pub(crate) fn asks_whether(said: &[Unit], mut places: Range<usize>) -> bool {
    places.any(|at| either_or(said, at) && said[at + 1].is("要需用"))
}

/// Whether a request for somebody is denied anywhere in the words.
pub(crate) fn denies_a_request(said: &[Unit]) -> bool {
    (0..said.len()).any(|at| said[at].is("让叫请派转找喊人") && request_denied(&said[clause(said, at).start..at]))
}

/// Whether anything is negated, as heard.
pub(crate) fn holds_negation(said: &[Unit]) -> bool {
    (0..said.len()).any(|at| negates(said, at))
}

/// Whether the words that were found negate anything, as heard.
pub(crate) fn holds_negation_in(found: &Found, said: &[Unit]) -> bool {
    (found.from..found.to).any(|at| negates(said, at))
}

/// Whether a negation is itself denied: 也不是没兴趣, 也不是用不着.
pub(crate) fn holds_double_negation(said: &[Unit]) -> bool {
    let cannot = |at: usize| at > 0 && ["着", "上", "到"].iter().any(|end| follows(said, at + 1, end));
    let denied = |at: usize| denial(said, at).is_some() || (cannot(at) && denial(said, at - 1).is_some());
    (0..said.len()).any(|at| negates(said, at) && denied(at))
}

/// Whether a 没有 stands before a negation, which is no wish whichever way it is meant: 没有不想了解.
pub(crate) fn holds_doubtful_negation(said: &[Unit]) -> bool {
    let doubtful = |at: usize| none_before(words_before(said, at)).is_some() && denial(said, at) != Some(Denial::Sure);
    (0..said.len()).any(|at| negates(said, at) && doubtful(at))
}

/// 不, 没, 别… as heard; 们 after a pronoun is a plural and no misheard 没.
pub(super) fn negates(said: &[Unit], at: usize) -> bool {
    // 布 and 美 for 不 and 没, whose second readings would let 末 and others in.
    static SOUNDS: LazyLock<Vec<Unit>> = LazyLock::new(|| units::phrase("布美别"));
    let unit = &said[at];
    let plural = || at.checked_sub(1).is_some_and(|before| said[before].is("你我他她它您咱人"));
    // 可不可以 only asks.
    if either_or(said, at) {
        return false;
    }
    unit.is("不没别无未甭莫")
        || SOUNDS.iter().any(|word| word.likeness(unit) >= SAME_SOUND)
        || (unit.is("们") && !plural())
}

/// Where the words before are 不, 没, 别… with at most a few helping words in between.
fn negation_before(said: &[Unit], from: usize) -> Option<usize> {
    const HELPERS: &str = "要用必想再会太大很是需能敢怎么什啥得愿意给我感";
    let first = clause(said, from).start.max(from.saturating_sub(4));
    let last = (first..from).rev().find(|at| !said[*at].is(HELPERS))?;
    said[last].is("不没别无未甭").then_some(last)
}

/// A refusal whose negation is itself denied: 我不是不需要, 谁说我不要, 没有不愿意.
fn twice_denied(found: &Found, said: &[Unit]) -> bool {
    let negations = (found.from..found.to).filter(|at| negates(said, *at)).collect::<Vec<_>>();
    !negations.is_empty() && negations.into_iter().chain([found.from]).any(|at| denial(said, at).is_some())
}

/// How surely a negation is itself denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denial {
    /// 我不是不需要: it says the opposite.
    Sure,
    /// 我没有不需要: no refusal to act on, and no wish either.
    Doubtful,
}

/// Whether what stands before a negation denies it: 不是, 没说, 谁说, 怎么会… But 不是说了不要 reminds of a refusal, and
/// 没有不需要 is a no and then a refusal.
pub(super) fn denial(said: &[Unit], at: usize) -> Option<Denial> {
    static DENIERS: LazyLock<Vec<Vec<Unit>>> = LazyLock::new(|| {
        let all = [
            "不是",
            "并非",
            "未必",
            "不见得",
            "不至于",
            "不能",
            "不得",
            "不会",
            "怎么会",
            "怎么可能",
            "哪能",
            "哪会",
            "哪里",
            "谁会",
        ];
        all.map(units::phrase).into()
    });
    let before = words_before(said, at);
    let between = &said[clause(said, at).start + before.len()..at];
    // 谁说我不要; but 不是跟你说不要 and 不是说过不要 only remind.
    let (spoken, reminding) = (has(between, "说讲诉"), has(between, "过跟诉"));
    let asking = ["是不是", "能不能", "会不会", "有没有"];
    // 没有没有, 不是不是 and 没完没了 say one thing twice.
    let none_again = sounds_like(said, at, "美") || said[at].is("没们");
    let not_again = ends_like(before, &units::phrase("不是")) && sounds_like(said, at + 1, "是");
    if not_again || asking.iter().any(|words| ends_with(before, words)) {
        return None;
    }
    if let Some(opens) = none_before(before) {
        let denied = if spoken { Some(Denial::Sure) } else { doubtful(said, at, opens, between) };
        return denied.filter(|_| !none_again);
    }
    let sure =
        (spoken && ends_with(before, "谁")) || (!reminding && DENIERS.iter().any(|denier| ends_like(before, denier)));
    sure.then_some(Denial::Sure)
}

/// What a clause says before a negation, without the small words right before it.
fn words_before(said: &[Unit], at: usize) -> &[Unit] {
    skip_back(&said[clause(said, at).start..at], "我你他她们也就都真完全太很这那说讲过跟告诉")
}

/// The words before a closing 没, 没有 or 没什么, as heard.
fn none_before(before: &[Unit]) -> Option<&[Unit]> {
    let length = ["美有什么", "美什么", "美有啥", "美啥", "美有", "美"]
        .map(units::phrase)
        .iter()
        .find(|words| ends_like(before, words))
        .map(Vec::len)?;
    before.len().checked_sub(length).map(|from| &before[..from])
}

/// Recognisers write 没有，不需要 without its comma. It denies a refusal where somebody is its subject, where the contact
/// goes on, or where it speaks of feelings as nobody does for a plain no; else it refuses.
fn doubtful(said: &[Unit], at: usize, opens: &[Unit], between: &[Unit]) -> Option<Denial> {
    let after = &said[at + 1..];
    let no_more = between.is_empty() && (follows(said, at + 1, "用") || follows(said, at + 2, "了"));
    let vouched = opens.last().is_some_and(|unit| unit.is("我也并又可倒")) && !has(between, "我");
    let feels = after.first().is_some_and(|unit| unit.is("感敢愿方便行可好同") || (unit.is("想") && unit.ends));
    ((vouched || feels || goes_on(after)) && !no_more).then_some(Denial::Doubtful)
}

/// 你说, 你接着讲, 利息多少: the contact wants to hear more.
fn goes_on(after: &[Unit]) -> bool {
    let invites = |at: usize| {
        let next = &after[at + 1..after.len().min(at + 3)];
        after[at].is("你您") && has(next, "说讲继接介问") && !has(next, "不别甭")
    };
    let asks = after.iter().any(|unit| unit.is("怎几哪") || unit.asks);
    asks || ["多少", "多久", "多长"].iter().any(|words| contains(after, words)) || (0..after.len()).any(invites)
}

/// A no that only opens a double negation: the 不是 of 不是不行. 不是不是 is a no twice.
fn opens_double_negation(found: &Found, said: &[Unit]) -> bool {
    let again = (found.from..found.to).zip(found.to..).all(|(a, b)| follows(said, b, &said[a].text));
    let end = clause(said, found.from).end;
    !again && (found.to..end).any(|at| negates(said, at) && denial(said, at).is_some())
}

/// 不是说了不需要吗 asks nothing.
fn reminds(before: &[Unit]) -> bool {
    let opened = before.windows(2).position(|pair| pair[0].is("不") && pair[1].is("是"));
    opened.is_some_and(|at| has(&before[at..], "了过诉跟"))
}

/// A goodbye closes its clause or is followed by a new thought; it asks nothing, tells of no other goodbye, and is not
/// forbidden. One that was not heard exactly must be the last word or all that its clause says.
fn takes_leave(found: &Found, said: &[Unit]) -> bool {
    const SMALL_TALK: &str = "好行嗯那就我你您先的谢了吧哈得成再见拜挂电话这样不说聊没事咯嘞";
    const NEW_THOUGHT: &str = "我你您祝有在下改以不没等";
    let own = clause(said, found.from);
    let (before, after) = (&said[own.start..found.from], &said[found.to.min(own.end)..own.end]);
    let small = |units: &[Unit]| units.iter().all(|unit| unit.is(SMALL_TALK) || unit.is_word());
    let asks = said[found.from].asks || has(before, "怎谁") || ends_with(before, "是不是");
    let told = has(before, "刚又怕别") && !contains(before, "别的")
        || ["上次", "上回", "昨天", "自动"].iter().any(|words| contains(before, words));
    let exact = found.is_exact();
    let closes = small(after) && (exact || own.end == said.len() || small(before));
    let goes_on = exact && after.first().is_some_and(|unit| unit.is(NEW_THOUGHT));
    !asks && !told && negation_before(said, found.from).is_none() && (closes || goes_on)
}

/// 要不要, 可不可以, 高不高: 不 between the same word is a question. 不要不要 is not, nor is the 没 of 还没还清.
pub(super) fn either_or(said: &[Unit], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|before| said.get(before)) else { return false };
    let already = at.checked_sub(2).and_then(|earlier| said.get(earlier)).is_some_and(|unit| unit.is("不没"));
    let yet = before.is("还") && said[at].is("没");
    said[at].is("不没") && !already && !yet && said.get(at + 1).is_some_and(|after| after.text == before.text)
}

/// The clause around a place.
pub(super) fn clause(said: &[Unit], at: usize) -> Range<usize> {
    let start = (0..=at).rev().find(|at| said[*at].starts).unwrap_or(0);
    let end = (at..said.len()).find(|at| said[*at].ends).map_or(said.len(), |last| last + 1);
    start..end
}

/// What is left when such words are taken off the end.
pub(super) fn skip_back<'a>(units: &'a [Unit], chars: &str) -> &'a [Unit] {
    let kept = units.iter().rposition(|unit| !unit.is(chars)).map_or(0, |last| last + 1);
    &units[..kept]
}

pub(super) fn has(units: &[Unit], chars: &str) -> bool {
    units.iter().any(|unit| unit.is(chars))
}

fn follows(said: &[Unit], at: usize, word: &str) -> bool {
    said.get(at).is_some_and(|unit| unit.text == word)
}

pub(super) fn starts_with(units: &[Unit], word: &str) -> bool {
    let mut units = units.iter();
    word.chars().all(|c| units.next().is_some_and(|unit| unit.is(c.encode_utf8(&mut [0; 4]))))
}

pub(super) fn ends_with(units: &[Unit], word: &str) -> bool {
    let length = word.chars().count();
    units.len().checked_sub(length).is_some_and(|from| starts_with(&units[from..], word))
}

pub(super) fn contains(units: &[Unit], word: &str) -> bool {
    (0..units.len()).any(|from| starts_with(&units[from..], word))
}

fn sounds_like(said: &[Unit], at: usize, word: &str) -> bool {
    said.get(at).is_some_and(|unit| units::phrase(word).first().is_some_and(|word| word.likeness(unit) >= SAME_SOUND))
}

/// Ends with words that sound like these.
pub(super) fn ends_like(units: &[Unit], words: &[Unit]) -> bool {
    let Some(from) = units.len().checked_sub(words.len()) else { return false };
    units[from..].iter().zip(words).all(|(unit, word)| word.likeness(unit) >= SAME_SOUND)
}
