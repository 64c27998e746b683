//! One call, one answerer, and between them a link that may lose, repeat and reorder. The clock moves by itself from one
//! thing that is due to the next. The VAD here is energy, the recogniser and the voice are scripted.
use call_core::answer::{self, Answerer};
use call_core::call::{self, Call, Progress, Prompts, Setup, Summary};
use call_core::rng::Rng;
use call_core::sip::uac::Dial;
use call_core::time::{Micros, ms};
use call_core::turn::Policy;
use dialogue::{Dialogue, Script};
use shared_proto::flow::Flow;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub const CALLER: &str = "10.0.0.1:5060";
pub const CARRIER: &str = "10.0.0.2:5060";
const CALLER_RTP: &str = "10.0.0.1:20000";
const CARRIER_RTP: &str = "10.0.0.2:30000";

pub fn addr(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// What the script does at a time.
#[derive(Clone)]
pub enum Act {
    Ring,
    EarlyMedia,
    Answer,
    Refuse(u16),
    /// The customer speaks so many milliseconds of tone, followed by nothing.
    Speak(u64),
    Pause(u64),
    CustomerHangsUp,
    CallerHangsUp,
    Digits(&'static str),
    /// An input that no engine was asked for.
    Transcribed(u32, &'static str),
}

enum Packet {
    Sip(Vec<u8>),
    Rtp(Vec<u8>),
    Rtcp(Vec<u8>),
}

enum Due {
    ToCall(Packet),
    ToCarrier(Packet),
    Text(u32, Option<String>),
    Voice(u32, String),
    Act(Act),
}

/// How bad the network is, in percent; every datagram takes `delay` and reordered ones 25 ms more.
#[derive(Clone, Copy, Default)]
pub struct Link {
    pub lose: u64,
    pub repeat: u64,
    pub reorder: u64,
    /// Media suffers too; otherwise only signalling.
    pub media: bool,
}

pub struct World {
    pub call: Call,
    pub carrier: Answerer,
    pub now: Micros,
    pub trace: Vec<String>,
    pub summary: Option<Summary>,
    /// Interleaved, as recorded.
    pub recording: Vec<i16>,
    pub carrier_heard: Vec<i16>,
    queue: Vec<(Micros, u64, Due)>,
    order: u64,
    link: Link,
    rng: Rng,
    /// What the recogniser will say, in order; then nothing.
    pub texts: VecDeque<Option<&'static str>>,
    pub asr_ms: u64,
    pub tts_ms: u64,
    pub show_sip: bool,
    pub show_rtcp: bool,
    forgotten: Vec<u32>,
}

pub const FLOW: &str = r#"{"schema":1,"start":"a","nodes":[
    {"kind":"opening","key":"a","text":"您好请问方便吗","branches":[{"intents":["affirm"],"next":"b"},{"intents":["deny"],"next":"z"}]},
    {"kind":"question","key":"b","text":"您想了解一下吗","branches":[{"intents":["affirm"],"next":"z"},{"intents":["deny"],"next":"z"}]},
    {"kind":"closing","key":"z","text":"谢谢再见"}],
    "silence":{"replies":["听得到吗"],"then":"z"},"not_understood":{"replies":["没听清"],"then":"z"},
    "opt_out":{"reply":"不再打扰"},
    "limits":{"max_turns":10,"max_duration_s":120,"wait_ms":4000,"goodbye":"z"}}"#;

/// 200 ms of tone per character.
pub fn voice(text: &str) -> Vec<i16> {
    tone(text.chars().count() * 1_600)
}

fn tone(samples: usize) -> Vec<i16> {
    (0..samples).map(|n| if n / 8 % 2 == 0 { 4_000 } else { -4_000 }).collect()
}

pub fn dial_setup() -> Dial {
    Dial {
        call_id: "c1@bellbird".into(),
        us: addr(CALLER),
        trunk: addr(CARRIER),
        domain: "trunk.example".into(),
        caller: "4001".into(),
        callee: "+8613800000000".into(),
        credentials: None,
        ring_limit: ms(20_000),
    }
}

pub fn setup(seed: u64, prepared: bool) -> Setup {
    let flow = Flow::parse(FLOW).expect("a flow");
    let (dialogue, opening) = Dialogue::start(Script::new(Arc::new(flow)), BTreeMap::new());
    let mut prompts = Prompts::new();
    if prepared {
        for text in ["您好请问方便吗", "您想了解一下吗", "谢谢再见", "听得到吗", "没听清"] {
            prompts.insert(text.into(), voice(text).into());
        }
    }
    Setup {
        dial: dial_setup(),
        rtp: addr(CALLER_RTP),
        seed,
        dialogue,
        opening,
        prompts,
        policy: Policy::default(),
        phase: None,
        max_duration: Duration::from_secs(120),
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(setup(1, true), Link::default(), 1)
    }

    pub fn with(setup: Setup, link: Link, seed: u64) -> Self {
        let now = Micros(0);
        let mut world = Self {
            call: Call::dial(now, setup),
            carrier: Answerer::new(seed + 100, addr(CARRIER), addr(CARRIER_RTP)),
            now,
            trace: Vec::new(),
            summary: None,
            recording: Vec::new(),
            carrier_heard: Vec::new(),
            queue: Vec::new(),
            order: 0,
            link,
            rng: Rng::new(seed),
            texts: VecDeque::new(),
            asr_ms: 300,
            tts_ms: 50,
            show_sip: true,
            show_rtcp: false,
            forgotten: Vec::new(),
        };
        world.drain();
        world
    }

    /// Answers 200 ms after the INVITE came.
    pub fn answered() -> Self {
        Self::new().quiet().at(30, Act::Ring).at(200, Act::Answer)
    }

    pub fn quiet(mut self) -> Self {
        self.show_sip = false;
        self
    }

    pub fn says(mut self, texts: &[Option<&'static str>]) -> Self {
        self.texts = texts.iter().copied().collect();
        self
    }

    pub fn at(mut self, millis: u64, act: Act) -> Self {
        self.push(Micros::from_millis(millis), Due::Act(act));
        self
    }

    pub fn until(mut self, millis: u64) -> Self {
        let end = Micros::from_millis(millis);
        loop {
            let queued = self.queue.iter().map(|(at, ..)| *at).min();
            let next = [queued, self.call.poll_timeout(), self.carrier.poll_timeout()].into_iter().flatten().min();
            let Some(next) = next.filter(|at| *at <= end) else { break };
            assert!(next >= self.now || queued != Some(next), "time runs backwards");
            self.now = self.now.max(next);
            self.step();
            self.drain();
        }
        self.now = end;
        self
    }

    /// Lines from `millis` on.
    #[track_caller]
    pub fn expect(&self, millis: u64, want: &str) {
        let want: Vec<&str> = want.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let got = self.after(millis);
        assert_eq!(got, want, "\n{}\n", got.join("\n"));
    }

    pub fn after(&self, millis: u64) -> Vec<&str> {
        let at = |line: &str| line.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        self.trace.iter().map(String::as_str).filter(|line| at(line) >= millis).collect()
    }

    fn step(&mut self) {
        let now = self.now;
        self.queue.sort_by_key(|(at, order, _)| (*at, *order));
        while self.queue.first().is_some_and(|(at, ..)| *at <= now) {
            let (_, _, due) = self.queue.remove(0);
            self.due(due);
        }
        if self.call.poll_timeout().is_some_and(|at| at <= now) {
            self.call.handle_timeout(now);
            assert!(self.call.poll_timeout().is_none_or(|at| at > now), "a timeout that never passes");
        }
        if self.carrier.poll_timeout().is_some_and(|at| at <= now) {
            self.carrier.handle_timeout(now);
        }
    }

    fn due(&mut self, due: Due) {
        let now = self.now;
        match due {
            Due::ToCall(Packet::Sip(bytes)) => {
                self.call.handle(now, call::Input::Sip { bytes: &bytes, from: addr(CARRIER) });
            }
            Due::ToCall(Packet::Rtp(bytes)) => {
                self.call.handle(now, call::Input::Rtp { bytes: &bytes, from: addr(CARRIER_RTP) });
            }
            Due::ToCall(Packet::Rtcp(bytes)) => {
                self.call.handle(now, call::Input::Rtcp { bytes: &bytes, from: addr("10.0.0.2:30001") });
            }
            Due::ToCarrier(Packet::Sip(bytes)) => {
                self.carrier.handle(now, answer::Input::Sip { bytes: &bytes, from: addr(CALLER) });
            }
            Due::ToCarrier(Packet::Rtp(bytes)) => {
                self.carrier.handle(now, answer::Input::Rtp { bytes: &bytes, from: addr(CALLER_RTP) });
            }
            Due::ToCarrier(Packet::Rtcp(bytes)) => {
                self.carrier.handle(now, answer::Input::Rtcp { bytes: &bytes, from: addr("10.0.0.1:20001") });
            }
            Due::Text(id, text) => {
                if !self.forgotten.contains(&id) {
                    self.call.handle(now, call::Input::Transcribed { id, text: text.as_deref() });
                }
            }
            Due::Voice(id, text) => {
                let samples = voice(&text);
                let (head, tail) = samples.split_at(samples.len() / 2);
                self.call.handle(now, call::Input::Rendered { id, samples: head, last: false });
                self.call.handle(now, call::Input::Rendered { id, samples: tail, last: true });
            }
            Due::Act(act) => self.act(act),
        }
    }

    fn act(&mut self, act: Act) {
        let now = self.now;
        let silence;
        let sound;
        let input = match act {
            Act::Ring => answer::Input::Ring,
            Act::EarlyMedia => answer::Input::EarlyMedia,
            Act::Answer => answer::Input::Answer,
            Act::Refuse(code) => answer::Input::Refuse { code, q850: None, retry_after_s: None },
            Act::Speak(millis) => {
                sound = tone(millis as usize * 8);
                answer::Input::Say(&sound)
            }
            Act::Pause(millis) => {
                silence = vec![0; millis as usize * 8];
                answer::Input::Say(&silence)
            }
            Act::CustomerHangsUp => answer::Input::HangUp,
            Act::Digits(digits) => answer::Input::Digits(digits),
            Act::CallerHangsUp => return self.call.handle(now, call::Input::HangUp),
            Act::Transcribed(id, text) => {
                return self.call.handle(now, call::Input::Transcribed { id, text: Some(text) });
            }
        };
        self.carrier.handle(now, input);
    }

    fn drain(&mut self) {
        while let Some(output) = self.call.poll_output() {
            self.call_output(output);
        }
        while let Some(output) = self.carrier.poll_output() {
            self.carrier_output(output);
        }
    }

    fn call_output(&mut self, output: call::Output) {
        match output {
            call::Output::Sip { bytes, .. } => {
                self.note_sip("→", &bytes);
                self.carry(true, Packet::Sip(bytes));
            }
            call::Output::Rtp { bytes, due, .. } => {
                assert!(due <= self.now);
                self.carry(true, Packet::Rtp(bytes));
            }
            call::Output::Rtcp { bytes, .. } => {
                if self.show_rtcp {
                    self.note("→ RTCP".into());
                }
                self.carry(true, Packet::Rtcp(bytes));
            }
            call::Output::Listen { index, frame } => {
                let energy = frame.iter().map(|s| i64::from(*s).pow(2)).sum::<i64>() / frame.len() as i64;
                let probability = if energy > 1_000_000 { 0.95 } else { 0.02 };
                self.call.handle(self.now, call::Input::Speech { index, probability });
            }
            call::Output::Transcribe { id, samples, .. } => {
                self.note(format!("Transcribe {} ms", samples.len() / 8));
                if let Some(text) = self.texts.pop_front() {
                    let at = self.now + ms(self.asr_ms);
                    self.push(at, Due::Text(id, text.map(str::to_owned)));
                }
            }
            call::Output::Render { id, text, .. } => {
                let at = self.now + ms(self.tts_ms);
                self.push(at, Due::Voice(id, text));
            }
            call::Output::Forget { id } => self.forgotten.push(id),
            call::Output::Record { samples } => self.recording.extend(samples),
            call::Output::Progress(Progress::Turn(turn)) => {
                let response = turn.response_ms.map(|r| format!(" after {r}")).unwrap_or_default();
                let cut = if turn.interrupted { " cut" } else { "" };
                let (start, end) = (turn.start_ms, turn.end_ms);
                self.note(format!("{:?} {start}-{end} {}{cut}{response}", turn.who, turn.text));
            }
            call::Output::Progress(Progress::Hearing { .. } | Progress::Saying { .. }) => {}
            call::Output::Progress(progress) => self.note(format!("{progress:?}")),
            call::Output::Ended(summary) => {
                let o = &summary.outcome;
                self.note(format!("Ended {} {} {}", o.disposition.as_str(), o.cause.as_str(), o.side.as_str()));
                assert!(self.summary.replace(*summary).is_none(), "ended twice");
            }
        }
    }

    fn carrier_output(&mut self, output: answer::Output) {
        match output {
            answer::Output::Sip { bytes, .. } => {
                self.note_sip("←", &bytes);
                self.carry(false, Packet::Sip(bytes));
            }
            answer::Output::Rtp { bytes, .. } => self.carry(false, Packet::Rtp(bytes)),
            answer::Output::Rtcp { bytes, .. } => self.carry(false, Packet::Rtcp(bytes)),
            answer::Output::Heard(frame) => self.carrier_heard.extend(frame.iter()),
            answer::Output::Digit(digit) => self.note(format!("carrier heard digit {digit}")),
            answer::Output::Ended(ended) => self.note(format!("carrier {ended:?}")),
            answer::Output::Invited { .. } | answer::Output::Confirmed | answer::Output::Said => {}
        }
    }

    /// Over the link: five milliseconds each way, and whatever else happens to it.
    fn carry(&mut self, to_carrier: bool, packet: Packet) {
        let suffers = self.link.media || matches!(packet, Packet::Sip(_));
        let mut hit = |percent: u64| suffers && self.rng.next_u64() % 100 < percent;
        if hit(self.link.lose) {
            return;
        }
        let copies = 1 + u64::from(hit(self.link.repeat));
        for copy in 0..copies {
            let late = if hit(self.link.reorder) { 25 } else { 0 };
            let at = self.now + ms(5 + late + copy);
            let copy = match &packet {
                Packet::Sip(bytes) => Packet::Sip(bytes.clone()),
                Packet::Rtp(bytes) => Packet::Rtp(bytes.clone()),
                Packet::Rtcp(bytes) => Packet::Rtcp(bytes.clone()),
            };
            self.order += 1;
            let due = if to_carrier { Due::ToCarrier(copy) } else { Due::ToCall(copy) };
            self.queue.push((at, self.order, due));
        }
    }

    fn push(&mut self, at: Micros, due: Due) {
        self.order += 1;
        self.queue.push((at, self.order, due));
    }

    fn note_sip(&mut self, arrow: &str, bytes: &[u8]) {
        if self.show_sip {
            let text = String::from_utf8_lossy(bytes);
            let first = text.lines().next().unwrap_or_default();
            let what = match first.strip_prefix("SIP/2.0 ") {
                Some(status) => format!("{} to {}", &status[..3], cseq_method(&text)),
                None => first.split(' ').next().unwrap_or_default().to_owned(),
            };
            self.note(format!("{arrow} {what}"));
        }
    }

    fn note(&mut self, what: String) {
        self.trace.push(format!("{} {what}", self.now.millis()));
    }
}

fn cseq_method(text: &str) -> &str {
    text.lines().find_map(|l| l.strip_prefix("CSeq: ")).and_then(|v| v.split(' ').nth(1)).unwrap_or_default()
}
