//! What SQLite and Postgres spell differently. Migrations write one SQL with these placeholders:
//! `{BYTES}` a column of bytes, `{FLOAT}` a 64-bit float, `{SERIAL}` a counting primary key.

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
    let words = if postgres {
        [("{BYTES}", "BYTEA"), ("{FLOAT}", "DOUBLE PRECISION"), ("{SERIAL}", "BIGSERIAL PRIMARY KEY")]
    } else {
        [("{BYTES}", "BLOB"), ("{FLOAT}", "REAL"), ("{SERIAL}", "INTEGER PRIMARY KEY AUTOINCREMENT")]
    };
    words.iter().fold(statement.to_owned(), |sql, (placeholder, word)| sql.replace(placeholder, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_the_dialects_words() {
        assert_eq!(spell("a {BYTES}, b {FLOAT}", true), "a BYTEA, b DOUBLE PRECISION");
        assert_eq!(spell("a {BYTES}, b {FLOAT}", false), "a BLOB, b REAL");
    }
}
