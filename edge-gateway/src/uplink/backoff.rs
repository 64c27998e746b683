//! How long to wait before the next try: doubling, bounded, and jittered so that edges do not return in step.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Backoff {
    wait: Duration,
}

impl Backoff {
    pub fn new() -> Self {
        Self { wait: FIRST }
    }

    pub fn reset(&mut self) {
        self.wait = FIRST;
    }

    /// Between half and the whole of a wait that doubles each time.
    pub fn next(&mut self) -> Duration {
        let wait = self.wait;
        self.wait = (wait * 2).min(LONGEST);
        wait.mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_start_over_after_a_success() {
        let mut backoff = Backoff::new();
        for n in 0..10 {
            let whole = (FIRST * 2u32.pow(n)).min(LONGEST);
            let wait = backoff.next();
            assert!(wait >= whole / 2 && wait <= whole, "try {n}: {wait:?}");
        }
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }
}
