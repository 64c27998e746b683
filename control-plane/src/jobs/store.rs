//! The jobs table. Workers serve every tenant, so these queries are the platform's own.

use platform::{Database, WriteTx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};
use shared_proto::ids::{JobId, TenantId};

use super::Job;
use crate::app::App;

/// How long a worker may be silent before another takes its job.
pub const LEASE_MS: i64 = 60_000;

pub struct NewJob<'a> {
    pub tenant: Option<TenantId>,
    pub kind: &'static str,
    pub payload: serde_json::Value,
    /// Unix milliseconds; a time in the past means now.
    pub run_at: i64,
    /// While a job of this kind and key is waiting or running, another is not added.
    pub unique_key: Option<&'a str>,
    pub max_attempts: i64,
}

impl NewJob<'_> {
    /// Due now, five attempts.
    pub fn now(tenant: TenantId, kind: &'static str, payload: serde_json::Value) -> Self {
        Self { tenant: Some(tenant), kind, payload, run_at: 0, unique_key: None, max_attempts: 5 }
    }
}

/// Adds a job in the caller's transaction. Call `app.jobs.wake()` after its commit.
pub async fn enqueue(app: &App, tx: &WriteTx, job: NewJob<'_>) -> Result<JobId, DbErr> {
    let id = app.fresh(JobId::new);
    let sql = "INSERT INTO jobs (tenant_id, id, kind, payload, unique_key, state, run_at, attempts, max_attempts, created_at) \
               VALUES ($1, $2, $3, $4, $5, 'waiting', $6, 0, $7, $8) ON CONFLICT DO NOTHING";
    let values: [Value; 8] = [
        job.tenant.map(|tenant| tenant.to_string()).unwrap_or_default().into(),
        id.to_string().into(),
        job.kind.into(),
        job.payload.to_string().into(),
        job.unique_key.map(str::to_owned).into(),
        job.run_at.into(),
        job.max_attempts.into(),
        app.now_ms().into(),
    ];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(id)
}

#[derive(FromQueryResult)]
struct Row {
    tenant_id: String,
    id: String,
    kind: String,
    payload: String,
    attempts: i64,
    max_attempts: i64,
}

const DUE: &str = "(state = 'waiting' AND run_at <= $1) OR (state = 'running' AND lease_until <= $1)";

/// Leases the job that has been due longest, or tells when the next one is due. Jobs of the kinds that it `leaves` are
/// for others.
pub async fn claim(database: &Database, leaves: &[&'static str]) -> Result<Claim, DbErr> {
    let now = database.now_ms();
    let read = database.read();
    let backend = read.get_database_backend();
    // Kinds are names in our own code.
    let kinds: Vec<String> = leaves.iter().map(|kind| format!("'{kind}'")).collect();
    let mine = if kinds.is_empty() { "TRUE".to_owned() } else { format!("kind NOT IN ({})", kinds.join(",")) };
    let due = format!("SELECT 1 AS one FROM jobs WHERE {mine} AND ({DUE}) LIMIT 1");
    if read.query_one_raw(Statement::from_sql_and_values(backend, due, [now.into()])).await?.is_none() {
        let next = format!(
            "SELECT MIN(CASE WHEN state = 'waiting' THEN run_at ELSE lease_until END) AS at FROM jobs \
             WHERE {mine} AND state IN ('waiting', 'running')"
        );
        let row = read.query_one_raw(Statement::from_string(backend, next)).await?;
        return Ok(Claim::NextAt(row.and_then(|row| row.try_get::<Option<i64>>("", "at").ok().flatten())));
    }
    let tx = database.write().await?;
    let sql = format!(
        "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2 \
         WHERE id = (SELECT id FROM jobs WHERE {mine} AND ({DUE}) ORDER BY run_at, created_at, id LIMIT 1) \
         RETURNING tenant_id, id, kind, payload, attempts, max_attempts"
    );
    let statement = Statement::from_sql_and_values(backend, sql, [now.into(), (now + LEASE_MS).into()]);
    let row = Row::find_by_statement(statement).one(&*tx).await?;
    tx.commit().await?;
    let Some(row) = row else { return Ok(Claim::NextAt(Some(now))) };
    let id = row.id.parse().map_err(|_| DbErr::Custom(format!("job id {} is none", row.id)))?;
    let job = Job {
        id,
        tenant: row.tenant_id.parse().ok(),
        kind: row.kind,
        payload: row.payload,
        attempt: row.attempts,
        last_attempt: row.attempts >= row.max_attempts,
    };
    Ok(if row.attempts > row.max_attempts { Claim::Spent(job) } else { Claim::Leased(job) })
}

pub enum Claim {
    Leased(Job),
    /// Every attempt it had ended without a word: it took the process with it.
    Spent(Job),
    NextAt(Option<i64>),
}

/// Leases of an earlier life of this process. The attempt stays counted: a job that ends the process
/// is given up in the end.
pub async fn release_all(database: &Database) -> Result<(), DbErr> {
    let tx = database.write().await?;
    let sql = "UPDATE jobs SET state = 'waiting', lease_until = NULL WHERE state = 'running'";
    tx.execute_unprepared(sql).await?;
    tx.commit().await
}

pub async fn renew(database: &Database, id: JobId) -> Result<(), DbErr> {
    change(database, "UPDATE jobs SET lease_until = $2 WHERE id = $1", id, [(database.now_ms() + LEASE_MS).into()])
        .await
}

pub async fn done(database: &Database, id: JobId) -> Result<(), DbErr> {
    change(database, "DELETE FROM jobs WHERE id = $1", id, []).await
}

/// Back to waiting as if it had not been tried: the process is ending.
pub async fn give_back(database: &Database, id: JobId) -> Result<(), DbErr> {
    let sql = "UPDATE jobs SET state = 'waiting', attempts = attempts - 1, lease_until = NULL WHERE id = $1";
    change(database, sql, id, []).await
}

pub async fn retry_at(database: &Database, id: JobId, run_at: i64, error: &str) -> Result<(), DbErr> {
    let sql = "UPDATE jobs SET state = 'waiting', lease_until = NULL, run_at = $2, last_error = $3 WHERE id = $1";
    change(database, sql, id, [run_at.into(), error.into()]).await
}

pub async fn failed(database: &Database, id: JobId, error: &str) -> Result<(), DbErr> {
    let sql = "UPDATE jobs SET state = 'failed', lease_until = NULL, last_error = $2 WHERE id = $1";
    change(database, sql, id, [error.into()]).await
}

/// Jobs waiting or running, and jobs given up, of everybody.
pub async fn counts(database: &Database) -> Result<(i64, i64), DbErr> {
    let sql = "SELECT COUNT(CASE WHEN state <> 'failed' THEN 1 END) AS waiting, \
               COUNT(CASE WHEN state = 'failed' THEN 1 END) AS failed FROM jobs";
    let read = database.read();
    let row = read.query_one_raw(Statement::from_string(read.get_database_backend(), sql)).await?;
    match row {
        Some(row) => Ok((row.try_get("", "waiting")?, row.try_get("", "failed")?)),
        None => Ok((0, 0)),
    }
}

async fn change<const N: usize>(database: &Database, sql: &str, id: JobId, values: [Value; N]) -> Result<(), DbErr> {
    let tx = database.write().await?;
    let values = std::iter::once(Value::from(id.to_string())).chain(values);
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    tx.commit().await
}
