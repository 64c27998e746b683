//! What happened in one conversation, as far as its label needs to know. It decides nothing.

use crate::understand::Stance;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything `label` looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub reached: Reached,
    pub ended: Ended,
    /// What the contact meant, in order.
    pub heard: Vec<Heard>,
    /// The words that ask for no more calls.
    pub opt_out: Option<String>,
    /// Questions that were asked, whether the FAQ had an answer or not.
    pub questions: u32,
    /// The contact's goes with speech in them.
    pub turns: u32,
    pub silences: u32,
    pub not_understood: u32,
    pub promised_handover: bool,
    /// What the contact had said just before that promise.
    pub promised_for: Option<String>,
    /// Keys of the nodes the conversation came to, in order, each once.
    pub nodes: Vec<String>,
    /// The closing that was said.
    pub closing: Option<String>,
    /// Values taken from the contact's words, by name.
    pub slots: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// Somebody or something answered.
    Answered,
    /// The number does not exist.
    InvalidNumber,
    /// Any other attempt without an answer.
    Unanswered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Ended {
    /// The conversation is still going on.
    Open,
    /// The bot said its last words, or a recording answered.
    Bot,
    /// The contact hung up so long after answering.
    Contact { talk_ms: u64 },
    /// The call broke.
    Failed,
}

/// One meaning found in one utterance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub intent: String,
    pub name: String,
    /// The node that had asked.
    pub node: String,
    /// The contact's words.
    pub quote: String,
    /// Which of the contact's goes, from 1.
    pub turn: u32,
    /// Heard so well that it is no guess.
    pub clear: bool,
    /// The contact clearly said the opposite later.
    pub taken_back: bool,
}

impl Facts {
    pub(crate) fn answered() -> Self {
        Self::of(Reached::Answered, Ended::Open)
    }

    /// An attempt that nobody answered.
    pub fn unanswered(reached: Reached) -> Self {
        Self::of(reached, Ended::Failed)
    }

    /// The contact hung up. After the bot's own ending this changes nothing.
    pub fn contact_hung_up(&mut self, talk_ms: u64) {
        if self.ended == Ended::Open {
            self.ended = Ended::Contact { talk_ms };
        }
    }

    /// The call broke before its end.
    pub fn failed(&mut self) {
        if self.ended == Ended::Open {
            self.ended = Ended::Failed;
        }
    }

    /// What was heard and not taken back. Whoever asks but promises nothing must have shown interest clearly.
    pub(crate) fn standing(&self) -> impl DoubleEndedIterator<Item = &Heard> {
        let only_asks = self.questions > 0 && !self.promised_handover;
        let guess = move |heard: &Heard| only_asks && !heard.clear && Stance::of(&heard.intent) == Some(Stance::For);
        self.heard.iter().filter(move |heard| !heard.taken_back && !guess(heard))
    }

    /// The bot has said something that may promise a call by somebody.
    pub(crate) fn promised(&mut self, handover: bool) {
        if handover && !self.promised_handover {
            self.promised_handover = true;
            self.promised_for = self.heard.last().map(|heard| heard.quote.clone());
        }
    }

    /// Whether this is the first time at that node.
    pub(crate) fn came_to(&mut self, node: &str) -> bool {
        let first = !self.nodes.iter().any(|seen| seen == node);
        if first {
            self.nodes.push(node.to_owned());
        }
        first
    }

    fn of(reached: Reached, ended: Ended) -> Self {
        Self {
            reached,
            ended,
            heard: Vec::new(),
            opt_out: None,
            questions: 0,
            turns: 0,
            silences: 0,
            not_understood: 0,
            promised_handover: false,
            promised_for: None,
            nodes: Vec::new(),
            closing: None,
            slots: BTreeMap::new(),
        }
    }
}
