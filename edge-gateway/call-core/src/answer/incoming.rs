//! The callee's side of one INVITE: provisional responses, answer, refusal, CANCEL with its 487, then the session.
use crate::rng::Rng;
use crate::sdp::{Description, Local, Negotiated};
use crate::sip::dialog::Dialog;
use crate::sip::message::{Message, Method, Start};
use crate::sip::session::{self, Session};
use crate::sip::stateless::reply_outside_dialog;
use crate::sip::transaction::{LIMIT, Repeated};
use crate::sip::write::Writer;
use crate::sip::{Outbox, Uri, parse};
use crate::time::{Micros, earliest};
use std::collections::VecDeque;
use std::net::SocketAddr;

/// What the callee's side reports.
#[derive(Debug, Clone, PartialEq)]
pub enum IncomingEvent {
    Invited {
        caller: String,
        callee: String,
    },
    /// Media may flow as agreed, early or after the answer, or changed later.
    Media(Negotiated),
    Confirmed,
    Digit(char),
    Ended(Ended),
}

/// How an incoming call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Refused {
        code: u16,
    },
    /// The caller gave up before the answer.
    Cancelled,
    RemoteHangUp,
    LocalHangUp,
    /// The answer was never acknowledged.
    NoAck,
}

/// The callee's side of one call.
#[derive(Debug)]
pub struct Incoming {
    us: SocketAddr,
    local: Local,
    rng: Rng,
    tag: String,
    state: State,
    pub out: Outbox,
    events: VecDeque<IncomingEvent>,
}

#[derive(Debug)]
enum State {
    Idle,
    /// Invited and not yet decided. `last` is what a repeated INVITE gets.
    Alerting {
        invite: Box<Message>,
        source: SocketAddr,
        last: Vec<u8>,
        agreed: Agreed,
    },
    /// A refusal repeats until its ACK.
    Refusing {
        invite: Box<Message>,
        reply: Repeated,
    },
    Confirmed {
        invite: Box<Message>,
        session: Box<Session>,
        ended: bool,
        up: bool,
    },
    Lingering {
        until: Micros,
    },
    Gone,
}

/// The media part of the answer.
#[derive(Debug, Clone)]
enum Agreed {
    Answer {
        sdp: String,
        media: Negotiated,
    },
    /// The INVITE had no SDP: our 200 makes the offer and the ACK answers it.
    Offer {
        sdp: String,
    },
}

impl Agreed {
    fn sdp(&self) -> &str {
        match self {
            Self::Answer { sdp, .. } | Self::Offer { sdp } => sdp,
        }
    }
}

impl Incoming {
    pub fn new(seed: u64, us: SocketAddr, rtp: SocketAddr) -> Self {
        let mut rng = Rng::new(seed);
        let tag = rng.token();
        let local = Local::new(rtp, rng.next_u64() >> 34);
        Self { us, local, rng, tag, state: State::Idle, out: Outbox::new(), events: VecDeque::new() }
    }

    /// Takes one datagram of this call.
    pub fn receive(&mut self, now: Micros, datagram: &[u8], source: SocketAddr) {
        let Ok(message) = parse(datagram) else { return };
        match &message.start {
            Start::Request { method, uri } => {
                let (method, uri) = (method.clone(), uri.clone());
                self.request(now, &method, &uri, message, source);
            }
            Start::Response { .. } => {
                if let State::Confirmed { session, .. } = &mut self.state {
                    session.handle_response(now, &message, &mut self.out);
                }
            }
        }
    }

    pub fn ring(&mut self, _now: Micros) {
        self.provisional(180, false);
    }

    pub fn early_media(&mut self, _now: Micros) {
        self.provisional(183, true);
        if let State::Alerting { agreed: Agreed::Answer { media, .. }, .. } = &self.state {
            self.events.push_back(IncomingEvent::Media(media.clone()));
        }
    }

    pub fn answer(&mut self, now: Micros) {
        let State::Alerting { invite, source, agreed, .. } = &self.state else { return };
        let (invite, source, agreed) = (invite.clone(), *source, agreed.clone());
        let dialog = Dialog::as_callee(&invite, source, self.us, &self.tag, 1);
        let rng = Rng::new(self.rng.next_u64());
        let mut session = Session::new(dialog, self.us, self.local.clone(), None, rng);
        let bytes = Writer::response(&invite, source, 200, &self.tag)
            .header("Contact", &format!("<sip:{}>", self.us))
            .about_us()
            .with_sdp(agreed.sdp());
        session.accept(now, invite.cseq.number, bytes, invite.via.reply_to(source), &mut self.out);
        if let Agreed::Answer { media, .. } = agreed {
            self.events.push_back(IncomingEvent::Media(media));
        }
        self.state = State::Confirmed { invite, session: Box::new(session), ended: false, up: false };
    }

    pub fn refuse(&mut self, now: Micros, code: u16, q850: Option<u16>, retry_after_s: Option<u32>) {
        let State::Alerting { invite, source, .. } = &self.state else { return };
        let code = code.clamp(300, 699);
        let mut writer = Writer::response(invite, *source, code, &self.tag);
        if let Some(cause) = q850 {
            writer = writer.header("Reason", &format!("Q.850;cause={cause}"));
        }
        if let Some(seconds) = retry_after_s {
            writer = writer.header("Retry-After", &seconds.to_string());
        }
        let reply = Repeated::start(now, writer.finish(), invite.via.reply_to(*source), &mut self.out);
        self.state = State::Refusing { invite: invite.clone(), reply };
        self.events.push_back(IncomingEvent::Ended(Ended::Refused { code }));
    }

    /// BYE once answered; before that the call is refused with 480.
    pub fn hang_up(&mut self, now: Micros) {
        match &mut self.state {
            State::Confirmed { session, ended, .. } => {
                session.hang_up(now, &mut self.out);
                if !std::mem::replace(ended, true) {
                    self.events.push_back(IncomingEvent::Ended(Ended::LocalHangUp));
                }
            }
            State::Alerting { .. } => self.refuse(now, 480, None, None),
            State::Idle | State::Refusing { .. } | State::Lingering { .. } | State::Gone => {}
        }
    }

    pub fn handle_timeout(&mut self, now: Micros) {
        match &mut self.state {
            State::Refusing { reply, .. } => {
                if reply.handle_timeout(now, &mut self.out) {
                    self.state = State::Gone;
                }
            }
            State::Confirmed { session, .. } => {
                let event = session.handle_timeout(now, &mut self.out);
                self.session_event(event);
            }
            State::Lingering { until } if *until <= now => self.state = State::Gone,
            State::Idle | State::Alerting { .. } | State::Lingering { .. } | State::Gone => {}
        }
    }

    pub fn poll_event(&mut self) -> Option<IncomingEvent> {
        self.events.pop_front()
    }

    pub fn poll_timeout(&self) -> Option<Micros> {
        match &self.state {
            State::Refusing { reply, .. } => Some(reply.poll_timeout()),
            State::Confirmed { session, .. } => earliest([session.poll_timeout()]),
            State::Lingering { until } => Some(*until),
            State::Idle | State::Alerting { .. } | State::Gone => None,
        }
    }

    pub fn is_over(&self) -> bool {
        match &self.state {
            State::Confirmed { session, .. } => session.is_gone(),
            State::Gone => true,
            State::Idle | State::Alerting { .. } | State::Refusing { .. } | State::Lingering { .. } => false,
        }
    }

    fn request(&mut self, now: Micros, method: &Method, uri: &str, request: Message, source: SocketAddr) {
        match (&mut self.state, method) {
            (State::Idle, Method::Invite) => self.invited(now, uri, request, source),
            (State::Alerting { invite, last, .. }, Method::Invite) if same(invite, &request) => {
                self.out.push_back((last.clone(), request.via.reply_to(source)));
            }
            (State::Alerting { invite, .. }, Method::Cancel) if same(invite, &request) => {
                self.reply(&request, source, 200);
                self.refuse(now, 487, None, None);
                self.events.pop_back();
                self.events.push_back(IncomingEvent::Ended(Ended::Cancelled));
            }
            (State::Refusing { invite, reply }, Method::Invite) if same(invite, &request) => {
                reply.again(&mut self.out);
            }
            (State::Refusing { invite, .. }, Method::Cancel) if same(invite, &request) => {
                self.reply(&request, source, 200);
            }
            // Timer I: late repeats of the ACK are absorbed.
            (State::Refusing { .. }, Method::Ack) => self.state = State::Lingering { until: now + LIMIT / 6 },
            // It crossed our 200: the CANCEL is answered and changes nothing, a BYE will follow (RFC 3261 section 9.2).
            (State::Confirmed { invite, .. }, Method::Cancel) if same(invite, &request) => {
                self.reply(&request, source, 200);
            }
            (State::Confirmed { session, .. }, _) => {
                let event = session.handle_request(now, &request, source, &mut self.out);
                self.session_event(event);
            }
            (
                State::Idle | State::Alerting { .. } | State::Refusing { .. } | State::Lingering { .. } | State::Gone,
                _,
            ) => {
                self.out.extend(reply_outside_dialog(&request, source));
            }
        }
    }

    fn invited(&mut self, now: Micros, uri: &str, invite: Message, source: SocketAddr) {
        let agreed = match invite.sdp() {
            None => Ok(Agreed::Offer { sdp: self.local.offer() }),
            Some(body) => Description::parse(body)
                .and_then(|offer| self.local.answer(&offer))
                .map(|(sdp, media)| Agreed::Answer { sdp, media }),
        };
        let required = invite.headers.list("require").next().map(str::to_owned);
        let callee = Uri::parse(uri).map(|uri| uri.user).unwrap_or_default();
        let caller = invite.from.uri.user.clone();
        let trying = Writer::response(&invite, source, 100, "").finish();
        self.out.push_back((trying.clone(), invite.via.reply_to(source)));
        let usable = agreed.is_ok();
        let agreed = agreed.unwrap_or(Agreed::Offer { sdp: String::new() });
        self.state = State::Alerting { invite: Box::new(invite), source, last: trying, agreed };
        match (required, usable) {
            // We know no extension that could be required (section 8.2.2.3).
            (Some(_), _) => self.refuse_quietly(now, 420),
            (None, false) => self.refuse_quietly(now, 488),
            (None, true) => self.events.push_back(IncomingEvent::Invited { caller, callee }),
        }
    }

    fn refuse_quietly(&mut self, now: Micros, code: u16) {
        self.refuse(now, code, None, None);
    }

    fn provisional(&mut self, code: u16, with_sdp: bool) {
        let State::Alerting { invite, source, last, agreed } = &mut self.state else { return };
        let writer =
            Writer::response(invite, *source, code, &self.tag).header("Contact", &format!("<sip:{}>", self.us));
        let bytes = match agreed {
            Agreed::Answer { sdp, .. } if with_sdp => writer.with_sdp(sdp),
            Agreed::Answer { .. } | Agreed::Offer { .. } => writer.finish(),
        };
        last.clone_from(&bytes);
        self.out.push_back((bytes, invite.via.reply_to(*source)));
    }

    fn reply(&mut self, request: &Message, source: SocketAddr, code: u16) {
        let bytes = Writer::response(request, source, code, &self.tag).finish();
        self.out.push_back((bytes, request.via.reply_to(source)));
    }

    fn session_event(&mut self, event: Option<session::Event>) {
        let State::Confirmed { ended, up, .. } = &mut self.state else { return };
        // The first ACK brings the call up; later ones end a re-INVITE.
        let first_ack = matches!(event, Some(session::Event::Acknowledged))
            || !*up && matches!(event, Some(session::Event::Renegotiated(_)));
        if first_ack && !std::mem::replace(up, true) {
            self.events.push_back(IncomingEvent::Confirmed);
        }
        let over = match event {
            None | Some(session::Event::Acknowledged) => return,
            Some(session::Event::Renegotiated(media)) => {
                self.events.push_back(IncomingEvent::Media(media));
                return;
            }
            Some(session::Event::Digit(digit)) => {
                self.events.push_back(IncomingEvent::Digit(digit));
                return;
            }
            Some(session::Event::HungUp { .. }) => Ended::RemoteHangUp,
            Some(session::Event::NoAck) => Ended::NoAck,
        };
        if !std::mem::replace(ended, true) {
            self.events.push_back(IncomingEvent::Ended(over));
        }
    }
}

/// Whether a request is of the INVITE's transaction (section 17.2.3).
fn same(invite: &Message, request: &Message) -> bool {
    invite.via.branch() == request.via.branch() && invite.cseq.number == request.cseq.number
}
