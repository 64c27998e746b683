//! RTP and RTCP for one G.711 stream (RFC 3550, RFC 3551, RFC 4733): packets, codec, jitter buffer, latching, reports.
pub mod dtmf;
pub mod g711;
pub mod jitter;
pub mod latch;
pub mod packet;
pub mod rtcp;

pub use jitter::JitterBuffer;
pub use latch::Latch;
pub use packet::{Header, Packet};

/// Samples of one frame: 20 ms at 8 kHz.
pub const FRAME: usize = 160;
/// Samples per second.
pub const RATE: u32 = 8_000;
