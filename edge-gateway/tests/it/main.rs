//! The edge as a whole: a control plane over real QUIC, a carrier over real UDP, scripted speech between them.
//! Nothing sleeps: tests wait for frames and for what the carrier sees, each with a guard.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails where it stands")]

mod calls;
mod carrier;
mod control;
mod recovery;
mod refusals;
mod world;
