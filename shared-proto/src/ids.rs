//! Prefixed, time-sortable identifiers such as `con_01jd8x…`.
//!
//! An id is 48 bits of unix milliseconds and 80 random bits in Crockford base32 (the layout of a ULID),
//! behind a prefix that names what it identifies. Sorting the text sorts by creation time.
//! A call's id is its attempt's id under another prefix.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const BODY: usize = 26;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("the id starts with another prefix than {expected}_")]
    Prefix { expected: &'static str },
    #[error("the id is not 26 base32 characters after its prefix")]
    Body,
}

/// The 26 base32 characters of a 128-bit value.
fn encode(value: u128) -> [u8; BODY] {
    let mut out = [0; BODY];
    for (place, byte) in out.iter_mut().enumerate() {
        let shift = 5 * (BODY - 1 - place);
        *byte = ALPHABET[((value >> shift) & 31) as usize];
    }
    out
}

fn decode(body: &str) -> Result<u128, IdError> {
    if body.len() != BODY {
        return Err(IdError::Body);
    }
    body.bytes().enumerate().try_fold(0u128, |value, (place, byte)| {
        let digit = ALPHABET.iter().position(|&letter| letter == byte).ok_or(IdError::Body)?;
        // 26 digits hold 130 bits: the first may only be 0-7.
        if place == 0 && digit > 7 {
            return Err(IdError::Body);
        }
        Ok((value << 5) | digit as u128)
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// `random` supplies the low 80 bits; the caller owns the source of randomness and the clock.
            pub fn new(unix_ms: u64, random: u128) -> Self {
                Self((u128::from(unix_ms & 0xffff_ffff_ffff) << 80) | (random & ((1 << 80) - 1)))
            }
            pub fn from_bits(bits: u128) -> Self {
                Self(bits)
            }
            pub fn bits(self) -> u128 {
                self.0
            }
            /// When it was made, in unix milliseconds.
            pub fn unix_ms(self) -> u64 {
                (self.0 >> 80) as u64
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let body = encode(self.0);
                write!(f, "{}_{}", $prefix, std::str::from_utf8(&body).map_err(|_| fmt::Error)?)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let body = text
                    .strip_prefix($prefix)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .ok_or(IdError::Prefix { expected: $prefix })?;
                decode(body).map(Self)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    TenantId = "ten",
    UserId = "usr",
    SessionId = "ses",
    AuditId = "aud",
    ContactId = "con",
    GroupId = "grp",
    ImportId = "imp",
    BlacklistId = "dnc",
    LabelId = "lab",
    ScriptId = "scr",
    VersionId = "ver",
    TrunkId = "trk",
    EdgeId = "edg",
    CampaignId = "cmp",
    /// One try to reach one contact in a campaign.
    AttemptId = "att",
    /// The call that an attempt became: same bits, other prefix.
    CallId = "cal",
    LeadId = "led",
    FollowUpId = "fol",
    AlertId = "alt",
    JobId = "job",
    EventId = "evt",
}

impl From<AttemptId> for CallId {
    fn from(attempt: AttemptId) -> Self {
        Self(attempt.0)
    }
}

impl From<CallId> for AttemptId {
    fn from(call: CallId) -> Self {
        Self(call.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_sorts_by_time() {
        let early = ContactId::new(1_000, 7);
        let late = ContactId::new(1_001, 0);
        assert_eq!(early.to_string().parse::<ContactId>(), Ok(early));
        assert!(early.to_string() < late.to_string());
        assert_eq!(late.unix_ms(), 1_001);
    }

    #[test]
    fn a_call_is_its_attempt_under_another_prefix() {
        let attempt = AttemptId::new(5, 9);
        let call = CallId::from(attempt);
        assert_eq!(call.to_string().replacen("cal_", "att_", 1), attempt.to_string());
    }

    #[test]
    fn wrong_prefixes_and_bodies_are_refused() {
        assert_eq!("usr_0".parse::<ContactId>(), Err(IdError::Prefix { expected: "con" }));
        assert_eq!("con_0".parse::<ContactId>(), Err(IdError::Body));
        assert_eq!(format!("con_{}", "z".repeat(26)).parse::<ContactId>(), Err(IdError::Body));
    }
}
