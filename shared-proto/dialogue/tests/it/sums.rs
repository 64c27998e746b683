//! What the contact's sums are kept as, in scripts that ask for one or for two of them.

use crate::flows::{ONE_SUM, SUMS, flow, loan, values};
use dialogue::{Dialogue, Script, Then};
use std::collections::BTreeMap;

#[test]
fn each_sum_is_kept_for_the_question_that_asked_for_it() {
    let kept = slots(SUMS, &["需要", "八千块"]);
    assert_eq!((at(&kept, "月收入"), at(&kept, "想贷")), ("8000", ""));
    let kept = slots(SUMS, &["需要", "八千块", "五万", "对"]);
    assert_eq!((at(&kept, "月收入"), at(&kept, "想贷")), ("8000", "50000"));
}

#[test]
fn a_corrected_sum_takes_the_place_of_the_first() {
    assert_eq!(at(&slots(SUMS, &["需要", "八千块", "五万", "不对", "八万", "对"]), "想贷"), "80000");
    assert_eq!(at(&slots(ONE_SUM, &["我想贷五万", "有"]), "想贷"), "50000");
    assert_eq!(at(&slots(ONE_SUM, &["我想贷五万", "有", "不对", "八万", "对"]), "想贷"), "80000");
}

#[test]
fn a_sum_corrected_in_the_same_breath_is_the_last_one() {
    let cases = [
        ("不要十万要五万", "50000"),
        ("我不要十万，我要五万", "50000"),
        ("不是十万，是五万", "50000"),
        ("十万，不对，五万", "50000"),
        ("十万不对五万", "50000"),
        ("十万块，说错了，五万", "50000"),
        ("十万，不对，二十万，哦不，十五万", "150000"),
        ("二十万，哦不，十五万", "150000"),
        ("二十万哦不十五万", "150000"),
        ("二十万吧，啊不，要十五万", "150000"),
        ("要五万不要十万", "50000"),
        ("五万，不是十万", "50000"),
        ("三五万", "三五万"),
        ("七八千吧", "七八千"),
        ("二三十万", "二三十万"),
        ("十来万", "100000"),
        ("十五六万", "十五六万"),
        ("两三万块", "两三万"),
    ];
    for (said, sum) in cases {
        let (mut dialogue, _) = Dialogue::start(Script::new(flow(ONE_SUM)), values());
        dialogue.heard("需要");
        dialogue.heard("有");
        let understood = dialogue.heard(said).understood.expect("an answer");
        assert_eq!(at(&dialogue.facts().slots, "想贷"), sum, "{said}");
        let heard = dialogue.facts().heard;
        assert!(
            !heard.iter().any(|h| ["deny", "not_interested"].contains(&h.intent.as_str())),
            "{said} {understood:?}"
        );
    }
}

#[test]
fn a_wished_sum_is_corrected_without_a_refusal() {
    let kept = slots(ONE_SUM, &["我想贷二十万，哦不，十五万", "有"]);
    assert_eq!(at(&kept, "想贷"), "150000");
}

#[test]
fn a_sum_that_nobody_wished_for_answers_no_question() {
    assert_eq!(at(&slots(ONE_SUM, &["需要", "我还欠着银行二十万房贷"]), "想贷"), "");
}

#[test]
fn a_sum_that_is_all_that_was_said_is_the_one_wanted_and_a_range_is_asked_about() {
    let wanted = |lines: &[&str]| {
        let (mut dialogue, _) = Dialogue::start(Script::new(loan()), values());
        lines.iter().for_each(|line| drop(dialogue.heard(line)));
        at(&dialogue.facts().slots, "意向金额").to_owned()
    };
    assert_eq!(wanted(&["需要，我想借十五万", "需要"]), "150000");
    assert_eq!(wanted(&["对", "大概10万左右"]), "100000");
    for line in ["需要，大概三五万", "有需要，三到五万", "我欠了十万", "我有十万", "我借了十万"]
    {
        assert_eq!(wanted(&["对", line]), "", "{line}");
    }
    assert_eq!(wanted(&["对", "需要，大概三五万", "四万"]), "40000");
    assert_eq!(wanted(&["对", "需要", "三万到五万"]), "三万到五万");
    let (mut dialogue, _) = Dialogue::start(Script::new(loan()), values());
    ["对", "需要，大概三五万"].iter().for_each(|line| drop(dialogue.heard(line)));
    assert_eq!(at(&dialogue.facts().slots, "amount"), "");
}

#[test]
fn a_number_that_is_asked_about_is_no_wanted_sum() {
    let wanted = |line: &str| {
        let (mut dialogue, _) = Dialogue::start(Script::new(loan()), values());
        ["对", "可以", line].iter().for_each(|line| drop(dialogue.heard(line)));
        at(&dialogue.facts().slots, "意向金额").to_owned()
    };
    let nothing = [
        "能分十二期吗",
        "我六十五了还能办吗",
        "三个点利息太高了",
        "我一个月工资八千能贷吗",
        "我已经有十万贷款了",
        "不需要，我有十万存款",
        "分二十四期行不行",
    ];
    for line in nothing {
        assert_eq!(wanted(line), "", "{line}");
    }
    let named = [
        ("五万", "50000"),
        ("五万可以吗", "50000"),
        ("二十万行吗", "200000"),
        ("五万你看行不行", "50000"),
        ("我想要五万，可以吗", "50000"),
        ("五万，几天能到账", "50000"),
        ("十万左右，利息怎么算", "100000"),
        ("先来三万", "30000"),
        ("三万就够了", "30000"),
        ("看情况，五万吧", "50000"),
        ("大概三五万吧", "三五万"),
        ("三到五万", "三到五万"),
    ];
    for (line, sum) in named {
        assert_eq!(wanted(line), sum, "{line}");
    }
}

#[test]
fn questions_for_sums_that_lead_to_each_other_wait_for_answers() {
    let circle = SUMS.replace(r#"["slot"],"next":"confirm""#, r#"["slot"],"next":"income""#);
    let (mut dialogue, _) = Dialogue::start(Script::new(flow(&circle)), values());
    for line in ["需要", "八千块", "五万"] {
        assert_ne!(dialogue.heard(line).then, Then::HangUp, "{line}");
    }
}

fn slots(script: &str, lines: &[&str]) -> BTreeMap<String, String> {
    let (mut dialogue, _) = Dialogue::start(Script::new(flow(script)), values());
    for line in lines {
        dialogue.heard(line);
    }
    dialogue.facts().slots
}

fn at<'a>(slots: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    slots.get(name).map_or("", String::as_str)
}
