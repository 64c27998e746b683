//! What a customer's mouth and telephone make of a sentence: another voice than the bot's, a room, a breath of noise.

use speech::{VoiceName, VoiceSettings};

/// Samples per millisecond at 8 kHz.
const PER_MS: usize = 8;
/// A sample above -45 dBFS counts as voiced.
const AUDIBLE: u16 = 184;

/// How many customers' voices there are; few enough that rendered sentences are used again.
pub const VOICES: u64 = 8;

/// The voice of the customer with this seed: speed and pitch off the bot's own.
pub fn of_customer(seed: u64) -> VoiceSettings {
    let mut random = fastrand::Rng::with_seed(seed);
    let lower = random.bool();
    let pitch = if lower { 0.80 + random.f32() * 0.08 } else { 1.10 + random.f32() * 0.08 };
    VoiceSettings {
        voice: VoiceName::default(),
        speed: 0.95 + random.f32() * 0.2,
        pitch,
        volume: 0.8 + random.f32() * 0.3,
    }
}

/// One go of the customer, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    pub samples: Vec<i16>,
    /// Where the last audible sample is, in milliseconds from the beginning.
    pub voiced_until_ms: u64,
}

/// Joins rendered pieces, each trimmed of its own silence, with pauses between them.
pub fn join(pieces: &[Vec<i16>], pause_ms: u64) -> Utterance {
    let mut samples = Vec::new();
    for piece in pieces {
        let Some((from, to)) = audible(piece) else { continue };
        if !samples.is_empty() {
            samples.extend(std::iter::repeat_n(0, pause_ms as usize * PER_MS));
        }
        samples.extend_from_slice(&piece[from..=to]);
    }
    let voiced_until_ms = audible(&samples).map_or(0, |(_, to)| (to / PER_MS) as u64);
    Utterance { samples, voiced_until_ms }
}

/// The first and last audible sample.
fn audible(samples: &[i16]) -> Option<(usize, usize)> {
    let loud = |sample: &i16| sample.unsigned_abs() > AUDIBLE;
    Some((samples.iter().position(loud)?, samples.iter().rposition(loud)?))
}

/// Whether a frame would be heard as speech or a tone at all.
pub fn is_audible(frame: &[i16]) -> bool {
    frame.iter().filter(|sample| sample.unsigned_abs() > AUDIBLE).count() > frame.len() / 20
}

/// A telephone is never quite silent: noise at about -60 dBFS under everything the customer sends.
#[derive(Debug)]
pub struct Room(fastrand::Rng);

impl Room {
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    pub fn fill(&mut self, frame: &mut [i16]) {
        for sample in frame {
            *sample = sample.saturating_add(self.0.i16(-40..=40));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_trimmed_and_parted_by_the_pause() {
        let piece: Vec<i16> = [vec![0; 800], vec![5_000; 800], vec![0; 1_600]].concat();
        let go = join(&[piece.clone(), piece], 500);
        assert_eq!(go.samples.len(), 800 + 500 * PER_MS + 800);
        assert_eq!(go.voiced_until_ms, 100 + 500 + 99);
    }

    #[test]
    fn the_room_is_not_audible() {
        let mut frame = [0i16; 160];
        Room::new(1).fill(&mut frame);
        assert!(frame.iter().any(|sample| *sample != 0) && !is_audible(&frame));
    }
}
