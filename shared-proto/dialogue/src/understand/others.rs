//! Whether words that want no more calls are about somebody else's phone, so that the one that was dialled may still be
//! called.

use super::phrase::Found;
use super::polarity::{clause, negates, skip_back, starts_with};
use super::units::{self, EXACT, SAME_SOUND, Unit};
use std::ops::Range;
use std::sync::LazyLock;

/// Whether words that want no more calls speak of somebody else's phone: 别给我老婆打电话, 我妈的手机别打了.
pub(crate) fn about_somebody_else(found: &Found, said: &[Unit]) -> bool {
    let first = clause(said, found.from).start;
    let end = clause(said, found.to.saturating_sub(1)).end;
    (first..end).filter_map(|at| somebody(said, at)).any(|other| {
        let before = skip_back(&said[first..other.start], "我你您们家里公司单位的那个");
        let and_me = ["和我", "跟我", "与我"].iter().any(|words| starts_with(&said[other.end..], words));
        let me_too = and_me || before.last().is_some_and(|unit| unit.is("和与及有"));
        let reached = before.last().is_some_and(|unit| unit.is("给跟往打找系扰烦到动"));
        let told_not_to = (found.from..other.start).any(|at| negates(said, at));
        let object = reached && told_not_to && other.start <= found.to + 5;
        !me_too && (object || owns_the_phone(said, &other, found))
    })
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
