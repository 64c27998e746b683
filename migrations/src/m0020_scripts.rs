//! Labels, scripts with their draft, and immutable script versions.

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
    "CREATE TABLE labels (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        key TEXT NOT NULL,
        name TEXT NOT NULL,
        color TEXT NOT NULL,
        hot BOOLEAN NOT NULL,
        seeded BOOLEAN NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, key)
    )",
    "CREATE TABLE scripts (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        category TEXT NOT NULL,
        remark TEXT NOT NULL,
        draft TEXT NOT NULL,
        revision BIGINT NOT NULL,
        draft_at BIGINT NOT NULL,
        version_id TEXT,
        version_number BIGINT,
        published_at BIGINT,
        archived_at BIGINT,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )",
    "CREATE TABLE script_versions (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        script_id TEXT NOT NULL,
        number BIGINT NOT NULL,
        flow TEXT NOT NULL,
        note TEXT NOT NULL,
        published_by TEXT,
        published_by_name TEXT NOT NULL,
        published_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, script_id, number)
    )",
];
