//! How an attempt ended: what happened (disposition), why (cause) and whose doing it was (side).

use serde::{Deserialize, Serialize};

/// The result of one attempt. Not the intent label, which is about what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    Answered,
    NoAnswer,
    Busy,
    Rejected,
    /// The number does not exist.
    Invalid,
    PoweredOff,
    Unreachable,
    Machine,
    Abandoned,
    /// We or the carrier broke; never the contact's failure.
    Failed,
}

impl Disposition {
    pub const ALL: [Self; 10] = [
        Self::Answered,
        Self::NoAnswer,
        Self::Busy,
        Self::Rejected,
        Self::Invalid,
        Self::PoweredOff,
        Self::Unreachable,
        Self::Machine,
        Self::Abandoned,
        Self::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Rejected => "rejected",
            Self::Invalid => "invalid",
            Self::PoweredOff => "powered_off",
            Self::Unreachable => "unreachable",
            Self::Machine => "machine",
            Self::Abandoned => "abandoned",
            Self::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// Whose doing the end of the call was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Customer,
    Bot,
    Agent,
    System,
    Carrier,
}

impl Side {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Bot => "bot",
            Self::Agent => "agent",
            Self::System => "system",
            Self::Carrier => "carrier",
        }
    }
}

/// Why the call ended, finer than the disposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The bot said goodbye and hung up.
    Finished,
    /// The customer hung up.
    CustomerHangUp,
    /// A final SIP response refused the call.
    Refused,
    /// Nobody answered within the ring limit.
    RingLimit,
    /// The carrier never replied to the INVITE.
    NoResponse,
    /// The trunk did not accept our credentials.
    AuthFailed,
    /// Answer and offer share no codec, or the media could not be opened.
    Media,
    /// The longest allowed call was reached.
    MaxDuration,
    /// Stopped by an operator or a drain.
    Cancelled,
    /// The edge had no room; nothing was sent.
    NoCapacity,
    /// A gate closed between planning and INVITE.
    Gate,
    /// The customer spoke, but the recogniser was late or failed every time: what was said is not known.
    Unheard,
    /// Our own fault: a panic, a lost process.
    Internal,
    /// Never reconciled within the longest possible call.
    Lost,
}

impl Cause {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::CustomerHangUp => "customer_hang_up",
            Self::Refused => "refused",
            Self::RingLimit => "ring_limit",
            Self::NoResponse => "no_response",
            Self::AuthFailed => "auth_failed",
            Self::Media => "media",
            Self::MaxDuration => "max_duration",
            Self::Cancelled => "cancelled",
            Self::NoCapacity => "no_capacity",
            Self::Gate => "gate",
            Self::Unheard => "unheard",
            Self::Internal => "internal",
            Self::Lost => "lost",
        }
    }
}

/// The whole end of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub disposition: Disposition,
    pub cause: Cause,
    pub side: Side,
    /// The final SIP status, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sip_code: Option<u16>,
    /// The Q.850 cause of a Reason header (RFC 3326), where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q850: Option<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_disposition_reads_back_from_its_wire_name() {
        for one in Disposition::ALL {
            assert_eq!(Disposition::parse(one.as_str()), Some(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
    }
}
