//! The one place of this crate that reads clocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Unix time, and a steady one to measure with.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// Unix milliseconds set by hand: calling hours, certificates and what is remembered go by it. Media does not.
    Set(Arc<AtomicU64>),
}

impl Clock {
    pub fn unix_ms(&self) -> u64 {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }
            Self::Set(unix_ms) => unix_ms.load(Relaxed),
        }
    }

    pub fn now(&self) -> Instant {
        Instant::now()
    }
}
