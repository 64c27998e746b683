//! Calls: what is kept of each attempt that sent an INVITE; and the inbox of results already applied.

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
    "CREATE TABLE inbox (
        tenant_id TEXT NOT NULL,
        event_id TEXT NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, event_id)
    )",
    "CREATE TABLE calls (
        tenant_id TEXT NOT NULL,
        id TEXT NOT NULL,
        campaign_id TEXT NOT NULL,
        contact_id TEXT NOT NULL,
        number_blind {BYTES} NOT NULL,
        number_masked TEXT NOT NULL,
        number_tail TEXT NOT NULL,
        trunk_id TEXT NOT NULL,
        edge_id TEXT NOT NULL,
        version_id TEXT NOT NULL,
        disposition TEXT NOT NULL,
        cause TEXT NOT NULL,
        side TEXT NOT NULL,
        sip_code BIGINT,
        q850 BIGINT,
        label_key TEXT,
        label_rule TEXT,
        label_quote TEXT,
        dialed_at BIGINT NOT NULL,
        ringing_at BIGINT,
        answered_at BIGINT,
        ended_at BIGINT NOT NULL,
        ring_ms BIGINT,
        talk_ms BIGINT,
        turns TEXT NOT NULL,
        slots TEXT NOT NULL,
        gates TEXT NOT NULL,
        recording_state TEXT NOT NULL,
        recording_key TEXT,
        recording_sha256 TEXT,
        recording_bytes BIGINT,
        recording_ms BIGINT,
        recording_at BIGINT,
        PRIMARY KEY (tenant_id, id)
    )",
    "CREATE INDEX calls_by_campaign ON calls (tenant_id, campaign_id, id)",
    "CREATE INDEX calls_by_contact ON calls (tenant_id, contact_id, id)",
    "CREATE INDEX calls_by_number ON calls (tenant_id, number_blind, id)",
    "CREATE INDEX calls_by_tail ON calls (tenant_id, number_tail, id)",
    "CREATE INDEX calls_by_label ON calls (tenant_id, label_key, id)",
    "CREATE INDEX calls_by_time ON calls (tenant_id, dialed_at)",
    "CREATE INDEX calls_pending_recording ON calls (ended_at) WHERE recording_state = 'pending'",
];
