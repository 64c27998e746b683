//! A SIP carrier with synthetic customers, for rehearsals, the demo and the benches.
//!
//! It answers real SIP with real RTP. Its customers speak with a synthetic voice and hear by voice activity only:
//! they know their persona, never the script or the state of the call. Same seed and same number, same customer.

pub mod customer;
pub mod persona;
