//! What a call's contact was called at its end: who may not know people is shown no name, whatever became of the contact since.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::dialect::run(manager, UP).await
    }
}

const UP: &[&str] = &["ALTER TABLE calls ADD COLUMN spoken_name TEXT"];
