//! The threads that own calls. Each call lives on one shard from INVITE to its last repeated response;
//! nothing here is shared between shards but the SIP socket.

mod pacer;
mod priority;
mod result;
mod running;
mod unheard;
mod worker;

use crate::clock::Clock;
use crate::gateway::{Event, Ready};
use crate::ports::Pair;
use crate::prompts::{Sounds, Version};
use crate::recorder::Recorder;
use crate::signalling::{Datagram, Routes};
use crate::stats::EdgeStats;
use anyhow::Context;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
pub use priority::go_first;
use shared_proto::ids::AttemptId;
use shared_proto::wire::DialJob;
use speech::Speech;
use std::net::UdpSocket;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::mpsc;
use worker::Worker;

/// SIP datagrams that may wait for a shard.
const DATAGRAMS: usize = 4_096;

/// What every shard is given.
#[derive(Clone)]
pub struct ShardsConfig {
    pub count: usize,
    pub socket: Arc<UdpSocket>,
    pub speech: Speech,
    pub recorder: Recorder,
    pub events: mpsc::UnboundedSender<Event>,
    pub stats: EdgeStats,
    pub clock: Clock,
}

/// A call to place.
pub struct Start {
    pub job: Arc<DialJob>,
    pub version: Arc<Version>,
    pub ready: Ready,
    pub ports: Pair,
}

/// What others ask of a shard. Each call brings a bounded number of these, so the queue needs no bound of its own.
enum Order {
    Start(Box<Start>),
    /// Sentences of a live call, rendered while it rings.
    Sounds {
        attempt: AttemptId,
        sounds: Sounds,
    },
    Cancel {
        attempt: AttemptId,
        hang_up: bool,
    },
    Speech(speech::Reply),
    Stop,
}

/// All shards of the edge.
pub struct Shards {
    door: Door,
    datagrams: Vec<Sender<Datagram>>,
    routes: Routes,
    threads: Vec<JoinHandle<()>>,
}

/// Where orders are left; clones reach the same shards.
#[derive(Clone)]
pub struct Door(Vec<Sender<Order>>);

impl Shards {
    pub fn start(config: ShardsConfig) -> anyhow::Result<Self> {
        let routes = Routes::default();
        let mut shards = Self { door: Door(Vec::new()), datagrams: Vec::new(), routes, threads: Vec::new() };
        for number in 0..config.count.max(1) {
            let (orders, order_inbox): (_, Receiver<Order>) = unbounded();
            let (datagrams, datagram_inbox) = bounded(DATAGRAMS);
            let vad = config.speech.vad().context("opening the voice activity detector")?;
            let worker = Worker::new(config.clone(), vad, orders.clone(), shards.routes.clone());
            let thread = std::thread::Builder::new().name(format!("shard-{number}")).spawn(move || {
                go_first();
                worker.run(&order_inbox, &datagram_inbox);
            })?;
            shards.door.0.push(orders);
            shards.datagrams.push(datagrams);
            shards.threads.push(thread);
        }
        Ok(shards)
    }

    pub fn routes(&self) -> Routes {
        self.routes.clone()
    }

    pub fn datagrams(&self) -> Vec<Sender<Datagram>> {
        self.datagrams.clone()
    }

    pub fn door(&self) -> Door {
        self.door.clone()
    }

    /// The shard sends the INVITE. Its replies find their way from now on.
    pub fn start_call(&self, shard: usize, start: Start) {
        self.routes.add(call_id(start.job.attempt), shard);
        self.door.leave(shard, Order::Start(Box::new(start)));
    }

    pub fn cancel(&self, shard: usize, attempt: AttemptId, hang_up: bool) {
        self.door.leave(shard, Order::Cancel { attempt, hang_up });
    }

    /// Ends the threads once every hang-up was answered, a few seconds from now at the latest; calls that are still up are
    /// dropped with them.
    pub fn stop(self) {
        for shard in 0..self.threads.len() {
            self.door.leave(shard, Order::Stop);
        }
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a shard's thread panicked");
            }
        }
    }
}

impl Door {
    pub fn sounds(&self, shard: usize, attempt: AttemptId, sounds: Sounds) {
        self.leave(shard, Order::Sounds { attempt, sounds });
    }

    fn leave(&self, shard: usize, order: Order) {
        // A shard that is gone took its calls with it; there is nobody left to tell.
        if let Some(door) = self.0.get(shard) {
            let _ = door.send(order);
        }
    }
}

/// The Call-ID of an attempt: the same attempt sent twice would be recognised as one. It is unique without a host, which
/// RFC 3261 section 8.1.1.4 leaves away where it would tell of a network behind a NAT.
fn call_id(attempt: AttemptId) -> String {
    attempt.to_string()
}
