//! Numbers about the edge that others print or serve. Counting never blocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// A shared handle; clones count into the same numbers.
#[derive(Debug, Clone, Default)]
pub struct EdgeStats(Arc<Numbers>);

/// Upper edges of the lateness histogram's buckets, in microseconds.
pub const LATENESS_US: [u64; 8] = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, u64::MAX];

#[derive(Debug, Default)]
struct Numbers {
    live: AtomicU64,
    jobs_accepted: AtomicU64,
    jobs_refused: AtomicU64,
    invites: AtomicU64,
    results: AtomicU64,
    panics: AtomicU64,
    asr_late: AtomicU64,
    datagrams_dropped: AtomicU64,
    recordings_lost: AtomicU64,
    recordings_uploaded: AtomicU64,
    beats_skipped: AtomicU64,
    lateness: [AtomicU64; LATENESS_US.len()],
}

/// All numbers at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub live: u64,
    pub jobs_accepted: u64,
    pub jobs_refused: u64,
    pub invites: u64,
    pub results: u64,
    /// Calls that ended by a panic of their own.
    pub panics: u64,
    /// Recognitions that missed their deadline.
    pub asr_late: u64,
    /// SIP datagrams a busy shard had no room for.
    pub datagrams_dropped: u64,
    pub recordings_lost: u64,
    pub recordings_uploaded: u64,
    /// Beats a shard left out because it was behind by whole beats.
    pub beats_skipped: u64,
    /// Frames sent, by how late after their tick: one count per bucket of [`LATENESS_US`].
    pub lateness: [u64; LATENESS_US.len()],
}

macro_rules! counters {
    ($($method:ident $field:ident),* $(,)?) => {
        impl EdgeStats {
            $(pub(crate) fn $method(&self) {
                self.0.$field.fetch_add(1, Relaxed);
            })*
        }
    };
}

counters! {
    job_accepted jobs_accepted,
    job_refused jobs_refused,
    invite invites,
    result results,
    panicked panics,
    asr_late asr_late,
    datagram_dropped datagrams_dropped,
    recording_lost recordings_lost,
    recording_uploaded recordings_uploaded,
}

impl EdgeStats {
    pub(crate) fn set_live(&self, calls: usize) {
        self.0.live.store(calls as u64, Relaxed);
    }

    pub(crate) fn beats_skipped(&self, beats: u64) {
        self.0.beats_skipped.fetch_add(beats, Relaxed);
    }

    /// `frames` left this long after their tick.
    pub(crate) fn sent(&self, late: Duration, frames: u64) {
        let us = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = LATENESS_US.iter().position(|&edge| us <= edge) {
            self.0.lateness[bucket].fetch_add(frames, Relaxed);
        }
    }

    pub fn snapshot(&self) -> Snapshot {
        let n = &self.0;
        let get = |number: &AtomicU64| number.load(Relaxed);
        Snapshot {
            live: get(&n.live),
            jobs_accepted: get(&n.jobs_accepted),
            jobs_refused: get(&n.jobs_refused),
            invites: get(&n.invites),
            results: get(&n.results),
            panics: get(&n.panics),
            asr_late: get(&n.asr_late),
            datagrams_dropped: get(&n.datagrams_dropped),
            recordings_lost: get(&n.recordings_lost),
            recordings_uploaded: get(&n.recordings_uploaded),
            beats_skipped: get(&n.beats_skipped),
            lateness: std::array::from_fn(|bucket| get(&n.lateness[bucket])),
        }
    }
}

impl Snapshot {
    pub fn frames(&self) -> u64 {
        self.lateness.iter().sum()
    }

    /// The share of frames sent at most `limit` after their tick; 1 when none was sent.
    pub fn frames_within(&self, limit: Duration) -> f64 {
        let limit = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX);
        let within: u64 =
            LATENESS_US.iter().zip(self.lateness).filter(|&(&edge, _)| edge <= limit).map(|(_, n)| n).sum();
        match self.frames() {
            0 => 1.0,
            all => within as f64 / all as f64,
        }
    }

    /// The numbers in the text format that Prometheus scrapes.
    pub fn prometheus(&self) -> String {
        let plain = [
            ("bellbird_edge_calls_live", "gauge", self.live),
            ("bellbird_edge_jobs_accepted_total", "counter", self.jobs_accepted),
            ("bellbird_edge_jobs_refused_total", "counter", self.jobs_refused),
            ("bellbird_edge_invites_total", "counter", self.invites),
            ("bellbird_edge_results_total", "counter", self.results),
            ("bellbird_edge_call_panics_total", "counter", self.panics),
            ("bellbird_edge_asr_late_total", "counter", self.asr_late),
            ("bellbird_edge_datagrams_dropped_total", "counter", self.datagrams_dropped),
            ("bellbird_edge_recordings_lost_total", "counter", self.recordings_lost),
            ("bellbird_edge_recordings_uploaded_total", "counter", self.recordings_uploaded),
            ("bellbird_edge_beats_skipped_total", "counter", self.beats_skipped),
        ];
        let mut text = String::new();
        for (name, kind, value) in plain {
            text.push_str(&format!("# TYPE {name} {kind}\n{name} {value}\n"));
        }
        let name = "bellbird_edge_frame_lateness_seconds";
        text.push_str(&format!("# TYPE {name} histogram\n"));
        let mut sum = 0;
        for (edge, count) in LATENESS_US.iter().zip(self.lateness) {
            sum += count;
            let edge = if *edge == u64::MAX { "+Inf".to_owned() } else { (*edge as f64 / 1e6).to_string() };
            text.push_str(&format!("{name}_bucket{{le=\"{edge}\"}} {sum}\n"));
        }
        text.push_str(&format!("{name}_count {sum}\n"));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_is_counted_in_the_first_bucket_that_holds_it() {
        let stats = EdgeStats::default();
        stats.sent(Duration::from_micros(400), 998);
        stats.sent(Duration::from_micros(5_000), 1);
        stats.sent(Duration::from_millis(7), 1);
        let seen = stats.snapshot();
        assert_eq!(seen.frames(), 1_000);
        assert!((seen.frames_within(Duration::from_millis(5)) - 0.999).abs() < 1e-9);
        assert!(seen.prometheus().contains("_bucket{le=\"0.005\"} 999\n"));
    }
}
