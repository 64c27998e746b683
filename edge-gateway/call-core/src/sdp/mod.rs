//! SDP offers and answers for one G.711 audio stream with telephone-event (RFC 4566, RFC 3264, RFC 4733).
mod parse;

pub use parse::{Description, MediaLine, SdpError};

use std::fmt::Write as _;
use std::net::SocketAddr;

/// The two codecs of the telephone network (RFC 3551).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// µ-law, payload type 0.
    Pcmu,
    /// A-law, payload type 8.
    Pcma,
}

impl Codec {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
        }
    }
}

/// Which way media may flow, seen from the end that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    #[default]
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    const fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// What we answer to the other end's direction (RFC 3264 section 6.1).
    pub const fn mirrored(self) -> Self {
        match self {
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            Self::SendRecv | Self::Inactive => self,
        }
    }

    pub const fn may_send(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }
}

/// Our end of the stream. `version` grows with every description we send (RFC 3264 section 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// The address to put into `c=` and the port of `m=`.
    pub rtp: SocketAddr,
    pub session: u64,
    pub version: u64,
}

/// What both ends agreed on, seen from ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiated {
    /// Where the other end wants RTP.
    pub rtp: SocketAddr,
    /// Where it wants RTCP (RFC 3605, otherwise the next port).
    pub rtcp: SocketAddr,
    pub codec: Codec,
    /// Payload type of the codec.
    pub payload_type: u8,
    /// Payload type of telephone-event, where agreed.
    pub events: Option<u8>,
    /// What we may do.
    pub direction: Direction,
}

impl Local {
    pub fn new(rtp: SocketAddr, session: u64) -> Self {
        Self { rtp, session, version: 1 }
    }

    /// An offer of PCMU, PCMA and telephone-event 101 with 20 ms packets.
    pub fn offer(&self) -> String {
        let mut sdp = self.head();
        let _ = write!(
            sdp,
            "m=audio {} RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
             a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n",
            self.rtp.port()
        );
        sdp
    }

    /// Answers an offer: the first codec of the offer that we know, its telephone-event, its direction mirrored; other
    /// streams are refused with port 0 (RFC 3264 section 6).
    ///
    /// # Errors
    /// [`SdpError::NoCommonCodec`] or [`SdpError::NoAudio`]: answer 488.
    pub fn answer(&self, offer: &Description) -> Result<(String, Negotiated), SdpError> {
        let (index, agreed) = offer.agree()?;
        let agreed = Negotiated { direction: agreed.direction.mirrored(), ..agreed };
        let mut sdp = self.head();
        for (n, line) in offer.media.iter().enumerate() {
            if n != index {
                let format = line.formats.first().map_or("0", String::as_str);
                let _ = write!(sdp, "m={} 0 {} {format}\r\n", line.kind, line.protocol);
                continue;
            }
            let pt = agreed.payload_type;
            let _ = write!(sdp, "m=audio {} {} {pt}", self.rtp.port(), line.protocol);
            if let Some(events) = agreed.events {
                let _ = write!(sdp, " {events}");
            }
            let _ = write!(sdp, "\r\na=rtpmap:{pt} {}/8000\r\n", agreed.codec.name());
            if let Some(events) = agreed.events {
                let _ = write!(sdp, "a=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-16\r\n");
            }
            let _ = write!(sdp, "a=ptime:20\r\na={}\r\n", agreed.direction.name());
        }
        Ok((sdp, agreed))
    }

    fn head(&self) -> String {
        let family = if self.rtp.is_ipv4() { "IP4" } else { "IP6" };
        let ip = self.rtp.ip();
        format!(
            "v=0\r\no=- {} {} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n",
            self.session, self.version
        )
    }
}

impl Description {
    /// What an answer to our offer settles on.
    ///
    /// # Errors
    /// [`SdpError::NoAudio`] or [`SdpError::NoCommonCodec`]: the call cannot have sound.
    pub fn settle(&self) -> Result<Negotiated, SdpError> {
        let (_, agreed) = self.agree()?;
        Ok(Negotiated { direction: agreed.direction.mirrored(), ..agreed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> Local {
        Local::new("127.0.0.1:20000".parse().expect("address"), 7)
    }

    #[test]
    fn an_offer_and_its_answer_agree_on_mu_law_and_events() {
        let offer = Description::parse(local().offer().as_bytes()).expect("offer");
        let theirs = Local::new("127.0.0.2:30000".parse().expect("address"), 8);
        let (answer, agreed) = theirs.answer(&offer).expect("answer");
        assert_eq!((agreed.codec, agreed.events, agreed.rtp), (Codec::Pcmu, Some(101), local().rtp));
        let settled = Description::parse(answer.as_bytes()).expect("answer").settle().expect("settled");
        assert_eq!((settled.codec, settled.payload_type, settled.rtp), (Codec::Pcmu, 0, theirs.rtp));
        assert_eq!(settled.rtcp.port(), 30001);
    }

    #[test]
    fn hold_is_answered_with_its_mirror_and_video_is_refused() {
        let offer = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 18 8 96\r\n\
                     a=rtpmap:96 telephone-event/8000\r\na=sendonly\r\na=rtcp:4009\r\nm=video 5000 RTP/AVP 99\r\n";
        let offer = Description::parse(offer.as_bytes()).expect("offer");
        let (text, agreed) = local().answer(&offer).expect("answer");
        assert_eq!((agreed.codec, agreed.direction, agreed.events), (Codec::Pcma, Direction::RecvOnly, Some(96)));
        assert_eq!(agreed.rtcp.port(), 4009);
        assert!(text.contains("m=audio 20000 RTP/AVP 8 96\r\n") && text.contains("a=recvonly"), "{text}");
        assert!(text.contains("m=video 0 RTP/AVP 99\r\n"), "{text}");
    }

    #[test]
    fn the_old_hold_address_stops_sending() {
        let held = "v=0\nc=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 0\n";
        let agreed = Description::parse(held.as_bytes()).expect("sdp").settle().expect("settled");
        assert!(!agreed.direction.may_send());
    }

    #[test]
    fn no_common_codec_is_an_error() {
        let g729 = "v=0\r\nc=IN IP4 1.1.1.1\r\nm=audio 4000 RTP/AVP 18\r\n";
        let offer = Description::parse(g729.as_bytes()).expect("sdp");
        assert_eq!(local().answer(&offer).map(|_| ()), Err(SdpError::NoCommonCodec));
    }
}
