//! What one utterance means at one place of a flow: every phrase that is heard, weighed against each other.
//! It does not decide what to say.

mod builtin;
mod consent;
mod examples;
mod forbidding;
mod hesitation;
mod others;
mod own;
mod phrase;
mod polarity;
mod resemblance;
mod temper;
mod units;

pub use builtin::{Builtin, Meaning, builtins};

use examples::Examples;
use phrase::{Found, Phrase};
use serde::{Deserialize, Serialize};
use shared_proto::flow::{Flow, Question};
use std::sync::{Arc, LazyLock};
use units::Unit;

/// The intent that cannot be removed.
pub(crate) const OPT_OUT: &str = "opt_out";
/// The intent of an answer that holds the value a question asked for.
pub(crate) const SLOT: &str = "slot";

/// What an utterance meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Understanding {
    pub intent: String,
    /// In words for people.
    pub name: String,
    /// What the flow does about it.
    pub kind: Kind,
    /// Key of the FAQ entry or objection that answers it; empty for the others.
    pub entry: String,
    /// The words that matched, as heard.
    pub matched: String,
    /// The phrase they matched; with `matched` it says why.
    pub phrase: String,
    /// 0 to 1: how exactly they matched.
    pub likeness: f32,
    /// Other meanings of the same utterance.
    pub also: Vec<Understanding>,
}

/// What a contact says about the offer itself; the last clear word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stance {
    For,
    Against,
}

impl Stance {
    pub(crate) fn of(intent: &str) -> Option<Self> {
        match intent {
            "interested" => Some(Self::For),
            "not_interested" => Some(Self::Against),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Wants no more calls.
    OptOut,
    /// A recording or an assistant answered.
    Machine,
    /// The node expects it.
    Branch,
    Objection,
    Faq,
    /// Wants the question repeated.
    Repeat,
    /// Says hello, or only hums: the question stands.
    Greeting,
    /// Wants to end the call, and the flow has no other answer.
    Ending,
    /// Understood, but nothing here expects it.
    Unexpected,
}

/// What recognisers make up out of silence and noise: the subtitles they were trained on.
const INVENTED: &[&str] = &[
    "字幕",
    "谢谢观看",
    "謝謝觀看",
    "感谢观看",
    "点赞",
    "點贊",
    "订阅",
    "訂閱",
    "打赏",
    "独播剧场",
    "优优独播",
    "by索兰娅",
    "明镜与点点",
    "普通话的句子",
];

/// All intents of one flow, compiled.
pub(crate) struct Grammar {
    entries: Vec<Arc<Entry>>,
    /// The flow's phrases as sentences, and those that come with the house.
    own: Examples,
    built_in: Arc<Examples>,
    faq: Vec<(String, Vec<String>)>,
    objections: Vec<(String, Vec<String>)>,
}

#[derive(Clone)]
struct Entry {
    key: String,
    name: String,
    meaning: Meaning,
    phrases: Vec<(String, Phrase)>,
}

/// One phrase found for one intent.
struct Match<'a> {
    entry: &'a Entry,
    phrase: &'a str,
    found: Found,
}

static BUILT_IN: LazyLock<Vec<Arc<Entry>>> = LazyLock::new(|| {
    let compile = |b: &Builtin| Entry {
        key: b.key.to_owned(),
        name: b.name.to_owned(),
        meaning: b.meaning,
        phrases: compiled(b.phrases.iter().copied()),
    };
    builtins().iter().map(compile).map(Arc::new).collect()
});

static BUILT_IN_EXAMPLES: LazyLock<Arc<Examples>> = LazyLock::new(|| Arc::new(Examples::new(examples::built_in())));

/// Words this like a phrase or a sentence are no guess.
const CLEAR: f32 = 0.9;

impl Grammar {
    pub(crate) fn new(flow: &Flow) -> Self {
        let mut grammar = Self {
            entries: BUILT_IN.clone(),
            own: Examples::default(),
            built_in: BUILT_IN_EXAMPLES.clone(),
            faq: flow.faq.iter().map(|f| (f.key.clone(), with(&f.key, &f.intents))).collect(),
            objections: flow.objections.iter().map(|o| (o.key.clone(), with(&o.key, &o.intents))).collect(),
        };
        for intent in &flow.intents {
            grammar.add(&intent.key, &intent.name, Meaning::Other, &intent.phrases);
        }
        for faq in &flow.faq {
            grammar.add(&faq.key, &faq.name, Meaning::Question, &faq.phrases);
        }
        for objection in &flow.objections {
            grammar.add(&objection.key, &objection.name, Meaning::Refusal, &objection.phrases);
        }
        grammar.add(OPT_OUT, "", Meaning::OptOut, &flow.opt_out.phrases);
        let of_people = grammar.entries.iter().filter(|entry| entry.meaning != Meaning::Machine);
        let phrases = of_people.flat_map(|entry| entry.phrases.iter().map(|(text, _)| (entry.key.clone(), text)));
        grammar.own = Examples::new(phrases.map(|(key, text)| (key, examples::sentence(text))));
        grammar
    }

    /// By the phrases heard; none where there is none.
    pub(crate) fn understand(&self, text: &str, question: Option<&Question>) -> Option<Understanding> {
        if INVENTED.iter().any(|words| text.contains(words)) {
            return None;
        }
        let said = units::utterance(text);
        if said.only_hum {
            return Some(self.hum(text, question));
        }
        let matches = self.matches(&said.units);
        let mut ranked: Vec<Understanding> = Vec::new();
        for found in &matches {
            if !ranked.iter().any(|u| u.intent == found.entry.key) {
                ranked.push(self.settle(found, text, &said.units, question));
            }
        }
        self.drop_politeness(&mut ranked, text);
        let weight =
            |u: &Understanding| matches.iter().find(|m| m.entry.key == u.intent).map_or(0.0, |m| m.found.weight);
        let asks_when = consent::asks_when(question);
        if !asks_when {
            self.put_off(&mut ranked, text, question);
        }
        let tier = |u: &Understanding| match self.meaning(&u.intent) {
            // Whoever has no time now is let go, whatever else was said; unless a time was asked for.
            Meaning::Deferral if !asks_when => tier(u.kind).min(tier(Kind::Branch) - 1),
            // Nor is anything asked of whoever answers for the contact.
            _ if u.intent == polarity::SOMEBODY_ELSE => tier(u.kind).min(tier(Kind::Branch) - 1),
            _ => tier(u.kind),
        };
        ranked.sort_by(|a, b| tier(a).cmp(&tier(b)).then(weight(b).total_cmp(&weight(a))));
        let mut ranked = ranked.into_iter();
        let mut first = ranked.next()?;
        first.also = ranked.filter(|u| !matches!(u.kind, Kind::Greeting | Kind::Repeat)).collect();
        Some(first)
    }

    /// All phrases heard, heaviest first, without those denied, asked back, or part of a longer one.
    fn matches<'a>(&'a self, said: &[Unit]) -> Vec<Match<'a>> {
        let mut all: Vec<Match<'a>> = Vec::new();
        for entry in &self.entries {
            for (text, phrase) in &entry.phrases {
                let found = phrase.find(said).into_iter().map(|found| Match { entry, phrase: text, found });
                all.extend(found.filter(|m| !polarity::denied(entry.meaning, &entry.key, &m.found, said)));
            }
        }
        // 我们需要 is a wish as it was heard, and 们 no misheard 没.
        let wished = |m: &Match<'a>| {
            let wish =
                |o: &Match<'a>| o.entry.meaning == Meaning::Wish && o.found.is_exact() && o.found.inside(&m.found);
            let refuses = matches!(m.entry.meaning, Meaning::No | Meaning::Refusal);
            refuses && !m.found.is_exact() && all.iter().any(wish) && !polarity::holds_negation_in(&m.found, said)
        };
        let gone: Vec<bool> = all.iter().map(wished).collect();
        let mut gone = gone.into_iter();
        all.retain(|_| !gone.next().unwrap_or_default());
        let covered = |m: &Match<'a>| {
            let longer = |o: &&Match<'a>| m.found.inside(&o.found) && o.found.weight > m.found.weight;
            all.iter().filter(longer).any(|o| o.entry.key != m.entry.key)
        };
        let elsewhere =
            |m: &Match<'a>| m.entry.meaning == Meaning::OptOut && others::spares_the_dialled(&m.found, said);
        let keep: Vec<bool> = all.iter().map(|m| !covered(m) && !elsewhere(m)).collect();
        let kept: Vec<Match<'a>> = all.into_iter().zip(keep).filter_map(|(m, keep)| keep.then_some(m)).collect();
        let mut kept = self.hesitating(kept, said);
        kept.sort_by(|a, b| b.found.weight.total_cmp(&a.found.weight));
        kept
    }

    /// Who has not decided neither refuses nor wishes.
    fn hesitating<'a>(&'a self, mut kept: Vec<Match<'a>>, said: &[Unit]) -> Vec<Match<'a>> {
        let consider = self.entries.iter().find(|entry| entry.key == hesitation::CONSIDER);
        for m in kept.iter_mut().filter(|m| m.entry.key == hesitation::NOT_INTERESTED) {
            m.entry = consider.filter(|_| hesitation::is_for_now(&m.found, said)).map_or(m.entry, |entry| &**entry);
        }
        let undecided = |m: &&Match<'a>| m.entry.key == hesitation::CONSIDER && m.found.is_exact();
        let soft = |m: &Match<'a>| {
            let decides = hesitation::DECIDED.contains(&m.entry.key.as_str());
            decides && kept.iter().filter(undecided).any(|o| hesitation::softens(&o.found, &m.found, said))
        };
        let keep: Vec<bool> = kept.iter().map(|m| !soft(m)).collect();
        kept.into_iter().zip(keep).filter_map(|(m, keep)| keep.then_some(m)).collect()
    }

    fn settle(&self, m: &Match<'_>, text: &str, said: &[Unit], question: Option<&Question>) -> Understanding {
        let key = &m.entry.key;
        let (kind, entry) = self.kind(key, m.entry.meaning, question);
        let matched = match (said.get(m.found.from), m.found.to.checked_sub(1).and_then(|last| said.get(last))) {
            (Some(first), Some(last)) => text.get(first.from..last.to).unwrap_or_default(),
            _ => "",
        };
        Understanding {
            intent: key.clone(),
            name: m.entry.name.clone(),
            kind,
            entry,
            matched: matched.to_owned(),
            phrase: m.phrase.to_owned(),
            likeness: m.found.weight / m.found.units.max(1) as f32,
            also: Vec::new(),
        }
    }

    /// What the flow does about an intent here.
    fn kind(&self, key: &str, meaning: Meaning, question: Option<&Question>) -> (Kind, String) {
        let holding = |list: &[(String, Vec<String>)], key: &str| {
            list.iter().find(|(_, intents)| intents.iter().any(|i| i == key)).map(|(entry, _)| entry.clone())
        };
        // A script that has nothing to say to somebody else takes them for the wrong person.
        let instead = (key == polarity::SOMEBODY_ELSE).then_some(polarity::WRONG_PERSON);
        let of = |list: &[(String, Vec<String>)]| {
            holding(list, key).or_else(|| instead.and_then(|instead| holding(list, instead)))
        };
        if meaning == Meaning::OptOut {
            return (Kind::OptOut, String::new());
        }
        if question.is_some_and(|q| q.branches.iter().any(|b| b.intents.iter().any(|i| i == key))) {
            return (Kind::Branch, of(&self.faq).unwrap_or_default());
        }
        if let Some(entry) = of(&self.objections) {
            return (Kind::Objection, entry);
        }
        if let Some(entry) = of(&self.faq) {
            return (Kind::Faq, entry);
        }
        let kind = match meaning {
            Meaning::Machine => Kind::Machine,
            Meaning::Repeat => Kind::Repeat,
            Meaning::Greeting => Kind::Greeting,
            Meaning::Refusal | Meaning::Deferral | Meaning::Farewell => Kind::Ending,
            Meaning::OptOut => Kind::OptOut,
            Meaning::Yes | Meaning::No | Meaning::Wish | Meaning::Question | Meaning::Other => Kind::Unexpected,
        };
        (kind, String::new())
    }

    /// A hum answers yes where yes is expected; elsewhere the contact is only listening.
    fn hum(&self, text: &str, question: Option<&Question>) -> Understanding {
        let (key, meaning) = ("affirm", Meaning::Yes);
        let (kind, _) = self.kind(key, meaning, question);
        let (key, kind) = if kind == Kind::Branch { (key, kind) } else { ("backchannel", Kind::Greeting) };
        let name = builtins().iter().find(|b| b.key == key).map_or("", |b| b.name);
        Understanding {
            intent: key.into(),
            name: name.into(),
            kind,
            entry: String::new(),
            matched: text.trim().into(),
            phrase: "嗯".into(),
            likeness: 1.0,
            also: Vec::new(),
        }
    }

    /// 好的好的，我在开会: the yes is only politeness. 我在开车，不方便: the no is about the time.
    fn drop_politeness(&self, ranked: &mut Vec<Understanding>, text: &str) {
        let said = |wanted: &[Meaning]| ranked.iter().any(|u| wanted.contains(&self.meaning(&u.intent)));
        // 他不在，你晚点打: it is the contact who has no time.
        let absent = ranked.iter().any(|u| u.intent == polarity::SOMEBODY_ELSE);
        // 我是他老婆，有什么要转告的吗: a relative offers what an assistant would.
        let person = absent && !others::is_recorded(text);
        let busy = said(&[Meaning::Deferral]);
        let only_greeting = ranked.iter().all(|u| self.meaning(&u.intent) == Meaning::Greeting);
        // 清楚了，可是我还不上: what was said is what comes after. 好的让他联系我 is a yes to both; 知道了，让客服联系我 is not.
        let answers = ranked.iter().any(|u| u.kind == Kind::Branch && own::is_own(&u.intent));
        let human = ranked.iter().any(|u| u.intent == polarity::HUMAN);
        let but = ["不过", "但", "可是", "只是"].iter().any(|word| text.contains(word));
        let yes_is_polite = answers
            || (human && but)
            || busy
            || ranked.iter().any(|u| u.intent == hesitation::CONSIDER && u.is_clear())
            || said(&[Meaning::OptOut, Meaning::Machine, Meaning::Refusal, Meaning::No, Meaning::Farewell]);
        ranked.retain(|u| match self.meaning(&u.intent) {
            Meaning::Yes => !yes_is_polite,
            Meaning::Other if u.intent == "acknowledge" => !(answers || human),
            Meaning::No => !busy,
            // 现在不行，没钱 and 现在忙，晚上就还 answer.
            Meaning::Deferral => !absent && !answers,
            Meaning::Machine => !person,
            // 你好，哪位: the greeting only opens the sentence.
            Meaning::Greeting => only_greeting,
            _ => true,
        });
    }

    fn meaning(&self, key: &str) -> Meaning {
        self.entries.iter().find(|entry| entry.key == key).map_or(Meaning::Other, |entry| entry.meaning)
    }

    fn add(&mut self, key: &str, name: &str, meaning: Meaning, phrases: &[String]) {
        let phrases = compiled(phrases.iter().map(String::as_str));
        match self.entries.iter_mut().find(|entry| entry.key == key) {
            Some(_) if phrases.is_empty() && name.is_empty() => {}
            Some(entry) => {
                let entry = Arc::make_mut(entry);
                entry.phrases.extend(phrases);
                if !name.is_empty() {
                    entry.name = name.to_owned();
                }
            }
            None => {
                let name = if name.is_empty() { key } else { name };
                self.entries.push(Arc::new(Entry { key: key.to_owned(), name: name.to_owned(), meaning, phrases }));
            }
        }
    }
}

impl Understanding {
    /// Heard so well that it stands against something else.
    pub(crate) fn is_clear(&self) -> bool {
        self.likeness >= CLEAR
    }

    /// For or against what is offered.
    pub(crate) fn stance(&self) -> Option<Stance> {
        Stance::of(&self.intent)
    }

    /// A plain yes.
    pub(crate) fn agrees(&self) -> bool {
        self.intent == "affirm"
    }

    /// The answer holds the value that the question asked for.
    pub(crate) fn slot(name: &str, value: &str) -> Self {
        Self {
            intent: SLOT.into(),
            name: name.to_owned(),
            kind: Kind::Branch,
            entry: String::new(),
            matched: value.to_owned(),
            phrase: String::new(),
            likeness: 1.0,
            also: Vec::new(),
        }
    }
}

/// Whether an utterance is a question, by its end or by a question word.
pub(crate) fn asks(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "什么",
        "啥",
        "怎么",
        "咋",
        "多少",
        "多久",
        "多长",
        "几",
        "哪",
        "谁",
        "为什么",
        "是不是",
        "能不能",
        "要不要",
        "有没有",
        "会不会",
    ];
    units::utterance(text).units.iter().any(|unit| unit.asks) || WORDS.iter().any(|word| text.contains(word))
}

/// Whether a phrase compiles to anything that can be heard.
pub(crate) fn can_be_heard(phrase: &str) -> bool {
    !Phrase::compile(phrase).is_empty()
}

fn compiled<'a>(phrases: impl Iterator<Item = &'a str>) -> Vec<(String, Phrase)> {
    let all = phrases.map(|text| (text.to_owned(), Phrase::compile(text)));
    all.filter(|(_, phrase)| !phrase.is_empty()).collect()
}

fn with(key: &str, more: &[String]) -> Vec<String> {
    std::iter::once(key.to_owned()).chain(more.iter().cloned()).collect()
}

fn tier(kind: Kind) -> u8 {
    match kind {
        Kind::Machine => 0,
        Kind::OptOut => 1,
        Kind::Branch => 3,
        Kind::Objection => 4,
        Kind::Faq => 5,
        Kind::Ending => 6,
        Kind::Unexpected => 7,
        Kind::Repeat => 8,
        Kind::Greeting => 9,
    }
}
