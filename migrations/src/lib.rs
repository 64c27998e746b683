//! The schema, one file per feature, in order. It runs on SQLite and Postgres; what differs between
//! the two is in `dialect.rs`. Every tenant table starts with tenant_id, in its columns and its keys;
//! times are unix milliseconds in BIGINT columns named `*_at`.

use sea_orm_migration::prelude::*;

mod dialect;
mod m0001_identity;
mod m0002_audit;
mod m0003_jobs;
mod m0010_contacts;
mod m0020_scripts;
mod m0040_trunks;
mod m0041_campaigns;
mod m0042_calls;
mod m0070_leads;
mod m0080_alerts;
mod m0090_contact_campaigns;
mod m0091_dialling;
mod m0092_rehearsed_numbers;
mod m0093_groups_of_imports;
mod m0094_said;
mod m0095_spoken_names;
mod m0096_hang_ups;
mod m0097_recalls;

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_identity::Migration),
            Box::new(m0002_audit::Migration),
            Box::new(m0003_jobs::Migration),
            Box::new(m0010_contacts::Migration),
            Box::new(m0020_scripts::Migration),
            Box::new(m0040_trunks::Migration),
            Box::new(m0041_campaigns::Migration),
            Box::new(m0042_calls::Migration),
            Box::new(m0070_leads::Migration),
            Box::new(m0080_alerts::Migration),
            Box::new(m0090_contact_campaigns::Migration),
            Box::new(m0091_dialling::Migration),
            Box::new(m0092_rehearsed_numbers::Migration),
            Box::new(m0093_groups_of_imports::Migration),
            Box::new(m0094_said::Migration),
            Box::new(m0095_spoken_names::Migration),
            Box::new(m0096_hang_ups::Migration),
            Box::new(m0097_recalls::Migration),
        ]
    }
}

/// Tables that belong to the platform and not to a tenant, in order.
pub const PLATFORM_TABLES: [&str; 3] = ["edge_tokens", "edges", "tenants"];

/// Brings the schema up to date; doing it again changes nothing.
pub async fn run(connection: &sea_orm_migration::sea_orm::DatabaseConnection) -> Result<(), DbErr> {
    Migrator::up(connection, None).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm_migration::sea_orm::{ConnectionTrait, Database, Statement};

    /// Tables that the databases and the migrator keep for themselves.
    const OF_THE_TOOLS: [&str; 2] = ["seaql_migrations", "sqlite_sequence"];

    #[tokio::test]
    async fn every_tenant_table_starts_with_tenant_id() {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        run(&db).await.unwrap();
        run(&db).await.unwrap();
        let sql = "SELECT m.name AS t, p.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) p \
                   WHERE m.type = 'table' AND p.cid = 0 ORDER BY m.name";
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        let wrong: Vec<String> = rows
            .iter()
            .map(|row| (row.try_get::<String>("", "t").unwrap(), row.try_get::<String>("", "c").unwrap()))
            .filter(|(_, first)| first != "tenant_id")
            .map(|(table, _)| table)
            .filter(|table| !OF_THE_TOOLS.contains(&table.as_str()))
            .collect();
        assert_eq!(wrong, PLATFORM_TABLES);
    }
}
