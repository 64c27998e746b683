//! What a simulated carrier is told when it starts, and what it tells those who measure it.

use crate::customer::{Kind, Manners};
use crate::persona::Persona;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;

#[derive(Clone)]
pub struct SimConfig {
    /// Where SIP is answered, over UDP.
    pub sip: SocketAddr,
    /// Even ports of this range carry RTP, the next odd one RTCP; occupied ones are skipped.
    pub rtp_ports: RangeInclusive<u16>,
    pub seed: u64,
    pub personas: Vec<Persona>,
    pub manners: Manners,
    /// How long a phone rings before it is picked up, in milliseconds.
    pub ring_ms: RangeInclusive<u64>,
    pub observer: Option<Observer>,
}

/// Called on the carrier's own thread, so it must be quick.
pub type Observer = Arc<dyn Fn(SimEvent) + Send + Sync>;

/// The truth of a simulated call, for benches. Times are milliseconds since the answer on the carrier's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct SimEvent {
    /// The called number as dialled.
    pub number: String,
    pub what: SimTruth,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SimTruth {
    Rings {
        persona: String,
        label: Option<String>,
    },
    Answered,
    /// The customer said this; `end_ms` is its last sample above -45 dBFS.
    Said {
        text: String,
        kind: Kind,
        start_ms: u64,
        end_ms: u64,
        paused: bool,
    },
    /// The bot became audible, or fell silent, as heard at the carrier's RTP socket.
    BotStarted {
        at_ms: u64,
    },
    BotStopped {
        at_ms: u64,
    },
    Ended {
        at_ms: u64,
        by_customer: bool,
    },
}

impl SimConfig {
    pub fn new(sip: SocketAddr, rtp_ports: RangeInclusive<u16>, personas: Vec<Persona>) -> Self {
        Self { sip, rtp_ports, seed: 1, personas, manners: Manners::default(), ring_ms: 1_000..=2_500, observer: None }
    }
}
