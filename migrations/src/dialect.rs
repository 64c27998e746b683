//! What SQLite and Postgres spell differently. Migrations write one SQL with this placeholder:
//! `{BYTES}` a column of bytes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Runs the statements in order, in the dialect of the database at hand.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let postgres = manager.get_database_backend() == DbBackend::Postgres;
    for statement in statements {
        manager.get_connection().execute_unprepared(&spell(statement, postgres)).await?;
    }
    Ok(())
}

fn spell(statement: &str, postgres: bool) -> String {
    statement.replace("{BYTES}", if postgres { "BYTEA" } else { "BLOB" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_placeholder_becomes_the_dialects_word() {
        assert_eq!(spell("a {BYTES}, b TEXT", true), "a BYTEA, b TEXT");
        assert_eq!(spell("a {BYTES}, b TEXT", false), "a BLOB, b TEXT");
    }
}
