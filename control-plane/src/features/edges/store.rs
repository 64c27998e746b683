//! Rows of edges and of their enrolment tokens. Platform-level: no tenant owns them.

use platform::{Database, WriteTx};
use ring::digest;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};
use shared_proto::ids::EdgeId;

/// How long an enrolment token may be used.
pub const TOKEN_TTL_MS: i64 = 24 * 3600 * 1000;

#[derive(Clone, Debug, FromQueryResult)]
pub struct EdgeRow {
    pub id: String,
    pub name: String,
    pub software: String,
    pub draining: bool,
    pub enrolled_at: Option<i64>,
    pub last_seen_at: Option<i64>,
    pub revoked_at: Option<i64>,
    pub created_at: i64,
}

const COLUMNS: &str = "id, name, software, draining, enrolled_at, last_seen_at, revoked_at, created_at";

fn sql(on: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(on.get_database_backend(), sql, values)
}

/// Every edge that was not revoked.
pub async fn edges(database: &Database) -> Result<Vec<EdgeRow>, DbErr> {
    let read = database.read();
    let text = format!("SELECT {COLUMNS} FROM edges WHERE revoked_at IS NULL ORDER BY id");
    EdgeRow::find_by_statement(sql(read, &text, [])).all(read).await
}

pub async fn edge(database: &Database, id: EdgeId) -> Result<Option<EdgeRow>, DbErr> {
    let read = database.read();
    let text = format!("SELECT {COLUMNS} FROM edges WHERE id = $1");
    EdgeRow::find_by_statement(sql(read, &text, [id.to_string().into()])).one(read).await
}

/// The oldest edge of that name that was not revoked.
pub async fn named(tx: &WriteTx, name: &str) -> Result<Option<EdgeId>, DbErr> {
    let text = format!("SELECT {COLUMNS} FROM edges WHERE name = $1 AND revoked_at IS NULL ORDER BY id LIMIT 1");
    let row = EdgeRow::find_by_statement(sql(&**tx, &text, [name.into()])).one(&**tx).await?;
    Ok(row.and_then(|row| row.id.parse().ok()))
}

pub async fn insert(tx: &WriteTx, id: EdgeId, name: &str, now: i64) -> Result<(), DbErr> {
    let text = "INSERT INTO edges (id, name, software, draining, created_at) VALUES ($1, $2, '', $3, $4)";
    let values: [Value; 4] = [id.to_string().into(), name.into(), false.into(), now.into()];
    tx.execute_raw(sql(&**tx, text, values)).await.map(|_| ())
}

pub async fn insert_token(tx: &WriteTx, secret: &str, edge: EdgeId, now: i64) -> Result<(), DbErr> {
    let text = "INSERT INTO edge_tokens (secret_digest, edge_id, expires_at, created_at) VALUES ($1, $2, $3, $4)";
    let values: [Value; 4] =
        [digest_of(secret).into(), edge.to_string().into(), (now + TOKEN_TTL_MS).into(), now.into()];
    tx.execute_raw(sql(&**tx, text, values)).await.map(|_| ())
}

/// Why a token enrols nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRefused {
    Unknown,
    Used,
    Expired,
}

/// Spends a token: it leads to its edge once.
pub async fn spend_token(tx: &WriteTx, secret: &str, now: i64) -> Result<Result<EdgeId, TokenRefused>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        edge_id: String,
        expires_at: i64,
        used_at: Option<i64>,
        revoked_at: Option<i64>,
    }
    let text = "SELECT t.edge_id, t.expires_at, t.used_at, e.revoked_at FROM edge_tokens t \
                JOIN edges e ON e.id = t.edge_id WHERE t.secret_digest = $1";
    let found = Row::find_by_statement(sql(&**tx, text, [digest_of(secret).into()])).one(&**tx).await?;
    let Some(row) = found.filter(|row| row.revoked_at.is_none()) else { return Ok(Err(TokenRefused::Unknown)) };
    if row.used_at.is_some() {
        return Ok(Err(TokenRefused::Used));
    }
    if row.expires_at <= now {
        return Ok(Err(TokenRefused::Expired));
    }
    let Ok(edge) = row.edge_id.parse::<EdgeId>() else { return Ok(Err(TokenRefused::Unknown)) };
    let spend = "UPDATE edge_tokens SET used_at = $2 WHERE secret_digest = $1";
    tx.execute_raw(sql(&**tx, spend, [digest_of(secret).into(), now.into()])).await?;
    let enrolled = "UPDATE edges SET enrolled_at = $2 WHERE id = $1";
    tx.execute_raw(sql(&**tx, enrolled, [edge.to_string().into(), now.into()])).await?;
    Ok(Ok(edge))
}

pub async fn seen(tx: &WriteTx, id: EdgeId, software: &str, now: i64) -> Result<(), DbErr> {
    let text = "UPDATE edges SET last_seen_at = $2, software = $3 WHERE id = $1";
    tx.execute_raw(sql(&**tx, text, [id.to_string().into(), now.into(), software.into()])).await.map(|_| ())
}

pub async fn set_draining(tx: &WriteTx, id: EdgeId, draining: bool) -> Result<bool, DbErr> {
    let text = "UPDATE edges SET draining = $2 WHERE id = $1 AND revoked_at IS NULL";
    let done = tx.execute_raw(sql(&**tx, text, [id.to_string().into(), draining.into()])).await?;
    Ok(done.rows_affected() > 0)
}

/// Ends the edge for good: its certificate and its tokens are worth nothing from now on.
pub async fn revoke(tx: &WriteTx, id: EdgeId, now: i64) -> Result<bool, DbErr> {
    let text = "UPDATE edges SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    let done = tx.execute_raw(sql(&**tx, text, [id.to_string().into(), now.into()])).await?;
    Ok(done.rows_affected() > 0)
}

/// The table holds a digest: the secret has 256 random bits, so a plain hash keeps it.
fn digest_of(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes()).as_ref().to_vec()
}
