//! Bytes to [`Message`]: strict about what must be there, tolerant about how it is written: compact names, folding,
//! blanks before the colon, bare LF, IPv6, quoted commas. Never panics; every refusal names what was wrong.
use super::message::{CSeq, Headers, Message, Method, Start, Via};
use super::uri::NameAddr;
use thiserror::Error;

/// Why a datagram is not a usable SIP message. A datagram that is refused is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseError {
    #[error("no start line")]
    NoStartLine,
    #[error("the start line is neither a request nor a response of SIP/2.0")]
    StartLine,
    #[error("header {0} is missing")]
    Missing(&'static str),
    #[error("header {0} cannot be read")]
    Header(&'static str),
    #[error("not a URI")]
    Uri,
    #[error("the body is shorter than Content-Length")]
    Truncated,
    #[error("more than {MAX_HEADERS} headers")]
    TooManyHeaders,
}

const MAX_HEADERS: usize = 256;

/// Reads one datagram.
///
/// # Errors
/// [`ParseError`], whatever the bytes are.
pub fn parse(datagram: &[u8]) -> Result<Message, ParseError> {
    let datagram = skip_blank_lines(datagram);
    if datagram.is_empty() {
        return Err(ParseError::NoStartLine);
    }
    let (head, body) = split_head(datagram);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let start = start_line(lines.next().ok_or(ParseError::NoStartLine)?)?;
    let headers = headers(lines)?;

    let via = Via::parse(headers.list("via").next().ok_or(ParseError::Missing("via"))?)?;
    let from = address(&headers, "from")?;
    let to = address(&headers, "to")?;
    let call_id = headers.get("call-id").ok_or(ParseError::Missing("call-id"))?.to_owned();
    if call_id.is_empty() {
        return Err(ParseError::Header("call-id"));
    }
    let cseq = cseq(headers.get("cseq").ok_or(ParseError::Missing("cseq"))?)?;
    if let Start::Request { method, .. } = &start
        && *method != cseq.method
    {
        return Err(ParseError::Header("cseq"));
    }
    let body = match headers.get("content-length") {
        // Octets past the stated length are not part of the message (RFC 3261 section 18.3).
        Some(length) => {
            let length: usize = length.trim().parse().map_err(|_| ParseError::Header("content-length"))?;
            body.get(..length).ok_or(ParseError::Truncated)?
        }
        None => body,
    };
    Ok(Message { start, via, from, to, call_id, cseq, headers, body: body.to_vec() })
}

/// Splits at `separator` outside double quotes and angle brackets.
pub(crate) fn split_outside(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut quoted, mut escaped, mut angle) = (false, false, false);
        for (at, c) in text.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                '<' if !quoted => angle = true,
                '>' if !quoted => angle = false,
                c if c == separator && !quoted && !angle => {
                    rest = Some(&text[at + c.len_utf8()..]);
                    return Some(&text[..at]);
                }
                _ => {}
            }
        }
        rest = None;
        Some(text)
    })
}

fn skip_blank_lines(mut bytes: &[u8]) -> &[u8] {
    while let [b'\r' | b'\n', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

/// Head without its final empty line, and body.
fn split_head(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while let Some(step) = bytes[at..].iter().position(|b| *b == b'\n') {
        let end = at + step;
        match &bytes[end + 1..] {
            [b'\n', body @ ..] | [b'\r', b'\n', body @ ..] => return (&bytes[..end], body),
            _ => at = end + 1,
        }
    }
    (bytes, &[])
}

fn start_line(line: &str) -> Result<Start, ParseError> {
    let line = line.trim_end();
    if let Some(rest) = strip_version(line) {
        let rest = rest.trim_start();
        let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let code: u16 = code.parse().map_err(|_| ParseError::StartLine)?;
        if !(100..700).contains(&code) {
            return Err(ParseError::StartLine);
        }
        return Ok(Start::Response { code, reason: reason.trim().to_owned() });
    }
    let (method, rest) = line.split_once(' ').ok_or(ParseError::StartLine)?;
    let (uri, version) = rest.rsplit_once(' ').ok_or(ParseError::StartLine)?;
    let uri = uri.trim();
    let token = |c: char| c.is_ascii_alphanumeric() || "-.!%*_+`'~".contains(c);
    if !version.eq_ignore_ascii_case("SIP/2.0") || uri.is_empty() || method.is_empty() || !method.chars().all(token) {
        return Err(ParseError::StartLine);
    }
    Ok(Start::Request { method: Method::parse(method), uri: uri.to_owned() })
}

fn strip_version(line: &str) -> Option<&str> {
    let (version, rest) = line.split_at_checked(8)?;
    (version.eq_ignore_ascii_case("SIP/2.0 ")).then_some(rest)
}

fn headers<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Headers, ParseError> {
    let mut headers: Vec<(String, String)> = Vec::with_capacity(16);
    for line in lines {
        if line.starts_with([' ', '\t']) {
            // A folded line continues the value above (RFC 3261 section 7.3.1).
            if let Some((_, value)) = headers.last_mut() {
                let more = line.trim();
                if !value.is_empty() && !more.is_empty() {
                    value.push(' ');
                }
                value.push_str(more);
            }
            continue;
        }
        // A line without a colon is somebody's mistake; it does not make the call impossible.
        let Some((name, value)) = line.split_once(':') else { continue };
        let name = name.trim();
        if name.is_empty() {
            continue;
        }
        if headers.len() == MAX_HEADERS {
            return Err(ParseError::TooManyHeaders);
        }
        headers.push((full_name(name), value.trim().to_owned()));
    }
    Ok(Headers(headers))
}

/// The lower-case full name of a header, from either form (RFC 3261 section 7.3.3 and the extensions' own).
fn full_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let full = match name.as_str() {
        "v" => "via",
        "f" => "from",
        "t" => "to",
        "i" => "call-id",
        "m" => "contact",
        "l" => "content-length",
        "c" => "content-type",
        "e" => "content-encoding",
        "k" => "supported",
        "s" => "subject",
        "x" => "session-expires",
        "r" => "refer-to",
        "b" => "referred-by",
        "o" => "event",
        "u" => "allow-events",
        "a" => "accept-contact",
        "j" => "reject-contact",
        "d" => "request-disposition",
        _ => return name,
    };
    full.to_owned()
}

fn address(headers: &Headers, name: &'static str) -> Result<NameAddr, ParseError> {
    let value = headers.get(name).ok_or(ParseError::Missing(name))?;
    NameAddr::parse(value).map_err(|_| ParseError::Header(name))
}

fn cseq(value: &str) -> Result<CSeq, ParseError> {
    let bad = ParseError::Header("cseq");
    let mut words = value.split_whitespace();
    let number: u32 = words.next().and_then(|n| n.parse().ok()).ok_or(bad.clone())?;
    let method = Method::parse(words.next().ok_or(bad.clone())?);
    if number > i32::MAX as u32 || words.next().is_some() {
        return Err(bad);
    }
    Ok(CSeq { number, method })
}
