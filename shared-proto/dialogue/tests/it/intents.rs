//! Single utterances at the loan offer's question whether money is needed: what is meant first.

use crate::flows::{loan, values};
use dialogue::Dialogue;

const TABLE: &[(&str, &[&str])] = &[
    ("affirm", &["有的", "嗯", "可以啊", "对对对", "是的是的", "好呀", "行吧", "嗯可以", "yes"]),
    (
        "interested",
        &[
            "可以了解一下",
            "我正好需要周转",
            "有需要的",
            "那你给我介绍一下吧",
            "听听看",
            "我最近手头有点紧",
            "感兴趣的",
            "确实想贷一点",
        ],
    ),
    (
        "not_interested",
        &[
            "没兴趣",
            "们兴趣",
            "不需要谢谢",
            "不用了不用了",
            "我不需要贷款",
            "暂时不考虑",
            "没这个需求",
            "不感兴去",
            "算了吧",
            "我不缺钱",
            "沒興趣",
            "用不着",
            "好的不用了谢谢",
            "不好意思我不需要",
            "no thanks not interested",
        ],
    ),
    (
        "opt_out",
        &[
            "别再打了",
            "以后不要再给我打电话了",
            "把我从名单里删掉",
            "你把我号码删了吧",
            "不要打了行不行",
            "请不要再骚扰我",
            "再打我就投诉你们",
            "我不需要，以后别打了",
            "别给我打电话了",
            "stop calling me",
            "把我电话拉黑",
            "不想再接到你们的电话",
            "別再打了",
        ],
    ),
    (
        "busy_callback",
        &[
            "我在开会",
            "现在忙着呢",
            "晚点再打吧",
            "明天再打",
            "我在开车不方便",
            "好的好的我现在有点忙",
            "等会儿再说吧在上班",
            "没时间",
            "你下午再打过来",
            "现在不太方便",
            "一会儿给你回过去",
            "不好意思我正在忙，过会儿再打给我行吗",
        ],
    ),
    ("who_are_you", &["你是谁啊", "哪位", "你们是哪里的", "什么公司", "你哪儿的"]),
    ("rate", &["利息多少", "利率怎么算", "离席多少", "利息高不高啊", "一个月要还多少利息"]),
    ("limit", &["能贷多少", "额度有多少", "最多可以借多少"]),
    ("collateral", &["不需要抵押吧", "要不要抵押", "需要担保吗"]),
    ("how_got_number", &["你怎么有我电话的", "从哪里知道我号码的", "谁给你们我的电话"]),
    ("are_you_robot", &["你是机器人吧", "是真人吗"]),
    ("is_scam", &["骗子吧", "是不是骗人的", "靠谱吗"]),
    ("consider", &["我考虑一下", "再看看吧", "有需要再联系你", "我跟老婆商量一下"]),
    ("wrong_person", &["你打错了", "我不是王小明先生", "没有这个人"]),
    ("transfer_human", &["转人工", "让你们经理来跟我说"]),
    ("repeat_please", &["什么", "没听清", "你再说一遍", "听不清楚你说什么"]),
    ("hostile", &["滚", "你有病啊", "烦死了"]),
    ("machine", &["您拨打的用户暂时无法接通", "请在滴声后留言", "您好我是机主的语音助手"]),
    ("has_loan", &["我已经有贷款了", "我在别的银行贷了"]),
    ("goodbye", &["拜拜", "先挂了"]),
];

#[test]
fn common_ways_of_saying_it_are_understood() {
    let mut wrong = String::new();
    for (intent, lines) in TABLE {
        for line in *lines {
            let (mut dialogue, _) = Dialogue::start(loan(), values());
            dialogue.heard("对");
            let step = dialogue.heard(line);
            let meant = step.understood.map(|u| format!("{} ({} ~ {})", u.intent, u.matched, u.phrase));
            let meant = meant.unwrap_or_default();
            if meant.split(' ').next() != Some(intent) {
                wrong += &format!("{line}: {intent} expected, {meant} understood\n");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_question_back_is_no_yes_and_a_denied_refusal_is_no_refusal() {
    for line in ["可以吗", "是吗", "真的可以吗", "有兴趣吗"] {
        let (mut dialogue, _) = Dialogue::start(loan(), values());
        dialogue.heard("对");
        let meant = dialogue.heard(line).understood.map(|u| u.intent).unwrap_or_default();
        assert_ne!(meant, "affirm", "{line}");
    }
    let (mut dialogue, _) = Dialogue::start(loan(), values());
    dialogue.heard("对");
    let meant = dialogue.heard("也不是没兴趣").understood.map(|u| u.intent);
    assert_ne!(meant.as_deref(), Some("not_interested"));
}
