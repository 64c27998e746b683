//! The beat of a shard: an absolute schedule, so that late beats never add up to drift. Pure.
//!
//! A call sends a frame every 20 ms from its own answer on. Beating five times as often spreads the calls over the
//! 20 ms by themselves, and no frame waits longer than one beat.

use std::time::{Duration, Instant};

pub const BEAT: Duration = Duration::from_millis(4);

/// Beats in the 20 ms between two frames of a call.
pub const BINS: usize = 5;

#[derive(Debug)]
pub struct Pacer {
    next: Instant,
    /// Which of the [`BINS`] the next beat is.
    bin: usize,
}

/// What a beat found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// When it should have been.
    pub due: Instant,
    /// Which of the [`BINS`] it is: calls whose ticks fall on this beat are heard and spoken to in it.
    pub bin: usize,
    /// Earlier beats that were left out because the shard was behind.
    pub skipped: u32,
}

impl Pacer {
    pub fn new(start: Instant) -> Self {
        Self { next: start, bin: 0 }
    }

    /// When the next beat is due.
    pub fn next(&self) -> Instant {
        self.next
    }

    /// Takes the beat that is due, or the latest of several. `None` before its time.
    pub fn take(&mut self, now: Instant) -> Option<Beat> {
        let behind = now.checked_duration_since(self.next)?;
        let skipped = u32::try_from(behind.as_millis() / BEAT.as_millis()).unwrap_or(u32::MAX);
        let due = self.next + BEAT * skipped;
        let bin = (self.bin + skipped as usize) % BINS;
        self.next = due + BEAT;
        self.bin = (bin + 1) % BINS;
        Some(Beat { due, bin, skipped })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_beat_does_not_move_the_ones_after_it() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut pacer = Pacer::new(start);
        assert_eq!(pacer.take(at(3)), Some(Beat { due: start, bin: 0, skipped: 0 }));
        assert_eq!(pacer.take(at(3)), None);
        assert_eq!(pacer.take(at(7)), Some(Beat { due: at(4), bin: 1, skipped: 0 }));
        assert_eq!(pacer.next(), at(8));
    }

    #[test]
    fn whole_missed_beats_are_left_out_and_counted() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut pacer = Pacer::new(start);
        assert_eq!(pacer.take(at(13)), Some(Beat { due: at(12), bin: 3, skipped: 3 }));
        assert_eq!(pacer.next(), at(16));
    }
}
