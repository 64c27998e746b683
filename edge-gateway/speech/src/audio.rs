//! Plain signal work on mono samples: rate conversion, level, trimming.

use rubato::audioadapter_buffers::owned::InterleavedOwned;
use rubato::{Fft, FixedSync, Resampler};

use crate::error::SpeechError;

/// Converts whole clips from one rate to another, without aliasing and without delay.
pub(crate) struct RateConverter {
    fft: Fft<f32>,
}

const CHUNK: usize = 1_024;
const FULL_SCALE: f32 = 32_768.0;
/// Peaks are held below this, -1 dBFS.
const CEILING: f32 = 0.89;

impl RateConverter {
    pub fn new(from: usize, to: usize) -> Result<RateConverter, SpeechError> {
        let fft = Fft::new(from, to, CHUNK, 1, FixedSync::Input).map_err(|e| SpeechError::Resample(e.to_string()))?;
        Ok(RateConverter { fft })
    }

    pub fn convert(&mut self, samples: Vec<f32>) -> Result<Vec<f32>, SpeechError> {
        let count = samples.len();
        let input = InterleavedOwned::new_from(samples, 1, count).map_err(|e| SpeechError::Resample(e.to_string()))?;
        let output = self.fft.process_all(&input, count, None).map_err(|e| SpeechError::Resample(e.to_string()))?;
        Ok(output.take_data())
    }
}

pub(crate) fn to_float(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|&sample| f32::from(sample) / FULL_SCALE).collect()
}

pub(crate) fn to_pcm(samples: &[f32]) -> Vec<i16> {
    samples.iter().map(|&sample| (sample * FULL_SCALE).clamp(-32_768.0, 32_767.0) as i16).collect()
}

/// Root mean square level; -100 for digital silence.
pub(crate) fn dbfs(samples: &[i16]) -> f32 {
    let floats = samples.iter().map(|&sample| f32::from(sample) / FULL_SCALE);
    let power = floats.map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32;
    if power > 1e-10 { 10.0 * power.log10() } else { -100.0 }
}

/// Level of the loud part: the mean power of the frames within 15 dB of the loudest.
pub(crate) fn speech_dbfs(samples: &[f32]) -> f32 {
    let powers: Vec<f32> =
        samples.chunks(160).map(|frame| frame.iter().map(|s| s * s).sum::<f32>() / frame.len() as f32).collect();
    let gate = powers.iter().copied().fold(0.0, f32::max) / 31.6;
    let (mut sum, mut count) = (0.0, 0);
    for power in powers.into_iter().filter(|&power| power > gate) {
        sum += power;
        count += 1;
    }
    if count == 0 { -100.0 } else { 10.0 * (sum / count as f32).max(1e-10).log10() }
}

/// Multiplies by a gain; peaks beyond the ceiling are bent, not cut.
pub(crate) fn amplify(samples: &mut [f32], gain: f32) {
    let knee = CEILING * 0.7;
    for sample in samples {
        let value = *sample * gain;
        let over = value.abs() - knee;
        *sample = if over <= 0.0 {
            value
        } else {
            let room = CEILING - knee;
            (knee + room * (over / (over + room))) * value.signum()
        };
    }
}

/// Cuts silence below `floor` (linear) at both ends, keeping `keep` samples of it.
pub(crate) fn trim(samples: &[f32], floor: f32, keep: usize) -> &[f32] {
    let loud = |sample: &f32| sample.abs() > floor;
    let (Some(first), Some(last)) = (samples.iter().position(loud), samples.iter().rposition(loud)) else {
        return &[];
    };
    &samples[first.saturating_sub(keep)..(last + 1 + keep).min(samples.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f32, rate: f32, count: usize) -> Vec<f32> {
        (0..count).map(|n| 0.5 * (std::f32::consts::TAU * hz * n as f32 / rate).sin()).collect()
    }

    #[test]
    fn down_conversion_keeps_speech_and_removes_what_would_alias() {
        let mut down = RateConverter::new(24_000, 8_000).unwrap();
        let kept = down.convert(tone(1_000.0, 24_000.0, 24_000)).unwrap();
        let removed = down.convert(tone(6_000.0, 24_000.0, 24_000)).unwrap();
        assert_eq!(kept.len(), 8_000);
        assert!((speech_dbfs(&kept) - speech_dbfs(&tone(1_000.0, 8_000.0, 8_000))).abs() < 0.1);
        assert!(dbfs(&to_pcm(&removed[400..7600])) < -60.0);
    }

    #[test]
    fn loud_peaks_stay_below_the_ceiling() {
        let mut samples = tone(200.0, 8_000.0, 800);
        amplify(&mut samples, 10.0);
        assert!(samples.iter().all(|sample| sample.abs() < CEILING));
    }

    #[test]
    fn trim_keeps_a_little_on_both_sides() {
        let samples = [vec![0.0; 50], vec![0.5; 10], vec![0.0; 50]].concat();
        assert_eq!(trim(&samples, 0.01, 20).len(), 50);
        assert!(trim(&samples[..50], 0.01, 20).is_empty());
    }
}
