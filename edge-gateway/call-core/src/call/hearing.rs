//! What is asked of the recogniser, how well it does, and how long an answer took.
use crate::time::Micros;
use shared_proto::wire::Waterfall;

/// A transcription under way or done.
pub(super) struct Asked {
    pub(super) id: u32,
    pub(super) deadline: Micros,
    pub(super) answer: Option<Heard>,
}

pub(super) struct Heard {
    pub(super) text: Option<String>,
    /// The recogniser failed or was late: what was said is not known.
    pub(super) missed: bool,
    pub(super) at: Micros,
}

/// How the recogniser did on the customer's turns.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ears {
    pub(super) heard: u32,
    pub(super) missed: u32,
}

impl Ears {
    /// The customer spoke, and not a word of it reached the dialogue by our own fault.
    pub(super) fn deaf(self) -> bool {
        self.missed > 0 && self.heard == 0
    }
}

/// What the time of an answer is made of.
#[derive(Clone, Copy)]
pub(super) struct Response {
    /// When the customer's last voiced sample reached us.
    pub(super) spoken: Micros,
    pub(super) endpoint: Micros,
    pub(super) text: Micros,
    pub(super) replied: Micros,
}

impl Response {
    /// Its parts, once the bot's first sample went out.
    pub(super) fn waterfall(&self, started: Micros) -> Waterfall {
        let parts = [self.spoken, self.endpoint, self.text, self.replied, started];
        let [endpoint_ms, asr_ms, dialogue_ms, tts_ms] =
            std::array::from_fn(|n| parts[n + 1].since(parts[n]).as_millis() as u64);
        Waterfall { endpoint_ms, asr_ms, dialogue_ms, tts_ms }
    }
}
