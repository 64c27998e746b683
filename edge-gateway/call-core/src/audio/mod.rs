//! What a call does with samples besides moving them: keeping what the customer says, playing what the bot says, and the
//! stereo tap for the recording. 8 kHz, 16 bit.
mod ear;
mod mouth;
mod tap;

pub use ear::{Ear, Heard, KEPT, Span, VAD_FRAME};
pub use mouth::{Mouth, Said, Sounding};
pub use tap::{BLOCK_FRAMES, Tap};
