//! Reads as much of a WAV file (RIFF, WAVE_FORMAT_PCM 16 bit or G.711) as drawing its waveform needs.
//! Pure over bytes; a damaged file gives an error and no panic.

/// Where the samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub coding: Coding,
    pub channels: u16,
    pub rate: u32,
    pub data_at: usize,
    pub data_len: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Pcm16,
    ALaw,
    MuLaw,
}

impl Coding {
    fn bytes(self) -> usize {
        match self {
            Self::Pcm16 => 2,
            Self::ALaw | Self::MuLaw => 1,
        }
    }

    fn sample(self, bytes: &[u8]) -> i32 {
        match self {
            Self::Pcm16 => i32::from(i16::from_le_bytes([bytes[0], bytes[1]])),
            Self::MuLaw => {
                let u = !bytes[0];
                let t = (((i32::from(u & 0x0f)) << 3) + 0x84) << ((u & 0x70) >> 4);
                if u & 0x80 != 0 { 0x84 - t } else { t - 0x84 }
            }
            Self::ALaw => {
                let a = bytes[0] ^ 0x55;
                let mut t = i32::from(a & 0x0f) << 4;
                match (a & 0x70) >> 4 {
                    0 => t += 8,
                    1 => t += 0x108,
                    segment => t = (t + 0x108) << (segment - 1),
                }
                if a & 0x80 != 0 { t } else { -t }
            }
        }
    }
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the recording is not a WAV file that can be drawn: {0}")]
pub struct WavError(&'static str);

/// The loudest sample of each of `n` equal spans, per channel, 0 to 1.
pub struct Peaks {
    pub left: Vec<f32>,
    pub right: Vec<f32>,
    pub duration_ms: u64,
}

pub fn layout(file: &[u8]) -> Result<Layout, WavError> {
    if file.get(..4) != Some(b"RIFF") || file.get(8..12) != Some(b"WAVE") {
        return Err(WavError("no RIFF header"));
    }
    let mut at = 12;
    let mut format = None;
    while let Some(head) = file.get(at..at + 8) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let body = at + 8;
        match &head[..4] {
            b"fmt " => {
                let fields = file.get(body..body + 16).ok_or(WavError("a short fmt chunk"))?;
                let word = |n: usize| u16::from_le_bytes([fields[n], fields[n + 1]]);
                let coding = match (word(0), word(14)) {
                    (1, 16) => Coding::Pcm16,
                    (6, 8) => Coding::ALaw,
                    (7, 8) => Coding::MuLaw,
                    _ => return Err(WavError("an unknown coding")),
                };
                let rate = u32::from_le_bytes([fields[4], fields[5], fields[6], fields[7]]);
                format = Some((coding, word(2), rate));
            }
            b"data" => {
                let (coding, channels, rate) = format.ok_or(WavError("data before fmt"))?;
                if !(1..=2).contains(&channels) || rate == 0 {
                    return Err(WavError("neither mono nor stereo"));
                }
                // A recorder that was cut off leaves a length of zero or too much.
                let there = file.len() - body;
                let data_len = if length == 0 { there } else { length.min(there) };
                return Ok(Layout { coding, channels, rate, data_at: body, data_len });
            }
            _ => {}
        }
        at = body.saturating_add(length).saturating_add(length & 1);
    }
    Err(WavError("no data chunk"))
}

pub fn peaks(file: &[u8], n: usize) -> Result<Peaks, WavError> {
    let layout = layout(file)?;
    let step = layout.coding.bytes();
    let frame = step * usize::from(layout.channels);
    let data = &file[layout.data_at..layout.data_at + layout.data_len];
    let frames = data.len() / frame;
    let n = n.clamp(1, frames.max(1));
    let mut left = vec![0f32; n];
    let mut right = vec![0f32; n];
    for (index, samples) in data.chunks_exact(frame).enumerate() {
        let place = index * n / frames;
        let loud = |bytes: &[u8]| layout.coding.sample(bytes).unsigned_abs() as f32 / 32768.0;
        left[place] = left[place].max(loud(&samples[..step]));
        if layout.channels == 2 {
            right[place] = right[place].max(loud(&samples[step..]));
        }
    }
    Ok(Peaks { left, right, duration_ms: frames as u64 * 1000 / u64::from(layout.rate) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(samples: &[(i16, i16)]) -> Vec<u8> {
        let mut out = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0".to_vec();
        out.extend(8000u32.to_le_bytes());
        out.extend(32000u32.to_le_bytes());
        out.extend([4, 0, 16, 0]);
        out.extend(b"data");
        out.extend((samples.len() as u32 * 4).to_le_bytes());
        for (left, right) in samples {
            out.extend(left.to_le_bytes());
            out.extend(right.to_le_bytes());
        }
        out
    }

    #[test]
    fn the_loudest_sample_of_each_span_is_drawn() {
        let peaks = peaks(&wav(&[(0, 1), (16384, 2), (0, -32768), (1, 0)]), 2).unwrap();
        assert_eq!(peaks.left, [0.5, 1.0 / 32768.0]);
        assert_eq!(peaks.right, [2.0 / 32768.0, 1.0]);
        assert_eq!(super::peaks(&wav(&[]), 10).unwrap().duration_ms, 0);
    }

    #[test]
    fn a_damaged_file_is_an_error_and_no_panic() {
        let whole = wav(&[(1, 2); 8]);
        for cut in 0..whole.len() {
            let _ = super::peaks(&whole[..cut], 3);
        }
        assert_eq!(super::layout(b"nonsense"), Err(WavError("no RIFF header")));
    }

    #[test]
    fn g711_is_read_by_its_tables() {
        assert_eq!(Coding::MuLaw.sample(&[0xff]), 0);
        assert_eq!(Coding::MuLaw.sample(&[0x00]), -32124);
        assert_eq!(Coding::ALaw.sample(&[0xd5]), 8);
        assert_eq!(Coding::ALaw.sample(&[0x2a]), -32256);
    }
}
