//! A SIP carrier with synthetic customers, for rehearsals, the demo and the benches.
//!
//! It answers real SIP with real RTP. Its customers speak with a synthetic voice and hear by voice activity only:
//! they know their persona, never the script or the state of the call. Same seed and same number, same customer.

mod carrier;
mod config;
mod customer;
mod line;
mod persona;
mod voice;

pub use carrier::{Carrier, SimError};
pub use config::{Observer, SimConfig, SimEvent, SimTruth};
pub use customer::{Kind, Manners};
pub use persona::{Behaviour, Half, Persona, PersonaError, built_in, choose, load};
pub use voice::{Room, Utterance, join as joined, of_customer as voice_of_customer};
