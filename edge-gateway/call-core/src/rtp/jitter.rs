//! The jitter buffer: packets in any order in, one frame per tick out. Holds 20 to 120 ms by what the network does,
//! fills short gaps by repeating the last frame ever more quietly, drops quiet frames to catch up.
use super::FRAME;
use super::packet::Header;

/// Samples held at most: one second.
const CAPACITY: usize = 8_000;
/// Presence is kept per 10 ms.
const BLOCK: usize = 80;
/// Whom it plays to is a machine: one frame repeated while a line shows its jitter is no harm, 20 ms in every answer are.
const MIN_TARGET: u32 = 160;
const MAX_TARGET: u32 = 960;
/// Repeats of a lost frame before silence.
const FADES: u32 = 4;
/// Quiet enough to be dropped unheard: about −46 dBFS.
const QUIET: i32 = 160;

/// What one tick played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Played {
    /// Received sound.
    Sound,
    /// A gap in the stream, filled.
    Concealed,
    /// Nothing is being received.
    Nothing,
}

/// Counters for the call record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    pub packets: u64,
    pub late: u64,
    pub concealed: u64,
    pub dropped_frames: u64,
}

/// One stream's buffer. Positions are timestamps unwrapped to 64 bits.
#[derive(Debug)]
pub struct JitterBuffer {
    samples: Box<[i16]>,
    present: [bool; CAPACITY / BLOCK],
    state: State,
    /// Samples to hold before playing.
    target: u32,
    /// Interarrival jitter in samples, RFC 3550 section 6.4.1, scaled by 16.
    jitter16: u32,
    last_transit: Option<i64>,
    last_frame: [i16; FRAME],
    lost_in_a_row: u32,
    /// Frames filled since the last one received was played: what lies ahead by as many never came, and was heard as a gap.
    starved: u32,
    late_in_a_row: u32,
    calm_ticks: u32,
    full_ticks: u32,
    counters: Counters,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Empty,
    /// Playing: the next sample to play, and one past the newest sample received.
    Playing {
        read: i64,
        end: i64,
        ssrc: u32,
    },
}

impl Default for JitterBuffer {
    fn default() -> Self {
        Self {
            samples: vec![0; CAPACITY].into(),
            present: [false; CAPACITY / BLOCK],
            state: State::Empty,
            target: MIN_TARGET,
            jitter16: 0,
            last_transit: None,
            last_frame: [0; FRAME],
            lost_in_a_row: 0,
            starved: 0,
            late_in_a_row: 0,
            calm_ticks: 0,
            full_ticks: 0,
            counters: Counters::default(),
        }
    }
}

impl JitterBuffer {
    /// Takes one packet's samples. `arrival` is the time of arrival in samples on our clock.
    pub fn push(&mut self, header: &Header, arrival: i64, samples: impl ExactSizeIterator<Item = i16>) {
        let length = samples.len() as i64;
        if length == 0 || length > CAPACITY as i64 / 2 {
            return;
        }
        self.counters.packets += 1;
        let (read, end) = match self.state {
            State::Playing { read, end, ssrc } if ssrc == header.ssrc => (read, end),
            // A new source starts over; so does the first packet.
            State::Playing { .. } | State::Empty => {
                let start = i64::from(header.timestamp);
                (self.restart(header.ssrc, start), start)
            }
        };
        let at = unwrap_near(header.timestamp, end);
        self.note_jitter(arrival - at);
        let far = at - read > CAPACITY as i64 - length || read - at > CAPACITY as i64;
        let behind = at + length <= read;
        self.late_in_a_row = if behind { self.late_in_a_row + 1 } else { 0 };
        if behind && !far {
            self.counters.late += 1;
        }
        // The sender's clock jumped, or it fell behind for good: play from here.
        let (read, end) = if far || self.late_in_a_row > 4 {
            (self.restart(header.ssrc, at), at)
        } else if behind {
            self.state = State::Playing { read, end, ssrc: header.ssrc };
            return;
        } else {
            (read, end)
        };
        for (offset, sample) in samples.enumerate() {
            let position = at + offset as i64;
            if position >= read {
                let slot = position.rem_euclid(CAPACITY as i64) as usize;
                self.samples[slot] = sample;
                self.present[slot / BLOCK] = true;
            }
        }
        self.state = State::Playing { read, end: end.max(at + length), ssrc: header.ssrc };
    }

    /// Plays one frame into `out`.
    pub fn pop(&mut self, out: &mut [i16; FRAME]) -> Played {
        let State::Playing { read, end, ssrc } = self.state else {
            out.fill(0);
            return Played::Nothing;
        };
        let level = end - read;
        if level <= 0 {
            // Starved: conceal without moving, so that the packet under way is still in time; after a second, start over.
            self.lost_in_a_row += 1;
            self.starved += 1;
            if self.lost_in_a_row == 1 {
                self.target = (self.target + FRAME as u32).min(MAX_TARGET);
            }
            if self.lost_in_a_row > 50 {
                self.state = State::Empty;
                self.last_transit = None;
            }
            return self.conceal(out);
        }
        let mut read = self.after_gap(read, end);
        let level = end - read;
        if self.should_catch_up(read, level) {
            read = self.skip(read);
            self.counters.dropped_frames += 1;
        }
        let complete = self.copy(read, out);
        read += FRAME as i64;
        self.state = State::Playing { read, end, ssrc };
        if complete {
            self.lost_in_a_row = 0;
            self.starved = 0;
            self.last_frame = *out;
            return Played::Sound;
        }
        self.lost_in_a_row += 1;
        self.conceal(out)
    }

    /// How long a sample waits here, in samples.
    pub fn delay(&self) -> u32 {
        match self.state {
            State::Empty => self.target,
            State::Playing { read, end, .. } => u32::try_from((end - read).clamp(0, CAPACITY as i64)).unwrap_or(0),
        }
    }

    /// Interarrival jitter in timestamp units.
    pub fn jitter(&self) -> u32 {
        self.jitter16 / 16
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Starts over at `start`, with silence for as long as the buffer holds sound back. Gives the position to read from.
    fn restart(&mut self, ssrc: u32, start: i64) -> i64 {
        let read = start - i64::from(self.target);
        self.present.fill(false);
        self.samples.fill(0);
        for block in read.div_euclid(BLOCK as i64)..start.div_euclid(BLOCK as i64) {
            self.present[block.rem_euclid((CAPACITY / BLOCK) as i64) as usize] = true;
        }
        self.late_in_a_row = 0;
        self.last_transit = None;
        self.lost_in_a_row = 0;
        self.starved = 0;
        self.state = State::Playing { read, end: start, ssrc };
        read
    }

    /// Where to read after a time with nothing to play: frames that never came were filled then and are not filled again.
    /// A frame that is only late is there by now.
    fn after_gap(&mut self, mut read: i64, end: i64) -> i64 {
        while self.starved > 0 && end - read > FRAME as i64 && !self.is_here(read) {
            self.starved -= 1;
            read = self.skip(read);
        }
        read
    }

    /// Whether the frame at `read` came: the block in its middle holds sound of no other frame.
    fn is_here(&self, read: i64) -> bool {
        let middle = (read + BLOCK as i64).div_euclid(BLOCK as i64);
        self.present[middle.rem_euclid((CAPACITY / BLOCK) as i64) as usize]
    }

    fn note_jitter(&mut self, transit: i64) {
        if let Some(last) = self.last_transit {
            let d = u32::try_from((transit - last).unsigned_abs().min(8_000)).unwrap_or(8_000);
            self.jitter16 = self.jitter16 + d - (self.jitter16 + 8) / 16;
        }
        self.last_transit = Some(transit);
        let wanted = (MIN_TARGET / 2 + 3 * self.jitter()).clamp(MIN_TARGET, MAX_TARGET);
        if wanted > self.target {
            self.target = wanted;
        }
    }

    /// More is held than wanted for half a second, and this frame can go unheard.
    fn should_catch_up(&mut self, read: i64, level: i64) -> bool {
        if level < i64::from(self.target) + 2 * FRAME as i64 {
            self.full_ticks = 0;
            self.calm_ticks += 1;
            // A calm minute earns a shorter wait.
            if self.calm_ticks > 3_000 {
                self.calm_ticks = 0;
                self.target = self.target.saturating_sub(FRAME as u32).max(MIN_TARGET);
            }
            return false;
        }
        self.calm_ticks = 0;
        self.full_ticks += 1;
        if self.full_ticks < 25 {
            return false;
        }
        let quiet = (0..FRAME as i64).all(|n| i32::from(self.sample(read + n)).abs() < QUIET);
        quiet || level > i64::from(MAX_TARGET) + 4 * FRAME as i64
    }

    fn sample(&self, position: i64) -> i16 {
        let slot = position.rem_euclid(CAPACITY as i64) as usize;
        if self.present[slot / BLOCK] { self.samples[slot] } else { 0 }
    }

    /// Forgets one frame and gives the position after it.
    fn skip(&mut self, read: i64) -> i64 {
        let next = read + FRAME as i64;
        self.forget(read, next);
        next
    }

    /// Copies one frame; false when any part of it never came.
    fn copy(&mut self, read: i64, out: &mut [i16; FRAME]) -> bool {
        let mut complete = true;
        for (n, sample) in out.iter_mut().enumerate() {
            let slot = (read + n as i64).rem_euclid(CAPACITY as i64) as usize;
            complete &= self.present[slot / BLOCK];
            *sample = self.samples[slot];
        }
        self.forget(read, read + FRAME as i64);
        complete
    }

    /// Clears the presence of every block that ends at or before `to`.
    fn forget(&mut self, from: i64, to: i64) {
        let mut block = from.div_euclid(BLOCK as i64);
        while (block + 1) * BLOCK as i64 <= to {
            self.present[block.rem_euclid((CAPACITY / BLOCK) as i64) as usize] = false;
            block += 1;
        }
    }

    fn conceal(&mut self, out: &mut [i16; FRAME]) -> Played {
        self.counters.concealed += 1;
        if self.lost_in_a_row > FADES {
            out.fill(0);
            return Played::Nothing;
        }
        let keep = (FADES + 1 - self.lost_in_a_row) as i32;
        for (to, from) in out.iter_mut().zip(&self.last_frame) {
            *to = (i32::from(*from) * keep / (FADES as i32 + 1)) as i16;
        }
        Played::Concealed
    }
}

/// The 64-bit position nearest to `near` that ends in `timestamp`.
fn unwrap_near(timestamp: u32, near: i64) -> i64 {
    let delta = timestamp.wrapping_sub(near as u32) as i32;
    near + i64::from(delta)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(n: u32) -> Header {
        Header {
            payload_type: 0,
            marker: false,
            sequence: n as u16,
            timestamp: n.wrapping_mul(160).wrapping_add(u32::MAX - 1_000),
            ssrc: 1,
        }
    }

    /// Frame `n` holds the value n+1000 so that the order is visible; ticks and packets interleave by script.
    fn play(script: &[&[u32]]) -> Vec<i16> {
        let mut buffer = JitterBuffer::default();
        let mut heard = Vec::new();
        for (tick, packets) in script.iter().enumerate() {
            for n in *packets {
                buffer.push(&header(*n), tick as i64 * 160, [1_000 + *n as i16; FRAME].into_iter());
            }
            let mut out = [0; FRAME];
            buffer.pop(&mut out);
            heard.push(out[0]);
        }
        heard
    }

    #[test]
    fn plays_in_order_twenty_milliseconds_later_across_a_timestamp_wrap() {
        let script: Vec<Vec<u32>> = (0..20).map(|n| vec![n]).collect();
        let script: Vec<&[u32]> = script.iter().map(Vec::as_slice).collect();
        let heard = play(&script);
        assert_eq!(heard[..6], [0, 1_000, 1_001, 1_002, 1_003, 1_004]);
        assert_eq!(heard[19], 1_018);
    }

    #[test]
    fn reordering_and_duplicates_are_mended() {
        let heard = play(&[&[0], &[2], &[1, 1], &[3], &[5], &[4, 4], &[6], &[7]]);
        assert_eq!(heard[1..7], [1_000, 1_001, 1_002, 1_003, 1_004, 1_005]);
    }

    #[test]
    fn a_lost_frame_is_repeated_more_quietly() {
        let heard = play(&[&[0], &[1], &[], &[3], &[4], &[5], &[6]]);
        assert_eq!(heard[1..5], [1_000, 1_001, 1_001 * 4 / 5, 1_003]);
    }

    #[test]
    fn a_gap_that_was_heard_while_nothing_came_is_not_played_again() {
        // The sender is silent from the third to the twenty-second frame, with its timestamps running on.
        let script: Vec<Vec<u32>> = (0..40).map(|n| if (2..22).contains(&n) { vec![] } else { vec![n] }).collect();
        let script: Vec<&[u32]> = script.iter().map(Vec::as_slice).collect();
        let heard = play(&script);
        let at = |n: i16| heard.iter().position(|&sample| sample == 1_000 + n).expect("frame");
        assert_eq!((at(1), at(22), at(23)), (2, 23, 24));
        // Three frames in a row are lost.
        let heard = play(&[&[0], &[1], &[], &[], &[], &[5], &[6], &[7], &[8]]);
        assert_eq!(heard[6..], [1_005, 1_006, 1_007]);
    }

    #[test]
    fn frames_that_were_only_late_are_all_played() {
        let heard = play(&[&[0], &[1], &[], &[], &[], &[2, 3, 4, 5], &[6], &[7], &[8]]);
        assert_eq!(heard[5..], [1_002, 1_003, 1_004, 1_005]);
        // The second of them overtakes the first.
        let heard = play(&[&[0], &[1], &[], &[], &[3, 2], &[4], &[5]]);
        assert_eq!(heard[4..], [1_002, 1_003, 1_004]);
    }

    #[test]
    fn a_stream_that_stops_falls_silent_and_a_new_source_is_taken_up() {
        let mut buffer = JitterBuffer::default();
        let mut out = [0; FRAME];
        buffer.push(&header(0), 0, [5_000; FRAME].into_iter());
        for _ in 0..80 {
            buffer.pop(&mut out);
        }
        assert_eq!((out[0], buffer.pop(&mut out)), (0, Played::Nothing));
        let other = Header { ssrc: 2, timestamp: 900, ..header(0) };
        buffer.push(&other, 0, [7_000; FRAME].into_iter());
        let heard: Vec<i16> = (0..6)
            .map(|_| {
                buffer.pop(&mut out);
                out[0]
            })
            .collect();
        assert!(heard.contains(&7_000), "{heard:?}");
    }
}
