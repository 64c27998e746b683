//! Whatever is heard, a conversation neither panics nor lasts for ever.

use crate::flows::{SMALL, flow, loan, payment, values};
use dialogue::{Dialogue, Script, Then, lint, prompts};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_words_end_within_the_turn_limit(lines in proptest::collection::vec(spoken(), 40), pick in 0..3usize) {
        let flow = [loan(), payment(), flow(SMALL)][pick].clone();
        let (mut dialogue, mut step) = Dialogue::start(Script::new(flow.clone()), values());
        let mut turns = 0;
        for line in lines {
            if step.then == Then::HangUp {
                break;
            }
            turns += 1;
            step = match line.as_str() {
                "" => dialogue.silent(turns),
                "?" => dialogue.not_understood(),
                said => dialogue.heard(said),
            };
        }
        prop_assert_eq!(step.then, Then::HangUp);
        prop_assert!(turns <= flow.limits.max_turns + 1);
        prop_assert!(dialogue.is_over() && dialogue.heard("你好").say.is_empty());
    }

    #[test]
    fn any_phrase_and_text_in_a_flow_can_be_checked_and_run(text in ".{0,40}", phrase in "[不要打*|^$\\[\\]贷款a-z ]{0,24}") {
        let mut flow = (*loan()).clone();
        flow.faq[0].phrases = vec![phrase.clone()];
        flow.faq[0].replies = vec![text.clone()];
        flow.opt_out.phrases = vec![phrase.clone()];
        lint(&flow, &[]);
        prompts(&flow, &values());
        let (mut dialogue, _) = Dialogue::start(Script::new(flow.into()), values());
        dialogue.heard(&text);
        dialogue.heard(&phrase);
    }
}

fn spoken() -> impl Strategy<Value = String> {
    let common = prop::sample::select(vec![
        "喂",
        "嗯",
        "",
        "?",
        "可以啊",
        "不需要",
        "利息多少",
        "我在开会",
        "什么",
        "你们是谁",
        "骗子",
        "五万",
        "再说一遍",
        "考虑一下",
        "have a nice day",
        "謝謝",
        "怎么还",
        "好的好的",
        "没听清",
    ]);
    let numerals = "[零〇一二两三四五六七八九壹十百千万亿0-9０-９点:,.多元块]{1,40}";
    prop_oneof![
        3 => common.prop_map(str::to_owned),
        1 => ".{0,60}",
        1 => "[\u{4e00}-\u{9fa5}]{1,130}",
        1 => numerals,
        1 => "[一二三四五六七八九]{15,24}",
    ]
}
