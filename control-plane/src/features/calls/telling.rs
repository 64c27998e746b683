//! Tells the portal of calls that are up: their states, and what is said as it is spoken. What is lost here is in
//! the result.

use shared_proto::events::{CallState, Event};
use shared_proto::ids::{AttemptId, CallId, TenantId};
use shared_proto::wire::{Turn, Who};

use super::live::{Holder, LiveCall};
use super::{rules, said};
use crate::app::App;
use crate::features::campaigns::attempt::AttemptState;
use crate::features::campaigns::attempts;
use crate::features::contacts;
use crate::tenant_db::TenantDb;
use crate::web::page::Time;

pub(super) fn state(app: &App, attempt: AttemptId, call: &LiveCall, state: CallState, at: i64) {
    let event = Event::CallState {
        call_id: CallId::from(attempt),
        campaign_id: call.campaign,
        contact_id: call.contact,
        contact_name: call.contact_name.clone(),
        number: call.number.clone(),
        state,
        at: Time(at).to_string(),
    };
    app.events.publish(call.tenant, event);
}

/// Returns whose call it is, where it is up and this edge has it.
pub(super) fn turn(app: &App, attempt: AttemptId, holder: Holder, turn: &Turn) -> Option<TenantId> {
    let turn = rules::masked_turn(turn);
    let call = app.live.turn(attempt, holder, turn.clone())?;
    let event = Event::CallTurn { call_id: CallId::from(attempt), campaign_id: call.campaign, turn };
    app.events.publish(call.tenant, event);
    Some(call.tenant)
}

pub(super) fn speaking(app: &App, attempt: AttemptId, holder: Holder, who: Who, text: String) {
    let text = rules::without_numbers(&text);
    let Some(call) = app.live.speaking(attempt, holder, who, text.clone()) else { return };
    let (call_id, campaign_id) = (CallId::from(attempt), call.campaign);
    let event = match who {
        Who::Customer => Event::CallHearing { call_id, campaign_id, text },
        Who::Bot => Event::CallSaying { call_id, campaign_id, text },
    };
    app.events.publish(call.tenant, event);
}

/// After a restart: the calls that are still up are shown again, with what was said before.
pub(super) async fn restore(app: &App) -> anyhow::Result<()> {
    for row in attempts::live(&app.database).await? {
        let db = TenantDb::of(&app.database, row.tenant_id.parse()?);
        let contact = contacts::store::find(&db, row.contact_id.parse()?).await?;
        let (name, number) = contact.map(|contact| (contact.name, contact.number_masked)).unwrap_or_default();
        let since = row.answered_at.or(row.dialed_at).unwrap_or(row.leased_at);
        let holder = Holder { edge: row.edge_id.parse()?, fence: row.fence.unsigned_abs() };
        let mut call = LiveCall::leased(
            holder,
            db.tenant(),
            row.campaign_id.parse()?,
            row.contact_id.parse()?,
            name,
            number,
            since,
        );
        call.state = match row.state() {
            AttemptState::InCall => CallState::InCall,
            AttemptState::Ringing => CallState::Ringing,
            _ => CallState::Dialing,
        };
        let said = said::of(&db, db.read(), &row.id).await?;
        call.turns = said.iter().map(rules::masked_turn).collect();
        app.live.insert(row.id.parse()?, call);
    }
    Ok(())
}
