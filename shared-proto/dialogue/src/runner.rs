//! Runs one conversation over a flow: text in, what to say next out. Every answer either ends the call or uses up
//! one of `max_turns`, so a conversation always ends.

use crate::facts::{Ended, Facts, Heard};
use crate::slots;
use crate::sums::{self, Named, Sum};
use crate::text;
use crate::understand::{self, Grammar, Kind, SLOT, Stance, Understanding};
use serde::{Deserialize, Serialize};
use shared_proto::flow::{Faq, Flow, Node, Objection, Patience, Question, SlotKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// More statements in a row than this is a loop.
const MAX_CHAIN: usize = 20;

/// A flow made ready to be run: compiled once, shared by its conversations.
pub struct Script {
    flow: Arc<Flow>,
    grammar: Grammar,
    /// It asks for one sum only.
    one_sum: bool,
}

impl Script {
    pub fn new(flow: Arc<Flow>) -> Arc<Self> {
        Arc::new(Self { grammar: Grammar::new(&flow), one_sum: sums::is_only_one(&flow), flow })
    }

    pub fn flow(&self) -> &Arc<Flow> {
        &self.flow
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Script(from {})", self.flow.start)
    }
}

/// One conversation.
pub struct Dialogue {
    script: Arc<Script>,
    variables: BTreeMap<String, String>,
    state: State,
    turn: u32,
    /// Utterances in a row that nobody understood.
    misses: u32,
    /// A refusal was doubted in the go before.
    doubted: bool,
    /// The sum that the contact named as wanted before being asked.
    sum: Option<Sum>,
    /// How often each FAQ entry and objection has been answered.
    answered: BTreeMap<String, usize>,
    facts: Facts,
}

/// What to do after an input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub say: Vec<Prompt>,
    pub then: Then,
    /// What the contact meant; absent for silence and for the first step.
    pub understood: Option<Understanding>,
    /// The node the conversation is at now; empty once it is over without one.
    pub node: String,
}

/// One sentence to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    pub text: String,
    pub interruptible: bool,
    /// The same for every contact, so its audio can be kept with the flow version.
    pub fixed: bool,
    /// Where in the flow it stands.
    pub key: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Then {
    /// Listen; after so long without speech call `silent`.
    Listen { no_input_ms: u32 },
    /// Hang up once everything has been played.
    HangUp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// Waiting for an answer at the node of this key.
    Asking(String),
    Over,
}

impl Dialogue {
    /// The bot speaks first.
    pub fn start(script: Arc<Script>, variables: BTreeMap<String, String>) -> (Self, Step) {
        let start = script.flow.start.clone();
        let mut dialogue = Self {
            script,
            variables,
            state: State::Over,
            turn: 0,
            misses: 0,
            doubted: false,
            sum: None,
            answered: BTreeMap::new(),
            facts: Facts::answered(),
        };
        let step = dialogue.enter(&start, Vec::new());
        (dialogue, step)
    }

    /// The contact said this. What is said in the last turn is understood like the rest, and answered with the goodbye.
    pub fn heard(&mut self, text: &str) -> Step {
        let State::Asking(node) = &self.state else { return self.heard_after_the_end(text) };
        let node = node.clone();
        let last = self.next_turn().is_none();
        self.facts.turns += 1;
        let flow = self.script.flow.clone();
        let question = flow.node(&node).and_then(Node::question);
        let meant = sums::corrected(text);
        let mut understood = self.script.grammar.understand(&meant, question);
        self.keep_slots(&meant, question, &mut understood);
        let understood = self.script.grammar.weigh(&meant, question, understood);
        let understood = understood.map(|understood| self.script.grammar.let_go(&meant, question, understood));
        let understood = understood.and_then(|understood| self.believed(understood));
        self.keep_sum(&meant, question, understood.as_ref());
        let mut step = match &understood {
            Some(understood) => {
                self.record(understood, &node, text);
                if last && understood.kind != Kind::OptOut {
                    self.end_by_limit()
                } else {
                    self.answer(&flow, question, understood)
                }
            }
            None => {
                // A question that nobody foresaw was asked all the same.
                self.facts.questions += u32::from(understand::asks(text));
                if last { self.end_by_limit() } else { self.miss(question) }
            }
        };
        step.understood = understood;
        step
    }

    /// Nothing is asked any more, but who wants no more calls is heard.
    fn heard_after_the_end(&mut self, text: &str) -> Step {
        let understood = self.script.grammar.understand(&sums::corrected(text), None);
        let opted_out = understood.filter(|understood| understood.kind == Kind::OptOut);
        if let Some(understood) = &opted_out {
            self.facts.turns += 1;
            let node = self.facts.closing.clone().unwrap_or_default();
            self.record(understood, &node, text);
        }
        Step { understood: opted_out, ..self.over() }
    }

    /// The contact spoke, but no text came of it in time.
    pub fn not_understood(&mut self) -> Step {
        let Some(node) = self.next_turn() else { return self.end_by_limit() };
        self.facts.turns += 1;
        let flow = self.script.flow.clone();
        self.miss(flow.node(&node).and_then(Node::question))
    }

    /// The contact has been silent for the `times`th time in a row.
    pub fn silent(&mut self, times: u32) -> Step {
        let Some(node) = self.next_turn() else { return self.end_by_limit() };
        self.facts.silences += 1;
        let flow = self.script.flow.clone();
        let question = flow.node(&node).and_then(Node::question);
        let own = question.and_then(|q| q.silence.as_ref());
        let key = if own.is_some() { format!("node/{node}/silence") } else { "silence".into() };
        self.be_patient(own.unwrap_or(&flow.silence), &key, times, question)
    }

    /// The call has lasted `max_duration_s`.
    pub fn out_of_time(&mut self) -> Step {
        match self.state {
            State::Over => self.over(),
            State::Asking(_) => self.end_by_limit(),
        }
    }

    pub fn facts(&self) -> Facts {
        self.facts.clone()
    }

    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// The node being answered, if the turn limit allows another go.
    fn next_turn(&mut self) -> Option<String> {
        let State::Asking(node) = &self.state else { return None };
        let node = node.clone();
        self.turn += 1;
        (self.turn <= self.script.flow.limits.max_turns).then_some(node)
    }

    fn answer(&mut self, flow: &Flow, question: Option<&Question>, understood: &Understanding) -> Step {
        if understood.kind != Kind::Unexpected {
            self.misses = 0;
        }
        match understood.kind {
            Kind::OptOut => {
                let said = self.speak("opt_out", &flow.opt_out.reply, false);
                self.hang_up(said)
            }
            Kind::Machine => self.hang_up(Vec::new()),
            Kind::Branch => {
                let said = self.aside(flow, understood);
                let next = question.and_then(|q| q.branches.iter().find(|b| b.intents.contains(&understood.intent)));
                match next {
                    Some(branch) => self.enter(&branch.next, said),
                    None => self.miss(question),
                }
            }
            Kind::Objection => match flow.objections.iter().find(|o| o.key == understood.entry) {
                Some(objection) => self.object(objection, question),
                None => self.miss(question),
            },
            Kind::Faq => match flow.faq.iter().find(|f| f.key == understood.entry) {
                Some(faq) => {
                    let said = self.faq_reply(faq);
                    self.ask_again(question, said)
                }
                None => self.miss(question),
            },
            Kind::Repeat => {
                let said = question.map(|q| self.speak(&format!("node/{}", q.key), &q.text, q.interruptible));
                self.listen(question, said.unwrap_or_default())
            }
            Kind::Greeting => self.ask_again(question, Vec::new()),
            Kind::Ending => self.end_by_limit(),
            Kind::Unexpected => match question.and_then(|q| q.otherwise.as_ref()) {
                Some(next) => {
                    self.misses = 0;
                    self.enter(next, Vec::new())
                }
                None => self.miss(question),
            },
        }
    }

    /// A question asked in the same breath as an expected answer is answered before going on.
    fn aside(&mut self, flow: &Flow, understood: &Understanding) -> Vec<Prompt> {
        let faq = understood.also.iter().find_map(|also| flow.faq.iter().find(|faq| faq.key == also.entry));
        faq.map(|faq| self.faq_reply(faq)).unwrap_or_default()
    }

    fn faq_reply(&mut self, faq: &Faq) -> Vec<Prompt> {
        let times = self.count(&format!("faq/{}", faq.key));
        let n = times.min(faq.replies.len().saturating_sub(1));
        let reply = faq.replies.get(n).cloned().unwrap_or_default();
        self.speak(&format!("faq/{}/{n}", faq.key), &reply, faq.interruptible)
    }

    fn object(&mut self, objection: &Objection, question: Option<&Question>) -> Step {
        let times = self.count(&format!("objection/{}", objection.key));
        match objection.replies.get(times) {
            Some(reply) => {
                let key = format!("objection/{}/{times}", objection.key);
                let said = self.speak(&key, reply, objection.interruptible);
                self.ask_again(question, said)
            }
            None => self.enter(&objection.then, Vec::new()),
        }
    }

    fn miss(&mut self, question: Option<&Question>) -> Step {
        self.facts.not_understood += 1;
        self.misses += 1;
        let flow = self.script.flow.clone();
        let own = question.and_then(|q| q.not_understood.as_ref().map(|rule| (format!("node/{}/", q.key), rule)));
        let (place, rule) = own.unwrap_or((String::new(), &flow.not_understood));
        self.be_patient(rule, &format!("{place}not_understood"), self.misses, question)
    }

    fn be_patient(&mut self, rule: &Patience, key: &str, times: u32, question: Option<&Question>) -> Step {
        let n = times.max(1) as usize - 1;
        match rule.replies.get(n) {
            Some(reply) if rule.ask_again || reply.trim().is_empty() => {
                let said = self.speak(&format!("{key}/{n}"), reply, true);
                self.ask_again(question, said)
            }
            Some(reply) => {
                let said = self.speak(&format!("{key}/{n}"), reply, true);
                self.listen(question, said)
            }
            None => {
                self.misses = 0;
                self.enter(&rule.then, Vec::new())
            }
        }
    }

    /// Goes to a node and on through statements until something waits for the contact.
    fn enter(&mut self, key: &str, mut said: Vec<Prompt>) -> Step {
        let flow = self.script.flow.clone();
        let mut key = key;
        for _ in 0..MAX_CHAIN {
            let Some(node) = flow.node(key) else { break };
            let first = self.facts.came_to(key);
            let place = format!("node/{key}");
            match node {
                Node::Statement(statement) => {
                    said.extend(self.speak(&place, &statement.text, statement.interruptible));
                    self.facts.promised(statement.handover);
                    key = &statement.next;
                }
                Node::Opening(question) | Node::Question(question) => {
                    if let Some(next) = first.then(|| self.known(question)).flatten() {
                        key = next;
                        continue;
                    }
                    said.extend(self.speak(&place, &question.text, question.interruptible));
                    return self.listen(Some(question), said);
                }
                Node::Closing(closing) => {
                    said.extend(self.speak(&place, &closing.text, false));
                    self.facts.promised(closing.handover);
                    self.facts.closing = Some(closing.key.clone());
                    return self.hang_up(said);
                }
            }
        }
        if key == flow.limits.goodbye { self.hang_up(said) } else { self.say_goodbye(said) }
    }

    /// Where a question for a sum leads that the contact has named already; that counts as heard here, once.
    fn known<'f>(&mut self, question: &'f Question) -> Option<&'f str> {
        let slot = question.slot.as_ref().filter(|_| sums::asked_by(question))?;
        let branch = question.branches.iter().find(|branch| branch.intents.iter().any(|intent| intent == SLOT))?;
        let sum = self.sum.take()?;
        self.facts.slots.insert(slot.name.clone(), sum.yuan.clone());
        self.record(&Understanding::slot(&slot.name, &sum.yuan), &question.key, &sum.quote);
        Some(&branch.next)
    }

    fn end_by_limit(&mut self) -> Step {
        match self.state {
            State::Over => self.over(),
            State::Asking(_) => self.say_goodbye(Vec::new()),
        }
    }

    fn say_goodbye(&mut self, mut said: Vec<Prompt>) -> Step {
        let flow = self.script.flow.clone();
        if let Some(Node::Closing(closing)) = flow.node(&flow.limits.goodbye) {
            self.facts.came_to(&closing.key);
            self.facts.closing = Some(closing.key.clone());
            self.facts.promised(closing.handover);
            said.extend(self.speak(&format!("node/{}", closing.key), &closing.text, false));
        }
        self.hang_up(said)
    }

    fn ask_again(&mut self, question: Option<&Question>, mut said: Vec<Prompt>) -> Step {
        if let Some(q) = question {
            match &q.again {
                Some(again) => said.extend(self.speak(&format!("node/{}/again", q.key), again, q.interruptible)),
                None => said.extend(self.speak(&format!("node/{}", q.key), &q.text, q.interruptible)),
            }
        }
        self.listen(question, said)
    }

    fn listen(&mut self, question: Option<&Question>, say: Vec<Prompt>) -> Step {
        let Some(question) = question else { return self.hang_up(say) };
        let no_input_ms = question.wait_ms.unwrap_or(self.script.flow.limits.wait_ms);
        self.state = State::Asking(question.key.clone());
        Step { say, then: Then::Listen { no_input_ms }, understood: None, node: question.key.clone() }
    }

    fn hang_up(&mut self, say: Vec<Prompt>) -> Step {
        self.state = State::Over;
        self.facts.ended = Ended::Bot;
        Step { say, then: Then::HangUp, understood: None, node: self.facts.closing.clone().unwrap_or_default() }
    }

    fn over(&self) -> Step {
        let node = self.facts.closing.clone().unwrap_or_default();
        Step { say: Vec::new(), then: Then::HangUp, understood: None, node }
    }

    fn record(&mut self, understood: &Understanding, node: &str, text: &str) {
        let turn = self.facts.turns;
        let quote = text.trim().to_owned();
        let heard = |intent: &str, name: &str, clear: bool| Heard {
            intent: intent.to_owned(),
            name: name.to_owned(),
            node: node.to_owned(),
            quote: quote.clone(),
            turn,
            clear,
            taken_back: false,
        };
        self.take_back(understood);
        self.facts.heard.push(heard(&understood.intent, &understood.name, understood.is_clear()));
        for also in &understood.also {
            self.facts.heard.push(heard(&also.intent, &also.name, also.is_clear()));
        }
        let asked = |kind: Kind| u32::from(kind == Kind::Faq);
        self.facts.questions += asked(understood.kind);
        self.facts.questions += understood.also.iter().map(|also| asked(also.kind)).sum::<u32>();
        if understood.kind == Kind::OptOut {
            self.facts.opt_out.get_or_insert(quote);
        }
    }

    /// A refusal that was hardly heard is not believed against clear interest, unless it is said again.
    fn believed(&mut self, mut understood: Understanding) -> Option<Understanding> {
        let wanted = self.facts.standing().any(|heard| heard.clear && Stance::of(&heard.intent) == Some(Stance::For));
        let hardly = understood.stance() == Some(Stance::Against) && !understood.is_clear();
        self.doubted = wanted && hardly && !self.doubted;
        if !self.doubted {
            return Some(understood);
        }
        let mut rest = std::mem::take(&mut understood.also).into_iter();
        let first = rest.next()?;
        Some(Understanding { also: rest.collect(), ..first })
    }

    /// Whoever clearly says the opposite takes back what was said before.
    fn take_back(&mut self, understood: &Understanding) {
        let Some(stance) = understood.stance().filter(|_| understood.is_clear()) else { return };
        for heard in &mut self.facts.heard {
            heard.taken_back |= Stance::of(&heard.intent).is_some_and(|earlier| earlier != stance);
        }
    }

    /// Keeps the sum that is wanted for the question that will ask for it.
    fn keep_sum(&mut self, text: &str, question: Option<&Question>, understood: Option<&Understanding>) {
        if question.is_some_and(sums::asked_by) || !self.script.one_sum {
            return;
        }
        match sums::named(text, understood) {
            Named::Wanted(sum) => self.sum = Some(sum),
            Named::Unclear => self.sum = None,
            Named::Nothing => {}
        }
    }

    /// Keeps what the words hold; where the question asked for a value and got one, that is its answer.
    fn keep_slots(&mut self, text: &str, question: Option<&Question>, understood: &mut Option<Understanding>) {
        let found = slots::find(text);
        if let Some(amount) = found.amount.as_ref().filter(|_| !slots::holds_range(text)) {
            self.facts.slots.insert("amount".into(), amount.clone());
        }
        if let Some(time) = &found.time {
            self.facts.slots.insert("time".into(), time.clone());
        }
        let Some(slot) = question.and_then(|q| q.slot.as_ref()) else { return };
        let counted = matches!(slot.kind, SlotKind::Amount | SlotKind::Number);
        if counted && !sums::answers(text, understood.as_ref()) {
            return;
        }
        let Some(value) = found.of(slot.kind, understood.as_ref().map(|u| u.intent.as_str())) else { return };
        // A range is kept as it was said, not as its upper end.
        let range = (slot.kind == SlotKind::Amount).then(|| slots::range_said(text)).flatten();
        let value = range.filter(|_| !slots::holds_range(&value)).unwrap_or(value);
        self.facts.slots.insert(slot.name.clone(), value.clone());
        let expected = question.is_some_and(|q| q.branches.iter().any(|b| b.intents.iter().any(|i| i == SLOT)));
        let open = understood.as_ref().is_none_or(|u| matches!(u.kind, Kind::Unexpected | Kind::Greeting));
        if expected && open {
            *understood = Some(Understanding::slot(&slot.name, &value));
        }
    }

    fn count(&mut self, key: &str) -> usize {
        let times = self.answered.entry(key.to_owned()).or_default();
        *times += 1;
        *times - 1
    }

    fn speak(&self, key: &str, said: &str, interruptible: bool) -> Vec<Prompt> {
        speak(&self.script.flow, &self.variables, key, said, interruptible)
    }
}

/// A text as the sentences to say.
pub(crate) fn speak(
    flow: &Flow,
    values: &BTreeMap<String, String>,
    key: &str,
    said: &str,
    interruptible: bool,
) -> Vec<Prompt> {
    let sentences = text::sentences(said).into_iter().enumerate();
    let prompts = sentences.map(|(n, sentence)| Prompt {
        text: text::fill(sentence, &flow.variables, values),
        interruptible,
        fixed: !text::has_variable(sentence),
        key: format!("{key}/{n}"),
    });
    prompts.filter(|prompt| prompt.text.chars().any(char::is_alphanumeric)).collect()
}

/// The nodes whose words open the call.
pub(crate) fn first_nodes(flow: &Flow) -> Vec<&str> {
    let mut found = Vec::new();
    let mut key = flow.start.as_str();
    while let Some(node) = flow.node(key).filter(|_| found.len() < MAX_CHAIN && !found.contains(&key)) {
        found.push(key);
        match node {
            Node::Statement(statement) => key = &statement.next,
            Node::Opening(_) | Node::Question(_) | Node::Closing(_) => break,
        }
    }
    found
}
