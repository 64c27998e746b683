//! Trunks (with their password sealed) and the edges of the platform with their enrolment tokens.

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
    "CREATE TABLE trunks (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        address TEXT NOT NULL,
        username TEXT,
        password_sealed {BYTES},
        caller_ids TEXT NOT NULL,
        max_calls BIGINT NOT NULL,
        calls_per_second BIGINT NOT NULL,
        state TEXT NOT NULL,
        failing BIGINT NOT NULL,
        fault_reason TEXT,
        fault_by TEXT,
        fault_at BIGINT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        PRIMARY KEY (tenant_id, id)
    )",
    "CREATE UNIQUE INDEX trunks_by_name ON trunks (tenant_id, name) WHERE deleted_at IS NULL",
    // Edges name trunks and no tenants.
    "CREATE INDEX trunks_by_id ON trunks (id)",
    // An edge serves every tenant.
    "CREATE TABLE edges (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        software TEXT NOT NULL,
        draining BOOLEAN NOT NULL,
        enrolled_at BIGINT,
        last_seen_at BIGINT,
        revoked_at BIGINT,
        created_at BIGINT NOT NULL
    )",
    // The table holds a digest of the secret: reading it enrols nobody.
    "CREATE TABLE edge_tokens (
        secret_digest {BYTES} PRIMARY KEY,
        edge_id TEXT NOT NULL REFERENCES edges (id),
        expires_at BIGINT NOT NULL,
        used_at BIGINT,
        created_at BIGINT NOT NULL
    )",
];
