//! The sum that a contact names as wanted before anybody asked for one, so that it need not be asked for again. What
//! answers a question for a sum is that question's value and none of this.

use crate::slots;
use crate::understand::{self, Stance, Understanding};
use shared_proto::flow::{Flow, Node, Question, SlotKind};
use std::collections::BTreeSet;

/// A sum, and the words that named it.
#[derive(Debug, Clone)]
pub(crate) struct Sum {
    pub yuan: String,
    pub quote: String,
}

/// What an utterance says about the sum that is wanted.
pub(crate) enum Named {
    /// It names one.
    Wanted(Sum),
    /// It speaks of a sum, and whether of the one named before is not known.
    Unclear,
    Nothing,
}

/// A sum said beside a clear wish or yes is the one that is wanted; a mere question changes nothing.
pub(crate) fn named(text: &str, understood: Option<&Understanding>) -> Named {
    let meant = || understood.into_iter().flat_map(|u| std::iter::once(u).chain(&u.also)).filter(|u| u.is_clear());
    let wished = meant().any(|u| u.stance() == Some(Stance::For));
    let agreed = meant().any(Understanding::agrees);
    let asks = understand::asks(text);
    match slots::find(text).amount {
        Some(yuan) if wished || (agreed && !asks) => Named::Wanted(Sum { yuan, quote: text.trim().to_owned() }),
        Some(_) if !asks => Named::Unclear,
        Some(_) | None => Named::Nothing,
    }
}

/// Whether a question asks for a sum.
pub(crate) fn asked_by(question: &Question) -> bool {
    question.slot.as_ref().is_some_and(|slot| slot.kind == SlotKind::Amount)
}

/// Whether a script asks for one sum only, so that a sum named before can answer nothing else.
pub(crate) fn is_only_one(flow: &Flow) -> bool {
    let questions = flow.nodes.iter().filter_map(Node::question).filter(|question| asked_by(question));
    let names: BTreeSet<&str> = questions.flat_map(|question| &question.slot).map(|slot| slot.name.as_str()).collect();
    names.len() == 1
}
