//! The recording's tap: customer left, bot right, sample by sample on the call's clock from the answer on.
use crate::rtp::FRAME;

/// Frames per block: 200 ms.
pub const BLOCK_FRAMES: usize = 10;

/// Collects stereo blocks.
#[derive(Debug, Default)]
pub struct Tap {
    block: Vec<i16>,
    frames: u64,
}

impl Tap {
    /// Takes the two frames of one tick; gives an interleaved block when one is full.
    pub fn push(&mut self, left: &[i16; FRAME], right: &[i16; FRAME]) -> Option<Vec<i16>> {
        if self.block.capacity() == 0 {
            self.block.reserve_exact(BLOCK_FRAMES * FRAME * 2);
        }
        self.block.extend(left.iter().zip(right).flat_map(|(l, r)| [*l, *r]));
        self.frames += 1;
        (self.block.len() >= BLOCK_FRAMES * FRAME * 2).then(|| std::mem::take(&mut self.block))
    }

    /// The last, shorter block.
    pub fn finish(&mut self) -> Option<Vec<i16>> {
        (!self.block.is_empty()).then(|| std::mem::take(&mut self.block))
    }

    /// Milliseconds taken so far.
    pub fn millis(&self) -> u64 {
        self.frames * 20
    }
}
