//! Whether words that want no more calls are about somebody else's phone, so that the one that was dialled may still be
//! called, and whether somebody else is a person.

use super::phrase::Found;
use super::polarity::{clause, negates, skip_back, starts_with};
use super::units::{self, EXACT, SAME_SOUND, Unit};
use std::ops::Range;
use std::sync::LazyLock;

/// Words that only recordings and assistants say.
const RECORDED: [&str; 11] = ["记录", "语音", "智能", "助手", "留言", "信箱", "拨打", "呼叫", "嘀", "滴", "哔"];

/// Whether an assistant speaks, where somebody is said to be absent.
pub(super) fn is_recorded(text: &str) -> bool {
    let assists = text.contains("机主") && text.contains("助理");
    assists || RECORDED.iter().any(|word| text.contains(word))
}

/// Whether words that want no more calls leave the contact to be called.
pub(crate) fn spares_the_dialled(found: &Found, said: &[Unit]) -> bool {
    about_somebody_else(found, said) || prefers_another_phone(found, said) || only_reports(found, said)
}

/// 别打这个号，打我另一个手机: the contact is to be called elsewhere. 你们又打我另一个手机 only complains.
fn prefers_another_phone(found: &Found, said: &[Unit]) -> bool {
    let another = |at: usize| {
        let words = ["打我另", "打到我另", "联系我另"].iter().find(|words| starts_with(&said[at..], words));
        let after = words.map(|words| &said[at + words.chars().count()..]).unwrap_or_default();
        after.iter().take(4).any(|unit| unit.is("号机话"))
    };
    let this = |at: usize| ["这个", "这号", "这手机", "这电话"].iter().any(|words| starts_with(&said[at..], words));
    let doubted = |at: usize| negates(said, at) || said[at].is("又还也都老过天");
    let wanted = |at: usize| !(clause(said, at).start.max(at.saturating_sub(3))..at).any(doubted);
    let offered = (found.from..said.len()).find(|at| another(*at));
    offered.is_some_and(|at| wanted(at) && (0..at).any(this))
}

/// 昨天别人说别再打了，我不是那意思: somebody else's words, which the contact takes back.
fn only_reports(found: &Found, said: &[Unit]) -> bool {
    let own = clause(said, found.from);
    let by_others = |at: usize| {
        let who = skip_back(&said[own.start..at], "是都也就");
        let last = own.start + who.len();
        who.last().is_some_and(|unit| unit.is("人他她"))
            || (own.start..last).filter_map(|at| somebody(said, at)).any(|other| other.end == last)
    };
    let reported = (own.start..found.from).any(|at| said[at].is("说") && by_others(at));
    let meant_otherwise = |at: usize| {
        ["不是那意思", "不是那个意思", "不是这意思", "不是这个意思"].iter().any(|words| starts_with(&said[at..], words))
    };
    reported && (found.to..said.len()).any(meant_otherwise)
}

/// Whether words that want no more calls spare the phone that was dialled: 没问题，不过别给我老婆打电话. Only who agrees to
/// something or offers a phone in the same breath says that; 别再给我老婆打电话 alone, or beside 这是我老婆的手机, does not.
fn about_somebody_else(found: &Found, said: &[Unit]) -> bool {
    let first = clause(said, found.from).start;
    let end = clause(said, found.to.saturating_sub(1)).end;
    let somebody_elses = (first..end).filter_map(|at| somebody(said, at)).any(|other| {
        let before = skip_back(&said[first..other.start], "我你您们家里公司单位的那个");
        let and_me = ["和我", "跟我", "与我"].iter().any(|words| starts_with(&said[other.end..], words));
        let me_too = and_me || before.last().is_some_and(|unit| unit.is("和与及有"));
        let reached = before.last().is_some_and(|unit| unit.is("给跟往打找系扰烦到动"));
        let told_not_to = (found.from..other.start).any(|at| negates(said, at));
        let object = reached && told_not_to && other.start <= found.to + 5;
        !me_too && !is_dialled(before) && (object || owns_the_phone(said, &other, found))
    });
    somebody_elses && !names_the_dialled(said, first..end) && (0..said.len()).any(|at| may_be_called(said, at))
}

/// 这是我老婆的手机, 你打的是我妈: the phone that was dialled. But 就是 and 但是 only join.
fn is_dialled(before_owner: &[Unit]) -> bool {
    let joins = || before_owner.iter().nth_back(1).is_some_and(|unit| unit.is("但就只可要还"));
    before_owner.last().is_some_and(|unit| unit.is("这") || (unit.is("是") && !joins()))
}

/// Whether the words say whose phone was dialled, or who answers it in somebody's place.
fn names_the_dialled(said: &[Unit], own: Range<usize>) -> bool {
    const DIALLED: [&str; 7] = ["这是", "这个是", "这号是", "这边是", "这里是", "打的是", "拨的是"];
    let in_place = |at: usize| {
        let next = at + 2..said.len().min(at + 6);
        own.contains(&at) || next.into_iter().any(|at| said[at].is("他她") || somebody(said, at).is_some())
    };
    (0..said.len()).any(|at| {
        DIALLED.iter().any(|words| starts_with(&said[at..], words))
            || (starts_with(&said[at..], "我是") && in_place(at))
    })
}

/// Whether the contact agrees here, wants something, or offers the own phone.
fn may_be_called(said: &[Unit], at: usize) -> bool {
    !said[at].asks && (says_yes(said, at) || is_willing(said, at) || offers_the_own_phone(said, at))
}

/// 好的, 行, at the beginning of a clause; but 好了, 行行好 and 好几次 are no yes.
fn says_yes(said: &[Unit], at: usize) -> bool {
    let opens = said[at].starts || (said[at - 1].starts && said[at - 1].is("那也"));
    let goes_on = |next: usize| said[next].is("的就但只") || starts_with(&said[next..], "不过");
    opens && said[at].is("好行成") && (said[at].ends || goes_on(at + 1))
}

/// 没问题, 可以, 我想贷, 我需要; but not 不需要, 谁说可以 or 我需要你们别再打.
fn is_willing(said: &[Unit], at: usize) -> bool {
    const WILLING: [&str; 14] = [
        "没问题",
        "可以",
        "需要",
        "有兴趣",
        "感兴趣",
        "想贷",
        "想借",
        "想办",
        "想申请",
        "想了解",
        "要贷",
        "要借",
        "要办",
        "要申请",
    ];
    let Some(words) = WILLING.iter().find(|words| starts_with(&said[at..], words)) else { return false };
    let first = clause(said, at).start;
    let others =
        |at: usize| said[at].is("谁怎哪你您她") || (said[at].is("他") && (at == first || !said[at - 1].is("其")));
    let doubted = (first..at).any(|at| negates(said, at) || others(at));
    let next = at + words.chars().count();
    let joins = ["不过", "了解"].iter().any(|words| said.get(next..).is_some_and(|rest| starts_with(rest, words)));
    let breaks_off = !said[next - 1].ends && said[next].is("别不甭莫没了你您再我会停法");
    !doubted && (joins || !breaks_off)
}

/// 打我的, 有事找我, 留我的; but not 别打我的, 又打给我 or 打给我老婆.
fn offers_the_own_phone(said: &[Unit], at: usize) -> bool {
    const OWN: [&str; 8] = ["打我的", "打我手机", "打我电话", "打给我", "打这", "找我", "联系我", "留我的"];
    let kept = starts_with(&said[at..], "我的留");
    let Some(words) = OWN.iter().find(|words| starts_with(&said[at..], words)) else { return kept };
    let last = at + words.chars().count() - 1;
    let whose = said[last].ends || (somebody(said, last + 1).is_none() && !said[last + 1].is("家公单同"));
    let opens = said[at].starts || said[at - 1].is("了就接事话机号以请");
    whose && opens
}

/// Whether what stands at a place is somebody other than the contact.
fn somebody(said: &[Unit], at: usize) -> Option<Range<usize>> {
    static OTHERS: LazyLock<Vec<Vec<Unit>>> = LazyLock::new(|| {
        let all = "家里人 老婆 老公 爱人 媳妇 太太 妻子 丈夫 对象 朋友 爸妈 父母 爸爸 妈妈 父亲 母亲 爷爷 奶奶 外公 外婆 \
                   岳父 岳母 公公 婆婆 儿子 女儿 孩子 小孩 家人 老人 亲戚 同事 老板 领导 邻居 爸 妈 哥 姐 弟 妹";
        all.split_whitespace().map(units::phrase).collect()
    });
    let is_here = |word: &&Vec<Unit>| {
        let least = if word.len() == 1 { EXACT } else { SAME_SOUND };
        word.iter().enumerate().all(|(n, want)| said.get(at + n).is_some_and(|unit| want.likeness(unit) >= least))
    };
    let word = OTHERS.iter().find(is_here)?;
    // 妈 alone is as often only a sound: 别打妈.
    let owned = at.checked_sub(1).is_some_and(|before| said[before].is("我你您咱家给"));
    (owned || word.len() > 1).then_some(at..at + word.len())
}

/// 我老婆的手机, 我妈那个号: the phone that the found words are about.
fn owns_the_phone(said: &[Unit], owner: &Range<usize>, found: &Found) -> bool {
    let mut at = owner.end;
    while said.get(at).is_some_and(|unit| unit.is("的那个这")) {
        at += 1;
    }
    let phone = ["电话", "手机", "号", "信息", "资料", "名字", "边"];
    let named = phone.iter().any(|word| said.get(at..).is_some_and(|rest| starts_with(rest, word)));
    named && at < found.to && at + 3 >= found.from
}
