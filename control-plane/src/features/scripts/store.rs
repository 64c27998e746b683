//! The tables of scripts and their versions. A version's flow never changes; a draft changes only from the
//! revision it was read at.

use platform::WriteTx;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, ConnectionTrait, DbErr, QueryOrder, QueryResult, QuerySelect};
use shared_proto::flow::Flow;
use shared_proto::ids::{ScriptId, VersionId};

use crate::features::contacts::store::name_holds;
use crate::tenant_db::{TenantDb, TenantEntity};

pub mod scripts {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "scripts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub name: String,
        pub category: String,
        pub remark: String,
        /// The draft's flow as JSON.
        pub draft: String,
        pub revision: i64,
        pub draft_at: i64,
        /// The version that campaigns take.
        pub version_id: Option<String>,
        pub version_number: Option<i64>,
        pub published_at: Option<i64>,
        pub archived_at: Option<i64>,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TenantEntity for Entity {
        const TENANT: Column = Column::TenantId;
    }
}

pub mod versions {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "script_versions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub script_id: String,
        pub number: i64,
        pub flow: String,
        pub note: String,
        pub published_by: Option<String>,
        pub published_by_name: String,
        pub published_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TenantEntity for Entity {
        const TENANT: Column = Column::TenantId;
    }
}

/// What a list of scripts is narrowed to.
#[derive(Default)]
pub struct Search {
    pub q: Option<String>,
    pub category: Option<String>,
    /// None: both.
    pub archived: Option<bool>,
    pub published: Option<bool>,
}

/// Newest first, below `after`.
pub async fn page(
    db: &TenantDb,
    search: &Search,
    after: Option<&str>,
    rows: u64,
) -> Result<Vec<scripts::Model>, DbErr> {
    let presence = |column: scripts::Column, there: Option<bool>| match there {
        Some(true) => Condition::all().add(column.is_not_null()),
        Some(false) => Condition::all().add(column.is_null()),
        None => Condition::all(),
    };
    let mut select = db.select::<scripts::Entity>().order_by_desc(scripts::Column::Id).limit(rows);
    select = select.filter(presence(scripts::Column::ArchivedAt, search.archived));
    select = select.filter(presence(scripts::Column::VersionId, search.published));
    if let Some(q) = search.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        select = select.filter(name_holds((scripts::Entity, scripts::Column::Name), q));
    }
    if let Some(category) = &search.category {
        select = select.filter(scripts::Column::Category.eq(category.as_str()));
    }
    if let Some(after) = after {
        select = select.filter(scripts::Column::Id.lt(after));
    }
    select.all(db.read()).await
}

pub async fn script(db: &TenantDb, id: ScriptId) -> Result<Option<scripts::Model>, DbErr> {
    script_in(db, db.read(), id).await
}

/// The script as a write transaction sees it.
pub async fn script_in(
    db: &TenantDb,
    conn: &impl ConnectionTrait,
    id: ScriptId,
) -> Result<Option<scripts::Model>, DbErr> {
    db.select::<scripts::Entity>().filter(scripts::Column::Id.eq(id.to_string())).one(conn).await
}

pub async fn insert(db: &TenantDb, tx: &WriteTx, script: &scripts::Model) -> Result<(), DbErr> {
    db.insert(scripts::ActiveModel::from(script.clone()).reset_all()).exec_without_returning(&**tx).await.map(|_| ())
}

/// Writes everything that may change of a script. The caller has read it in the same transaction.
pub async fn save(db: &TenantDb, tx: &WriteTx, script: &scripts::Model) -> Result<(), DbErr> {
    let script = script.clone();
    let changed = scripts::ActiveModel {
        name: Set(script.name),
        category: Set(script.category),
        remark: Set(script.remark),
        draft: Set(script.draft),
        revision: Set(script.revision),
        draft_at: Set(script.draft_at),
        version_id: Set(script.version_id),
        version_number: Set(script.version_number),
        published_at: Set(script.published_at),
        archived_at: Set(script.archived_at),
        ..Default::default()
    };
    let update = db.update::<scripts::Entity>().set(changed).filter(scripts::Column::Id.eq(script.id));
    update.exec(&**tx).await.map(|_| ())
}

pub async fn delete(db: &TenantDb, tx: &WriteTx, id: ScriptId) -> Result<(), DbErr> {
    db.delete::<scripts::Entity>().filter(scripts::Column::Id.eq(id.to_string())).exec(&**tx).await.map(|_| ())
}

pub async fn insert_version(db: &TenantDb, tx: &WriteTx, version: &versions::Model) -> Result<(), DbErr> {
    db.insert(versions::ActiveModel::from(version.clone()).reset_all()).exec_without_returning(&**tx).await.map(|_| ())
}

/// Newest first.
pub async fn versions_of(
    db: &TenantDb,
    script: ScriptId,
    before: Option<i64>,
    rows: u64,
) -> Result<Vec<versions::Model>, DbErr> {
    let mut select = db.select::<versions::Entity>().filter(versions::Column::ScriptId.eq(script.to_string()));
    if let Some(before) = before {
        select = select.filter(versions::Column::Number.lt(before));
    }
    select.order_by_desc(versions::Column::Number).limit(rows).all(db.read()).await
}

pub async fn version(db: &TenantDb, id: VersionId) -> Result<Option<versions::Model>, DbErr> {
    db.select::<versions::Entity>().filter(versions::Column::Id.eq(id.to_string())).one(db.read()).await
}

/// The version that a new campaign of this script is pinned to.
pub async fn published_version(db: &TenantDb, script: ScriptId) -> Result<Option<VersionId>, DbErr> {
    let row = self::script(db, script).await?;
    row.and_then(|row| row.version_id).map(|id| crate::features::identity::store::parsed(&id)).transpose()
}

/// The flow of a version, for an edge and for the labels of its calls.
pub async fn flow_of(db: &TenantDb, version: VersionId) -> Result<Option<Flow>, DbErr> {
    flow_in(db, db.read(), &version.to_string()).await
}

/// The same within a transaction, of an attempt's version.
pub async fn flow_in(db: &TenantDb, conn: &impl ConnectionTrait, version: &str) -> Result<Option<Flow>, DbErr> {
    let row = db.select::<versions::Entity>().filter(versions::Column::Id.eq(version)).one(conn).await?;
    row.map(|row| parsed(&row.flow)).transpose()
}

/// The name of a script whose draft or published version names a label.
pub async fn script_naming_label(
    db: &TenantDb,
    conn: &impl ConnectionTrait,
    label: &str,
) -> Result<Option<String>, DbErr> {
    let sql = "SELECT s.name, s.draft, v.flow FROM scripts s \
               LEFT JOIN script_versions v ON v.tenant_id = s.tenant_id AND v.id = s.version_id \
               WHERE s.tenant_id = $1 ORDER BY s.name";
    named(conn.query_all_raw(db.sql(sql, [])).await?, &["draft", "flow"], label)
}

/// The name of a campaign that calls, or may go on to call, by a version that names a label.
pub async fn campaign_naming_label(
    db: &TenantDb,
    conn: &impl ConnectionTrait,
    label: &str,
) -> Result<Option<String>, DbErr> {
    let sql = "SELECT c.name, v.flow FROM campaigns c \
               JOIN script_versions v ON v.tenant_id = c.tenant_id AND v.id = c.version_id \
               WHERE c.tenant_id = $1 AND (c.state IN ('running', 'paused') OR EXISTS \
               (SELECT 1 FROM attempts a WHERE a.tenant_id = c.tenant_id AND a.campaign_id = c.id AND a.live = 1)) \
               ORDER BY c.name";
    named(conn.query_all_raw(db.sql(sql, [])).await?, &["flow"], label)
}

/// The `name` of the first row that has a flow with the label in one of `columns`.
fn named(rows: Vec<QueryResult>, columns: &[&str], label: &str) -> Result<Option<String>, DbErr> {
    for row in rows {
        for column in columns {
            let Some(text) = row.try_get::<Option<String>>("", column)? else { continue };
            if parsed(&text)?.labels.iter().any(|rule| rule.label == label) {
                return row.try_get("", "name").map(Some);
            }
        }
    }
    Ok(None)
}

/// A flow read from a column; it was checked on its way in.
pub fn parsed(text: &str) -> Result<Flow, DbErr> {
    Flow::parse(text).map_err(|error| DbErr::Custom(format!("a column holds no flow: {error}")))
}
