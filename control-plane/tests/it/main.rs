//! The control plane through its HTTP face, over a SQLite file and a clock set by hand.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod alerts;
#[allow(dead_code, reason = "helpers for every feature")]
mod app;
mod blacklisting;
mod campaign_life;
mod campaigns;
mod contacts;
mod events;
#[allow(dead_code, reason = "helpers for every feature")]
mod fake_edge;
mod house;
mod identity;
mod import_faults;
mod imports;
mod jobs;
mod leads;
mod lines;
mod lost_calls;
mod openapi;
mod outages;
mod postgres;
mod recordings;
mod refusals;
mod reports;
mod roles;
mod scripts;
mod simulation;
