//! The audit table. Entries are added and read, never changed.

use sea_orm::entity::prelude::*;
use sea_orm::{DbErr, QueryOrder, QuerySelect};

use crate::tenant_db::{TenantDb, TenantEntity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub at: i64,
    pub kind: String,
    pub user_id: Option<String>,
    pub user_name: String,
    pub role: String,
    pub action: String,
    pub object_type: Option<String>,
    pub object_id: Option<String>,
    pub before: Option<String>,
    pub after: Option<String>,
    pub address: String,
    pub request_id: String,
    pub result: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}

pub async fn insert(db: &TenantDb, entry: ActiveModel) -> Result<(), DbErr> {
    let tx = db.write().await?;
    db.insert(entry).exec_without_returning(&*tx).await?;
    tx.commit().await
}

/// What a search asks for; empty fields do not narrow it.
#[derive(Default)]
pub struct Search {
    pub kind: Option<String>,
    pub user_id: Option<String>,
    pub action: Option<String>,
    pub object: Option<String>,
    pub from: Option<i64>,
    pub to: Option<i64>,
}

/// Newest first, below `after`.
pub async fn search(db: &TenantDb, search: Search, after: Option<String>, rows: u64) -> Result<Vec<Model>, DbErr> {
    let mut select = db.select::<Entity>().order_by_desc(Column::Id).limit(rows);
    let equal = [(Column::Kind, search.kind), (Column::UserId, search.user_id), (Column::ObjectId, search.object)];
    for (column, wanted) in equal {
        if let Some(wanted) = wanted {
            select = select.filter(column.eq(wanted));
        }
    }
    if let Some(action) = search.action {
        select = select.filter(Column::Action.starts_with(action));
    }
    if let Some(from) = search.from {
        select = select.filter(Column::At.gte(from));
    }
    if let Some(to) = search.to {
        select = select.filter(Column::At.lt(to));
    }
    if let Some(after) = after {
        select = select.filter(Column::Id.lt(after));
    }
    select.all(db.read()).await
}
