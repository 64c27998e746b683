//! Client transactions and the repeating of final responses (RFC 3261 section 17 over UDP). Timers carry the RFC's letters.
use super::Outbox;
use super::message::{Message, Method, Start};
use crate::time::{Micros, ms};
use std::net::SocketAddr;
use std::time::Duration;

/// Round-trip estimate.
pub const T1: Duration = ms(500);
/// Longest gap between repeats of anything but an INVITE.
pub const T2: Duration = ms(4_000);
/// Longest life of a datagram in the network.
pub const T4: Duration = ms(5_000);
/// Timers B, D, F, H, J: 64 × T1.
pub const LIMIT: Duration = ms(32_000);

/// One request of ours and its repeats.
#[derive(Debug)]
pub struct ClientTransaction {
    method: Method,
    branch: String,
    bytes: Vec<u8>,
    to: SocketAddr,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing heard. Timer A or E is due at `next`, B or F at `give_up`.
    Trying {
        interval: Duration,
        next: Micros,
        give_up: Micros,
    },
    /// A provisional response came. An INVITE waits; others repeat every T2 until F.
    Proceeding {
        next: Micros,
        give_up: Micros,
    },
    /// A final response came; repeats of it are absorbed until D or K. An INVITE answers each with `ack`.
    Completed {
        until: Micros,
        ack: Option<Vec<u8>>,
    },
    Terminated,
}

/// What a response meant to its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Provisional,
    /// The first final response.
    Final,
    /// A repeat, or a provisional after the final one.
    Absorbed,
}

impl ClientTransaction {
    /// Sends the request and starts its timers.
    pub fn start(
        now: Micros,
        method: Method,
        branch: String,
        bytes: Vec<u8>,
        to: SocketAddr,
        out: &mut Outbox,
    ) -> Self {
        out.push_back((bytes.clone(), to));
        Self { method, branch, bytes, to, state: State::Trying { interval: T1, next: now + T1, give_up: now + LIMIT } }
    }

    /// Whether a response belongs here (RFC 3261 section 17.1.3).
    pub fn owns(&self, response: &Message) -> bool {
        response.via.branch() == Some(&self.branch) && response.cseq.method == self.method
    }

    pub fn branch(&self) -> &str {
        &self.branch
    }

    pub fn peer(&self) -> SocketAddr {
        self.to
    }

    pub fn is_proceeding(&self) -> bool {
        matches!(self.state, State::Proceeding { .. })
    }

    /// Whether nothing is repeated any more: answered, or given up.
    pub fn is_settled(&self) -> bool {
        matches!(self.state, State::Completed { .. } | State::Terminated)
    }

    pub fn is_terminated(&self) -> bool {
        matches!(self.state, State::Terminated)
    }

    /// Takes a response that [`Self::owns`] accepted. `ack` writes the ACK of a refused INVITE (section 17.1.1.3).
    pub fn handle(
        &mut self,
        now: Micros,
        response: &Message,
        ack: impl FnOnce() -> Option<Vec<u8>>,
        out: &mut Outbox,
    ) -> Progress {
        let Start::Response { code, .. } = response.start else { return Progress::Absorbed };
        match (&mut self.state, code) {
            (State::Trying { give_up, .. } | State::Proceeding { give_up, .. }, 100..=199) => {
                self.state = State::Proceeding { next: now + T2, give_up: *give_up };
                Progress::Provisional
            }
            (State::Trying { .. } | State::Proceeding { .. }, 200..=299) if self.method == Method::Invite => {
                self.state = State::Terminated;
                Progress::Final
            }
            (State::Trying { .. } | State::Proceeding { .. }, _) => {
                let ack = ack();
                if let Some(ack) = &ack {
                    out.push_back((ack.clone(), self.to));
                }
                let linger = if self.method == Method::Invite { LIMIT } else { T4 };
                self.state = State::Completed { until: now + linger, ack };
                Progress::Final
            }
            (State::Completed { ack: Some(ack), .. }, 300..) => {
                out.push_back((ack.clone(), self.to));
                Progress::Absorbed
            }
            (State::Completed { .. } | State::Terminated, _) => Progress::Absorbed,
        }
    }

    /// Ends the transaction without its final response (section 9.1: a cancelled request that nothing final answers).
    pub fn give_up(&mut self) {
        self.state = State::Terminated;
    }

    /// Repeats what is due. True once when the transaction was given up unanswered (timer B or F).
    pub fn handle_timeout(&mut self, now: Micros, out: &mut Outbox) -> bool {
        match &mut self.state {
            State::Trying { give_up, .. } if *give_up <= now => {
                self.state = State::Terminated;
                true
            }
            State::Trying { interval, next, .. } => {
                if *next <= now {
                    *interval *= 2;
                    if self.method != Method::Invite {
                        *interval = (*interval).min(T2);
                    }
                    *next = now + *interval;
                    out.push_back((self.bytes.clone(), self.to));
                }
                false
            }
            State::Proceeding { .. } if self.method == Method::Invite => false,
            State::Proceeding { give_up, .. } if *give_up <= now => {
                self.state = State::Terminated;
                true
            }
            State::Proceeding { next, .. } => {
                if *next <= now {
                    *next = now + T2;
                    out.push_back((self.bytes.clone(), self.to));
                }
                false
            }
            State::Completed { until, .. } => {
                if *until <= now {
                    self.state = State::Terminated;
                }
                false
            }
            State::Terminated => false,
        }
    }

    pub fn poll_timeout(&self) -> Option<Micros> {
        match self.state {
            State::Trying { next, give_up, .. } => Some(next.min(give_up)),
            State::Proceeding { .. } if self.method == Method::Invite => None,
            State::Proceeding { next, give_up } => Some(next.min(give_up)),
            State::Completed { until, .. } => Some(until),
            State::Terminated => None,
        }
    }
}

/// A final response to an INVITE, repeated until its ACK (timers G and H; section 13.3.1.4 for a 2xx).
#[derive(Debug)]
pub struct Repeated {
    bytes: Vec<u8>,
    to: SocketAddr,
    interval: Duration,
    next: Micros,
    give_up: Micros,
}

impl Repeated {
    /// Sends the response and starts its timers.
    pub fn start(now: Micros, bytes: Vec<u8>, to: SocketAddr, out: &mut Outbox) -> Self {
        out.push_back((bytes.clone(), to));
        Self { bytes, to, interval: T1, next: now + T1, give_up: now + LIMIT }
    }

    /// The request came again: so does the response.
    pub fn again(&self, out: &mut Outbox) {
        out.push_back((self.bytes.clone(), self.to));
    }

    /// True when no ACK came in 64 × T1.
    pub fn handle_timeout(&mut self, now: Micros, out: &mut Outbox) -> bool {
        if self.give_up <= now {
            return true;
        }
        if self.next <= now {
            self.interval = (self.interval * 2).min(T2);
            self.next = now + self.interval;
            self.again(out);
        }
        false
    }

    pub fn poll_timeout(&self) -> Micros {
        self.next.min(self.give_up)
    }
}

/// Replies given to requests other than INVITE, kept for their repeats (timer J).
#[derive(Debug, Default)]
pub struct Replies(Vec<Reply>);

#[derive(Debug)]
struct Reply {
    method: Method,
    branch: String,
    bytes: Vec<u8>,
    to: SocketAddr,
    until: Micros,
}

impl Replies {
    /// Sends a reply and keeps it.
    pub fn send(&mut self, now: Micros, request: &Message, bytes: Vec<u8>, to: SocketAddr, out: &mut Outbox) {
        self.0.retain(|reply| reply.until > now);
        // A peer that floods us with requests costs a bounded memory.
        if self.0.len() >= 32 {
            self.0.remove(0);
        }
        out.push_back((bytes.clone(), to));
        let branch = request.via.branch().unwrap_or_default().to_owned();
        self.0.push(Reply { method: request.cseq.method.clone(), branch, bytes, to, until: now + LIMIT });
    }

    /// Repeats the reply to a request that was seen before.
    pub fn repeat(&self, request: &Message, out: &mut Outbox) -> bool {
        let branch = request.via.branch().unwrap_or_default();
        let known = self.0.iter().find(|r| r.branch == branch && r.method == request.cseq.method);
        if let Some(reply) = known {
            out.push_back((reply.bytes.clone(), reply.to));
        }
        known.is_some()
    }
}
