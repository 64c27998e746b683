//! The contacts of a campaign: the snapshot of its group, who is due, how many are where.

use platform::WriteTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use shared_proto::ids::CampaignId;
use shared_proto::phone::NumberType;

use super::planner::{Carrier, Facts, Gate};
use super::rules::ContactState;
use crate::tenant_db::TenantDb;

/// Rows that one write transaction touches: a transaction holds the writer for at most about 50 ms.
pub const BATCH: u64 = 2_000;

/// How many contacts the group has right now.
pub async fn group_size(db: &TenantDb, group: &str) -> Result<u64, DbErr> {
    let sql = "SELECT count(*) AS n FROM contact_groups WHERE tenant_id = $1 AND group_id = $2";
    count(db, sql, [group.into()]).await
}

async fn count(db: &TenantDb, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, DbErr> {
    let row = db.read().query_one_raw(db.sql(sql, values)).await?;
    row.map_or(Ok(0), |row| row.try_get::<i64>("", "n").map(i64::unsigned_abs))
}

/// Copies the next contacts of the group after `after`; returns the last of them, where more may follow.
pub async fn copy_batch(
    db: &TenantDb,
    tx: &WriteTx,
    campaign: &str,
    group: &str,
    after: &str,
    now: i64,
) -> Result<Option<String>, DbErr> {
    let batch = "SELECT contact_id FROM contact_groups WHERE tenant_id = $1 AND group_id = $2 AND contact_id > $3";
    let Some(end) = batch_end(db, tx, batch, group, after).await? else { return Ok(None) };
    let copy = "INSERT INTO campaign_contacts (tenant_id, campaign_id, contact_id, state, attempts, tries, next_at) \
                SELECT $1, $2, contact_id, 'pending', 0, 0, $6 FROM contact_groups \
                WHERE tenant_id = $1 AND group_id = $3 AND contact_id > $4 AND contact_id <= $5 ON CONFLICT DO NOTHING";
    let values = [campaign.into(), group.into(), after.into(), end.last.as_str().into(), now.into()];
    tx.execute_raw(db.sql(copy, values)).await?;
    Ok(end.more())
}

/// Where a batch of contacts ends.
struct BatchEnd {
    last: String,
    n: u64,
}

impl BatchEnd {
    fn more(self) -> Option<String> {
        (self.n == BATCH).then_some(self.last)
    }
}

/// The end of the next batch of `contacts`, a selection that takes the tenant, `of` and `after`.
async fn batch_end(
    db: &TenantDb,
    tx: &WriteTx,
    contacts: &str,
    of: &str,
    after: &str,
) -> Result<Option<BatchEnd>, DbErr> {
    let sql = format!(
        "SELECT count(*) AS n, max(contact_id) AS last FROM ({contacts} ORDER BY contact_id LIMIT $4) AS batch"
    );
    let row = tx.query_one_raw(db.sql(&sql, [of.into(), after.into(), (BATCH as i64).into()])).await?;
    let Some(row) = row else { return Ok(None) };
    let (n, last): (i64, Option<String>) = (row.try_get("", "n")?, row.try_get("", "last")?);
    Ok(last.map(|last| BatchEnd { last, n: n.unsigned_abs() }))
}

const OF_CAMPAIGN: &str =
    "SELECT contact_id FROM campaign_contacts WHERE tenant_id = $1 AND campaign_id = $2 AND contact_id > $3";

/// Cancels the next contacts that wait. Returns how many.
pub async fn cancel_batch(db: &TenantDb, tx: &WriteTx, campaign: &str) -> Result<u64, DbErr> {
    let sql = "UPDATE campaign_contacts SET state = 'cancelled', gate = NULL WHERE tenant_id = $1 AND campaign_id = $2 \
               AND contact_id IN (SELECT contact_id FROM campaign_contacts WHERE tenant_id = $1 AND campaign_id = $2 \
               AND state IN ('pending', 'retry_wait') LIMIT $3)";
    Ok(tx.execute_raw(db.sql(sql, [campaign.into(), (BATCH as i64).into()])).await?.rows_affected())
}

/// Whom a restart opens again: the cancelled, the blocked (their gates are asked anew), and those that were not
/// reached and may be tried again, such as who spoke and was not heard. Those whose attempt was lost may have been
/// reached.
const REOPENED: &str = "(state IN ('cancelled', 'blocked') OR (state = 'done' AND (\
                        (disposition IN ('no_answer', 'busy', 'powered_off', 'unreachable', 'failed') \
                        AND (cause IS NULL OR cause <> 'lost')) \
                        OR (disposition = 'answered' AND cause = 'unheard'))))";

/// How many contacts a restart would open.
pub async fn reopenable(db: &TenantDb, campaign: &str) -> Result<u64, DbErr> {
    let sql =
        format!("SELECT count(*) AS n FROM campaign_contacts WHERE tenant_id = $1 AND campaign_id = $2 AND {REOPENED}");
    count(db, &sql, [campaign.into()]).await
}

/// Opens contacts after `after` again; returns the last one looked at, where more may follow. Each contact is passed
/// once: who is not reached a second time stays so.
pub async fn reopen_batch(
    db: &TenantDb,
    tx: &WriteTx,
    campaign: &str,
    after: &str,
    now: i64,
) -> Result<Option<String>, DbErr> {
    let Some(end) = batch_end(db, tx, OF_CAMPAIGN, campaign, after).await? else { return Ok(None) };
    let sql = format!(
        "UPDATE campaign_contacts SET state = 'pending', gate = NULL, tries = 0, failures = 0, next_at = $5, \
         disposition = NULL, cause = NULL WHERE tenant_id = $1 AND campaign_id = $2 \
         AND contact_id > $3 AND contact_id <= $4 AND {REOPENED}"
    );
    let values = [campaign.into(), after.into(), end.last.as_str().into(), now.into()];
    tx.execute_raw(db.sql(&sql, values)).await?;
    Ok(end.more())
}

/// Contacts after `after` that the hours hold back are looked at again, because the hours have changed; returns the
/// last one looked at, where more may follow.
pub async fn hours_changed_batch(
    db: &TenantDb,
    tx: &WriteTx,
    campaign: &str,
    after: &str,
    now: i64,
) -> Result<Option<String>, DbErr> {
    let Some(end) = batch_end(db, tx, OF_CAMPAIGN, campaign, after).await? else { return Ok(None) };
    let sql = "UPDATE campaign_contacts SET gate = NULL, next_at = $5 WHERE tenant_id = $1 AND campaign_id = $2 \
               AND contact_id > $3 AND contact_id <= $4 AND state IN ('pending', 'retry_wait') AND gate = 'hours'";
    let values = [campaign.into(), after.into(), end.last.as_str().into(), now.into()];
    tx.execute_raw(db.sql(sql, values)).await?;
    Ok(end.more())
}

/// A contact that is due, with what its gates and its dial job need.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Due {
    pub contact_id: String,
    pub tries: i64,
    pub name: Option<String>,
    pub number_sealed: Option<Vec<u8>>,
    pub number_blind: Option<Vec<u8>>,
    pub number_masked: Option<String>,
    pub number_type: Option<String>,
    pub zone: Option<String>,
    pub fields: Option<String>,
    pub archived: bool,
    pub dead: bool,
    pub synthetic: bool,
    pub blacklisted: bool,
    pub number_live: bool,
}

impl Due {
    pub fn facts(&self) -> Facts {
        Facts {
            // A contact that was deleted since the snapshot is dialled as little as an archived one.
            archived: self.archived || self.number_sealed.is_none(),
            dead: self.dead,
            blacklisted: self.blacklisted,
            synthetic: self.synthetic,
            number_type: number_type(self.number_type.as_deref().unwrap_or_default()),
            zone: self.zone.clone().filter(|zone| !zone.is_empty()),
            number_live: self.number_live,
        }
    }
}

pub fn number_type(text: &str) -> NumberType {
    serde_json::from_value(serde_json::Value::from(text)).unwrap_or(NumberType::Foreign)
}

/// Contacts whose time has come: those that wait for another try first, then the rest in order.
/// What a rehearsal has found out about their numbers counts for rehearsals alone.
pub async fn due(
    db: &TenantDb,
    campaign: CampaignId,
    carrier: Carrier,
    now: i64,
    rows: u64,
) -> Result<Vec<Due>, DbErr> {
    let rehearsal = i64::from(carrier == Carrier::Rehearsal);
    let mut out = Vec::new();
    for state in [ContactState::RetryWait, ContactState::Pending] {
        // One state at a time, so that the index gives the order and nothing is sorted.
        let sql = "SELECT m.contact_id, m.tries, c.name, c.number_sealed, c.number_blind, c.number_masked, \
                   c.number_type, c.zone, c.fields, c.archived_at IS NOT NULL AS archived, \
                   c.dead_at IS NOT NULL OR ($6 = 1 AND EXISTS (SELECT 1 FROM dead_numbers d \
                   WHERE d.tenant_id = $1 AND d.number_blind = c.number_blind)) AS dead, \
                   coalesce(c.synthetic, FALSE) AS synthetic, \
                   EXISTS (SELECT 1 FROM blacklist b WHERE b.tenant_id = $1 AND b.number_blind = c.number_blind \
                   AND ($6 = 1 OR b.source <> 'rehearsal')) AS blacklisted, \
                   EXISTS (SELECT 1 FROM attempts a WHERE a.tenant_id = $1 AND a.number_blind = c.number_blind AND a.live = 1) AS number_live \
                   FROM campaign_contacts m LEFT JOIN contacts c ON c.tenant_id = m.tenant_id AND c.id = m.contact_id \
                   WHERE m.tenant_id = $1 AND m.campaign_id = $2 AND m.state = $3 AND m.next_at <= $4 \
                   ORDER BY m.next_at, m.contact_id LIMIT $5";
        let left = (rows as i64) - (out.len() as i64);
        let values = [campaign.to_string().into(), state.as_str().into(), now.into(), left.into(), rehearsal.into()];
        out.extend(Due::find_by_statement(db.sql(sql, values)).all(db.read()).await?);
        if out.len() as u64 >= rows {
            break;
        }
    }
    Ok(out)
}

/// Holds contacts back: blocked for good, or waiting for a gate to open.
pub async fn hold(
    db: &TenantDb,
    tx: &WriteTx,
    campaign: &str,
    contact: &str,
    state: Option<ContactState>,
    gate: Gate,
    next_at: i64,
) -> Result<(), DbErr> {
    let sql = "UPDATE campaign_contacts SET state = coalesce($4, state), gate = $5, next_at = $6 \
               WHERE tenant_id = $1 AND campaign_id = $2 AND contact_id = $3 AND state IN ('pending', 'retry_wait')";
    let values =
        [campaign.into(), contact.into(), state.map(ContactState::as_str).into(), gate.as_str().into(), next_at.into()];
    tx.execute_raw(db.sql(sql, values)).await.map(|_| ())
}

/// Moves a contact that waits to `leased`. False where it no longer waits.
pub async fn lease(db: &TenantDb, tx: &WriteTx, campaign: &str, contact: &str, attempt: &str) -> Result<bool, DbErr> {
    let sql = "UPDATE campaign_contacts SET state = 'leased', gate = NULL, attempt_id = $4 \
               WHERE tenant_id = $1 AND campaign_id = $2 AND contact_id = $3 AND state IN ('pending', 'retry_wait')";
    let values = [campaign.into(), contact.into(), attempt.into()];
    Ok(tx.execute_raw(db.sql(sql, values)).await?.rows_affected() == 1)
}

/// The present state of one contact.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Member {
    pub contact_id: String,
    pub state: String,
    pub attempts: i64,
    pub tries: i64,
    pub failures: i64,
    pub attempt_id: Option<String>,
    pub disposition: Option<String>,
    pub cause: Option<String>,
    pub label_key: Option<String>,
}

pub async fn member(
    db: &TenantDb,
    on: &impl ConnectionTrait,
    campaign: &str,
    contact: &str,
) -> Result<Option<Member>, DbErr> {
    let sql = "SELECT contact_id, state, attempts, tries, failures, attempt_id, disposition, cause, label_key FROM campaign_contacts \
               WHERE tenant_id = $1 AND campaign_id = $2 AND contact_id = $3";
    Member::find_by_statement(db.sql(sql, [campaign.into(), contact.into()])).one(on).await
}

/// What is written when a contact moves because of its attempt.
pub struct Change<'a> {
    pub state: ContactState,
    pub gate: Option<&'a str>,
    pub attempts: i64,
    pub tries: i64,
    pub failures: i64,
    pub next_at: i64,
    pub disposition: Option<&'a str>,
    pub cause: Option<&'a str>,
    pub label_key: Option<&'a str>,
}

pub async fn save(db: &TenantDb, tx: &WriteTx, campaign: &str, contact: &str, change: Change<'_>) -> Result<(), DbErr> {
    let sql = "UPDATE campaign_contacts SET state = $4, gate = $5, attempts = $6, tries = $7, failures = $8, \
               next_at = $9, disposition = $10, cause = $11, label_key = $12 \
               WHERE tenant_id = $1 AND campaign_id = $2 AND contact_id = $3";
    let values: [Value; 11] = [
        campaign.into(),
        contact.into(),
        change.state.as_str().into(),
        change.gate.into(),
        change.attempts.into(),
        change.tries.into(),
        change.failures.into(),
        change.next_at.into(),
        change.disposition.into(),
        change.cause.into(),
        change.label_key.into(),
    ];
    tx.execute_raw(db.sql(sql, values)).await.map(|_| ())
}

/// Whether anything is left to do or to hear of.
pub async fn unsettled(db: &TenantDb, on: &impl ConnectionTrait, campaign: &str) -> Result<bool, DbErr> {
    let open = [
        ContactState::Pending,
        ContactState::Leased,
        ContactState::Dialing,
        ContactState::Ringing,
        ContactState::InCall,
        ContactState::RetryWait,
        ContactState::Unknown,
    ];
    for state in open {
        let sql =
            "SELECT 1 AS one FROM campaign_contacts WHERE tenant_id = $1 AND campaign_id = $2 AND state = $3 LIMIT 1";
        if on.query_one_raw(db.sql(sql, [campaign.into(), state.as_str().into()])).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One row of a campaign's list of contacts.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Listed {
    pub contact_id: String,
    pub name: Option<String>,
    pub number_masked: Option<String>,
    pub state: String,
    pub gate: Option<String>,
    pub attempts: i64,
    pub next_at: i64,
    pub disposition: Option<String>,
    pub label_key: Option<String>,
    pub label_name: Option<String>,
}

/// By contact, above `after`; of one state where it is given.
pub async fn list(
    db: &TenantDb,
    campaign: CampaignId,
    state: Option<ContactState>,
    after: Option<String>,
    rows: u64,
) -> Result<Vec<Listed>, DbErr> {
    let sql = "SELECT m.contact_id, c.name, c.number_masked, m.state, m.gate, m.attempts, m.next_at, m.disposition, m.label_key, l.name AS label_name \
               FROM campaign_contacts m LEFT JOIN contacts c ON c.tenant_id = m.tenant_id AND c.id = m.contact_id \
               LEFT JOIN labels l ON l.tenant_id = m.tenant_id AND l.key = m.label_key \
               WHERE m.tenant_id = $1 AND m.campaign_id = $2 AND m.contact_id > $3 AND ($4 IS NULL OR m.state = $4) \
               ORDER BY m.contact_id LIMIT $5";
    let values = [
        campaign.to_string().into(),
        after.unwrap_or_default().into(),
        state.map(ContactState::as_str).into(),
        (rows as i64).into(),
    ];
    Listed::find_by_statement(db.sql(sql, values)).all(db.read()).await
}
