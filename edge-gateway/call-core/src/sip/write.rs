//! Values to bytes: one builder for requests and responses, which ends with the body.
use super::message::Message;
use super::{ALLOW, USER_AGENT};
use std::fmt::Write as _;
use std::net::SocketAddr;

/// A message being written: start line, headers in the order given, then [`Writer::finish`] or [`Writer::with_body`].
#[derive(Debug, Clone)]
pub struct Writer(String);

impl Writer {
    /// `METHOD uri SIP/2.0`
    pub fn request(method: &str, uri: &str) -> Self {
        let mut text = String::with_capacity(900);
        let _ = write!(text, "{method} {uri} SIP/2.0\r\n");
        Self(text)
    }

    /// A response to `request`, with what section 8.2.6.2 of RFC 3261 wants copied. `to_tag` is added to a To without one.
    pub fn response(request: &Message, source: SocketAddr, code: u16, to_tag: &str) -> Self {
        let mut text = String::with_capacity(900);
        let _ = write!(text, "SIP/2.0 {code} {}\r\n", reason(code));
        let mut writer = Self(text);
        for (n, via) in request.headers.list("via").enumerate() {
            writer = if n == 0 {
                writer.header("Via", &request.via.stamped(via, source))
            } else {
                writer.header("Via", via)
            };
        }
        for value in request.headers.all("record-route") {
            writer = writer.header("Record-Route", value);
        }
        let from = request.headers.get("from").unwrap_or_default();
        let to = request.headers.get("to").unwrap_or_default();
        writer = writer.header("From", from);
        writer = match request.to.tag() {
            None if code > 100 && !to_tag.is_empty() => writer.header("To", &format!("{to};tag={to_tag}")),
            _ => writer.header("To", to),
        };
        writer
            .header("Call-ID", &request.call_id)
            .header("CSeq", &format!("{} {}", request.cseq.number, request.cseq.method))
    }

    /// Adds one header. Line breaks in a value become blanks: a value never starts a new header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0.push_str(name);
        self.0.push_str(": ");
        if value.contains(['\r', '\n']) {
            self.0.push_str(&value.replace(['\r', '\n'], " "));
        } else {
            self.0.push_str(value);
        }
        self.0.push_str("\r\n");
        self
    }

    /// Adds Allow and User-Agent.
    pub fn about_us(self) -> Self {
        self.header("Allow", ALLOW).header("User-Agent", USER_AGENT)
    }

    /// Ends a message without body.
    pub fn finish(mut self) -> Vec<u8> {
        self.0.push_str("Content-Length: 0\r\n\r\n");
        self.0.into_bytes()
    }

    /// Ends a message with an SDP body.
    pub fn with_sdp(mut self, sdp: &str) -> Vec<u8> {
        let _ = write!(self.0, "Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}", sdp.len());
        self.0.into_bytes()
    }
}

/// The usual phrase of a status code (RFC 3261 section 21).
pub fn reason(code: u16) -> &'static str {
    match code {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        182 => "Queued",
        183 => "Session Progress",
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        415 => "Unsupported Media Type",
        420 => "Bad Extension",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        484 => "Address Incomplete",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        _ => match code / 100 {
            1 => "Progress",
            2 => "OK",
            3 => "Redirection",
            4 => "Client Error",
            5 => "Server Error",
            _ => "Global Failure",
        },
    }
}
