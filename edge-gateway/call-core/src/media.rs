//! One leg's sound, for either end: a frame in and a frame out per tick, with codec, jitter buffer, latching, digits and
//! reports. Knows nothing of turns or dialogue.
use crate::rng::Rng;
use crate::rtp::dtmf;
use crate::rtp::g711;
use crate::rtp::jitter::{JitterBuffer, Played};
use crate::rtp::rtcp::{self, Feedback, Receiver, Sent};
use crate::rtp::{FRAME, Header, Latch, Packet};
use crate::sdp::{Codec, Negotiated};
use crate::time::{Micros, ms};
use std::net::SocketAddr;
use std::time::Duration;

/// Between two ticks.
pub const TICK: Duration = ms(20);

/// A datagram and where it goes.
pub type Datagram = (Vec<u8>, SocketAddr);

/// Counters for the call record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quality {
    pub packets_sent: u32,
    pub packets_received: u64,
    pub packets_lost: u64,
    pub packets_late: u64,
    pub frames_concealed: u64,
    /// Interarrival jitter in milliseconds.
    pub jitter_ms: u32,
    /// What the other end last reported of our stream.
    pub feedback: Option<Feedback>,
}

/// One leg's media. Nothing is sent before [`Media::negotiate`].
#[derive(Debug)]
pub struct Media {
    agreed: Option<Negotiated>,
    latch: Latch,
    jitter: JitterBuffer,
    receiver: Receiver,
    /// Packets that were lost before the call record began to count.
    lost_before: u64,
    digits_in: dtmf::Hearer,
    digits_out: dtmf::Sender,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    packets: u32,
    bytes: u32,
    marker: bool,
    report_at: Option<Micros>,
    feedback: Option<Feedback>,
}

impl Media {
    /// A leg whose SSRC, first sequence number and first timestamp come from `seed`.
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let bits = rng.next_u64();
        Self {
            agreed: None,
            latch: Latch::default(),
            jitter: JitterBuffer::default(),
            receiver: Receiver::default(),
            lost_before: 0,
            digits_in: dtmf::Hearer::default(),
            digits_out: dtmf::Sender::default(),
            ssrc: bits as u32,
            sequence: (bits >> 32) as u16 & 0x7FFF,
            timestamp: (bits >> 33) as u32,
            packets: 0,
            bytes: 0,
            marker: true,
            report_at: None,
            feedback: None,
        }
    }

    /// Takes what signalling agreed on, at the answer or later.
    pub fn negotiate(&mut self, now: Micros, agreed: Negotiated) {
        self.latch.announce(agreed.rtp);
        self.agreed = Some(agreed);
        self.report_at.get_or_insert(now + rtcp::INTERVAL);
    }

    /// Forgets what was received and not played: at the answer, ringback is not the customer. [`Quality`] counts from here.
    pub fn start_over(&mut self) {
        self.jitter = JitterBuffer::default();
        self.lost_before = self.receiver.lost();
    }

    /// Takes one datagram of the RTP socket; gives a digit when it began one. Strangers and noise change nothing.
    pub fn receive(&mut self, now: Micros, datagram: &[u8], from: SocketAddr) -> Option<char> {
        let agreed = self.agreed.as_ref()?;
        let packet = Packet::parse(datagram)?;
        let header = packet.header;
        let event = Some(header.payload_type) == agreed.events;
        let codec = match header.payload_type {
            // Peers may send either law whatever was listed first, under its static number (RFC 3551).
            pt if pt == agreed.payload_type => Some(agreed.codec),
            0 => Some(Codec::Pcmu),
            8 => Some(Codec::Pcma),
            _ => None,
        };
        if packet.payload.is_empty() || codec.is_none() && !event || !self.latch.accept(now, from, header.ssrc) {
            return None;
        }
        self.receiver.note(header.ssrc, header.sequence);
        if event {
            return self.digits_in.hear(header.timestamp, packet.payload);
        }
        let arrival = (now.0 / 125) as i64;
        self.jitter.push(&header, arrival, codec_samples(codec?, packet.payload));
        None
    }

    /// Takes one datagram of the RTCP socket. Mirrored reports of ours change nothing.
    pub fn receive_rtcp(&mut self, now: Micros, datagram: &[u8]) {
        if let Some(feedback) = self.receiver.hear(now, self.ssrc, datagram) {
            self.feedback = Some(feedback);
        }
    }

    /// Plays one received frame into `heard`.
    pub fn play(&mut self, heard: &mut [i16; FRAME]) -> Played {
        self.jitter.pop(heard)
    }

    /// The packet of this tick: a digit under way, or `frame`. `None` before the answer and while we may not send.
    pub fn send(&mut self, frame: &[i16; FRAME]) -> Option<Datagram> {
        let agreed = self.agreed.as_ref()?;
        let timestamp = self.timestamp;
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        let to = self.latch.target().filter(|_| agreed.direction.may_send());
        let Some(to) = to else {
            self.marker = true;
            return None;
        };
        let event = agreed.events.and_then(|pt| Some((pt, self.digits_out.tick(timestamp)?)));
        let header = Header {
            payload_type: event.map_or(agreed.payload_type, |(pt, _)| pt),
            marker: event.map_or(self.marker, |(_, e)| e.marker),
            sequence: self.sequence,
            timestamp: event.map_or(timestamp, |(_, e)| e.timestamp),
            ssrc: self.ssrc,
        };
        let mut bytes = header.begin(FRAME);
        match event {
            Some((_, event)) => bytes.extend(event.payload),
            None => g711::encode_frame(agreed.codec, frame, &mut bytes),
        }
        // The first sound after digits or a pause starts a talkspurt (RFC 3551 section 4.1).
        self.marker = event.is_some();
        self.sequence = self.sequence.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        self.bytes = self.bytes.wrapping_add((bytes.len() - 12) as u32);
        Some((bytes, to))
    }

    /// Moves the stream's clock over ticks that were not sent, so that the far end hears a gap and not a shift.
    pub fn skip(&mut self, ticks: u32) {
        self.timestamp = self.timestamp.wrapping_add(ticks.wrapping_mul(FRAME as u32));
        self.marker = true;
    }

    /// Queues digits to send as telephone-events.
    pub fn send_digits(&mut self, digits: &str) {
        self.digits_out.send(digits);
    }

    /// The report that is due, about every five seconds.
    pub fn report(&mut self, now: Micros) -> Option<Datagram> {
        let at = self.report_at.filter(|at| *at <= now)?;
        self.report_at = Some(at.max(now - rtcp::INTERVAL) + rtcp::INTERVAL);
        let agreed = self.agreed.as_ref()?;
        let to = if self.latch.is_learnt() {
            let rtp = self.latch.target()?;
            SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?)
        } else {
            agreed.rtcp
        };
        if to.ip().is_unspecified() || to.port() == 0 {
            return None;
        }
        let sent = Sent { ssrc: self.ssrc, timestamp: self.timestamp, packets: self.packets, bytes: self.bytes };
        Some((self.receiver.report(now, &sent, self.jitter.jitter()), to))
    }

    pub fn poll_timeout(&self) -> Option<Micros> {
        self.report_at
    }

    /// How long received sound waits here before it is played.
    pub fn playout_delay(&self) -> Duration {
        Duration::from_micros(u64::from(self.jitter.delay()) * 125)
    }

    pub fn quality(&self) -> Quality {
        let counters = self.jitter.counters();
        Quality {
            packets_sent: self.packets,
            packets_received: counters.packets,
            packets_lost: self.receiver.lost().saturating_sub(self.lost_before),
            packets_late: counters.late,
            frames_concealed: counters.concealed,
            jitter_ms: self.jitter.jitter() / 8,
            feedback: self.feedback,
        }
    }

    /// The address that media is sent to at present.
    pub fn target(&self) -> Option<SocketAddr> {
        self.latch.target()
    }
}

fn codec_samples(codec: Codec, payload: &[u8]) -> impl ExactSizeIterator<Item = i16> + '_ {
    payload.iter().map(move |byte| g711::decode(codec, *byte))
}
