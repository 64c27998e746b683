//! Call rows, their search, and the inbox of results that were applied.

use platform::WriteTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use shared_proto::ids::CallId;
use shared_proto::outcome::Disposition;
use shared_proto::wire::{AttemptResult, LabelDecision};

use super::rules::{self, Recent};
use crate::features::campaigns::attempts::AttemptRow;
use crate::features::trunks::store::IS_REHEARSAL;
use crate::tenant_db::TenantDb;

/// Notes that an event is being applied. False where it was applied before.
pub async fn first_time(db: &TenantDb, tx: &WriteTx, event: &str, now: i64) -> Result<bool, DbErr> {
    let sql = "INSERT INTO inbox (tenant_id, event_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    Ok(tx.execute_raw(db.sql(sql, [event.into(), now.into()])).await?.rows_affected() == 1)
}

/// Keeps the call that an attempt became. `number` is its mask and its last four digits.
pub async fn insert(
    db: &TenantDb,
    tx: &WriteTx,
    row: &AttemptRow,
    result: &AttemptResult,
    label: Option<&LabelDecision>,
    number: &(String, String),
) -> Result<(), DbErr> {
    let sql = "INSERT INTO calls (tenant_id, id, campaign_id, contact_id, number_blind, number_masked, number_tail, \
               trunk_id, edge_id, version_id, disposition, cause, side, sip_code, q850, label_key, label_rule, \
               label_quote, dialed_at, ringing_at, answered_at, ended_at, ring_ms, talk_ms, turns, slots, gates, \
               recording_state, recording_sha256, recording_bytes, recording_ms, spoken_name) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
               $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, \
               (SELECT name FROM contacts WHERE tenant_id = $1 AND id = $4)) ON CONFLICT DO NOTHING";
    let json = |value: serde_json::Result<String>| value.map_err(|error| DbErr::Custom(error.to_string()));
    let (ring_ms, talk_ms) = rules::spans(result);
    let outcome = &result.outcome;
    let recording = result.recording.as_ref();
    let time = |at: Option<u64>| at.map(|at| at as i64);
    let values: [Value; 30] = [
        CallId::from(result.attempt).to_string().into(),
        row.campaign_id.as_str().into(),
        row.contact_id.as_str().into(),
        row.number_blind.clone().into(),
        number.0.as_str().into(),
        number.1.as_str().into(),
        row.trunk_id.as_str().into(),
        row.edge_id.as_str().into(),
        row.version_id.as_str().into(),
        outcome.disposition.as_str().into(),
        outcome.cause.as_str().into(),
        outcome.side.as_str().into(),
        outcome.sip_code.map(i64::from).into(),
        outcome.q850.map(i64::from).into(),
        label.map(|label| label.key.clone()).into(),
        label.map(|label| label.rule.clone()).into(),
        label.and_then(|label| label.quote.clone()).into(),
        time(result.dialed_unix_ms).unwrap_or(row.leased_at).into(),
        time(result.ringing_unix_ms).into(),
        time(result.answered_unix_ms).into(),
        (result.ended_unix_ms as i64).into(),
        ring_ms.into(),
        talk_ms.into(),
        json(serde_json::to_string(&result.turns))?.into(),
        json(serde_json::to_string(&result.slots))?.into(),
        row.gates.as_str().into(),
        if recording.is_some() { "pending" } else { "none" }.into(),
        recording.map(|info| info.sha256.clone()).into(),
        recording.map(|info| info.bytes as i64).into(),
        recording.map(|info| info.duration_ms as i64).into(),
    ];
    tx.execute_raw(db.sql(sql, values)).await.map(|_| ())
}

/// Whether there is such a call already.
pub async fn is_kept(db: &TenantDb, tx: &WriteTx, call: CallId) -> Result<bool, DbErr> {
    let sql = "SELECT 1 AS one FROM calls WHERE tenant_id = $1 AND id = $2";
    Ok(tx.query_one_raw(db.sql(sql, [call.to_string().into()])).await?.is_some())
}

/// Makes room for the result of a call that was taken for lost.
pub async fn remove_lost(db: &TenantDb, tx: &WriteTx, call: CallId) -> Result<(), DbErr> {
    let sql = "DELETE FROM calls WHERE tenant_id = $1 AND id = $2 AND cause = 'lost'";
    tx.execute_raw(db.sql(sql, [call.to_string().into()])).await.map(|_| ())
}

/// A call as lists show it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct CallRow {
    pub id: String,
    pub campaign_id: String,
    pub campaign_name: Option<String>,
    pub contact_id: String,
    pub contact_name: Option<String>,
    /// What the contact was called at the end of the call.
    pub spoken_name: Option<String>,
    pub number_masked: String,
    pub trunk_id: String,
    pub trunk_name: Option<String>,
    pub rehearsal: bool,
    pub disposition: String,
    pub cause: String,
    pub side: String,
    pub sip_code: Option<i64>,
    pub label_key: Option<String>,
    pub label_name: Option<String>,
    pub label_rule: Option<String>,
    pub label_quote: Option<String>,
    pub dialed_at: i64,
    pub ringing_at: Option<i64>,
    pub answered_at: Option<i64>,
    pub ended_at: i64,
    pub ring_ms: Option<i64>,
    pub talk_ms: Option<i64>,
    pub recording_state: String,
    pub recording_ms: Option<i64>,
}

/// A call with all that is kept of it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct WholeCall {
    #[sea_orm(nested)]
    pub row: CallRow,
    pub version_id: String,
    pub turns: String,
    pub slots: String,
    pub gates: String,
    pub recording_key: Option<String>,
}

const LISTED: &str = "k.id, k.campaign_id, p.name AS campaign_name, k.contact_id, c.name AS contact_name, k.spoken_name, \
    k.number_masked, k.trunk_id, t.name AS trunk_name, k.disposition, k.cause, k.side, k.sip_code, k.label_key, \
    l.name AS label_name, k.label_rule, k.label_quote, k.dialed_at, k.ringing_at, k.answered_at, k.ended_at, \
    k.ring_ms, k.talk_ms, k.recording_state, k.recording_ms";

const NAMES: &str = "LEFT JOIN campaigns p ON p.tenant_id = k.tenant_id AND p.id = k.campaign_id \
    LEFT JOIN contacts c ON c.tenant_id = k.tenant_id AND c.id = k.contact_id \
    LEFT JOIN trunks t ON t.tenant_id = k.tenant_id AND t.id = k.trunk_id \
    LEFT JOIN labels l ON l.tenant_id = k.tenant_id AND l.key = k.label_key WHERE k.tenant_id = $1";

/// What a search asks for; empty fields do not narrow it.
#[derive(Default)]
pub struct Search {
    pub campaign: Option<String>,
    pub contact: Option<String>,
    /// A whole number by its blind index.
    pub number_blind: Option<Vec<u8>>,
    /// The last four digits.
    pub number_tail: Option<String>,
    pub label: Option<String>,
    pub disposition: Option<String>,
    pub from: Option<i64>,
    pub to: Option<i64>,
    /// Only what this agent may see: the calls behind accepted leads, and of an offered lead its own call.
    pub of_agent: Option<String>,
    pub below: Option<String>,
}

/// Of the leads `w` of an agent, one that lets the agent see the call `k`.
const OF_LEAD: &str = "w.contact_id = k.contact_id AND (w.status <> 'offered' OR w.call_id = k.id)";

/// A call's id holds the time at which its contact was leased, by our clock; the INVITE follows within the lease, by
/// the edge's. The two may be this far apart.
const ID_LEEWAY_MS: i64 = 10 * 60_000;

/// The ids around a time: as the order of calls is that of their ids, a span of time is a span of the index.
fn id_at(ms: i64) -> String {
    CallId::new(ms.max(0).unsigned_abs(), 0).to_string()
}

/// Newest first.
pub async fn search(db: &TenantDb, search: Search, rows: u64) -> Result<Vec<CallRow>, DbErr> {
    let (sql, values) = search_sql(search, rows);
    CallRow::find_by_statement(db.sql(&sql, values)).all(db.read()).await
}

fn search_sql(search: Search, rows: u64) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    // An agent has few leads and a tenant many calls: the leads come first.
    let calls = match search.of_agent {
        Some(agent) => {
            values.push(agent.into());
            "(SELECT DISTINCT contact_id FROM leads WHERE tenant_id = $1 AND owner_id = $2) o \
             CROSS JOIN calls k"
        }
        None => "calls k",
    };
    let mut sql = format!("SELECT {LISTED}, {IS_REHEARSAL} AS rehearsal FROM {calls} {NAMES}");
    if !values.is_empty() {
        sql.push_str(&format!(
            " AND k.contact_id = o.contact_id AND EXISTS \
             (SELECT 1 FROM leads w WHERE w.tenant_id = $1 AND w.owner_id = $2 AND {OF_LEAD})"
        ));
    }
    let mut narrow = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            let place = format!("${}", values.len() + 1);
            sql.push_str(" AND ");
            sql.push_str(&condition.replace('?', &place));
        }
    };
    let one_index = search.campaign.is_some()
        || search.contact.is_some()
        || search.number_blind.is_some()
        || search.number_tail.is_some()
        || search.label.is_some();
    narrow("k.campaign_id = ?", search.campaign.map(Value::from));
    narrow("k.contact_id = ?", search.contact.map(Value::from));
    narrow("k.number_blind = ?", search.number_blind.map(Value::from));
    narrow("k.number_tail = ?", search.number_tail.map(Value::from));
    narrow("k.label_key = ?", search.label.map(Value::from));
    narrow("k.disposition = ?", search.disposition.map(Value::from));
    narrow("k.dialed_at >= ?", search.from.map(Value::from));
    narrow("k.dialed_at < ?", search.to.map(Value::from));
    // With both ends of the span, SQLite would rather walk over everybody's calls than over those asked for.
    let since = search.from.filter(|_| !one_index);
    narrow("k.id >= ?", since.map(|from| id_at(from - ID_LEEWAY_MS).into()));
    narrow("k.id < ?", search.to.map(|to| id_at(to + ID_LEEWAY_MS).into()));
    narrow("k.id < ?", search.below.map(Value::from));
    sql.push_str(&format!(" ORDER BY k.id DESC LIMIT {rows}"));
    (sql, values)
}

pub async fn call(db: &TenantDb, id: &str, of_agent: Option<String>) -> Result<Option<WholeCall>, DbErr> {
    let mut sql = format!(
        "SELECT {LISTED}, {IS_REHEARSAL} AS rehearsal, k.version_id, k.turns, k.slots, k.gates, k.recording_key \
         FROM calls k {NAMES} AND k.id = $2"
    );
    let mut values: Vec<Value> = vec![id.into()];
    if let Some(agent) = of_agent {
        sql.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM leads w WHERE w.tenant_id = $1 AND w.owner_id = $3 AND {OF_LEAD})"
        ));
        values.push(agent.into());
    }
    WholeCall::find_by_statement(db.sql(&sql, values)).one(db.read()).await
}

/// How the latest calls of a campaign ended, newest first.
pub async fn recent(db: &TenantDb, on: &impl ConnectionTrait, campaign: &str, rows: u64) -> Result<Vec<Recent>, DbErr> {
    let sql =
        "SELECT disposition, ended_at FROM calls WHERE tenant_id = $1 AND campaign_id = $2 ORDER BY id DESC LIMIT $3";
    let found = on.query_all_raw(db.sql(sql, [campaign.into(), (rows as i64).into()])).await?;
    let mut out = Vec::with_capacity(found.len());
    for row in found {
        let disposition: String = row.try_get("", "disposition")?;
        if let Some(disposition) = Disposition::parse(&disposition) {
            out.push(Recent { disposition, ended_at: row.try_get("", "ended_at")? });
        }
    }
    Ok(out)
}

/// How a recording is.
#[derive(Clone, Debug, FromQueryResult)]
pub struct RecordingRow {
    pub recording_state: String,
}

pub async fn recording(db: &TenantDb, call: &str) -> Result<Option<RecordingRow>, DbErr> {
    let sql = "SELECT recording_state FROM calls WHERE tenant_id = $1 AND id = $2";
    RecordingRow::find_by_statement(db.sql(sql, [call.into()])).one(db.read()).await
}

pub async fn recording_ready(
    db: &TenantDb,
    tx: &WriteTx,
    call: &str,
    key: &str,
    info: &shared_proto::wire::RecordingInfo,
    now: i64,
) -> Result<bool, DbErr> {
    let sql = "UPDATE calls SET recording_state = 'ready', recording_key = $3, recording_sha256 = $4, \
               recording_bytes = $5, recording_ms = $6, recording_at = $7 WHERE tenant_id = $1 AND id = $2";
    let values: [Value; 6] = [
        call.into(),
        key.into(),
        info.sha256.as_str().into(),
        (info.bytes as i64).into(),
        (info.duration_ms as i64).into(),
        now.into(),
    ];
    Ok(tx.execute_raw(db.sql(sql, values)).await?.rows_affected() == 1)
}

/// Recordings that have not come for so long that they never will. Returns how many.
pub async fn give_up_recordings(database: &platform::Database, tx: &WriteTx, before: i64) -> Result<u64, DbErr> {
    let sql = "UPDATE calls SET recording_state = 'lost' WHERE recording_state = 'pending' AND ended_at < $1";
    let statement =
        sea_orm::Statement::from_sql_and_values(database.read().get_database_backend(), sql, [before.into()]);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{Database, Statement};

    /// How SQLite goes about a search: the steps that read calls, and whether it sorts.
    async fn plan(search: Search) -> String {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        migrations::run(&db).await.unwrap();
        let (sql, values) = search_sql(search, 51);
        let values = std::iter::once(Value::from("ten")).chain(values);
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let statement = Statement::from_sql_and_values(db.get_database_backend(), explain, values);
        let rows = db.query_all_raw(statement).await.unwrap();
        let steps = rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap());
        let told = steps.filter(|step| step.contains(" k ") || step.contains("ORDER BY"));
        told.collect::<Vec<_>>().join("; ")
    }

    #[tokio::test]
    async fn searches_walk_an_index_in_its_order() {
        let span = || Search { from: Some(1), to: Some(2_000_000), ..Default::default() };
        let of_tenant = "SEARCH k USING INDEX sqlite_autoindex_calls_1 (tenant_id=? AND id>? AND id<?)";
        assert_eq!(plan(span()).await, of_tenant);
        let campaign = Search { campaign: Some("cmp".into()), ..span() };
        let of_campaign = "SEARCH k USING INDEX calls_by_campaign (tenant_id=? AND campaign_id=? AND id<?)";
        assert_eq!(plan(campaign).await, of_campaign);
        let agent = Search { of_agent: Some("usr".into()), ..Default::default() };
        let of_agent =
            "SEARCH k USING INDEX calls_by_contact (tenant_id=? AND contact_id=?); USE TEMP B-TREE FOR ORDER BY";
        assert_eq!(plan(agent).await, of_agent);
    }
}
