//! From speech probabilities to runs of speech, with hysteresis and with short gaps bridged.
use super::{Policy, Stretch};
use std::time::Duration;

/// Samples at 8 kHz since the answer.
pub type Position = u64;

/// Frames for which the VAD calls the silence after speech still speech.
const HANGOVER: u32 = 3;
/// What stands out of a pause: louder than its quietest frame by 18 dB, and than -38 dBFS.
const STANDS_OUT: i32 = 8;
const CLEAR: i16 = 400;
/// No line is quieter: about -58 dBFS.
const HUSH: i16 = 40;

/// What the VAD says of one frame, and where in it the last sample above the noise was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    pub from: Position,
    pub to: Position,
    pub probability: f32,
    /// One past the last loud sample, where there was one.
    pub loud_to: Option<Position>,
    /// The loudest sample.
    pub peak: i16,
    /// Where the sound began, if speech begins with this frame.
    pub onset: Position,
}

/// One run of speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    from: Position,
    /// Where the first of the runs began that follow each other closely and end in this one.
    first: Position,
    /// Length of those before this one, with two thirds of the silence between: "嗯，" and the sentence after it are one attempt
    /// to speak, but "嗯。" said twice is no sentence.
    before: u64,
    pub(super) to: Position,
    /// End of the last frame that the VAD called speech.
    heard_to: Position,
    /// Samples that the VAD called speech.
    voiced: u64,
    /// Frames in a row that the VAD called speech without a loud sample.
    faint: u32,
}

impl Run {
    pub(super) fn stretch(&self) -> Stretch {
        Stretch { from: self.first, to: self.to }
    }

    /// From its first to its last voiced sample, with what was said just before it.
    pub(super) fn length(&self) -> Duration {
        Duration::from_micros((self.before + self.to - self.from) * 125)
    }
}

#[derive(Debug)]
pub(super) struct Tracker {
    start: f32,
    stop: f32,
    onset: u64,
    gap: u64,
    join: u64,
    /// What lies before it is said already.
    begins: Position,
    run: Option<Run>,
    /// The last run that was speech, after it ended.
    ended: Option<Run>,
    /// The loudest sample of the quietest frame since the last that the VAD called speech.
    hush: Option<i16>,
}

fn samples(duration: Duration) -> u64 {
    duration.as_micros() as u64 / 125
}

impl Tracker {
    pub(super) fn new(policy: &Policy) -> Self {
        Self {
            start: policy.start,
            stop: policy.stop,
            onset: samples(policy.onset),
            gap: samples(policy.gap),
            join: samples(policy.join),
            begins: 0,
            run: None,
            ended: None,
            hush: None,
        }
    }

    pub(super) fn push(&mut self, frame: Frame) {
        // What ended a second ago answers nothing any more.
        self.ended = self.ended.filter(|run| frame.to.saturating_sub(run.to) < 8_000);
        let threshold = if self.run.is_some() { self.stop } else { self.start };
        let voiced = frame.probability >= threshold;
        self.hush = if voiced { None } else { Some(self.hush.map_or(frame.peak, |hush| hush.min(frame.peak))) };
        match &mut self.run {
            None if voiced => {
                let voiced = frame.to - frame.from;
                let from = frame.onset.max(self.begins);
                let close = self.ended.filter(|run| from.saturating_sub(run.to) < self.join);
                let (first, before) = close.map_or((from, 0), |run| {
                    (run.first, run.before + run.to - run.from + from.saturating_sub(run.to) * 2 / 3)
                });
                let to = frame.loud_to.unwrap_or(frame.from);
                self.run = Some(Run { from, first, before, to, heard_to: frame.to, voiced, faint: 0 });
            }
            // Noise that never ends is not kept whole.
            Some(run) if voiced && frame.to - run.from > 240_000 => self.run = None,
            Some(run) if voiced => {
                run.faint = if frame.loud_to.is_some() { 0 } else { run.faint + 1 };
                // The VAD stays sure for a few frames after the last sound; a quiet speaker goes on for longer than that.
                let to = frame.loud_to.or((run.faint > HANGOVER).then_some(frame.from));
                run.to = run.to.max(to.unwrap_or(run.to));
                run.heard_to = frame.to;
                run.voiced += frame.to - frame.from;
            }
            Some(run) if frame.to.saturating_sub(run.heard_to) > self.gap => {
                if run.voiced >= self.onset {
                    self.ended = Some(*run);
                }
                self.run = None;
            }
            Some(_) | None => {}
        }
    }

    /// Whether a frame stands out of the pause after a word: the VAD takes a frame or two to be sure again.
    pub(super) fn goes_on(&self, frame: &Frame) -> bool {
        let word = self.run.filter(|run| run.voiced >= self.onset).or(self.ended);
        let close = word.is_some_and(|run| frame.from.saturating_sub(run.to) < self.join);
        let above = |hush: i16| i32::from(frame.peak) > i32::from(hush.max(HUSH)) * STANDS_OUT;
        close && frame.peak > CLEAR && self.hush.is_some_and(above)
    }

    /// The run under way, speech or not yet.
    pub(super) fn current(&self) -> Option<Run> {
        self.run
    }

    /// The run under way, once it is long enough to be speech: at once where speech went just before it.
    pub(super) fn confirmed(&self) -> Option<Run> {
        self.run.filter(|run| run.voiced >= self.onset || run.before > 0)
    }

    /// The last speech, under way or ended.
    pub(super) fn recent(&self) -> Option<Stretch> {
        self.confirmed().or(self.ended).map(|run| run.stretch())
    }

    /// What was said before `at` belongs to a turn that is closed, the run under way too.
    pub(super) fn start_over(&mut self, at: Position) {
        (self.run, self.ended, self.begins) = (None, None, at);
    }

    /// What was said belongs to a turn that is over.
    pub(super) fn forget(&mut self) {
        self.ended = None;
        self.run = self.run.filter(|run| run.voiced < self.onset);
    }
}
