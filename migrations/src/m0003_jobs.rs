//! Background jobs: rows to be worked. A job enqueued in the transaction of its cause is the outbox.

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
    // tenant_id is '' for the platform's own jobs.
    "CREATE TABLE jobs (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        unique_key TEXT,
        state TEXT NOT NULL,
        run_at BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        max_attempts BIGINT NOT NULL,
        lease_until BIGINT,
        last_error TEXT,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )",
    "CREATE INDEX jobs_due ON jobs (state, run_at)",
    "CREATE UNIQUE INDEX jobs_once ON jobs (tenant_id, kind, unique_key) WHERE unique_key IS NOT NULL AND state <> 'failed'",
];
