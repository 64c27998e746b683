//! SIP and tel URIs, and the name-addr form of From, To, Contact and Route (RFC 3261 sections 19, 20.10).
use super::parse::{ParseError, split_outside};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// A URI split as far as routing needs; everything else stays text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uri {
    /// `sip`, `sips`, `tel`, lower case.
    pub scheme: String,
    /// The user part, or the number of a tel URI; empty when absent.
    pub user: String,
    /// Host without brackets; empty for a tel URI.
    pub host: String,
    pub port: Option<u16>,
    /// Parameters and headers as they came, with their leading `;` or `?`.
    pub rest: String,
}

impl Uri {
    /// Reads one URI without angle brackets.
    ///
    /// # Errors
    /// [`ParseError::Uri`] when there is no scheme, or a sip URI has no host or a bad port.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or(ParseError::Uri)?;
        if scheme.is_empty() || !scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')) {
            return Err(ParseError::Uri);
        }
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "sip" && scheme != "sips" {
            let at = rest.find([';', '?']).unwrap_or(rest.len());
            let (user, rest) = rest.split_at(at);
            return Ok(Self { scheme, user: user.into(), host: String::new(), port: None, rest: rest.into() });
        }
        // The user part may itself hold ';' and '?', so the last '@' before any header decides.
        let (user, hostpart) = match rest.rfind('@') {
            Some(at) => (&rest[..at], &rest[at + 1..]),
            None => ("", rest),
        };
        let user = user.split_once(':').map_or(user, |(name, _password)| name);
        let end = hostpart.find([';', '?']).unwrap_or(hostpart.len());
        let (hostport, tail) = hostpart.split_at(end);
        let (host, port) = host_port(hostport)?;
        Ok(Self { scheme, user: user.into(), host, port, rest: tail.into() })
    }

    /// Where to send, when the host is an address. A name is the caller's to resolve.
    pub fn socket_addr(&self) -> Option<SocketAddr> {
        let ip: IpAddr = self.host.parse().ok()?;
        Some(SocketAddr::new(ip, self.port.unwrap_or(5060)))
    }

    /// Whether a parameter such as `lr` is present.
    pub fn has_param(&self, name: &str) -> bool {
        self.rest
            .split(['?'])
            .next()
            .unwrap_or("")
            .split(';')
            .any(|p| p.split('=').next().unwrap_or("").trim().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.scheme)?;
        match (self.user.is_empty(), self.host.is_empty()) {
            (false, false) => write!(f, "{}@", self.user)?,
            (false, true) => write!(f, "{}", self.user)?,
            (true, _) => {}
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?
        } else {
            write!(f, "{}", self.host)?
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "{}", self.rest)
    }
}

/// Splits `host`, `host:port`, `[v6]`, `[v6]:port`, with blanks around the colon. The host comes without brackets.
///
/// # Errors
/// [`ParseError::Uri`] when there is no host or the port is no number.
pub fn host_port(text: &str) -> Result<(String, Option<u16>), ParseError> {
    let text = text.trim();
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or(ParseError::Uri)?;
        (host, after.trim().strip_prefix(':'))
    } else {
        match text.split_once(':') {
            Some((host, port)) => (host.trim(), Some(port)),
            None => (text, None),
        }
    };
    if host.is_empty() || host.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ',')) {
        return Err(ParseError::Uri);
    }
    let port = match port.map(str::trim) {
        None | Some("") => None,
        Some(digits) => Some(digits.parse().map_err(|_| ParseError::Uri)?),
    };
    Ok((host.to_owned(), port))
}

/// `"Name" <uri>;param=value` or `uri;param=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAddr {
    pub uri: Uri,
    /// Header parameters in order, names lower case.
    pub params: Vec<(String, Option<String>)>,
}

impl NameAddr {
    /// Reads one address; a comma list is split before.
    ///
    /// # Errors
    /// [`ParseError::Uri`] when no URI can be found.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let text = text.trim();
        if let Some(open) = find_outside_quotes(text, '<') {
            let after = &text[open + 1..];
            let (uri, tail) = after.split_once('>').ok_or(ParseError::Uri)?;
            return Ok(Self { uri: Uri::parse(uri)?, params: params(tail) });
        }
        // Without brackets every parameter belongs to the header (RFC 3261 section 20).
        let (uri, tail) = match text.find(';') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        Ok(Self { uri: Uri::parse(uri)?, params: params(tail) })
    }

    /// The `tag` parameter.
    pub fn tag(&self) -> Option<&str> {
        self.param("tag")
    }

    /// A header parameter's value.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_deref())
    }
}

/// Reads `;a=b;c` where values may be quoted.
pub(crate) fn params(text: &str) -> Vec<(String, Option<String>)> {
    split_outside(text, ';')
        .filter_map(|part| {
            let part = part.trim();
            if part.is_empty() {
                return None;
            }
            Some(match part.split_once('=') {
                Some((key, value)) => (key.trim().to_ascii_lowercase(), Some(value.trim().to_owned())),
                None => (part.to_ascii_lowercase(), None),
            })
        })
        .collect()
}

fn find_outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == wanted && !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_carriers_send() {
        let uri = Uri::parse("sip:+8613800000000;npdi@[2001:db8::1]:5080;user=phone").expect("uri");
        assert_eq!(
            (uri.user.as_str(), uri.host.as_str(), uri.port),
            ("+8613800000000;npdi", "2001:db8::1", Some(5080))
        );
        assert_eq!(uri.to_string(), "sip:+8613800000000;npdi@[2001:db8::1]:5080;user=phone");
        let tel = NameAddr::parse("<tel:+86-10-5555;phone-context=x>;tag=ab").expect("tel");
        assert_eq!((tel.uri.user.as_str(), tel.tag()), ("+86-10-5555", Some("ab")));
        let quoted = NameAddr::parse(r#""a \"<b>, c" <sip:u@h>;q=0.5;x="1;2""#).expect("quoted");
        assert_eq!((quoted.uri.host.as_str(), quoted.param("x")), ("h", Some("\"1;2\"")));
        let bare = NameAddr::parse("sip:u@h;tag=1").expect("bare");
        assert_eq!((bare.uri.rest.as_str(), bare.tag()), ("", Some("1")));
    }

    #[test]
    fn knows_where_a_contact_points() {
        assert_eq!(Uri::parse("sip:127.0.0.1:5062").expect("uri").socket_addr(), "127.0.0.1:5062".parse().ok());
        assert_eq!(Uri::parse("sip:a@example.com").expect("uri").socket_addr(), None);
        assert!(Uri::parse("sip:p1.example;lr").expect("uri").has_param("lr"));
    }
}
