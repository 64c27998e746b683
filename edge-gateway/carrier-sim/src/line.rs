//! One call at the carrier: the answering leg, its sockets, the customer's mind and mouth.

use crate::config::{SimConfig, SimEvent, SimTruth};
use crate::customer::{Customer, Kind, Output as Wish};
use crate::persona::{self, Behaviour};
use crate::voice::{self, Room, Utterance};
use call_core::Micros;
use call_core::answer::{Answerer, Ended, Input, Output};
use call_core::rtp::{Packet, g711};
use call_core::sdp::Codec;
use speech::{VAD_FRAME, VadSlot, VoiceSettings};
use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};

/// Voiced RTP after this much silence is a new go of the bot.
const BOT_PAUSE_MS: u64 = 300;
const BUFFER: usize = 2_048;
/// A phone that nobody picks up rings no longer than this: timer C of a carrier's proxy (RFC 3261 section 16.6).
const RINGS_MS: u64 = 180_000;

/// What a line asks of the carrier.
#[derive(Debug)]
pub enum Request {
    Sip(Vec<u8>, SocketAddr),
    /// Have these sentences rendered in this voice; they will be needed soon.
    Prepare(Vec<String>, VoiceSettings),
}

/// What the customer wants to say as soon as its voice is rendered.
#[derive(Debug)]
struct Pending {
    pieces: Vec<String>,
    pause_ms: u64,
    kind: Kind,
}

#[derive(Debug)]
enum Phone {
    /// Nothing decided: the INVITE has not been read.
    Idle,
    Ringing {
        pick_up: Option<Micros>,
        give: Option<u16>,
    },
    Up {
        since: Micros,
    },
    Down,
}

pub struct Line {
    leg: Answerer,
    rtp: UdpSocket,
    rtcp: UdpSocket,
    number: String,
    phone: Phone,
    customer: Option<Customer>,
    voice: VoiceSettings,
    room: Room,
    pub vad: VadSlot,
    heard: VecDeque<i16>,
    pending: Option<Pending>,
    /// When what is being said ends.
    speaking_until: Option<u64>,
    bot_last: Option<u64>,
    bot_speaks: bool,
}

impl Line {
    pub fn new(seed: u64, us: SocketAddr, rtp: UdpSocket, rtcp: UdpSocket) -> std::io::Result<Self> {
        let media = rtp.local_addr()?;
        Ok(Self {
            leg: Answerer::new(seed, us, media),
            rtp,
            rtcp,
            number: String::new(),
            phone: Phone::Idle,
            customer: None,
            voice: VoiceSettings::default(),
            room: Room::new(seed),
            vad: VadSlot::default(),
            heard: VecDeque::new(),
            pending: None,
            speaking_until: None,
            bot_last: None,
            bot_speaks: false,
        })
    }

    pub fn is_over(&self) -> bool {
        matches!(self.phone, Phone::Down) && self.leg.is_over()
    }

    pub fn voice(&self) -> VoiceSettings {
        self.voice
    }

    pub fn sip(&mut self, now: Micros, bytes: &[u8], from: SocketAddr) {
        self.leg.handle(now, Input::Sip { bytes, from });
    }

    /// Moves everything whose time has come.
    pub fn advance(&mut self, now: Micros, config: &SimConfig, requests: &mut Vec<Request>) {
        self.receive(now, config);
        self.leg.handle_timeout(now);
        self.phone_rings(now);
        while let Some(output) = self.leg.poll_output() {
            self.settle(now, output, config, requests);
        }
    }

    /// A VAD frame of what was heard, when one is complete.
    pub fn frame(&mut self) -> Option<[i16; VAD_FRAME]> {
        if self.heard.len() < VAD_FRAME {
            return None;
        }
        let mut frame = [0; VAD_FRAME];
        for (to, from) in frame.iter_mut().zip(self.heard.drain(..VAD_FRAME)) {
            *to = from;
        }
        Some(frame)
    }

    /// The voice activity of one frame; `rendered` gives the sound of a sentence once it is there.
    pub fn hear(&mut self, now: Micros, probability: f32, config: &SimConfig, requests: &mut Vec<Request>) {
        let Phone::Up { since } = self.phone else { return };
        let at = since_ms(now, since);
        if self.speaking_until.is_some_and(|until| at >= until) {
            self.speaking_until = None;
            if let Some(customer) = &mut self.customer {
                customer.finished(at);
                requests.push(Request::Prepare(customer.coming().cloned().collect(), self.voice));
            }
        }
        match self.customer.as_mut().and_then(|customer| customer.hear(at, probability)) {
            Some(Wish::Say { pieces, pause_ms, kind }) => {
                requests.push(Request::Prepare(pieces.clone(), self.voice));
                self.pending = Some(Pending { pieces, pause_ms, kind });
            }
            Some(Wish::HangUp) => {
                self.leg.handle(now, Input::HangUp);
                while let Some(output) = self.leg.poll_output() {
                    self.settle(now, output, config, requests);
                }
            }
            None => {}
        }
    }

    /// Begins to say what is pending once `rendered` knows every piece of it.
    pub fn speak(&mut self, now: Micros, config: &SimConfig, rendered: impl Fn(&str) -> Option<Vec<i16>>) {
        let (Some(pending), Phone::Up { since }) = (&self.pending, &self.phone) else { return };
        let Some(pieces) = pending.pieces.iter().map(|text| rendered(text)).collect::<Option<Vec<_>>>() else { return };
        let Utterance { mut samples, voiced_until_ms } = voice::join(&pieces, pending.pause_ms);
        let start_ms = since_ms(now, *since);
        self.room.fill(&mut samples);
        self.leg.handle(now, Input::Say(&samples));
        let said = SimTruth::Said {
            text: pending.pieces.concat(),
            kind: pending.kind,
            start_ms,
            end_ms: start_ms + voiced_until_ms,
            paused: pending.pieces.len() > 1,
        };
        self.tell(config, said);
        self.speaking_until = Some(start_ms + samples.len() as u64 / 8);
        self.pending = None;
    }

    fn receive(&mut self, now: Micros, config: &SimConfig) {
        let mut buffer = [0; BUFFER];
        while let Ok((length, from)) = self.rtp.recv_from(&mut buffer) {
            let bytes = &buffer[..length];
            self.leg.handle(now, Input::Rtp { bytes, from });
            self.measure_bot(now, bytes, config);
        }
        while let Ok((length, from)) = self.rtcp.recv_from(&mut buffer) {
            self.leg.handle(now, Input::Rtcp { bytes: &buffer[..length], from });
        }
        if let (Phone::Up { since }, Some(last), true) = (&self.phone, self.bot_last, self.bot_speaks) {
            let at = since_ms(now, *since);
            if at.saturating_sub(last) >= BOT_PAUSE_MS {
                self.bot_speaks = false;
                self.tell(config, SimTruth::BotStopped { at_ms: last });
            }
        }
    }

    /// Notes when the bot's RTP becomes audible, at the socket and before any buffer.
    fn measure_bot(&mut self, now: Micros, datagram: &[u8], config: &SimConfig) {
        let (Phone::Up { since }, Some(packet)) = (&self.phone, Packet::parse(datagram)) else { return };
        let codec = match packet.header.payload_type {
            0 => Codec::Pcmu,
            8 => Codec::Pcma,
            _ => return,
        };
        let samples: Vec<i16> = packet.payload.iter().map(|byte| g711::decode(codec, *byte)).collect();
        if !voice::is_audible(&samples) {
            return;
        }
        let at = since_ms(now, *since);
        self.bot_last = Some(at);
        if !self.bot_speaks {
            self.bot_speaks = true;
            self.tell(config, SimTruth::BotStarted { at_ms: at });
        }
    }

    fn phone_rings(&mut self, now: Micros) {
        let Phone::Ringing { pick_up: Some(at), give } = self.phone else { return };
        if now < at {
            return;
        }
        match give {
            Some(code) => {
                self.leg.handle(now, Input::Refuse { code, q850: q850_of(code), retry_after_s: None });
                self.phone = Phone::Down;
            }
            None => {
                self.leg.handle(now, Input::Answer);
                self.phone = Phone::Up { since: now };
            }
        }
    }

    fn settle(&mut self, now: Micros, output: Output, config: &SimConfig, requests: &mut Vec<Request>) {
        match output {
            Output::Sip { bytes, to } => requests.push(Request::Sip(bytes, to)),
            // A socket that cannot send loses a packet, as a network would.
            Output::Rtp { bytes, to, .. } => drop(self.rtp.send_to(&bytes, to)),
            Output::Rtcp { bytes, to } => drop(self.rtcp.send_to(&bytes, to)),
            Output::Invited { callee, .. } => self.invited(now, callee, config, requests),
            Output::Confirmed => self.tell(config, SimTruth::Answered),
            Output::Heard(frame) => self.heard.extend(frame.iter()),
            Output::Digit(_) | Output::Said => {}
            Output::Ended(ended) => {
                if let Phone::Up { since } = self.phone {
                    let by_customer = ended == Ended::LocalHangUp;
                    self.tell(config, SimTruth::Ended { at_ms: since_ms(now, since), by_customer });
                }
                self.phone = Phone::Down;
            }
        }
    }

    fn invited(&mut self, now: Micros, callee: String, config: &SimConfig, requests: &mut Vec<Request>) {
        self.number = callee;
        let Some((persona, seed)) = persona::choose(&config.personas, config.seed, &self.number) else {
            self.phone = Phone::Ringing { pick_up: Some(now), give: Some(404) };
            return;
        };
        self.tell(config, SimTruth::Rings { persona: persona.key.clone(), label: persona.label.clone() });
        let mut random = fastrand::Rng::with_seed(seed);
        let after = |ms: u64| Some(Micros(now.0 + ms * 1_000));
        let ring = after(random.u64(config.ring_ms.clone()));
        let (pick_up, give) = match persona.behaviour {
            Behaviour::Speaks | Behaviour::Silent | Behaviour::HangsUp => (ring, None),
            Behaviour::Busy => (ring, Some(486)),
            Behaviour::Unavailable => (ring, Some(480)),
            Behaviour::NotFound => (after(200), Some(404)),
            Behaviour::NoAnswer => (after(RINGS_MS), Some(480)),
        };
        if persona.behaviour != Behaviour::NotFound {
            self.leg.handle(now, Input::Ring);
        }
        self.phone = Phone::Ringing { pick_up, give };
        self.voice = voice::of_customer(seed % voice::VOICES);
        let customer = Customer::new(persona.clone(), config.manners, seed);
        requests.push(Request::Prepare(customer.coming().cloned().collect(), self.voice));
        self.customer = Some(customer);
    }

    fn tell(&self, config: &SimConfig, what: SimTruth) {
        if let Some(observer) = &config.observer {
            observer(SimEvent { number: self.number.clone(), what });
        }
    }
}

fn since_ms(now: Micros, since: Micros) -> u64 {
    now.0.saturating_sub(since.0) / 1_000
}

/// The Q.850 cause that carriers send with a refusal (RFC 3398 section 7.2.4.1).
fn q850_of(code: u16) -> Option<u16> {
    match code {
        404 => Some(1),
        486 => Some(17),
        480 => Some(18),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persona::Persona;
    use call_core::sdp::Local;
    use call_core::sip::Writer;

    #[test]
    fn a_phone_that_nobody_picks_up_and_nobody_cancels_falls_silent_after_three_minutes() {
        let (us, caller) = ("127.0.0.1:5060".parse().unwrap(), "127.0.0.1:5070".parse().unwrap());
        let socket = || {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_nonblocking(true).unwrap();
            socket
        };
        let nobody = Persona {
            key: "nobody".into(),
            weight: 1,
            behaviour: Behaviour::NoAnswer,
            label: None,
            turns: Vec::new(),
            hang_up_after: None,
        };
        let config = SimConfig::new(us, 40_000..=40_001, vec![nobody]);
        let mut line = Line::new(1, us, socket(), socket()).unwrap();
        let invite = Writer::request("INVITE", "sip:13800000000@127.0.0.1")
            .header("Via", "SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1")
            .header("From", "<sip:1@127.0.0.1>;tag=1")
            .header("To", "<sip:13800000000@127.0.0.1>")
            .header("Call-ID", "1")
            .header("CSeq", "1 INVITE")
            .with_sdp(&Local::new(caller, 1).offer());
        line.sip(Micros(0), &invite, caller);
        let mut codes = Vec::new();
        for second in 0..240 {
            let mut requests = Vec::new();
            line.advance(Micros(second * 1_000_000), &config, &mut requests);
            for request in requests {
                if let Request::Sip(bytes, _) = request {
                    codes.push((second, String::from_utf8_lossy(&bytes)[8..11].to_owned()));
                }
            }
        }
        codes.dedup_by_key(|(_, code)| code.clone());
        let told: Vec<(u64, &str)> = codes.iter().map(|(second, code)| (*second, code.as_str())).collect();
        assert_eq!(told, [(0, "100"), (0, "180"), (180, "480")]);
        assert!(line.is_over());
    }
}
