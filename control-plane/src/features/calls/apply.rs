//! What a result leaves behind, in one transaction: the inbox row, the call, the contact's and the
//! campaign's new state, a dead number, a blacklist entry, a lead, alerts.

use std::collections::BTreeMap;

use serde_json::json;
use shared_proto::ids::{AttemptId, BlacklistId, CallId, CampaignId, ContactId, EdgeId};
use shared_proto::outcome::{Cause, Disposition, Outcome, Side};
use shared_proto::wire::{AttemptResult, LabelDecision};

use super::ingest::{self, After, Work};
use super::{lines, rules, said, store};
use crate::features::alerts::{self, Level, Scope};
use crate::features::campaigns::attempt::{self, AttemptState, Effect, News};
use crate::features::campaigns::attempts::{self, AttemptRow};
use crate::features::campaigns::planner::Carrier;
use crate::features::campaigns::rules::{
    ALERTS, CampaignState, ContactState, Ending, MANY_INVALID, NO_ANSWER_LONG, Past, Retry, Settled, settle,
};
use crate::features::campaigns::{members, recall, store as campaigns};
use crate::features::contacts::blacklist;
use crate::features::{contacts, labels, leads};
use crate::tenant_db::TenantDb;

/// The label that says that the contact wants no more calls.
const REFUSED: &str = "refused";
const INVALID: &str = "invalid";

/// Applies a journaled result. Whatever it turns out to be, it is acknowledged after the commit.
pub(super) async fn result(work: &mut Work<'_>, edge: EdgeId, seq: u64, result: &AttemptResult) -> anyhow::Result<()> {
    work.after.push(After::Ack(edge, seq));
    let attempt: AttemptId = result.attempt;
    // An edge that had to enrol anew has another id and the same journal: the fence decides.
    let Some(mut row) = ingest::current(work, attempt, Some(result.fence), None).await? else {
        tracing::warn!(%attempt, %edge, "a result names no attempt with that fence; it is not applied");
        return Ok(());
    };
    let db = TenantDb::of(&work.app.database, row.tenant_id.parse()?);
    if !store::first_time(&db, work.tx, &format!("{attempt}:{seq}"), work.now).await? {
        return Ok(());
    }
    let dialed = result.dialed_unix_ms.is_some();
    let effect = attempt::step(row.state(), News::Result { dialed });
    if !matches!(effect, Effect::End | Effect::EndLate) {
        return Ok(());
    }
    // An edge that has found a call without an end in its journal knows nothing of what was said in it.
    let lost = result.outcome.cause == Cause::Lost;
    let heard = if lost { said::heard(&db, &**work.tx, &row, result).await? } else { None };
    let result = heard.as_ref().unwrap_or(result);
    said::forget(&db, work.tx, &row.id).await?;
    let counted_before = row.dialed_at.is_some();
    row.state = AttemptState::Ended.as_str().to_owned();
    row.dialed_at = result.dialed_unix_ms.map(|at| at as i64).or(row.dialed_at);
    row.ringing_at = result.ringing_unix_ms.map(|at| at as i64);
    row.answered_at = result.answered_unix_ms.map(|at| at as i64);
    attempts::save(&db, work.tx, &row, Some(result.ended_unix_ms as i64)).await?;
    work.after.push(After::Gone(attempt));
    if lost && effect == Effect::EndLate && store::is_kept(&db, work.tx, CallId::from(attempt)).await? {
        // Its edge knows no more of it than was kept when it was given up.
        return Ok(());
    }

    let label = label_of(result);
    if dialed {
        let number = dialled(work, &db, &row).await?;
        if effect == Effect::EndLate && !lost {
            store::remove_lost(&db, work.tx, CallId::from(attempt)).await?;
        }
        store::insert(&db, work.tx, &row, result, label.as_ref(), &shown(number.as_ref())).await?;
        about_the_contact(work, &db, &row, number, result, label.as_ref()).await?;
    }
    let first_dial = dialed && !counted_before;
    in_the_campaign(work, &db, &row, result, label.as_ref(), first_dial, effect).await?;
    if dialed {
        warn(work, &db, &row).await?;
    }
    Ok(())
}

/// An attempt that was never reconciled is our own failure, and the contact is not dialled again for it. What was heard
/// of it is kept as its call, until its result comes after all.
pub(super) async fn lost(work: &mut Work<'_>, db: &TenantDb, row: &AttemptRow) -> anyhow::Result<()> {
    let unknown = unknown(work, row)?;
    let heard = said::heard(db, &**work.tx, row, &unknown).await?;
    let result = heard.unwrap_or(unknown);
    let label = label_of(&result);
    if row.dialed_at.is_some() || result.answered_unix_ms.is_some() {
        let number = dialled(work, db, row).await?;
        store::insert(db, work.tx, row, &result, label.as_ref(), &shown(number.as_ref())).await?;
        about_the_contact(work, db, row, number, &result, label.as_ref()).await?;
    }
    said::forget(db, work.tx, &row.id).await?;
    let Some(member) = ingest::member_of(work, db, row).await? else { return Ok(()) };
    let change = members::Change {
        state: ContactState::Done,
        gate: None,
        attempts: member.attempts,
        tries: member.tries + 1,
        failures: member.failures,
        next_at: work.now,
        disposition: Some(result.outcome.disposition.as_str()),
        cause: Some(Cause::Lost.as_str()),
        label_key: label.as_ref().map(|label| label.key.as_str()).or(member.label_key.as_deref()),
    };
    members::save(db, work.tx, &row.campaign_id, &row.contact_id, change).await?;
    work.after.push(After::Changed(db.tenant(), row.campaign_id.parse()?));
    Ok(())
}

/// The result of an attempt of which nothing is known but that it was dialled.
fn unknown(work: &Work<'_>, row: &AttemptRow) -> anyhow::Result<AttemptResult> {
    let outcome = Outcome {
        disposition: Disposition::Failed,
        cause: Cause::Lost,
        side: Side::System,
        sip_code: None,
        q850: None,
    };
    Ok(AttemptResult {
        attempt: row.id.parse()?,
        fence: row.fence.unsigned_abs(),
        outcome,
        dialed_unix_ms: row.dialed_at.map(i64::unsigned_abs),
        ringing_unix_ms: row.ringing_at.map(i64::unsigned_abs),
        answered_unix_ms: None,
        ended_unix_ms: work.now.unsigned_abs(),
        turns: Vec::new(),
        label: None,
        opt_out: None,
        slots: BTreeMap::new(),
        recording: None,
    })
}

/// A number's mask and its last four digits.
fn shown(number: Option<&Dialled>) -> (String, String) {
    number.map(|number| (number.masked.clone(), number.tail.clone())).unwrap_or_default()
}

/// The edge's decision; a number that does not exist is labelled so whatever the edge says.
fn label_of(result: &AttemptResult) -> Option<LabelDecision> {
    match (result.outcome.disposition, &result.label) {
        (Disposition::Invalid, Some(label)) if label.key == INVALID => Some(label.clone()),
        (Disposition::Invalid, _) => {
            Some(LabelDecision { key: INVALID.to_owned(), rule: "number_invalid".to_owned(), quote: None })
        }
        (Disposition::Answered, label) => label.clone(),
        (_, _) => None,
    }
}

/// The number that an attempt dialled.
struct Dialled {
    sealed: Vec<u8>,
    masked: String,
    tail: String,
    synthetic: bool,
}

/// From the attempt; an attempt of an older Bellbird leaves it to its contact.
async fn dialled(work: &Work<'_>, db: &TenantDb, row: &AttemptRow) -> anyhow::Result<Option<Dialled>> {
    if let Some(sealed) = row.number_sealed.clone() {
        let phone = work.app.keys.sealer(db.tenant()).await?.open(&sealed)?;
        let (masked, tail) = (phone.masked(), contacts::rules::tail(&phone));
        return Ok(Some(Dialled { sealed, masked, tail, synthetic: contacts::rules::is_synthetic(&phone) }));
    }
    let contact = contacts::store::find_in(db, &**work.tx, row.contact_id.parse()?).await?;
    let number = contact.filter(|contact| contact.number_blind == row.number_blind).map(|contact| Dialled {
        sealed: contact.number_sealed,
        masked: contact.number_masked,
        tail: contact.number_tail,
        synthetic: contact.synthetic,
    });
    Ok(number)
}

/// What the call tells of the contact and its number.
async fn about_the_contact(
    work: &mut Work<'_>,
    db: &TenantDb,
    row: &AttemptRow,
    number: Option<Dialled>,
    result: &AttemptResult,
    label: Option<&LabelDecision>,
) -> anyhow::Result<()> {
    // A simulated customer answered for somebody real: what it did is not that person's doing.
    let played = !number.as_ref().is_some_and(|number| number.synthetic)
        && lines::carrier_of(work, db, row).await? == Carrier::Rehearsal;
    let contact: ContactId = row.contact_id.parse()?;
    let at = result.ended_unix_ms as i64;
    let status = match result.outcome.disposition {
        Disposition::Answered => "answered",
        Disposition::Invalid if !played => "invalid",
        _ => "not_connected",
    };
    let key = label.map(|label| label.key.as_str()).filter(|key| !played || *key != INVALID);
    let begun = result.dialed_unix_ms.map_or(row.leased_at, |dialed| dialed as i64);
    contacts::store::set_last_call(db, work.tx, contact, &row.number_blind, status, key, begun).await?;
    match result.outcome.disposition {
        Disposition::Invalid if played => {
            contacts::store::mark_dead_in_rehearsal(db, work.tx, &row.number_blind, at).await?;
        }
        Disposition::Invalid => contacts::store::mark_dead(db, work.tx, &row.number_blind, at).await?,
        Disposition::Answered if !played => contacts::store::mark_alive(db, work.tx, &row.number_blind).await?,
        _ => {}
    }
    if let (Some(words), Some(number)) = (&result.opt_out, number) {
        let source = if played { blacklist::store::Source::Rehearsal } else { blacklist::store::Source::OptOut };
        opt_out(work, db, row, number, words, source).await?;
    }
    let Some(label) = label.filter(|_| result.outcome.disposition == Disposition::Answered) else { return Ok(()) };
    let hot = labels::store::by_key(db, &label.key).await?.is_some_and(|known| known.hot);
    // Nobody could call somebody back who has been deleted meanwhile.
    let there = contacts::store::find(db, contact).await?.is_some();
    if hot && there && result.opt_out.is_none() {
        let ended = leads::store::CallEnded {
            contact,
            call: CallId::from(result.attempt),
            campaign: row.campaign_id.parse()?,
            label: label.key.clone(),
            rule: label.rule.clone(),
            quote: label.quote.clone(),
        };
        leads::store::offer_from_call(work.app, db, work.tx, &ended).await?;
    }
    Ok(())
}

/// Who asks never to be called again is never called again, by no campaign. It is the number that was dialled, and
/// not the one that its contact may have had since, that goes on the list.
async fn opt_out(
    work: &mut Work<'_>,
    db: &TenantDb,
    row: &AttemptRow,
    number: Dialled,
    words: &str,
    source: blacklist::store::Source,
) -> anyhow::Result<()> {
    let entry = blacklist::store::Entry {
        id: work.app.fresh(BlacklistId::new),
        number_blind: &row.number_blind,
        number_sealed: &number.sealed,
        number_masked: &number.masked,
        reason: &rules::without_digits(words),
        source,
    };
    blacklist::store::add(db, work.tx, entry).await?;
    let leased = attempts::leased_to(db, &**work.tx, &row.number_blind).await?;
    let recalls = recall::keep(db, work.tx, &leased, recall::How::Drop).await?;
    work.after.extend(recalls.into_iter().map(|recall| After::Send(recall.edge, recall.frame)));
    Ok(())
}

/// The contact's place in the campaign.
async fn in_the_campaign(
    work: &mut Work<'_>,
    db: &TenantDb,
    row: &AttemptRow,
    result: &AttemptResult,
    label: Option<&LabelDecision>,
    first_dial: bool,
    effect: Effect,
) -> anyhow::Result<()> {
    let campaign_id: CampaignId = row.campaign_id.parse()?;
    work.after.push(After::Changed(db.tenant(), campaign_id));
    let Some(member) = ingest::member_of(work, db, row).await? else { return Ok(()) };
    // A late result tells what really happened to a contact that was given up; it moves no other.
    let given_up = member.cause.as_deref() == Some(Cause::Lost.as_str());
    if effect == Effect::EndLate && !given_up {
        return Ok(());
    }
    let campaign = campaigns::campaign_on(db, &**work.tx, campaign_id).await?;
    let state = campaign.as_ref().map_or(CampaignState::Stopped, |campaign| campaign.state());
    let retry = campaign.as_ref().map_or(Retry { attempts: 1, interval_s: 0 }, |campaign| campaign.retry());
    let key = label.map(|label| label.key.as_str());
    let ending = Ending {
        disposition: result.outcome.disposition,
        cause: result.outcome.cause,
        side: result.outcome.side,
        dialed: result.dialed_unix_ms.is_some(),
        sip_code: result.outcome.sip_code,
        unwilling: result.opt_out.is_some() || key == Some(REFUSED),
    };
    let tries = member.tries + i64::from(effect == Effect::End);
    let settled = if effect == Effect::EndLate {
        Settled::Done
    } else {
        let small = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        let past = Past { tries: small(tries), failures: small(member.failures) };
        settle(ending, state, retry, past, lines::line_of(work, db, row).await?)
    };
    let next = match settled {
        Settled::Done => Next { state: ContactState::Done, wait: 0, tries, failures: 0, gate: None },
        Settled::Retry { after_ms } => {
            Next { state: ContactState::RetryWait, wait: after_ms, tries, failures: 0, gate: None }
        }
        Settled::Again { after_ms } => Next { wait: after_ms, ..Next::as_before(&member) },
        Settled::AgainLater { after_ms, failures } => Next {
            wait: after_ms,
            failures: i64::from(failures),
            gate: Some(lines::LINE_FAILED),
            ..Next::as_before(&member)
        },
        Settled::Cancelled => Next { state: ContactState::Cancelled, ..Next::as_before(&member) },
    };
    let change = members::Change {
        state: next.state,
        gate: next.gate,
        attempts: member.attempts + i64::from(first_dial),
        tries: next.tries,
        failures: next.failures,
        next_at: work.now + next.wait,
        disposition: Some(result.outcome.disposition.as_str()),
        cause: Some(result.outcome.cause.as_str()),
        label_key: key.or(member.label_key.as_deref()),
    };
    members::save(db, work.tx, &row.campaign_id, &row.contact_id, change).await?;
    Ok(())
}

/// Where a settled contact goes on.
struct Next {
    state: ContactState,
    wait: i64,
    tries: i64,
    failures: i64,
    gate: Option<&'static str>,
}

impl Next {
    /// It waits as if the attempt had not been.
    fn as_before(member: &members::Member) -> Self {
        Self { state: ContactState::Pending, wait: 0, tries: member.tries, failures: member.failures, gate: None }
    }
}

/// Alerts that the latest calls of the campaign call for, and those that are over.
async fn warn(work: &mut Work<'_>, db: &TenantDb, row: &AttemptRow) -> anyhow::Result<()> {
    let recent = store::recent(db, &**work.tx, &row.campaign_id, rules::RECENT).await?;
    let campaign: CampaignId = row.campaign_id.parse()?;
    let mut found = rules::warnings(&recent);
    let mut name = String::new();
    if !found.is_empty() {
        match campaigns::campaign_on(db, &**work.tx, campaign).await? {
            Some(row) if row.state().calls() => name = row.name,
            // Its alerts were closed with it.
            Some(_) | None => found.clear(),
        }
    }
    let scope = || Scope { campaign: Some(campaign), trunk: None };
    for code in ALERTS {
        let params = found.iter().find_map(|warning| match (code, warning) {
            (MANY_INVALID, rules::Warning::ManyEmptyNumbers { invalid, of }) => {
                Some(json!({ "campaign": name, "invalid": invalid, "of": of }))
            }
            (NO_ANSWER_LONG, rules::Warning::LongWithoutAnswer { attempts, minutes }) => {
                Some(json!({ "campaign": name, "attempts": attempts, "minutes": minutes }))
            }
            _ => None,
        });
        match params {
            Some(params) => alerts::raise(work.app, db, work.tx, code, Level::Warning, params, scope()).await?,
            None => alerts::close(work.app, db, work.tx, code, scope()).await?,
        }
    }
    Ok(())
}
