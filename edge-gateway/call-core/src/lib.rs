//! The sans-IO core of a phone call: SIP, SDP, RTP, audio, turn-taking and the call itself. No tokio, no socket, no clock.
//!
//! Every machine has four verbs: `handle(now, Input)`, `handle_timeout(now)`, `poll_output()`, `poll_timeout()`.
//! A shell feeds inputs, drains outputs, and sleeps until the next timeout.
pub mod answer;
pub mod audio;
pub mod call;
pub mod media;
pub mod rng;
pub mod rtp;
pub mod sdp;
pub mod sip;
pub mod time;
pub mod turn;

pub use time::Micros;
