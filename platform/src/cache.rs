//! The cache part: values with a time to live, counters in a window, and leases.
//!
//! Contract (the weaker of every variant): anything may vanish at any moment, so a cache is never
//! the truth; a lease is a hint that keeps two workers apart, not a lock that protects data.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;

use crate::clock::Clock;

#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("setting `cache_url` is \"{0}\"; this build knows \"memory:\"")]
    UnknownUrl(String),
}

#[derive(Clone)]
pub enum Cache {
    Memory(Arc<Memory>),
}

impl Cache {
    pub fn connect(url: &str, clock: Clock) -> Result<Self, CacheError> {
        match url {
            "memory:" => Ok(Self::Memory(Arc::new(Memory { clock, shelf: Mutex::default() }))),
            other => Err(CacheError::UnknownUrl(other.to_owned())),
        }
    }

    pub async fn get(&self, key: &str) -> Option<Bytes> {
        match self {
            Self::Memory(memory) => memory.get(key),
        }
    }

    pub async fn set(&self, key: &str, value: Bytes, ttl: Duration) {
        match self {
            Self::Memory(memory) => memory.set(key, value, ttl),
        }
    }

    pub async fn delete(&self, key: &str) {
        match self {
            Self::Memory(memory) => memory.delete(key),
        }
    }

    /// Adds one to the counter of the present window and returns the sum; the window starts with
    /// its first count.
    pub async fn count(&self, key: &str, window: Duration) -> u64 {
        self.add(key, 1, window).await
    }

    /// Adds `n` to the same counter, in one step.
    pub async fn add(&self, key: &str, n: u64, window: Duration) -> u64 {
        match self {
            Self::Memory(memory) => memory.add(key, n, window),
        }
    }

    /// The sum of the present window, without adding to it.
    pub async fn counted(&self, key: &str) -> u64 {
        match self {
            Self::Memory(memory) => memory.counted(key),
        }
    }

    /// One of `n` places under `name` for `ttl`, or `None` while all are taken. Dropping gives the place back.
    pub async fn lease(&self, name: &str, n: usize, ttl: Duration) -> Option<Lease> {
        match self {
            Self::Memory(memory) => Memory::lease(memory, name, n, ttl),
        }
    }
}

pub struct Memory {
    clock: Clock,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    values: HashMap<String, (Bytes, i64)>,
    counts: HashMap<String, (u64, i64)>,
    leases: HashMap<String, Vec<(u64, i64)>>,
    next_lease: u64,
    writes_since_sweep: usize,
}

impl Shelf {
    /// Expired entries go at the latest when as many writes have come as entries are held.
    fn sweep(&mut self, now: i64) {
        self.writes_since_sweep += 1;
        if self.writes_since_sweep < 1024.max(self.values.len() + self.counts.len()) {
            return;
        }
        self.writes_since_sweep = 0;
        self.values.retain(|_, (_, until)| *until > now);
        self.counts.retain(|_, (_, until)| *until > now);
        self.leases.retain(|_, places| {
            places.retain(|(_, until)| *until > now);
            !places.is_empty()
        });
    }
}

fn millis(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX / 2)
}

impl Memory {
    fn get(&self, key: &str) -> Option<Bytes> {
        let now = self.clock.now_ms();
        let shelf = self.shelf.lock();
        shelf.values.get(key).filter(|(_, until)| *until > now).map(|(value, _)| value.clone())
    }

    fn set(&self, key: &str, value: Bytes, ttl: Duration) {
        let now = self.clock.now_ms();
        let mut shelf = self.shelf.lock();
        shelf.sweep(now);
        shelf.values.insert(key.to_owned(), (value, now.saturating_add(millis(ttl))));
    }

    fn delete(&self, key: &str) {
        let mut shelf = self.shelf.lock();
        shelf.values.remove(key);
        shelf.counts.remove(key);
    }

    fn add(&self, key: &str, n: u64, window: Duration) -> u64 {
        let now = self.clock.now_ms();
        let mut shelf = self.shelf.lock();
        shelf.sweep(now);
        let entry = shelf.counts.entry(key.to_owned()).or_insert((0, 0));
        if entry.1 <= now {
            *entry = (0, now.saturating_add(millis(window)));
        }
        entry.0 = entry.0.saturating_add(n);
        entry.0
    }

    fn counted(&self, key: &str) -> u64 {
        let now = self.clock.now_ms();
        let shelf = self.shelf.lock();
        shelf.counts.get(key).filter(|(_, until)| *until > now).map_or(0, |(sum, _)| *sum)
    }

    fn lease(this: &Arc<Self>, name: &str, n: usize, ttl: Duration) -> Option<Lease> {
        let now = this.clock.now_ms();
        let mut shelf = this.shelf.lock();
        shelf.sweep(now);
        shelf.next_lease += 1;
        let id = shelf.next_lease;
        let places = shelf.leases.entry(name.to_owned()).or_default();
        places.retain(|(_, until)| *until > now);
        if places.len() >= n {
            return None;
        }
        places.push((id, now.saturating_add(millis(ttl))));
        Some(Lease { memory: this.clone(), name: name.to_owned(), id })
    }
}

/// A held place. It ends by itself after its time to live.
pub struct Lease {
    memory: Arc<Memory>,
    name: String,
    id: u64,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(places) = self.memory.shelf.lock().leases.get_mut(&self.name) {
            places.retain(|(id, _)| *id != self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use chrono::DateTime;

    /// Every variant runs this suite.
    async fn contract(cache: Cache, hand: ManualClock) {
        cache.set("k", Bytes::from_static(b"v"), Duration::from_secs(10)).await;
        assert_eq!(cache.get("k").await.as_deref(), Some(&b"v"[..]));
        hand.advance(Duration::from_secs(10));
        assert_eq!(cache.get("k").await, None, "a value ends with its time to live");

        let minute = Duration::from_secs(60);
        assert_eq!(cache.count("c", minute).await, 1);
        assert_eq!(cache.count("c", minute).await, 2);
        assert_eq!(cache.add("c", 5, minute).await, 7);
        assert_eq!((cache.counted("c").await, cache.counted("nothing").await), (7, 0));
        hand.advance(minute);
        assert_eq!(cache.counted("c").await, 0);
        assert_eq!(cache.count("c", minute).await, 1, "a new window starts at one");

        let first = cache.lease("l", 1, minute).await;
        assert!(first.is_some());
        assert!(cache.lease("l", 1, minute).await.is_none(), "all places are taken");
        drop(first);
        let second = cache.lease("l", 1, minute).await;
        assert!(second.is_some(), "a dropped lease frees its place");
        hand.advance(minute);
        assert!(cache.lease("l", 1, minute).await.is_some(), "an expired lease frees its place");
    }

    #[tokio::test]
    async fn memory_keeps_the_contract() {
        let (clock, hand) = Clock::manual(DateTime::from_timestamp(1_000, 0).unwrap());
        contract(Cache::connect("memory:", clock).unwrap(), hand).await;
    }

    #[test]
    fn an_unknown_url_says_what_is_known() {
        let error = Cache::connect("redis://x", Clock::System).err().unwrap();
        assert!(error.to_string().contains("memory:"));
    }
}
