//! Digits as telephone-events (RFC 4733): each event heard once however often it is repeated, and digits sent.
use super::FRAME;

const DIGITS: &[u8; 16] = b"0123456789*#ABCD";
/// Samples an event lasts: 100 ms, then a pause of 100 ms.
const LENGTH: u16 = 800;
const PAUSE_TICKS: u32 = 5;

/// Hears events. One event is known by its timestamp (section 2.5.1.2).
#[derive(Debug, Default)]
pub struct Hearer {
    last: Option<u32>,
}

impl Hearer {
    /// The digit of a packet that starts a new event; `None` for repeats and for what is not a digit.
    pub fn hear(&mut self, timestamp: u32, payload: &[u8]) -> Option<char> {
        let [event, _, _, _, ..] = payload else { return None };
        let digit = *DIGITS.get(usize::from(*event))?;
        if self.last == Some(timestamp) {
            return None;
        }
        self.last = Some(timestamp);
        Some(digit as char)
    }
}

/// Sends digits, one packet per tick in place of audio.
#[derive(Debug, Default)]
pub struct Sender {
    queue: std::collections::VecDeque<u8>,
    state: State,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Idle,
    Sounding {
        event: u8,
        timestamp: u32,
        duration: u16,
        ends: u8,
    },
    Pausing {
        ticks: u32,
    },
}

/// One packet's worth of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPacket {
    pub marker: bool,
    pub timestamp: u32,
    pub payload: [u8; 4],
}

impl Sender {
    /// Queues digits; other characters are left out.
    pub fn send(&mut self, digits: &str) {
        self.queue.extend(
            digits.bytes().filter_map(|c| DIGITS.iter().position(|d| *d == c.to_ascii_uppercase())).map(|n| n as u8),
        );
    }

    /// The packet that takes this tick's place, when a digit is sounding. `timestamp` is the stream's now.
    pub fn tick(&mut self, timestamp: u32) -> Option<EventPacket> {
        if let State::Pausing { ticks } = self.state {
            self.state = if ticks == 0 { State::Idle } else { State::Pausing { ticks: ticks - 1 } };
            return None;
        }
        let (event, start, duration, ends, marker) = match self.state {
            State::Sounding { event, timestamp, duration, ends } => (event, timestamp, duration, ends, false),
            State::Idle | State::Pausing { .. } => (self.queue.pop_front()?, timestamp, 0, 0, true),
        };
        let duration = (duration + FRAME as u16).min(LENGTH);
        // The end is said three times (section 2.5.1.4).
        let ending = duration == LENGTH;
        let ends = ends + u8::from(ending);
        self.state = if ends == 3 {
            State::Pausing { ticks: PAUSE_TICKS }
        } else {
            State::Sounding { event, timestamp: start, duration, ends }
        };
        let [high, low] = duration.to_be_bytes();
        Some(EventPacket { marker, timestamp: start, payload: [event, if ending { 0x8A } else { 0x0A }, high, low] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_sent_are_heard_once_each() {
        let (mut sender, mut hearer) = (Sender::default(), Hearer::default());
        sender.send("1x9#");
        let mut heard = String::new();
        for tick in 0..80u32 {
            if let Some(packet) = sender.tick(tick * 160) {
                for _ in 0..2 {
                    heard.extend(hearer.hear(packet.timestamp, &packet.payload));
                }
            }
        }
        assert_eq!(heard, "19#");
        assert_eq!(hearer.hear(1, &[16, 0, 0, 0]), None);
        assert_eq!(hearer.hear(1, &[1]), None);
    }
}
