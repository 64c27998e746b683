//! What a trunk may look like and how it fares. Pure.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::features::campaigns::planner::Carrier;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrunkKind {
    /// A carrier and real people.
    Sip,
    /// The simulated carrier, at a loopback address.
    Rehearsal,
}

impl TrunkKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Rehearsal => "rehearsal",
        }
    }

    pub fn parse(text: &str) -> Self {
        if text == "rehearsal" { Self::Rehearsal } else { Self::Sip }
    }

    /// Whom a trunk of this kind reaches. Only a carrier on this machine is surely a simulated one: a rehearsal
    /// elsewhere keeps calling hours like any trunk.
    pub fn carrier(self, address: &str) -> Carrier {
        match self {
            Self::Rehearsal if is_loopback(address) => Carrier::Rehearsal,
            Self::Rehearsal | Self::Sip => Carrier::Sip,
        }
    }
}

fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrunkState {
    /// No edge has used it yet.
    Unknown,
    Up,
    /// The carrier itself failed the latest attempts.
    Failing,
    Down,
}

impl TrunkState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Failing => "failing",
            Self::Down => "down",
        }
    }

    pub fn parse(text: &str) -> Self {
        match text {
            "up" => Self::Up,
            "failing" => Self::Failing,
            "down" => Self::Down,
            _ => Self::Unknown,
        }
    }
}

/// The alert of a trunk whose carrier fails.
pub const TRUNK_FAILING: &str = "trunk_failing";
/// The alert of a trunk whose address leads nowhere.
pub const TRUNK_NO_ROUTE: &str = "trunk_no_route";

/// Attempts in a row that the carrier failed before a trunk counts as down.
pub const DOWN_AT: u32 = 3;
/// A trunk that is down is tried by one call at a time, this far apart.
pub const PROBE_MS: i64 = 10_000;

/// From what edges report: consecutive attempts that the carrier itself failed.
pub fn state(failing: u32) -> TrunkState {
    match failing {
        0 => TrunkState::Up,
        failing if failing < DOWN_AT => TrunkState::Failing,
        _ => TrunkState::Down,
    }
}

/// `host:port` with the port required, as wire and tests want it. An IPv6 host is in brackets.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("sip:").unwrap_or(text);
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && (!host.contains(':') || host.ends_with(']')) => {
            (host, port.parse::<u16>().ok().filter(|port| *port > 0)?)
        }
        _ => (text, 5060),
    };
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let ip = match bare {
        Some(v6) => v6.parse::<Ipv6Addr>().is_ok_and(|ip| !ip.is_unspecified() && !ip.is_multicast()),
        None => {
            host.parse::<Ipv4Addr>().is_ok_and(|ip| !ip.is_unspecified() && !ip.is_multicast() && !ip.is_broadcast())
        }
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let name = bare.is_none() && host.len() <= 253 && host.split('.').all(label);
    (ip || name).then(|| format!("{host}:{port}"))
}

/// Digits, with a leading `+` where it is international.
pub fn caller_id(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|sign| !matches!(sign, ' ' | '-')).collect();
    let digits = kept.strip_prefix('+').unwrap_or(&kept);
    let fine = (3..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    fine.then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_a_host_and_a_port() {
        let fine = [
            ("127.0.0.1:5190", "127.0.0.1:5190"),
            ("sip:carrier.example.cn", "carrier.example.cn:5060"),
            ("[::1]:5070", "[::1]:5070"),
        ];
        for (written, read) in fine {
            assert_eq!(address(written).as_deref(), Some(read), "{written}");
        }
        for bad in ["", "a b:5060", "host:0", "host:99999", "host:", "user@host:5060", "::1"] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }

    #[test]
    fn caller_ids_are_digits() {
        assert_eq!(caller_id("+86 10-1234 5678").as_deref(), Some("+861012345678"));
        assert_eq!(caller_id("anonymous"), None);
    }

    #[test]
    fn a_trunk_is_down_after_three_failures_in_a_row() {
        let states: Vec<&str> = (0..4).map(|failing| state(failing).as_str()).collect();
        assert_eq!(states, ["up", "failing", "failing", "down"]);
    }
}
