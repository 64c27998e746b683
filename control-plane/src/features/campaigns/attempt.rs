//! The life of one attempt as the control plane knows it. Pure. News may come twice, late or in any
//! order; a terminal state moves only when a late result tells what really happened.

/// What the control plane believes of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AttemptState {
    Leased,
    Dialing,
    Ringing,
    InCall,
    /// Its deadline passed without news.
    Unknown,
    /// Given back: nothing was or will be sent.
    Returned,
    Ended,
    /// Never reconciled within the longest possible call.
    Lost,
}

impl AttemptState {
    pub const ALL: [Self; 8] = [
        Self::Leased,
        Self::Dialing,
        Self::Ringing,
        Self::InCall,
        Self::Unknown,
        Self::Returned,
        Self::Ended,
        Self::Lost,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Leased => "leased",
            Self::Dialing => "dialing",
            Self::Ringing => "ringing",
            Self::InCall => "in_call",
            Self::Unknown => "unknown",
            Self::Returned => "returned",
            Self::Ended => "ended",
            Self::Lost => "lost",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// It holds a slot, and its number cannot be dialled by another attempt.
    pub fn live(self) -> bool {
        matches!(self, Self::Leased | Self::Dialing | Self::Ringing | Self::InCall | Self::Unknown)
    }
}

/// What may be heard of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    Accepted,
    /// Nothing was or will be sent.
    Refused,
    Dialing,
    Ringing,
    Answered,
    /// The deadline of the present state passed.
    Overdue,
    /// The longest possible call is over.
    LongestOver,
    /// From the edge's journal.
    KnownUnsent,
    KnownLost,
    /// The result is on its way.
    KnownEnded,
    /// The journaled end; whether an INVITE was sent.
    Result {
        dialed: bool,
    },
}

/// What a piece of news does to the attempt, and through it to the contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Old or meaningless news.
    Nothing,
    /// Alive as before: its deadline moves on.
    Extend,
    /// Alive in another state; the contact's state follows.
    To(AttemptState),
    /// Given back: the contact waits again, and nothing counts.
    Return,
    /// The end: the contact is settled by `rules::settle`.
    End,
    /// The end came after the attempt was given up; the call is recorded, no slot is freed.
    EndLate,
    /// Given up.
    Lose,
}

pub fn step(state: AttemptState, news: News) -> Effect {
    use AttemptState::{Dialing, Ended, InCall, Leased, Lost, Returned, Ringing, Unknown};
    match (state, news) {
        (Ended, _) => Effect::Nothing,
        (Returned | Lost, News::Result { dialed: true }) => Effect::EndLate,
        (Returned | Lost, _) => Effect::Nothing,
        (_, News::Result { .. }) => Effect::End,

        (Leased | Unknown, News::Refused) => Effect::Return,
        // A refusal cannot follow an INVITE: the later news is believed.
        (Dialing | Ringing | InCall, News::Refused) => Effect::Nothing,

        (Leased, News::Accepted) => Effect::Extend,
        (Unknown, News::Accepted) => Effect::To(Leased),
        (Dialing | Ringing | InCall, News::Accepted) => Effect::Nothing,

        (Leased | Unknown, News::Dialing) => Effect::To(Dialing),
        (Dialing | Ringing | InCall, News::Dialing) => Effect::Nothing,
        (Leased | Dialing | Unknown, News::Ringing) => Effect::To(Ringing),
        (Ringing | InCall, News::Ringing) => Effect::Nothing,
        (Leased | Dialing | Ringing | Unknown, News::Answered) => Effect::To(InCall),
        (InCall, News::Answered) => Effect::Nothing,

        (Leased | Dialing | Ringing | InCall, News::Overdue) => Effect::To(Unknown),
        (Unknown, News::Overdue) => Effect::Nothing,
        (Unknown, News::LongestOver) => Effect::Lose,
        (Leased | Dialing | Ringing | InCall, News::LongestOver) => Effect::To(Unknown),

        (Leased, News::KnownUnsent) => Effect::Return,
        // See `unsent`: this news is only made of an attempt that was never heard dialling.
        (Unknown, News::KnownUnsent) => Effect::Return,
        // The edge reported the INVITE before and knows nothing of it now: its journal is gone. Never dialled again.
        (Dialing | Ringing | InCall, News::KnownUnsent) => Effect::Lose,
        (Leased | Dialing | Ringing | InCall, News::KnownEnded) => Effect::Extend,
        (Unknown, News::KnownEnded) => Effect::Extend,
        (Leased | Dialing | Ringing | InCall, News::KnownLost) => Effect::To(Unknown),
        (Unknown, News::KnownLost) => Effect::Nothing,
    }
}

/// What an edge's journal says, made safe: "unsent" is not believed of an attempt that was already
/// heard dialling, for its edge has lost its journal.
pub fn unsent(ever_dialed: bool) -> News {
    if ever_dialed { News::KnownLost } else { News::KnownUnsent }
}

/// "Live" says not how far the call has come; what was heard before does.
pub fn known_live(ringing: bool, answered: bool) -> News {
    match (answered, ringing) {
        (true, _) => News::Answered,
        (false, true) => News::Ringing,
        (false, false) => News::Dialing,
    }
}

/// How long each live state may last before it is looked into, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub lease_ms: i64,
    pub ring_limit_ms: i64,
    pub max_duration_ms: i64,
}

impl Limits {
    /// Beyond what the edge itself enforces, for the way there and back.
    const GRACE_MS: i64 = 15_000;

    pub fn deadline(&self, state: AttemptState, now: i64) -> i64 {
        let span = match state {
            AttemptState::Leased => self.lease_ms,
            AttemptState::Dialing | AttemptState::Ringing => self.ring_limit_ms,
            AttemptState::InCall => self.max_duration_ms,
            AttemptState::Unknown => 0,
            AttemptState::Returned | AttemptState::Ended | AttemptState::Lost => return i64::MAX,
        };
        now + span + Self::GRACE_MS
    }

    /// After this no call of the attempt can still be up.
    pub fn longest(&self, leased_at: i64) -> i64 {
        leased_at + self.lease_ms + self.ring_limit_ms + self.max_duration_ms + 2 * Self::GRACE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWS: [News; 12] = [
        News::Accepted,
        News::Refused,
        News::Dialing,
        News::Ringing,
        News::Answered,
        News::Overdue,
        News::LongestOver,
        News::KnownUnsent,
        News::KnownLost,
        News::KnownEnded,
        News::Result { dialed: true },
        News::Result { dialed: false },
    ];

    fn apply(state: AttemptState, news: News) -> AttemptState {
        match step(state, news) {
            Effect::Nothing | Effect::Extend => state,
            Effect::To(next) => next,
            Effect::Return => AttemptState::Returned,
            Effect::End | Effect::EndLate => AttemptState::Ended,
            Effect::Lose => AttemptState::Lost,
        }
    }

    #[test]
    fn news_twice_changes_nothing_more() {
        for state in AttemptState::ALL {
            for news in NEWS.into_iter().filter(|news| !matches!(news, News::LongestOver)) {
                let once = apply(state, news);
                assert_eq!(apply(once, news), once, "{state:?} {news:?}");
            }
        }
    }

    #[test]
    fn what_is_over_never_lives_again() {
        for state in AttemptState::ALL.into_iter().filter(|state| !state.live()) {
            for news in NEWS {
                assert!(!apply(state, news).live(), "{state:?} {news:?}");
            }
        }
    }

    #[test]
    fn progress_in_any_order_ends_at_the_furthest_state() {
        let orders = [
            [News::Dialing, News::Ringing, News::Answered],
            [News::Answered, News::Ringing, News::Dialing],
            [News::Ringing, News::Answered, News::Accepted],
        ];
        for order in orders {
            assert_eq!(order.into_iter().fold(AttemptState::Leased, apply), AttemptState::InCall, "{order:?}");
        }
    }

    #[test]
    fn silence_leads_to_unknown_and_only_then_to_lost() {
        let overdue = apply(AttemptState::Ringing, News::Overdue);
        assert_eq!(overdue, AttemptState::Unknown);
        assert_eq!(apply(overdue, News::LongestOver), AttemptState::Lost);
        assert_eq!(apply(AttemptState::Lost, News::Result { dialed: true }), AttemptState::Ended);
    }

    #[test]
    fn a_journal_that_forgot_a_dialled_attempt_is_not_believed() {
        assert_eq!(apply(AttemptState::Unknown, unsent(true)), AttemptState::Unknown);
        assert_eq!(apply(AttemptState::Unknown, unsent(false)), AttemptState::Returned);
    }
}
