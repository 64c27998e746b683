//! Orders that end attempts, kept for a while: an edge that was away when one was given, or whose connection was
//! dying, hears it when it is back.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use shared_proto::ids::{AttemptId, EdgeId};
use shared_proto::wire::Down;

/// Longer than any attempt waits for its INVITE, and as long as most calls.
const KEPT_MS: i64 = 15 * 60_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recall {
    pub edge: EdgeId,
    pub attempt: AttemptId,
    pub fence: u64,
    pub hang_up: bool,
}

impl Recall {
    pub fn frame(self) -> Down {
        Down::Cancel { attempt: self.attempt, fence: self.fence, hang_up: self.hang_up }
    }
}

#[derive(Clone, Default)]
pub struct Recalls(Arc<Mutex<BTreeMap<AttemptId, (i64, Recall)>>>);

impl Recalls {
    pub fn keep(&self, recall: Recall, now: i64) {
        let mut kept = self.0.lock();
        kept.retain(|_, (at, _)| *at + KEPT_MS > now);
        let (at, before) = kept.entry(recall.attempt).or_insert((now, recall));
        // To hang up is never taken back.
        *at = now;
        *before = Recall { hang_up: before.hang_up || recall.hang_up, ..recall };
    }

    /// What this edge may have missed about the attempts that it says are live.
    pub fn missed(&self, edge: EdgeId, live: &[(AttemptId, u64)], now: i64) -> Vec<Recall> {
        let kept = self.0.lock();
        let of = |(attempt, fence): &(AttemptId, u64)| {
            let (at, recall) = kept.get(attempt)?;
            (recall.edge == edge && recall.fence == *fence && *at + KEPT_MS > now).then_some(*recall)
        };
        live.iter().filter_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_hears_of_its_own_live_attempts_for_a_while_and_a_hang_up_stays_one() {
        let recalls = Recalls::default();
        let (edge, other) = (EdgeId::from_bits(1), EdgeId::from_bits(2));
        let (attempt, fence) = (AttemptId::from_bits(7), 3);
        let recall = Recall { edge, attempt, fence, hang_up: true };
        recalls.keep(recall, 0);
        recalls.keep(Recall { hang_up: false, ..recall }, 10);
        assert_eq!(recalls.missed(edge, &[(attempt, fence)], 20), [recall]);
        assert_eq!(recalls.missed(other, &[(attempt, fence)], 20), []);
        assert_eq!(recalls.missed(edge, &[(attempt, fence + 1)], 20), [], "a later lease of the same attempt");
        assert_eq!(recalls.missed(edge, &[], 20), []);
        assert_eq!(recalls.missed(edge, &[(attempt, fence)], 10 + KEPT_MS), []);
    }
}
