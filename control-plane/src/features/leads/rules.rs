//! Decisions about leads: whose turn it is, what may be done with a lead. Pure.

use serde::{Deserialize, Serialize};

/// An agent who has not been heard of for this long is offline.
pub const HEARTBEAT_MS: i64 = 30_000;
/// A lead that is not accepted within this time moves on.
pub const OFFER_MS: i64 = 30_000;
/// Numbers one agent may reveal in an hour.
pub const REVEALS_PER_HOUR: u64 = 30;
/// A next follow-up later than this is a slip of the hand.
pub const FOLLOW_UP_MOST_MS: i64 = 2 * 366 * 86_400_000;
/// How long the portal shows a revealed number.
pub const REVEAL_SHOWN_S: u64 = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeadStatus {
    /// For the next agent who comes online.
    Waiting,
    Offered,
    Accepted,
    /// 持续跟进
    Following,
    /// 已成交
    Won,
    /// 放弃
    Dropped,
}

impl LeadStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Following => "following",
            Self::Won => "won",
            Self::Dropped => "dropped",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Waiting, Self::Offered, Self::Accepted, Self::Following, Self::Won, Self::Dropped];
        all.into_iter().find(|status| status.as_str() == text)
    }

    /// The owner works on it: follow-ups, the contact's data, the number.
    pub fn is_taken(self) -> bool {
        match self {
            Self::Accepted | Self::Following | Self::Won | Self::Dropped => true,
            Self::Waiting | Self::Offered => false,
        }
    }
}

/// What a follow-up leaves the lead in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FollowUpStatus {
    Following,
    Won,
    Dropped,
}

impl FollowUpStatus {
    pub fn lead(self) -> LeadStatus {
        match self {
            Self::Following => LeadStatus::Following,
            Self::Won => LeadStatus::Won,
            Self::Dropped => LeadStatus::Dropped,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    Online,
    Busy,
    Rest,
    Offline,
}

impl PresenceState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Busy => "busy",
            Self::Rest => "rest",
            Self::Offline => "offline",
        }
    }

    /// What is shown: silence means offline.
    pub fn seen(text: &str, heartbeat_at: i64, now: i64) -> Self {
        let all = [Self::Online, Self::Busy, Self::Rest];
        let said = all.into_iter().find(|state| state.as_str() == text);
        said.filter(|_| now - heartbeat_at < HEARTBEAT_MS).unwrap_or(Self::Offline)
    }
}

/// An agent who is online and has no offer open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Free {
    pub user_id: String,
    pub last_offer_at: i64,
}

/// Round robin: the oldest lead to the agent whose last offer is the longest ago, one each.
pub fn deal(leads: &[String], mut agents: Vec<Free>) -> Vec<(&str, String)> {
    agents.sort_by(|a, b| (a.last_offer_at, &a.user_id).cmp(&(b.last_offer_at, &b.user_id)));
    leads.iter().map(String::as_str).zip(agents.into_iter().map(|agent| agent.user_id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(user_id: &str, last_offer_at: i64) -> Free {
        Free { user_id: user_id.to_owned(), last_offer_at }
    }

    #[test]
    fn leads_go_round_one_each() {
        let leads = ["l1".to_owned(), "l2".to_owned(), "l3".to_owned()];
        let dealt = deal(&leads, vec![free("b", 20), free("a", 20), free("c", 10)]);
        assert_eq!(dealt, [("l1", "c".to_owned()), ("l2", "a".to_owned()), ("l3", "b".to_owned())]);
        assert_eq!(deal(&leads, vec![free("a", 0)]), [("l1", "a".to_owned())]);
        assert_eq!(deal(&leads, vec![]), []);
    }

    #[test]
    fn silence_means_offline() {
        assert_eq!(PresenceState::seen("online", 1_000, 30_999), PresenceState::Online);
        assert_eq!(PresenceState::seen("online", 1_000, 31_000), PresenceState::Offline);
    }
}
