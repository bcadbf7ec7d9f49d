//! The connection pools and transactions of a process.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions, TransactionTrait as _,
};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::config::{Config, folder};
use crate::store::slow::{Slow, told_by_us};
use crate::store::{StoreError, migrate};

/// Milliseconds that a writer waits for another process to leave the SQLite file.
const BUSY_MS: u64 = 5000;
/// Of a SQLite file's log, kept for use again once nobody reads in it.
const WAL_BYTES: u64 = 64 << 20;
/// Readers of a SQLite file; more than a few only compete for the same pages.
const SQLITE_READERS: u32 = 8;
/// In an address of SQLite: that no file is to be made.
const NO_FILE: [&str; 3] = [":memory:", "mode=memory", "mode=ro"];
/// By which PostgreSQL knows our connections.
pub(in crate::store) const APPLICATION: &str = "resume-optimizer";
/// What a connection that nobody uses may take for a sign of life: a new one takes less.
const IDLE_ANSWER: Duration = Duration::from_secs(1);
/// What one that comes back may take: it may have to finish what was left half-way.
const CALL_ANSWER: Duration = Duration::from_secs(5);
/// Seconds that a forgotten transaction may hold its locks.
const IDLE_IN_TRANSACTION_SECONDS: u64 = 60;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// PostgreSQL, which many processes share.
    Postgres,
    /// A file of this machine.
    Sqlite,
}

/// The database of this process; clones share its connections.
#[derive(Debug, Clone)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    backend: Backend,
    slow: Slow,
}

/// An open transaction; dropped without [`Tx::commit`], it never happened.
#[derive(Debug)]
pub struct Tx {
    inner: DatabaseTransaction,
    backend: Backend,
    slow: Slow,
}

/// Something that statements run on: a [`Db`], or a [`Tx`] that they become part of.
pub trait Access: Sync {
    /// Where reads go.
    fn reads(&self) -> DatabaseExecutor<'_>;
    /// Where writes go.
    fn writes(&self) -> DatabaseExecutor<'_>;
}

impl Access for Db {
    fn reads(&self) -> DatabaseExecutor<'_> {
        (&self.reader).into()
    }

    fn writes(&self) -> DatabaseExecutor<'_> {
        (&self.writer).into()
    }
}

impl Access for Tx {
    fn reads(&self) -> DatabaseExecutor<'_> {
        (&self.inner).into()
    }

    fn writes(&self) -> DatabaseExecutor<'_> {
        (&self.inner).into()
    }
}

impl Db {
    /// Opens the database of the configuration; a SQLite file and its folder are made where they are missing.
    ///
    /// # Errors
    /// When the address is no address, the folder can't be made, or no connection comes up in
    /// `database.acquire_seconds`.
    pub async fn connect(config: &Config) -> Result<Self, StoreError> {
        if config.is_postgres() {
            Self::connect_postgres(config).await
        } else {
            Self::connect_sqlite(config).await
        }
    }

    /// The file that [`Db::connect`] would make because it is not there; `None` on PostgreSQL and where it is there.
    ///
    /// # Errors
    /// When the address is no address.
    pub fn missing_file(config: &Config) -> Result<Option<PathBuf>, StoreError> {
        if config.is_postgres() {
            return Ok(None);
        }
        let file = sqlite_options(config)?.get_filename().to_owned();
        match file.try_exists() {
            Ok(there) => Ok((!there).then_some(file)),
            Err(source) => Err(StoreError::File { file: file.display().to_string(), source }),
        }
    }

    async fn connect_postgres(config: &Config) -> Result<Self, StoreError> {
        let limits = &config.database;
        let options = PgConnectOptions::from_str(&config.database_url())
            .map_err(|error| StoreError::Address(error.to_string()))?
            .application_name(APPLICATION)
            .options([
                ("statement_timeout", Duration::from_secs(limits.statement_seconds).as_millis().to_string()),
                (
                    "idle_in_transaction_session_timeout",
                    Duration::from_secs(IDLE_IN_TRANSACTION_SECONDS).as_millis().to_string(),
                ),
            ]);
        let pool = pool_options(limits.max_connections, Duration::from_secs(limits.acquire_seconds))
            .connect_with(told_by_us(options))
            .await?;
        let slow = Slow(config.log.slow_query());
        let connection = slow.watch(SqlxPostgresConnector::from_sqlx_postgres_pool(pool));
        Ok(Self { writer: connection.clone(), reader: connection, backend: Backend::Postgres, slow })
    }

    async fn connect_sqlite(config: &Config) -> Result<Self, StoreError> {
        let limits = &config.database;
        let options = told_by_us(sqlite_options(config)?);
        make_file(config, options.get_filename())?;
        let acquire = Duration::from_secs(limits.acquire_seconds);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(acquire)
            // The one writer is kept: opening it again would cost a check of the log file each time.
            .idle_timeout(None)
            .max_lifetime(None)
            // A full disk makes SQLite roll back by itself, and the rollback that follows fails: a connection that then
            // counts itself inside a transaction would keep all later ones from ever being committed. The ping waits
            // for that rollback.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(options.clone())
            .await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(limits.max_connections.clamp(1, SQLITE_READERS))
            .acquire_timeout(acquire)
            .connect_with(options.pragma("query_only", "ON"))
            .await?;
        let slow = Slow(config.log.slow_query());
        Ok(Self {
            writer: slow.watch(SqlxSqliteConnector::from_sqlx_sqlite_pool(writer)),
            reader: slow.watch(SqlxSqliteConnector::from_sqlx_sqlite_pool(reader)),
            backend: Backend::Sqlite,
            slow,
        })
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Begins a transaction that will write.
    ///
    /// # Errors
    /// When no connection is free, or another process keeps the SQLite file for longer than the busy timeout.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        // A deferred SQLite transaction that reads before it writes fails with "busy" however long it would wait.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = self.writer.begin_with_options(options).await?;
        Ok(Tx { inner, backend: self.backend, slow: self.slow })
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.reader.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// How many migrations are still to be applied.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn migrations_pending(&self) -> Result<usize, StoreError> {
        Ok(migrate::pending(&migrate::status(self).await?))
    }

    /// Connections that are open and those of them that are idle, for the metrics.
    #[must_use]
    pub fn connections(&self) -> (u32, u32) {
        match self.backend {
            Backend::Postgres => {
                let pool = self.postgres_pool();
                (pool.size(), idle(pool.num_idle()))
            }
            Backend::Sqlite => {
                let (writer, reader) = (self.sqlite_pool(), self.reader.get_sqlite_connection_pool());
                (writer.size() + reader.size(), idle(writer.num_idle() + reader.num_idle()))
            }
        }
    }

    /// The same database by connections of its own, so that whoever uses them never waits behind the others.
    /// None is opened yet; each will have these `settings` besides. SQLite has its one writer, which is shared.
    #[must_use]
    pub fn with_own_connections(&self, connections: u32, settings: &[(&str, &str)]) -> Self {
        if self.backend == Backend::Sqlite {
            return self.clone();
        }
        let pool = self.postgres_pool();
        let own = pool_options(connections, pool.options().get_acquire_timeout())
            .connect_lazy_with((*pool.connect_options()).clone().options(settings.iter().copied()));
        let connection = self.slow.watch(SqlxPostgresConnector::from_sqlx_postgres_pool(own));
        Self { writer: connection.clone(), reader: connection, backend: self.backend, slow: self.slow }
    }

    /// Closes every connection once it is idle.
    pub async fn close(&self) {
        for connection in [&self.reader, &self.writer] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::debug!(%error, "a connection pool did not close cleanly");
            }
        }
    }

    /// The pool under it; for the queue, whose SQL is its own. Only with [`Backend::Postgres`].
    #[must_use]
    pub fn postgres_pool(&self) -> &PgPool {
        self.writer.get_postgres_connection_pool()
    }

    /// The pool of the one writer; for the queue, whose SQL is its own. Only with [`Backend::Sqlite`].
    #[must_use]
    pub fn sqlite_pool(&self) -> &SqlitePool {
        self.writer.get_sqlite_connection_pool()
    }

    /// The file of a SQLite database; `None` when it is in memory or on PostgreSQL.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<PathBuf> {
        if self.backend == Backend::Postgres {
            return None;
        }
        let options = self.sqlite_pool().connect_options();
        let path = options.get_filename();
        path.is_file().then(|| path.to_owned())
    }

    pub(in crate::store) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    pub(in crate::store) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }
}

impl Tx {
    /// Makes everything that ran on it happen at once.
    ///
    /// # Errors
    /// When the database could not promise to keep it; then nothing of it happened, or the connection broke
    /// before the answer came.
    pub async fn commit(self) -> Result<(), StoreError> {
        // By itself: it is what waits for the disk.
        self.slow.timed("COMMIT", self.inner.commit()).await.map_err(StoreError::from)
    }

    /// Undoes everything that ran on it and gives the connection back at once.
    ///
    /// # Errors
    /// When the connection broke, which undoes it as well.
    pub async fn rollback(self) -> Result<(), StoreError> {
        self.inner.rollback().await.map_err(StoreError::from)
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    pub(in crate::store) fn inner(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

fn pool_options(connections: u32, acquire: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(acquire)
        // A connection that was cut without a word would be waited for until TCP gives up, a quarter of an hour, and nobody
        // could have its place meanwhile: neither when it is taken, nor when it comes back from whoever gave a call up and
        // left it in the middle of that.
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(lives(connection, IDLE_ANSWER)))
        .after_release(|connection, _| Box::pin(lives(connection, CALL_ANSWER)))
}

async fn lives(connection: &mut PgConnection, patience: Duration) -> Result<bool, sqlx::Error> {
    tokio::time::timeout(patience, connection.ping())
        .await
        .map_err(|_| sqlx::Error::PoolTimedOut)?
        .map(|()| true)
}

pub(in crate::store) fn sqlite_options(config: &Config) -> Result<SqliteConnectOptions, StoreError> {
    // A configured address is parsed; the default path is taken as it is, whatever letters are in it.
    let base = if config.database.url.is_empty() {
        SqliteConnectOptions::new().filename(config.data_dir.join("resume-optimizer.db"))
    } else {
        SqliteConnectOptions::from_str(&config.database_url())
            .map_err(|error| StoreError::Address(error.to_string()))?
    };
    Ok(base
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An answer "accepted" must survive a power cut: with NORMAL the last commits might not.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_millis(BUSY_MS))
        // Beside a reader that lasts for long, the log grows by gigabytes, and would stay that large.
        .pragma("journal_size_limit", WAL_BYTES.to_string())
        .foreign_keys(true))
}

/// Makes the file where there is none, for its owner alone: whoever can read it knows what everybody keeps in it. What
/// SQLite puts beside it has the same rights.
fn make_file(config: &Config, file: &Path) -> Result<(), StoreError> {
    if NO_FILE.iter().any(|asked| config.database.url.expose().contains(asked)) {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    folder::make_private(folder)
        .map_err(|source| StoreError::Folder { folder: folder.display().to_string(), source })?;
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
            Err(StoreError::File { file: file.display().to_string(), source })
        }
        _ => Ok(()),
    }
}

fn idle(connections: usize) -> u32 {
    u32::try_from(connections).unwrap_or(u32::MAX)
}
