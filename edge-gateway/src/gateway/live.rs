//! The attempts this edge is working on, from the job's arrival until its result is in the journal. Pure.

use crate::ports::Pair;
use shared_proto::ids::AttemptId;
use shared_proto::wire::DialJob;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub struct Live(BTreeMap<AttemptId, Entry>);

#[derive(Debug)]
pub struct Entry {
    pub job: Arc<DialJob>,
    pub received: Instant,
    pub stage: Stage,
}

/// How far an attempt is. Only from `Placed` on has anything been sent.
#[derive(Debug)]
pub enum Stage {
    /// Prompts are being rendered; the media ports are held.
    Preparing { ports: Pair },
    /// The intent is on its way to the disk.
    Intending,
    /// Cancelled before anything was sent.
    Dropped,
    /// A shard owns the call.
    Placed { shard: usize },
    /// The call is over and its result is on its way to the disk.
    Ending,
}

/// Why a job that was taken in may not be dialled any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stale {
    Lease,
    Hours,
}

/// The gates that are decided again just before INVITE.
pub fn stale(job: &DialJob, held: Duration, now_unix_ms: u64) -> Option<Stale> {
    if held >= Duration::from_millis(job.lease_ms) {
        return Some(Stale::Lease);
    }
    job.dial_before_unix_ms.is_some_and(|until| now_unix_ms >= until).then_some(Stale::Hours)
}

impl Live {
    pub fn insert(&mut self, entry: Entry) {
        self.0.insert(entry.job.attempt, entry);
    }

    pub fn get_mut(&mut self, attempt: AttemptId) -> Option<&mut Entry> {
        self.0.get_mut(&attempt)
    }

    pub fn remove(&mut self, attempt: AttemptId) -> Option<Entry> {
        self.0.remove(&attempt)
    }

    pub fn contains(&self, attempt: AttemptId) -> bool {
        self.0.contains_key(&attempt)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What `Hello` says: everything whose INVITE was or may yet be sent.
    pub fn attempts(&self) -> Vec<(AttemptId, u64)> {
        self.0.iter().map(|(&attempt, entry)| (attempt, entry.job.fence)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_proto::ids::{CampaignId, TenantId, TrunkId, VersionId};
    use shared_proto::phone::Phone;
    use shared_proto::wire::TrunkSpec;

    #[test]
    fn a_job_goes_stale_with_its_lease_or_its_calling_hours() {
        let mut job = DialJob {
            attempt: AttemptId::new(1, 1),
            fence: 1,
            tenant: TenantId::new(1, 1),
            campaign: CampaignId::new(1, 1),
            lease_ms: 1_000,
            dial_before_unix_ms: Some(50_000),
            number: Phone::from_e164("+8613800138000").unwrap(),
            caller_id: String::new(),
            trunk: TrunkSpec {
                id: TrunkId::new(1, 1),
                address: String::new(),
                username: None,
                password: None,
                max_calls: 1,
                calls_per_second: 1,
            },
            version: VersionId::new(1, 1),
            variables: BTreeMap::new(),
            ring_limit_ms: 1,
            max_duration_ms: 1,
        };
        let held = Duration::from_millis;
        assert_eq!(stale(&job, held(999), 49_999), None);
        assert_eq!(stale(&job, held(1_000), 49_999), Some(Stale::Lease));
        assert_eq!(stale(&job, held(0), 50_000), Some(Stale::Hours));
        job.dial_before_unix_ms = None;
        assert_eq!(stale(&job, held(0), u64::MAX), None);
    }
}
