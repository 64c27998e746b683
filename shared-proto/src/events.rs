//! What the portal hears as server-sent events. Masked before it gets here: no full number is ever in an event.

use crate::ids::{AlertId, CallId, CampaignId, ContactId, EdgeId, ImportId, LeadId, TrunkId, UserId};
use crate::wire::Turn;
use serde::{Deserialize, Serialize};

/// One piece of news for a tenant. The SSE `event:` name is [`Event::name`], the `data:` is this as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Event {
    #[serde(rename = "call.state")]
    CallState {
        call_id: CallId,
        campaign_id: CampaignId,
        contact_id: ContactId,
        contact_name: String,
        number: String,
        state: CallState,
        /// RFC 3339
        at: String,
    },
    #[serde(rename = "call.turn")]
    CallTurn { call_id: CallId, campaign_id: CampaignId, turn: Turn },
    #[serde(rename = "call.hearing")]
    CallHearing { call_id: CallId, campaign_id: CampaignId, text: String },
    #[serde(rename = "call.saying")]
    CallSaying { call_id: CallId, campaign_id: CampaignId, text: String },
    /// `updated_at` orders it against what was answered: an event may be older than an answer that came before it.
    #[serde(rename = "campaign.changed")]
    CampaignChanged { campaign_id: CampaignId, state: String, updated_at: String, counters: serde_json::Value },
    #[serde(rename = "import.progress")]
    ImportProgress { import_id: ImportId, state: String, rows: serde_json::Value },
    /// A lead is offered to one agent; only that agent hears it.
    #[serde(rename = "lead.offered")]
    LeadOffered {
        lead_id: LeadId,
        user_id: UserId,
        contact_name: String,
        label: String,
        quote: Option<String>,
        offer_until: String,
    },
    #[serde(rename = "lead.changed")]
    LeadChanged { lead_id: LeadId, user_id: Option<UserId>, status: String },
    #[serde(rename = "alert.raised")]
    AlertRaised { alert_id: AlertId, code: String, level: String, params: serde_json::Value, at: String },
    #[serde(rename = "alert.closed")]
    AlertClosed { alert_id: AlertId },
    #[serde(rename = "trunk.changed")]
    TrunkChanged { trunk_id: TrunkId, state: String, calls: u32 },
    #[serde(rename = "edge.changed")]
    EdgeChanged { edge_id: EdgeId, state: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    Dialing,
    Ringing,
    InCall,
    Ended,
}

impl Event {
    pub fn name(&self) -> &'static str {
        match self {
            Self::CallState { .. } => "call.state",
            Self::CallTurn { .. } => "call.turn",
            Self::CallHearing { .. } => "call.hearing",
            Self::CallSaying { .. } => "call.saying",
            Self::CampaignChanged { .. } => "campaign.changed",
            Self::ImportProgress { .. } => "import.progress",
            Self::LeadOffered { .. } => "lead.offered",
            Self::LeadChanged { .. } => "lead.changed",
            Self::AlertRaised { .. } => "alert.raised",
            Self::AlertClosed { .. } => "alert.closed",
            Self::TrunkChanged { .. } => "trunk.changed",
            Self::EdgeChanged { .. } => "edge.changed",
        }
    }
}
