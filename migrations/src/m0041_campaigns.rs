//! Campaigns, their contacts, the attempts made for them, and the log of who did what.

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
    "CREATE TABLE campaigns (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        remark TEXT NOT NULL,
        group_id TEXT,
        script_id TEXT,
        trunk_id TEXT,
        version_id TEXT,
        windows TEXT NOT NULL,
        max_calls BIGINT NOT NULL,
        retry_attempts BIGINT NOT NULL,
        retry_interval_s BIGINT NOT NULL,
        state TEXT NOT NULL,
        epoch BIGINT NOT NULL,
        snapshot TEXT NOT NULL,
        snapshot_after TEXT NOT NULL,
        snapshot_total BIGINT NOT NULL,
        sweeping BOOLEAN NOT NULL,
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        started_at BIGINT,
        ended_at BIGINT,
        deleted_at BIGINT,
        PRIMARY KEY (tenant_id, id)
    )",
    "CREATE INDEX campaigns_by_state ON campaigns (state)",
    "CREATE TABLE campaign_contacts (
        tenant_id TEXT NOT NULL,
        campaign_id TEXT NOT NULL,
        contact_id TEXT NOT NULL,
        state TEXT NOT NULL,
        gate TEXT,
        attempts BIGINT NOT NULL,
        tries BIGINT NOT NULL,
        next_at BIGINT NOT NULL,
        deadline_at BIGINT NOT NULL,
        attempt_id TEXT,
        disposition TEXT,
        cause TEXT,
        label_key TEXT,
        PRIMARY KEY (tenant_id, campaign_id, contact_id)
    )",
    // Answers both who is due and how many are where, without touching the rows.
    "CREATE INDEX campaign_contacts_by_state ON campaign_contacts
        (tenant_id, campaign_id, state, next_at, contact_id, disposition, label_key, attempts)",
    "CREATE INDEX campaign_contacts_by_contact ON campaign_contacts (tenant_id, contact_id)",
    "CREATE TABLE campaign_log (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        campaign_id TEXT NOT NULL,
        at BIGINT NOT NULL,
        event TEXT NOT NULL,
        user_id TEXT,
        user_name TEXT,
        params TEXT NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )",
    "CREATE INDEX campaign_log_by_campaign ON campaign_log (tenant_id, campaign_id, id)",
    "CREATE TABLE attempts (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        campaign_id TEXT NOT NULL,
        contact_id TEXT NOT NULL,
        number_blind {BYTES} NOT NULL,
        trunk_id TEXT NOT NULL,
        edge_id TEXT NOT NULL,
        version_id TEXT NOT NULL,
        fence BIGINT NOT NULL,
        state TEXT NOT NULL,
        live SMALLINT NOT NULL,
        gates TEXT NOT NULL,
        deadline_at BIGINT NOT NULL,
        longest_at BIGINT NOT NULL,
        leased_at BIGINT NOT NULL,
        dialed_at BIGINT,
        ringing_at BIGINT,
        answered_at BIGINT,
        ended_at BIGINT,
        PRIMARY KEY (tenant_id, id)
    )",
    // One number has one live attempt at a time in a tenant, whatever the code does.
    "CREATE UNIQUE INDEX attempts_one_live ON attempts (tenant_id, number_blind) WHERE live = 1",
    "CREATE INDEX attempts_live ON attempts (deadline_at, tenant_id, campaign_id, trunk_id, edge_id) WHERE live = 1",
    // A result names its attempt and not its tenant.
    "CREATE INDEX attempts_by_id ON attempts (id)",
    "CREATE INDEX attempts_by_contact ON attempts (tenant_id, campaign_id, contact_id)",
];
