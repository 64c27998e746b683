//! The calls that are up right now, in memory, for the live view. What is said in them is also kept in `said.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use shared_proto::events::CallState;
use shared_proto::ids::{AttemptId, CampaignId, ContactId, EdgeId, TenantId};
use shared_proto::wire::{Turn, Who};

use crate::features::contacts::imports::rules::mask_digits;

#[derive(Clone, Default)]
pub struct LiveCalls(Arc<Mutex<BTreeMap<AttemptId, LiveCall>>>);

/// Who has a call, and by which fence: no other edge, and no earlier lease, has news of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    pub edge: EdgeId,
    pub fence: u64,
}

#[derive(Clone, Debug)]
pub struct LiveCall {
    pub holder: Holder,
    pub tenant: TenantId,
    pub campaign: CampaignId,
    pub contact: ContactId,
    /// Masked, as the number.
    pub contact_name: String,
    pub number: String,
    pub state: CallState,
    pub since: i64,
    pub turns: Vec<Turn>,
    /// What the customer seems to be saying.
    pub hearing: Option<String>,
    /// What the bot is saying.
    pub saying: Option<String>,
}

impl LiveCall {
    pub fn leased(
        holder: Holder,
        tenant: TenantId,
        campaign: CampaignId,
        contact: ContactId,
        contact_name: String,
        number: String,
        since: i64,
    ) -> Self {
        let state = CallState::Dialing;
        let contact_name = mask_digits(&contact_name);
        let (turns, hearing, saying) = (Vec::new(), None, None);
        Self { holder, tenant, campaign, contact, contact_name, number, state, since, turns, hearing, saying }
    }
}

impl LiveCalls {
    pub fn insert(&self, attempt: AttemptId, call: LiveCall) {
        self.0.lock().entry(attempt).or_insert(call);
    }

    pub fn get(&self, attempt: AttemptId) -> Option<LiveCall> {
        self.0.lock().get(&attempt).cloned()
    }

    /// Returns the call where its state changed.
    pub fn moved(&self, attempt: AttemptId, state: CallState, at: i64) -> Option<LiveCall> {
        let mut calls = self.0.lock();
        let call = calls.get_mut(&attempt)?;
        if call.state == state && state != CallState::Dialing {
            return None;
        }
        call.state = state;
        call.since = at;
        Some(call.clone())
    }

    /// A finished turn replaces what was being said and heard.
    pub fn turn(&self, attempt: AttemptId, holder: Holder, turn: Turn) -> Option<LiveCall> {
        let mut calls = self.0.lock();
        let call = calls.get_mut(&attempt).filter(|call| call.holder == holder)?;
        (call.hearing, call.saying) = (None, None);
        call.turns.push(turn);
        Some(call.clone())
    }

    /// What somebody is about to have said; the finished turn replaces it.
    pub fn speaking(&self, attempt: AttemptId, holder: Holder, who: Who, text: String) -> Option<LiveCall> {
        let mut calls = self.0.lock();
        let call = calls.get_mut(&attempt).filter(|call| call.holder == holder)?;
        match who {
            Who::Customer => call.hearing = Some(text),
            Who::Bot => call.saying = Some(text),
        }
        Some(call.clone())
    }

    pub fn remove(&self, attempt: AttemptId) -> Option<LiveCall> {
        self.0.lock().remove(&attempt)
    }

    pub fn of(&self, campaign: CampaignId) -> Vec<(AttemptId, LiveCall)> {
        let calls = self.0.lock();
        calls.iter().filter(|(_, call)| call.campaign == campaign).map(|(id, call)| (*id, call.clone())).collect()
    }

    pub fn count(&self) -> usize {
        self.0.lock().len()
    }
}
