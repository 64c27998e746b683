//! The times that turn-taking goes by, and why each is what it is.
use crate::time::ms;
use std::time::Duration;

/// Durations of the customer's side of the floor.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Probability at which speech may begin, and below which it may end.
    pub start: f32,
    pub stop: f32,
    /// Speech shorter than this is a click.
    pub onset: Duration,
    /// A gap this long inside speech does not end a run: syllables and stops.
    pub gap: Duration,
    /// Runs parted by less than this are one attempt to speak.
    pub join: Duration,
    /// Speech this long stops the bot. Backchannels (嗯, 对, 好的) are shorter.
    pub barge_in: Duration,
    /// Speech that begins so soon after the answer is a greeting (喂，你好); only three times as much of it stops the opening.
    pub greeting: Duration,
    /// A pause this long starts recognition, ahead of the decision, so that the text is there when the turn ends.
    pub speculate: Duration,
    /// A pause this long ends a turn whose text looks finished. People pause for half a second inside a sentence.
    pub commit_complete: Duration,
    /// A pause this long ends any turn.
    pub commit_open: Duration,
    /// The longest utterance the recogniser takes.
    pub longest: Duration,
    /// Speech that ended so shortly before the bot's last word is the answer to it.
    pub early_answer: Duration,
    /// Sound shorter than this of which no text came is nobody's turn.
    pub noise: Duration,
    /// The new wait after such a sound.
    pub after_noise: Duration,
    /// Audio given to the recogniser before the first and after the last voiced sample.
    pub pre_roll: Duration,
    pub post_roll: Duration,
    /// How long the recogniser may take for a Final.
    pub recognise: Duration,
    /// How long a voice may take to the first sound of a sentence.
    pub render: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            start: 0.5,
            stop: 0.35,
            onset: ms(96),
            gap: ms(200),
            join: ms(400),
            barge_in: ms(448),
            greeting: ms(600),
            speculate: ms(64),
            commit_complete: ms(560),
            commit_open: ms(720),
            longest: ms(20_000),
            early_answer: ms(400),
            noise: ms(350),
            after_noise: ms(4_000),
            pre_roll: ms(200),
            post_roll: ms(160),
            recognise: ms(1_800),
            render: ms(3_000),
        }
    }
}
