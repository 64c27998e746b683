//! Which import made its group: if nobody comes in, the group goes again, whichever import into it is the last to end.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::dialect::run(manager, UP).await
    }
}

const UP: &[&str] = &["ALTER TABLE imports ADD COLUMN group_is_new BOOLEAN NOT NULL DEFAULT FALSE"];
