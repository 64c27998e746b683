//! Time as a number: microseconds since the call began, and a table of named deadlines.
//! Nothing here reads a clock.
use std::ops::{Add, Sub};
use std::time::Duration;

/// Microseconds since the call began. Recorded inputs carry it, so they replay anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Micros(pub u64);

impl Micros {
    /// `n` milliseconds since the call began.
    pub const fn from_millis(n: u64) -> Self {
        Self(n * 1_000)
    }

    /// Whole milliseconds since the call began.
    pub const fn millis(self) -> u64 {
        self.0 / 1_000
    }

    /// Time since `earlier`, zero when `earlier` lies ahead.
    pub const fn since(self, earlier: Micros) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Micros {
    type Output = Micros;
    fn add(self, by: Duration) -> Micros {
        Micros(self.0.saturating_add(u64::try_from(by.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Micros {
    type Output = Micros;
    fn sub(self, by: Duration) -> Micros {
        Micros(self.0.saturating_sub(u64::try_from(by.as_micros()).unwrap_or(u64::MAX)))
    }
}

/// `n` milliseconds.
pub const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// The earliest of several deadlines.
pub(crate) fn earliest<const N: usize>(deadlines: [Option<Micros>; N]) -> Option<Micros> {
    deadlines.into_iter().flatten().min()
}
