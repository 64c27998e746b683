//! The control plane through its HTTP face, over a SQLite file and a clock set by hand.

#[allow(dead_code, reason = "helpers for every feature")]
mod app;
mod identity;
mod openapi;
mod roles;
