//! Alerts: something is wrong and people should know until it is over.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::dialect::run(manager, UP).await
    }
}

const UP: &[&str] = &[
    // scope is the campaign's or trunk's id, or ''.
    "CREATE TABLE alerts (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        code TEXT NOT NULL,
        level TEXT NOT NULL,
        params TEXT NOT NULL,
        scope TEXT NOT NULL,
        campaign_id TEXT,
        trunk_id TEXT,
        raised_at BIGINT NOT NULL,
        acknowledged_at BIGINT,
        acknowledged_by TEXT,
        closed_at BIGINT,
        PRIMARY KEY (tenant_id, id)
    )",
    // The same trouble is told once.
    "CREATE UNIQUE INDEX alerts_open ON alerts (tenant_id, code, scope) WHERE closed_at IS NULL",
];
