//! The clock part: the system's time, or a time set by hand in tests.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

/// Where the time comes from. Every shell asks this part and nothing else.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    #[default]
    System,
    Manual(ManualClock),
}

impl Clock {
    pub fn manual(start: DateTime<Utc>) -> (Self, ManualClock) {
        let hand = ManualClock::starting(start);
        (Self::Manual(hand.clone()), hand)
    }

    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Manual(hand) => hand.now(),
        }
    }

    /// Unix milliseconds, the form that tables hold.
    pub fn now_ms(&self) -> i64 {
        self.now().timestamp_millis()
    }

    /// Returns once `now() >= until`. A manual clock returns when a hand moves it there.
    pub async fn sleep_until(&self, until: DateTime<Utc>) {
        match self {
            Self::System => {
                let left = (until - Utc::now()).to_std().unwrap_or(Duration::ZERO);
                tokio::time::sleep(left).await;
            }
            Self::Manual(hand) => hand.wait_for(until).await,
        }
    }

    pub async fn sleep(&self, how_long: Duration) {
        let until = self.now() + chrono::Duration::from_std(how_long).unwrap_or(chrono::Duration::MAX);
        self.sleep_until(until).await;
    }
}

/// The hand that moves a manual clock. Time never runs by itself.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<watch::Sender<DateTime<Utc>>>);

impl ManualClock {
    pub fn starting(start: DateTime<Utc>) -> Self {
        Self(Arc::new(watch::Sender::new(start)))
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.0.borrow()
    }

    /// Moves the time forward; a clock never runs backwards, so an earlier time is ignored.
    pub fn set(&self, to: DateTime<Utc>) {
        self.0.send_if_modified(|now| {
            let forward = to > *now;
            if forward {
                *now = to;
            }
            forward
        });
    }

    pub fn advance(&self, by: Duration) {
        self.set(self.now() + chrono::Duration::from_std(by).unwrap_or(chrono::Duration::MAX));
    }

    async fn wait_for(&self, until: DateTime<Utc>) {
        let mut watcher = self.0.subscribe();
        // The sender lives in `self`, so waiting can only end by the time being reached.
        let _ = watcher.wait_for(|now| *now >= until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[tokio::test]
    async fn a_manual_clock_wakes_the_sleeper_only_when_it_is_moved_there() {
        let (clock, hand) = Clock::manual(Utc.timestamp_opt(1_000, 0).unwrap());
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep(Duration::from_secs(60)).await;
                clock.now_ms()
            }
        });
        tokio::task::yield_now().await;
        hand.advance(Duration::from_secs(59));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        hand.advance(Duration::from_secs(1));
        assert_eq!(sleeper.await.unwrap(), 1_060_000);
    }

    #[test]
    fn a_manual_clock_never_runs_backwards() {
        let (clock, hand) = Clock::manual(Utc.timestamp_opt(1_000, 0).unwrap());
        hand.set(Utc.timestamp_opt(10, 0).unwrap());
        assert_eq!(clock.now_ms(), 1_000_000);
    }
}
