//! Calls on a virtual clock: a caller and an answerer over a seeded link, timed scripts in, a text trace out.
mod bytes;
mod calls;
mod cost;
mod raw;
mod signalling;
mod talks;
mod world;
