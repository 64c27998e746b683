//! Trunk rows. The password is sealed by the tenant's key and opened only for a dial job.

use platform::WriteTx;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, QueryOrder, QuerySelect, Statement};
use shared_proto::ids::{TenantId, TrunkId};

use super::rules::{TrunkKind, TrunkState};
use crate::features::campaigns::planner::Carrier;
use crate::tenant_db::{TenantDb, TenantEntity};

/// In SQL, whether `t`, a row of this table or none, reaches simulated customers.
pub const IS_REHEARSAL: &str = "(t.kind IS NOT NULL AND t.kind = 'rehearsal')";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trunks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub kind: String,
    pub address: String,
    pub username: Option<String>,
    pub password_sealed: Option<Vec<u8>>,
    pub caller_ids: String,
    pub max_calls: i64,
    pub calls_per_second: i64,
    pub state: String,
    pub failing: i64,
    pub fault_reason: Option<String>,
    pub fault_by: Option<String>,
    pub fault_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}

impl Model {
    pub fn kind(&self) -> TrunkKind {
        TrunkKind::parse(&self.kind)
    }

    /// Real people, or the simulated ones.
    pub fn carrier(&self) -> Carrier {
        self.kind().carrier(&self.address)
    }

    pub fn state(&self) -> TrunkState {
        TrunkState::parse(&self.state)
    }

    pub fn caller_ids(&self) -> Vec<String> {
        serde_json::from_str(&self.caller_ids).unwrap_or_default()
    }

    pub fn max_calls(&self) -> u32 {
        u32::try_from(self.max_calls).unwrap_or(0)
    }

    pub fn calls_per_second(&self) -> u32 {
        u32::try_from(self.calls_per_second).unwrap_or(1)
    }

    /// Someone reported the line as faulty: nothing is dialled over it.
    pub fn faulty(&self) -> bool {
        self.fault_at.is_some()
    }
}

pub async fn page(db: &TenantDb, after: Option<&str>, rows: u64) -> Result<Vec<Model>, DbErr> {
    let mut select = db.select::<Entity>().filter(Column::DeletedAt.is_null()).order_by_asc(Column::Id).limit(rows);
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after));
    }
    select.all(db.read()).await
}

pub async fn trunk(db: &TenantDb, id: TrunkId) -> Result<Option<Model>, DbErr> {
    trunk_on(db, db.read(), id).await
}

pub async fn trunk_on(db: &TenantDb, on: &impl ConnectionTrait, id: TrunkId) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Id.eq(id.to_string())).filter(Column::DeletedAt.is_null()).one(on).await
}

pub async fn insert(db: &TenantDb, tx: &WriteTx, trunk: &Model) -> Result<(), DbErr> {
    let row: ActiveModel = trunk.clone().into();
    db.insert(row.reset_all()).exec_without_returning(&**tx).await.map(|_| ())
}

/// Saves what a person may change.
pub async fn save(db: &TenantDb, tx: &WriteTx, trunk: &Model) -> Result<(), DbErr> {
    let trunk = trunk.clone();
    let change = ActiveModel {
        name: Set(trunk.name),
        address: Set(trunk.address),
        username: Set(trunk.username),
        password_sealed: Set(trunk.password_sealed),
        caller_ids: Set(trunk.caller_ids),
        max_calls: Set(trunk.max_calls),
        calls_per_second: Set(trunk.calls_per_second),
        fault_reason: Set(trunk.fault_reason),
        fault_by: Set(trunk.fault_by),
        fault_at: Set(trunk.fault_at),
        updated_at: Set(trunk.updated_at),
        deleted_at: Set(trunk.deleted_at),
        ..Default::default()
    };
    db.update::<Entity>().set(change).filter(Column::Id.eq(trunk.id)).exec(&**tx).await.map(|_| ())
}

/// Saves how the trunk fares, as edges report it.
pub async fn save_state(db: &TenantDb, tx: &WriteTx, id: &str, state: TrunkState, failing: u32) -> Result<(), DbErr> {
    let change =
        ActiveModel { state: Set(state.as_str().to_owned()), failing: Set(i64::from(failing)), ..Default::default() };
    db.update::<Entity>().set(change).filter(Column::Id.eq(id)).exec(&**tx).await.map(|_| ())
}

/// Slots taken on each trunk of the tenant: attempts that are not over, whatever a cache says.
pub async fn calls_in_use(db: &TenantDb) -> Result<std::collections::BTreeMap<String, u64>, DbErr> {
    let sql = "SELECT trunk_id, count(*) AS n FROM attempts WHERE tenant_id = $1 AND live = 1 GROUP BY trunk_id";
    let rows = db.read().query_all_raw(db.sql(sql, [])).await?;
    rows.iter().map(|row| Ok((row.try_get("", "trunk_id")?, row.try_get::<i64>("", "n")?.unsigned_abs()))).collect()
}

/// Campaigns that still dial, or will dial, over this trunk.
pub async fn campaigns_using(db: &TenantDb, on: &impl ConnectionTrait, id: TrunkId) -> Result<u64, DbErr> {
    let sql = "SELECT count(*) AS n FROM campaigns WHERE tenant_id = $1 AND trunk_id = $2 AND deleted_at IS NULL \
               AND state IN ('running', 'paused')";
    let row = on.query_one_raw(db.sql(sql, [id.to_string().into()])).await?;
    row.map_or(Ok(0), |row| row.try_get::<i64>("", "n").map(i64::unsigned_abs))
}

/// Whose trunk it is: edges name trunks and no tenants.
pub async fn tenant_of(on: &impl ConnectionTrait, id: TrunkId) -> Result<Option<TenantId>, DbErr> {
    let sql = "SELECT tenant_id FROM trunks WHERE id = $1 AND deleted_at IS NULL";
    let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, [id.to_string().into()]);
    let Some(row) = on.query_one_raw(statement).await? else { return Ok(None) };
    Ok(row.try_get::<String>("", "tenant_id")?.parse().ok())
}
