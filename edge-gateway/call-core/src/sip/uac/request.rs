//! The requests of a call that is not up yet: INVITE, its CANCEL, and the ACK of its refusal.
use crate::sdp::Local;
use crate::sip::digest::Credentials;
use crate::sip::message::Message;
use crate::sip::met::Header;
use crate::sip::write::Writer;
use std::net::SocketAddr;
use std::time::Duration;

/// Whom to call, from where, through which trunk.
#[derive(Debug, Clone)]
pub struct Dial {
    /// The Call-ID, derived from the attempt so that a repeat would be recognised.
    pub call_id: String,
    /// Our SIP address as peers reach it: Via and Contact.
    pub us: SocketAddr,
    /// Where the INVITE is sent.
    pub trunk: SocketAddr,
    /// The trunk's host, with its port where it is not 5060: request URI, From and To.
    pub domain: String,
    /// User part of From: the number that is shown.
    pub caller: String,
    /// User part of the request URI and To: the number that is called.
    pub callee: String,
    pub credentials: Option<Credentials>,
    /// From the first provisional response, again from the first 18x, to the CANCEL.
    pub ring_limit: Duration,
}

fn to(uri: &str) -> String {
    format!("<{uri}>")
}

pub(super) fn invite(
    dial: &Dial,
    local: &Local,
    from: &str,
    uri: &str,
    seq: u32,
    branch: &str,
    credentials: &[Header],
) -> Vec<u8> {
    let mut writer = Writer::request("INVITE", uri)
        .header("Via", &format!("SIP/2.0/UDP {};rport;branch={branch}", dial.us))
        .header("Max-Forwards", "70")
        .header("From", from)
        .header("To", &to(uri))
        .header("Call-ID", &dial.call_id)
        .header("CSeq", &format!("{seq} INVITE"))
        .header("Contact", &format!("<sip:{}@{}>", escape_user(&dial.caller), dial.us))
        .about_us();
    for (name, value) in credentials {
        writer = writer.header(name, value);
    }
    writer.with_sdp(&local.offer())
}

/// CANCEL, or the ACK of a refusal: same branch and sequence number as the INVITE (sections 9.1, 17.1.1.3).
fn in_transaction(method: &str, dial: &Dial, from: &str, to: &str, uri: &str, seq: u32, branch: &str) -> Vec<u8> {
    Writer::request(method, uri)
        .header("Via", &format!("SIP/2.0/UDP {};rport;branch={branch}", dial.us))
        .header("Max-Forwards", "70")
        .header("From", from)
        .header("To", to)
        .header("Call-ID", &dial.call_id)
        .header("CSeq", &format!("{seq} {method}"))
        .finish()
}

pub(super) fn ack(dial: &Dial, response: &Message, from: &str, uri: &str, seq: u32, branch: &str) -> Vec<u8> {
    in_transaction("ACK", dial, from, response.headers.get("to").unwrap_or_default(), uri, seq, branch)
}

/// The CANCEL of an INVITE.
pub(super) fn cancel(dial: &Dial, from: &str, uri: &str, seq: u32, branch: &str) -> Vec<u8> {
    in_transaction("CANCEL", dial, from, &to(uri), uri, seq, branch)
}

/// Keeps the characters a user part may have (section 25.1) and escapes the rest.
pub(super) fn escape_user(user: &str) -> String {
    let mut out = String::with_capacity(user.len());
    for byte in user.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte as char),
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' | b'&' | b'=' | b'+' | b'$' | b',' => {
                out.push(byte as char);
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
