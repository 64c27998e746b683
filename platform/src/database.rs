//! The database part. SQLite has one write connection with `BEGIN IMMEDIATE` and a pool of readers,
//! so that readers never wait for a writer and two writers never meet `database is locked`.
//! Knows no table.

use std::ops::Deref;
use std::path::Path;
use std::time::{Duration, Instant};

use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use tokio::sync::watch;

use crate::clock::Clock;

/// Longer write transactions make every other writer wait; long work yields between batches.
const WRITE_ADVICE: Duration = Duration::from_millis(50);
const READERS: u32 = 8;

#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("setting `database_url` is \"{0}\"; this build knows \"sqlite:PATH\"")]
    UnknownUrl(String),
    #[error("the database folder {path} cannot be made: {source}")]
    Folder { path: String, source: std::io::Error },
    #[error("the database cannot be opened: {0}")]
    Open(#[from] DbErr),
}

#[derive(Clone, Debug)]
pub struct Database {
    driver: Driver,
    clock: Clock,
    commits: watch::Sender<u64>,
}

#[derive(Clone, Debug)]
enum Driver {
    Sqlite { writer: DatabaseConnection, readers: DatabaseConnection },
}

impl Database {
    /// Opens the database and makes its file where there is none. The schema is the migrations' work.
    pub async fn connect(url: &str, clock: Clock) -> Result<Self, DatabaseError> {
        let Some(path) = url.strip_prefix("sqlite:") else {
            return Err(DatabaseError::UnknownUrl(url.to_owned()));
        };
        if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|source| DatabaseError::Folder { path: folder.display().to_string(), source })?;
        }
        let writer = sea_orm::Database::connect(sqlite_options(path, 1, false)).await?;
        let readers = sea_orm::Database::connect(sqlite_options(path, READERS, true)).await?;
        Ok(Self { driver: Driver::Sqlite { writer, readers }, clock, commits: watch::Sender::new(0) })
    }

    /// The readers. A read may lag behind a write that has not committed; it never blocks it.
    pub fn read(&self) -> &DatabaseConnection {
        match &self.driver {
            Driver::Sqlite { readers, .. } => readers,
        }
    }

    /// The write side outside a transaction, for migrations and maintenance only.
    pub fn writer(&self) -> &DatabaseConnection {
        match &self.driver {
            Driver::Sqlite { writer, .. } => writer,
        }
    }

    /// Opens a write transaction. Dropped without `commit`, it rolls back.
    pub async fn write(&self) -> Result<WriteTx, DbErr> {
        let tx = match &self.driver {
            Driver::Sqlite { writer, .. } => {
                let immediate = TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                    ..Default::default()
                };
                writer.begin_with_options(immediate).await?
            }
        };
        Ok(WriteTx { tx, since: Instant::now(), commits: self.commits.clone() })
    }

    /// Counts this process's commits: who waits for a row looks again when one has happened.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// The time by which leases live and die.
    pub fn now_ms(&self) -> i64 {
        match &self.driver {
            Driver::Sqlite { .. } => self.clock.now_ms(),
        }
    }

    /// Whether this process is the only one that works on these rows, so that what an earlier life
    /// of it had leased is free.
    pub fn serves_one_process(&self) -> bool {
        match &self.driver {
            Driver::Sqlite { .. } => true,
        }
    }

    /// Lets `ear` hear every statement that is asked from now on, with its values: for tests.
    pub fn overhear(&mut self, ear: impl Fn(&Statement) + Clone + Send + Sync + 'static) {
        match &mut self.driver {
            Driver::Sqlite { writer, readers } => {
                for connection in [writer, readers] {
                    let ear = ear.clone();
                    connection.set_metric_callback(move |asked| ear(asked.statement));
                }
            }
        }
    }

    /// Answers once the database answers: for `/readyz`.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.read().execute_unprepared("SELECT 1").await.map(|_| ())
    }

    /// Folds the write-ahead log into the file, at an orderly end.
    pub async fn close(self) -> Result<(), DbErr> {
        match self.driver {
            Driver::Sqlite { writer, readers } => {
                readers.close().await?;
                writer.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
                writer.close().await
            }
        }
    }
}

/// A write transaction. Use it like a connection, then `commit`.
pub struct WriteTx {
    tx: DatabaseTransaction,
    since: Instant,
    commits: watch::Sender<u64>,
}

impl WriteTx {
    pub async fn commit(self) -> Result<(), DbErr> {
        self.tx.commit().await?;
        self.commits.send_modify(|count| *count += 1);
        let held = self.since.elapsed();
        if held > WRITE_ADVICE {
            tracing::debug!(
                held_ms = held.as_millis() as u64,
                "a write transaction held the writer longer than advised"
            );
        }
        Ok(())
    }

    pub async fn rollback(self) -> Result<(), DbErr> {
        self.tx.rollback().await
    }
}

impl Deref for WriteTx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.tx
    }
}

fn sqlite_options(path: &str, connections: u32, readers: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite:{path}?mode=rwc"));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .pragma("journal_mode", "WAL")
                // A commit survives the loss of power, not only of the process: results are acknowledged after it.
                .pragma("synchronous", "FULL")
                .pragma("busy_timeout", "10000")
                .pragma("foreign_keys", "ON")
                .pragma("temp_store", "MEMORY")
                .pragma("mmap_size", "268435456")
                .pragma("cache_size", "-32768")
                .statement_cache_capacity(512);
            if readers { sqlite.pragma("query_only", "ON") } else { sqlite }
        });
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn count(db: &impl ConnectionTrait) -> i64 {
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), "SELECT count(*) AS n FROM t"));
        row.await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    /// Every variant runs this suite.
    async fn contract(db: Database) {
        db.writer().execute_unprepared("CREATE TABLE t (n BIGINT)").await.unwrap();

        let tx = db.write().await.unwrap();
        tx.execute_unprepared("INSERT INTO t VALUES (1)").await.unwrap();
        assert_eq!(count(db.read()).await, 0, "a reader does not wait and does not see what is not committed");
        tx.commit().await.unwrap();
        assert_eq!(count(db.read()).await, 1);

        let tx = db.write().await.unwrap();
        tx.execute_unprepared("INSERT INTO t VALUES (2)").await.unwrap();
        drop(tx);
        let tx = db.write().await.unwrap();
        assert_eq!(count(&*tx).await, 1, "a dropped transaction leaves nothing");
        drop(tx);
        assert!(db.read().execute_unprepared("INSERT INTO t VALUES (3)").await.is_err(), "readers cannot write");
    }

    #[tokio::test]
    async fn sqlite_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("sub/a.db").display());
        contract(Database::connect(&url, Clock::System).await.unwrap()).await;
    }
}
