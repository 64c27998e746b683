//! What the journal's records add up to: which attempts this edge has seen and which results are not yet acknowledged. Pure.

use super::record::Record;
use shared_proto::ids::AttemptId;
use shared_proto::outcome::{Cause, Disposition, Outcome, Side};
use shared_proto::wire::{AttemptResult, Known};
use std::collections::BTreeMap;

/// How long an acknowledged attempt is remembered, to refuse its job should it ever come again.
const REMEMBERED_MS: u64 = 24 * 3_600 * 1_000;

/// The journal, added up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Book {
    attempts: BTreeMap<AttemptId, Entry>,
    unacked: BTreeMap<u64, AttemptResult>,
    next_seq: u64,
    /// Of attempts made until then nothing can be proved unsent: records were lost, or forgotten with time.
    damaged_unix_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    fence: u64,
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Intent { unix_ms: u64, placed: bool },
    Unsent,
    Ended { seq: u64 },
    Acked,
}

impl Book {
    pub fn of(records: impl IntoIterator<Item = Record>) -> Self {
        let mut book = Self::default();
        for record in records {
            book.apply(&record);
        }
        book
    }

    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::Intent { attempt, fence, at_unix_ms } => {
                let at = At::Intent { unix_ms: *at_unix_ms, placed: false };
                self.attempts.entry(*attempt).or_insert(Entry { fence: *fence, at });
            }
            Record::Unsent { attempt } => self.at(*attempt, At::Unsent),
            Record::Placed { attempt } => {
                if let Some(Entry { at: At::Intent { placed, .. }, .. }) = self.attempts.get_mut(attempt) {
                    *placed = true;
                }
            }
            Record::Result { seq, result } => {
                let entry = Entry { fence: result.fence, at: At::Ended { seq: *seq } };
                self.attempts.insert(result.attempt, entry);
                self.unacked.insert(*seq, (**result).clone());
                self.next_seq = self.next_seq.max(seq + 1);
            }
            Record::Acked { seq } => {
                if let Some(result) = self.unacked.remove(seq) {
                    self.at(result.attempt, At::Acked);
                }
            }
            Record::Seen { attempt, fence } => {
                self.attempts.insert(*attempt, Entry { fence: *fence, at: At::Acked });
            }
            Record::Next { seq } => self.next_seq = self.next_seq.max(*seq),
            Record::Damaged { at_unix_ms } => {
                self.damaged_unix_ms = Some(self.damaged_unix_ms.map_or(*at_unix_ms, |old| old.max(*at_unix_ms)));
            }
        }
    }

    fn at(&mut self, attempt: AttemptId, at: At) {
        if let Some(entry) = self.attempts.get_mut(&attempt) {
            entry.at = at;
        }
    }

    /// Whether a job for this attempt was here before, or may have been.
    pub fn may_have_seen(&self, attempt: AttemptId) -> bool {
        self.attempts.contains_key(&attempt) || self.is_beyond_memory(attempt)
    }

    /// Whether the attempt is so old that its not being in the book proves nothing.
    pub fn is_beyond_memory(&self, attempt: AttemptId) -> bool {
        self.damaged_unix_ms.is_some_and(|damaged| attempt.unix_ms() <= damaged)
    }

    /// Drops what is over and older than a day. Attempts as old as that count as lost from now on, never as unsent.
    /// A clock that is far ahead makes this edge forget more, but not refuse what is newer than all it has seen.
    pub fn forget(&mut self, now_unix_ms: u64) {
        let newest = self.attempts.keys().map(|attempt| attempt.unix_ms()).max();
        let (Some(day_ago), Some(newest)) = (now_unix_ms.checked_sub(REMEMBERED_MS), newest) else { return };
        let horizon = day_ago.min(newest);
        self.apply(&Record::Damaged { at_unix_ms: horizon });
        self.attempts.retain(|attempt, entry| match entry.at {
            At::Acked | At::Unsent => attempt.unix_ms() > horizon,
            At::Intent { .. } | At::Ended { .. } => true,
        });
    }

    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// Results the control plane has not acknowledged, oldest first.
    pub fn unacked(&self) -> impl Iterator<Item = (u64, &AttemptResult)> {
        self.unacked.iter().map(|(&seq, result)| (seq, result))
    }

    pub fn result(&self, seq: u64) -> Option<&AttemptResult> {
        self.unacked.get(&seq)
    }

    /// What the journal alone can say of an attempt that is not live.
    pub fn known(&self, attempt: AttemptId) -> Known {
        match self.attempts.get(&attempt).map(|entry| entry.at) {
            Some(At::Unsent) => Known::Unsent,
            Some(At::Intent { .. }) => Known::Lost,
            Some(At::Ended { .. } | At::Acked) => Known::Ended,
            None if self.is_beyond_memory(attempt) => Known::Lost,
            None => Known::Unsent,
        }
    }

    /// After a restart: the results of the attempts whose calls died with the process. An INTENT is enough,
    /// for nothing proves that its INVITE stayed.
    pub fn lost(&self, now_unix_ms: u64) -> Vec<AttemptResult> {
        self.attempts
            .iter()
            .filter_map(|(&attempt, entry)| match entry.at {
                At::Intent { unix_ms, .. } => Some(lost(attempt, entry.fence, unix_ms, now_unix_ms)),
                At::Unsent | At::Ended { .. } | At::Acked => None,
            })
            .collect()
    }

    /// The fewest records that add up to this book again.
    pub fn compacted(&self) -> Vec<Record> {
        let mut records = vec![Record::Next { seq: self.next_seq }];
        records.extend(self.damaged_unix_ms.map(|at_unix_ms| Record::Damaged { at_unix_ms }));
        for (&attempt, &Entry { fence, at }) in &self.attempts {
            match at {
                At::Intent { unix_ms, placed } => {
                    records.push(Record::Intent { attempt, fence, at_unix_ms: unix_ms });
                    records.extend(placed.then_some(Record::Placed { attempt }));
                }
                At::Acked => records.push(Record::Seen { attempt, fence }),
                At::Unsent => {
                    records.push(Record::Intent { attempt, fence, at_unix_ms: 0 });
                    records.push(Record::Unsent { attempt });
                }
                At::Ended { seq } => {
                    if let Some(result) = self.unacked.get(&seq) {
                        records.push(Record::Result { seq, result: Box::new(result.clone()) });
                    }
                }
            }
        }
        records
    }

    /// Whether a compaction would leave next to nothing.
    pub fn is_settled(&self) -> bool {
        self.unacked.is_empty() && !self.attempts.values().any(|entry| matches!(entry.at, At::Intent { .. }))
    }
}

fn lost(attempt: AttemptId, fence: u64, dialed_unix_ms: u64, now_unix_ms: u64) -> AttemptResult {
    let outcome = Outcome {
        disposition: Disposition::Failed,
        cause: Cause::Lost,
        side: Side::System,
        sip_code: None,
        q850: None,
    };
    AttemptResult {
        attempt,
        fence,
        outcome,
        dialed_unix_ms: Some(dialed_unix_ms),
        ringing_unix_ms: None,
        answered_unix_ms: None,
        ended_unix_ms: now_unix_ms,
        turns: Vec::new(),
        label: None,
        opt_out: None,
        slots: BTreeMap::new(),
        recording: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(n: u128) -> AttemptId {
        AttemptId::new(1_000, n)
    }

    fn intent(n: u128) -> Record {
        Record::Intent { attempt: attempt(n), fence: 7, at_unix_ms: 1_000 }
    }

    fn ended(n: u128, seq: u64) -> Record {
        Record::Result { seq, result: Box::new(lost(attempt(n), 7, 1_000, 2_000)) }
    }

    #[test]
    fn an_intent_without_a_result_is_lost_even_when_it_was_never_placed() {
        let book = Book::of([intent(1), intent(2), Record::Placed { attempt: attempt(2) }, intent(3), ended(3, 0)]);
        let lost = book.lost(5_000);
        assert_eq!(lost.iter().map(|result| result.attempt).collect::<Vec<_>>(), [attempt(1), attempt(2)]);
        assert!(lost.iter().all(|result| result.outcome.cause == Cause::Lost && result.fence == 7));
        assert_eq!(book.known(attempt(1)), Known::Lost);
    }

    #[test]
    fn an_intent_given_up_before_its_invite_may_be_planned_anew() {
        let book = Book::of([intent(1), Record::Unsent { attempt: attempt(1) }]);
        assert_eq!(book.known(attempt(1)), Known::Unsent);
        assert!(book.may_have_seen(attempt(1)), "the same attempt is still refused");
        assert!(book.lost(5_000).is_empty());
    }

    #[test]
    fn an_acknowledged_result_is_not_sent_again_and_its_attempt_stays_known() {
        let mut book = Book::of([intent(1), ended(1, 4)]);
        assert_eq!(book.unacked().map(|(seq, _)| seq).collect::<Vec<_>>(), [4]);
        book.apply(&Record::Acked { seq: 4 });
        assert_eq!(book.unacked().count(), 0);
        assert_eq!((book.known(attempt(1)), book.next_seq()), (Known::Ended, 5));
        assert!(book.is_settled());
    }

    #[test]
    fn after_damage_an_unknown_older_attempt_is_never_called_unsent() {
        let book = Book::of([Record::Damaged { at_unix_ms: 1_500 }]);
        assert_eq!(book.known(AttemptId::new(1_000, 1)), Known::Lost);
        assert_eq!(book.known(AttemptId::new(2_000, 1)), Known::Unsent);
        let refused = [1_500, 1_501].map(|made| book.may_have_seen(AttemptId::new(made, 1)));
        assert_eq!(refused, [true, false], "a job from before the damage may have been dialled");
    }

    #[test]
    fn a_compacted_journal_adds_up_to_the_same_book() {
        let records = [
            intent(1),
            Record::Placed { attempt: attempt(1) },
            intent(2),
            ended(2, 0),
            intent(3),
            ended(3, 1),
            Record::Acked { seq: 1 },
            Record::Damaged { at_unix_ms: 10 },
        ];
        let book = Book::of(records);
        assert_eq!(Book::of(book.compacted()), book);
    }

    #[test]
    fn after_a_day_what_is_over_is_forgotten_and_never_called_unsent() {
        let unsent = Record::Unsent { attempt: attempt(4) };
        let records =
            [intent(1), intent(2), ended(2, 0), intent(3), ended(3, 1), Record::Acked { seq: 1 }, intent(4), unsent];
        let mut book = Book::of(records);
        book.forget(1_000 + REMEMBERED_MS - 1);
        assert_eq!([3, 4].map(|n| book.known(attempt(n))), [Known::Ended, Known::Unsent]);
        book.forget(5_000 + REMEMBERED_MS);
        let kept = Book::of(book.compacted());
        assert_eq!(kept, book, "the journal says the same after the next start");
        assert_eq!(kept.attempts.len(), 2, "what is not over is kept");
        assert_eq!([1, 2, 3, 4].map(|n| kept.known(attempt(n))), [Known::Lost, Known::Ended, Known::Lost, Known::Lost]);
        assert!((1..=4).all(|n| kept.may_have_seen(attempt(n))), "none of their jobs is dialled again");
        assert_eq!(kept.known(AttemptId::new(1_001, 9)), Known::Unsent);
    }
}
