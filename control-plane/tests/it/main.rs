//! The control plane through its HTTP face, over a SQLite file and a clock set by hand.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

#[allow(dead_code, reason = "helpers for every feature")]
mod app;
mod identity;
mod openapi;
mod roles;
