//! RTCP sender and receiver reports (RFC 3550 section 6). Our own reports come back from peers that echo media:
//! they are recognised by our SSRC and change nothing.
use crate::time::{Micros, ms};
use std::time::Duration;

/// Between two reports; one stream of 64 kbit/s needs no finer control.
pub const INTERVAL: Duration = ms(5_000);

/// What is kept of the stream we receive, for report blocks.
#[derive(Debug, Default)]
pub struct Receiver {
    ssrc: Option<u32>,
    base: u16,
    cycles: u32,
    highest: u16,
    received: u64,
    expected_before: u64,
    received_before: u64,
    last_report: Option<(u32, Micros)>,
}

/// What the other end says of our stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Feedback {
    /// Of 256.
    pub fraction_lost: u8,
    pub lost: u32,
    /// Timestamp units.
    pub jitter: u32,
    /// Microseconds, when our report was echoed back.
    pub round_trip_us: Option<u64>,
}

impl Receiver {
    /// Notes one RTP packet of the stream.
    pub fn note(&mut self, ssrc: u32, sequence: u16) {
        if self.ssrc != Some(ssrc) {
            *self = Self { ssrc: Some(ssrc), base: sequence, highest: sequence, received: 1, ..Self::default() };
            return;
        }
        self.received += 1;
        let ahead = sequence.wrapping_sub(self.highest);
        if ahead > 0 && ahead < 0x8000 {
            if sequence < self.highest {
                self.cycles += 1;
            }
            self.highest = sequence;
        }
    }

    /// Packets that never came.
    pub fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }

    fn expected(&self) -> u64 {
        match self.ssrc {
            None => 0,
            Some(_) => (u64::from(self.cycles) << 16) + u64::from(self.highest) + 1 - u64::from(self.base),
        }
    }

    /// Writes a compound packet: SR when we sent, RR otherwise, then SDES with our CNAME (section 6.1).
    pub fn report(&mut self, now: Micros, ours: &Sent, jitter: u32) -> Vec<u8> {
        let block = self.ssrc.is_some();
        let mut out = Vec::with_capacity(96);
        let (kind, words) = if ours.packets > 0 { (200u8, 6u16) } else { (201, 1) };
        let words = words + if block { 6 } else { 0 };
        out.extend([0x80 | u8::from(block), kind]);
        out.extend(words.to_be_bytes());
        out.extend(ours.ssrc.to_be_bytes());
        if ours.packets > 0 {
            out.extend(ntp(now).to_be_bytes());
            out.extend(ours.timestamp.to_be_bytes());
            out.extend(ours.packets.to_be_bytes());
            out.extend(ours.bytes.to_be_bytes());
        }
        if let Some(ssrc) = self.ssrc {
            self.block(now, ssrc, jitter, &mut out);
        }
        sdes(ours.ssrc, &mut out);
        out
    }

    fn block(&mut self, now: Micros, ssrc: u32, jitter: u32, out: &mut Vec<u8>) {
        let expected = self.expected();
        let interval = expected.saturating_sub(self.expected_before);
        let got = self.received - self.received_before.min(self.received);
        let lost = interval.saturating_sub(got);
        let fraction = (lost * 256).checked_div(interval).unwrap_or(0).min(255) as u8;
        (self.expected_before, self.received_before) = (expected, self.received);
        out.extend(ssrc.to_be_bytes());
        let total = self.lost().min(0x7F_FFFF) as u32;
        out.extend((u32::from(fraction) << 24 | total).to_be_bytes());
        out.extend((self.cycles << 16 | u32::from(self.highest)).to_be_bytes());
        out.extend(jitter.to_be_bytes());
        let (lsr, dlsr) = match self.last_report {
            Some((middle, at)) => (middle, (now.since(at).as_micros() * 65_536 / 1_000_000) as u32),
            None => (0, 0),
        };
        out.extend(lsr.to_be_bytes());
        out.extend(dlsr.to_be_bytes());
    }

    /// Takes a compound packet. `None` for a mirrored one, for another's stream, and for what cannot be read.
    pub fn hear(&mut self, now: Micros, ours: u32, datagram: &[u8]) -> Option<Feedback> {
        let mut rest = datagram;
        let mut feedback = None;
        while let [first, kind, l0, l1, ..] = rest {
            let length = (usize::from(u16::from_be_bytes([*l0, *l1])) + 1) * 4;
            if first >> 6 != 2 {
                return feedback;
            }
            let Some(packet) = rest.get(..length) else { return feedback };
            rest = &rest[length..];
            let Some(sender) = word(packet, 4) else { continue };
            if sender == ours {
                return None;
            }
            let blocks = match kind {
                200 => {
                    let (Some(high), Some(low)) = (word(packet, 8), word(packet, 12)) else { continue };
                    self.last_report = Some((high << 16 | low >> 16, now));
                    28
                }
                201 => 8,
                _ => continue,
            };
            for n in 0..usize::from(first & 0x1F) {
                let at = blocks + n * 24;
                if word(packet, at) == Some(ours) {
                    feedback = self.read_block(now, packet, at).or(feedback);
                }
            }
        }
        feedback
    }

    fn read_block(&self, now: Micros, packet: &[u8], at: usize) -> Option<Feedback> {
        let loss = word(packet, at + 4)?;
        let (jitter, lsr, dlsr) = (word(packet, at + 12)?, word(packet, at + 16)?, word(packet, at + 20)?);
        let middle = (ntp(now) >> 16) as u32;
        let trip = middle.wrapping_sub(lsr).wrapping_sub(dlsr);
        // Half an hour of round trip is a wrong clock, not a network.
        let round_trip_us = (lsr != 0 && trip < 1 << 27).then(|| u64::from(trip) * 1_000_000 / 65_536);
        Some(Feedback { fraction_lost: (loss >> 24) as u8, lost: loss & 0xFF_FFFF, jitter, round_trip_us })
    }
}

/// What we sent so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    pub ssrc: u32,
    /// Of the next packet.
    pub timestamp: u32,
    pub packets: u32,
    /// Payload octets.
    pub bytes: u32,
}

/// The call's clock in NTP form; its epoch is the call's beginning, which section 4 allows.
fn ntp(now: Micros) -> u64 {
    let seconds = now.0 / 1_000_000 + 1;
    let fraction = (now.0 % 1_000_000) * (1 << 32) / 1_000_000;
    seconds << 32 | fraction
}

fn sdes(ssrc: u32, out: &mut Vec<u8>) {
    let cname = format!("{ssrc:08x}@bellbird");
    // Item header, text, then at least one zero up to a word (section 6.5).
    let item = 2 + cname.len();
    let padded = (item + 4) / 4 * 4;
    out.extend([0x81, 202]);
    out.extend((((4 + padded) / 4) as u16).to_be_bytes());
    out.extend(ssrc.to_be_bytes());
    out.extend([1, cname.len() as u8]);
    out.extend(cname.as_bytes());
    out.extend(std::iter::repeat_n(0u8, padded - item));
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(ssrc: u32) -> Sent {
        Sent { ssrc, timestamp: 16_000, packets: 100, bytes: 16_000 }
    }

    #[test]
    fn two_ends_report_loss_and_round_trip_to_each_other() {
        let (mut a, mut b) = (Receiver::default(), Receiver::default());
        for n in (0..100u16).filter(|n| n % 10 != 5) {
            b.note(1, n.wrapping_add(65_500));
        }
        let from_a = a.report(Micros::from_millis(5_000), &sent(1), 0);
        assert_eq!(from_a.len() % 4, 0);
        assert_eq!(b.hear(Micros::from_millis(1_000), 2, &from_a), None);
        let from_b = b.report(Micros::from_millis(1_500), &sent(2), 12);
        let feedback = a.hear(Micros::from_millis(5_600), 1, &from_b).expect("a block about us");
        assert_eq!((feedback.lost, feedback.fraction_lost, feedback.jitter), (10, 25, 12));
        let trip = feedback.round_trip_us.expect("round trip");
        assert!((99_000..101_000).contains(&trip), "{trip}");
    }

    #[test]
    fn a_mirrored_report_changes_nothing() {
        let mut a = Receiver::default();
        a.note(1, 7);
        let mirrored = a.report(Micros::from_millis(5_000), &sent(1), 0);
        assert_eq!(a.hear(Micros::from_millis(5_001), 1, &mirrored), None);
        assert!(a.last_report.is_none());
    }
}
