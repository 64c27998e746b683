//! The table of labels.

use std::collections::BTreeMap;

use platform::{Clock, WriteTx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DbErr, QueryOrder};
use shared_proto::ids::LabelId;

use super::rules::SEEDS;
use crate::app::fresh;
use crate::tenant_db::{TenantDb, TenantEntity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "labels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub key: String,
    pub name: String,
    pub color: String,
    pub hot: bool,
    pub seeded: bool,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}

/// All labels of the tenant, the seeded ones first.
pub async fn all(db: &TenantDb) -> Result<Vec<Model>, DbErr> {
    all_in(db, db.read()).await
}

pub async fn all_in(db: &TenantDb, conn: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    db.select::<Entity>().order_by_asc(Column::Id).all(conn).await
}

/// Names by key, for lists that show calls and contacts.
pub async fn names(db: &TenantDb) -> Result<BTreeMap<String, String>, DbErr> {
    Ok(all(db).await?.into_iter().map(|label| (label.key, label.name)).collect())
}

pub async fn by_key(db: &TenantDb, key: &str) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Key.eq(key)).one(db.read()).await
}

pub async fn label(db: &TenantDb, id: LabelId) -> Result<Option<Model>, DbErr> {
    label_in(db, db.read(), id).await
}

pub async fn label_in(db: &TenantDb, conn: &impl ConnectionTrait, id: LabelId) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Id.eq(id.to_string())).one(conn).await
}

pub async fn insert(db: &TenantDb, tx: &WriteTx, label: &Model) -> Result<(), DbErr> {
    db.insert(row(label)).exec_without_returning(&**tx).await.map(|_| ())
}

/// Writes what may be changed of a label.
pub async fn save(db: &TenantDb, tx: &WriteTx, label: &Model) -> Result<(), DbErr> {
    let changed = ActiveModel {
        name: Set(label.name.clone()),
        color: Set(label.color.clone()),
        hot: Set(label.hot),
        ..Default::default()
    };
    let update = db.update::<Entity>().set(changed).filter(Column::Id.eq(label.id.as_str()));
    update.exec(&**tx).await.map(|_| ())
}

pub async fn delete(db: &TenantDb, tx: &WriteTx, id: LabelId) -> Result<(), DbErr> {
    db.delete::<Entity>().filter(Column::Id.eq(id.to_string())).exec(&**tx).await.map(|_| ())
}

/// Whether a call, a contact or a lead has it.
pub async fn is_carried(db: &TenantDb, conn: &impl ConnectionTrait, key: &str) -> Result<bool, DbErr> {
    let sql = "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM calls WHERE tenant_id = $1 AND label_key = $2) \
               OR EXISTS (SELECT 1 FROM leads WHERE tenant_id = $1 AND label_key = $2) \
               OR EXISTS (SELECT 1 FROM campaign_contacts WHERE tenant_id = $1 AND label_key = $2) \
               OR EXISTS (SELECT 1 FROM contacts WHERE tenant_id = $1 AND label_key = $2)";
    Ok(conn.query_one_raw(db.sql(sql, [key.into()])).await?.is_some())
}

/// The five labels of a new tenant, in the transaction that makes the tenant.
pub async fn seed(db: &TenantDb, tx: &WriteTx, clock: &Clock) -> Result<(), DbErr> {
    let now = clock.now_ms();
    for (n, seed) in (0_u64..).zip(&SEEDS) {
        // Ids in the order of the list, so that lists keep it.
        let id = fresh(clock, |ms, random| LabelId::new(ms + n, random));
        let label = Model {
            tenant_id: String::new(),
            id: id.to_string(),
            key: seed.key.to_owned(),
            name: seed.name.to_owned(),
            color: seed.color.to_owned(),
            hot: seed.hot,
            seeded: true,
            created_at: now,
        };
        insert(db, tx, &label).await?;
    }
    Ok(())
}

fn row(label: &Model) -> ActiveModel {
    let label = label.clone();
    ActiveModel {
        tenant_id: Set(label.tenant_id),
        id: Set(label.id),
        key: Set(label.key),
        name: Set(label.name),
        color: Set(label.color),
        hot: Set(label.hot),
        seeded: Set(label.seeded),
        created_at: Set(label.created_at),
    }
}
