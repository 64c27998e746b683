//! Speech models and their bounded worker pools: voice activity, recognition, synthesis, prompt cache.
//! No SIP, no call state: a job goes in with an id and a deadline, a reply comes back with that id.
//! Neither spoken nor recognised text is ever logged.

mod asr;
mod audio;
mod config;
mod error;
mod job;
mod pool;
mod prompts;
mod scripted;
mod speech;
mod tts;
mod vad;
mod worker;

pub use asr::clean::{character_error_rate, collapse_repeats};
pub use config::{Engine, SpeechConfig, models_folder};
pub use error::{Refused, SpeechError};
pub use job::{
    Cancel, JobId, Language, Outcome, Priority, RenderJob, Reply, ReplyTo, TranscribeJob, Transcript, VOICES,
    VoiceName, VoiceSettings,
};
pub use prompts::{CallPrompts, PromptCache, PromptKey};
pub use scripted::Script;
pub use speech::{Load, Speech};
pub use tts::text::readings;
pub use vad::{VAD_FRAME, VadBatch, VadSlot};

/// Every signal at this crate's door is mono at this rate.
pub const SAMPLE_RATE: u32 = 8_000;
/// Samples in one 20 ms packet; rendered audio is a whole number of them.
pub const PACKET: usize = 160;
