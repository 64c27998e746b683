//! The schema and the statements before a real Postgres: what is written for SQLite is understood there too.

mod server;
mod sources;
mod walk;

use migrations::PLATFORM_TABLES;
use sea_orm::sqlx::postgres::{PgConnection, PgTypeInfo};
use sea_orm::sqlx::{AssertSqlSafe, Column, Executor, Postgres, SqlSafeStr, Statement as _, Type, TypeInfo};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, Value};

use server::Server;

async fn lines(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "line").unwrap()).collect()
}

const SCHEMA: &str = "
    SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS line
        FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT format('%s %s', version, applied_at) FROM seaql_migrations
    ORDER BY 1";

const NOT_OF_A_TENANT: &str = "
    SELECT table_name::text AS line FROM information_schema.columns
    WHERE table_schema = 'public' AND ordinal_position = 1 AND column_name <> 'tenant_id'
        AND table_name <> 'seaql_migrations' ORDER BY 1";

const KEYS_NOT_OF_A_TENANT: &str = "
    SELECT conrelid::regclass::text AS line FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE connamespace = 'public'::regnamespace AND contype = 'p' AND attname <> 'tenant_id'
        AND conrelid <> 'seaql_migrations'::regclass ORDER BY 1";

#[tokio::test]
async fn every_migration_runs_on_postgres_and_a_second_time_changes_nothing() {
    let server = Server::start();
    let db = server.connect().await;
    migrations::run(&db).await.unwrap();
    let schema = lines(&db, SCHEMA).await;
    migrations::run(&db).await.unwrap();
    assert_eq!(lines(&db, SCHEMA).await, schema);
    assert_eq!(lines(&db, NOT_OF_A_TENANT).await, PLATFORM_TABLES, "every tenant table starts with tenant_id");
    assert_eq!(lines(&db, KEYS_NOT_OF_A_TENANT).await, PLATFORM_TABLES, "and so does its key");
    db.close().await.unwrap();
}

#[tokio::test]
async fn postgres_understands_every_statement_of_the_control_plane() {
    let heard = walk::statements().await;
    let server = Server::start();
    let db = server.connect().await;
    migrations::run(&db).await.unwrap();
    let mut connection = db.get_postgres_connection_pool().acquire().await.unwrap();
    let mut wrong = Vec::new();
    for (sql, values) in &heard {
        // The migrator asks each database in its own words.
        if !sql.contains("seaql_migrations") && !sql.contains("sqlite_master") {
            wrong.extend(refused(&mut connection, &numbered(sql), values).await);
        }
    }
    for source in sources::statements().iter().filter(|source| !heard.keys().any(|sql| source.is_in(sql))) {
        // The walk does not come by here: the text is tried as it stands, with nothing put in.
        if let Some(why) = refused(&mut connection, &source.pieces.concat(), &[]).await {
            wrong.push(format!("{}, unheard: {why}", source.place));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    drop(connection);
    db.close().await.unwrap();
}

/// Why Postgres does not take the statement with values of these types, or why its answer could not be read. Where
/// the values are not known, it finds their types itself.
async fn refused(connection: &mut PgConnection, sql: &str, values: &[Value]) -> Option<String> {
    let types: Vec<PgTypeInfo> = values.iter().map(type_of).collect();
    let prepared = match connection.prepare_with(AssertSqlSafe(sql).into_sql_str(), &types).await {
        Ok(prepared) => prepared,
        Err(error) => return Some(format!("{error}: {sql}")),
    };
    // Rows read i64, and never the number of `SELECT 1 AS one`.
    let unread = prepared.columns().iter().find(|column| {
        !["INT8", "TEXT", "BOOL", "BYTEA"].contains(&column.type_info().name()) && column.name() != "one"
    })?;
    Some(format!("{} is {} there: {sql}", unread.name(), unread.type_info().name()))
}

/// As the driver sends it.
fn type_of(value: &Value) -> PgTypeInfo {
    match value {
        Value::Bool(_) => <bool as Type<Postgres>>::type_info(),
        Value::SmallInt(_) => <i16 as Type<Postgres>>::type_info(),
        Value::Int(_) => <i32 as Type<Postgres>>::type_info(),
        Value::BigInt(_) | Value::BigUnsigned(_) => <i64 as Type<Postgres>>::type_info(),
        Value::String(_) => <String as Type<Postgres>>::type_info(),
        Value::Bytes(_) => <Vec<u8> as Type<Postgres>>::type_info(),
        other => panic!("no column holds {other:?}"),
    }
}

/// What the builder wrote for SQLite, with the places numbered.
fn numbered(sql: &str) -> String {
    let mut parts = sql.split('?');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.enumerate().fold(first, |sql, (n, part)| format!("{sql}${}{part}", n + 1))
}
