//! The answering side: takes one INVITE, rings, sounds, answers or refuses, and then speaks and hears frame by frame.
//! It has no turns and no dialogue; whoever owns it decides what is said.
mod incoming;

pub use incoming::{Ended, Incoming, IncomingEvent};

use crate::media::{Media, Quality, TICK};
use crate::rng::Rng;
use crate::rtp::FRAME;
use crate::time::{Micros, earliest};
use std::collections::VecDeque;
use std::net::SocketAddr;

/// What an answerer is told.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    Sip {
        bytes: &'a [u8],
        from: SocketAddr,
    },
    Rtp {
        bytes: &'a [u8],
        from: SocketAddr,
    },
    Rtcp {
        bytes: &'a [u8],
        from: SocketAddr,
    },
    /// Sends 180.
    Ring,
    /// Sends 183 with SDP and lets what is said be heard before the answer.
    EarlyMedia,
    /// Sends 200 with SDP.
    Answer,
    /// Refuses with a final code, and a Q.850 cause and Retry-After seconds where given.
    Refuse {
        code: u16,
        q850: Option<u16>,
        retry_after_s: Option<u32>,
    },
    /// Adds samples (mono, 8 kHz) to what is being said.
    Say(&'a [i16]),
    /// Drops what is still to be said.
    Hush,
    /// Sends digits as telephone-events.
    Digits(&'a str),
    HangUp,
}

/// What an answerer does and reports.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    Sip {
        bytes: Vec<u8>,
        to: SocketAddr,
    },
    Rtp {
        bytes: Vec<u8>,
        to: SocketAddr,
        due: Micros,
    },
    Rtcp {
        bytes: Vec<u8>,
        to: SocketAddr,
    },
    /// A call came in: user parts of From and of the request URI.
    Invited {
        caller: String,
        callee: String,
    },
    /// The ACK came: the call is up.
    Confirmed,
    /// 20 ms of the caller, each tick while media flows.
    Heard(Box<[i16; FRAME]>),
    Digit(char),
    /// The last sample to say went out.
    Said,
    Ended(Ended),
}

/// One answering leg: SIP and media.
#[derive(Debug)]
pub struct Answerer {
    incoming: Incoming,
    media: Media,
    speech: VecDeque<i16>,
    next_tick: Option<Micros>,
    outputs: VecDeque<Output>,
}

impl Answerer {
    /// A leg that waits for its INVITE. `us` and `rtp` are our addresses as peers reach them.
    pub fn new(seed: u64, us: SocketAddr, rtp: SocketAddr) -> Self {
        let mut rng = Rng::new(seed);
        Self {
            incoming: Incoming::new(rng.next_u64(), us, rtp),
            media: Media::new(rng.next_u64()),
            speech: VecDeque::new(),
            next_tick: None,
            outputs: VecDeque::new(),
        }
    }

    pub fn handle(&mut self, now: Micros, input: Input<'_>) {
        match input {
            Input::Sip { bytes, from } => self.incoming.receive(now, bytes, from),
            // Before media flows and after the end nothing is heard.
            Input::Rtp { .. } | Input::Rtcp { .. } if self.next_tick.is_none() => {}
            Input::Rtp { bytes, from } => {
                if let Some(digit) = self.media.receive(now, bytes, from) {
                    self.outputs.push_back(Output::Digit(digit));
                }
            }
            Input::Rtcp { bytes, from: _ } => self.media.receive_rtcp(now, bytes),
            Input::Ring => self.incoming.ring(now),
            Input::EarlyMedia => self.incoming.early_media(now),
            Input::Answer => self.incoming.answer(now),
            Input::Refuse { code, q850, retry_after_s } => self.incoming.refuse(now, code, q850, retry_after_s),
            Input::Say(samples) => self.speech.extend(samples),
            Input::Hush => self.speech.clear(),
            Input::Digits(digits) => self.media.send_digits(digits),
            Input::HangUp => self.incoming.hang_up(now),
        }
        self.settle(now);
    }

    pub fn handle_timeout(&mut self, now: Micros) {
        self.incoming.handle_timeout(now);
        while let Some(due) = self.next_tick.filter(|due| *due <= now) {
            self.next_tick = Some(due + TICK);
            self.tick(due);
        }
        if self.next_tick.is_some()
            && let Some((bytes, to)) = self.media.report(now)
        {
            self.outputs.push_back(Output::Rtcp { bytes, to });
        }
        self.settle(now);
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub fn poll_timeout(&self) -> Option<Micros> {
        let report = self.next_tick.and_then(|_| self.media.poll_timeout());
        earliest([self.incoming.poll_timeout(), self.next_tick, report])
    }

    /// Whether the call has ended and no late datagram of it needs an answer any more.
    pub fn is_over(&self) -> bool {
        self.incoming.is_over()
    }

    pub fn quality(&self) -> Quality {
        self.media.quality()
    }

    fn tick(&mut self, due: Micros) {
        let (mut heard, mut said) = (Box::new([0; FRAME]), [0; FRAME]);
        self.media.play(&mut heard);
        let count = self.speech.len().min(FRAME);
        for (to, from) in said.iter_mut().zip(self.speech.drain(..count)) {
            *to = from;
        }
        if let Some((bytes, to)) = self.media.send(&said) {
            self.outputs.push_back(Output::Rtp { bytes, to, due });
        }
        self.outputs.push_back(Output::Heard(heard));
        if count > 0 && self.speech.is_empty() {
            self.outputs.push_back(Output::Said);
        }
    }

    fn settle(&mut self, now: Micros) {
        self.outputs.extend(self.incoming.out.drain(..).map(|(bytes, to)| Output::Sip { bytes, to }));
        while let Some(event) = self.incoming.poll_event() {
            match event {
                IncomingEvent::Invited { caller, callee } => {
                    self.outputs.push_back(Output::Invited { caller, callee });
                }
                IncomingEvent::Media(agreed) => {
                    self.media.negotiate(now, agreed);
                    self.next_tick.get_or_insert(now);
                }
                IncomingEvent::Confirmed => self.outputs.push_back(Output::Confirmed),
                IncomingEvent::Digit(digit) => self.outputs.push_back(Output::Digit(digit)),
                IncomingEvent::Ended(ended) => {
                    self.next_tick = None;
                    self.outputs.push_back(Output::Ended(ended));
                }
            }
        }
    }
}
