//! The carrier's own thread: one SIP socket, all lines, one voice-activity batch, the rendered sentences.

use crate::config::SimConfig;
use crate::line::{Line, Request};
use call_core::Micros;
use call_core::sip::{call_id_of, parse, reply_outside_dialog};
use crossbeam_channel::{Receiver, Sender, unbounded};
use speech::{JobId, Outcome, Priority, RenderJob, Reply, ReplyTo, Speech, VadBatch, VoiceSettings};
use std::collections::{BTreeMap, HashMap};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often media moves.
const TICK: Duration = Duration::from_millis(10);
/// Rendered sentences kept, most of them a few seconds long.
const KEPT: usize = 1_024;
/// A sentence not begun by then is asked for again.
const RENDER_LIMIT: Duration = Duration::from_secs(20);
const BUFFER: usize = 65_536;

#[derive(Debug, thiserror::Error)]
pub enum SimError {
    #[error("the simulated carrier cannot use {address}: {source}")]
    Bind { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Speech(#[from] speech::SpeechError),
    #[error("the simulated carrier's thread cannot start: {0}")]
    Thread(std::io::Error),
}

/// A running carrier; it ends when this is dropped.
pub struct Carrier {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Carrier {
    pub fn start(config: SimConfig, speech: Speech) -> Result<Self, SimError> {
        let bind = |source| SimError::Bind { address: config.sip, source };
        let socket = UdpSocket::bind(config.sip).map_err(bind)?;
        let address = socket.local_addr().map_err(bind)?;
        let vad = speech.vad()?;
        let stop = Arc::new(AtomicBool::new(false));
        let running = stop.clone();
        let thread = std::thread::Builder::new()
            .name("carrier".to_owned())
            .spawn(move || Exchange::new(config, speech, socket, address, vad).run(&running))
            .map_err(SimError::Thread)?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// Where it takes SIP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the simulated carrier panicked");
        }
    }
}

/// A sentence in a voice, as a key.
type Sentence = (String, [u32; 4]);

fn sentence(text: &str, voice: VoiceSettings) -> Sentence {
    let bits = [voice.speed, voice.pitch, voice.volume].map(f32::to_bits);
    (text.to_owned(), [bits[0], bits[1], bits[2], voice.voice as u32])
}

enum Rendering {
    Begun { seq: u64, samples: Vec<i16> },
    Done(Vec<i16>),
}

struct Exchange {
    config: SimConfig,
    speech: Speech,
    socket: UdpSocket,
    address: SocketAddr,
    vad: VadBatch,
    began: Instant,
    lines: BTreeMap<String, Line>,
    sentences: HashMap<Sentence, Rendering>,
    by_seq: HashMap<u64, Sentence>,
    next_seq: u64,
    next_port: u16,
    replies: (Sender<Reply>, Receiver<Reply>),
}

impl Exchange {
    fn new(config: SimConfig, speech: Speech, socket: UdpSocket, address: SocketAddr, vad: VadBatch) -> Self {
        let next_port = *config.rtp_ports.start();
        Self {
            config,
            speech,
            socket,
            address,
            vad,
            began: Instant::now(),
            lines: BTreeMap::new(),
            sentences: HashMap::new(),
            by_seq: HashMap::new(),
            next_seq: 0,
            next_port,
            replies: unbounded(),
        }
    }

    fn run(&mut self, stop: &AtomicBool) {
        let mut tick = Instant::now() + TICK;
        let mut buffer = vec![0; BUFFER];
        while !stop.load(Ordering::Relaxed) {
            let wait = tick.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                self.tick();
                // After a stall, go on from now: a burst of ticks would help nobody.
                tick = (tick + TICK).max(Instant::now());
                continue;
            }
            if self.socket.set_read_timeout(Some(wait)).is_err() {
                return;
            }
            if let Ok((length, from)) = self.socket.recv_from(&mut buffer) {
                self.datagram(&buffer[..length], from);
            }
        }
    }

    fn now(&self) -> Micros {
        Micros(self.began.elapsed().as_micros() as u64)
    }

    fn datagram(&mut self, bytes: &[u8], from: SocketAddr) {
        let Some(call_id) = call_id_of(bytes) else { return };
        let now = self.now();
        if !self.lines.contains_key(call_id) {
            let Ok(message) = parse(bytes) else { return };
            if !bytes.starts_with(b"INVITE ") {
                if let Some((reply, to)) = reply_outside_dialog(&message, from) {
                    drop(self.socket.send_to(&reply, to));
                }
                return;
            }
            let Some(line) = self.new_line(call_id) else {
                tracing::warn!("no free RTP port at the simulated carrier: an INVITE goes unanswered");
                return;
            };
            self.lines.insert(call_id.to_owned(), line);
        }
        if let Some(line) = self.lines.get_mut(call_id) {
            line.sip(now, bytes, from);
            let mut requests = Vec::new();
            line.advance(now, &self.config, &mut requests);
            self.serve(requests);
        }
    }

    fn tick(&mut self) {
        while let Ok(reply) = self.replies.1.try_recv() {
            self.rendered(reply);
        }
        let now = self.now();
        let mut requests = Vec::new();
        for line in self.lines.values_mut() {
            line.advance(now, &self.config, &mut requests);
        }
        self.listen(now, &mut requests);
        let sentences = &self.sentences;
        for line in self.lines.values_mut() {
            let voice = line.voice();
            line.speak(now, &self.config, |text| match sentences.get(&sentence(text, voice)) {
                Some(Rendering::Done(samples)) => Some(samples.clone()),
                Some(Rendering::Begun { .. }) | None => None,
            });
        }
        self.lines.retain(|_, line| !line.is_over());
        self.serve(requests);
        if self.sentences.len() > KEPT && self.lines.is_empty() {
            self.sentences.retain(|_, rendering| matches!(rendering, Rendering::Begun { .. }));
        }
    }

    /// Gives every customer the voice activity of what it heard.
    fn listen(&mut self, now: Micros, requests: &mut Vec<Request>) {
        loop {
            let mut frames = Vec::new();
            let mut listening = Vec::new();
            for line in self.lines.values_mut() {
                if let Some(frame) = line.frame() {
                    frames.push(frame);
                    listening.push(line);
                }
            }
            if frames.is_empty() {
                return;
            }
            let mut slots: Vec<_> = listening.iter_mut().map(|line| std::mem::take(&mut line.vad)).collect();
            let heard = self.vad.infer(&mut slots.iter_mut().collect::<Vec<_>>(), &frames);
            let probabilities = heard.unwrap_or_else(|error| {
                tracing::error!(%error, "the simulated customers cannot hear");
                vec![0.0; frames.len()]
            });
            for ((line, slot), probability) in listening.into_iter().zip(slots).zip(probabilities) {
                line.vad = slot;
                line.hear(now, probability, &self.config, requests);
            }
        }
    }

    fn serve(&mut self, requests: Vec<Request>) {
        for request in requests {
            match request {
                Request::Sip(bytes, to) => {
                    if let Err(error) = self.socket.send_to(&bytes, to) {
                        tracing::debug!(%error, "a SIP datagram of the simulated carrier was not sent");
                    }
                }
                Request::Prepare(texts, voice) => {
                    for text in texts {
                        self.prepare(text, voice);
                    }
                }
            }
        }
    }

    fn prepare(&mut self, text: String, voice: VoiceSettings) {
        let key = sentence(&text, voice);
        if self.sentences.contains_key(&key) {
            return;
        }
        self.next_seq += 1;
        let seq = self.next_seq;
        let job = RenderJob {
            id: JobId { call: u64::MAX, seq },
            text,
            voice,
            priority: Priority::Background,
            deadline: Instant::now() + RENDER_LIMIT,
            reply: ReplyTo::channel(self.replies.0.clone()),
        };
        match self.speech.render(job) {
            Ok(()) => {
                self.by_seq.insert(seq, key.clone());
                self.sentences.insert(key, Rendering::Begun { seq, samples: Vec::new() });
            }
            // Asked for again when it is needed.
            Err(error) => tracing::debug!(%error, "a customer's sentence was not taken for rendering"),
        }
    }

    fn rendered(&mut self, reply: Reply) {
        let Some(key) = self.by_seq.get(&reply.id.seq) else { return };
        let Some(rendering) = self.sentences.get_mut(key) else { return };
        match (rendering, reply.outcome) {
            (rendering @ Rendering::Begun { .. }, Outcome::Chunk { last, samples: more, .. }) => {
                let Rendering::Begun { samples, .. } = rendering else { return };
                samples.extend(more);
                if last {
                    *rendering = Rendering::Done(std::mem::take(samples));
                    self.by_seq.remove(&reply.id.seq);
                }
            }
            (Rendering::Begun { seq, .. }, Outcome::Late | Outcome::Failed(_) | Outcome::Transcript(_)) => {
                let seq = *seq;
                if let Some(key) = self.by_seq.remove(&seq) {
                    self.sentences.remove(&key);
                }
            }
            (Rendering::Done(_), _) => {}
        }
    }

    /// A line with the next free pair of ports.
    fn new_line(&mut self, call_id: &str) -> Option<Line> {
        let ports = self.config.rtp_ports.clone();
        let pairs = usize::from(ports.end() - ports.start()) / 2 + 1;
        for _ in 0..pairs {
            let port = self.next_port & !1;
            self.next_port = if port.saturating_add(3) > *ports.end() { *ports.start() } else { port + 2 };
            if port < *ports.start() {
                continue;
            }
            let open = |port| {
                let socket = UdpSocket::bind(SocketAddr::new(self.address.ip(), port)).ok()?;
                socket.set_nonblocking(true).ok()?;
                Some(socket)
            };
            if let (Some(rtp), Some(rtcp)) = (open(port), open(port + 1)) {
                let seed = call_id
                    .bytes()
                    .fold(self.config.seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
                return Line::new(seed, self.address, rtp, rtcp).ok();
            }
        }
        None
    }
}
