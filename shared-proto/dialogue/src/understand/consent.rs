//! Whether words of having no time agree to be called later, where a question asks when a call would suit: 下午打给我
//! does, 不方便, 改天吧 and a bare 我在开会 do not.

use super::{Grammar, Kind, Meaning, Understanding, polarity, units};
use crate::slots;
use shared_proto::flow::{Question, SlotKind};

/// Puts off to no time at all: what is asked for beside these is not asked for now.
const VAGUE: [&str; 7] = ["改天", "改日", "下次", "下回", "回头", "再说", "换个时间"];
/// Speaks of the call to come, even beside 不方便.
const CALLS: [&str; 10] = ["再打", "打给", "打过来", "打来", "打吧", "联系我", "再联系", "给我", "找我", "回我"];
/// Speaks of a call or of later where nothing is negated: 等我忙完, 微信联系.
const LATER: &[char] =
    &['打', '联', '回', '再', '等', '过', '后', '完', '晚', '信', '让', '叫', '约', '来', '加', '发', '短'];
/// Names who is to call, beside whoever is calling now.
const SOMEBODY: &[char] =
    &['人', '顾', '经', '专', '客', '同', '他', '她', '领', '主', '让', '叫', '请', '派', '安', '转', '换'];
/// Is part of a time, also of one that was half heard.
const TIME: &[char] = &['点', '后', '完', '晚', '午', '明', '再', '等', '会', '天', '周'];
/// Says yes to it, anywhere and at the beginning of a clause.
const YES: [&str; 3] = ["可以", "没问题", "同意"];
const OPENING_YES: [&str; 6] = ["好的", "好啊", "好嘞", "行", "方便", "成"];

impl Grammar {
    /// The same, or a contact let go, as anywhere else, who was asked when a call would suit and wants none now.
    pub(crate) fn let_go(&self, text: &str, question: Option<&Question>, heard: Understanding) -> Understanding {
        let meaning = self.meaning(&heard.intent);
        let answers = meaning == Meaning::Deferral && heard.kind == Kind::Branch && asks_when(question);
        if !answers || agrees(text, &heard) {
            return heard;
        }
        let (kind, entry) = self.kind(&heard.intent, meaning, None);
        Understanding { kind, entry, ..heard }
    }

    /// 五点以后联系我, where nothing was offered yet and nobody else is named, asks for no human: it puts the call off.
    pub(super) fn put_off(&self, ranked: &mut [Understanding], text: &str, question: Option<&Question>) {
        let deferral = self.entries.iter().find(|entry| entry.meaning == Meaning::Deferral);
        let agrees = |u: &Understanding| matches!(self.meaning(&u.intent), Meaning::Yes | Meaning::Wish);
        let later = text.contains(TIME) && names_nobody(text) && !ranked.iter().any(agrees);
        let Some(deferral) = deferral.filter(|_| later) else { return };
        if ranked.iter().any(|u| u.intent == deferral.key) {
            return;
        }
        for u in ranked.iter_mut().filter(|u| u.intent == polarity::HUMAN) {
            (u.kind, u.entry) = self.kind(&deferral.key, deferral.meaning, question);
            (u.intent, u.name) = (deferral.key.clone(), deferral.name.clone());
        }
    }
}

/// Whether a question asks when.
pub(super) fn asks_when(question: Option<&Question>) -> bool {
    question.and_then(|q| q.slot.as_ref()).is_some_and(|slot| slot.kind == SlotKind::Time)
}

/// Whether whoever is to call is left open.
pub(super) fn names_nobody(text: &str) -> bool {
    !text.contains(SOMEBODY)
}

fn agrees(text: &str, heard: &Understanding) -> bool {
    let holds = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let wishes = |u: &Understanding| matches!(u.intent.as_str(), "interested" | polarity::HUMAN);
    let definite = slots::find(text).time.is_some_and(|time| !VAGUE.iter().any(|word| time.contains(word)));
    let said = units::utterance(text).units;
    // What is only like words of having no time turns nobody away unless it negates something: 不方便.
    let negated = polarity::holds_negation(&said);
    let doubted = !heard.is_clear() && !negated;
    let speaks_of_it = holds(&CALLS) || (!negated && text.contains(LATER));
    definite
        || doubted
        || heard.also.iter().any(wishes)
        || (!holds(&VAGUE) && (speaks_of_it || says_yes(text)))
        || polarity::holds_double_negation(&said)
}

fn says_yes(text: &str) -> bool {
    let plain = |word: &str| text.match_indices(word).any(|(at, _)| !text[..at].ends_with('不'));
    let mut clauses =
        text.split(|c: char| !c.is_alphanumeric()).map(|clause| clause.trim_start_matches(['嗯', '那', '哦']));
    YES.iter().any(|word| plain(word)) || clauses.any(|clause| OPENING_YES.iter().any(|word| clause.starts_with(word)))
}
