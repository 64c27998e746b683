//! Every order that ends an attempt, not only hang-ups: an edge that was away when it was given hears it when it is back,
//! whatever became of the house. `recalled` is drop, hang_up, or NULL where nothing was asked.

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
    "ALTER TABLE attempts ADD COLUMN recalled TEXT",
    "UPDATE attempts SET recalled = 'hang_up' WHERE hang_up = TRUE",
    "ALTER TABLE attempts DROP COLUMN hang_up",
];
