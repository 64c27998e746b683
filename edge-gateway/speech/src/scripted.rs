//! Engines without models, for tests of everything that is not speech: recognition reads from a table,
//! speech is a tone as long as the words would take. The same input always gives the same output.

use std::collections::HashMap;
use std::f32::consts::TAU;
use std::sync::{Mutex, PoisonError};

use crate::SAMPLE_RATE;
use crate::error::Refused;
use crate::job::{JobId, Priority, VoiceSettings};
use crate::tts::text::{Clause, is_han};

/// What scripted recognition hears: the n-th final of a call is the n-th line, and nothing after the last.
#[derive(Debug, Clone, Default)]
pub struct Script {
    every_call: Vec<String>,
    calls: HashMap<u64, Vec<String>>,
    breaking: Vec<u64>,
    overloaded: bool,
}

impl Script {
    /// The same lines in every call.
    pub fn lines<S: Into<String>>(lines: impl IntoIterator<Item = S>) -> Script {
        Script { every_call: lines.into_iter().map(Into::into).collect(), ..Script::default() }
    }

    /// Other lines for the call with this `JobId::call`.
    pub fn for_call<S: Into<String>>(mut self, call: u64, lines: impl IntoIterator<Item = S>) -> Script {
        self.calls.insert(call, lines.into_iter().map(Into::into).collect());
        self
    }

    /// The call with this `JobId::call` panics where it asks for its first recognition, as a defect of its own would.
    pub fn breaking(mut self, call: u64) -> Script {
        self.breaking.push(call);
        self
    }

    /// No recognition is taken, as when every queue is full.
    pub fn overloaded(mut self) -> Script {
        self.overloaded = true;
        self
    }

    pub(crate) fn asked(&self, call: u64) -> Result<(), Refused> {
        assert!(!self.breaking.contains(&call), "the script breaks this call");
        if self.overloaded { Err(Refused::Full) } else { Ok(()) }
    }
}

pub(crate) struct Scripted {
    script: Script,
    heard: Mutex<HashMap<u64, usize>>,
}

const HAN_MS: u32 = 180;
const OTHER_MS: u32 = 90;
/// A tenth of full scale: -20 dBFS at the peak, about the level of speech.
const LEVEL: f32 = 3_277.0;
const TONE_HZ: f32 = 440.0;

impl Scripted {
    pub fn new(script: Script) -> Scripted {
        Scripted { script, heard: Mutex::new(HashMap::new()) }
    }

    /// A final moves the call to its next line; a partial shows the line to come.
    pub fn hear(&self, id: JobId, priority: Priority) -> String {
        let lines = self.script.calls.get(&id.call).unwrap_or(&self.script.every_call);
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let at = heard.entry(id.call).or_default();
        let line = lines.get(*at).cloned().unwrap_or_default();
        if priority == Priority::Final {
            *at += 1;
        }
        line
    }

    pub fn speak(clause: &Clause, voice: VoiceSettings) -> Vec<i16> {
        let ms: u32 = clause.text.chars().map(|c| if is_han(c) { HAN_MS } else { OTHER_MS }).sum();
        let count = (ms as f32 / voice.speed) as usize * SAMPLE_RATE as usize / 1000;
        let step = TAU * TONE_HZ * voice.pitch / SAMPLE_RATE as f32;
        (0..count).map(|n| ((step * n as f32).sin() * LEVEL * voice.volume) as i16).collect()
    }
}
