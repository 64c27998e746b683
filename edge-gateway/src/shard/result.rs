//! From the end of a call to the record the control plane gets. Pure.

use crate::prompts::Version;
use call_core::Micros;
use call_core::call::Summary;
use shared_proto::outcome::{Cause, Disposition, Outcome, Side};
use shared_proto::wire::{AttemptResult, DialJob, Turn};
use std::collections::BTreeMap;

/// What is known of a call while it lasts, in unix milliseconds: enough for a result when the call itself is gone.
#[derive(Debug)]
pub struct Milestones {
    dialed: u64,
    ringing: Option<u64>,
    answered: Option<u64>,
    turns: Vec<Turn>,
}

impl Milestones {
    pub fn at(dialed: u64) -> Self {
        Self { dialed, ringing: None, answered: None, turns: Vec::new() }
    }

    pub fn rang(&mut self, unix_ms: u64) {
        self.ringing.get_or_insert(unix_ms);
    }

    pub fn answered(&mut self, unix_ms: u64) {
        self.answered.get_or_insert(unix_ms);
    }

    pub fn is_answered(&self) -> bool {
        self.answered.is_some()
    }

    pub fn turn(&mut self, turn: Turn) {
        self.turns.push(turn);
    }
}

/// The result of a call that came to its end.
pub fn of_summary(job: &DialJob, version: &Version, milestones: &Milestones, summary: Summary) -> AttemptResult {
    let unix = |at: Micros| milestones.dialed + at.millis();
    // Nobody may be judged by words that we failed to hear.
    let heard = summary.outcome.cause != Cause::Unheard;
    AttemptResult {
        attempt: job.attempt,
        fence: job.fence,
        label: dialogue::label(&version.flow.labels, &summary.facts).filter(|_| heard),
        outcome: summary.outcome,
        dialed_unix_ms: Some(milestones.dialed),
        ringing_unix_ms: summary.ringing_at.map(unix),
        answered_unix_ms: summary.answered_at.map(unix),
        ended_unix_ms: unix(summary.ended_at),
        turns: summary.turns,
        opt_out: summary.facts.opt_out,
        slots: summary.facts.slots,
        recording: None,
    }
}

/// The result of a call whose own state cannot be trusted any more.
pub fn of_panic(job: &DialJob, milestones: &Milestones, now_unix_ms: u64) -> AttemptResult {
    let disposition = if milestones.is_answered() { Disposition::Answered } else { Disposition::Failed };
    AttemptResult {
        attempt: job.attempt,
        fence: job.fence,
        outcome: Outcome { disposition, cause: Cause::Internal, side: Side::System, sip_code: None, q850: None },
        dialed_unix_ms: Some(milestones.dialed),
        ringing_unix_ms: milestones.ringing,
        answered_unix_ms: milestones.answered,
        ended_unix_ms: now_unix_ms,
        turns: milestones.turns.clone(),
        label: None,
        opt_out: None,
        slots: BTreeMap::new(),
        recording: None,
    }
}
