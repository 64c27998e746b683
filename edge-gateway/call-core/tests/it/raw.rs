//! The caller's side alone, against responses and requests written by hand.
use crate::world::{CARRIER, addr, dial_setup};
use call_core::sdp::Local;
use call_core::sip::digest::Credentials;
use call_core::sip::uac::{Dial, End, Event, Uac};
use call_core::sip::{Message, Start, Writer, parse};
use call_core::time::Micros;

struct Raw {
    uac: Uac,
    now: Micros,
    /// Everything sent, oldest first.
    sent: Vec<Message>,
    events: Vec<Event>,
}

impl Raw {
    fn dial(dial: Dial) -> Self {
        let uac = Uac::dial(Micros(0), dial, addr("10.0.0.1:20000"), 7);
        let mut raw = Self { uac, now: Micros(0), sent: Vec::new(), events: Vec::new() };
        raw.drain();
        raw
    }

    fn with_account() -> Self {
        let credentials = Some(Credentials { username: "trunkuser".into(), password: "s3cret".into() });
        Self::dial(Dial { credentials, ..dial_setup() })
    }

    /// Answered by the tag `t1`.
    fn up() -> Self {
        let mut raw = Self::dial(dial_setup());
        raw.reply(0, 200, "t1", &[("Contact", "<sip:bob@10.0.0.2:5099>")], true);
        raw
    }

    fn at(&mut self, millis: u64) {
        let end = Micros::from_millis(millis);
        while let Some(at) = self.uac.poll_timeout().filter(|at| *at <= end) {
            self.now = at;
            self.uac.handle_timeout(at);
            self.drain();
        }
        self.now = end;
    }

    /// Answers the request sent as number `index`.
    fn reply(&mut self, index: usize, code: u16, tag: &str, headers: &[(&str, &str)], sdp: bool) {
        let request = &self.sent[index];
        let mut writer = Writer::response(request, addr("10.0.0.1:5060"), code, tag);
        for (name, value) in headers {
            writer = writer.header(name, value);
        }
        let body = Local::new(addr("10.0.0.2:30000"), 9).offer();
        let bytes = if sdp { writer.with_sdp(&body) } else { writer.finish() };
        self.uac.receive(self.now, &bytes, addr(CARRIER));
        self.drain();
    }

    /// A request inside the dialog.
    fn request(&mut self, method: &str, seq: u32, to_tag: &str, headers: &[(&str, &str)], body: &str) {
        let invite = &self.sent[0];
        let from = format!("<sip:+8613800000000@trunk.example>;tag={to_tag}");
        let mut writer = Writer::request(method, "sip:10.0.0.1:5060")
            .header("Via", &format!("SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK{method}{seq}"))
            .header("From", &from)
            .header("To", invite.headers.get("from").expect("from"))
            .header("Call-ID", &invite.call_id)
            .header("CSeq", &format!("{seq} {method}"));
        for (name, value) in headers {
            writer = writer.header(name, value);
        }
        let bytes = if body.is_empty() { writer.finish() } else { writer.with_sdp(body) };
        self.uac.receive(self.now, &bytes, addr(CARRIER));
        self.drain();
    }

    fn drain(&mut self) {
        while let Some((bytes, _)) = self.uac.out.pop_front() {
            self.sent.push(parse(&bytes).expect("what we send can be read"));
        }
        while let Some(event) = self.uac.poll_event() {
            self.events.push(event);
        }
    }

    /// What was sent, one word each.
    fn words(&self) -> String {
        let word = |message: &Message| match &message.start {
            Start::Request { method, .. } => method.to_string(),
            Start::Response { code, .. } => code.to_string(),
        };
        self.sent.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    fn ends(&self) -> Vec<End> {
        self.events.iter().filter_map(|e| if let Event::Ended(end) = e { Some(*end) } else { None }).collect()
    }
}

const CHALLENGE: (&str, &str) =
    ("WWW-Authenticate", r#"Digest realm="trunk.example", nonce="n1", algorithm=MD5, qop="auth""#);

const PROXY: (&str, &str) = ("Proxy-Authenticate", r#"Digest realm="proxy", nonce="p1", qop="auth""#);

#[test]
fn a_401_is_met_once_with_digest_and_acknowledged() {
    let mut raw = Raw::with_account();
    raw.reply(0, 401, "x", &[CHALLENGE], false);
    assert_eq!(raw.words(), "INVITE ACK INVITE");
    let again = &raw.sent[2];
    let header = again.headers.get("authorization").expect("authorization");
    assert!(
        header.contains(
            r#"username="trunkuser", realm="trunk.example", nonce="n1", uri="sip:+8613800000000@trunk.example""#
        ),
        "{header}"
    );
    assert!(header.contains("qop=auth, nc=00000001"), "{header}");
    assert_eq!((again.cseq.number, again.call_id.as_str()), (2, "c1@bellbird"));
    assert_eq!(again.from.tag(), raw.sent[0].from.tag());
    assert_ne!(again.via.branch(), raw.sent[0].via.branch());
    raw.reply(2, 401, "x", &[CHALLENGE], false);
    assert_eq!((raw.words().as_str(), raw.ends()), ("INVITE ACK INVITE ACK", vec![End::AuthFailed { code: 401 }]));
}

#[test]
fn the_ack_of_an_answer_carries_the_credentials_of_its_invite() {
    let mut raw = Raw::with_account();
    raw.reply(0, 407, "x", &[PROXY], false);
    raw.reply(2, 200, "t1", &[], true);
    raw.reply(2, 200, "t1", &[], true);
    raw.reply(2, 200, "t2", &[], true);
    assert_eq!(raw.words(), "INVITE ACK INVITE ACK ACK ACK BYE");
    let credentials = |n: usize| raw.sent[n].headers.get("proxy-authorization");
    assert!(credentials(1).is_none() && credentials(2).is_some());
    assert!([3, 4, 5].iter().all(|&ack| credentials(ack) == credentials(2)));
}

#[test]
fn a_proxy_and_the_far_end_may_each_ask_once_and_both_are_answered() {
    let mut raw = Raw::with_account();
    raw.reply(0, 407, "x", &[PROXY], false);
    raw.reply(2, 401, "x", &[CHALLENGE], false);
    assert_eq!((raw.words().as_str(), raw.ends()), ("INVITE ACK INVITE ACK INVITE", vec![]));
    let header = |name| raw.sent[4].headers.get(name).unwrap_or_default();
    let (proxy, end) = (header("proxy-authorization"), header("authorization"));
    assert!(proxy.contains(r#"nonce="p1""#) && proxy.contains("nc=00000002"), "{proxy}");
    assert!(end.contains(r#"nonce="n1""#) && end.contains("nc=00000001"), "{end}");
    raw.reply(4, 407, "x", &[PROXY], false);
    assert_eq!(raw.ends(), [End::AuthFailed { code: 407 }]);
}

#[test]
fn a_407_with_a_stale_nonce_is_met_again() {
    let mut raw = Raw::with_account();
    let ask = |nonce: &str, stale: &str| format!(r#"Digest realm="r", nonce="{nonce}"{stale}, algorithm=SHA-256"#);
    raw.reply(0, 407, "x", &[("Proxy-Authenticate", &ask("n1", ""))], false);
    raw.reply(2, 407, "x", &[("Proxy-Authenticate", &ask("n2", ", stale=true"))], false);
    assert_eq!(raw.words(), "INVITE ACK INVITE ACK INVITE");
    let header = raw.sent[4].headers.get("proxy-authorization").expect("authorization");
    assert!(header.contains(r#"nonce="n2""#) && header.contains("algorithm=SHA-256"), "{header}");
    raw.reply(4, 200, "y", &[], true);
    assert!(matches!(raw.events[..], [Event::Answered(_)]));
}

#[test]
fn a_challenge_without_an_account_fails() {
    let mut raw = Raw::dial(dial_setup());
    raw.reply(0, 401, "x", &[CHALLENGE], false);
    assert_eq!(raw.ends(), [End::AuthFailed { code: 401 }]);
}

#[test]
fn a_refusal_is_acknowledged_each_time_it_comes_and_told_once() {
    let mut raw = Raw::dial(dial_setup());
    let headers = [("Reason", "SIP;cause=503, Q.850;cause=42;text=\"busy\""), ("Retry-After", "30 (soon);duration=9")];
    raw.reply(0, 503, "x", &headers, false);
    raw.reply(0, 503, "x", &headers, false);
    assert_eq!(raw.words(), "INVITE ACK ACK");
    assert_eq!(raw.sent[1].via.branch(), raw.sent[0].via.branch());
    assert_eq!(raw.ends(), [End::Refused { code: 503, q850: Some(42), retry_after_s: Some(30) }]);
    raw.at(33_000);
    assert!(raw.uac.is_over() && raw.uac.poll_timeout().is_none());
}

#[test]
fn a_redirection_is_a_refusal() {
    let mut raw = Raw::dial(dial_setup());
    raw.reply(0, 302, "x", &[("Contact", "<sip:elsewhere@10.9.9.9>")], false);
    assert_eq!(raw.ends(), [End::Refused { code: 302, q850: None, retry_after_s: None }]);
}

#[test]
fn a_repeated_200_is_acknowledged_again_and_another_branch_of_a_fork_is_hung_up() {
    let mut raw = Raw::up();
    raw.reply(0, 200, "t1", &[], true);
    raw.reply(0, 200, "t2", &[("Contact", "<sip:other@10.0.0.3>")], true);
    raw.reply(0, 200, "t2", &[("Contact", "<sip:other@10.0.0.3>")], true);
    assert_eq!(raw.words(), "INVITE ACK ACK ACK BYE ACK");
    assert_eq!(raw.sent[4].to.tag(), Some("t2"));
    assert!(raw.ends().is_empty());
}

#[test]
fn requests_inside_the_dialog_follow_the_route_and_the_contact() {
    let mut raw = Raw::dial(dial_setup());
    let routes =
        [("Record-Route", "<sip:10.0.0.8:5080;lr>, <sip:10.0.0.7;lr>"), ("Contact", "<sip:bob@10.0.0.2:5099>")];
    raw.reply(0, 200, "t1", &routes, true);
    raw.uac.hang_up(Micros::from_millis(10));
    let (_, to) = raw.uac.out.front().cloned().expect("a bye");
    raw.drain();
    assert_eq!(raw.words(), "INVITE ACK BYE");
    let bye = &raw.sent[2];
    assert!(matches!(&bye.start, Start::Request { uri, .. } if uri == "sip:bob@10.0.0.2:5099"));
    assert_eq!(bye.headers.list("route").collect::<Vec<_>>(), ["<sip:10.0.0.7;lr>", "<sip:10.0.0.8:5080;lr>"]);
    assert_eq!((to, bye.cseq.number), (addr("10.0.0.7:5060"), 2));
    raw.reply(2, 200, "t1", &[], false);
    raw.at(6_000);
    assert!(raw.uac.is_over());
}

#[test]
fn hold_is_answered_and_a_second_offer_waits_for_the_ack() {
    let mut raw = Raw::up();
    let hold = Local::new(addr("10.0.0.2:30000"), 9).offer().replace("sendrecv", "sendonly");
    raw.request("INVITE", 5, "t1", &[], &hold);
    let answer = String::from_utf8_lossy(&raw.sent[2].body).into_owned();
    assert!(answer.contains("a=recvonly"), "{answer}");
    assert!(matches!(raw.events.last(), Some(Event::Renegotiated(n)) if !n.direction.may_send()));
    raw.request("INVITE", 6, "t1", &[], &hold);
    raw.request("ACK", 5, "t1", &[], "");
    raw.request("INVITE", 7, "t1", &[], &hold.replace("sendonly", "sendrecv"));
    assert_eq!(raw.words(), "INVITE ACK 200 491 200");
    raw.request("INVITE", 3, "t1", &[], &hold);
    assert_eq!(raw.words(), "INVITE ACK 200 491 200 500");
}

#[test]
fn requests_in_and_out_of_the_dialog_get_what_is_due() {
    let mut raw = Raw::up();
    raw.request("OPTIONS", 2, "t1", &[], "");
    raw.request("SUBSCRIBE", 3, "t1", &[], "");
    raw.request("DANCE", 4, "t1", &[], "");
    raw.request("BYE", 5, "wrong", &[], "");
    assert_eq!(raw.words(), "INVITE ACK 200 405 501 481");
    assert!(raw.sent[3].headers.get("allow").is_some());
    raw.request("BYE", 6, "t1", &[("Reason", "Q.850;cause=16")], "");
    raw.request("BYE", 6, "t1", &[], "");
    raw.request("OPTIONS", 7, "t1", &[], "");
    assert_eq!(raw.words(), "INVITE ACK 200 405 501 481 200 200 481");
    assert_eq!(raw.ends(), [End::RemoteHangUp { q850: Some(16) }]);
    raw.at(40_000);
    assert!(raw.uac.is_over());
}

#[test]
fn hanging_up_before_any_reply_waits_for_one_and_then_cancels() {
    let mut raw = Raw::dial(dial_setup());
    raw.uac.hang_up(Micros(0));
    raw.drain();
    assert_eq!(raw.words(), "INVITE");
    raw.reply(0, 100, "", &[], false);
    assert_eq!(raw.words(), "INVITE CANCEL");
    assert_eq!(raw.sent[1].via.branch(), raw.sent[0].via.branch());
    raw.reply(1, 200, "x", &[], false);
    raw.reply(0, 487, "x", &[], false);
    assert_eq!((raw.words().as_str(), raw.ends()), ("INVITE CANCEL ACK", vec![End::Cancelled]));
}

#[test]
fn a_cancel_that_nothing_final_follows_ends_the_call_for_good() {
    let mut raw = Raw::dial(dial_setup());
    raw.reply(0, 180, "t1", &[], false);
    raw.uac.hang_up(Micros(0));
    raw.drain();
    raw.reply(1, 200, "x", &[], false);
    for seconds in [10, 20, 30] {
        raw.at(seconds * 1_000);
        raw.reply(0, 180, "t1", &[], false);
    }
    raw.at(31_999);
    assert!(raw.ends().is_empty());
    raw.at(32_000);
    assert_eq!((raw.words().as_str(), raw.ends()), ("INVITE CANCEL", vec![End::Cancelled]));
    assert!(raw.uac.is_over() && raw.uac.poll_timeout().is_none());
}

#[test]
fn an_answer_that_crosses_our_cancel_is_acknowledged_and_hung_up() {
    let mut raw = Raw::dial(dial_setup());
    raw.reply(0, 180, "t1", &[], false);
    raw.uac.hang_up(Micros(0));
    raw.drain();
    raw.reply(0, 200, "t1", &[], true);
    raw.reply(1, 481, "x", &[], false);
    assert_eq!((raw.words().as_str(), raw.ends()), ("INVITE CANCEL ACK BYE", vec![End::Cancelled]));
    raw.reply(3, 200, "t1", &[], false);
    raw.at(40_000);
    assert!(raw.uac.is_over());
}

#[test]
fn an_answer_without_usable_sound_is_hung_up() {
    let mut raw = Raw::dial(dial_setup());
    raw.reply(0, 200, "t1", &[], false);
    assert_eq!((raw.words().as_str(), raw.ends()), ("INVITE ACK BYE", vec![End::NoMedia]));
}

#[test]
fn a_bye_that_is_challenged_is_sent_again_with_digest() {
    let mut raw = Raw::with_account();
    raw.reply(0, 200, "t1", &[], true);
    raw.uac.hang_up(Micros(0));
    raw.drain();
    raw.reply(2, 401, "t1", &[CHALLENGE], false);
    assert_eq!(raw.words(), "INVITE ACK BYE BYE");
    assert!(raw.sent[3].headers.get("authorization").is_some());
    assert!(raw.uac.awaits_answer());
    raw.reply(3, 200, "t1", &[], false);
    assert!(!raw.uac.awaits_answer() && !raw.uac.is_over());
}

#[test]
fn numbers_cannot_smuggle_headers() {
    let raw = Raw::dial(Dial { callee: "1@evil>\r\nX: y".into(), ..dial_setup() });
    assert!(raw.sent[0].headers.get("x").is_none());
    assert_eq!(raw.sent[0].to.uri.user, "1%40evil%3E%0D%0AX%3A%20y");
}
