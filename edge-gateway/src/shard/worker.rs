//! One shard: a thread that beats every 20 ms and feeds its calls in between. A panic inside one call ends that call.

use super::pacer::{BEAT, BINS, Beat, Pacer};
use super::result::{self, Milestones};
use super::running::{Phase, Running};
use super::{Order, ShardsConfig, Start, call_id};
use crate::gateway::Event;
use crate::signalling::{Datagram, Routes};
use crossbeam_channel::{Receiver, Sender, select};
use shared_proto::ids::AttemptId;
use speech::{VAD_FRAME, VadBatch};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Room for one datagram; voice packets are far smaller.
const DATAGRAM: usize = 2_048;
/// Frames for the detector in one go. Between two goes the shard looks at the time.
const SLICE: usize = 16;
/// How long a shard that is to stop waits for the answers to its last hang-ups: time for three repeats (RFC 3261 section 17.1.2).
const LINGER: Duration = Duration::from_secs(4);
/// The detector rests when the next beat is so near.
const SPARE: Duration = Duration::from_millis(1);

pub struct Worker {
    config: ShardsConfig,
    vad: VadBatch,
    orders: Sender<Order>,
    routes: Routes,
    calls: BTreeMap<AttemptId, Running>,
    buffer: Vec<u8>,
    /// The last beat: calls begin on it, so that their ticks fall on beats.
    beat: Beat,
    /// Whose frame the detector took last: after a rest it goes on with the next call.
    heard: Option<AttemptId>,
}

impl Worker {
    pub fn new(config: ShardsConfig, vad: VadBatch, orders: Sender<Order>, routes: Routes) -> Self {
        let (beat, buffer) = (Beat { due: Instant::now(), bin: 0, skipped: 0 }, vec![0; DATAGRAM]);
        Self { config, vad, orders, routes, calls: BTreeMap::new(), buffer, beat, heard: None }
    }

    pub fn run(mut self, orders: &Receiver<Order>, datagrams: &Receiver<Datagram>) {
        let mut pacer = Pacer::new(self.beat.due);
        let mut leave_by = None;
        loop {
            if let Some(leave_by) = leave_by
                && (leave_by <= Instant::now() || !self.calls.values().any(Running::awaits_answer))
            {
                return;
            }
            if let Some(beat) = pacer.take(Instant::now()) {
                self.beat(beat);
            }
            self.listen(pacer.next());
            let wait = pacer.next().saturating_duration_since(Instant::now());
            select! {
                recv(orders) -> order => match order {
                    Ok(Order::Stop) => leave_by = Some(Instant::now() + LINGER),
                    Err(_) => return,
                    Ok(order) => self.order(order),
                },
                recv(datagrams) -> datagram => {
                    if let Ok(datagram) = datagram {
                        self.datagram(&datagram);
                    }
                },
                default(wait) => {}
            }
        }
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Start(start) => self.start(*start),
            Order::Sounds { attempt, sounds } => self.with(attempt, |call| call.add_sounds(sounds)),
            Order::Cancel { attempt, hang_up } => self.with(attempt, |call| call.cancel(hang_up)),
            Order::Speech(reply) => {
                // The job names its call by the low half of the attempt.
                let found = self.calls.keys().find(|attempt| super::running::job_call(**attempt) == reply.id.call);
                if let Some(&attempt) = found {
                    self.with(attempt, |call| call.speech(reply));
                }
            }
            Order::Stop => {}
        }
    }

    fn start(&mut self, start: Start) {
        let job = start.job.clone();
        let attempt = job.attempt;
        let (epoch, phase) = (self.beat.due, self.quietest_phase());
        let begin = || Running::new(start, &self.config, self.orders.clone(), epoch, phase);
        match catch_unwind(AssertUnwindSafe(begin)) {
            Ok(running) => {
                self.calls.insert(attempt, running);
                self.with(attempt, Running::flush);
            }
            Err(_) => {
                self.config.stats.panicked();
                tracing::error!(%attempt, "a call panicked before its INVITE");
                let now = self.config.clock.unix_ms();
                let result = Box::new(result::of_panic(&job, &Milestones::at(now), now));
                // The gateway outlives the shards; if it has gone, the process is leaving.
                let _ = self.config.events.send(Event::Ended { result, retry_after_s: None });
                self.remove(attempt);
            }
        }
    }

    fn datagram(&mut self, datagram: &Datagram) {
        let attempt = datagram.call_id.split('@').next().and_then(|id| id.parse().ok());
        if let Some(attempt) = attempt {
            self.with(attempt, |call| call.signal(&datagram.bytes, datagram.from));
        }
    }

    /// Where in every 20 ms a new call's ticks disturb the others least, counted from the last beat.
    fn quietest_phase(&self) -> Phase {
        let mut taken = [0; BINS];
        for call in self.calls.values() {
            taken[call.bin % BINS] += 1;
        }
        let after = |ahead: usize| (self.beat.bin + ahead) % BINS;
        let ahead = (0..BINS).min_by_key(|&ahead| taken[after(ahead)]).unwrap_or(0);
        Phase { bin: after(ahead), offset: BEAT * ahead as u32 }
    }

    /// Sound both ways for the calls that are due.
    fn beat(&mut self, beat: Beat) {
        self.beat = beat;
        self.config.stats.beats_skipped(u64::from(beat.skipped));
        let mut buffer = std::mem::take(&mut self.buffer);
        let attempts: Vec<AttemptId> = self.calls.keys().copied().collect();
        for attempt in attempts {
            self.with(attempt, |call| call.beat(&mut buffer));
        }
        self.buffer = buffer;
    }

    /// Who is speaking: whole frames go through the detector, some at a time, until the next beat is near. The first
    /// are heard even on a late beat: an overloaded shard falls behind, but is never deaf.
    fn listen(&mut self, next_beat: Instant) {
        while self.listen_to_some() && next_beat.saturating_duration_since(Instant::now()) > SPARE {}
    }

    /// One pass of the detector over the next calls that have a whole frame. False when none has.
    fn listen_to_some(&mut self) -> bool {
        let mut slots = Vec::with_capacity(SLICE);
        let mut frames: Vec<[i16; VAD_FRAME]> = Vec::with_capacity(SLICE);
        let mut speakers = Vec::with_capacity(SLICE);
        let last = self.heard.take();
        let begun = last.map_or(Bound::Unbounded, Bound::Excluded);
        for (&attempt, call) in self.calls.range_mut((begun, Bound::Unbounded)) {
            if frames.len() < SLICE
                && let Some((slot, frame)) = call.vad_frame()
            {
                slots.push(slot);
                frames.push(frame);
                speakers.push(attempt);
            }
        }
        if frames.is_empty() {
            // From the first call again, unless that is where this pass began.
            return last.is_some() && self.listen_to_some();
        }
        self.heard = speakers.last().copied();
        match self.vad.infer(&mut slots, &frames) {
            Ok(probabilities) => {
                for (attempt, probability) in speakers.into_iter().zip(probabilities) {
                    self.with(attempt, |call| call.voice(probability));
                }
            }
            Err(error) => {
                tracing::error!(%error, "voice activity detection failed for a tick");
                for attempt in speakers {
                    self.with(attempt, Running::unheard_of);
                }
            }
        }
        true
    }

    /// Runs something on a call; its panic ends that call only.
    fn with(&mut self, attempt: AttemptId, act: impl FnOnce(&mut Running)) {
        let Some(call) = self.calls.get_mut(&attempt) else { return };
        let outcome = catch_unwind(AssertUnwindSafe(|| act(call)));
        if outcome.is_err() {
            self.bury(attempt);
        } else if call.is_over() {
            self.remove(attempt);
        }
    }

    fn bury(&mut self, attempt: AttemptId) {
        self.config.stats.panicked();
        tracing::error!(%attempt, "a call panicked and was ended; the others go on");
        if let Some(call) = self.calls.get_mut(&attempt) {
            call.abort();
        }
        self.remove(attempt);
    }

    fn remove(&mut self, attempt: AttemptId) {
        self.calls.remove(&attempt);
        self.routes.remove(&call_id(attempt));
    }
}
