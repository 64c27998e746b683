//! One shard: a thread that beats every 20 ms and feeds its calls in between. A panic inside one call ends that call.

use super::pacer::{Beat, Pacer};
use super::result::{self, Milestones};
use super::running::Running;
use super::{Order, ShardsConfig, Start, call_id};
use crate::gateway::Event;
use crate::signalling::{Datagram, Routes};
use crossbeam_channel::{Receiver, Sender, select};
use shared_proto::ids::AttemptId;
use speech::{VAD_FRAME, VadBatch};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// Room for one datagram; voice packets are far smaller.
const DATAGRAM: usize = 2_048;

pub struct Worker {
    config: ShardsConfig,
    vad: VadBatch,
    orders: Sender<Order>,
    routes: Routes,
    calls: BTreeMap<AttemptId, Running>,
    buffer: Vec<u8>,
    /// The last beat: calls begin on it, so that their ticks fall on beats.
    beat: Instant,
}

impl Worker {
    pub fn new(config: ShardsConfig, vad: VadBatch, orders: Sender<Order>, routes: Routes) -> Self {
        Self { config, vad, orders, routes, calls: BTreeMap::new(), buffer: vec![0; DATAGRAM], beat: Instant::now() }
    }

    pub fn run(mut self, orders: &Receiver<Order>, datagrams: &Receiver<Datagram>) {
        let mut pacer = Pacer::new(self.beat);
        loop {
            if let Some(beat) = pacer.take(Instant::now()) {
                self.beat(beat);
            }
            let wait = pacer.next().saturating_duration_since(Instant::now());
            select! {
                recv(orders) -> order => match order {
                    Ok(Order::Stop) | Err(_) => return,
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
            Order::Cancel(attempt) => self.with(attempt, Running::cancel),
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
        let begin = || Running::new(start, &self.config, self.orders.clone(), self.beat);
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
                let _ = self.config.events.send(Event::Ended { result });
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

    /// Sound both ways for the calls that are due, then who is speaking.
    fn beat(&mut self, beat: Beat) {
        self.beat = beat.due;
        self.config.stats.beats_skipped(u64::from(beat.skipped));
        let mut buffer = std::mem::take(&mut self.buffer);
        let attempts: Vec<AttemptId> = self.calls.keys().copied().collect();
        for attempt in attempts {
            self.with(attempt, |call| call.beat(&mut buffer));
        }
        self.buffer = buffer;
        self.listen();
    }

    /// One pass of the detector over every call that has a whole frame.
    fn listen(&mut self) {
        let mut slots = Vec::new();
        let mut frames: Vec<[i16; VAD_FRAME]> = Vec::new();
        let mut speakers = Vec::new();
        for (&attempt, call) in &mut self.calls {
            if let Some((slot, frame)) = call.vad_frame() {
                slots.push(slot);
                frames.push(frame);
                speakers.push(attempt);
            }
        }
        if frames.is_empty() {
            return;
        }
        match self.vad.infer(&mut slots, &frames) {
            Ok(probabilities) => {
                for (attempt, probability) in speakers.into_iter().zip(probabilities) {
                    self.with(attempt, |call| call.voice(probability));
                }
            }
            Err(error) => tracing::error!(%error, "voice activity detection failed for a tick"),
        }
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
        self.routes.remove(&call_id(attempt, self.config.us));
    }
}
