//! Campaign rows and their log. The contacts in them are in `members.rs`, the attempts in `attempts.rs`.

use std::collections::HashSet;

use platform::{Database, WriteTx};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, FromQueryResult, QueryOrder, QuerySelect, Statement};
use shared_proto::ids::{CampaignId, EventId, GroupId, TenantId};
use shared_proto::window::Window;

use super::rules::{CampaignState, Retry};
use crate::features::contacts;
use crate::tenant_db::{TenantDb, TenantEntity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub remark: String,
    pub group_id: Option<String>,
    pub script_id: Option<String>,
    pub trunk_id: Option<String>,
    /// The published version of the script that this campaign says, pinned at its start.
    pub version_id: Option<String>,
    pub windows: String,
    pub max_calls: i64,
    pub retry_attempts: i64,
    pub retry_interval_s: i64,
    pub state: String,
    /// Counts attempts; each attempt's fence is the value it made.
    pub epoch: i64,
    /// A `Snapshot`.
    pub snapshot: String,
    /// The last contact that the walk has come to.
    pub snapshot_after: String,
    pub snapshot_total: i64,
    /// Stopped, and contacts that wait are still being cancelled.
    pub sweeping: bool,
    pub created_by: String,
    pub created_at: i64,
    pub updated_at: i64,
    pub started_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub deleted_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}

/// How far the campaign's own list of contacts is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// The campaign has not been started.
    None,
    /// The group is being copied.
    Copying,
    /// Contacts who were not reached are being opened again.
    Reopening,
    Done,
}

impl Snapshot {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Copying => "running",
            Self::Reopening => "reopening",
            Self::Done => "done",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "running" => Self::Copying,
            "reopening" => Self::Reopening,
            "done" => Self::Done,
            _ => Self::None,
        }
    }
}

impl Model {
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::parse(&self.snapshot)
    }

    pub fn state(&self) -> CampaignState {
        CampaignState::parse(&self.state).unwrap_or(CampaignState::Draft)
    }

    pub fn windows(&self) -> Vec<Window> {
        serde_json::from_str(&self.windows).unwrap_or_default()
    }

    pub fn retry(&self) -> Retry {
        Retry {
            attempts: u32::try_from(self.retry_attempts).unwrap_or(1),
            interval_s: u32::try_from(self.retry_interval_s).unwrap_or(0),
        }
    }

    pub fn max_calls(&self) -> u32 {
        u32::try_from(self.max_calls).unwrap_or(0)
    }

    pub fn campaign_id(&self) -> Option<CampaignId> {
        self.id.parse().ok()
    }
}

/// What a list is narrowed to.
#[derive(Default)]
pub struct Search {
    /// Part of the name.
    pub name: Option<String>,
    pub state: Option<CampaignState>,
}

/// Newest first.
pub async fn page(db: &TenantDb, search: Search, after: Option<&str>, rows: u64) -> Result<Vec<Model>, DbErr> {
    let mut select = db.select::<Entity>().filter(Column::DeletedAt.is_null()).order_by_desc(Column::Id).limit(rows);
    if let Some(name) = search.name {
        select = select.filter(contacts::store::name_holds((Entity, Column::Name), name.trim()));
    }
    if let Some(state) = search.state {
        select = select.filter(Column::State.eq(state.as_str()));
    }
    if let Some(after) = after {
        select = select.filter(Column::Id.lt(after));
    }
    select.all(db.read()).await
}

/// What the tenant's campaigns are called.
pub async fn names(db: &TenantDb) -> Result<HashSet<String>, DbErr> {
    let names = db.select::<Entity>().filter(Column::DeletedAt.is_null()).select_only().column(Column::Name);
    Ok(names.into_tuple().all(db.read()).await?.into_iter().collect())
}

pub async fn campaign(db: &TenantDb, id: CampaignId) -> Result<Option<Model>, DbErr> {
    campaign_on(db, db.read(), id).await
}

pub async fn campaign_on(db: &TenantDb, on: &impl ConnectionTrait, id: CampaignId) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Id.eq(id.to_string())).filter(Column::DeletedAt.is_null()).one(on).await
}

/// A deleted campaign's contacts that wait are cancelled still.
pub async fn with_deleted(db: &TenantDb, tx: &WriteTx, id: CampaignId) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Id.eq(id.to_string())).one(&**tx).await
}

/// The name of a campaign that calls a group, is still to, or has yet to copy some of it.
pub async fn calling_group(db: &TenantDb, on: &impl ConnectionTrait, group: GroupId) -> Result<Option<String>, DbErr> {
    let sql = "SELECT name FROM campaigns WHERE tenant_id = $1 AND group_id = $2 AND deleted_at IS NULL \
               AND (state IN ('draft', 'ready', 'running', 'paused') OR snapshot = 'running') ORDER BY name LIMIT 1";
    let row = on.query_one_raw(db.sql(sql, [group.to_string().into()])).await?;
    row.map(|row| row.try_get("", "name")).transpose()
}

pub async fn insert(db: &TenantDb, tx: &WriteTx, campaign: &Model) -> Result<(), DbErr> {
    let row: ActiveModel = campaign.clone().into();
    db.insert(row.reset_all()).exec_without_returning(&**tx).await.map(|_| ())
}

/// Saves everything but what the dialler itself counts: epoch and the snapshot's place.
pub async fn save(db: &TenantDb, tx: &WriteTx, campaign: &Model) -> Result<(), DbErr> {
    let campaign = campaign.clone();
    let change = ActiveModel {
        name: Set(campaign.name),
        remark: Set(campaign.remark),
        group_id: Set(campaign.group_id),
        script_id: Set(campaign.script_id),
        trunk_id: Set(campaign.trunk_id),
        version_id: Set(campaign.version_id),
        windows: Set(campaign.windows),
        max_calls: Set(campaign.max_calls),
        retry_attempts: Set(campaign.retry_attempts),
        retry_interval_s: Set(campaign.retry_interval_s),
        state: Set(campaign.state),
        sweeping: Set(campaign.sweeping),
        updated_at: Set(campaign.updated_at),
        started_at: Set(campaign.started_at),
        ended_at: Set(campaign.ended_at),
        deleted_at: Set(campaign.deleted_at),
        ..Default::default()
    };
    db.update::<Entity>().set(change).filter(Column::Id.eq(campaign.id)).exec(&**tx).await.map(|_| ())
}

/// Where the walk over the contacts has come to.
pub async fn save_snapshot(
    db: &TenantDb,
    tx: &WriteTx,
    id: &str,
    snapshot: Snapshot,
    after: &str,
    total: i64,
) -> Result<(), DbErr> {
    let change = ActiveModel {
        snapshot: Set(snapshot.as_str().to_owned()),
        snapshot_after: Set(after.to_owned()),
        snapshot_total: Set(total),
        ..Default::default()
    };
    db.update::<Entity>().set(change).filter(Column::Id.eq(id)).exec(&**tx).await.map(|_| ())
}

/// The fences of `n` new attempts end at the value returned; `None` where the campaign is not running any more, or has
/// other hours than those that its contacts were looked at by.
pub async fn take_fences(db: &TenantDb, tx: &WriteTx, looked_at: &Model, n: u64) -> Result<Option<i64>, DbErr> {
    let sql = "UPDATE campaigns SET epoch = epoch + $3 WHERE tenant_id = $1 AND id = $2 AND state = 'running' \
               AND deleted_at IS NULL AND windows = $4 RETURNING epoch";
    let values = [looked_at.id.as_str().into(), (n as i64).into(), looked_at.windows.as_str().into()];
    let row = tx.query_one_raw(db.sql(sql, values)).await?;
    row.map(|row| row.try_get("", "epoch")).transpose()
}

/// Closes a running campaign. False where it was not running.
pub async fn complete(db: &TenantDb, tx: &WriteTx, id: &str, now: i64) -> Result<bool, DbErr> {
    let sql = "UPDATE campaigns SET state = 'completed', ended_at = $3, updated_at = $3 \
               WHERE tenant_id = $1 AND id = $2 AND state = 'running' AND snapshot = 'done'";
    Ok(tx.execute_raw(db.sql(sql, [id.into(), now.into()])).await?.rows_affected() > 0)
}

/// A campaign that the dialler has work with, of whatever tenant.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Busy {
    pub tenant_id: String,
    pub id: String,
}

/// Campaigns in a state, over all tenants: the dialler serves them all.
pub async fn in_state(database: &Database, state: CampaignState) -> Result<Vec<(TenantId, Busy)>, DbErr> {
    busy(database, "state = $1 AND deleted_at IS NULL", Some(state.as_str())).await
}

/// Campaigns with long work on their contacts: a walk that is under way, or contacts that are still being cancelled.
pub async fn with_batches(database: &Database) -> Result<Vec<(TenantId, Busy)>, DbErr> {
    busy(database, "snapshot IN ('running', 'reopening') OR sweeping", None).await
}

async fn busy(database: &Database, condition: &str, value: Option<&str>) -> Result<Vec<(TenantId, Busy)>, DbErr> {
    let read = database.read();
    let sql = format!("SELECT tenant_id, id FROM campaigns WHERE {condition} ORDER BY tenant_id, id");
    let statement = Statement::from_sql_and_values(read.get_database_backend(), sql, value.map(sea_orm::Value::from));
    let rows = Busy::find_by_statement(statement).all(read).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.tenant_id.parse().ok()?, row))).collect())
}

/// One line of a campaign's log.
#[derive(Clone, Debug, FromQueryResult)]
pub struct LogLine {
    pub id: String,
    pub at: i64,
    pub event: String,
    pub user_id: Option<String>,
    pub user_name: Option<String>,
    pub params: String,
}

/// Who caused an entry of the log.
#[derive(Clone, Debug)]
pub enum By {
    User {
        id: String,
        name: String,
    },
    /// The dialler itself.
    Bellbird,
}

pub async fn log(
    db: &TenantDb,
    tx: &WriteTx,
    id: EventId,
    campaign: &str,
    event: &str,
    by: &By,
    params: serde_json::Value,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO campaign_log (tenant_id, id, campaign_id, at, event, user_id, user_name, params) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (user_id, user_name) = match by {
        By::User { id, name } => (Some(id.clone()), Some(name.clone())),
        By::Bellbird => (None, None),
    };
    let values = [
        id.to_string().into(),
        campaign.into(),
        (id.unix_ms() as i64).into(),
        event.into(),
        user_id.into(),
        user_name.into(),
        params.to_string().into(),
    ];
    tx.execute_raw(db.sql(sql, values)).await.map(|_| ())
}

/// Newest first.
pub async fn log_page(db: &TenantDb, campaign: &str, after: Option<String>, rows: u64) -> Result<Vec<LogLine>, DbErr> {
    let sql = "SELECT id, at, event, user_id, user_name, params FROM campaign_log \
               WHERE tenant_id = $1 AND campaign_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    let below = after.unwrap_or_else(|| "f".to_owned());
    let statement = db.sql(sql, [campaign.into(), below.into(), (rows as i64).into()]);
    LogLine::find_by_statement(statement).all(db.read()).await
}
