//! One call on its shard: carries out what [`Call`] asks for (packets, recognition, voice, recording, news) and feeds it
//! what comes back. It decides nothing about the call.

use super::unheard::Unheard;
use super::{Order, ShardsConfig, Start, call_id};
use crate::gateway::Event;
use crate::ports::Pair;
use crate::prompts::{Sounds, Version};
use crate::recorder::Track;
use crate::shard::result::{self, Milestones};
use call_core::Micros;
use call_core::call::{self, Call, Input, Output, Progress, Setup};
use call_core::sip::digest::Credentials;
use call_core::sip::uac::Dial;
use call_core::turn::Policy;
use crossbeam_channel::Sender;
use shared_proto::ids::AttemptId;
use shared_proto::wire::{self, AttemptResult, DialJob};
use speech::{Cancel, JobId, Language, Priority, RenderJob, Reply, ReplyTo, TranscribeJob, VAD_FRAME, VadSlot};
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Packets of one leg taken in one go; more wait for the next beat.
const BURST: usize = 64;
/// The grid that a call's time is read on.
const GRID: Duration = super::pacer::BEAT;
/// How often a leg's queues are emptied whose sound nobody needs at once: before the answer, and the reports of the peer.
const IDLY: Duration = Duration::from_millis(200);

/// Where in every 20 ms a call's ticks fall.
#[derive(Debug, Clone, Copy)]
pub struct Phase {
    /// Which beat of a shard that is.
    pub bin: usize,
    /// The same, counted from the call's epoch.
    pub offset: Duration,
}

pub struct Running {
    /// The beat that its ticks fall on.
    pub bin: usize,
    job: Arc<DialJob>,
    version: Arc<Version>,
    config: ShardsConfig,
    orders: Sender<Order>,
    call: Call,
    epoch: Instant,
    milestones: Milestones,
    /// Gone when the call has ended.
    ports: Option<Pair>,
    track: Option<Track>,
    vad: VadSlot,
    unheard: Unheard,
    /// Frames given to the detector, whose answers come in this order.
    listening: VecDeque<u32>,
    /// Calls off the recognition under way.
    recognising: (u32, Cancel),
    /// The last recognition failed of itself; that is no lateness.
    failed: bool,
    placed: bool,
    /// When the next idle look at the sockets is due.
    idle_look: Micros,
}

/// How speech jobs name their call.
pub fn job_call(attempt: AttemptId) -> u64 {
    attempt.bits() as u64
}

impl Running {
    /// Makes the call; its INVITE leaves with the first [`Running::flush`].
    /// Its clock starts at `epoch`, a beat of the shard.
    pub fn new(start: Start, config: &ShardsConfig, orders: Sender<Order>, epoch: Instant, phase: Phase) -> Self {
        let Start { job, version, ready, ports } = start;
        let flow_limit = Duration::from_secs(u64::from(version.flow.limits.max_duration_s));
        let setup = Setup {
            dial: dial(&job, ready.us, ready.trunk, ready.domain),
            rtp: SocketAddr::new(ready.us.ip(), ports.port),
            seed: fastrand::u64(..),
            dialogue: ready.dialogue,
            opening: ready.opening,
            prompts: ready.prompts,
            policy: Policy::default(),
            phase: Some(call::Phase(phase.offset)),
            max_duration: flow_limit.min(Duration::from_millis(job.max_duration_ms)),
        };
        let call = Call::dial(Micros(0), setup);
        let track = Track::new(config.recorder.clone(), job.attempt.into(), job.tenant);
        Self {
            bin: phase.bin,
            milestones: Milestones::at(config.clock.unix_ms()),
            job,
            version,
            config: config.clone(),
            orders,
            call,
            epoch,
            ports: Some(ports),
            track: Some(track),
            vad: VadSlot::default(),
            unheard: Unheard::default(),
            listening: VecDeque::new(),
            recognising: (0, Cancel::default()),
            failed: false,
            placed: false,
            idle_look: Micros(0),
        }
    }

    pub fn is_over(&self) -> bool {
        self.ports.is_none() && self.call.is_over()
    }

    /// Whether the call is over but for the answer to its hang-up.
    pub fn awaits_answer(&self) -> bool {
        self.call.awaits_answer()
    }

    /// The call's time, read on a grid of beats: so its ticks fall on beats and a frame is due when the shard is awake.
    fn now(&self) -> Micros {
        let elapsed = self.config.clock.now().saturating_duration_since(self.epoch).as_micros();
        let grid = GRID.as_micros();
        Micros(u64::try_from(elapsed - elapsed % grid).unwrap_or(u64::MAX))
    }

    /// What is due at this beat: sound in, sound out, timers.
    pub fn beat(&mut self, buffer: &mut [u8]) {
        let now = self.now();
        let idle = self.idle_look <= now;
        if idle {
            self.idle_look = now + IDLY;
            self.receive_reports(now, buffer);
        }
        let due = self.call.poll_timeout().is_some_and(|at| at <= now);
        if due || (idle && !self.milestones.is_answered()) {
            self.receive(now, buffer);
        }
        if due {
            self.call.handle_timeout(now);
            self.flush();
        }
    }

    fn receive(&mut self, now: Micros, buffer: &mut [u8]) {
        let Some(ports) = &self.ports else { return };
        drain(&ports.rtp, buffer, |bytes, from| self.call.handle(now, Input::Rtp { bytes, from }));
    }

    fn receive_reports(&mut self, now: Micros, buffer: &mut [u8]) {
        let Some(ports) = &self.ports else { return };
        drain(&ports.rtcp, buffer, |bytes, from| self.call.handle(now, Input::Rtcp { bytes, from }));
    }

    pub fn signal(&mut self, bytes: &[u8], from: SocketAddr) {
        self.call.handle(self.now(), Input::Sip { bytes, from });
        self.flush();
    }

    /// Ends the call before its answer; after it only where `hang_up` says so.
    pub fn cancel(&mut self, hang_up: bool) {
        if self.milestones.is_answered() && !hang_up {
            return;
        }
        self.call.handle(self.now(), Input::HangUp);
        self.flush();
    }

    pub fn add_sounds(&mut self, sounds: Sounds) {
        let now = self.now();
        for (text, samples) in sounds {
            self.call.handle(now, Input::Prepared { text, samples });
        }
        self.flush();
    }

    /// The next frame for the detector, if there is one.
    pub fn vad_frame(&mut self) -> Option<(&mut VadSlot, [i16; VAD_FRAME])> {
        let (index, frame) = self.unheard.pop()?;
        self.listening.push_back(index);
        Some((&mut self.vad, *frame))
    }

    /// The detector failed on the oldest frame it was given.
    pub fn unheard_of(&mut self) {
        self.listening.pop_front();
    }

    /// The detector's answer to the oldest frame it was given.
    pub fn voice(&mut self, probability: f32) {
        if let Some(index) = self.listening.pop_front() {
            self.call.handle(self.now(), Input::Speech { index, probability });
            self.flush();
        }
    }

    pub fn speech(&mut self, reply: Reply) {
        let now = self.now();
        let (id, kind) = Kind::of(reply.id.seq);
        match (kind, reply.outcome) {
            (Kind::Transcribe, speech::Outcome::Transcript(heard)) => {
                self.call.handle(now, Input::Transcribed { id, text: Some(&heard.text) });
            }
            (Kind::Transcribe, outcome) => {
                self.missed(&outcome);
                self.failed = matches!(outcome, speech::Outcome::Failed(_));
                self.call.handle(now, Input::Transcribed { id, text: None });
            }
            (Kind::Render, speech::Outcome::Chunk { last, samples, .. }) => {
                self.call.handle(now, Input::Rendered { id, samples: &samples, last });
            }
            (Kind::Render, outcome) => {
                self.missed(&outcome);
                self.call.handle(now, Input::Rendered { id, samples: &[], last: true });
            }
        }
        self.flush();
    }

    fn missed(&self, outcome: &speech::Outcome) {
        match outcome {
            speech::Outcome::Late => self.config.stats.asr_late(),
            speech::Outcome::Failed(reason) => tracing::warn!(attempt = %self.job.attempt, reason, "speech failed"),
            speech::Outcome::Transcript(_) | speech::Outcome::Chunk { .. } => {}
        }
    }

    /// Carries out everything the call asks for.
    pub fn flush(&mut self) {
        while let Some(output) = self.call.poll_output() {
            match output {
                Output::Sip { bytes, to } => self.send_sip(&bytes, to),
                Output::Rtp { bytes, to, due } => self.send_rtp(&bytes, to, due),
                Output::Rtcp { bytes, to } => {
                    if let Some(ports) = &self.ports {
                        // A report that the network does not take is as good as a lost one.
                        let _ = ports.rtcp.send_to(&bytes, to);
                    }
                }
                Output::Listen { index, frame } => self.unheard.push(index, frame),
                Output::Transcribe { id, samples, deadline } => self.transcribe(id, samples, deadline),
                Output::Render { id, text, deadline } => self.render(id, text, deadline),
                // A sentence is rendered whole once it is begun; the call ignores it.
                Output::Forget { id } => {
                    if self.recognising.0 == id {
                        self.recognising.1.call_off();
                    }
                }
                Output::Record { samples } => {
                    if let Some(track) = &mut self.track {
                        track.write(&samples);
                    }
                }
                Output::Progress(progress) => self.progress(progress),
                Output::Ended(summary) => {
                    let retry_after_s = summary.retry_after_s;
                    let result = result::of_summary(&self.job, &self.version, &self.milestones, *summary);
                    self.end(result, retry_after_s);
                }
            }
        }
    }

    fn send_sip(&mut self, bytes: &[u8], to: SocketAddr) {
        if let Err(error) = self.config.socket.send_to(bytes, to) {
            // SIP over UDP repeats what matters.
            tracing::debug!(attempt = %self.job.attempt, %error, "a SIP message was not sent");
        }
        if !self.placed {
            self.placed = true;
            self.tell(Event::Placed { attempt: self.job.attempt });
            self.news(wire::Progress::Dialing);
        }
    }

    fn send_rtp(&mut self, bytes: &[u8], to: SocketAddr, due: Micros) {
        let Some(ports) = &self.ports else { return };
        // A packet that the network does not take is as good as a lost one.
        let _ = ports.rtp.send_to(bytes, to);
        let elapsed = self.config.clock.now().saturating_duration_since(self.epoch);
        self.config.stats.sent(elapsed.saturating_sub(Duration::from_micros(due.0)), 1);
    }

    fn transcribe(&mut self, id: u32, samples_8k: Vec<i16>, deadline: Micros) {
        let cancel = Cancel::default();
        self.failed = false;
        self.recognising = (id, cancel.clone());
        let job = TranscribeJob {
            id: self.job_id(id, Kind::Transcribe),
            samples_8k,
            language: Language::Mandarin,
            priority: Priority::Final,
            deadline: self.at(deadline),
            cancel,
            reply: self.reply(),
        };
        if let Err(refused) = self.config.speech.transcribe(job) {
            tracing::warn!(%refused, "a recognition was refused");
            self.config.stats.asr_late();
            self.call.handle(self.now(), Input::Transcribed { id, text: None });
        }
    }

    fn render(&mut self, id: u32, text: String, deadline: Micros) {
        let job = RenderJob {
            id: self.job_id(id, Kind::Render),
            text,
            voice: self.version.voice,
            priority: Priority::FirstChunk,
            deadline: self.at(deadline),
            reply: self.reply(),
        };
        if let Err(refused) = self.config.speech.render(job) {
            tracing::warn!(%refused, "a sentence was refused");
            self.call.handle(self.now(), Input::Rendered { id, samples: &[], last: true });
        }
    }

    fn job_id(&self, id: u32, kind: Kind) -> JobId {
        JobId { call: job_call(self.job.attempt), seq: kind.seq(id) }
    }

    fn at(&self, time: Micros) -> Instant {
        self.epoch + Duration::from_micros(time.0)
    }

    fn reply(&self) -> ReplyTo {
        let orders = self.orders.clone();
        // A shard that is gone took the call with it.
        ReplyTo::new(move |reply| drop(orders.send(Order::Speech(reply))))
    }

    fn progress(&mut self, progress: Progress) {
        let now = self.config.clock.unix_ms();
        let news = match progress {
            Progress::Ringing => {
                self.milestones.rang(now);
                wire::Progress::Ringing
            }
            Progress::Answered => {
                self.milestones.answered(now);
                wire::Progress::Answered
            }
            Progress::Turn(turn) => {
                self.milestones.turn(turn.clone());
                wire::Progress::Turn(turn)
            }
            Progress::Hearing { text } => wire::Progress::Hearing { text },
            Progress::Saying { text } => wire::Progress::Saying { text },
            Progress::Missed if self.failed => return,
            Progress::Missed => return self.tell(Event::Missed { attempt: self.job.attempt }),
            Progress::EarlyMedia | Progress::Digit(_) => return,
        };
        self.news(news);
    }

    fn news(&self, progress: wire::Progress) {
        let at_unix_ms = self.config.clock.unix_ms();
        self.tell(Event::Progress { attempt: self.job.attempt, at_unix_ms, progress });
    }

    fn tell(&self, event: Event) {
        // The gateway outlives the shards; if it has gone, the process is leaving.
        let _ = self.config.events.send(event);
    }

    /// Frees the media ports, and sends the result once the recording is whole.
    fn end(&mut self, mut result: AttemptResult, retry_after_s: Option<u32>) {
        self.ports = None;
        self.recognising.1.call_off();
        let Some(track) = self.track.take() else { return };
        let events = self.config.events.clone();
        track.finish(Box::new(move |recording| {
            result.recording = recording;
            let _ = events.send(Event::Ended { result: Box::new(result), retry_after_s });
        }));
    }

    /// After a panic inside the call: tells the peer if that still works, and ends with what is known.
    pub fn abort(&mut self) {
        let hung_up = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.call.handle(self.now(), Input::HangUp);
            while let Some(output) = self.call.poll_output() {
                if let Output::Sip { bytes, to } = output {
                    self.send_sip(&bytes, to);
                }
            }
        }));
        if hung_up.is_err() {
            tracing::warn!(attempt = %self.job.attempt, "a panicked call could not even be hung up");
        }
        let result = result::of_panic(&self.job, &self.milestones, self.config.clock.unix_ms());
        self.end(result, None);
    }
}

/// Takes what waits at a socket, up to a burst.
fn drain(socket: &UdpSocket, buffer: &mut [u8], mut take: impl FnMut(&[u8], SocketAddr)) {
    for _ in 0..BURST {
        match socket.recv_from(buffer) {
            Ok((length, from)) => take(&buffer[..length], from),
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            // An ICMP error of an earlier packet; the socket is fine.
            Err(_) => {}
        }
    }
}

/// What a speech job was for, kept in the lowest bit of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Transcribe,
    Render,
}

impl Kind {
    fn seq(self, id: u32) -> u64 {
        u64::from(id) << 1 | u64::from(self == Self::Render)
    }

    fn of(seq: u64) -> (u32, Self) {
        let id = u32::try_from(seq >> 1).unwrap_or(u32::MAX);
        (id, if seq & 1 == 1 { Self::Render } else { Self::Transcribe })
    }
}

fn dial(job: &DialJob, us: SocketAddr, trunk: SocketAddr, domain: String) -> Dial {
    let credentials = match (&job.trunk.username, &job.trunk.password) {
        (Some(username), Some(password)) => {
            Some(Credentials { username: username.clone(), password: password.clone() })
        }
        (Some(_) | None, _) => None,
    };
    Dial {
        call_id: call_id(job.attempt),
        us,
        trunk,
        domain,
        caller: job.caller_id.clone(),
        callee: job.number.reveal().to_owned(),
        credentials,
        ring_limit: Duration::from_millis(job.ring_limit_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speech_jobs_number_says_what_it_was_for() {
        for (id, kind) in [(0, Kind::Transcribe), (7, Kind::Render), (u32::MAX, Kind::Render)] {
            assert_eq!(Kind::of(kind.seq(id)), (id, kind));
        }
    }
}
