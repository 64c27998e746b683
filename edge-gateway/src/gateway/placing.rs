//! From a prepared job to its call on a shard: the last look at the gates, the trunk's pace, and the intent on disk.

use super::live::{self, Stage};
use super::{Event, Gateway, Ready, Unready, unfit};
use crate::journal::{JournalError, Record};
use crate::ports::Pair;
use crate::shard::Start;
use shared_proto::ids::AttemptId;
use shared_proto::wire::{DialJob, JobVerdict};
use std::sync::Arc;
use std::time::Duration;

impl Gateway {
    /// The prompts are there: the last look at the gates, then the intent.
    pub(super) fn prepared(&mut self, attempt: AttemptId, outcome: Result<Box<Ready>, Unready>) {
        let Some(entry) = self.live.get_mut(attempt) else { return };
        let fence = entry.job.fence;
        let verdict = match (&entry.stage, outcome) {
            (Stage::Preparing { .. }, Ok(ready)) => {
                let now = self.clock.unix_ms();
                let stale = live::stale(&entry.job, entry.received.elapsed(), now);
                match (stale, self.admission.start(now, &entry.job.trunk)) {
                    (None, Ok(wait_ms)) => return self.pace(Duration::from_millis(wait_ms), attempt, ready),
                    (None, Err(full)) => {
                        tracing::info!(%attempt, ?full, "a prepared call may not begin");
                        JobVerdict::Busy
                    }
                    (Some(why), _) => {
                        tracing::info!(%attempt, ?why, "a job came too late");
                        JobVerdict::TooLate
                    }
                }
            }
            (Stage::Preparing { .. }, Err(unready)) => {
                tracing::warn!(%attempt, %unready, "a call cannot be prepared");
                match &unready {
                    Unready::Trunk(_) => {
                        self.admission.carrier(entry.job.trunk.id, true);
                        JobVerdict::NoRoute { reason: unready.to_string() }
                    }
                    Unready::Voice(_) => unfit(&unready.to_string()),
                }
            }
            (Stage::Intending | Stage::Dropped | Stage::Placed { .. } | Stage::Ending, _) => JobVerdict::TooLate,
        };
        self.refuse(attempt, fence, verdict);
    }

    fn pace(&mut self, wait: Duration, attempt: AttemptId, ready: Box<Ready>) {
        if wait.is_zero() {
            return self.due(attempt, ready);
        }
        let events = self.events.clone();
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            // The gateway outlives its work; if it does not, the job dies with it before anything was sent.
            let _ = events.send(Event::Due { attempt, ready });
        });
    }

    pub(super) fn due(&mut self, attempt: AttemptId, ready: Box<Ready>) {
        let Some(entry) = self.live.get_mut(attempt) else { return };
        let fence = entry.job.fence;
        let stale = live::stale(&entry.job, entry.received.elapsed(), self.clock.unix_ms());
        match (&entry.stage, stale) {
            (Stage::Preparing { .. }, None) => self.intend(attempt, fence, ready),
            (Stage::Preparing { .. } | Stage::Intending | Stage::Dropped, _) => {
                tracing::info!(%attempt, ?stale, "a job came too late");
                self.refuse(attempt, fence, JobVerdict::TooLate);
            }
            (Stage::Placed { .. } | Stage::Ending, _) => {}
        }
    }

    fn intend(&mut self, attempt: AttemptId, fence: u64, ready: Box<Ready>) {
        let record = Record::Intent { attempt, fence, at_unix_ms: self.clock.unix_ms() };
        self.book.apply(&record);
        let written = self.journal.append(record);
        self.writing += 1;
        let events = self.events.clone();
        tokio::spawn(async move {
            let written = written.await;
            let _ = events.send(Event::Intended { attempt, ready, written });
        });
    }

    /// The intent is on disk: from here on the attempt counts as sent unless the journal says otherwise.
    pub(super) fn intended(&mut self, attempt: AttemptId, ready: Ready, written: Result<(), JournalError>) {
        self.wrote(&written);
        let now_unix_ms = self.clock.unix_ms();
        let Some(entry) = self.live.get_mut(attempt) else { return };
        let (job, fence) = (entry.job.clone(), entry.job.fence);
        let stale = live::stale(&job, entry.received.elapsed(), now_unix_ms).is_some();
        let stage = std::mem::replace(&mut entry.stage, Stage::Intending);
        let verdict = match (stage, &written) {
            (Stage::Preparing { ports }, Ok(())) if !stale => {
                return self.place(attempt, job, ready, ports);
            }
            (_, Err(error)) => unfit(&error.to_string()),
            (_, Ok(())) => JobVerdict::TooLate,
        };
        self.note(Record::Unsent { attempt });
        self.refuse(attempt, fence, verdict);
    }

    fn place(&mut self, attempt: AttemptId, job: Arc<DialJob>, ready: Ready, ports: Pair) {
        let (Some(held), Some(version)) = (self.admission.held(attempt), self.versions.take(job.version)) else {
            self.note(Record::Unsent { attempt });
            return self.refuse(attempt, job.fence, unfit("the reservation is gone"));
        };
        if let Some(entry) = self.live.get_mut(attempt) {
            entry.stage = Stage::Placed { shard: held.shard };
        }
        self.stats.job_accepted();
        self.verdict(attempt, job.fence, JobVerdict::Accepted);
        self.shards.start_call(held.shard, Start { job: job.clone(), version: version.clone(), ready, ports });
        // The other sentences with the contact's data are rendered while it rings.
        let later = dialogue::prompts(&version.flow, &job.variables).variable;
        let (prompts, shards) = (self.prompts.clone(), self.shards.door());
        tokio::spawn(async move {
            match prompts.own(later, version.voice).await {
                Ok(sounds) if sounds.is_empty() => {}
                Ok(sounds) => shards.sounds(held.shard, attempt, sounds),
                Err(error) => {
                    tracing::warn!(%error, %attempt, "sentences are not rendered ahead; the call renders them")
                }
            }
        });
    }
}
