//! Groups and who is in them.

use std::collections::{BTreeSet, HashMap};

use platform::WriteTx;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, FromQueryResult, Value};
use shared_proto::ids::{ContactId, GroupId};

use crate::features::contacts::Named;
use crate::features::contacts::imports::rules::clean_text;
use crate::features::contacts::rules::like_anywhere;
use crate::tenant_db::{TenantDb, TenantEntity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "groups")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub remark: String,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}

/// A group's name as it is kept; none where it is blank or longer than fifty characters.
pub fn rules_name(text: &str) -> Option<String> {
    let name = clean_text(text);
    (1..=50).contains(&name.chars().count()).then_some(name)
}

pub async fn find(db: &TenantDb, conn: &impl ConnectionTrait, id: GroupId) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Id.eq(id.to_string())).one(conn).await
}

pub async fn find_by_name(db: &TenantDb, conn: &impl ConnectionTrait, name: &str) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Name.eq(name)).one(conn).await
}

pub async fn insert(db: &TenantDb, tx: &WriteTx, id: GroupId, name: &str, remark: &str) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(id.to_string()),
        name: Set(name.to_owned()),
        remark: Set(remark.to_owned()),
        created_at: Set(db.now_ms()),
        updated_at: Set(db.now_ms()),
        ..Default::default()
    };
    db.insert(row).exec_without_returning(&**tx).await.map(|_| ())
}

pub async fn save(db: &TenantDb, tx: &WriteTx, group: &Model) -> Result<(), DbErr> {
    let changed = ActiveModel {
        name: Set(group.name.clone()),
        remark: Set(group.remark.clone()),
        updated_at: Set(db.now_ms()),
        ..Default::default()
    };
    db.update::<Entity>().set(changed).filter(Column::Id.eq(group.id.as_str())).exec(&**tx).await.map(|_| ())
}

/// The contacts stay.
pub async fn delete(db: &TenantDb, tx: &WriteTx, id: GroupId) -> Result<bool, DbErr> {
    let values = || [Value::from(id.to_string())];
    tx.execute_raw(db.sql("DELETE FROM contact_groups WHERE tenant_id = $1 AND group_id = $2", values())).await?;
    let gone = tx.execute_raw(db.sql("DELETE FROM groups WHERE tenant_id = $1 AND id = $2", values())).await?;
    Ok(gone.rows_affected() > 0)
}

#[derive(FromQueryResult)]
pub struct Counted {
    pub id: String,
    pub name: String,
    pub remark: String,
    pub created_at: i64,
    /// How many are in it, archived ones included.
    pub contacts: i64,
}

/// Newest first, below `after`; those with `named` in their name.
pub async fn page(db: &TenantDb, named: &str, after: Option<String>, rows: u64) -> Result<Vec<Counted>, DbErr> {
    let sql = format!(
        "SELECT g.id, g.name, g.remark, g.created_at, \
         (SELECT COUNT(*) FROM contact_groups m WHERE m.tenant_id = $1 AND m.group_id = g.id) AS contacts \
         FROM groups g WHERE g.tenant_id = $1 AND g.id < $2 AND lower(g.name) LIKE lower($3) ESCAPE '\\' ORDER BY g.id DESC LIMIT {rows}"
    );
    // No id sorts above this.
    let below = after.unwrap_or_else(|| "grp~".to_owned());
    Counted::find_by_statement(db.sql(&sql, [below.into(), like_anywhere(named).into()])).all(db.read()).await
}

pub async fn counted(db: &TenantDb, id: GroupId) -> Result<Option<Counted>, DbErr> {
    let sql = "SELECT g.id, g.name, g.remark, g.created_at, \
         (SELECT COUNT(*) FROM contact_groups m WHERE m.tenant_id = $1 AND m.group_id = g.id) AS contacts \
         FROM groups g WHERE g.tenant_id = $1 AND g.id = $2";
    Counted::find_by_statement(db.sql(sql, [id.to_string().into()])).one(db.read()).await
}

/// Names by id.
pub async fn names(db: &TenantDb, ids: impl IntoIterator<Item = String>) -> Result<HashMap<String, String>, DbErr> {
    let groups = db.select::<Entity>().filter(Column::Id.is_in(ids)).all(db.read()).await?;
    Ok(groups.into_iter().map(|group| (group.id, group.name)).collect())
}

/// The groups of each contact.
pub async fn of_contacts(db: &TenantDb, contacts: &[String]) -> Result<HashMap<String, Vec<Named>>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        contact_id: String,
        id: String,
        name: String,
    }
    let mut found: HashMap<String, Vec<Named>> = HashMap::new();
    if contacts.is_empty() {
        return Ok(found);
    }
    let places: Vec<String> = (2..contacts.len() + 2).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT m.contact_id, g.id, g.name FROM contact_groups m JOIN groups g ON g.tenant_id = $1 AND g.id = m.group_id \
         WHERE m.tenant_id = $1 AND m.contact_id IN ({}) ORDER BY g.id",
        places.join(",")
    );
    let values = contacts.iter().map(|id| Value::from(id.as_str()));
    for row in Row::find_by_statement(db.sql(&sql, values)).all(db.read()).await? {
        found.entry(row.contact_id).or_default().push(Named { id: row.id, name: row.name });
    }
    Ok(found)
}

/// The groups of a contact become exactly these.
pub async fn set_of_contact(db: &TenantDb, tx: &WriteTx, contact: ContactId, groups: &[GroupId]) -> Result<(), DbErr> {
    let sql = "DELETE FROM contact_groups WHERE tenant_id = $1 AND contact_id = $2";
    tx.execute_raw(db.sql(sql, [contact.to_string().into()])).await?;
    add_contact(db, tx, contact, groups).await
}

pub async fn add_contact(db: &TenantDb, tx: &WriteTx, contact: ContactId, groups: &[GroupId]) -> Result<(), DbErr> {
    let sql = "INSERT INTO contact_groups (tenant_id, group_id, contact_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    for group in groups {
        tx.execute_raw(db.sql(sql, [group.to_string().into(), contact.to_string().into()])).await?;
    }
    Ok(())
}

/// Puts contacts into one group; how many were not in it.
pub async fn add_contacts(
    db: &TenantDb,
    tx: &WriteTx,
    group: GroupId,
    contacts: &BTreeSet<String>,
) -> Result<u64, DbErr> {
    let sql = "INSERT INTO contact_groups (tenant_id, group_id, contact_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let mut added = 0;
    for contact in contacts {
        let values = [group.to_string().into(), contact.as_str().into()];
        added += tx.execute_raw(db.sql(sql, values)).await?.rows_affected();
    }
    Ok(added)
}
