//! The bus part: publish(topic, key, bytes) and subscribe(topic, group) → next/ack.
//!
//! Contract (the weaker of every variant): at least once, in order per key within a group, a group
//! hears what is published after its first subscription. Consumers are idempotent by event id, and
//! what must not be lost is a row first.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Deliveries a group may leave waiting before publishers are told to slow down.
const WAITING_LIMIT: usize = 65_536;

#[derive(Debug, thiserror::Error)]
pub enum BusError {
    #[error("setting `bus_url` is \"{0}\"; this build knows \"local:\"")]
    UnknownUrl(String),
    #[error("group {group} of topic {topic} has {WAITING_LIMIT} messages waiting; publish again later")]
    Full { topic: String, group: String },
}

#[derive(Clone)]
pub enum Bus {
    Local(Arc<Local>),
}

impl Bus {
    pub fn connect(url: &str) -> Result<Self, BusError> {
        match url {
            "local:" => Ok(Self::Local(Arc::default())),
            other => Err(BusError::UnknownUrl(other.to_owned())),
        }
    }

    pub async fn publish(&self, topic: &str, key: &str, bytes: Bytes) -> Result<(), BusError> {
        match self {
            Self::Local(local) => local.publish(topic, key, bytes),
        }
    }

    /// Subscribers of one group share its messages; each group hears all of them.
    pub fn subscribe(&self, topic: &str, group: &str) -> Subscription {
        match self {
            Self::Local(local) => Subscription { group: local.group(topic, group) },
        }
    }
}

#[derive(Default)]
pub struct Local {
    topics: Mutex<HashMap<String, HashMap<String, Arc<Group>>>>,
}

#[derive(Default)]
struct Group {
    queue: Mutex<Queue>,
    arrived: Notify,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<(String, Bytes)>,
    keys_in_work: HashSet<String>,
}

impl Local {
    fn publish(&self, topic: &str, key: &str, bytes: Bytes) -> Result<(), BusError> {
        let topics = self.topics.lock();
        let Some(groups) = topics.get(topic) else { return Ok(()) };
        if let Some((name, _)) = groups.iter().find(|(_, group)| group.queue.lock().waiting.len() >= WAITING_LIMIT) {
            return Err(BusError::Full { topic: topic.to_owned(), group: name.clone() });
        }
        for group in groups.values() {
            group.queue.lock().waiting.push_back((key.to_owned(), bytes.clone()));
            group.arrived.notify_one();
        }
        Ok(())
    }

    fn group(&self, topic: &str, group: &str) -> Arc<Group> {
        let mut topics = self.topics.lock();
        topics.entry(topic.to_owned()).or_default().entry(group.to_owned()).or_default().clone()
    }
}

impl Group {
    /// The first waiting message whose key nobody is working on.
    fn take(self: &Arc<Self>) -> Option<Delivery> {
        let mut queue = self.queue.lock();
        let at = queue.waiting.iter().position(|(key, _)| !queue.keys_in_work.contains(key))?;
        let (key, bytes) = queue.waiting.remove(at)?;
        queue.keys_in_work.insert(key.clone());
        Some(Delivery { group: self.clone(), key, bytes, acked: false })
    }
}

pub struct Subscription {
    group: Arc<Group>,
}

impl Subscription {
    /// Waits for the next delivery. Cancelling the wait loses nothing.
    pub async fn next(&mut self) -> Delivery {
        loop {
            let arrived = self.group.arrived.notified();
            if let Some(delivery) = self.group.take() {
                // Another message may be ready for a sibling that shares this group.
                self.group.arrived.notify_one();
                return delivery;
            }
            arrived.await;
        }
    }
}

/// One message in work. Dropped without `ack`, it is delivered again, before later ones of its key.
pub struct Delivery {
    group: Arc<Group>,
    pub key: String,
    pub bytes: Bytes,
    acked: bool,
}

impl Delivery {
    pub fn ack(mut self) {
        self.acked = true;
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        let mut queue = self.group.queue.lock();
        queue.keys_in_work.remove(&self.key);
        if !self.acked {
            queue.waiting.push_front((std::mem::take(&mut self.key), std::mem::take(&mut self.bytes)));
        }
        drop(queue);
        self.group.arrived.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(delivery: &Delivery) -> String {
        String::from_utf8(delivery.bytes.to_vec()).unwrap()
    }

    /// Every variant runs this suite.
    async fn contract(bus: Bus) {
        let mut one = bus.subscribe("calls", "writer");
        let mut other = bus.subscribe("calls", "counter");
        for (key, value) in [("a", "a1"), ("a", "a2"), ("b", "b1")] {
            bus.publish("calls", key, Bytes::from(value)).await.unwrap();
        }
        let first = one.next().await;
        assert_eq!(text(&first), "a1");
        let beside = one.next().await;
        assert_eq!(text(&beside), "b1", "a key in work does not hold up another key");
        beside.ack();
        drop(first);
        let again = one.next().await;
        assert_eq!(text(&again), "a1", "not acknowledged, so delivered again and before a2");
        again.ack();
        let last = one.next().await;
        assert_eq!(text(&last), "a2");
        last.ack();
        let heard = other.next().await;
        assert_eq!(text(&heard), "a1", "each group hears everything");
        heard.ack();
    }

    #[tokio::test]
    async fn local_keeps_the_contract() {
        contract(Bus::connect("local:").unwrap()).await;
    }
}
