//! The alerts table. One alert stands for one trouble: raising it again while it is open changes nothing.

use platform::{Database, WriteTx};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, DbErr, FromQueryResult, QueryOrder, QuerySelect, Statement};
use serde_json::Value;
use shared_proto::ids::{AlertId, CampaignId, TenantId, TrunkId, UserId};

use crate::app::App;
use crate::jobs::{self, NewJob};
use crate::tenant_db::{TenantDb, TenantEntity};

/// The kind of the job that tells the portal of an alert.
pub(super) const TELL: &str = "alerts.tell";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alerts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub code: String,
    pub level: String,
    pub params: String,
    pub scope: String,
    pub campaign_id: Option<String>,
    pub trunk_id: Option<String>,
    pub raised_at: i64,
    pub acknowledged_at: Option<i64>,
    pub acknowledged_by: Option<String>,
    pub closed_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Info,
    Warning,
    /// Repeats its sound until acknowledged.
    Urgent,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Urgent => "urgent",
        }
    }
}

/// What an alert is about; neither means the house as a whole. An alert about a campaign is for
/// those who may read campaigns.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub campaign: Option<CampaignId>,
    pub trunk: Option<TrunkId>,
}

impl Scope {
    fn key(&self) -> String {
        let campaign = self.campaign.map(|id| id.to_string());
        campaign.or_else(|| self.trunk.map(|id| id.to_string())).unwrap_or_default()
    }
}

/// Raises an alert in the caller's transaction, unless the same one is open already. `code` has a
/// text in the portal under `alerts.code`, filled from `params`. It is told after the commit.
pub async fn raise(
    app: &App,
    db: &TenantDb,
    tx: &WriteTx,
    code: &str,
    level: Level,
    params: Value,
    scope: Scope,
) -> Result<(), DbErr> {
    if open(db, tx, code, &scope.key()).await?.is_some() {
        return Ok(());
    }
    let id = app.fresh(AlertId::new);
    let row = ActiveModel {
        id: Set(id.to_string()),
        code: Set(code.to_owned()),
        level: Set(level.as_str().to_owned()),
        params: Set(params.to_string()),
        scope: Set(scope.key()),
        campaign_id: Set(scope.campaign.map(|id| id.to_string())),
        trunk_id: Set(scope.trunk.map(|id| id.to_string())),
        raised_at: Set(app.now_ms()),
        acknowledged_at: Set(None),
        acknowledged_by: Set(None),
        closed_at: Set(None),
        ..Default::default()
    };
    db.insert(row).exec_without_returning(&**tx).await?;
    tell_later(app, db, tx, id).await
}

/// The trouble is over: closes the open alert, if there is one.
pub async fn close(app: &App, db: &TenantDb, tx: &WriteTx, code: &str, scope: Scope) -> Result<(), DbErr> {
    let Some(alert) = open(db, tx, code, &scope.key()).await? else { return Ok(()) };
    end(app, db, tx, alert.id.parse().map_err(|_| DbErr::Custom("an alert's id".into()))?).await
}

/// Open alerts about campaigns that have ended and trunks that were removed, over all tenants.
pub async fn outlived(database: &Database) -> Result<Vec<(TenantId, AlertId)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        tenant_id: String,
        id: String,
    }
    let sql = "SELECT a.tenant_id, a.id FROM alerts a WHERE a.closed_at IS NULL AND ( \
               (a.campaign_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.tenant_id = a.tenant_id \
                AND c.id = a.campaign_id AND c.deleted_at IS NULL AND c.state IN ('running', 'paused'))) \
               OR (a.campaign_id IS NULL AND a.trunk_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM trunks t \
                WHERE t.tenant_id = a.tenant_id AND t.id = a.trunk_id AND t.deleted_at IS NULL)))";
    let read = database.read();
    let rows = Row::find_by_statement(Statement::from_string(read.get_database_backend(), sql)).all(read).await?;
    Ok(rows.iter().filter_map(|row| Some((row.tenant_id.parse().ok()?, row.id.parse().ok()?))).collect())
}

/// Closes an alert that is known to be over.
pub async fn end(app: &App, db: &TenantDb, tx: &WriteTx, id: AlertId) -> Result<(), DbErr> {
    let closed = ActiveModel { closed_at: Set(Some(app.now_ms())), ..Default::default() };
    let update = db.update::<Entity>().set(closed).filter(Column::Id.eq(id.to_string()));
    if update.filter(Column::ClosedAt.is_null()).exec(&**tx).await?.rows_affected > 0 {
        tell_later(app, db, tx, id).await?;
    }
    Ok(())
}

/// The job that tells the portal, in the same transaction.
async fn tell_later(app: &App, db: &TenantDb, tx: &WriteTx, id: AlertId) -> Result<(), DbErr> {
    let job = NewJob::now(db.tenant(), TELL, serde_json::json!({ "id": id }));
    jobs::enqueue(app, tx, job).await.map(|_| ())
}

async fn open(db: &TenantDb, tx: &WriteTx, code: &str, scope: &str) -> Result<Option<Model>, DbErr> {
    let open = db.select::<Entity>().filter(Column::Code.eq(code)).filter(Column::Scope.eq(scope));
    open.filter(Column::ClosedAt.is_null()).one(&**tx).await
}

pub struct Search {
    /// Only what is open and not acknowledged, or only the rest.
    pub open: Option<bool>,
    /// Whether alerts about campaigns are among them.
    pub campaigns: bool,
}

/// Newest first, below `after`.
pub async fn search(db: &TenantDb, search: Search, after: Option<String>, rows: u64) -> Result<Vec<Model>, DbErr> {
    let mut select = db.select::<Entity>().order_by_desc(Column::Id).limit(rows);
    match search.open {
        Some(true) => select = select.filter(Column::ClosedAt.is_null()).filter(Column::AcknowledgedAt.is_null()),
        Some(false) => {
            select = select
                .filter(Condition::any().add(Column::ClosedAt.is_not_null()).add(Column::AcknowledgedAt.is_not_null()))
        }
        None => {}
    }
    if !search.campaigns {
        select = select.filter(Column::CampaignId.is_null());
    }
    if let Some(after) = after {
        select = select.filter(Column::Id.lt(after));
    }
    select.all(db.read()).await
}

pub async fn find(db: &TenantDb, id: AlertId) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Id.eq(id.to_string())).one(db.read()).await
}

/// The first to acknowledge is kept.
pub async fn acknowledge(db: &TenantDb, id: AlertId, by: UserId, at: i64) -> Result<(), DbErr> {
    let tx = db.write().await?;
    let seen = ActiveModel {
        acknowledged_at: Set(Some(at)),
        acknowledged_by: Set(Some(by.to_string())),
        ..Default::default()
    };
    let update = db.update::<Entity>().set(seen).filter(Column::Id.eq(id.to_string()));
    update.filter(Column::AcknowledgedAt.is_null()).exec(&*tx).await?;
    tx.commit().await
}
