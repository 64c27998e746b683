//! The one door to rows. A `TenantDb` adds its tenant to every query and every insert; raw
//! `EntityTrait` calls are banned everywhere else by a lint. Knows no table.
#![allow(clippy::disallowed_methods, reason = "this is where the tenant is added to them")]

use platform::{Database, WriteTx};
use sea_orm::sea_query::Value;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseConnection, DbBackend, DbErr, DeleteMany, EntityTrait, Insert, InsertMany,
    QueryFilter, Select, Statement, UpdateMany,
};
use shared_proto::ids::TenantId;

/// An entity whose table starts with tenant_id.
pub trait TenantEntity: EntityTrait {
    const TENANT: Self::Column;
}

/// Rows of one tenant. A handler gets it from `Can<Permission>`, a job or a call's result from
/// `TenantDb::of` with the tenant that its row names.
#[derive(Clone, Debug)]
pub struct TenantDb {
    tenant: TenantId,
    database: Database,
}

impl TenantDb {
    pub fn of(database: &Database, tenant: TenantId) -> Self {
        Self { tenant, database: database.clone() }
    }

    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Connection for reads.
    pub fn read(&self) -> &DatabaseConnection {
        self.database.read()
    }

    /// A write transaction; commit it, or it rolls back.
    pub async fn write(&self) -> Result<WriteTx, DbErr> {
        self.database.write().await
    }

    /// The database's time in unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.database.now_ms()
    }

    pub fn select<E: TenantEntity>(&self) -> Select<E> {
        E::find().filter(E::TENANT.eq(self.tenant.to_string()))
    }

    pub fn update<E: TenantEntity>(&self) -> UpdateMany<E> {
        E::update_many().filter(E::TENANT.eq(self.tenant.to_string()))
    }

    pub fn delete<E: TenantEntity>(&self) -> DeleteMany<E> {
        E::delete_many().filter(E::TENANT.eq(self.tenant.to_string()))
    }

    /// The tenant in `row` is overwritten. Run it with `exec_without_returning(&*tx)`.
    pub fn insert<A>(&self, mut row: A) -> Insert<A>
    where
        A: ActiveModelTrait,
        A::Entity: TenantEntity,
    {
        row.set(<A::Entity as TenantEntity>::TENANT, self.tenant.to_string().into());
        A::Entity::insert(row)
    }

    pub fn insert_many<A>(&self, rows: impl IntoIterator<Item = A>) -> InsertMany<A>
    where
        A: ActiveModelTrait,
        A::Entity: TenantEntity,
    {
        let tenant = self.tenant.to_string();
        A::Entity::insert_many(rows.into_iter().map(move |mut row| {
            row.set(<A::Entity as TenantEntity>::TENANT, tenant.clone().into());
            row
        }))
    }

    /// SQL for what the builder cannot say. `$1` is the tenant and must be used; `values` follow
    /// from `$2`. Runs on both databases.
    pub fn sql(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        debug_assert!(sql.contains("$1"), "a statement that does not name its tenant: {sql}");
        let values = std::iter::once(Value::from(self.tenant.to_string())).chain(values);
        Statement::from_sql_and_values(self.backend(), sql, values)
    }

    pub fn backend(&self) -> DbBackend {
        sea_orm::ConnectionTrait::get_database_backend(self.database.read())
    }
}
