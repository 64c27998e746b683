//! Tenants with their wrapped data key, users, sessions.

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
    "CREATE TABLE tenants (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        key_wrapped {BYTES} NOT NULL,
        created_at BIGINT NOT NULL
    )",
    // One e-mail address signs in to one tenant, so that a login needs no tenant name.
    "CREATE TABLE users (
        tenant_id TEXT NOT NULL REFERENCES tenants (id),
        id TEXT NOT NULL,
        email TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        enabled BOOLEAN NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        last_login_at BIGINT,
        PRIMARY KEY (tenant_id, id)
    )",
    // The table holds a digest of the token: reading it signs nobody in.
    "CREATE TABLE sessions (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        user_id TEXT NOT NULL,
        token_digest {BYTES} NOT NULL UNIQUE,
        address TEXT NOT NULL,
        user_agent TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )",
    "CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id)",
    "CREATE INDEX sessions_by_end ON sessions (expires_at)",
];
