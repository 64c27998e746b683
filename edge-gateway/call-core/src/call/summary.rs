//! The result of a call: how it ended, what was said, what the dialogue knows, how good the line was.
use super::talk::Ended;
use crate::media::Quality;
use crate::sip::outcome::of_unanswered;
use crate::sip::uac::End;
use crate::time::Micros;
use dialogue::{Facts, Reached};
use shared_proto::outcome::{Cause, Disposition, Outcome, Side};
use shared_proto::wire::Turn;

/// All that is to be kept of a call. Times are on the call's clock, which starts with the INVITE.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub outcome: Outcome,
    pub ringing_at: Option<Micros>,
    pub answered_at: Option<Micros>,
    pub ended_at: Micros,
    /// Seconds of a Retry-After, when the carrier gave one.
    pub retry_after_s: Option<u32>,
    pub turns: Vec<Turn>,
    /// For `dialogue::label`.
    pub facts: Facts,
    /// Milliseconds recorded, gapless from the answer.
    pub recorded_ms: u64,
    pub quality: Quality,
}

impl Summary {
    pub(super) fn of(
        now: Micros,
        end: End,
        why: Option<Cause>,
        ringing_at: Option<Micros>,
        talk: Option<Ended>,
        quality: Quality,
    ) -> Self {
        let retry_after_s = match end {
            End::Refused { retry_after_s, .. } => retry_after_s,
            _ => None,
        };
        let outcome = match &talk {
            Some(ended) => of_answered(end, why, ended.ears.deaf()),
            None => of_unanswered(end),
        };
        let (answered_at, turns, facts, recorded_ms) = match talk {
            Some(ended) => (Some(ended.answered_at), ended.turns, ended.facts, ended.recorded_ms),
            None => {
                let invalid = outcome.disposition == Disposition::Invalid;
                let reached = if invalid { Reached::InvalidNumber } else { Reached::Unanswered };
                (None, Vec::new(), Facts::unanswered(reached), 0)
            }
        };
        Self { outcome, ringing_at, answered_at, ended_at: now, retry_after_s, turns, facts, recorded_ms, quality }
    }
}

fn of_answered(end: End, why: Option<Cause>, deaf: bool) -> Outcome {
    let q850 = match end {
        End::RemoteHangUp { q850 } => q850.and_then(|q| u8::try_from(q).ok()),
        _ => None,
    };
    let (cause, side) = match (end, why) {
        (End::RemoteHangUp { .. }, _) if deaf => (Cause::Unheard, Side::Customer),
        (_, Some(Cause::Finished | Cause::MaxDuration)) if deaf => (Cause::Unheard, Side::System),
        (End::RemoteHangUp { .. }, _) => (Cause::CustomerHangUp, Side::Customer),
        (_, Some(Cause::Finished)) => (Cause::Finished, Side::Bot),
        (_, Some(Cause::MaxDuration)) => (Cause::MaxDuration, Side::Bot),
        (_, Some(why)) => (why, Side::System),
        (_, None) => (Cause::Internal, Side::System),
    };
    Outcome { disposition: Disposition::Answered, cause, side, sip_code: Some(200), q850 }
}
