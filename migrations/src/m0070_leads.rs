//! Leads, their follow-ups, and who of the agents is present.

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
    "CREATE TABLE leads (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        contact_id TEXT NOT NULL,
        call_id TEXT NOT NULL,
        campaign_id TEXT NOT NULL,
        label_key TEXT NOT NULL,
        label_rule TEXT NOT NULL,
        label_quote TEXT,
        status TEXT NOT NULL,
        owner_id TEXT,
        offers BIGINT NOT NULL,
        offered_until BIGINT,
        accepted_at BIGINT,
        next_at BIGINT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )",
    // A call becomes one lead, however often its result arrives.
    "CREATE UNIQUE INDEX leads_by_call ON leads (tenant_id, call_id)",
    "CREATE INDEX leads_by_owner ON leads (tenant_id, owner_id, status, id)",
    "CREATE INDEX leads_by_status ON leads (tenant_id, status, id)",
    "CREATE INDEX leads_by_contact ON leads (tenant_id, contact_id)",
    "CREATE INDEX leads_to_offer ON leads (status, tenant_id) WHERE status IN ('waiting', 'offered')",
    "CREATE TABLE follow_ups (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        lead_id TEXT NOT NULL,
        contact_id TEXT NOT NULL,
        user_id TEXT NOT NULL,
        result TEXT NOT NULL,
        note TEXT NOT NULL,
        status TEXT NOT NULL,
        next_at BIGINT,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )",
    "CREATE INDEX follow_ups_by_lead ON follow_ups (tenant_id, lead_id, id)",
    "CREATE INDEX follow_ups_by_contact ON follow_ups (tenant_id, contact_id, id)",
    "CREATE TABLE presence (
        tenant_id TEXT NOT NULL,
        user_id TEXT NOT NULL,
        state TEXT NOT NULL,
        since_at BIGINT NOT NULL,
        heartbeat_at BIGINT NOT NULL,
        last_offer_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, user_id)
    )",
];
