//! Whether words that sound like wanting no more calls want that: not asked about, not about something else that is
//! done with the same words, and not for now only.

use super::phrase::Found;
use super::polarity::{
    clause, contains, either_or, ends_with, has, interrupts, negates, reports_a_call, skip_back, starts_with,
};
use super::units::Unit;

/// 我没说别再打了 is taken at its word too: whoever is called against the own wish is wronged.
pub(super) fn forbids_no_call(found: &Found, said: &[Unit]) -> bool {
    interrupts(found, said)
        || takes_other(found, said)
        || is_something_big(found, said)
        || only_asks(found, said)
        || prints(found, said)
        || speaks_of_credit(found, said)
        || deleted_by_the_contact(found, said)
        || calls_instead(found, said)
        || only_for_now(found, said)
        || offers_another_time(found, said)
}

/// The 别 of 别人打过来的 forbids nothing.
fn takes_other(found: &Found, said: &[Unit]) -> bool {
    let other = |at: usize| said[at].is("别") && said.get(at + 1).is_some_and(|unit| unit.is("人的"));
    let takes_other = (found.from..found.to).any(|at| other(at) && found.holds(at));
    let forbids = (found.from..found.to).any(|at| negates(said, at) && !other(at));
    (takes_other || reports_a_call(found, said)) && !forbids
}

/// 车不要大修: the 大 is a misheard 打 only where a call could follow.
fn is_something_big(found: &Found, said: &[Unit]) -> bool {
    let big = |at: usize| {
        let next = said.get(at + 1).filter(|_| !said[at].ends);
        found.holds(at) && said[at].is("大") && next.is_some_and(|unit| !unit.is("了来给我过电你"))
    };
    (found.from..found.to).any(big)
}

/// 要不要联系你们.
fn only_asks(found: &Found, said: &[Unit]) -> bool {
    let own = || found.from..found.to;
    own().any(|at| either_or(said, at)) && !own().any(|at| negates(said, at))
}

/// 打流水, 打征信, 打印, 打款: no call is made.
fn prints(found: &Found, said: &[Unit]) -> bool {
    const AT_ONCE: &str = "印款钱算折听开卡工字";
    const LATER: [&str; 5] = ["流水", "征信", "证明", "发票", "合同"];
    /// As far as this from 打 stands what is printed: 打最近三个月的流水.
    const NEAR: usize = 9;
    let printed = |at: usize| {
        let after = &said[at + 1..clause(said, at).end.min(at + NEAR)];
        let called = after.iter().position(|unit| unit.is("电话来过给我")).unwrap_or(after.len());
        // 打工信部 complains there.
        (after.first().is_some_and(|unit| unit.is(AT_ONCE)) && !starts_with(after, "工信"))
            || LATER.iter().any(|words| contains(&after[..called], words))
    };
    (found.from..found.to).any(|at| said[at].is("打") && printed(at))
}

/// 我上了征信黑名单, 被银行拉黑了, 黑名单能贷吗: the list is a lender's. 把我拉进黑名单 wants to be on the own one.
fn speaks_of_credit(found: &Found, said: &[Unit]) -> bool {
    let credit = |at: usize| {
        let own = clause(said, at);
        let near = &said[own.start.max(at.saturating_sub(5))..at];
        let put = has(&said[own.start..at], "拉加放列设丢扔移");
        let whole = &said[own.clone()];
        let lenders = ["征信", "失信", "信用", "逾期"].iter().any(|words| contains(whole, words));
        let suffered = has(near, "被") && !has(near, "你您");
        let feared = contains(whole, "会不会") || (said[at].asks && has(near, "会"));
        let asked = said[at].asks || own.clone().any(|at| either_or(said, at));
        lenders || suffered || feared || (!put && (asked || has(near, "上进是在有")))
    };
    (found.from..found.to).any(|at| said[at].is("黑") && found.holds(at) && credit(at))
}

/// 信息我删了, 短信没看，删了: the contact deleted it. 帮我删了 wants it done.
fn deleted_by_the_contact(found: &Found, said: &[Unit]) -> bool {
    let by_me = |at: usize| {
        let before = skip_back(&said[clause(said, at).start..at], "已经都也早就不小心全刚才");
        let me = skip_back(before, "我");
        ends_with(before, "被") || (me.len() < before.len() && !me.last().is_some_and(|unit| unit.is("把帮给替将让")))
    };
    let app = |at: usize| ["短信", "软件", "链接", "应用", "微信"].iter().any(|words| contains(&said[..at], words));
    (found.from..found.to).any(|at| said[at].is("删") && found.holds(at) && (by_me(at) || app(at)))
}

/// 不要发短信，打电话就行: what is forbidden stands in another clause than the call, or is sending something; 发 is no
/// misheard 打.
fn calls_instead(found: &Found, said: &[Unit]) -> bool {
    if !found.is_exact() && said[..found.to].last().is_some_and(|unit| unit.is("发")) {
        return true;
    }
    let own = found.from..found.to;
    let Some(call) = own.clone().rev().find(|at| said[*at].is("打") && found.holds(*at)) else { return false };
    let Some(last) = (own.start..call).rev().find(|at| negates(said, *at)) else { return false };
    let elsewhere = !clause(said, call).contains(&last);
    let after = &said[call..said.len().min(call + 6)];
    let suits = ["就行", "就好", "就可以"].iter().any(|words| contains(after, words));
    elsewhere || (has(&said[last..call], "发") && suits)
}

/// 先别打电话 forbids it for now. 先别再打 and 首先别打 do not.
fn only_for_now(found: &Found, said: &[Unit]) -> bool {
    let before = &said[clause(said, found.from).start..found.from];
    ends_with(before, "先") && !ends_with(before, "首先") && !has(&said[found.from..found.to], "再老总")
}

/// 上班时间不要打电话，晚上再打. But 有空我打给你 offers no call to the contact, and 晚上打什么电话 none at all.
fn offers_another_time(found: &Found, said: &[Unit]) -> bool {
    const TIMES: [&str; 21] = [
        "晚上", "下午", "上午", "中午", "傍晚", "早上", "明天", "后天", "周末", "晚点", "晚些", "下班", "待会", "等会",
        "一会", "过会", "改天", "有空", "忙完", "小时", "分钟",
    ];
    const CLOSING: &str = "电话手机给我来吧就行可以再好的";
    let offered = |at: usize| {
        let own = clause(said, at);
        let words = if said[at].is("打") { 1 } else { 2 };
        // A misheard last word may be the first of the time.
        let before = own.start.max(found.to - 1)..at;
        let timed = before.clone().any(|at| TIMES.iter().any(|time| starts_with(&said[at..], time)));
        let doubted =
            before.clone().any(|at| negates(said, at) || said[at].is("又老总昨刚天都") && !tomorrow(said, at));
        timed && !doubted && said[own.end.min(at + words)..own.end].iter().all(|unit| unit.is(CLOSING))
    };
    let call = |at: usize| said[at].is("打") || starts_with(&said[at..], "联系");
    (found.to..said.len()).any(|at| call(at) && offered(at))
}

/// The 天 of 明天 and 后天, not that of 天天.
fn tomorrow(said: &[Unit], at: usize) -> bool {
    at > 0 && said[at].is("天") && said[at - 1].is("明后改")
}
