//! The one place of this crate that reads clocks.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Unix time, and a steady one to measure with.
#[derive(Debug, Clone, Copy)]
pub struct Clock;

impl Clock {
    pub fn unix_ms(self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    pub fn now(self) -> Instant {
        Instant::now()
    }
}
