//! What is said in calls that are up: of a call whose result never comes, it is all there is.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::dialect::run(manager, UP).await
    }
}

const UP: &[&str] = &["CREATE TABLE said (
        tenant_id TEXT NOT NULL,
        attempt_id TEXT NOT NULL,
        place BIGINT NOT NULL,
        turn TEXT NOT NULL,
        PRIMARY KEY (tenant_id, attempt_id, place)
    )"];
