//! The 44 bytes before the samples: RIFF/WAVE, PCM, stereo, 8 kHz, 16 bit. Pure.

const CHANNELS: u16 = 2;
const RATE: u32 = 8_000;
const SAMPLE: u16 = 2;
pub const BLOCK: u16 = CHANNELS * SAMPLE;
pub const HEADER: u32 = 44;

/// The header for so many bytes of samples; longer than the format can say is capped.
pub fn header(data: u64) -> [u8; HEADER as usize] {
    let data = u32::try_from(data).unwrap_or(u32::MAX - HEADER);
    let mut out = [0; HEADER as usize];
    let fields: [&[u8]; 13] = [
        b"RIFF",
        &(data + HEADER - 8).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16u32.to_le_bytes(),
        &1u16.to_le_bytes(),
        &CHANNELS.to_le_bytes(),
        &RATE.to_le_bytes(),
        &(RATE * u32::from(BLOCK)).to_le_bytes(),
        &BLOCK.to_le_bytes(),
        &(SAMPLE * 8).to_le_bytes(),
        b"data",
        &data.to_le_bytes(),
    ];
    let bytes = fields.iter().flat_map(|field| field.iter());
    for (place, byte) in out.iter_mut().zip(bytes) {
        *place = *byte;
    }
    out
}

pub fn duration_ms(data: u64) -> u64 {
    data * 1_000 / (u64::from(RATE) * u64::from(BLOCK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_what_follows() {
        let header = header(32_000);
        assert_eq!(&header[..4], b"RIFF");
        assert_eq!(u32::from_le_bytes(header[4..8].try_into().unwrap()), 32_036);
        assert_eq!(u32::from_le_bytes(header[28..32].try_into().unwrap()), 32_000);
        assert_eq!(u32::from_le_bytes(header[40..].try_into().unwrap()), 32_000);
        assert_eq!(duration_ms(32_000), 1_000);
    }
}
