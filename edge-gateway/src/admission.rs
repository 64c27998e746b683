//! Whether one more call fits, decided before INVITE and kept until the call ends. Pure: time comes in as milliseconds.

use shared_proto::ids::{AttemptId, TrunkId};
use shared_proto::wire::{TrunkSpec, TrunkUse};
use std::collections::{BTreeMap, VecDeque};

/// So many misses are no accident.
const LATE: u32 = 3;
/// A recogniser is not sized wrongly by more than this factor; a machine that is busy otherwise gets no better by
/// being left idle.
const LEAST: u32 = 3;
/// A miss within this long of the last is of the same burst.
const BURST_MS: u64 = 5_000;
/// How long the recogniser must keep up before it gets more conversations.
const QUIET_MS: u64 = 60_000;
/// The longest pause that a carrier is granted.
const LONGEST_PAUSE_MS: u64 = 300_000;
/// A start that lies further ahead was planned by a clock that has been set back since.
const FAR_MS: u64 = 60_000;

/// What is reserved, per shard and per trunk.
#[derive(Debug)]
pub struct Admission {
    calls: u32,
    /// What the recogniser was sized for.
    conversations: u32,
    /// What it has kept up with lately.
    kept_up: u32,
    /// Misses without a quiet minute between.
    misses: u32,
    /// When the last of them was, and the last widening.
    missed_ms: u64,
    widened_ms: u64,
    shards: Vec<u32>,
    held: BTreeMap<AttemptId, Held>,
    trunks: BTreeMap<TrunkId, Trunk>,
}

/// One call's reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub shard: usize,
    pub trunk: TrunkId,
}

/// Why a call does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// Every shard's headroom or every media port.
    Calls,
    /// The recogniser's workers.
    Conversations,
    TrunkChannels,
    /// The trunk's calls per second.
    TrunkRate,
    /// The carrier asked for a pause.
    TrunkPaused,
}

#[derive(Debug, Default)]
struct Trunk {
    live: u32,
    /// Known once an attempt has told of the carrier.
    failing: Option<u32>,
    /// When the jobs of the last second were taken.
    taken: VecDeque<u64>,
    /// When the calls of the last second began, and those to come will.
    starts: VecDeque<u64>,
    /// Until when the carrier wants no calls.
    paused_ms: u64,
}

impl Admission {
    pub fn new(calls: u32, conversations: u32, shards: usize) -> Self {
        let (shards, held, trunks) = (vec![0; shards.max(1)], BTreeMap::new(), BTreeMap::new());
        Self {
            calls,
            conversations,
            kept_up: conversations,
            misses: 0,
            missed_ms: 0,
            widened_ms: 0,
            shards,
            held,
            trunks,
        }
    }

    /// Reserves room for the attempt on the emptiest shard.
    pub fn reserve(&mut self, now_ms: u64, attempt: AttemptId, spec: &TrunkSpec) -> Result<Held, Full> {
        let live = self.live();
        if live >= self.calls {
            return Err(Full::Calls);
        }
        if live >= self.kept_up {
            return Err(Full::Conversations);
        }
        let trunk = self.trunks.entry(spec.id).or_default();
        if trunk.paused(now_ms) {
            return Err(Full::TrunkPaused);
        }
        if trunk.live >= spec.max_calls {
            return Err(Full::TrunkChannels);
        }
        trunk.take(now_ms, spec.calls_per_second)?;
        trunk.live += 1;
        let shard = self.shards.iter().enumerate().min_by_key(|&(_, calls)| calls).map_or(0, |(shard, _)| shard);
        self.shards[shard] += 1;
        let held = Held { shard, trunk: spec.id };
        self.held.insert(attempt, held);
        Ok(held)
    }

    /// How many milliseconds a prepared call waits for its turn, so that calls which became ready together do not begin
    /// together.
    pub fn start(&mut self, now_ms: u64, spec: &TrunkSpec) -> Result<u64, Full> {
        let trunk = self.trunks.entry(spec.id).or_default();
        if trunk.paused(now_ms) {
            return Err(Full::TrunkPaused);
        }
        Ok(trunk.start(now_ms, spec.calls_per_second.max(1) as usize).saturating_sub(now_ms))
    }

    /// The carrier wants no calls on a trunk for so long.
    pub fn pause(&mut self, now_ms: u64, trunk: TrunkId, seconds: u32) {
        let until = now_ms + (u64::from(seconds) * 1_000).min(LONGEST_PAUSE_MS);
        self.trunks.entry(trunk).or_default().paused_ms = until;
    }

    /// Gives the attempt's room back. Twice is the same as once.
    pub fn release(&mut self, attempt: AttemptId) {
        let Some(held) = self.held.remove(&attempt) else { return };
        if let Some(calls) = self.shards.get_mut(held.shard) {
            *calls = calls.saturating_sub(1);
        }
        if let Some(trunk) = self.trunks.get_mut(&held.trunk) {
            trunk.live = trunk.live.saturating_sub(1);
        }
    }

    pub fn held(&self, attempt: AttemptId) -> Option<Held> {
        self.held.get(&attempt).copied()
    }

    /// Notes whether the carrier did its part of an attempt on this trunk.
    pub fn carrier(&mut self, trunk: TrunkId, failed: bool) {
        let trunk = self.trunks.entry(trunk).or_default();
        trunk.failing = Some(if failed { trunk.failing.unwrap_or(0).saturating_add(1) } else { 0 });
    }

    /// The recogniser was too late for a customer. From the third time without a quiet minute between, each burst of
    /// lateness narrows: to one conversation fewer than are held, but never by more than half at once nor below a third of
    /// what the recogniser was sized for.
    pub fn missed(&mut self, now_ms: u64) {
        let since = now_ms.saturating_sub(self.missed_ms);
        if since >= QUIET_MS {
            self.misses = 0;
        }
        self.misses = self.misses.saturating_add(1);
        if self.misses == LATE || (self.misses > LATE && since >= BURST_MS) {
            let fewer = self.kept_up.min(self.live()).saturating_sub(1);
            self.kept_up = fewer.max(self.kept_up / 2).max(self.conversations / LEAST).max(1);
        }
        self.missed_ms = now_ms;
    }

    /// Lets half as many conversations more in for each quiet minute.
    pub fn widen(&mut self, now_ms: u64) {
        let quiet_since = self.missed_ms.max(self.widened_ms);
        if now_ms < quiet_since + QUIET_MS {
            return;
        }
        self.misses = 0;
        if self.kept_up < self.conversations {
            self.kept_up = (self.kept_up + (self.kept_up / 2).max(1)).min(self.conversations);
            self.widened_ms = now_ms;
        }
    }

    /// The recogniser does not keep up, or did not within the last minute.
    pub fn is_late(&self) -> bool {
        self.misses >= LATE
    }

    /// The conversations that are let in: as many as the recogniser keeps up with.
    pub fn kept_up(&self) -> u32 {
        self.kept_up
    }

    pub fn live(&self) -> u32 {
        self.held.len() as u32
    }

    pub fn free(&self) -> u32 {
        self.calls.min(self.kept_up).saturating_sub(self.live())
    }

    pub fn trunks(&self) -> Vec<TrunkUse> {
        let each = self.trunks.iter();
        each.map(|(&trunk, t)| TrunkUse { trunk, live: t.live, failing: t.failing }).collect()
    }
}

impl Trunk {
    fn take(&mut self, now_ms: u64, per_second: u32) -> Result<(), Full> {
        while self.taken.front().is_some_and(|&then| then + 1_000 <= now_ms) {
            self.taken.pop_front();
        }
        if self.taken.len() >= per_second as usize {
            return Err(Full::TrunkRate);
        }
        self.taken.push_back(now_ms);
        Ok(())
    }

    /// The first moment from now on with fewer than `per_second` starts in the second before it.
    fn start(&mut self, now_ms: u64, per_second: usize) -> u64 {
        self.starts.retain(|&then| then + 1_000 > now_ms && then < now_ms + FAR_MS);
        let full = self.starts.len().checked_sub(per_second).and_then(|first| self.starts.get(first));
        let at = full.map_or(now_ms, |&first| now_ms.max(first + 1_000));
        self.starts.push_back(at);
        at
    }

    fn paused(&self, now_ms: u64) -> bool {
        now_ms < self.paused_ms && self.paused_ms <= now_ms + LONGEST_PAUSE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(n: u128, max_calls: u32, calls_per_second: u32) -> TrunkSpec {
        let id = TrunkId::new(1, n);
        let address = "127.0.0.1:5060".to_owned();
        TrunkSpec { id, address, username: None, password: None, max_calls, calls_per_second }
    }

    fn attempt(n: u128) -> AttemptId {
        AttemptId::new(1, n)
    }

    #[test]
    fn calls_spread_over_the_shards_and_give_their_room_back_once() {
        let mut admission = Admission::new(3, 10, 2);
        let trunk = spec(1, 10, 10);
        let shards: Vec<usize> = (0..3).map(|n| admission.reserve(0, attempt(n), &trunk).unwrap().shard).collect();
        assert_eq!(shards, [0, 1, 0]);
        assert_eq!(admission.reserve(0, attempt(3), &trunk), Err(Full::Calls));
        admission.release(attempt(1));
        admission.release(attempt(1));
        assert_eq!((admission.free(), admission.live()), (1, 2));
        assert_eq!(admission.reserve(0, attempt(3), &trunk).unwrap().shard, 1);
    }

    #[test]
    fn the_recogniser_and_the_trunk_bound_calls_too() {
        let mut admission = Admission::new(10, 2, 1);
        admission.reserve(0, attempt(1), &spec(1, 1, 10)).unwrap();
        assert_eq!(admission.reserve(0, attempt(2), &spec(1, 1, 10)), Err(Full::TrunkChannels));
        admission.reserve(0, attempt(2), &spec(2, 1, 10)).unwrap();
        assert_eq!(admission.reserve(0, attempt(3), &spec(3, 1, 10)), Err(Full::Conversations));
    }

    #[test]
    fn a_recogniser_that_is_late_gets_fewer_conversations() {
        let mut admission = Admission::new(10, 4, 1);
        let trunk = spec(1, 10, 10);
        for n in 0..4 {
            admission.reserve(0, attempt(n), &trunk).unwrap();
        }
        for (now, conversations) in [(1_000, 4), (2_000, 4), (3_000, 3), (4_000, 3), (10_000, 2)] {
            admission.missed(now);
            assert_eq!(admission.kept_up(), conversations, "at {now}");
            if now == 4_000 {
                admission.release(attempt(0));
                assert_eq!(admission.reserve(now, attempt(4), &trunk), Err(Full::Conversations));
                admission.release(attempt(1));
                admission.reserve(now, attempt(5), &trunk).unwrap();
            }
        }
        assert!(admission.is_late());
    }

    #[test]
    fn an_edge_that_is_late_with_hardly_a_call_is_narrowed_by_half_and_widens_in_minutes() {
        let mut admission = late(50);
        assert_eq!(admission.kept_up(), 25);
        for (now, kept_up, late) in
            [(62_999, 25, true), (63_000, 37, false), (63_001, 37, false), (123_000, 50, false), (183_000, 50, false)]
        {
            admission.widen(now);
            assert_eq!((admission.kept_up(), admission.is_late()), (kept_up, late), "at {now}");
        }
    }

    #[test]
    fn a_recogniser_with_a_single_slot_is_late_too_and_keeps_it() {
        let mut admission = late(1);
        assert_eq!((admission.kept_up(), admission.is_late()), (1, true));
        admission.widen(63_000);
        assert!(!admission.is_late());
    }

    #[test]
    fn however_late_it_is_a_recogniser_keeps_a_third_of_its_size() {
        let mut admission = late(12);
        for now in (10_000..100_000).step_by(6_000) {
            admission.missed(now);
        }
        assert_eq!(admission.kept_up(), 4);
    }

    #[test]
    fn a_miss_now_and_then_is_no_lateness() {
        let mut admission = Admission::new(10, 4, 1);
        for minute in 0..10 {
            admission.missed(minute * 61_000);
        }
        assert_eq!((admission.kept_up(), admission.is_late()), (4, false));
    }

    /// Nobody is being called any more and the last three words came too late, one a second.
    fn late(conversations: u32) -> Admission {
        let mut admission = Admission::new(10, conversations, 1);
        for now in [1_000, 2_000, 3_000] {
            admission.missed(now);
        }
        admission
    }

    #[test]
    fn a_trunk_starts_no_more_calls_in_any_second_than_it_was_promised() {
        let mut admission = Admission::new(100, 100, 1);
        let trunk = spec(1, 100, 2);
        let mut started = Vec::new();
        for (n, now) in (0..3_000).step_by(100).enumerate() {
            if admission.reserve(now, attempt(n as u128), &trunk).is_ok() {
                started.push(now);
            }
        }
        assert_eq!(started, [0, 100, 1_000, 1_100, 2_000, 2_100]);
    }

    #[test]
    fn calls_that_became_ready_together_begin_at_the_trunks_rate() {
        let mut admission = Admission::new(100, 100, 1);
        let trunk = spec(1, 100, 2);
        let mut starts = |now| admission.start(now, &trunk).map(|wait| now + wait);
        let ready = [5_000_000, 5_000_000, 5_000_100, 5_000_200, 5_000_300, 5_009_000];
        let begin = [5_000_000, 5_000_000, 5_001_000, 5_001_000, 5_002_000, 5_009_000];
        assert_eq!(ready.map(&mut starts), begin.map(Ok));
        // The clock was set back by more than an hour.
        assert_eq!([1_000, 1_000, 1_000].map(starts), [1_000, 1_000, 2_000].map(Ok));
    }

    #[test]
    fn a_trunk_rests_as_long_as_its_carrier_asks_and_no_longer_than_five_minutes() {
        let mut admission = Admission::new(100, 100, 1);
        let trunk = spec(1, 100, 100);
        for (seconds, rests_ms) in [(30, 30_000), (86_400, 300_000)] {
            admission.pause(1_000, trunk.id, seconds);
            for (now, rests) in [(999 + rests_ms, true), (1_000 + rests_ms, false)] {
                assert_eq!(admission.start(now, &trunk) == Err(Full::TrunkPaused), rests, "{seconds} {now}");
                let taken = admission.reserve(now, attempt(u128::from(now)), &trunk);
                assert_eq!(taken == Err(Full::TrunkPaused), rests, "{seconds} {now}");
            }
        }
        assert!(admission.start(2_000, &spec(2, 1, 1)).is_ok(), "another trunk");
    }

    #[test]
    fn failures_of_the_carrier_are_counted_in_a_row() {
        let mut admission = Admission::new(1, 1, 1);
        let id = spec(1, 1, 1).id;
        admission.reserve(0, attempt(1), &spec(1, 1, 1)).unwrap();
        assert_eq!(admission.trunks()[0].failing, None, "nothing is known yet");
        for failed in [true, true, false, true] {
            admission.carrier(id, failed);
        }
        assert_eq!(admission.trunks()[0].failing, Some(1));
    }
}
