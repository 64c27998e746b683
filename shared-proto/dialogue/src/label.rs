//! The one place where a call's label is decided: ordered rules over the facts.

use crate::facts::{Ended, Facts, Heard, Reached};
use shared_proto::flow::{Condition, LabelRule};
use shared_proto::wire::LabelDecision;

/// The label of a number that does not exist; seeded for every tenant.
const INVALID: &str = "invalid";
/// What the machine intent is called.
const MACHINE: &str = "machine";

/// Decides alone. An invalid number is `invalid`, other unanswered attempts carry no label.
pub fn label(rules: &[LabelRule], facts: &Facts) -> Option<LabelDecision> {
    match facts.reached {
        Reached::InvalidNumber => {
            Some(LabelDecision { key: INVALID.into(), rule: "号码是空号或无效".into(), quote: None })
        }
        Reached::Unanswered => None,
        Reached::Answered => rules.iter().find_map(|rule| decide(rule, facts)),
    }
}

fn decide(rule: &LabelRule, facts: &Facts) -> Option<LabelDecision> {
    let mut quote = None;
    for condition in &rule.when {
        let held = holds(condition, facts)?;
        quote = quote.or(held);
    }
    let said = if rule.name.is_empty() { describe(rule, facts) } else { rule.name.clone() };
    Some(LabelDecision { key: rule.label.clone(), rule: said, quote: quote.filter(|q| !q.is_empty()) })
}

/// None where the condition does not hold, else the words that show it (empty where words do not matter).
fn holds(condition: &Condition, facts: &Facts) -> Option<Option<String>> {
    let plain = |held: bool| held.then_some(None);
    match condition {
        Condition::Heard { intents, nodes } => {
            last(facts, |heard| intents.contains(&heard.intent) && (nodes.is_empty() || nodes.contains(&heard.node)))
        }
        Condition::NotHeard { intents } => plain(!facts.standing().any(|heard| intents.contains(&heard.intent))),
        Condition::Reached { nodes } => plain(nodes.iter().any(|node| facts.nodes.contains(node))),
        Condition::PromisedHandover => facts.promised_handover.then(|| facts.promised_for.clone()),
        Condition::OptedOut => facts.opt_out.clone().map(Some),
        Condition::Asked { at_least } => plain(facts.questions >= *at_least),
        Condition::Spoke { at_least } => plain(facts.turns >= *at_least),
        Condition::NeverSpoke => plain(facts.turns == 0),
        Condition::UnderstoodNothing => plain(understood_nothing(facts)),
        Condition::HungUpWithin { seconds } => {
            plain(matches!(facts.ended, Ended::Contact { talk_ms } if talk_ms < u64::from(*seconds) * 1000))
        }
        Condition::Machine => last(facts, |heard| heard.intent == MACHINE),
    }
}

fn understood_nothing(facts: &Facts) -> bool {
    facts.turns > 0 && facts.questions == 0 && facts.standing().next().is_none()
}

fn last(facts: &Facts, wanted: impl Fn(&Heard) -> bool) -> Option<Option<String>> {
    facts.standing().rev().find(|heard| wanted(heard)).map(|heard| Some(heard.quote.clone()))
}

fn describe(rule: &LabelRule, facts: &Facts) -> String {
    if rule.when.is_empty() {
        return "其他情况".into();
    }
    let words: Vec<String> = rule.when.iter().map(|condition| in_words(condition, facts)).collect();
    words.join("，并且")
}

fn in_words(condition: &Condition, facts: &Facts) -> String {
    match condition {
        Condition::Heard { intents, .. } => {
            let heard = facts.standing().rev().find(|heard| intents.contains(&heard.intent));
            format!("客户表示「{}」", heard.map_or("", |heard| &heard.name))
        }
        Condition::NotHeard { .. } => "客户没有其他表示".into(),
        Condition::Reached { .. } => "对话走到了指定的节点".into(),
        Condition::PromisedHandover => "客户同意由顾问联系".into(),
        Condition::OptedOut => "客户要求不再来电".into(),
        Condition::Asked { at_least } => format!("客户至少提了{at_least}个问题"),
        Condition::Spoke { at_least } => format!("客户至少说了{at_least}次话"),
        Condition::NeverSpoke => "客户始终没有说话".into(),
        Condition::UnderstoodNothing => "没有听懂客户的意思".into(),
        Condition::HungUpWithin { seconds } => format!("客户在{seconds}秒内挂断"),
        Condition::Machine => "接听的是语音信箱或助理".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Vec<LabelRule> {
        let rule = |label: &str, when| LabelRule { label: label.into(), name: String::new(), when };
        vec![
            rule("refused", vec![Condition::OptedOut]),
            rule("high", vec![Condition::Heard { intents: vec!["affirm".into()], nodes: vec!["offer".into()] }]),
            rule("callback", vec![Condition::HungUpWithin { seconds: 5 }, Condition::NeverSpoke]),
            rule("low", vec![]),
        ]
    }

    fn heard(intent: &str, node: &str, quote: &str) -> Heard {
        Heard {
            intent: intent.into(),
            name: "肯定".into(),
            node: node.into(),
            quote: quote.into(),
            turn: 1,
            clear: true,
            taken_back: false,
        }
    }

    #[test]
    fn the_first_rule_that_holds_decides_and_quotes_the_contact() {
        let mut facts = Facts::answered();
        facts.turns = 2;
        facts.heard = vec![heard("affirm", "opening", "对"), heard("affirm", "offer", "可以啊")];
        let decided = label(&rules(), &facts).unwrap();
        assert_eq!((decided.key.as_str(), decided.quote.as_deref()), ("high", Some("可以啊")));
        assert_eq!(decided.rule, "客户表示「肯定」");
        facts.opt_out = Some("别再打了".into());
        assert_eq!(label(&rules(), &facts).unwrap().key, "refused");
    }

    #[test]
    fn what_was_taken_back_decides_nothing() {
        let mut facts = Facts::answered();
        facts.heard = vec![heard("affirm", "offer", "可以啊")];
        facts.heard[0].taken_back = true;
        assert_eq!(label(&rules(), &facts).unwrap().key, "low");
    }

    #[test]
    fn an_attempt_without_an_answer_is_invalid_or_unlabelled() {
        assert_eq!(label(&rules(), &Facts::unanswered(Reached::InvalidNumber)).unwrap().key, "invalid");
        assert_eq!(label(&rules(), &Facts::unanswered(Reached::Unanswered)), None);
    }

    #[test]
    fn who_spoke_and_was_not_understood_is_told_from_who_said_something() {
        let rules =
            [LabelRule { label: "callback".into(), name: String::new(), when: vec![Condition::UnderstoodNothing] }];
        let mut facts = Facts::answered();
        assert_eq!(label(&rules, &facts), None);
        facts.turns = 2;
        assert_eq!(label(&rules, &facts).unwrap().rule, "没有听懂客户的意思");
        facts.heard = vec![heard("greeting", "opening", "喂")];
        assert_eq!(label(&rules, &facts), None);
    }

    #[test]
    fn hanging_up_at_once_is_told_from_hanging_up_late() {
        let mut facts = Facts::answered();
        facts.contact_hung_up(4_000);
        assert_eq!(label(&rules(), &facts).unwrap().key, "callback");
        let mut facts = Facts::answered();
        facts.contact_hung_up(40_000);
        assert_eq!(label(&rules(), &facts).unwrap().key, "low");
    }
}
