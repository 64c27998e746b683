//! What one customer said and no detector has heard yet: bounded, so that a detector that is late is never too late.

use call_core::audio::{KEPT, VAD_FRAME};
use std::collections::VecDeque;

/// Frames that may wait: three quarters of those that the call still knows.
const WAITING: usize = KEPT * 3 / 4;

/// Frames that wait for the detector, oldest first.
#[derive(Debug, Default)]
pub struct Unheard(VecDeque<(u32, Box<[i16; VAD_FRAME]>)>);

impl Unheard {
    /// Adds a frame; the oldest goes where too many wait.
    pub fn push(&mut self, index: u32, frame: Box<[i16; VAD_FRAME]>) {
        self.0.push_back((index, frame));
        if self.0.len() > WAITING {
            self.0.pop_front();
        }
    }

    pub fn pop(&mut self) -> Option<(u32, Box<[i16; VAD_FRAME]>)> {
        self.0.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frames_that_wait_are_always_ones_that_still_count() {
        let mut unheard = Unheard::default();
        for index in 0..1_000 {
            unheard.push(index, Box::new([0; VAD_FRAME]));
        }
        let waiting: Vec<u32> = std::iter::from_fn(|| unheard.pop()).map(|(index, _)| index).collect();
        assert_eq!((waiting.len(), waiting.last()), (WAITING, Some(&999)));
        assert!(1_000 - waiting[0] < KEPT as u32);
    }
}
