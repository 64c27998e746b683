//! Voice activity: the probability that a frame of 32 ms holds speech, for many calls in one pass.
//! It belongs to one shard thread; each call owns its slot. Deciding where a turn begins and ends is not here.

use std::path::Path;

use ort::session::Session;
use ort::value::TensorRef;

use crate::error::SpeechError;
use crate::tts::onnx;

/// Samples in one frame: 32 ms at 8 kHz.
pub const VAD_FRAME: usize = 256;

/// What the detector remembers of one call between frames.
#[derive(Clone)]
pub struct VadSlot {
    context: [f32; CONTEXT],
    state: [f32; 2 * HIDDEN],
}

pub enum VadBatch {
    Silero(Box<Silero>),
    /// Loudness alone, for the scripted engine.
    Energy,
}

/// The silero model and its reused buffers.
pub struct Silero {
    session: Session,
    input: Vec<f32>,
    state: Vec<f32>,
}

const CONTEXT: usize = 32;
const HIDDEN: usize = 128;
const FILE: &str = "silero_vad.onnx";
const SAMPLE_RATE: [i64; 1] = [8_000];

impl Default for VadSlot {
    fn default() -> VadSlot {
        VadSlot { context: [0.0; CONTEXT], state: [0.0; 2 * HIDDEN] }
    }
}

impl VadBatch {
    pub(crate) fn silero(models: &Path) -> Result<VadBatch, SpeechError> {
        let session = onnx::session(models, FILE)?;
        Ok(VadBatch::Silero(Box::new(Silero { session, input: Vec::new(), state: Vec::new() })))
    }

    /// Runs one frame, so that a file that is some other model is noticed before the first call.
    pub(crate) fn prove(mut self, models: &Path) -> Result<(), SpeechError> {
        let broken =
            |error: SpeechError| SpeechError::ModelBroken { path: models.join(FILE), reason: error.to_string() };
        self.infer(&mut [&mut VadSlot::default()], &[[0; VAD_FRAME]]).map(drop).map_err(broken)
    }

    /// Speech probability of each frame, in order; `slots[i]` takes in `frames[i]`. Both have the same length.
    pub fn infer(&mut self, slots: &mut [&mut VadSlot], frames: &[[i16; VAD_FRAME]]) -> Result<Vec<f32>, SpeechError> {
        if slots.len() != frames.len() {
            return Err(SpeechError::Shape(format!("{} slots for {} frames", slots.len(), frames.len())));
        }
        match self {
            _ if frames.is_empty() => Ok(Vec::new()),
            VadBatch::Silero(silero) => silero.infer(slots, frames),
            VadBatch::Energy => Ok(frames.iter().map(loudness_probability).collect()),
        }
    }
}

impl Silero {
    fn infer(&mut self, slots: &mut [&mut VadSlot], frames: &[[i16; VAD_FRAME]]) -> Result<Vec<f32>, SpeechError> {
        let calls = slots.len();
        self.input.clear();
        self.state.clear();
        self.state.resize(2 * calls * HIDDEN, 0.0);
        for (i, (slot, frame)) in slots.iter_mut().zip(frames).enumerate() {
            self.input.extend_from_slice(&slot.context);
            self.input.extend(frame.iter().map(|&sample| f32::from(sample) / 32_768.0));
            let end = self.input.len();
            slot.context.copy_from_slice(&self.input[end - CONTEXT..]);
            for (layer, kept) in slot.state.chunks_exact(HIDDEN).enumerate() {
                let at = (layer * calls + i) * HIDDEN;
                self.state[at..at + HIDDEN].copy_from_slice(kept);
            }
        }
        let outputs = self.session.run(ort::inputs![
            "input" => TensorRef::from_array_view(([calls, CONTEXT + VAD_FRAME], self.input.as_slice()))?,
            "state" => TensorRef::from_array_view(([2, calls, HIDDEN], self.state.as_slice()))?,
            "sr" => TensorRef::from_array_view(([1usize; 0], SAMPLE_RATE.as_slice()))?,
        ])?;
        let (_, probabilities) = outputs["output"].try_extract_tensor::<f32>()?;
        let (_, state) = outputs["stateN"].try_extract_tensor::<f32>()?;
        if probabilities.len() != calls || state.len() != 2 * calls * HIDDEN {
            return Err(SpeechError::Shape(format!("{} probabilities for {calls} calls", probabilities.len())));
        }
        for (i, slot) in slots.iter_mut().enumerate() {
            for (layer, kept) in slot.state.chunks_exact_mut(HIDDEN).enumerate() {
                let at = (layer * calls + i) * HIDDEN;
                kept.copy_from_slice(&state[at..at + HIDDEN]);
            }
        }
        Ok(probabilities.to_vec())
    }
}

/// Rises from 0 at -50 dBFS to 1 at -35 dBFS.
fn loudness_probability(frame: &[i16; VAD_FRAME]) -> f32 {
    ((crate::audio::dbfs(frame) + 50.0) / 15.0).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::models_folder;

    #[test]
    fn energy_hears_a_tone_and_not_silence() {
        let mut vad = VadBatch::Energy;
        let (mut one, mut two) = (VadSlot::default(), VadSlot::default());
        let heard = vad.infer(&mut [&mut one, &mut two], &[[3000; VAD_FRAME], [3; VAD_FRAME]]).unwrap();
        assert_eq!(heard, [1.0, 0.0]);
    }

    #[test]
    fn a_batch_gives_each_call_what_it_would_get_alone() {
        let mut vad = VadBatch::silero(&models_folder().unwrap()).unwrap();
        let buzz = |n: usize| std::array::from_fn(|i| (((i * (n + 3)) % 61) as i16 - 30) * 200);
        let mut alone = VadSlot::default();
        let expected: Vec<f32> = (0..8).map(|n| vad.infer(&mut [&mut alone], &[buzz(n)]).unwrap()[0]).collect();
        let (mut a, mut b) = (VadSlot::default(), VadSlot::default());
        for (n, expected) in expected.iter().enumerate() {
            let got = vad.infer(&mut [&mut b, &mut a], &[[0; VAD_FRAME], buzz(n)]).unwrap();
            assert!((got[1] - expected).abs() < 1e-4, "frame {n}: {} alone, {} in a batch", expected, got[1]);
        }
    }

    #[test]
    fn a_file_that_is_another_model_is_named_at_start() {
        let models = models_folder().unwrap();
        let folder = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(&models).unwrap() {
            let path = entry.unwrap().path();
            std::os::unix::fs::symlink(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
        std::fs::remove_file(folder.path().join(FILE)).unwrap();
        std::os::unix::fs::symlink(models.join("mb-melgan-baker.onnx"), folder.path().join(FILE)).unwrap();
        let vad = VadBatch::silero(folder.path()).unwrap();
        let error = vad.prove(folder.path()).unwrap_err().to_string();
        assert!(error.contains(FILE) && error.contains("script/setup --models"), "{error}");
        VadBatch::silero(&models).unwrap().prove(&models).unwrap();
    }

    #[test]
    fn unequal_lengths_are_an_error() {
        assert!(VadBatch::Energy.infer(&mut [], &[[0; VAD_FRAME]]).is_err());
    }
}
