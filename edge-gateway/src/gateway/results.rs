//! Results on their way: into the journal, up the uplink, and again until acknowledged; and the journal's compaction.

use super::{Event, Gateway, JournalState};
use crate::journal::{JournalError, Record};
use shared_proto::outcome::{Cause, Disposition, Side};
use shared_proto::wire::{AttemptResult, Up};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

/// A result that was sent on this connection is repeated after this long.
const REPEAT: Duration = Duration::from_secs(5);
/// Records after which a settled journal is rewritten, and any journal is.
const SETTLED_RECORDS: usize = 2_000;
const MOST_RECORDS: usize = 50_000;

/// What is not yet acknowledged, and when it was last sent. The results themselves are in the book.
#[derive(Debug)]
pub struct Results {
    next_seq: u64,
    /// `None`: not sent on this connection.
    sent: BTreeMap<u64, Option<Instant>>,
    /// In the book but not in the journal: the disk refused them.
    unwritten: BTreeSet<u64>,
    records: usize,
}

impl Results {
    pub fn new(next_seq: u64, unacked: impl Iterator<Item = u64>) -> Self {
        Self { next_seq, sent: unacked.map(|seq| (seq, None)).collect(), unwritten: BTreeSet::new(), records: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    pub fn connection_is_new(&mut self) {
        self.sent.values_mut().for_each(|sent| *sent = None);
    }

    fn due(&mut self, now: Instant) -> Vec<u64> {
        let due = |sent: &Option<Instant>| sent.is_none_or(|then| then + REPEAT <= now);
        let seqs: Vec<u64> = self.sent.iter().filter(|(_, sent)| due(sent)).map(|(&seq, _)| seq).collect();
        for seq in &seqs {
            self.sent.insert(*seq, Some(now));
        }
        seqs
    }
}

impl Gateway {
    /// A call is over: its room is free at once, its attempt stays live until the result is in the journal.
    pub(super) fn ended(&mut self, result: AttemptResult, retry_after_s: Option<u32>) {
        let attempt = result.attempt;
        if let Some(held) = self.admission.held(attempt) {
            if let Some(failed) = carrier_failed(&result) {
                self.admission.carrier(held.trunk, failed);
            }
            // Only with a 503 is it the carrier that asks for a pause; else it is the customer (RFC 3261 section 20.33).
            if let (Some(seconds), Some(503)) = (retry_after_s, result.outcome.sip_code) {
                tracing::warn!(trunk = %held.trunk, seconds, "a carrier asks for a pause");
                self.admission.pause(self.clock.unix_ms(), held.trunk, seconds);
            }
        }
        self.admission.release(attempt);
        if let Some(entry) = self.live.get_mut(attempt) {
            entry.stage = super::Stage::Ending;
        }
        self.stats.result();
        let seq = self.results.next_seq;
        self.results.next_seq += 1;
        self.write_result(seq, result);
    }

    fn write_result(&mut self, seq: u64, result: AttemptResult) {
        let record = Record::Result { seq, result: Box::new(result) };
        self.book.apply(&record);
        let written = self.journal.append(record);
        self.writing += 1;
        let events = self.events.clone();
        tokio::spawn(async move {
            let written = written.await;
            let _ = events.send(Event::Journaled { seq, written });
        });
    }

    pub(super) fn journaled(&mut self, seq: u64, written: Result<(), JournalError>) {
        self.wrote(&written);
        match written {
            Ok(()) => {
                self.results.unwritten.remove(&seq);
            }
            Err(_) => {
                self.results.unwritten.insert(seq);
            }
        }
        if let Some(result) = self.book.result(seq) {
            let attempt = result.attempt;
            self.live.remove(attempt);
            self.results.sent.entry(seq).or_insert(None);
            self.send_results();
        }
    }

    /// Notes whether the disk takes records, so that no job is accepted whose intent could not be kept.
    pub(super) fn wrote(&mut self, written: &Result<(), JournalError>) {
        self.results.records += 1;
        let state = match written {
            Ok(()) => JournalState::Sound,
            Err(_) => JournalState::Failing,
        };
        if state != self.journal_state {
            match written {
                Ok(()) => tracing::info!("the journal can be written again; jobs are taken"),
                Err(error) => tracing::error!(%error, "no new jobs are taken, calls in progress go on: free the disk"),
            }
            self.journal_state = state;
            self.tell_capacity();
        }
    }

    pub(super) fn send_results(&mut self) {
        if self.uplink.is_none() {
            return;
        }
        for seq in self.results.due(Instant::now()) {
            match self.book.result(seq).cloned() {
                Some(result) => self.send(Up::Result { seq, result: Box::new(result) }),
                None => drop(self.results.sent.remove(&seq)),
            }
        }
    }

    pub(super) fn result_acked(&mut self, seq: u64) {
        self.results.sent.remove(&seq);
        self.results.unwritten.remove(&seq);
        let Some(result) = self.book.result(seq) else { return };
        if result.recording.is_some() {
            self.uploads.ready(result.attempt.into());
        }
        self.note(Record::Acked { seq });
        self.results.records += 1;
        self.compact();
    }

    pub(super) fn retry(&mut self) {
        self.look_for_trouble();
        let unwritten = std::mem::take(&mut self.results.unwritten);
        for seq in unwritten {
            if let Some(result) = self.book.result(seq).cloned() {
                self.write_result(seq, result);
            }
        }
        if self.journal_state == JournalState::Failing && self.writing == 0 {
            self.rewrite();
        }
        self.send_results();
    }

    /// Rewrites a journal that is mostly history, while nothing is on its way to it.
    fn compact(&mut self) {
        let worth = match self.book.is_settled() {
            true => SETTLED_RECORDS,
            false => MOST_RECORDS,
        };
        if self.writing == 0 && self.results.records >= worth {
            self.results.records = 0;
            self.rewrite();
        }
    }

    fn rewrite(&mut self) {
        self.book.forget(self.clock.unix_ms());
        // The book itself refuses jobs as old as these.
        self.disowned.retain(|&attempt| !self.book.is_beyond_memory(attempt));
        let written = self.journal.replace(self.book.compacted());
        self.writing += 1;
        let events = self.events.clone();
        tokio::spawn(async move {
            let written = written.await;
            let _ = events.send(Event::Compacted(written));
        });
    }
}

/// Whether the carrier failed an attempt; `None` where its end tells nothing of it, as one that was called off does.
fn carrier_failed(result: &AttemptResult) -> Option<bool> {
    let outcome = &result.outcome;
    let failed = outcome.side == Side::Carrier
        && matches!(outcome.cause, Cause::NoResponse | Cause::AuthFailed | Cause::Media | Cause::Refused)
        && outcome.disposition == Disposition::Failed;
    let heard_of = result.answered_unix_ms.or(result.ringing_unix_ms).is_some() || outcome.sip_code.is_some();
    (failed || heard_of).then_some(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_proto::ids::AttemptId;
    use shared_proto::outcome::Outcome;

    fn result(disposition: Disposition, cause: Cause, side: Side, sip_code: Option<u16>) -> AttemptResult {
        AttemptResult {
            attempt: AttemptId::from_bits(1),
            fence: 1,
            outcome: Outcome { disposition, cause, side, sip_code, q850: None },
            dialed_unix_ms: Some(1),
            ringing_unix_ms: None,
            answered_unix_ms: None,
            ended_unix_ms: 2,
            turns: Vec::new(),
            label: None,
            opt_out: None,
            slots: BTreeMap::new(),
            recording: None,
        }
    }

    #[test]
    fn only_what_was_heard_of_a_carrier_tells_whether_it_works() {
        let silent = result(Disposition::Failed, Cause::NoResponse, Side::Carrier, None);
        let called_off = result(Disposition::Failed, Cause::Cancelled, Side::System, None);
        let busy = result(Disposition::Busy, Cause::Refused, Side::Customer, Some(486));
        let unavailable = result(Disposition::Failed, Cause::Refused, Side::Carrier, Some(503));
        let rang = AttemptResult { ringing_unix_ms: Some(1), ..called_off.clone() };
        let told = [&silent, &called_off, &busy, &unavailable, &rang].map(carrier_failed);
        assert_eq!(told, [Some(true), None, Some(false), Some(true), Some(false)]);
    }
}
