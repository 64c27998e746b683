//! Attempt rows: slots are counted here, and a result finds its tenant here.

use std::collections::{BTreeMap, HashSet};

use platform::{Database, WriteTx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};
use shared_proto::ids::{AttemptId, ContactId, EdgeId};

use super::attempt::AttemptState;
use crate::tenant_db::TenantDb;

#[derive(Clone, Debug, FromQueryResult)]
pub struct AttemptRow {
    pub tenant_id: String,
    pub id: String,
    pub campaign_id: String,
    pub contact_id: String,
    pub number_blind: Vec<u8>,
    /// `None` in an attempt of an older Bellbird.
    pub number_sealed: Option<Vec<u8>>,
    pub trunk_id: String,
    pub edge_id: String,
    pub version_id: String,
    pub fence: i64,
    pub state: String,
    pub gates: String,
    pub deadline_at: i64,
    pub longest_at: i64,
    pub leased_at: i64,
    pub dialed_at: Option<i64>,
    pub ringing_at: Option<i64>,
    pub answered_at: Option<i64>,
    /// The order that was given to end it, if one was: `drop` or `hang_up`.
    pub recalled: Option<String>,
}

impl AttemptRow {
    pub fn state(&self) -> AttemptState {
        AttemptState::parse(&self.state).unwrap_or(AttemptState::Unknown)
    }
}

const COLUMNS: &str = "tenant_id, id, campaign_id, contact_id, number_blind, number_sealed, trunk_id, edge_id, version_id, \
                       fence, state, gates, deadline_at, longest_at, leased_at, dialed_at, ringing_at, answered_at, \
                       recalled";

fn sql(on: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(on.get_database_backend(), sql, values)
}

/// An attempt by its id alone: news from an edge names no tenant, the row does.
pub async fn by_id(on: &impl ConnectionTrait, id: AttemptId) -> Result<Option<AttemptRow>, DbErr> {
    let text = format!("SELECT {COLUMNS} FROM attempts WHERE id = $1");
    AttemptRow::find_by_statement(sql(on, &text, [id.to_string().into()])).one(on).await
}

/// Live attempts whose deadline has passed, oldest first, over all tenants.
pub async fn overdue(database: &Database, now: i64, rows: u64) -> Result<Vec<AttemptRow>, DbErr> {
    let read = database.read();
    let text =
        format!("SELECT {COLUMNS} FROM attempts WHERE live = 1 AND deadline_at <= $1 ORDER BY deadline_at LIMIT $2");
    AttemptRow::find_by_statement(sql(read, &text, [now.into(), (rows as i64).into()])).all(read).await
}

/// Live attempts of one edge, over all tenants.
pub async fn live_on(database: &Database, edge: EdgeId) -> Result<Vec<AttemptRow>, DbErr> {
    let read = database.read();
    let text = format!("SELECT {COLUMNS} FROM attempts WHERE live = 1 AND edge_id = $1");
    Ok(in_order(AttemptRow::find_by_statement(sql(read, &text, [edge.to_string().into()])).all(read).await?))
}

/// Every live attempt, over all tenants.
pub async fn live(database: &Database) -> Result<Vec<AttemptRow>, DbErr> {
    let read = database.read();
    let text = format!("SELECT {COLUMNS} FROM attempts WHERE live = 1");
    Ok(in_order(AttemptRow::find_by_statement(sql(read, &text, [])).all(read).await?))
}

/// Live attempts of one campaign.
pub async fn live_of(db: &TenantDb, on: &impl ConnectionTrait, campaign: &str) -> Result<Vec<AttemptRow>, DbErr> {
    let text = format!("SELECT {COLUMNS} FROM attempts WHERE tenant_id = $1 AND campaign_id = $2 AND live = 1");
    Ok(in_order(AttemptRow::find_by_statement(db.sql(&text, [campaign.into()])).all(on).await?))
}

/// Oldest first. An order asked of the database lures it into walking over every attempt that ever was.
fn in_order(mut rows: Vec<AttemptRow>) -> Vec<AttemptRow> {
    rows.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    rows
}

/// The attempt to a number that no edge has dialled yet, as far as is known.
pub async fn leased_to(
    db: &TenantDb,
    on: &impl ConnectionTrait,
    number_blind: &[u8],
) -> Result<Vec<AttemptRow>, DbErr> {
    let text = format!(
        "SELECT {COLUMNS} FROM attempts WHERE tenant_id = $1 AND number_blind = $2 AND live = 1 AND state = 'leased'"
    );
    AttemptRow::find_by_statement(db.sql(&text, [number_blind.to_vec().into()])).all(on).await
}

/// The attempts to these contacts that no edge has dialled yet, as far as is known.
pub async fn leased_for(
    db: &TenantDb,
    on: &impl ConnectionTrait,
    contacts: &[String],
) -> Result<Vec<AttemptRow>, DbErr> {
    // A tenant has few live attempts, and what is archived may be many contacts.
    let text = format!("SELECT {COLUMNS} FROM attempts WHERE tenant_id = $1 AND live = 1 AND state = 'leased'");
    let wanted: HashSet<&str> = contacts.iter().map(String::as_str).collect();
    let mut rows = AttemptRow::find_by_statement(db.sql(&text, [])).all(on).await?;
    rows.retain(|row| wanted.contains(row.contact_id.as_str()));
    Ok(rows)
}

/// Whether an edge has dialled this contact and the call is not over.
pub async fn in_call(db: &TenantDb, on: &impl ConnectionTrait, contact: ContactId) -> Result<bool, DbErr> {
    // A tenant has few live attempts.
    let text =
        "SELECT 1 AS one FROM attempts WHERE tenant_id = $1 AND live = 1 AND state <> 'leased' AND contact_id = $2";
    Ok(on.query_one_raw(db.sql(text, [contact.to_string().into()])).await?.is_some())
}

/// Slots taken, by campaign and trunk, over all tenants.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Slots {
    pub campaign_id: String,
    pub trunk_id: String,
    pub n: i64,
}

pub async fn slots(database: &Database) -> Result<Vec<Slots>, DbErr> {
    let read = database.read();
    let text =
        "SELECT campaign_id, trunk_id, count(*) AS n FROM attempts WHERE live = 1 GROUP BY campaign_id, trunk_id";
    Slots::find_by_statement(sql(read, text, [])).all(read).await
}

/// The tenant's calls that are up, by edge.
pub async fn calls_by_edge(db: &TenantDb) -> Result<BTreeMap<String, u32>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        edge_id: String,
        n: i64,
    }
    let text = "SELECT edge_id, count(*) AS n FROM attempts WHERE tenant_id = $1 AND live = 1 \
                AND state IN ('dialing', 'ringing', 'in_call') GROUP BY edge_id";
    let rows = Row::find_by_statement(db.sql(text, [])).all(db.read()).await?;
    Ok(rows.into_iter().map(|row| (row.edge_id, u32::try_from(row.n).unwrap_or(u32::MAX))).collect())
}

/// Makes an attempt. False where its number already has a live one.
pub async fn insert(db: &TenantDb, tx: &WriteTx, row: &AttemptRow) -> Result<bool, DbErr> {
    let text = "INSERT INTO attempts (tenant_id, id, campaign_id, contact_id, number_blind, trunk_id, edge_id, \
                version_id, fence, state, live, gates, deadline_at, longest_at, leased_at, number_sealed) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING";
    let values: [Value; 14] = [
        row.id.as_str().into(),
        row.campaign_id.as_str().into(),
        row.contact_id.as_str().into(),
        row.number_blind.clone().into(),
        row.trunk_id.as_str().into(),
        row.edge_id.as_str().into(),
        row.version_id.as_str().into(),
        row.fence.into(),
        row.state.as_str().into(),
        row.gates.as_str().into(),
        row.deadline_at.into(),
        row.longest_at.into(),
        row.leased_at.into(),
        row.number_sealed.clone().into(),
    ];
    Ok(tx.execute_raw(db.sql(text, values)).await?.rows_affected() == 1)
}

/// Keeps the order that an attempt is to end. To hang up is never taken back.
pub async fn recall(db: &TenantDb, tx: &WriteTx, id: &str, order: &str) -> Result<(), DbErr> {
    let text = "UPDATE attempts SET recalled = $3 \
                WHERE tenant_id = $1 AND id = $2 AND live = 1 AND (recalled IS NULL OR recalled <> 'hang_up')";
    tx.execute_raw(db.sql(text, [id.into(), order.into()])).await.map(|_| ())
}

/// Takes back an attempt that was never sent, in the transaction that made it.
pub async fn forget(db: &TenantDb, tx: &WriteTx, id: &str) -> Result<(), DbErr> {
    let text = "DELETE FROM attempts WHERE tenant_id = $1 AND id = $2 AND state = 'leased'";
    tx.execute_raw(db.sql(text, [id.into()])).await.map(|_| ())
}

/// Saves what news changed.
pub async fn save(db: &TenantDb, tx: &WriteTx, row: &AttemptRow, ended_at: Option<i64>) -> Result<(), DbErr> {
    let text = "UPDATE attempts SET state = $3, live = $4, deadline_at = $5, dialed_at = $6, ringing_at = $7, \
                answered_at = $8, ended_at = $9 WHERE tenant_id = $1 AND id = $2";
    let values: [Value; 8] = [
        row.id.as_str().into(),
        row.state.as_str().into(),
        i16::from(row.state().live()).into(),
        row.deadline_at.into(),
        row.dialed_at.into(),
        row.ringing_at.into(),
        row.answered_at.into(),
        ended_at.into(),
    ];
    tx.execute_raw(db.sql(text, values)).await.map(|_| ())
}
