//! The conversation, pure: runs a flow, understands what the contact says, keeps the facts, decides the label,
//! and checks a flow before it is published. No clock, no I/O: the edge runs it on the phone, the control plane
//! in a try-out.

mod facts;
mod label;
mod lint;
mod prompts;
mod runner;
mod slots;
mod sums;
mod text;
mod try_out;
mod understand;

pub use facts::{Ended, Facts, Heard, Reached};
pub use label::label;
pub use lint::{Finding, Severity, lint};
pub use prompts::{Prompts, prompts};
pub use runner::{Dialogue, Prompt, Script, Step, Then};
pub use shared_proto::wire::LabelDecision;
pub use try_out::{Tried, TryOut, try_out};
pub use understand::{Builtin, Kind, Meaning, Understanding, builtins};
