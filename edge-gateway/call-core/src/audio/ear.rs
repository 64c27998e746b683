//! What the customer says: cut into VAD frames, measured, and kept as long as a transcription may want it.
use crate::rtp::FRAME;
use crate::turn::Position;
use std::time::Duration;

/// Samples of one VAD frame: 32 ms.
pub const VAD_FRAME: usize = 256;
/// Kept when nobody needs more: one second.
const IDLE: u64 = 8_000;
/// About −45 dBFS; a quiet speaker lowers it.
const LOUD: i16 = 184;
const QUIETEST: i16 = 40;
/// 10 ms.
const BLOCK: usize = 80;
/// Frames whose measures are kept: what a detector says of an older one counts for nothing.
pub const KEPT: usize = 32;
/// Blocks that a detector may be late by.
const LOOK_BACK: usize = 8;

/// A VAD frame and where it stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub index: u32,
    pub samples: Box<[i16; VAD_FRAME]>,
}

/// The customer's audio since the answer, its older part forgotten.
#[derive(Debug)]
pub struct Ear {
    samples: Vec<i16>,
    /// Position of the first sample kept.
    base: Position,
    /// Frames given to the VAD.
    frames: u32,
    /// What was measured of the last frames; the VAD answers within a few.
    spans: [Span; KEPT],
    /// The loudest sample of late.
    peak: i16,
}

/// A VAD frame in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub from: Position,
    pub to: Position,
    /// One past the last loud sample, where there was one.
    pub loud_to: Option<Position>,
    /// The loudest sample.
    pub peak: i16,
}

impl Default for Ear {
    fn default() -> Self {
        Self {
            samples: Vec::with_capacity(2 * IDLE as usize),
            base: 0,
            frames: 0,
            spans: [Span::default(); KEPT],
            peak: 0,
        }
    }
}

impl Ear {
    /// Takes one played frame; gives a VAD frame when one is full.
    pub fn push(&mut self, frame: &[i16; FRAME]) -> Option<Heard> {
        self.samples.extend_from_slice(frame);
        let from = u64::from(self.frames) * VAD_FRAME as u64;
        let start = usize::try_from(from.checked_sub(self.base)?).ok()?;
        let full: &[i16; VAD_FRAME] = self.samples.get(start..start + VAD_FRAME)?.try_into().ok()?;
        let samples = Box::new(*full);
        let peak = samples.iter().map(|s| s.saturating_abs()).max().unwrap_or(0);
        // The peak fades by half in about three seconds, so one loud word does not deafen us to the next.
        self.peak = peak.max((i32::from(self.peak) * 127 / 128) as i16);
        let threshold = (self.peak / 32).clamp(QUIETEST, LOUD);
        let loud = samples.iter().rposition(|s| s.saturating_abs() > threshold);
        let loud_to = loud.map(|at| from + at as u64 + 1);
        self.spans[self.frames as usize % KEPT] = Span { from, to: from + VAD_FRAME as u64, loud_to, peak };
        let index = self.frames;
        self.frames += 1;
        Some(Heard { index, samples })
    }

    /// `None` for a frame that never was or is long past.
    pub fn span(&self, index: u32) -> Option<Span> {
        self.frames.checked_sub(index).filter(|age| (1..=KEPT as u32).contains(age))?;
        Some(self.spans[index as usize % KEPT])
    }

    /// Where the sound began that the VAD calls speech in the frame at `at`: detectors take a frame or two to be sure, so
    /// look back over loud 10 ms blocks that touch it; and it may have begun inside the frame.
    pub fn onset(&self, at: Position) -> Position {
        let mut onset = at;
        for _ in 0..LOOK_BACK {
            let Some(before) = onset.checked_sub(BLOCK as u64).filter(|&start| self.is_loud(start)) else { break };
            onset = before;
        }
        if onset < at {
            return onset;
        }
        let inside = (0..VAD_FRAME / BLOCK).map(|n| at + (n * BLOCK) as u64);
        inside.into_iter().find(|&start| self.is_loud(start)).unwrap_or(at)
    }

    fn is_loud(&self, start: Position) -> bool {
        let Some(start) = start.checked_sub(self.base).map(|start| start as usize) else { return false };
        let block = self.samples.get(start..start + BLOCK).unwrap_or_default();
        block.iter().any(|sample| sample.saturating_abs() > LOUD)
    }

    /// The audio of a stretch with `pre` before and `post` after it, as far as it is kept and was heard.
    pub fn cut(&self, from: Position, to: Position, pre: Duration, post: Duration) -> Vec<i16> {
        let samples = |d: Duration| d.as_micros() as u64 / 125;
        let start = from.saturating_sub(samples(pre)).max(self.base) - self.base;
        let end = (to + samples(post)).saturating_sub(self.base).min(self.samples.len() as u64);
        self.samples.get(start as usize..end as usize).map(<[i16]>::to_vec).unwrap_or_default()
    }

    /// Forgets what lies more than a second before `keep`, or before the present.
    pub fn forget(&mut self, keep: Option<Position>) {
        let present = self.base + self.samples.len() as u64;
        let keep = keep.unwrap_or(present).min(u64::from(self.frames) * VAD_FRAME as u64).saturating_sub(IDLE);
        let drop = keep.saturating_sub(self.base);
        // Moving the rest down is paid once a second, not per tick.
        if drop >= IDLE {
            self.samples.drain(..drop as usize);
            self.base = keep;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_every_32_ms_and_old_audio_is_forgotten_but_not_what_is_wanted() {
        let mut ear = Ear::default();
        let mut frames = 0;
        for n in 0..500i16 {
            frames += usize::from(ear.push(&[n; FRAME]).is_some());
            ear.forget((n >= 300).then_some(48_000));
        }
        assert_eq!(frames, 500 * FRAME / VAD_FRAME);
        assert!(ear.samples.len() < 49_000, "{}", ear.samples.len());
        let cut = ear.cut(48_000, 48_160, Duration::from_millis(20), Duration::ZERO);
        assert_eq!((cut.len(), cut[0], cut[160]), (320, 299, 300));
        assert_eq!(ear.cut(0, 100, Duration::ZERO, Duration::ZERO), Vec::<i16>::new());
    }

    #[test]
    fn the_last_loud_sample_is_found() {
        let mut ear = Ear::default();
        let mut frame = [0; FRAME];
        frame[100] = 900;
        ear.push(&frame);
        ear.push(&[10; FRAME]);
        assert_eq!(ear.span(0), Some(Span { from: 0, to: 256, loud_to: Some(101), peak: 900 }));
        assert_eq!(ear.span(1), None);
    }

    #[test]
    fn the_beginning_of_a_sound_is_found_before_the_detector_was_sure() {
        let mut ear = Ear::default();
        ear.push(&[0; FRAME]);
        ear.push(&[2_000; FRAME]);
        ear.push(&[2_000; FRAME]);
        assert_eq!((ear.onset(400), ear.onset(160), ear.onset(100)), (160, 160, 100));
    }
}
