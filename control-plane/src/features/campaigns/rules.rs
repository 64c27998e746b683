//! What a campaign and its contacts may do next. Pure: data and the time in, data out.
//! The attempts' own machine is `attempt.rs`; who is dialled when is `planner.rs`.

use serde::{Deserialize, Serialize};
use shared_proto::outcome::{Cause, Disposition, Side};

/// Where a campaign is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// Something that starting needs is missing.
    Draft,
    Ready,
    Running,
    Paused,
    Stopped,
    Completed,
}

impl CampaignState {
    pub const ALL: [Self; 6] = [Self::Draft, Self::Ready, Self::Running, Self::Paused, Self::Stopped, Self::Completed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Completed => "completed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// It calls, or will go on calling.
    pub fn calls(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }

    /// Group, script and trunk may still be chosen, and the campaign may be deleted without a trace of calls.
    pub fn before_start(self) -> bool {
        matches!(self, Self::Draft | Self::Ready)
    }
}

/// Alerts about a campaign that calls. None outlives its calling.
pub const MANY_INVALID: &str = "many_invalid";
pub const NO_ANSWER_LONG: &str = "no_answer_long";
pub const ALERTS: [&str; 2] = [MANY_INVALID, NO_ANSWER_LONG];

/// What an operator may ask of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Start,
    Pause,
    Resume,
    Stop,
    Restart,
}

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    To(CampaignState),
    /// The wish is already true: a double click, a second tab.
    Already,
}

/// The command makes no sense in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

pub fn command(state: CampaignState, command: Command) -> Result<Step, Refused> {
    use CampaignState::{Completed, Draft, Paused, Ready, Running, Stopped};
    match (state, command) {
        // A draft may have become complete since: the executor looks again before it starts one.
        (Draft | Ready, Command::Start) => Ok(Step::To(Running)),
        (Running, Command::Start | Command::Resume | Command::Restart) => Ok(Step::Already),
        (Running, Command::Pause) => Ok(Step::To(Paused)),
        (Paused, Command::Pause) => Ok(Step::Already),
        (Paused, Command::Resume) => Ok(Step::To(Running)),
        (Running | Paused, Command::Stop) => Ok(Step::To(Stopped)),
        (Stopped, Command::Stop) => Ok(Step::Already),
        (Stopped | Completed, Command::Restart) => Ok(Step::To(Running)),
        (Draft | Ready, Command::Pause | Command::Resume | Command::Stop | Command::Restart)
        | (Paused, Command::Start | Command::Restart)
        | (Stopped, Command::Start | Command::Pause | Command::Resume)
        | (Completed, Command::Start | Command::Pause | Command::Resume | Command::Stop) => Err(Refused),
    }
}

/// Where a contact is in one campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactState {
    Pending,
    /// An attempt exists and its order is on the way to an edge.
    Leased,
    Dialing,
    Ringing,
    InCall,
    RetryWait,
    /// A gate that no waiting opens.
    Blocked,
    Done,
    Cancelled,
    /// The edge fell silent with an attempt: reconciled, never blindly dialled again.
    Unknown,
}

/// What the counters call a contact's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    Waiting,
    InCall,
    Blocked,
    Cancelled,
    Unknown,
    Called,
}

impl ContactState {
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::Leased,
        Self::Dialing,
        Self::Ringing,
        Self::InCall,
        Self::RetryWait,
        Self::Blocked,
        Self::Done,
        Self::Cancelled,
        Self::Unknown,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Leased => "leased",
            Self::Dialing => "dialing",
            Self::Ringing => "ringing",
            Self::InCall => "in_call",
            Self::RetryWait => "retry_wait",
            Self::Blocked => "blocked",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    pub fn bucket(self) -> Bucket {
        match self {
            Self::Pending | Self::Leased | Self::RetryWait => Bucket::Waiting,
            Self::Dialing | Self::Ringing | Self::InCall => Bucket::InCall,
            Self::Blocked => Bucket::Blocked,
            Self::Cancelled => Bucket::Cancelled,
            Self::Unknown => Bucket::Unknown,
            Self::Done => Bucket::Called,
        }
    }
}

/// Simple retry: how often a contact is tried in all, and the pause between two tries. A failure on the side of the
/// trunk (5xx, 407 refused, no response) is no such try: it is tried again by itself, after longer and longer waits, until
/// it has failed five times in a row. A line that is down pauses dialling until it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Tries in all that reached the network of who is called, the first included: 1 (or 0) never tries again.
    pub attempts: u32,
    pub interval_s: u32,
}

impl Retry {
    pub const MOST_ATTEMPTS: u32 = 10;
    pub const LONGEST_INTERVAL_S: u32 = 7 * 24 * 3600;
}

/// The end of an attempt, as far as the contact's future depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    pub disposition: Disposition,
    pub cause: Cause,
    pub side: Side,
    /// An INVITE was sent.
    pub dialed: bool,
    /// The carrier's final answer to the INVITE, where it gave one.
    pub sip_code: Option<u16>,
    /// Refused for good: a word of opting out, or the label `refused`.
    pub unwilling: bool,
}

/// What a contact has been through in this run of the campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// Tries, this attempt's included.
    pub tries: u32,
    /// Attempts in a row that the line or the house failed, before this one.
    pub failures: u32,
}

/// How the line of an attempt is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Sound,
    /// An alert says so already, and only a probe is dialled now and then.
    Down,
}

/// What becomes of a contact after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Done,
    /// Another try, which counts.
    Retry {
        after_ms: i64,
    },
    /// The attempt was none of the contact's: it waits as before.
    Again {
        after_ms: i64,
    },
    /// The line or the house failed: the contact waits, longer each time, and no try is used up.
    AgainLater {
        after_ms: i64,
        failures: u32,
    },
    Cancelled,
}

/// A contact whose attempt came to nothing by our own doing waits this long.
const AGAIN_MS: i64 = 3_000;
/// After its first line failure a contact waits this long, then twice as long each time.
const LINE_WAIT_MS: i64 = 30_000;
const LINE_WAIT_MOST_MS: i64 = 10 * 60_000;
/// A contact that a sound line fails so often in a row is given up: it is the number that the line cannot reach.
pub const FAILURES_MOST: u32 = 5;

pub fn settle(ending: Ending, campaign: CampaignState, retry: Retry, past: Past, line: Line) -> Settled {
    let over = matches!(campaign, CampaignState::Stopped | CampaignState::Completed);
    if ending.disposition != Disposition::Answered {
        let ours = match ending.cause {
            Cause::Cancelled => true,
            Cause::NoCapacity | Cause::Gate => !ending.dialed,
            _ => false,
        };
        if ours {
            return if over { Settled::Cancelled } else { Settled::Again { after_ms: AGAIN_MS } };
        }
    }
    if line_failed(ending) && !ending.unwilling {
        if over {
            return Settled::Cancelled;
        }
        // While the whole line is down, its failures say nothing of a contact; its answers do.
        let failures = past.failures + u32::from(line == Line::Sound || is_about_the_call(ending));
        if failures < FAILURES_MOST {
            let after_ms = (LINE_WAIT_MS << failures.saturating_sub(1)).min(LINE_WAIT_MOST_MS);
            return Settled::AgainLater { after_ms, failures };
        }
        return Settled::Done;
    }
    // What became of a lost attempt nobody knows: the contact may have talked, and is not dialled again for it.
    let lost = ending.cause == Cause::Lost;
    // Whoever spoke to a bot that heard nothing has not been reached.
    let reached = !retried(ending.disposition) && ending.cause != Cause::Unheard;
    if over || lost || ending.unwilling || past.tries >= retry.attempts || reached {
        return Settled::Done;
    }
    Settled::Retry { after_ms: i64::from(retry.interval_s) * 1000 }
}

/// The carrier or the house broke before anybody answered. A lost attempt is none of these: its call may have
/// happened, so it counts as a try. So does one whose sound did not fit: somebody has picked up.
fn line_failed(ending: Ending) -> bool {
    ending.disposition == Disposition::Failed
        && !matches!(ending.cause, Cause::Lost | Cause::Media)
        && matches!(ending.side, Side::Carrier | Side::System)
}

/// The carrier is there and has answered, and not with what it would say to any call: who is calling (401, 403, 407), or
/// that it has no time (408, 503, 504; RFC 3261 section 21).
fn is_about_the_call(ending: Ending) -> bool {
    ending.sip_code.is_some_and(|code| code >= 300 && !matches!(code, 401 | 403 | 407 | 408 | 503 | 504))
}

/// Dispositions after which the same contact is worth another try. A person who pressed the red
/// button has answered in a way; a number that does not exist never will.
fn retried(disposition: Disposition) -> bool {
    match disposition {
        Disposition::Busy
        | Disposition::NoAnswer
        | Disposition::Unreachable
        | Disposition::PoweredOff
        | Disposition::Failed => true,
        Disposition::Answered
        | Disposition::Rejected
        | Disposition::Invalid
        | Disposition::Machine
        | Disposition::Abandoned => false,
    }
}

/// Counting costs as much as the list is long: how long a changed campaign waits for its next count. Two seconds for
/// 100,000 contacts.
pub fn recount_after_ms(contacts: u64) -> i64 {
    i64::try_from(contacts / 50).unwrap_or(i64::MAX)
}

/// Counters of contacts: total = called + waiting + in_call + blocked + cancelled + unknown,
/// called = connected + not_connected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counters {
    pub total: u64,
    pub called: u64,
    pub waiting: u64,
    pub in_call: u64,
    pub blocked: u64,
    pub cancelled: u64,
    pub unknown: u64,
    pub connected: u64,
    pub not_connected: u64,
    /// INVITEs sent, over all contacts.
    pub attempts: u64,
    /// Contacts by the label of their last answered attempt.
    pub labels: std::collections::BTreeMap<String, u64>,
}

impl Counters {
    /// Nobody is left to be called or to be heard of.
    pub fn are_final(&self) -> bool {
        self.waiting == 0 && self.in_call == 0 && self.unknown == 0
    }

    /// `n` contacts in one state, with one disposition and label, and `attempts` INVITEs between them.
    pub fn add(&mut self, state: ContactState, disposition: Option<&str>, label: Option<&str>, n: u64, attempts: u64) {
        self.total += n;
        self.attempts += attempts;
        match state.bucket() {
            Bucket::Waiting => self.waiting += n,
            Bucket::InCall => self.in_call += n,
            Bucket::Blocked => self.blocked += n,
            Bucket::Cancelled => self.cancelled += n,
            Bucket::Unknown => self.unknown += n,
            Bucket::Called => {
                self.called += n;
                if disposition == Some(Disposition::Answered.as_str()) {
                    self.connected += n;
                } else {
                    self.not_connected += n;
                }
            }
        }
        if let Some(label) = label {
            *self.labels.entry(label.to_owned()).or_default() += n;
        }
    }

    /// Contacts of the group that the snapshot has yet to copy.
    pub fn add_not_yet_copied(&mut self, expected_total: u64) {
        let missing = expected_total.saturating_sub(self.total);
        self.total += missing;
        self.waiting += missing;
    }

    /// Nothing is left to do or to hear of.
    pub fn settled(&self) -> bool {
        self.waiting == 0 && self.in_call == 0 && self.unknown == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_in_every_state() {
        let commands = [Command::Start, Command::Pause, Command::Resume, Command::Stop, Command::Restart];
        let table: Vec<String> = CampaignState::ALL
            .iter()
            .map(|&state| {
                let cells = commands.map(|wish| match command(state, wish) {
                    Ok(Step::To(next)) => next.as_str(),
                    Ok(Step::Already) => "=",
                    Err(Refused) => "-",
                });
                format!("{}: {}", state.as_str(), cells.join(" "))
            })
            .collect();
        assert_eq!(
            table,
            [
                "draft: running - - - -",
                "ready: running - - - -",
                "running: = paused = stopped =",
                "paused: - = running stopped -",
                "stopped: - - - = running",
                "completed: - - - - running",
            ]
        );
    }

    fn ending(disposition: Disposition, cause: Cause) -> Ending {
        Ending { disposition, cause, side: Side::Customer, dialed: true, sip_code: None, unwilling: false }
    }

    fn after(ending: Ending, campaign: CampaignState, tries: u32) -> Settled {
        settle(ending, campaign, TWICE, Past { tries, failures: 0 }, Line::Sound)
    }

    const TWICE: Retry = Retry { attempts: 2, interval_s: 60 };

    #[test]
    fn a_busy_contact_is_tried_again_until_the_tries_are_used_up() {
        let busy = ending(Disposition::Busy, Cause::Refused);
        assert_eq!(after(busy, CampaignState::Running, 1), Settled::Retry { after_ms: 60_000 });
        assert_eq!(after(busy, CampaignState::Paused, 1), Settled::Retry { after_ms: 60_000 });
        assert_eq!(after(busy, CampaignState::Running, 2), Settled::Done);
        assert_eq!(after(busy, CampaignState::Stopped, 1), Settled::Done);
    }

    #[test]
    fn a_contact_that_was_not_heard_is_tried_again_like_a_busy_one() {
        let unheard = ending(Disposition::Answered, Cause::Unheard);
        assert_eq!(after(unheard, CampaignState::Running, 1), Settled::Retry { after_ms: 60_000 });
        assert_eq!(after(unheard, CampaignState::Running, 2), Settled::Done);
    }

    #[test]
    fn who_answered_refused_or_does_not_exist_is_not_called_again() {
        for disposition in [Disposition::Answered, Disposition::Rejected, Disposition::Invalid] {
            assert_eq!(after(ending(disposition, Cause::Refused), CampaignState::Running, 1), Settled::Done);
        }
        let unwilling = Ending { unwilling: true, ..ending(Disposition::Busy, Cause::Refused) };
        assert_eq!(after(unwilling, CampaignState::Running, 1), Settled::Done);
    }

    #[test]
    fn a_call_we_cancelled_waits_again_or_goes_with_its_campaign() {
        let cancelled = ending(Disposition::NoAnswer, Cause::Cancelled);
        assert_eq!(after(cancelled, CampaignState::Paused, 2), Settled::Again { after_ms: AGAIN_MS });
        assert_eq!(after(cancelled, CampaignState::Stopped, 1), Settled::Cancelled);
        let hung_up = ending(Disposition::Answered, Cause::Cancelled);
        assert_eq!(after(hung_up, CampaignState::Stopped, 1), Settled::Done);
    }

    #[test]
    fn a_line_that_fails_uses_up_no_try_and_a_number_it_never_reaches_is_given_up() {
        let failed = Ending { side: Side::Carrier, ..ending(Disposition::Failed, Cause::NoResponse) };
        let waits: Vec<Settled> = (0..FAILURES_MOST)
            .map(|failures| settle(failed, CampaignState::Running, TWICE, Past { tries: 1, failures }, Line::Sound))
            .collect();
        let later = |after_ms, failures| Settled::AgainLater { after_ms, failures };
        let expected = [later(30_000, 1), later(60_000, 2), later(120_000, 3), later(240_000, 4), Settled::Done];
        assert_eq!(waits, expected);
        // A whole list outlives an outage.
        let past = Past { tries: 2, failures: 4 };
        assert_eq!(settle(failed, CampaignState::Running, TWICE, past, Line::Down), later(240_000, 4));
        let busy = Ending { sip_code: Some(503), cause: Cause::Refused, ..failed };
        assert_eq!(settle(busy, CampaignState::Running, TWICE, past, Line::Down), later(240_000, 4));
        // Only numbers that the carrier refuses one by one are left of the list, and the line counts as down.
        let refused = Ending { sip_code: Some(488), cause: Cause::Refused, ..failed };
        assert_eq!(settle(refused, CampaignState::Running, TWICE, past, Line::Down), Settled::Done);
        assert_eq!(after(failed, CampaignState::Stopped, 1), Settled::Cancelled);
        let lost = Ending { side: Side::System, ..ending(Disposition::Failed, Cause::Lost) };
        assert_eq!(after(lost, CampaignState::Running, 1), Settled::Done);
        // Somebody has picked up, and heard nothing.
        let silent = Ending { side: Side::Carrier, ..ending(Disposition::Failed, Cause::Media) };
        assert_eq!(after(silent, CampaignState::Running, TWICE.attempts), Settled::Done);
    }

    #[test]
    fn the_counters_add_up_and_the_snapshot_counts_before_it_is_copied() {
        let mut counters = Counters::default();
        for (n, state) in ContactState::ALL.into_iter().enumerate() {
            counters.add(state, (n % 2 == 1).then_some("answered"), None, n as u64 + 1, 1);
        }
        counters.add_not_yet_copied(100);
        let parts = counters.called
            + counters.waiting
            + counters.in_call
            + counters.blocked
            + counters.cancelled
            + counters.unknown;
        assert_eq!((counters.total, parts), (100, 100));
        assert_eq!(counters.called, counters.connected + counters.not_connected);
    }
}
