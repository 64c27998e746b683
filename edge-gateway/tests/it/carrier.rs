//! A SIP callee on loopback that counts what it is sent. Every call is answered, refused or left ringing alike.

use call_core::answer::{Answerer, Ended, Input, Output};
use call_core::time::Micros;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What every callee does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callee {
    /// Answers, and replies with a sound each time the bot falls silent.
    Converses,
    /// The same, and every call's first BYE is lost.
    MissesBye,
    /// Rings until cancelled.
    Rings,
    /// A 503 asks for half a minute's pause.
    Refuses(u16),
}

/// The carrier's side of all calls so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Distinct INVITEs by Call-ID, told apart by their branch.
    pub invites: BTreeMap<String, BTreeSet<String>>,
    pub confirmed: usize,
    pub ended: usize,
    pub cancelled: usize,
}

pub struct Carrier {
    pub address: SocketAddr,
    seen: watch::Receiver<Seen>,
    stop: Arc<Mutex<bool>>,
    thread: Option<JoinHandle<()>>,
}

/// The sound of a customer, and how long the bot must be silent before it.
const REPLY: usize = 8_000 * 700 / 1_000;
const PATIENCE: u32 = 15;

impl Carrier {
    pub fn start(callee: Callee) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let (tell, seen) = watch::channel(Seen::default());
        let stop = Arc::new(Mutex::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut exchange = Exchange { callee, socket, legs: BTreeMap::new(), tell };
            while !*stopped.lock().unwrap() {
                exchange.turn();
            }
        });
        Self { address, seen, stop, thread: Some(thread) }
    }

    pub fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Waits until the carrier has seen it.
    pub async fn until(&mut self, what: impl Fn(&Seen) -> bool) -> Seen {
        let waiting = self.seen.wait_for(what);
        tokio::time::timeout(super::world::GUARD, waiting).await.expect("the carrier saw it in time").unwrap().clone()
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        *self.stop.lock().unwrap() = true;
        self.thread.take().unwrap().join().unwrap();
    }
}

struct Exchange {
    callee: Callee,
    socket: UdpSocket,
    legs: BTreeMap<String, Leg>,
    tell: watch::Sender<Seen>,
}

struct Leg {
    answerer: Answerer,
    epoch: Instant,
    rtp: UdpSocket,
    heard: bool,
    silent: u32,
    /// A BYE was lost.
    missed: bool,
}

impl Exchange {
    /// Waits a little for SIP, then moves every leg.
    fn turn(&mut self) {
        self.socket.set_read_timeout(Some(Duration::from_millis(3))).unwrap();
        let mut buffer = [0; 4_096];
        match self.socket.recv_from(&mut buffer) {
            Ok((length, from)) => self.sip(&buffer[..length], from),
            Err(error) => assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}"),
        }
        for leg in self.legs.values_mut() {
            while let Ok((length, from)) = leg.rtp.recv_from(&mut buffer) {
                leg.answerer.handle(leg.now(), Input::Rtp { bytes: &buffer[..length], from });
            }
            leg.answerer.handle_timeout(leg.now());
            leg.outputs(&self.socket, self.callee, &self.tell);
        }
        self.legs.retain(|_, leg| !leg.answerer.is_over());
    }

    fn sip(&mut self, bytes: &[u8], from: SocketAddr) {
        let Some(call_id) = call_core::sip::call_id_of(bytes).map(str::to_owned) else { return };
        if bytes.starts_with(b"INVITE ") {
            let branch = call_core::sip::parse(bytes).unwrap().via.branch().unwrap().to_owned();
            self.tell.send_modify(|seen| {
                seen.invites.entry(call_id.clone()).or_default().insert(branch);
            });
        }
        let us = self.socket.local_addr().unwrap();
        let leg = self.legs.entry(call_id).or_insert_with(|| Leg::new(us));
        if self.callee == Callee::MissesBye && bytes.starts_with(b"BYE ") && !std::mem::replace(&mut leg.missed, true) {
            return;
        }
        leg.answerer.handle(leg.now(), Input::Sip { bytes, from });
    }
}

impl Leg {
    fn new(us: SocketAddr) -> Self {
        let rtp = std::iter::repeat_with(|| UdpSocket::bind("127.0.0.1:0").unwrap())
            .find(|socket| socket.local_addr().unwrap().port() % 2 == 0)
            .unwrap();
        rtp.set_nonblocking(true).unwrap();
        let answerer = Answerer::new(1, us, rtp.local_addr().unwrap());
        Self { answerer, epoch: Instant::now(), rtp, heard: false, silent: 0, missed: false }
    }

    fn now(&self) -> Micros {
        Micros(self.epoch.elapsed().as_micros() as u64)
    }

    fn outputs(&mut self, sip: &UdpSocket, callee: Callee, tell: &watch::Sender<Seen>) {
        while let Some(output) = self.answerer.poll_output() {
            let now = self.now();
            match output {
                Output::Sip { bytes, to } => drop(sip.send_to(&bytes, to).unwrap()),
                Output::Rtp { bytes, to, .. } => drop(self.rtp.send_to(&bytes, to)),
                Output::Rtcp { .. } | Output::Digit(_) | Output::Said => {}
                Output::Invited { .. } => {
                    match callee {
                        Callee::Refuses(code) => {
                            let retry_after_s = (code == 503).then_some(30);
                            let refuse = Input::Refuse { code, q850: None, retry_after_s };
                            self.answerer.handle(now, refuse);
                        }
                        Callee::Rings => self.answerer.handle(now, Input::Ring),
                        Callee::Converses | Callee::MissesBye => {
                            self.answerer.handle(now, Input::Ring);
                            self.answerer.handle(now, Input::Answer);
                        }
                    };
                }
                Output::Confirmed => tell.send_modify(|seen| seen.confirmed += 1),
                Output::Heard(frame) => self.hear(&frame[..], callee),
                Output::Ended(ended) => tell.send_modify(|seen| {
                    seen.ended += 1;
                    seen.cancelled += usize::from(ended == Ended::Cancelled);
                }),
            }
        }
    }

    fn hear(&mut self, frame: &[i16], callee: Callee) {
        let loud = frame.iter().any(|sample| sample.unsigned_abs() > 500);
        self.heard |= loud;
        self.silent = if loud { 0 } else { self.silent + 1 };
        if matches!(callee, Callee::Converses | Callee::MissesBye) && self.heard && self.silent >= PATIENCE {
            self.heard = false;
            let tone: Vec<i16> = (0..REPLY).map(|n| if n / 8 % 2 == 0 { 6_000 } else { -6_000 }).collect();
            self.answerer.handle(self.now(), Input::Say(&tone));
        }
    }
}
