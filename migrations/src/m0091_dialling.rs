//! What dialling has learnt to need: line failures of a contact counted apart from its tries, the number that an
//! attempt dials, and indexes for what is asked often.

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
    "ALTER TABLE campaign_contacts ADD COLUMN failures BIGINT NOT NULL DEFAULT 0",
    // A contact that waits has `next_at`, one that is dialled has its attempt's deadline.
    "ALTER TABLE campaign_contacts DROP COLUMN deadline_at",
    // The contact's own number may change while its old one is being called.
    "ALTER TABLE attempts ADD COLUMN number_sealed {BYTES}",
    "CREATE INDEX attempts_live_of_campaign ON attempts (tenant_id, campaign_id) WHERE live = 1",
    "CREATE INDEX leads_by_campaign ON leads (tenant_id, campaign_id, status)",
    // Calls are found by time through their ids, which sort by it.
    "DROP INDEX calls_by_time",
];
