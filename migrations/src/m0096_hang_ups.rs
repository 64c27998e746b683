//! That a call is to be hung up: an edge that was away when it was said hears it when it is back, whatever became of the house.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::dialect::run(manager, UP).await
    }
}

const UP: &[&str] = &["ALTER TABLE attempts ADD COLUMN hang_up BOOLEAN NOT NULL DEFAULT FALSE"];
