//! The words of the pool's door: jobs, priorities, replies.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use serde::{Deserialize, Serialize};

/// Names a job: the caller's own key for the call, and a number unique inside that call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId {
    pub call: u64,
    pub seq: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    Mandarin,
    English,
}

/// Who goes first when workers are scarce, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// The recognition a customer waits for.
    Final,
    /// The first clause of an answer.
    FirstChunk,
    /// Later clauses of an answer whose first clause is playing.
    NextChunk,
    /// Recognition for display only.
    Partial,
    /// Prompts rendered before anybody needs them.
    Background,
}

impl Priority {
    pub(crate) const COUNT: usize = 5;
}

/// The voices that can be chosen in a script.
pub const VOICES: [VoiceName; 1] = [VoiceName::Baker];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VoiceName {
    /// A female Mandarin voice.
    #[default]
    Baker,
}

impl VoiceName {
    pub fn as_str(self) -> &'static str {
        match self {
            VoiceName::Baker => "baker",
        }
    }
}

impl FromStr for VoiceName {
    type Err = UnknownVoice;
    fn from_str(text: &str) -> Result<VoiceName, UnknownVoice> {
        VOICES.into_iter().find(|voice| voice.as_str() == text).ok_or_else(|| UnknownVoice(text.to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no voice {0:?}")]
pub struct UnknownVoice(pub String);

/// How a sentence is spoken. 1.0 is the voice's own speed, pitch and volume; each is held to 0.5..=2.0 (volume from 0.1).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VoiceSettings {
    pub voice: VoiceName,
    /// Larger is faster.
    pub speed: f32,
    /// Larger is higher.
    pub pitch: f32,
    /// Larger is louder; 1.0 puts speech at about -20 dBFS.
    pub volume: f32,
}

impl Default for VoiceSettings {
    fn default() -> VoiceSettings {
        VoiceSettings { voice: VoiceName::default(), speed: 1.0, pitch: 1.0, volume: 1.0 }
    }
}

impl VoiceSettings {
    pub(crate) fn held(self) -> VoiceSettings {
        let hold = |value: f32, low: f32| if value.is_finite() { value.clamp(low, 2.0) } else { 1.0 };
        VoiceSettings {
            voice: self.voice,
            speed: hold(self.speed, 0.5),
            pitch: hold(self.pitch, 0.5),
            volume: hold(self.volume, 0.1),
        }
    }
}

/// Recognise one utterance. The caller trims silence with the VAD: silence makes the model invent text.
pub struct TranscribeJob {
    pub id: JobId,
    pub samples_8k: Vec<i16>,
    pub language: Language,
    /// `Final` or `Partial`.
    pub priority: Priority,
    /// Not begun by then: dropped, and the reply says `Late`.
    pub deadline: Instant,
    pub cancel: Cancel,
    pub reply: ReplyTo,
}

/// Calls a recognition off: one that waits is dropped, one under way stops soon. Neither replies.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn call_off(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_off(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Speak one text, clause by clause.
pub struct RenderJob {
    pub id: JobId,
    pub text: String,
    pub voice: VoiceSettings,
    /// `FirstChunk` or `Background`.
    pub priority: Priority,
    /// First clause not begun by then: dropped, and the reply says `Late`. A begun answer is finished.
    pub deadline: Instant,
    pub reply: ReplyTo,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub id: JobId,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Transcript(Transcript),
    /// Part of a rendered text, in order; 8 kHz, whole packets. `last` ends the job.
    Chunk {
        index: u32,
        last: bool,
        samples: Vec<i16>,
    },
    /// The deadline passed before the job began.
    Late,
    Failed(String),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// Empty when nothing usable was said.
    pub text: String,
    /// Mean token probability, 0 to 1.
    pub confidence: f32,
    /// Time a worker spent on it, waiting excluded.
    pub took: Duration,
}

/// Where replies go: called on a worker thread, so it must be quick and must not panic.
#[derive(Clone)]
pub struct ReplyTo(Arc<dyn Fn(Reply) + Send + Sync>);

impl ReplyTo {
    pub fn new(deliver: impl Fn(Reply) + Send + Sync + 'static) -> ReplyTo {
        ReplyTo(Arc::new(deliver))
    }

    /// Replies into a channel; when the receiver is gone they are dropped.
    pub fn channel(sender: Sender<Reply>) -> ReplyTo {
        ReplyTo::new(move |reply| drop(sender.send(reply)))
    }

    pub(crate) fn send(&self, id: JobId, outcome: Outcome) {
        (self.0)(Reply { id, outcome });
    }
}

impl fmt::Debug for ReplyTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyTo")
    }
}
