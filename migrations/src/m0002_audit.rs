//! The operation log, the login log and the log of reads that show personal data.

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
    "CREATE TABLE audit (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        at BIGINT NOT NULL,
        kind TEXT NOT NULL,
        user_id TEXT,
        user_name TEXT NOT NULL,
        role TEXT NOT NULL,
        action TEXT NOT NULL,
        object_type TEXT,
        object_id TEXT,
        before TEXT,
        after TEXT,
        address TEXT NOT NULL,
        request_id TEXT NOT NULL,
        result TEXT NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )",
    "CREATE INDEX audit_by_kind ON audit (tenant_id, kind, id)",
    "CREATE INDEX audit_by_user ON audit (tenant_id, user_id, id)",
    "CREATE INDEX audit_by_object ON audit (tenant_id, object_id, id)",
];
