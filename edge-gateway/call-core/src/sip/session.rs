//! A confirmed dialog at work, the same for both ends: requests inside it, renegotiation, BYE either way, and the
//! lingering that answers late repeats.
use super::dialog::Dialog;
use super::digest::Credentials;
use super::message::{Message, Method, Start};
use super::met::{Header, Met};
use super::transaction::{ClientTransaction, LIMIT, Progress, Repeated, Replies};
use super::uri::params;
use super::write::Writer;
use super::{ALLOW, Outbox};
use crate::rng::Rng;
use crate::sdp::{Description, Local, Negotiated};
use crate::time::{Micros, earliest};
use std::net::SocketAddr;

/// What happened inside the dialog.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The ACK of our 2xx came.
    Acknowledged,
    /// The other end changed the media: hold, resume, another address.
    Renegotiated(Negotiated),
    /// A digit by SIP INFO.
    Digit(char),
    /// The other end hung up, perhaps with a Q.850 cause.
    HungUp { q850: Option<u16> },
    /// No ACK in 64 × T1; a BYE was sent (section 13.3.1.4).
    NoAck,
}

/// One confirmed dialog.
#[derive(Debug)]
pub struct Session {
    dialog: Dialog,
    us: SocketAddr,
    local: Local,
    /// Challenges to our BYE.
    met: Met,
    rng: Rng,
    replies: Replies,
    /// Our 2xx to an INVITE, by its sequence number, until its ACK.
    ok: Option<(u32, Repeated)>,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Up,
    /// A hang-up was asked for; the ACK of our 2xx has to come first (section 15).
    HangingUp,
    /// Our BYE is out.
    Closing {
        bye: ClientTransaction,
    },
    /// Over; late repeats are answered until then.
    Lingering {
        until: Micros,
    },
    Gone,
}

impl Session {
    pub fn new(dialog: Dialog, us: SocketAddr, local: Local, credentials: Option<Credentials>, rng: Rng) -> Self {
        let (met, replies) = (Met::new(credentials), Replies::default());
        Self { dialog, us, local, met, rng, replies, ok: None, phase: Phase::Up }
    }

    pub fn dialog(&self) -> &Dialog {
        &self.dialog
    }

    /// Sends our 2xx to the INVITE with sequence number `seq` until its ACK.
    pub fn accept(&mut self, now: Micros, seq: u32, bytes: Vec<u8>, to: SocketAddr, out: &mut Outbox) {
        self.ok = Some((seq, Repeated::start(now, bytes, to, out)));
    }

    /// Writes the ACK of the 2xx with sequence number `seq` and its INVITE's credentials; it is sent again for each repeat
    /// of that 2xx.
    pub fn ack(&mut self, seq: u32, credentials: &[Header]) -> (Vec<u8>, SocketAddr) {
        let branch = branch(&mut self.rng);
        let (mut writer, _, to) = self.dialog.request("ACK", Some(seq), &branch);
        for (name, value) in credentials {
            writer = writer.header(name, value);
        }
        (writer.finish(), to)
    }

    /// Ends the dialog with a BYE. Nothing happens when it is already ending.
    pub fn hang_up(&mut self, now: Micros, out: &mut Outbox) {
        match (&self.phase, &self.ok) {
            (Phase::Up, Some(_)) => self.phase = Phase::HangingUp,
            (Phase::Up | Phase::HangingUp, _) => self.bye(now, out),
            (Phase::Closing { .. } | Phase::Lingering { .. } | Phase::Gone, _) => {}
        }
    }

    /// Whether the other end still counts as connected.
    pub fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Up | Phase::HangingUp)
    }

    /// Whether a hang-up of ours has not been answered yet.
    pub fn awaits_answer(&self) -> bool {
        match &self.phase {
            Phase::HangingUp => true,
            Phase::Closing { bye } => !bye.is_settled(),
            Phase::Up | Phase::Lingering { .. } | Phase::Gone => false,
        }
    }

    /// Whether no repeat needs an answer any more.
    pub fn is_gone(&self) -> bool {
        matches!(self.phase, Phase::Gone)
    }

    /// Takes a request of this dialog. Requests that are not of it are answered 481.
    pub fn handle_request(
        &mut self,
        now: Micros,
        request: &Message,
        source: SocketAddr,
        out: &mut Outbox,
    ) -> Option<Event> {
        let Start::Request { method, .. } = &request.start else { return None };
        let seq = request.cseq.number;
        match (method, &self.ok) {
            (Method::Ack, Some((of, _))) if *of == seq => return self.acknowledged(now, request, out),
            (Method::Ack, _) => return None,
            (Method::Invite, Some((of, repeated))) if *of == seq => {
                repeated.again(out);
                return None;
            }
            _ => {}
        }
        if self.replies.repeat(request, out) {
            return None;
        }
        if !self.dialog.owns(request) || !self.is_up() && *method != Method::Bye {
            self.reply(now, request, source, 481, out);
            return None;
        }
        if !self.dialog.accepts_seq(seq) {
            self.reply(now, request, source, 500, out);
            return None;
        }
        match method {
            Method::Bye => {
                self.reply(now, request, source, 200, out);
                let was_up = self.is_up();
                self.ok = None;
                self.phase = Phase::Lingering { until: now + LIMIT };
                was_up.then(|| Event::HungUp { q850: request.q850() })
            }
            Method::Invite => self.renegotiate(now, request, source, out),
            Method::Options => {
                self.reply(now, request, source, 200, out);
                None
            }
            Method::Info => {
                self.reply(now, request, source, 200, out);
                digit_of_info(request).map(Event::Digit)
            }
            // A CANCEL of something that is already answered has no effect (section 9.2).
            Method::Cancel => {
                self.reply(now, request, source, 481, out);
                None
            }
            Method::Other(name) => {
                let code = if known_method(name) { 405 } else { 501 };
                self.reply(now, request, source, code, out);
                None
            }
            Method::Ack => None,
        }
    }

    /// Takes a response to our BYE.
    pub fn handle_response(&mut self, now: Micros, response: &Message, out: &mut Outbox) {
        let Phase::Closing { bye } = &mut self.phase else { return };
        if !bye.owns(response) || bye.handle(now, response, || None, out) != Progress::Final {
            return;
        }
        let Start::Response { code, .. } = response.start else { return };
        if self.met.meet(response, code) {
            self.bye(now, out);
        }
    }

    pub fn handle_timeout(&mut self, now: Micros, out: &mut Outbox) -> Option<Event> {
        match &mut self.phase {
            Phase::Closing { bye } => {
                bye.handle_timeout(now, out);
                if bye.is_terminated() {
                    self.phase = Phase::Gone;
                }
            }
            Phase::Lingering { until } if *until <= now => self.phase = Phase::Gone,
            Phase::Up | Phase::HangingUp | Phase::Lingering { .. } | Phase::Gone => {}
        }
        if let Some((_, repeated)) = &mut self.ok
            && repeated.handle_timeout(now, out)
        {
            self.ok = None;
            self.bye(now, out);
            return Some(Event::NoAck);
        }
        None
    }

    pub fn poll_timeout(&self) -> Option<Micros> {
        let phase = match &self.phase {
            Phase::Closing { bye } => bye.poll_timeout(),
            Phase::Lingering { until } => Some(*until),
            Phase::Up | Phase::HangingUp | Phase::Gone => None,
        };
        earliest([phase, self.ok.as_ref().map(|(_, repeated)| repeated.poll_timeout())])
    }

    fn bye(&mut self, now: Micros, out: &mut Outbox) {
        let branch = branch(&mut self.rng);
        let (mut writer, uri, to) = self.dialog.request("BYE", None, &branch);
        for (name, value) in self.met.headers("BYE", &uri, &mut self.rng) {
            writer = writer.header(name, &value);
        }
        let bye = ClientTransaction::start(now, Method::Bye, branch, writer.finish(), to, out);
        self.phase = Phase::Closing { bye };
    }

    fn acknowledged(&mut self, now: Micros, ack: &Message, out: &mut Outbox) -> Option<Event> {
        self.ok = None;
        if let Phase::HangingUp = self.phase {
            self.bye(now, out);
        }
        // Only when our 2xx carried an offer does its ACK carry the answer.
        match ack.sdp().and_then(|body| Description::parse(body).ok()?.settle().ok()) {
            Some(negotiated) => Some(Event::Renegotiated(negotiated)),
            None => Some(Event::Acknowledged),
        }
    }

    fn renegotiate(&mut self, now: Micros, request: &Message, source: SocketAddr, out: &mut Outbox) -> Option<Event> {
        if self.ok.is_some() {
            self.reply(now, request, source, 491, out);
            return None;
        }
        let local = Local { version: self.local.version + 1, ..self.local.clone() };
        let (sdp, negotiated) = match request.sdp() {
            None => (local.offer(), None),
            Some(body) => match Description::parse(body).and_then(|offer| local.answer(&offer)) {
                Ok((sdp, negotiated)) => (sdp, Some(negotiated)),
                Err(_) => {
                    self.reply(now, request, source, 488, out);
                    return None;
                }
            },
        };
        self.local = local;
        self.dialog.retarget(request);
        let bytes = Writer::response(request, source, 200, &self.dialog.local_tag)
            .header("Contact", &format!("<sip:{}>", self.us))
            .about_us()
            .with_sdp(&sdp);
        self.accept(now, request.cseq.number, bytes, request.via.reply_to(source), out);
        negotiated.map(Event::Renegotiated)
    }

    fn reply(&mut self, now: Micros, request: &Message, source: SocketAddr, code: u16, out: &mut Outbox) {
        let mut writer = Writer::response(request, source, code, &self.dialog.local_tag);
        if matches!(code, 200 | 405) {
            writer = writer.header("Allow", ALLOW);
        }
        self.replies.send(now, request, writer.finish(), request.via.reply_to(source), out);
    }
}

/// A branch that is ours and new (section 8.1.1.7).
pub(crate) fn branch(rng: &mut Rng) -> String {
    format!("z9hG4bK{}", rng.token())
}

/// Methods that exist but that we do not take.
pub(crate) fn known_method(name: &str) -> bool {
    matches!(name, "REGISTER" | "PRACK" | "UPDATE" | "REFER" | "SUBSCRIBE" | "NOTIFY" | "MESSAGE" | "PUBLISH")
}

/// The digit of an `application/dtmf-relay` or `application/dtmf` body.
fn digit_of_info(request: &Message) -> Option<char> {
    let kind = request.headers.get("content-type")?.to_ascii_lowercase();
    let body = String::from_utf8_lossy(&request.body);
    let value = match kind.trim() {
        "application/dtmf-relay" => {
            body.lines().flat_map(|line| params(&line.replace(':', "="))).find(|(key, _)| key == "signal")?.1?
        }
        "application/dtmf" => body.trim().to_owned(),
        _ => return None,
    };
    value.trim().chars().next().filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#' | 'A'..='D'))
}
