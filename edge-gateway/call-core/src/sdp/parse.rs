//! Reading SDP tolerantly: unknown lines are skipped, bad values make the line absent. Never panics.
use super::{Codec, Direction, Negotiated};
use std::net::{IpAddr, SocketAddr};
use thiserror::Error;

/// Why a description gives no sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SdpError {
    #[error("not an SDP body")]
    NotSdp,
    #[error("no audio stream with an address and a port")]
    NoAudio,
    #[error("neither PCMU nor PCMA is offered")]
    NoCommonCodec,
}

/// A session description as far as one audio stream needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// Session-level `c=`.
    pub address: Option<IpAddr>,
    pub direction: Option<Direction>,
    pub media: Vec<MediaLine>,
}

/// One `m=` line with its attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MediaLine {
    /// `audio`, `video`, …
    pub kind: String,
    pub port: u16,
    pub protocol: String,
    pub formats: Vec<String>,
    pub address: Option<IpAddr>,
    pub direction: Option<Direction>,
    /// Payload type and `NAME/rate` in upper case.
    pub maps: Vec<(u8, String)>,
    pub rtcp_port: Option<u16>,
}

const MAX_MEDIA: usize = 16;

impl Description {
    /// Reads a body.
    ///
    /// # Errors
    /// [`SdpError::NotSdp`] when it does not begin with `v=`.
    pub fn parse(body: &[u8]) -> Result<Self, SdpError> {
        let text = String::from_utf8_lossy(body);
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        if !lines.next().is_some_and(|line| line.starts_with("v=")) {
            return Err(SdpError::NotSdp);
        }
        let mut description = Self::default();
        for line in lines {
            let Some((kind, value)) = line.split_once('=') else { continue };
            let room = description.media.len() < MAX_MEDIA;
            match (kind.trim(), description.media.last_mut()) {
                ("m", _) if room => description.media.extend(media_line(value)),
                ("c", Some(media)) => media.address = connection(value),
                ("c", None) => description.address = connection(value),
                ("a", Some(media)) => media.attribute(value),
                ("a", None) => description.direction = direction(value).or(description.direction),
                _ => {}
            }
        }
        Ok(description)
    }

    /// The first usable audio line and what it settles on, its direction still as its sender said it.
    pub(super) fn agree(&self) -> Result<(usize, Negotiated), SdpError> {
        let (index, line) = self
            .media
            .iter()
            .enumerate()
            .find(|(_, m)| m.kind.eq_ignore_ascii_case("audio") && m.port != 0 && m.protocol.starts_with("RTP/AVP"))
            .ok_or(SdpError::NoAudio)?;
        let ip = line.address.or(self.address).ok_or(SdpError::NoAudio)?;
        let numbers = || line.formats.iter().filter_map(|f| f.parse::<u8>().ok());
        let (payload_type, codec) =
            numbers().find_map(|pt| Some((pt, line.codec(pt)?))).ok_or(SdpError::NoCommonCodec)?;
        let events = numbers().find(|pt| line.maps.iter().any(|(n, name)| n == pt && name == "TELEPHONE-EVENT/8000"));
        let mut direction = line.direction.or(self.direction).unwrap_or_default();
        // An unspecified address is how hold was said before `a=sendonly` (RFC 3264 section 8.4).
        if ip.is_unspecified() {
            direction = match direction {
                Direction::SendRecv | Direction::SendOnly => Direction::SendOnly,
                Direction::RecvOnly | Direction::Inactive => Direction::Inactive,
            };
        }
        let rtcp = line.rtcp_port.unwrap_or(line.port.saturating_add(1));
        let agreed = Negotiated {
            rtp: SocketAddr::new(ip, line.port),
            rtcp: SocketAddr::new(ip, rtcp),
            codec,
            payload_type,
            events,
            direction,
        };
        Ok((index, agreed))
    }
}

impl MediaLine {
    fn codec(&self, pt: u8) -> Option<Codec> {
        let mapped = self.maps.iter().find(|(n, _)| *n == pt).map(|(_, name)| name.as_str());
        match (mapped, pt) {
            (Some("PCMU/8000" | "PCMU/8000/1"), _) | (None, 0) => Some(Codec::Pcmu),
            (Some("PCMA/8000" | "PCMA/8000/1"), _) | (None, 8) => Some(Codec::Pcma),
            _ => None,
        }
    }

    fn attribute(&mut self, value: &str) {
        let (name, rest) = value.split_once(':').unwrap_or((value, ""));
        match name.trim() {
            "rtpmap" => {
                if let Some((pt, name)) = rest.trim().split_once(char::is_whitespace)
                    && let Ok(pt) = pt.parse()
                    && self.maps.len() < 64
                {
                    self.maps.push((pt, name.trim().to_ascii_uppercase()));
                }
            }
            "rtcp" => self.rtcp_port = rest.split_whitespace().next().and_then(|p| p.parse().ok()),
            _ => self.direction = direction(value).or(self.direction),
        }
    }
}

fn media_line(value: &str) -> Option<MediaLine> {
    let mut words = value.split_whitespace();
    let kind = words.next()?.to_owned();
    let port = words.next()?.split('/').next()?.parse().ok()?;
    let protocol = words.next()?.to_owned();
    let formats = words.take(64).map(str::to_owned).collect();
    Some(MediaLine { kind, port, protocol, formats, ..MediaLine::default() })
}

fn connection(value: &str) -> Option<IpAddr> {
    value.split_whitespace().nth(2)?.split('/').next()?.parse().ok()
}

fn direction(value: &str) -> Option<Direction> {
    match value.trim() {
        "sendrecv" => Some(Direction::SendRecv),
        "sendonly" => Some(Direction::SendOnly),
        "recvonly" => Some(Direction::RecvOnly),
        "inactive" => Some(Direction::Inactive),
        _ => None,
    }
}
