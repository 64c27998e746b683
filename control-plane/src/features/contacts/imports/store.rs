//! Imports and the rows that did not become contacts.

use platform::WriteTx;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, DbErr, FromQueryResult, QueryOrder, QuerySelect, Value};
use shared_proto::ids::ImportId;

use crate::tenant_db::{TenantDb, TenantEntity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub group_id: String,
    /// The group was made for this import: if nobody comes in, it goes again.
    pub group_is_new: bool,
    pub file_name: String,
    pub object_key: String,
    /// `skip` or `overwrite`
    pub policy: String,
    /// A JSON object: column number or header → field
    pub mapping: String,
    /// A JSON list, known once the file has been opened
    pub headers: String,
    /// `queued`, `running`, `done` or `failed`
    pub state: String,
    pub rows_estimate: i64,
    /// Row of the file up to which everything is settled.
    pub checkpoint: i64,
    pub accepted: i64,
    pub duplicate: i64,
    pub invalid: i64,
    pub blocked: i64,
    pub dead: i64,
    pub error_code: Option<String>,
    pub error_params: String,
    pub created_by: String,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub finished_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}

/// Where an import is.
pub const STATES: [&str; 4] = ["queued", "running", "done", "failed"];

impl Model {
    /// Rows settled so far; after the end, all there were.
    pub fn total(&self) -> i64 {
        self.accepted + self.duplicate + self.invalid + self.blocked
    }

    pub fn is_over(&self) -> bool {
        matches!(self.state.as_str(), "done" | "failed")
    }
}

pub async fn insert(db: &TenantDb, tx: &WriteTx, row: ActiveModel) -> Result<(), DbErr> {
    db.insert(row).exec_without_returning(&**tx).await.map(|_| ())
}

pub async fn find(db: &TenantDb, id: ImportId) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Id.eq(id.to_string())).one(db.read()).await
}

/// Newest first, below `after`.
pub async fn page(db: &TenantDb, state: Option<String>, after: Option<String>, rows: u64) -> Result<Vec<Model>, DbErr> {
    let mut select = db.select::<Entity>().order_by_desc(Column::Id).limit(rows);
    if let Some(state) = state {
        select = select.filter(Column::State.eq(state));
    }
    if let Some(after) = after {
        select = select.filter(Column::Id.lt(after));
    }
    select.all(db.read()).await
}

pub async fn set_running(db: &TenantDb, id: &str, headers: &str, rows_estimate: i64) -> Result<(), DbErr> {
    let tx = db.write().await?;
    let sql = "UPDATE imports SET state = 'running', headers = $3, rows_estimate = $4, started_at = COALESCE(started_at, $5) \
               WHERE tenant_id = $1 AND id = $2";
    let values = [Value::from(id), headers.into(), rows_estimate.into(), db.now_ms().into()];
    tx.execute_raw(db.sql(sql, values)).await?;
    tx.commit().await
}

pub async fn set_done(db: &TenantDb, id: &str) -> Result<(), DbErr> {
    let tx = db.write().await?;
    let sql = "UPDATE imports SET state = 'done', finished_at = $3 WHERE tenant_id = $1 AND id = $2";
    tx.execute_raw(db.sql(sql, [id.into(), db.now_ms().into()])).await?;
    tx.commit().await
}

pub async fn set_failed(db: &TenantDb, id: &str, code: &str, params: &str) -> Result<(), DbErr> {
    let tx = db.write().await?;
    let sql = "UPDATE imports SET state = 'failed', finished_at = $3, error_code = $4, error_params = $5, \
               accepted = 0, duplicate = 0, invalid = 0, blocked = 0, dead = 0 WHERE tenant_id = $1 AND id = $2";
    tx.execute_raw(db.sql(sql, [id.into(), db.now_ms().into(), code.into(), params.into()])).await?;
    tx.commit().await
}

/// Takes back what an import has added, in short transactions: nothing half-done stays.
pub async fn undo(db: &TenantDb, import: &Model) -> Result<(), DbErr> {
    const AT_ONCE: u64 = 2_000;
    let id = import.id.as_str();
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
    }
    let rows =
        Row::find_by_statement(db.sql("SELECT id FROM contacts WHERE tenant_id = $1 AND import_id = $2", [id.into()]));
    let ids: Vec<String> = rows.all(db.read()).await?.into_iter().map(|row| row.id).collect();
    for batch in ids.chunks(500) {
        let tx = db.write().await?;
        let delete = db.delete::<crate::features::contacts::store::Entity>();
        delete.filter(crate::features::contacts::store::Column::Id.is_in(batch.iter().cloned())).exec(&*tx).await?;
        tx.commit().await?;
    }
    // All that it put into groups is in its own, which the key of the table finds.
    let (of_import, group) = (Value::from(id), Value::from(import.group_id.as_str()));
    let memberships =
        ("contact_groups", "contact_id", "import_id = $2 AND group_id = $3", vec![of_import.clone(), group]);
    let rows = ("import_rows", "row_number", "import_id = $2", vec![of_import]);
    for (table, key, of_import, values) in [memberships, rows] {
        let sql = format!(
            "DELETE FROM {table} WHERE tenant_id = $1 AND {of_import} AND {key} IN \
             (SELECT {key} FROM {table} WHERE tenant_id = $1 AND {of_import} LIMIT {AT_ONCE})"
        );
        loop {
            let tx = db.write().await?;
            let gone = tx.execute_raw(db.sql(&sql, values.clone())).await?;
            tx.commit().await?;
            if gone.rows_affected() < AT_ONCE {
                break;
            }
        }
    }
    Ok(())
}

/// The file that is still being read into a group.
pub async fn file_going_into(
    db: &TenantDb,
    on: &impl sea_orm::ConnectionTrait,
    group: &str,
) -> Result<Option<String>, DbErr> {
    let sql = "SELECT file_name FROM imports WHERE tenant_id = $1 AND group_id = $2 AND state IN ('queued', 'running') LIMIT 1";
    let row = on.query_one_raw(db.sql(sql, [group.into()])).await?;
    row.map(|row| row.try_get("", "file_name")).transpose()
}

/// Removes a group that was made for an import, where it holds nobody and nothing else speaks of it: no campaign, and
/// no other import that goes on or has brought somebody in.
pub async fn remove_unused_group(db: &TenantDb, group: &str, import: &str) -> Result<(), DbErr> {
    let tx = db.write().await?;
    let sql = "DELETE FROM groups WHERE tenant_id = $1 AND id = $2 \
               AND NOT EXISTS (SELECT 1 FROM contact_groups m WHERE m.tenant_id = $1 AND m.group_id = $2) \
               AND EXISTS (SELECT 1 FROM imports i WHERE i.tenant_id = $1 AND i.group_id = $2 AND i.group_is_new) \
               AND NOT EXISTS (SELECT 1 FROM imports i WHERE i.tenant_id = $1 AND i.group_id = $2 AND i.id <> $3 \
                   AND (i.state IN ('queued', 'running') OR i.accepted + i.duplicate > 0)) \
               AND NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.tenant_id = $1 AND c.group_id = $2)";
    tx.execute_raw(db.sql(sql, [group.into(), import.into()])).await?;
    tx.commit().await
}

/// A row that did not become a new contact, or did though its number is dead.
#[derive(Clone, Debug, FromQueryResult)]
pub struct RowVerdict {
    pub row_number: i64,
    pub verdict: String,
    pub code: String,
    pub dead: bool,
    pub cells_sealed: Vec<u8>,
}

/// Which rows a list asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Everything that was not accepted.
    Refused,
    Duplicate,
    Invalid,
    Blocked,
    /// Whatever its verdict, its number is known to be dead.
    Dead,
}

impl Rows {
    pub const WORDS: [&str; 4] = ["duplicate", "invalid", "blocked", "dead"];

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "duplicate" => Some(Self::Duplicate),
            "invalid" => Some(Self::Invalid),
            "blocked" => Some(Self::Blocked),
            "dead" => Some(Self::Dead),
            _ => None,
        }
    }

    fn condition(self) -> &'static str {
        match self {
            Self::Refused => "verdict <> 'accepted'",
            Self::Duplicate => "verdict = 'duplicate'",
            Self::Invalid => "verdict = 'invalid'",
            Self::Blocked => "verdict = 'blocked'",
            Self::Dead => "dead",
        }
    }
}

/// In the order of the file, above `after`.
pub async fn rows(db: &TenantDb, id: &str, which: Rows, after: i64, limit: u64) -> Result<Vec<RowVerdict>, DbErr> {
    let sql = format!(
        "SELECT row_number, verdict, code, dead, cells_sealed FROM import_rows \
         WHERE tenant_id = $1 AND import_id = $2 AND row_number > $3 AND {} ORDER BY row_number LIMIT {limit}",
        which.condition()
    );
    RowVerdict::find_by_statement(db.sql(&sql, [id.into(), after.into()])).all(db.read()).await
}

/// A row for the `imports` table that has not started.
pub fn queued(id: ImportId, created_at: i64) -> ActiveModel {
    ActiveModel {
        id: Set(id.to_string()),
        headers: Set("[]".to_owned()),
        group_is_new: Set(false),
        state: Set("queued".to_owned()),
        rows_estimate: Set(0),
        checkpoint: Set(0),
        accepted: Set(0),
        duplicate: Set(0),
        invalid: Set(0),
        blocked: Set(0),
        dead: Set(0),
        error_params: Set("{}".to_owned()),
        created_at: Set(created_at),
        ..Default::default()
    }
}
