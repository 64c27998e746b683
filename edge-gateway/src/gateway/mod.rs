//! The edge's one owner of jobs: takes them from the uplink, admits them, prepares them, has the intent on disk before a
//! shard may send INVITE, journals results and repeats them until they are acknowledged.
//! It touches no media and waits for nobody: what takes time runs beside it and comes back as an [`Event`].

mod live;
mod placing;
mod prepare;
mod results;
mod start;
mod trouble;
mod versions;

use crate::admission::Admission;
use crate::clock::Clock;
use crate::config::Limits;
use crate::disk::Disk;
use crate::journal::{Book, Journal, JournalError, Record};
use crate::ports::Ports;
use crate::prompts::{Prompts, Version};
use crate::shard::Shards;
use crate::stats::EdgeStats;
use crate::uplink::{News, Uploads};
use live::{Entry, Live, Stage};
use prepare::Addresses;
use results::Results;
use shared_proto::ids::{AttemptId, VersionId};
use shared_proto::wire::{AttemptResult, DialJob, Down, JobVerdict, Known, Progress, Trouble, Up};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, interval};
use tokio_util::sync::CancellationToken;
use versions::Versions;

pub use prepare::{Ready, Unready};
pub use start::build;

/// How often the control plane hears of free room, unless it asked for another pace.
const CAPACITY_EVERY: Duration = Duration::from_millis(500);
/// How often what could not be written or was not acknowledged is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// After a drain, how long results may still wait for their acknowledgement. They are in the journal in any case.
const FAREWELL: Duration = Duration::from_secs(3);

/// What comes back to the gateway from shards and from the work beside it.
pub enum Event {
    /// News of a live call; may be dropped on the way.
    Progress {
        attempt: AttemptId,
        at_unix_ms: u64,
        progress: Progress,
    },
    /// The INVITE has left.
    Placed {
        attempt: AttemptId,
    },
    /// The recogniser was too late for what a customer said.
    Missed {
        attempt: AttemptId,
    },
    /// The call is over and its recording, if any, is whole.
    Ended {
        result: Box<AttemptResult>,
        /// Where the carrier asked for a pause.
        retry_after_s: Option<u32>,
    },
    Prepared {
        attempt: AttemptId,
        outcome: Result<Box<Ready>, Unready>,
    },
    /// The trunk's rate lets a prepared call begin.
    Due {
        attempt: AttemptId,
        ready: Box<Ready>,
    },
    Intended {
        attempt: AttemptId,
        ready: Box<Ready>,
        written: Result<(), JournalError>,
    },
    Journaled {
        seq: u64,
        written: Result<(), JournalError>,
    },
    Compacted(Result<(), JournalError>),
}

/// The edge at work.
pub struct Gateway {
    name: String,
    limits: Limits,
    clock: Clock,
    stats: EdgeStats,
    journal: Journal,
    book: Book,
    results: Results,
    live: Live,
    /// Attempts this edge declared unsent: a job for one that still arrives is refused.
    disowned: BTreeSet<AttemptId>,
    admission: Admission,
    ports: Ports,
    versions: Versions,
    prompts: Prompts,
    our: Addresses,
    shards: Shards,
    uploads: Uploads,
    events: mpsc::UnboundedSender<Event>,
    uplink: Option<mpsc::Sender<Up>>,
    duty: Duty,
    /// Journal writes that have not come back.
    writing: usize,
    journal_state: JournalState,
    disk: Disk,
    /// As it was last told and logged.
    trouble: Option<Trouble>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Duty {
    Working,
    /// No new jobs; the process goes on.
    Draining,
    /// No new jobs; ends when the calls have, at the latest then.
    Leaving {
        hang_up_at: Instant,
        farewell_at: Option<Instant>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JournalState {
    Sound,
    /// The last write failed: new jobs are refused until one succeeds.
    Failing,
}

impl Gateway {
    /// Works until `shutdown`, then drains.
    pub async fn run(
        mut self,
        mut events: mpsc::UnboundedReceiver<Event>,
        mut news: mpsc::Receiver<News>,
        shutdown: CancellationToken,
    ) {
        let mut capacity: Interval = interval(CAPACITY_EVERY);
        let mut retry = interval(RETRY_EVERY);
        self.look_for_trouble();
        loop {
            tokio::select! {
                Some(event) = events.recv() => self.event(event),
                Some(news) = news.recv() => {
                    if let Some(every) = self.news(news) {
                        capacity = interval(every);
                    }
                }
                _ = capacity.tick() => self.tell_capacity(),
                _ = retry.tick() => self.retry(),
                () = shutdown.cancelled(), if !matches!(self.duty, Duty::Leaving { .. }) => {
                    tracing::info!(live = self.live.len(), "draining");
                    self.duty = Duty::Leaving { hang_up_at: Instant::now() + self.limits.drain, farewell_at: None };
                    self.tell_capacity();
                }
            }
            if self.has_left() {
                break;
            }
        }
        // Dropping the sender lets the uplink write what is queued and close.
        self.uplink = None;
        drop(news);
        let Self { journal, shards, .. } = self;
        let closing = tokio::task::spawn_blocking(move || {
            shards.stop();
            journal.close();
        });
        if closing.await.is_err() {
            tracing::error!("a thread of the edge panicked while it was leaving");
        }
    }

    fn has_left(&mut self) -> bool {
        let Duty::Leaving { hang_up_at, farewell_at } = self.duty else { return false };
        let now = Instant::now();
        if !self.live.is_empty() {
            if now >= hang_up_at {
                for (attempt, _) in self.live.attempts() {
                    self.cancel(attempt, true);
                }
                // Asked once; the calls end within their signalling's own time.
                self.duty = Duty::Leaving { hang_up_at: now + Duration::from_secs(3_600), farewell_at };
            }
            return false;
        }
        if self.writing > 0 {
            return false;
        }
        let until = farewell_at.unwrap_or(now + FAREWELL);
        self.duty = Duty::Leaving { hang_up_at, farewell_at: Some(until) };
        self.results.is_empty() || self.uplink.is_none() || now >= until
    }

    fn news(&mut self, news: News) -> Option<Duration> {
        match news {
            News::Connected { frames, connection } => {
                self.uplink = Some(frames);
                let software = concat!("bellbird ", env!("CARGO_PKG_VERSION")).to_owned();
                self.send(Up::Hello { name: self.name.clone(), software, live: self.live.attempts() });
                self.uploads.link(Some(connection));
                self.results.connection_is_new();
                None
            }
            News::Lost => {
                self.uplink = None;
                self.uploads.link(None);
                None
            }
            News::Down(down) => self.down(*down),
        }
    }

    fn down(&mut self, down: Down) -> Option<Duration> {
        match down {
            Down::Welcome { edge, capacity_every_ms, .. } => {
                tracing::info!(%edge, "the uplink is up");
                self.resume();
                self.send_results();
                return Some(Duration::from_millis(capacity_every_ms.clamp(100, 60_000)));
            }
            Down::Flow { version, flow } => self.learn(version, flow),
            Down::Job(job) => self.job(*job),
            Down::Cancel { attempt, fence, hang_up } => {
                if self.live.get_mut(attempt).is_some_and(|entry| entry.job.fence == fence) {
                    self.cancel(attempt, hang_up);
                }
            }
            Down::Drain => {
                if self.duty == Duty::Working {
                    tracing::info!(live = self.live.len(), "draining by order of the control plane");
                    self.duty = Duty::Draining;
                    self.tell_capacity();
                }
            }
            Down::Resume => self.resume(),
            Down::ResultAck { seq } => self.result_acked(seq),
            Down::RecordingAck { call } => self.uploads.acked(call),
            Down::Reconcile { attempts } => self.reconcile(attempts),
        }
        None
    }

    /// A process that is leaving takes no jobs whatever it is told.
    fn resume(&mut self) {
        if self.duty == Duty::Draining {
            tracing::info!("taking jobs again by order of the control plane");
            self.duty = Duty::Working;
            self.tell_capacity();
        }
    }

    fn learn(&mut self, id: VersionId, flow: serde_json::Value) {
        if self.versions.knows(id) {
            return;
        }
        match Version::read(id, flow) {
            Ok(version) => {
                let version = self.versions.learn(version);
                let prompts = self.prompts.clone();
                tokio::spawn(async move {
                    // A failure is not lost: the first job asks again and carries the reason.
                    if let Err(error) = prompts.fixed(&version).await {
                        tracing::warn!(%error, version = %version.id, "a flow's prompts are not rendered yet");
                    }
                });
            }
            Err(error) => tracing::error!(%error, version = %id, "a flow cannot be read; its jobs will be refused"),
        }
    }

    fn job(&mut self, job: DialJob) {
        let (attempt, fence) = (job.attempt, job.fence);
        match self.admit(job) {
            Ok(()) => {}
            Err(verdict) => self.verdict(attempt, fence, verdict),
        }
    }

    /// Reserves everything the call will need and starts its preparation, or says why not.
    fn admit(&mut self, job: DialJob) -> Result<(), JobVerdict> {
        let attempt = job.attempt;
        if self.live.contains(attempt) || self.book.may_have_seen(attempt) || self.disowned.contains(&attempt) {
            return Err(JobVerdict::Duplicate);
        }
        if self.duty != Duty::Working {
            return Err(JobVerdict::Draining);
        }
        if let Some(reason) = self.trouble().and_then(trouble::no_jobs) {
            return Err(unfit(reason));
        }
        let version = self.versions.take(job.version).ok_or_else(|| unfit("the flow has not arrived"))?;
        if live::stale(&job, Duration::ZERO, self.clock.unix_ms()).is_some() {
            return Err(JobVerdict::TooLate);
        }
        self.admission.reserve(self.clock.unix_ms(), attempt, &job.trunk).map_err(|full| {
            tracing::debug!(%attempt, ?full, "no room for a call");
            JobVerdict::Busy
        })?;
        let Some(ports) = self.ports.bind() else {
            self.admission.release(attempt);
            tracing::warn!("every media port is taken");
            return Err(JobVerdict::Busy);
        };
        let job = Arc::new(job);
        let received = self.clock.now();
        self.live.insert(Entry { job: job.clone(), received, stage: Stage::Preparing { ports } });
        let (prompts, events, our) = (self.prompts.clone(), self.events.clone(), self.our);
        tokio::spawn(async move {
            let outcome = prepare::prepare(&prompts, &version, &job, our).await.map(Box::new);
            // The gateway outlives its work; if it does not, the job dies with it before anything was sent.
            let _ = events.send(Event::Prepared { attempt, outcome });
        });
        Ok(())
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Progress { attempt, at_unix_ms, progress } => {
                if let Some(entry) = self.live.get_mut(attempt) {
                    let fence = entry.job.fence;
                    self.send(Up::Progress { attempt, fence, at_unix_ms, progress });
                }
            }
            Event::Placed { attempt } => {
                self.stats.invite();
                self.note(Record::Placed { attempt });
            }
            Event::Missed { attempt } => {
                tracing::warn!(%attempt, "the recogniser was too late for a customer's words");
                self.admission.missed(self.clock.unix_ms());
                self.look_for_trouble();
            }
            Event::Ended { result, retry_after_s } => self.ended(*result, retry_after_s),
            Event::Prepared { attempt, outcome } => self.prepared(attempt, outcome),
            Event::Due { attempt, ready } => self.due(attempt, ready),
            Event::Intended { attempt, ready, written } => {
                self.writing -= 1;
                self.intended(attempt, *ready, written);
            }
            Event::Journaled { seq, written } => {
                self.writing -= 1;
                self.journaled(seq, written);
            }
            Event::Compacted(written) => {
                self.writing -= 1;
                self.wrote(&written);
            }
        }
        self.stats.set_live(self.live.len());
    }

    /// Ends an attempt that sent nothing.
    fn refuse(&mut self, attempt: AttemptId, fence: u64, verdict: JobVerdict) {
        self.live.remove(attempt);
        self.admission.release(attempt);
        self.verdict(attempt, fence, verdict);
    }

    fn verdict(&mut self, attempt: AttemptId, fence: u64, verdict: JobVerdict) {
        if verdict != JobVerdict::Accepted {
            self.stats.job_refused();
        }
        self.send(Up::Verdict { attempt, fence, verdict });
    }

    fn cancel(&mut self, attempt: AttemptId, hang_up: bool) {
        let Some(entry) = self.live.get_mut(attempt) else { return };
        match entry.stage {
            Stage::Preparing { .. } => entry.stage = Stage::Dropped,
            Stage::Intending | Stage::Dropped | Stage::Ending => {}
            Stage::Placed { shard } => self.shards.cancel(shard, attempt, hang_up),
        }
    }

    fn reconcile(&mut self, attempts: Vec<AttemptId>) {
        let mut known = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            let answer = self.known(attempt);
            if answer == Known::Unsent {
                self.disowned.insert(attempt);
            }
            known.push((attempt, answer));
        }
        self.send(Up::Known { attempts: known });
    }

    /// What is true of an attempt for good: of one that is only being prepared nothing was sent, and nothing will be.
    fn known(&mut self, attempt: AttemptId) -> Known {
        match self.live.get_mut(attempt).map(|entry| &entry.stage) {
            Some(Stage::Intending | Stage::Placed { .. } | Stage::Ending) => return Known::Live,
            Some(Stage::Preparing { .. } | Stage::Dropped) => {
                self.live.remove(attempt);
                self.admission.release(attempt);
                if self.book.may_have_seen(attempt) {
                    self.note(Record::Unsent { attempt });
                }
            }
            None => {}
        }
        self.book.known(attempt)
    }

    fn tell_capacity(&mut self) {
        let trouble = self.trouble();
        let open = self.duty == Duty::Working && trouble.and_then(trouble::no_jobs).is_none();
        let free = if open { self.admission.free() } else { 0 };
        self.send(Up::Capacity { free, live: self.admission.live(), trunks: self.admission.trunks(), trouble });
    }

    /// Hands a frame to the link. Without a link, or with one that is thousands of frames behind, the frame is dropped:
    /// results are repeated, reconciling finds verdicts, and progress may be lost.
    fn send(&mut self, up: Up) {
        if let Some(uplink) = &self.uplink {
            let _ = uplink.try_send(up);
        }
    }

    fn note(&mut self, record: Record) {
        self.book.apply(&record);
        self.journal.note(record);
    }
}

fn unfit(reason: &str) -> JobVerdict {
    JobVerdict::Unfit { reason: reason.to_owned() }
}
