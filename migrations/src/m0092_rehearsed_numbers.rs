//! What a rehearsal says of a number says nothing about the number's owner: such marks are kept apart. On the
//! blacklist it is the entry's `source`.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::dialect::run(manager, UP).await
    }
}

const UP: &[&str] = &["ALTER TABLE dead_numbers ADD COLUMN rehearsal BOOLEAN NOT NULL DEFAULT FALSE"];
