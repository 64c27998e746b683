//! The caller's side of one call: INVITE with its repeats, digest, progress, early media, answer, CANCEL and its
//! crossing with a 200, forked answers, then the [`Session`] until the end.
use super::dialog::Dialog;
mod request;

pub use request::Dial;

use super::message::{Message, Method, Start};
use super::met::{Header, Met};
use super::session::{self, Session, branch};
use super::stateless::reply_outside_dialog;
use super::transaction::{ClientTransaction, LIMIT, Progress};
use super::{Outbox, parse};
use crate::rng::Rng;
use crate::sdp::{Description, Local, Negotiated};
use crate::time::{Micros, earliest};
use std::collections::VecDeque;
use std::net::SocketAddr;

/// What the caller's side reports.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The first 180 to 183.
    Ringing,
    /// Sound before the answer: ringback or an announcement.
    EarlyMedia(Negotiated),
    Answered(Negotiated),
    Renegotiated(Negotiated),
    Digit(char),
    /// The result is known. Repeats may still be answered; see [`Uac::is_over`].
    Ended(End),
}

/// How the call ended, in SIP's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A final response of 300 or more.
    Refused {
        code: u16,
        q850: Option<u16>,
        retry_after_s: Option<u32>,
    },
    /// The challenge could not be met.
    AuthFailed {
        code: u16,
    },
    /// Nothing at all was heard for 64 × T1.
    NoResponse,
    /// Nobody answered in time; CANCEL was sent.
    RingLimit,
    /// We gave up before an answer.
    Cancelled,
    /// Answered without usable media; BYE was sent.
    NoMedia,
    RemoteHangUp {
        q850: Option<u16>,
    },
    LocalHangUp,
}

/// The caller's side of one call.
#[derive(Debug)]
pub struct Uac {
    dial: Dial,
    local: Local,
    rng: Rng,
    from: String,
    from_tag: String,
    uri: String,
    seq: u32,
    invite: ClientTransaction,
    /// Challenged INVITEs, which still absorb repeats of their 401 or 407.
    spent: Vec<ClientTransaction>,
    cancel: Option<ClientTransaction>,
    /// Dialogs of other branches of a fork, answered and hung up.
    strays: Vec<Session>,
    met: Met,
    /// Those of the last INVITE; the ACK of its 2xx has to carry them too (section 13.2.2.4).
    credentials: Vec<Header>,
    early: Option<Negotiated>,
    state: State,
    pub out: Outbox,
    events: VecDeque<Event>,
}

#[derive(Debug)]
enum State {
    Calling,
    Proceeding {
        rung: bool,
        limit: Micros,
    },
    /// A CANCEL is wanted or out. `until` bounds the wait for the final response (section 9.1).
    Cancelling {
        why: End,
        until: Option<Micros>,
    },
    Confirmed {
        session: Box<Session>,
        ack: (Vec<u8>, SocketAddr),
        ended: bool,
    },
    Ended,
}

impl Uac {
    /// Sends the INVITE.
    pub fn dial(now: Micros, dial: Dial, rtp: SocketAddr, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let from_tag = rng.token();
        let from = format!("<sip:{}@{}>;tag={from_tag}", request::escape_user(&dial.caller), dial.domain);
        let uri = format!("sip:{}@{}", request::escape_user(&dial.callee), dial.domain);
        let local = Local::new(rtp, rng.next_u64() >> 34);
        let credentials = dial.credentials.clone();
        let mut out = Outbox::new();
        let branch = branch(&mut rng);
        let bytes = request::invite(&dial, &local, &from, &uri, 1, &branch, &[]);
        let invite = ClientTransaction::start(now, Method::Invite, branch, bytes, dial.trunk, &mut out);
        Self {
            dial,
            local,
            rng,
            from,
            from_tag,
            uri,
            seq: 1,
            invite,
            spent: Vec::new(),
            cancel: None,
            strays: Vec::new(),
            met: Met::new(credentials),
            credentials: Vec::new(),
            early: None,
            state: State::Calling,
            out,
            events: VecDeque::new(),
        }
    }

    /// Takes one datagram. Unreadable ones and those of other calls change nothing.
    pub fn receive(&mut self, now: Micros, datagram: &[u8], source: SocketAddr) {
        let Ok(message) = parse(datagram) else { return };
        if message.call_id != self.dial.call_id {
            return;
        }
        match message.start {
            Start::Request { .. } => self.request(now, &message, source),
            Start::Response { code, .. } => self.response(now, code, &message, source),
        }
    }

    /// Ends the call whatever it is doing: CANCEL before the answer, BYE after it.
    pub fn hang_up(&mut self, now: Micros) {
        match &mut self.state {
            State::Calling | State::Proceeding { .. } => self.cancel(now, End::Cancelled),
            State::Confirmed { session, ended, .. } => {
                if !*ended {
                    *ended = true;
                    session.hang_up(now, &mut self.out);
                    self.events.push_back(Event::Ended(End::LocalHangUp));
                }
            }
            State::Cancelling { .. } | State::Ended => {}
        }
    }

    pub fn handle_timeout(&mut self, now: Micros) {
        if self.invite.handle_timeout(now, &mut self.out) {
            match self.state {
                State::Calling => self.end(End::NoResponse),
                State::Cancelling { why, .. } => self.end(why),
                State::Proceeding { .. } | State::Confirmed { .. } | State::Ended => {}
            }
        }
        for spent in &mut self.spent {
            spent.handle_timeout(now, &mut self.out);
        }
        self.spent.retain(|tx| !tx.is_terminated());
        if let Some(cancel) = &mut self.cancel {
            cancel.handle_timeout(now, &mut self.out);
        }
        for stray in &mut self.strays {
            stray.handle_timeout(now, &mut self.out);
        }
        self.strays.retain(|stray| !stray.is_gone());
        match &mut self.state {
            State::Proceeding { limit, .. } if *limit <= now => self.cancel(now, End::RingLimit),
            State::Cancelling { why, until: Some(until) } if *until <= now => {
                let why = *why;
                self.invite.give_up();
                self.end(why);
            }
            State::Confirmed { session, .. } => {
                let event = session.handle_timeout(now, &mut self.out);
                self.session_event(event);
            }
            State::Calling | State::Proceeding { .. } | State::Cancelling { .. } | State::Ended => {}
        }
    }

    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub fn poll_timeout(&self) -> Option<Micros> {
        let state = match &self.state {
            State::Proceeding { limit, .. } => Some(*limit),
            State::Cancelling { until, .. } => *until,
            State::Confirmed { session, .. } => session.poll_timeout(),
            State::Calling | State::Ended => None,
        };
        let spent = self.spent.iter().filter_map(ClientTransaction::poll_timeout).min();
        let strays = self.strays.iter().filter_map(Session::poll_timeout).min();
        let cancel = self.cancel.as_ref().and_then(ClientTransaction::poll_timeout);
        earliest([state, self.invite.poll_timeout(), spent, strays, cancel])
    }

    /// Whether nothing of this call needs an answer any more.
    pub fn is_over(&self) -> bool {
        let done = match &self.state {
            State::Confirmed { session, .. } => session.is_gone(),
            State::Ended => true,
            State::Calling | State::Proceeding { .. } | State::Cancelling { .. } => false,
        };
        done && self.invite.is_terminated() && self.spent.is_empty() && self.strays.is_empty()
    }

    /// Whether a request of ours has no answer yet and may have to be repeated or authorised: INVITE, CANCEL or BYE.
    pub fn awaits_answer(&self) -> bool {
        let awaits = match &self.state {
            State::Calling | State::Proceeding { .. } | State::Cancelling { .. } => true,
            State::Confirmed { session, .. } => session.awaits_answer(),
            State::Ended => false,
        };
        awaits || self.strays.iter().any(Session::awaits_answer)
    }

    fn request(&mut self, now: Micros, request: &Message, source: SocketAddr) {
        let stray = self.strays.iter_mut().find(|s| s.dialog().owns(request));
        match (&mut self.state, stray) {
            (_, Some(stray)) => {
                stray.handle_request(now, request, source, &mut self.out);
            }
            (State::Confirmed { session, .. }, None) => {
                let event = session.handle_request(now, request, source, &mut self.out);
                self.session_event(event);
            }
            (State::Calling | State::Proceeding { .. } | State::Cancelling { .. } | State::Ended, None) => {
                self.out.extend(reply_outside_dialog(request, source));
            }
        }
    }

    fn response(&mut self, now: Micros, code: u16, response: &Message, source: SocketAddr) {
        if let Some(cancel) = self.cancel.as_mut().filter(|tx| tx.owns(response)) {
            cancel.handle(now, response, || None, &mut self.out);
            return;
        }
        if response.cseq.method == Method::Bye {
            for session in &mut self.strays {
                session.handle_response(now, response, &mut self.out);
            }
            if let State::Confirmed { session, .. } = &mut self.state {
                session.handle_response(now, response, &mut self.out);
            }
            return;
        }
        if let Some(spent) = self.spent.iter_mut().find(|tx| tx.owns(response)) {
            spent.handle(now, response, || None, &mut self.out);
            return;
        }
        if !self.invite.owns(response) || response.cseq.number != self.seq {
            return;
        }
        if self.invite.is_terminated() {
            // The transaction is gone once a 2xx passed it; later ones are repeats or forks (section 13.2.2.4).
            if (200..300).contains(&code) {
                self.success(now, response, source);
            }
            return;
        }
        let ack = || Some(request::ack(&self.dial, response, &self.from, &self.uri, self.seq, self.invite.branch()));
        let ack = (code >= 300).then(ack).flatten();
        match self.invite.handle(now, response, || ack, &mut self.out) {
            Progress::Provisional => self.provisional(now, code, response),
            Progress::Final if code < 300 => self.success(now, response, source),
            Progress::Final => self.refused(now, code, response),
            Progress::Absorbed => {}
        }
    }

    fn provisional(&mut self, now: Micros, code: u16, response: &Message) {
        let limit = now + self.dial.ring_limit;
        match &mut self.state {
            State::Calling => self.state = State::Proceeding { rung: false, limit },
            State::Cancelling { why, .. } => {
                let why = *why;
                self.cancel(now, why);
                return;
            }
            State::Proceeding { .. } => {}
            State::Confirmed { .. } | State::Ended => return,
        }
        if code == 100 {
            return;
        }
        if let State::Proceeding { rung, limit: at } = &mut self.state
            && !*rung
        {
            (*rung, *at) = (true, limit);
            self.events.push_back(Event::Ringing);
        }
        if let Some(media) = response.sdp().and_then(|body| Description::parse(body).ok()?.settle().ok())
            && self.early.as_ref() != Some(&media)
        {
            self.early = Some(media.clone());
            self.events.push_back(Event::EarlyMedia(media));
        }
    }

    fn success(&mut self, now: Micros, response: &Message, source: SocketAddr) {
        let tag = response.to.tag().unwrap_or_default();
        if let State::Confirmed { session, ack, .. } = &self.state
            && session.dialog().remote_tag == tag
        {
            self.out.push_back(ack.clone());
            return;
        }
        if let Some(stray) = self.strays.iter_mut().find(|s| s.dialog().remote_tag == tag) {
            let ack = stray.ack(response.cseq.number, &self.credentials);
            self.out.push_back(ack);
            return;
        }
        let dialog = Dialog::as_caller(response, source, self.dial.us, &self.from, &self.from_tag, &self.uri);
        let rng = Rng::new(self.rng.next_u64());
        let mut session = Session::new(dialog, self.dial.us, self.local.clone(), self.dial.credentials.clone(), rng);
        let ack = session.ack(response.cseq.number, &self.credentials);
        self.out.push_back(ack.clone());
        match self.state {
            State::Calling | State::Proceeding { .. } => {
                let body = response.sdp().map(|body| Description::parse(body).and_then(|sdp| sdp.settle()));
                let media = match (body, self.early.take()) {
                    (Some(Ok(media)), _) | (None, Some(media)) => Some(media),
                    (Some(Err(_)), _) | (None, None) => None,
                };
                match media {
                    Some(media) => {
                        self.state = State::Confirmed { session: Box::new(session), ack, ended: false };
                        self.events.push_back(Event::Answered(media));
                    }
                    None => self.hang_up_at_once(now, session, ack, End::NoMedia),
                }
            }
            // The answer crossed our CANCEL on the wire: acknowledge it, then hang up.
            State::Cancelling { why, .. } => self.hang_up_at_once(now, session, ack, why),
            // Another branch of a fork answered too, or one did after we gave up.
            State::Confirmed { .. } | State::Ended => {
                session.hang_up(now, &mut self.out);
                if self.strays.len() < 8 {
                    self.strays.push(session);
                }
            }
        }
    }

    fn hang_up_at_once(&mut self, now: Micros, mut session: Session, ack: (Vec<u8>, SocketAddr), why: End) {
        session.hang_up(now, &mut self.out);
        self.state = State::Confirmed { session: Box::new(session), ack, ended: true };
        self.events.push_back(Event::Ended(why));
    }

    fn refused(&mut self, now: Micros, code: u16, response: &Message) {
        if let State::Cancelling { why, .. } = self.state {
            self.end(why);
            return;
        }
        if matches!(code, 401 | 407) {
            if self.met.meet(response, code) {
                self.repeat_authorised(now);
            } else {
                self.end(End::AuthFailed { code });
            }
            return;
        }
        let retry_after_s = response.retry_after();
        self.end(End::Refused { code, q850: response.q850(), retry_after_s });
    }

    fn repeat_authorised(&mut self, now: Micros) {
        self.credentials = self.met.headers("INVITE", &self.uri, &mut self.rng);
        self.seq += 1;
        let (uri, seq, branch) = (&self.uri, self.seq, branch(&mut self.rng));
        let bytes = request::invite(&self.dial, &self.local, &self.from, uri, seq, &branch, &self.credentials);
        let next = ClientTransaction::start(now, Method::Invite, branch, bytes, self.dial.trunk, &mut self.out);
        self.spent.push(std::mem::replace(&mut self.invite, next));
        self.state = State::Calling;
    }

    /// A CANCEL may only follow a provisional response; until then it waits (section 9.1).
    fn cancel(&mut self, now: Micros, why: End) {
        if !self.invite.is_proceeding() {
            self.state = State::Cancelling { why, until: None };
            return;
        }
        let mut until = now + LIMIT;
        if let State::Cancelling { until: Some(first), .. } = self.state {
            // A peer that goes on ringing does not win more time.
            until = first;
        }
        if self.cancel.is_none() {
            let branch = self.invite.branch().to_owned();
            let bytes = request::cancel(&self.dial, &self.from, &self.uri, self.seq, &branch);
            let peer = self.invite.peer();
            self.cancel = Some(ClientTransaction::start(now, Method::Cancel, branch, bytes, peer, &mut self.out));
        }
        self.state = State::Cancelling { why, until: Some(until) };
    }

    fn session_event(&mut self, event: Option<session::Event>) {
        let State::Confirmed { ended, .. } = &mut self.state else { return };
        let event = match event {
            None | Some(session::Event::Acknowledged) => return,
            Some(session::Event::Renegotiated(media)) => Event::Renegotiated(media),
            Some(session::Event::Digit(digit)) => Event::Digit(digit),
            Some(session::Event::HungUp { q850 }) => Event::Ended(End::RemoteHangUp { q850 }),
            Some(session::Event::NoAck) => Event::Ended(End::LocalHangUp),
        };
        match (&event, *ended) {
            (_, true) => {}
            (Event::Ended(_), false) => {
                *ended = true;
                self.events.push_back(event);
            }
            (_, false) => self.events.push_back(event),
        }
    }

    fn end(&mut self, end: End) {
        self.state = State::Ended;
        self.events.push_back(Event::Ended(end));
    }
}
