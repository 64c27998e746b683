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

/// What whole calls are made of: a line may mean any of these, as long as the call's label comes out the same.
const LINES: &[(&[&str], &[&str])] = &[
    (
        &["interested", "affirm"],
        &[
            "可以啊你给我讲讲",
            "我最近正好缺钱用",
            "行你让人加我微信吧",
            "好的那你安排人跟我联系吧",
            "嗯我有这个需求",
            "我想贷个十万块",
            "有点兴趣",
            "可以聊聊",
            "那你说说看吧",
            "听起来还不错",
            "具体是什么样的",
            "我正想办一个呢",
            "可以的麻烦你介绍一下",
            "好啊你说",
            "挺感兴趣的",
            "我这边资金周转有点困难",
            "要的要的",
            "行啊没问题",
            "可以帮我登记一下",
            "那让你们顾问给我打电话吧",
            "我有意向",
        ],
    ),
    (
        &["not_interested", "opt_out", "hostile", "deny"],
        &[
            "我没有贷款需求",
            "我不贷款",
            "不用介绍了",
            "我有的是钱不需要",
            "没空跟你聊",
            "谁要贷款啊",
            "不好意思不考虑",
            "我不想听",
            "暂时没这个打算谢谢",
            "都说了不需要了",
            "你们怎么又打来了",
            "烦不烦啊一天打好几个",
            "我真的不感兴趣",
            "没必要",
            "不办不办",
            "我不需要这个东西",
            "哎呀不要不要",
            "谢谢不用",
            "算了算了不用了",
            "我对这个没啥兴趣",
        ],
    ),
    (
        &["opt_out"],
        &[
            "以后不用联系我了",
            "下次别打了",
            "你别老打电话",
            "不要总打我电话",
            "请把我的号码从你们系统里移除",
            "请勿打扰",
            "不是说了不要打了吗",
            "我要求你们以后不要再打过来",
            "你再打我就报警了",
            "麻烦你们不要再给我打电话了好吗",
            "别再骚扰我了行不行",
            "把我信息删除掉",
            "能不能别打了",
            "不要再联系我了谢谢",
            "你们公司别再给我来电话了",
            "我已经说过很多次了别打了",
            "请你把我从名单上去掉",
            "再打电话我就去投诉",
            "拉黑了啊",
            "不需要别打了",
            "没兴趣以后别再打来了",
        ],
    ),
    (
        &["busy_callback"],
        &[
            "我马上要开会了",
            "在上班呢不方便接",
            "你过两天再打",
            "周末再联系吧",
            "要不你晚上打给我",
            "现在说话不方便",
            "我在外面办事回头再说",
            "手上有点事情",
            "等我忙完了再说",
            "这会儿没空",
            "我在医院呢",
            "晚一点再联系我吧",
            "你半个小时以后打过来",
            "我先忙了啊",
            "现在正在吃饭呢",
            "我在高铁上信号不好",
            "改天吧今天没时间",
            "我正开着车呢",
            "你换个时间打",
            "今天不行明天吧我在忙",
            "好好好我在忙待会儿打给你",
            "忙着呢忙着呢",
        ],
    ),
    (
        &["consider", "acknowledge"],
        &[
            "我先了解一下",
            "我再考虑考虑吧",
            "行我知道了回头需要再联系",
            "到时候再说吧",
            "等有需要我再找你们",
            "好的我了解了",
            "嗯我看看再说",
            "要跟家里人商量商量",
            "不急以后再说",
            "先这样吧我想想",
        ],
    ),
    (
        &[
            "rate",
            "limit",
            "term",
            "documents",
            "arrival",
            "conditions",
            "collateral",
            "fees",
            "apply",
            "company",
            "who_are_you",
            "source",
            "how_got_number",
            "are_you_robot",
            "is_scam",
            "what_matter",
        ],
        &[
            "你们利息是多少啊",
            "要不要抵押",
            "多久能下来",
            "你们是哪家银行",
            "额度最高多少",
            "征信有逾期能办吗",
            "有没有手续费",
            "需要什么材料",
            "怎么还款啊",
            "是正规公司吗",
            "你们公司在哪里",
            "能借多久",
            "怎么收费的",
            "当天能到账吗",
            "可以提前还吗",
            "年龄有要求吗",
            "你是真人还是机器人",
            "你从哪儿弄到我电话的",
            "放款要几天",
            "月息几个点",
            "这个安全吗是不是诈骗",
            "要去你们公司办吗",
            "分几期还",
            "能贷多少钱啊",
            "额度怎么算的",
            "有什么条件吗",
            "利息怎么算",
            "我征信不太好能贷吗",
        ],
    ),
];

#[test]
fn lines_as_people_say_them_lead_to_the_right_kind_of_answer() {
    let mut wrong = String::new();
    let (mut right, mut all) = (0, 0);
    for (intents, lines) in LINES {
        for line in *lines {
            let (mut dialogue, _) = Dialogue::start(loan(), values());
            dialogue.heard("对");
            let understood = dialogue.heard(line).understood;
            let meant = understood.as_ref().map(|u| u.intent.as_str()).unwrap_or_default();
            all += 1;
            if intents.contains(&meant) {
                right += 1;
            } else {
                let why = understood.map(|u| {
                    format!("{} ~ {} +{:?}", u.matched, u.phrase, u.also.iter().map(|a| &a.intent).collect::<Vec<_>>())
                });
                wrong +=
                    &format!("{line}: {} expected, {meant} understood ({})\n", intents[0], why.unwrap_or_default());
            }
        }
    }
    assert!(right == all, "{right} of {all}\n{wrong}");
}

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
