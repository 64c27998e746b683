//! What control plane and edge say to each other over the uplink, and how it is framed. Pure.
//!
//! A frame is `length: u32 big-endian | version: u8 | JSON`, where length counts what follows it.
//! Fields may be added (readers ignore what they do not know); a changed meaning or a new word raises [`VERSION`].

use crate::ids::{AttemptId, CallId, CampaignId, EdgeId, TenantId, TrunkId, VersionId};
use crate::outcome::Outcome;
use crate::phone::Phone;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The wire version this build speaks.
pub const VERSION: u8 = 4;
/// The largest frame either side accepts, in bytes after the length.
pub const MAX_FRAME: usize = 4 * 1024 * 1024;

/// Control plane → edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Down {
    /// First frame after `Hello`.
    Welcome {
        edge: EdgeId,
        server_unix_ms: u64,
        capacity_every_ms: u64,
    },
    /// One immutable version of a script, sent before the first job that names it.
    Flow {
        version: VersionId,
        flow: serde_json::Value,
    },
    Job(Box<DialJob>),
    /// End the attempt: before INVITE it is dropped, ringing it is cancelled, and in a call it is hung up where
    /// `hang_up` says so. Without it the answer came sooner than the order, and the call goes on.
    Cancel {
        attempt: AttemptId,
        fence: u64,
        hang_up: bool,
    },
    /// Take no more jobs; calls in progress go on.
    Drain,
    /// Take jobs again after a `Drain`. A `Welcome` says the same: whoever is still to drain is told so after it.
    Resume,
    /// The control plane has committed the result of this journal sequence number.
    ResultAck {
        seq: u64,
    },
    /// The control plane has stored this recording.
    RecordingAck {
        call: CallId,
    },
    /// What became of these attempts? Answered with `Up::Known`.
    Reconcile {
        attempts: Vec<AttemptId>,
    },
}

/// Edge → control plane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Up {
    /// First frame of a connection.
    Hello {
        name: String,
        software: String,
        live: Vec<(AttemptId, u64)>,
    },
    /// How many more calls fit, how many are up, per trunk; and a sign of life.
    Capacity {
        free: u32,
        live: u32,
        trunks: Vec<TrunkUse>,
        /// What a person must mend at this edge.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trouble: Option<Trouble>,
    },
    /// The job was taken (INVITE follows) or refused (nothing was or will be sent).
    Verdict {
        attempt: AttemptId,
        fence: u64,
        verdict: JobVerdict,
    },
    /// Unjournaled news of a live call; may be lost.
    Progress {
        attempt: AttemptId,
        fence: u64,
        at_unix_ms: u64,
        progress: Progress,
    },
    /// The journaled end of an attempt, repeated until `ResultAck`.
    Result {
        seq: u64,
        result: Box<AttemptResult>,
    },
    Known {
        attempts: Vec<(AttemptId, Known)>,
    },
}

/// The order to call one contact once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DialJob {
    pub attempt: AttemptId,
    pub fence: u64,
    pub tenant: TenantId,
    pub campaign: CampaignId,
    /// How long the edge may hold the job before INVITE, from receipt.
    pub lease_ms: u64,
    /// The calling-hours gate, decided again at the edge just before INVITE; `None` has no hours (rehearsal).
    pub dial_before_unix_ms: Option<u64>,
    pub number: Phone,
    pub caller_id: String,
    pub trunk: TrunkSpec,
    pub version: VersionId,
    pub variables: BTreeMap<String, String>,
    pub ring_limit_ms: u64,
    pub max_duration_ms: u64,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct TrunkSpec {
    pub id: TrunkId,
    /// `host:port`
    pub address: String,
    pub username: Option<String>,
    pub password: Option<String>,
    pub max_calls: u32,
    pub calls_per_second: u32,
}

impl std::fmt::Debug for TrunkSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrunkSpec").field("id", &self.id).field("max_calls", &self.max_calls).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkUse {
    pub trunk: TrunkId,
    pub live: u32,
    /// Consecutive attempts that the carrier itself failed (no reply, 5xx, credentials); `None` before the first whose
    /// end tells of the carrier.
    pub failing: Option<u32>,
}

/// What an operator must mend at an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Too little room is left: no jobs are taken.
    DiskFull,
    /// The journal cannot be written: no jobs are taken.
    Journal,
    /// The last recording could not be written; calls go on without.
    Recordings,
    /// Recognition came too late: fewer calls are taken until it keeps up.
    Recogniser,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum JobVerdict {
    Accepted,
    /// No free port, shard, recogniser slot or trunk channel.
    Busy,
    /// The lease ran out or the calling hours ended before INVITE.
    TooLate,
    Draining,
    /// The edge has seen this attempt before; it will not INVITE again.
    Duplicate,
    /// The job cannot be placed here, e.g. the flow or the models are missing.
    Unfit {
        reason: String,
    },
    /// The trunk's address leads nowhere.
    NoRoute {
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Progress {
    Dialing,
    Ringing,
    Answered,
    Turn(Turn),
    /// The customer is speaking and this is the recogniser's guess so far.
    Hearing {
        text: String,
    },
    /// The bot is speaking, and this is what it says unless it is interrupted.
    Saying {
        text: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Bot,
    Customer,
}

/// One party's go. Times are milliseconds since the answer, on the call's own clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    pub who: Who,
    /// For the bot: what the customer really heard of it.
    pub text: String,
    pub start_ms: u64,
    pub end_ms: u64,
    /// Bot turns that answer the customer: from the customer's last voiced sample to the first RTP of this turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waterfall: Option<Waterfall>,
    /// Customer turns: the intent understood, and the flow node that heard it. Bot turns: the node that spoke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Bot turns that the customer cut off.
    #[serde(default)]
    pub interrupted: bool,
}

/// Where a response time went, in milliseconds; the parts add up to `response_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waterfall {
    pub endpoint_ms: u64,
    pub asr_ms: u64,
    pub dialogue_ms: u64,
    pub tts_ms: u64,
}

/// The intent label of a whole call and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelDecision {
    pub key: String,
    /// The rule that decided, in plain words.
    pub rule: String,
    /// The customer's words the rule rests on.
    pub quote: Option<String>,
}

/// The authoritative record of an ended attempt. Unix times by the edge's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttemptResult {
    pub attempt: AttemptId,
    pub fence: u64,
    pub outcome: Outcome,
    pub dialed_unix_ms: Option<u64>,
    pub ringing_unix_ms: Option<u64>,
    pub answered_unix_ms: Option<u64>,
    pub ended_unix_ms: u64,
    pub turns: Vec<Turn>,
    pub label: Option<LabelDecision>,
    /// The words with which the customer asked never to be called again.
    pub opt_out: Option<String>,
    /// Values the dialogue took from the customer's words.
    pub slots: BTreeMap<String, String>,
    /// A recording will follow by upload.
    pub recording: Option<RecordingInfo>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingInfo {
    /// Hex SHA-256 of the file as uploaded.
    pub sha256: String,
    pub bytes: u64,
    pub duration_ms: u64,
}

/// Head of a recording's own unidirectional stream; the file's bytes follow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    pub call: CallId,
    pub tenant: TenantId,
    pub info: RecordingInfo,
}

/// ALPN of the uplink proper: mutual TLS, one bidirectional stream of [`Up`]/[`Down`] frames opened by the edge,
/// and one unidirectional stream per recording ([`Upload`], then the file).
pub const ALPN_UPLINK: &[u8] = b"bellbird-uplink/1";
/// ALPN of enrolment: the server is known by the fingerprint in the token, the edge has no certificate yet.
pub const ALPN_ENROL: &[u8] = b"bellbird-enrol/1";
/// The name in the control plane's certificate. On both ALPNs the server presents its own certificate and then the CA's,
/// so that an edge that knows only the CA's fingerprint can check it.
pub const SERVER_NAME: &str = "control.bellbird.internal";

/// First frame on an enrolment connection's bidirectional stream. The token is `bbe_<secret>.<hex SHA-256 of the CA certificate's DER>`
/// and works once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolAsk {
    pub token: String,
    /// PKCS #10 request in PEM (RFC 2986); its subject is ignored, the control plane writes its own.
    pub csr_pem: String,
}

impl std::fmt::Debug for EnrolAsk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolAsk").finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum EnrolReply {
    Granted {
        edge: EdgeId,
        certificate_pem: String,
        ca_pem: String,
        expires_unix_ms: u64,
    },
    /// `token_unknown`, `token_used`, `token_expired` or `csr_invalid`.
    Refused {
        code: String,
    },
}

/// What an edge's journal says of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Never heard of, or provably never sent: it may be planned anew.
    Unsent,
    /// INVITE was or may have been sent; the call is live.
    Live,
    /// INVITE was or may have been sent and the edge lost the call.
    Lost,
    /// The result is journaled and will be sent again.
    Ended,
}

#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("a frame of {0} bytes is over the limit")]
    TooLarge(usize),
    #[error("the peer speaks wire version {0}, this build speaks {VERSION}")]
    Version(u8),
    #[error("the frame is not what the protocol allows: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// Writes one frame.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, WireError> {
    let mut out = vec![0, 0, 0, 0, VERSION];
    serde_json::to_writer(&mut out, message)?;
    let length = out.len() - 4;
    if length > MAX_FRAME {
        return Err(WireError::TooLarge(length));
    }
    out[..4].copy_from_slice(&(length as u32).to_be_bytes());
    Ok(out)
}

/// Reads one frame from the front of `buffer`: the message and how many bytes it took, or `None` when more are needed.
pub fn decode<T: DeserializeOwned>(buffer: &[u8]) -> Result<Option<(T, usize)>, WireError> {
    let Some((head, rest)) = buffer.split_at_checked(4) else { return Ok(None) };
    let length = head.iter().fold(0usize, |sum, &byte| (sum << 8) | usize::from(byte));
    if length > MAX_FRAME {
        return Err(WireError::TooLarge(length));
    }
    let Some(body) = rest.get(..length) else { return Ok(None) };
    match body.split_first() {
        Some((&VERSION, json)) => Ok(Some((serde_json::from_slice(json)?, 4 + length))),
        Some((&other, _)) => Err(WireError::Version(other)),
        None => Err(WireError::Version(0)),
    }
}

#[cfg(test)]
mod tests;
