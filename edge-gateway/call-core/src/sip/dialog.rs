//! The state two parties share once a tag is known on both ends: tags, sequence numbers, route set, target (RFC 3261 section 12).
use super::message::Message;
use super::uri::Uri;
use super::write::Writer;
use std::net::SocketAddr;

/// One dialog, seen from our end.
#[derive(Debug, Clone)]
pub struct Dialog {
    pub call_id: String,
    /// Our From value, tag included.
    local: String,
    /// Their To value, tag included.
    remote: String,
    pub local_tag: String,
    pub remote_tag: String,
    local_seq: u32,
    remote_seq: Option<u32>,
    /// URIs to visit, nearest first.
    route: Vec<Uri>,
    target: Uri,
    /// Where the other end was last heard, for a target that is a name.
    heard_from: SocketAddr,
    us: SocketAddr,
}

impl Dialog {
    /// The caller's dialog, from the response that made it (section 12.1.2). `local` is our From value.
    pub fn as_caller(
        response: &Message,
        source: SocketAddr,
        us: SocketAddr,
        local: &str,
        local_tag: &str,
        request_uri: &str,
    ) -> Self {
        let mut route: Vec<Uri> = response.record_routes().into_iter().map(|a| a.uri).collect();
        route.reverse();
        Self {
            call_id: response.call_id.clone(),
            local: local.to_owned(),
            remote: response.headers.get("to").unwrap_or_default().to_owned(),
            local_tag: local_tag.to_owned(),
            remote_tag: response.to.tag().unwrap_or_default().to_owned(),
            local_seq: response.cseq.number,
            remote_seq: None,
            route,
            target: response.contact().or_else(|| Uri::parse(request_uri).ok()).unwrap_or_else(|| peer_uri(source)),
            heard_from: source,
            us,
        }
    }

    /// The callee's dialog, from the INVITE (section 12.1.1).
    pub fn as_callee(invite: &Message, source: SocketAddr, us: SocketAddr, local_tag: &str, first_seq: u32) -> Self {
        let to = invite.headers.get("to").unwrap_or_default();
        Self {
            call_id: invite.call_id.clone(),
            local: format!("{to};tag={local_tag}"),
            remote: invite.headers.get("from").unwrap_or_default().to_owned(),
            local_tag: local_tag.to_owned(),
            remote_tag: invite.from.tag().unwrap_or_default().to_owned(),
            local_seq: first_seq,
            remote_seq: Some(invite.cseq.number),
            route: invite.record_routes().into_iter().map(|a| a.uri).collect(),
            target: invite.contact().unwrap_or_else(|| peer_uri(source)),
            heard_from: source,
            us,
        }
    }

    /// Whether a request from the other end belongs here.
    pub fn owns(&self, request: &Message) -> bool {
        request.call_id == self.call_id
            && request.to.tag().unwrap_or_default() == self.local_tag
            && request.from.tag().unwrap_or_default() == self.remote_tag
    }

    /// Notes a request's sequence number; false when it runs backwards (section 12.2.2: answer 500).
    pub fn accepts_seq(&mut self, number: u32) -> bool {
        if self.remote_seq.is_some_and(|last| number < last) {
            return false;
        }
        self.remote_seq = Some(number);
        true
    }

    /// A re-INVITE may move the other end's target (section 12.2.2).
    pub fn retarget(&mut self, request: &Message) {
        if let Some(uri) = request.contact() {
            self.target = uri;
        }
    }

    /// Starts a request with the next sequence number, or the INVITE's own for an ACK. Gives the request URI, for digest,
    /// and the address to send to.
    pub fn request(&mut self, method: &str, ack_of: Option<u32>, branch: &str) -> (Writer, String, SocketAddr) {
        let seq = match ack_of {
            Some(seq) => seq,
            None => {
                self.local_seq += 1;
                self.local_seq
            }
        };
        // A first hop without `lr` is a strict router: it becomes the request URI (section 12.2.1.1).
        let strict = self.route.first().is_some_and(|first| !first.has_param("lr"));
        let (uri, routes): (&Uri, Vec<&Uri>) = match (strict, self.route.split_first()) {
            (true, Some((first, rest))) => (first, rest.iter().chain([&self.target]).collect()),
            (_, _) => (&self.target, self.route.iter().collect()),
        };
        let next_hop = self.route.first().unwrap_or(&self.target);
        let to = next_hop.socket_addr().unwrap_or(self.heard_from);
        let uri = uri.to_string();
        let mut writer = Writer::request(method, &uri)
            .header("Via", &format!("SIP/2.0/UDP {};rport;branch={branch}", self.us))
            .header("Max-Forwards", "70");
        for route in routes {
            writer = writer.header("Route", &format!("<{route}>"));
        }
        let writer = writer
            .header("From", &self.local)
            .header("To", &self.remote)
            .header("Call-ID", &self.call_id)
            .header("CSeq", &format!("{seq} {method}"))
            .header("User-Agent", super::USER_AGENT);
        (writer, uri, to)
    }
}

fn peer_uri(source: SocketAddr) -> Uri {
    Uri {
        scheme: "sip".into(),
        user: String::new(),
        host: source.ip().to_string(),
        port: Some(source.port()),
        rest: String::new(),
    }
}
