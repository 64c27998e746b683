//! Single utterances at the loan offer's question whether money is needed. `intents.txt` holds them: `=` and the
//! intents that are right, then utterances between `；`.

use crate::flows::{loan, starter, values};
use dialogue::{Dialogue, Script, Understanding};
use std::sync::{Arc, LazyLock};

/// Compiled once: a script takes longer to make than a line to understand.
static SCRIPT: LazyLock<Arc<Script>> = LazyLock::new(|| Script::new(loan()));

pub fn meant(line: &str) -> Option<Understanding> {
    let (mut dialogue, _) = Dialogue::start(SCRIPT.clone(), values());
    dialogue.heard("对");
    dialogue.heard(line).understood
}

#[test]
fn utterances_as_people_say_them_are_understood() {
    let mut wrong = String::new();
    let mut all = 0;
    for block in include_str!("intents.txt").split("= ").filter(|block| !block.is_empty()) {
        let (right, lines) = block.split_once('\n').expect("lines after the intents");
        for line in lines.split('；').map(str::trim).filter(|line| !line.is_empty()) {
            all += 1;
            let understood = meant(line);
            let found = understood.as_ref().map_or("", |u| u.intent.as_str());
            if !right.split(' ').any(|intent| intent == found) {
                let why = understood.as_ref().map(|u| format!("{} ~ {}", u.matched, u.phrase)).unwrap_or_default();
                wrong += &format!("{line}: {right} expected, {found} understood ({why})\n");
            }
        }
    }
    assert!(wrong.is_empty(), "of {all}:\n{wrong}");
}

#[test]
fn a_question_back_is_no_yes_and_a_denied_refusal_is_no_refusal() {
    for line in ["可以吗", "是吗", "真的可以吗", "有兴趣吗"] {
        assert_ne!(meant(line).map(|u| u.intent).unwrap_or_default(), "affirm", "{line}");
    }
    assert_ne!(meant("也不是没兴趣").map(|u| u.intent).unwrap_or_default(), "not_interested");
}

#[test]
fn a_script_without_an_answer_to_somebody_else_takes_them_for_the_wrong_person() {
    let mut older = (*starter()).clone();
    older.objections.retain(|objection| objection.key != "somebody_else");
    let (mut dialogue, _) = Dialogue::start(Script::new(Arc::new(older)), values());
    assert_eq!(dialogue.heard("我是他爱人").node, "wrong_bye");
}

#[test]
fn what_recognisers_invent_from_noise_means_nothing() {
    for line in ["请不吝点赞订阅转发", "字幕由志愿者提供", "谢谢观看"] {
        assert_eq!(meant(line), None, "{line}");
    }
}

/// The commonest characters, to choose homophones from.
const COMMON: &str = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严首底液官德随病苏失尔死讲配女黄推显谈罪神艺呢席企望密批营项防举球英氧势告李台落木帮轮破亚师围注远字材排供河态封另施减树溶怎止案言士均武固叶鱼波视仅费紧爱左章早朝害续轻服试食充兵源判护司足某练差致板田降黑犯负击范继兴似余坚曲输修故城夫够送笔船占右财吃富春职觉汉画功巴跟虽杂飞检吸助升阳互初创抗考投坏策古径换未跑留钢曾端责站简述钱副尽帝射草冲承独令限阿宣环双请超微让控州良轴找否纪益依优顶础载倒房突坐粉敌略客袁冷胜绝析块剂测丝协诉念陈仍罗盐友洋错苦夜刑移频逐靠混母短皮终聚汽村云哪既距卫停烈央察烧迅境若印洲刻括激孔搞甚室待核校散侵吧甲游久菜味旧模湖货损预阻毫普稳乙妈植息扩银语挥酒守拿序纸医缺雨吗针刘啊急唱误训愿审附获茶鲜粮斤孩脱硫肥善龙演父渐血欢械掌歌沙著刚攻谓盾讨晚粒乱燃矛乎杀药宁鲁贵钟煤读班伯香介迫句丰培握兰担弦蛋沉假穿执答乐谁顺烟缩征脸喜松脚困异免背星福买染井概慢怕磁倍祖皇促静补评翻肉践尼衣宽扬棉希伤操垂秋宜氢套笔督振架亮末宪庆编牛触映雷销诗座居抓裂胞呼娘景威绿晶厚盟衡鸡孙延危胶屋乡临陆顾掉呀灯岁措束耐剧玉赵跳哥季课凯胡额款绍卷齐伟蒸殖永宗苗川炉岩弱零杨奏沿露杆探滑镇饭浓航怀赶库夺伊灵税途灭赛归召鼓播盘裁险康唯录菌纯借糖盖横符私努堂域枪润幅哈竟熟虫泽脑壤碳欧遍侧寨敢彻虑斜薄庭纳弹饲伸折麦湿暗荷瓦塞床筑恶户访塔奇透梁刀旋迹卡氯遇份毒泥退洗摆灰彩卖耗夏择忙铜献硬予繁圈雪函亦抽篇阵阴丁尺追堆雄迎泛爸楼避谋吨野猪旗累偏典馆索秦脂潮爷豆忽托惊塑遗愈朱替纤粗倾尚痛楚谢奋购磨君池旁碎骨监捕弟暴割贯殊释词亡壁顿宝午尘闻揭炮残冬桥妇警综招吴付浮遭徐您摇谷赞箱隔订男吹园纷唐败宋玻巨耕坦荣闭湾键凡驻锅救恩剥凝碱齿截炼麻纺禁废盛版缓净睛昌婚涉筒嘴插岸朗庄街藏姑贸腐奴啦惯乘恢复尿庞";

/// Every sixth character becomes a homophone, as a recogniser would write it.
fn misheard(line: &str, seed: usize) -> String {
    use pinyin::ToPinyin;
    use std::collections::BTreeMap;
    static BY_SOUND: LazyLock<BTreeMap<&'static str, Vec<char>>> = LazyLock::new(|| {
        let mut map: BTreeMap<&'static str, Vec<char>> = BTreeMap::new();
        for c in COMMON.chars() {
            if let Some(sound) = c.to_pinyin() {
                map.entry(sound.plain()).or_default().push(c);
            }
        }
        map
    });
    let homophone = |n: usize, c: char| {
        let alike = BY_SOUND.get(c.to_pinyin()?.plain())?;
        alike.get((n * 7 + seed) % alike.len()).copied()
    };
    let write = |(n, c): (usize, char)| if (n + seed).is_multiple_of(6) { homophone(n, c).unwrap_or(c) } else { c };
    line.chars().enumerate().map(write).collect()
}

#[test]
fn homophones_rarely_change_what_is_meant() {
    let (mut same, mut all) = (0, 0);
    let mut changed = String::new();
    for block in include_str!("intents.txt").split("= ").filter(|block| !block.is_empty()) {
        let (right, lines) = block.split_once('\n').expect("lines after the intents");
        for line in lines.split('；').map(str::trim).filter(|line| line.chars().count() > 3) {
            for seed in [0, 2, 5] {
                let written = misheard(line, seed);
                let found = meant(&written).map(|u| u.intent).unwrap_or_default();
                let kept = right.split(' ').any(|intent| intent == found);
                (same, all) = (same + usize::from(kept), all + 1);
                if !kept {
                    changed += &format!("{line} → {written}: {found}\n");
                }
            }
        }
    }
    assert!(same * 100 >= all * 97, "{same} of {all}\n{changed}");
}
