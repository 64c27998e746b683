//! Bellbird in one process: composes control plane, edge and simulated carrier; the command line and the benches call it.
//! Decides nothing.

pub mod commands;
mod demo;
mod descriptors;
mod house;

pub use demo::{Demo, open as open_demo};
pub use house::{House, Rooms};
