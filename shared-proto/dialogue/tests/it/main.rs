//! Whole conversations: what the contact says in, what is said, understood and labelled out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod any_text;
mod flows;
mod heldout;
mod intents;
mod last_words;
mod lint;
mod payment;
mod personas;
mod polarity;
mod scenarios;
mod sums;
mod weighing;
