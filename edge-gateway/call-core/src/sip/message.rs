//! One SIP message as values: what every message must have is parsed at the door, the rest stays text.
use super::parse::{ParseError, split_outside};
use super::uri::{NameAddr, Uri, host_port, params};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// A request or a response whose mandatory headers were present and readable (RFC 3261 section 8.1.1).
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub start: Start,
    /// The topmost Via.
    pub via: Via,
    pub from: NameAddr,
    pub to: NameAddr,
    pub call_id: String,
    pub cseq: CSeq,
    /// Every header, those above too, as they came.
    pub headers: Headers,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    Request { method: Method, uri: String },
    Response { code: u16, reason: String },
}

impl Message {
    /// The URI of each Record-Route, in the order of the message.
    pub fn record_routes(&self) -> Vec<NameAddr> {
        self.headers.list("record-route").filter_map(|v| NameAddr::parse(v).ok()).collect()
    }

    /// The first Contact that can be read.
    pub fn contact(&self) -> Option<Uri> {
        self.headers.list("contact").find_map(|v| NameAddr::parse(v).ok()).map(|a| a.uri)
    }

    /// Seconds of `Retry-After`.
    pub fn retry_after(&self) -> Option<u32> {
        let value = self.headers.get("retry-after")?;
        value.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }

    /// The Q.850 cause of a `Reason` header (RFC 3326).
    pub fn q850(&self) -> Option<u16> {
        self.headers.list("reason").find_map(|value| {
            let (protocol, tail) = value.split_once(';')?;
            if !protocol.trim().eq_ignore_ascii_case("Q.850") {
                return None;
            }
            params(tail).into_iter().find(|(key, _)| key == "cause")?.1?.trim().parse().ok()
        })
    }

    /// The body, when its type is SDP or is not named.
    pub fn sdp(&self) -> Option<&[u8]> {
        let is_sdp = match self.headers.get("content-type") {
            Some(kind) => kind.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/sdp"),
            None => true,
        };
        (is_sdp && !self.body.is_empty()).then_some(&self.body)
    }
}

/// Methods we act on; another one is kept by name and answered 501.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    Invite,
    Ack,
    Cancel,
    Bye,
    Options,
    Info,
    Other(String),
}

impl Method {
    pub fn parse(text: &str) -> Self {
        match text {
            "INVITE" => Self::Invite,
            "ACK" => Self::Ack,
            "CANCEL" => Self::Cancel,
            "BYE" => Self::Bye,
            "OPTIONS" => Self::Options,
            "INFO" => Self::Info,
            other => Self::Other(other.to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Invite => "INVITE",
            Self::Ack => "ACK",
            Self::Cancel => "CANCEL",
            Self::Bye => "BYE",
            Self::Options => "OPTIONS",
            Self::Info => "INFO",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CSeq {
    pub number: u32,
    pub method: Method,
}

/// Headers in order, names lower case and never compact.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The first value of a header, by its lower-case full name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every whole value of a header.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every element of a comma list, over all its headers.
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(|value| split_outside(value, ',')).map(str::trim).filter(|v| !v.is_empty())
    }
}

/// One hop of the way a response takes back (RFC 3261 section 20.42, RFC 3581).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    pub transport: String,
    pub host: String,
    pub port: Option<u16>,
    pub params: Vec<(String, Option<String>)>,
}

impl Via {
    /// Reads one Via value such as `SIP/2.0/UDP [::1]:5060;branch=z9hG4bK1;rport`.
    ///
    /// # Errors
    /// [`ParseError::Header`] naming Via.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let bad = ParseError::Header("via");
        let mut slashes = text.splitn(3, '/');
        let (Some(name), Some(version), Some(rest)) = (slashes.next(), slashes.next(), slashes.next()) else {
            return Err(bad);
        };
        if !name.trim().eq_ignore_ascii_case("SIP") || version.trim() != "2.0" {
            return Err(bad);
        }
        let rest = rest.trim_start();
        let (transport, rest) = rest.split_once(char::is_whitespace).ok_or(bad.clone())?;
        let end = rest.find(';').unwrap_or(rest.len());
        let (sent_by, tail) = rest.split_at(end);
        let (host, port) = host_port(sent_by).map_err(|_| bad)?;
        Ok(Self { transport: transport.to_owned(), host, port, params: params(tail) })
    }

    pub fn branch(&self) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == "branch").and_then(|(_, v)| v.as_deref())
    }

    pub fn wants_rport(&self) -> bool {
        self.params.iter().any(|(key, _)| key == "rport")
    }

    /// Where a response goes: the source when rport was asked, otherwise the source's address and the sent-by port
    /// (RFC 3261 section 18.2.2, RFC 3581 section 4).
    pub fn reply_to(&self, source: SocketAddr) -> SocketAddr {
        if self.wants_rport() {
            return source;
        }
        SocketAddr::new(source.ip(), self.port.unwrap_or(5060))
    }

    /// The value to put into a response: with `received` and `rport` where the source differs or asked for it.
    pub(crate) fn stamped(&self, raw: &str, source: SocketAddr) -> String {
        let mut out = String::with_capacity(raw.len() + 40);
        for (n, part) in split_outside(raw, ';').enumerate() {
            let key = part.split('=').next().unwrap_or("").trim().to_ascii_lowercase();
            match key.as_str() {
                "rport" if n > 0 => out.push_str(&format!(";rport={}", source.port())),
                "received" if n > 0 => {}
                _ if n > 0 => {
                    out.push(';');
                    out.push_str(part);
                }
                _ => out.push_str(part),
            }
        }
        if self.wants_rport() || self.host.parse::<IpAddr>() != Ok(source.ip()) {
            out.push_str(&format!(";received={}", source.ip()));
        }
        out
    }
}
