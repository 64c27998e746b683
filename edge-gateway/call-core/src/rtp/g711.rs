//! G.711 by table: 256 entries to decode, 65,536 to encode, built once per law.
use super::FRAME;
use crate::sdp::Codec;
use audio_codec_algorithms::{decode_alaw, decode_ulaw, encode_alaw, encode_ulaw};
use std::sync::LazyLock;

struct Tables {
    decode: [i16; 256],
    encode: Box<[u8]>,
}

static ULAW: LazyLock<Tables> = LazyLock::new(|| Tables::of(decode_ulaw, encode_ulaw));
static ALAW: LazyLock<Tables> = LazyLock::new(|| Tables::of(decode_alaw, encode_alaw));

impl Tables {
    fn of(decode: fn(u8) -> i16, encode: fn(i16) -> u8) -> Self {
        let encode = (0..=u16::MAX).map(|bits| encode(bits as i16)).collect();
        let mut table = [0; 256];
        for (byte, sample) in (0..=255u8).zip(&mut table) {
            *sample = decode(byte);
        }
        Self { decode: table, encode }
    }
}

fn tables(codec: Codec) -> &'static Tables {
    match codec {
        Codec::Pcmu => &ULAW,
        Codec::Pcma => &ALAW,
    }
}

/// One sample from its byte.
pub fn decode(codec: Codec, byte: u8) -> i16 {
    tables(codec).decode[usize::from(byte)]
}

/// Decodes `bytes` in order.
pub fn decode_all(codec: Codec, bytes: &[u8]) -> impl Iterator<Item = i16> + '_ {
    let table = &tables(codec).decode;
    bytes.iter().map(move |byte| table[usize::from(*byte)])
}

/// Appends one encoded frame.
pub fn encode_frame(codec: Codec, samples: &[i16; FRAME], out: &mut Vec<u8>) {
    let table = &tables(codec).encode;
    out.extend(samples.iter().map(|sample| table[usize::from(*sample as u16)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_ff_in_mu_law_and_both_laws_keep_the_loudness() {
        let mut bytes = Vec::new();
        encode_frame(Codec::Pcmu, &[0; FRAME], &mut bytes);
        assert!(bytes.iter().all(|b| *b == 0xFF));
        for codec in [Codec::Pcmu, Codec::Pcma] {
            for sample in (-32_000..32_000i16).step_by(997) {
                let mut bytes = Vec::new();
                encode_frame(codec, &[sample; FRAME], &mut bytes);
                let back = i32::from(decode(codec, bytes[0]));
                assert!((back - i32::from(sample)).abs() <= i32::from(sample).abs() / 16 + 16, "{sample} {back}");
            }
        }
    }
}
