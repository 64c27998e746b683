//! The outside parts of the house, one enum each: database, bus, cache, objects, clock, plus
//! configuration, secrets, sealing and telemetry. Each enum is chosen once from a URL-like string;
//! nobody else matches on a driver. No tenant, no feature and no HTTP is known here.

pub mod bus;
pub mod cache;
pub mod clock;
pub mod config;
pub mod database;
pub mod disk;
pub mod objects;
pub mod sealing;
pub mod secret;
pub mod telemetry;

pub use bus::Bus;
pub use cache::Cache;
pub use clock::Clock;
pub use config::Config;
pub use database::{Database, WriteTx};
pub use objects::Objects;
pub use secret::Secret;
