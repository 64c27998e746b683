//! What a shell needs before it knows the call: the Call-ID of a datagram, and the answer to requests of no call.
use super::ALLOW;
use super::message::{Message, Method, Start};
use super::session::known_method;
use super::write::Writer;
use std::net::SocketAddr;

/// The Call-ID of a datagram without parsing it whole. `None` when there is none: drop the datagram.
pub fn call_id_of(datagram: &[u8]) -> Option<&str> {
    datagram.split(|b| *b == b'\n').take_while(|line| !matches!(line, [] | [b'\r'])).find_map(|line| {
        let colon = line.iter().position(|b| *b == b':')?;
        let name = line[..colon].trim_ascii();
        if !name.eq_ignore_ascii_case(b"call-id") && !name.eq_ignore_ascii_case(b"i") {
            return None;
        }
        std::str::from_utf8(line[colon + 1..].trim_ascii()).ok().filter(|id| !id.is_empty())
    })
}

/// The reply to a request that belongs to no dialog here: OPTIONS 200, what cannot start a dialog 405 or 501, the rest 481.
/// ACK and responses get none.
pub fn reply_outside_dialog(request: &Message, source: SocketAddr) -> Option<(Vec<u8>, SocketAddr)> {
    let Start::Request { method, .. } = &request.start else { return None };
    let code = match method {
        Method::Ack => return None,
        Method::Options => 200,
        Method::Invite | Method::Bye | Method::Cancel | Method::Info => 481,
        Method::Other(name) if known_method(name) => 405,
        Method::Other(_) => 501,
    };
    // The tag has no state behind it, so it is made of the request itself (section 8.2.7).
    let tag = format!("{:08x}", hash(request.call_id.as_bytes()));
    let mut writer = Writer::response(request, source, code, &tag);
    if matches!(code, 200 | 405) {
        writer = writer.header("Allow", ALLOW).header("Accept", "application/sdp");
    }
    Some((writer.finish(), request.via.reply_to(source)))
}

fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |h, b| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_call_id_in_either_form_and_only_in_the_head() {
        assert_eq!(call_id_of(b"INVITE sip:a SIP/2.0\r\ni : a@b \r\n\r\n"), Some("a@b"));
        assert_eq!(call_id_of(b"SIP/2.0 200 OK\r\nCALL-ID:x\r\n\r\n"), Some("x"));
        assert_eq!(call_id_of(b"INVITE sip:a SIP/2.0\r\n\r\nCall-ID: x\r\n"), None);
        assert_eq!(call_id_of(&[0xFF, 0, 1]), None);
    }
}
