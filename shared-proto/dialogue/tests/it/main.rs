//! Whole conversations: what the contact says in, what is said, understood and labelled out.

mod any_text;
mod flows;
mod intents;
mod lint;
mod personas;
mod scenarios;
