//! Words both sides of Bellbird share: ids, phones, windows, outcomes, the flow schema, events and wire frames.
//! Pure: no async, no I/O, no clock.

pub mod events;
pub mod flow;
pub mod ids;
pub mod masking;
pub mod outcome;
pub mod phone;
pub mod window;
pub mod wire;
