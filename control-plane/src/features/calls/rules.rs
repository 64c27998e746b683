//! What is read out of a finished call. Pure.

use serde::Serialize;
use shared_proto::ids::CallId;
use shared_proto::masking::hide_digits;
use shared_proto::outcome::Disposition;
use shared_proto::wire::{AttemptResult, Turn};

/// How quickly the bot answered, over the turns of one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ResponseSummary {
    pub turns: u32,
    pub p50: u64,
    pub p95: u64,
    pub max: u64,
}

/// `None` where no turn of the bot answered the customer.
pub fn response_summary(turns: &[Turn]) -> Option<ResponseSummary> {
    let mut times: Vec<u64> = turns.iter().filter_map(|turn| turn.response_ms).collect();
    times.sort_unstable();
    let max = *times.last()?;
    let rank = |percent: usize| times[(times.len() * percent).div_ceil(100).max(1) - 1];
    Some(ResponseSummary { turns: times.len() as u32, p50: rank(50), p95: rank(95), max })
}

/// Spans between the moments of a call, in milliseconds. An edge's clock may have been set in between.
pub fn spans(result: &AttemptResult) -> (Option<i64>, Option<i64>) {
    let between = |from: Option<u64>, to: u64| from.map(|from| to.saturating_sub(from) as i64);
    let ring_until = result.answered_unix_ms.unwrap_or(result.ended_unix_ms);
    (between(result.ringing_unix_ms, ring_until), between(result.answered_unix_ms, result.ended_unix_ms))
}

/// Where a recording lies in the objects.
pub fn recording_key(tenant: shared_proto::ids::TenantId, call: CallId) -> String {
    format!("{tenant}/recordings/{call}.wav")
}

/// For who may read what was said but not who said it: every run of digits goes, Arabic or Chinese,
/// that is long enough to be part of a number.
pub fn without_digits(text: &str) -> String {
    hide_digits(text, 3)
}

/// For everybody: a run of digits as long as a telephone number goes, spoken or written; amounts and dates stay.
pub fn without_numbers(text: &str) -> String {
    hide_digits(text, 7)
}

/// A turn as everyone reads it: a number that is said in it is hidden.
pub fn masked_turn(turn: &Turn) -> Turn {
    Turn { text: without_numbers(&turn.text), ..turn.clone() }
}

/// A window over the latest attempts of a campaign, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recent {
    pub disposition: Disposition,
    pub ended_at: i64,
}

/// What the latest attempts of a campaign call for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// Many of the latest numbers do not exist.
    ManyEmptyNumbers { invalid: u32, of: u32 },
    /// Nobody has answered for long.
    LongWithoutAnswer { attempts: u32, minutes: u32 },
}

const EMPTY_WINDOW: usize = 20;
const EMPTY_LEAST: usize = 10;
const EMPTY_PERCENT: usize = 40;
const SILENT_ATTEMPTS: usize = 20;
const SILENT_MINUTES: i64 = 10;
const SILENT_LEAST: usize = 5;
/// How many of the latest attempts `warnings` looks at.
pub const RECENT: u64 = 50;

pub fn warnings(recent: &[Recent]) -> Vec<Warning> {
    let mut out = Vec::new();
    let window = &recent[..recent.len().min(EMPTY_WINDOW)];
    let invalid = window.iter().filter(|one| one.disposition == Disposition::Invalid).count();
    if window.len() >= EMPTY_LEAST && invalid * 100 >= window.len() * EMPTY_PERCENT {
        out.push(Warning::ManyEmptyNumbers { invalid: invalid as u32, of: window.len() as u32 });
    }
    // What the line failed tells nothing of when people answer.
    let since = recent.iter().take_while(|one| one.disposition != Disposition::Answered);
    let unanswered: Vec<&Recent> = since.filter(|one| one.disposition != Disposition::Failed).collect();
    let silent = unanswered.len();
    // Results may come late: the newest attempt is not always the last to have ended.
    let ends = || unanswered.iter().map(|one| one.ended_at);
    if let (Some(newest), Some(oldest)) = (ends().max(), ends().min()) {
        let span = newest.saturating_sub(oldest);
        // Begun minutes: nobody says "in 0 minutes".
        let minutes = (span + 59_999) / 60_000;
        if silent >= SILENT_ATTEMPTS || (silent >= SILENT_LEAST && span >= SILENT_MINUTES * 60_000) {
            out.push(Warning::LongWithoutAnswer {
                attempts: silent as u32,
                minutes: u32::try_from(minutes.max(1)).unwrap_or(u32::MAX),
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_proto::wire::Who;

    fn turn(response_ms: Option<u64>) -> Turn {
        Turn {
            who: Who::Bot,
            text: String::new(),
            start_ms: 0,
            end_ms: 0,
            response_ms,
            waterfall: None,
            intent: None,
            node: None,
            interrupted: false,
        }
    }

    #[test]
    fn response_times_are_summed_up_by_rank() {
        assert_eq!(response_summary(&[turn(None)]), None);
        let turns: Vec<Turn> = (1..=20).map(|n| turn(Some(n * 10))).collect();
        assert_eq!(response_summary(&turns), Some(ResponseSummary { turns: 20, p50: 100, p95: 190, max: 200 }));
    }

    #[test]
    fn numbers_go_from_what_was_said_and_small_ones_stay() {
        assert_eq!(without_digits("打我138 1234 5678吧"), "打我***吧");
        assert_eq!(without_digits("幺三八零零一二,要50万"), "***,要50万");
        assert_eq!(without_digits("两点吧"), "两点吧");
    }

    fn recent(dispositions: &[Disposition]) -> Vec<Recent> {
        let ended_at = |n: usize| 10_000_000 - n as i64 * 1000;
        dispositions.iter().enumerate().map(|(n, &disposition)| Recent { disposition, ended_at: ended_at(n) }).collect()
    }

    #[test]
    fn many_empty_numbers_and_long_silence_warn() {
        use Disposition::{Answered, Busy, Invalid};
        assert_eq!(warnings(&recent(&[Answered; 30])), []);
        assert_eq!(warnings(&recent(&[Invalid; 3])), []);
        let mut mixed = vec![Answered; 6];
        mixed.extend([Invalid; 4]);
        assert_eq!(warnings(&recent(&mixed)), [Warning::ManyEmptyNumbers { invalid: 4, of: 10 }]);
        assert_eq!(warnings(&recent(&[Disposition::Failed; 30])), [], "a line that fails is told of by its own alert");
        assert_eq!(warnings(&recent(&[Busy; 20])), [Warning::LongWithoutAnswer { attempts: 20, minutes: 1 }]);
        let slow: Vec<Recent> =
            (0..5).map(|n| Recent { disposition: Busy, ended_at: 10_000_000 - n * 180_000 }).collect();
        assert_eq!(warnings(&slow), [Warning::LongWithoutAnswer { attempts: 5, minutes: 12 }]);
        let late: Vec<Recent> = slow.into_iter().rev().collect();
        assert_eq!(warnings(&late), [Warning::LongWithoutAnswer { attempts: 5, minutes: 12 }]);
    }
}
