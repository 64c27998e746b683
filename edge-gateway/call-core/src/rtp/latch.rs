//! Symmetric RTP: media goes where valid media comes from, the announced address before any other, and a stranger
//! cannot take the stream over.
use crate::time::{Micros, ms};
use std::net::SocketAddr;
use std::time::Duration;

/// How long the source must be silent before another may take its place.
const SILENT: Duration = ms(2_000);
/// Packets in a row that a new source must send meanwhile.
const PROOF: u32 = 3;

/// Where to send, learnt from what is received.
#[derive(Debug, Default)]
pub struct Latch {
    /// What signalling said.
    announced: Option<SocketAddr>,
    source: Option<(SocketAddr, Micros)>,
    candidate: Option<(SocketAddr, u32, u32)>,
}

impl Latch {
    /// Signalling named a place. A new one releases the latch.
    pub fn announce(&mut self, remote: SocketAddr) {
        if self.announced != Some(remote) {
            *self = Self { announced: Some(remote), ..Self::default() };
        }
    }

    /// Notes a valid RTP packet; true when it belongs to the stream and may be played.
    pub fn accept(&mut self, now: Micros, from: SocketAddr, ssrc: u32) -> bool {
        match self.source {
            Some((source, _)) if source == from => {
                self.source = Some((source, now));
                true
            }
            // What signalling named needs no proof: whoever came before it was a stranger.
            Some(_) if self.announced == Some(from) => {
                self.source = Some((from, now));
                self.candidate = None;
                true
            }
            Some((_, last)) => {
                let count = match self.candidate {
                    Some((address, id, count)) if address == from && id == ssrc => count + 1,
                    Some(_) | None => 1,
                };
                self.candidate = Some((from, ssrc, count));
                let moved = count >= PROOF && now.since(last) >= SILENT;
                if moved {
                    self.source = Some((from, now));
                    self.candidate = None;
                }
                moved
            }
            None => {
                self.source = Some((from, now));
                true
            }
        }
    }

    /// Where to send RTP.
    pub fn target(&self) -> Option<SocketAddr> {
        self.source.map(|(address, _)| address).or(self.announced.filter(|a| !a.ip().is_unspecified() && a.port() != 0))
    }

    /// Whether the target was learnt rather than announced.
    pub fn is_learnt(&self) -> bool {
        self.source.is_some_and(|(address, _)| Some(address) != self.announced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_first_source_and_no_stranger_until_it_falls_silent() {
        let at = |s: &str| s.parse::<SocketAddr>().expect("address");
        let (said, real, stranger) = (at("10.0.0.1:4000"), at("192.0.2.7:6000"), at("198.51.100.9:1"));
        let mut latch = Latch::default();
        latch.announce(said);
        assert_eq!(latch.target(), Some(said));
        assert!(latch.accept(Micros::from_millis(0), real, 1));
        assert_eq!(latch.target(), Some(real));
        assert!((0..10).all(|n| !latch.accept(Micros::from_millis(100 + n), stranger, 2)));
        assert!(latch.accept(Micros::from_millis(200), real, 1));
        assert!(latch.accept(Micros::from_millis(2_300), stranger, 2));
        assert_eq!(latch.target(), Some(stranger));
        latch.announce(at("10.0.0.2:4000"));
        assert_eq!(latch.target(), Some(at("10.0.0.2:4000")));
    }

    #[test]
    fn the_announced_address_always_takes_the_stream_from_a_stranger_who_came_first() {
        let at = |s: &str| s.parse::<SocketAddr>().expect("address");
        let (said, stranger) = (at("10.0.0.1:4000"), at("198.51.100.9:1"));
        let mut latch = Latch::default();
        latch.announce(said);
        assert!(latch.accept(Micros::from_millis(0), stranger, 2));
        assert!(latch.accept(Micros::from_millis(20), said, 1));
        assert!((0..10).all(|n| !latch.accept(Micros::from_millis(40 + n), stranger, 2)));
        assert_eq!((latch.target(), latch.is_learnt()), (Some(said), false));
    }
}
