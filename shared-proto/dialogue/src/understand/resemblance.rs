//! What an utterance means by the sentences that it is most like, and when that may be concluded.

use super::examples::{self, Neighbour, Vote};
use super::phrase::Found;
use super::{
    Grammar, INVENTED, Kind, Meaning, Understanding, consent, forbidding, hesitation, others, own, polarity, temper,
    units,
};
use shared_proto::flow::Question;

/// Neighbours that agree less than this say nothing.
const LEAST_CONFIDENCE: f32 = 0.12;
/// Neighbours that agree this much overrule a phrase.
const SURE: f32 = 0.35;
/// An utterance must be this like a sentence to have grave consequences.
const GRAVE: f32 = 0.6;
/// Who asks something must be this like a wish to have uttered one: 多少钱 is none.
const WISHED: f32 = 0.38;

/// What a sentence must at least be like where much follows from it, as the customers' sentences that the recogniser
/// misheard show (`script/bench phrasings`).
fn least(meaning: Meaning) -> f32 {
    match meaning {
        Meaning::Yes | Meaning::No | Meaning::Refusal => 0.4,
        Meaning::Deferral => 0.25,
        Meaning::OptOut
        | Meaning::Machine
        | Meaning::Wish
        | Meaning::Farewell
        | Meaning::Question
        | Meaning::Repeat
        | Meaning::Greeting
        | Meaning::Other => 0.0,
    }
}

impl Grammar {
    /// What was understood by phrases, against the sentences that the utterance is most like: these speak where no
    /// phrase was heard, and overrule one where they are sure.
    pub(crate) fn weigh(
        &self,
        text: &str,
        question: Option<&Question>,
        heard: Option<Understanding>,
    ) -> Option<Understanding> {
        let needed = match &heard {
            None => LEAST_CONFIDENCE,
            // 他在开会 is like 我在开会, and only the one word tells them apart.
            Some(heard) if heard.intent == polarity::SOMEBODY_ELSE => return Some(heard.clone()),
            Some(heard) => match self.meaning(&heard.intent) {
                // Words of leaving and refusing also stand in sentences that mean the opposite: 明天让他打给我.
                Meaning::Deferral | Meaning::Farewell | Meaning::Refusal | Meaning::No if heard.kind != Kind::Faq => {
                    SURE
                }
                Meaning::Deferral
                | Meaning::Farewell
                | Meaning::Refusal
                | Meaning::No
                | Meaning::OptOut
                | Meaning::Machine
                | Meaning::Yes
                | Meaning::Wish
                | Meaning::Question
                | Meaning::Repeat
                | Meaning::Greeting
                | Meaning::Other => return Some(heard.clone()),
            },
        };
        let turned_down =
            heard.as_ref().is_some_and(|heard| matches!(self.meaning(&heard.intent), Meaning::No | Meaning::Refusal));
        let resembled = self.vote(text, question, turned_down).filter(|vote| vote.confidence >= needed);
        let agreed = |key: &str| heard.iter().flat_map(|h| std::iter::once(h).chain(&h.also)).any(|h| h.intent == key);
        // 可以，明天再打 and 五点后联系我: a yes beside an appointment is no other answer, nor is being called then.
        let deferred = heard.as_ref().is_some_and(|heard| self.meaning(&heard.intent) == Meaning::Deferral);
        let by_us = consent::names_nobody(text) && !consent::asks_when(question);
        let polite = |vote: &Vote| {
            let intent = &vote.nearest.intent;
            let no_answer = self.meaning(intent) == Meaning::Yes || intent == hesitation::CONSIDER;
            deferred && (no_answer || (intent == polarity::HUMAN && by_us))
        };
        let overruled = resembled.filter(|vote| !agreed(&vote.nearest.intent) && !polite(vote));
        let Some(vote) = overruled else { return heard };
        self.resembling(text, question, vote).or(heard)
    }

    fn resembling(&self, text: &str, question: Option<&Question>, vote: Vote) -> Option<Understanding> {
        let nearest = vote.nearest;
        let entry = self.entries.iter().find(|entry| entry.key == nearest.intent)?;
        let said = units::utterance(text);
        // 可以吗? asks back; it is no yes. What nobody may be taken to mean by mere likeness: wanting no more calls,
        // and saying goodbye, which takes words of its own.
        let asks = said.units.last().is_some_and(|unit| unit.asks);
        // 也不是没兴趣 is no refusal.
        let refuses = matches!(entry.meaning, Meaning::No | Meaning::Refusal);
        let twice_denied = refuses && polarity::holds_double_negation(&said.units);
        let wishes = matches!(entry.meaning, Meaning::Yes | Meaning::Wish);
        // 没还清 is like 还清, which it denies.
        let own = entry.meaning == Meaning::Other && own::is_own(&entry.key);
        let negated = |text: &str| polarity::holds_negation(&units::utterance(text).units);
        let unlike =
            own && (negated(text) != negated(&nearest.sentence) || polarity::holds_double_negation(&said.units));
        let asks_only = nearest.likeness < WISHED && super::asks(text);
        let doubtful = wishes && (asks_only || polarity::holds_doubtful_negation(&said.units));
        let asked_back = asks && matches!(entry.meaning, Meaning::Yes | Meaning::No | Meaning::Refusal);
        let grave = matches!(entry.meaning, Meaning::OptOut | Meaning::Machine) && nearest.likeness < GRAVE;
        let all = Found::everywhere(&said.units);
        let elsewhere = entry.meaning == Meaning::OptOut
            && (others::spares_the_dialled(&all, &said.units) || forbidding::forbids_no_call(&all, &said.units));
        let sounds_alike = refuses && (polarity::bargains(&said.units) || polarity::minds_nothing(&all, &said.units));
        let disputes =
            entry.key == polarity::WRONG_PERSON && polarity::disputes_a_debt(&said.units, 0..said.units.len());
        let harmless = (entry.key == temper::HOSTILE && temper::tells_of_oneself(&all, &said.units))
            || (entry.meaning == Meaning::Deferral && polarity::works_away(&said.units, 0..said.units.len()));
        if asked_back
            || harmless
            || disputes
            || sounds_alike
            || polarity::interrupts(&all, &said.units)
            || twice_denied
            || unlike
            || doubtful
            || elsewhere
            || entry.meaning == Meaning::Farewell
            || (entry.key == polarity::HUMAN
                && ((consent::names_nobody(text) && !consent::asks_when(question) && nearest.likeness < GRAVE)
                    || (super::asks(text) && nearest.likeness < GRAVE)
                    || polarity::denies_a_request(&said.units)
                    || polarity::reports_a_call(&all, &said.units)
                    || polarity::asks_whether(&said.units, 0..said.units.len())))
            // 刚上班半年，够资格吗 is like 在上班呢.
            || (entry.meaning == Meaning::Deferral && super::asks(text))
            || nearest.likeness < least(entry.meaning)
            || grave
            || said.only_hum
            || INVENTED.iter().any(|words| text.contains(words))
        {
            return None;
        }
        let (kind, answer) = self.kind(&entry.key, entry.meaning, question);
        Some(Understanding {
            intent: entry.key.clone(),
            name: entry.name.clone(),
            kind,
            entry: answer,
            matched: text.trim().to_owned(),
            phrase: nearest.sentence,
            likeness: nearest.likeness,
            also: Vec::new(),
        })
    }

    /// `turned_down`: a phrase of refusal was heard.
    fn vote(&self, text: &str, question: Option<&Question>, turned_down: bool) -> Option<Vote> {
        let near: Vec<Neighbour> = self.built_in.near(text).into_iter().chain(self.own.near(text)).collect();
        let expected =
            |intent: &str| question.is_some_and(|q| q.branches.iter().any(|b| b.intents.iter().any(|i| i == intent)));
        let vote = examples::vote(near.clone(), expected)?;
        let negates = turned_down || negative(text);
        // Who negates nothing says no such thing, however many thanks it shares: 谢了，不用.
        let possible = |neighbour: &Neighbour| {
            let meaning = self.meaning(&neighbour.intent);
            let turns_down = matches!(meaning, Meaning::No | Meaning::Refusal | Meaning::OptOut);
            negates || !turns_down || !negative(&neighbour.sentence)
        };
        if possible(&vote.nearest) {
            return Some(vote);
        }
        // Nor is it taken for the opposite, in case only the negation was not heard.
        let second = examples::vote(near.into_iter().filter(possible).collect(), expected)?;
        let opposite = matches!(self.meaning(&second.nearest.intent), Meaning::Yes | Meaning::Wish);
        (!opposite).then_some(second)
    }
}

/// Whether anything is negated, as heard or in a southern word that is otherwise only a hum.
fn negative(text: &str) -> bool {
    text.contains(['唔', '冇']) || polarity::holds_negation(&units::utterance(text).units)
}
