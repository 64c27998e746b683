//! From a contact to the campaigns that hold it: the index answers alone, so that no reader prefers the whole tenant.

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
    "DROP INDEX campaign_contacts_by_contact",
    "CREATE INDEX campaign_contacts_of_contact ON campaign_contacts (tenant_id, contact_id, state, campaign_id)",
];
