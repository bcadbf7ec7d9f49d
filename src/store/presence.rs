//! Who else is at the database: whoever puts another one in its place has to be alone.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::Instant;

use crate::config::Config;
use crate::store::db::{APPLICATION, sqlite_options};
use crate::store::{Backend, Db, StoreError};

/// PostgreSQL takes a moment to notice that a process has ended.
const GRACE: Duration = Duration::from_secs(3);
/// Between two looks meanwhile.
const LOOK: Duration = Duration::from_millis(200);
/// What a process that has just ended may still hold of a SQLite file: nothing, but a clean-up of its log may be on.
const BUSY: Duration = Duration::from_secs(1);

/// Whether another process has the SQLite file open, be it only to read. Ask before this one opens it. Never on
/// PostgreSQL, nor where there is no file yet.
///
/// # Errors
/// When the address is no address, or the file cannot be opened.
pub async fn is_open_elsewhere(config: &Config) -> Result<bool, StoreError> {
    if config.is_postgres() || Db::missing_file(config)?.is_some() {
        return Ok(false);
    }
    // Every process that has it open holds a shared lock on it, which an exclusive one cannot stand beside.
    let options: SqliteConnectOptions = sqlite_options(config)?
        .create_if_missing(false)
        .locking_mode(SqliteLockingMode::Exclusive)
        .busy_timeout(BUSY);
    let alone = async {
        let mut connection = options.connect().await?;
        let alone = sqlx::query("BEGIN IMMEDIATE; ROLLBACK").execute(&mut connection).await;
        connection.close().await?;
        alone.map(|_| ())
    };
    match alone.await.map_err(StoreError::from) {
        Ok(()) => Ok(false),
        Err(StoreError::Unavailable(_) | StoreError::Busy(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

impl Db {
    /// How many connections of other processes of ours are at this database. Always none on SQLite.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn other_sessions(&self) -> Result<u64, StoreError> {
        if self.backend() != Backend::Postgres {
            return Ok(0);
        }
        let end = Instant::now() + GRACE;
        loop {
            let statement = Statement::from_sql_and_values(
                DbBackend::Postgres,
                "SELECT count(*) AS sessions FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = $1",
                [APPLICATION.into()],
            );
            let row = self.reader().query_one_raw(statement).await?;
            let sessions = row.map(|row| row.try_get::<i64>("", "sessions")).transpose()?.unwrap_or(0);
            // Asked for afterwards: what this process opened meanwhile is counted as its own.
            let ours = self.connections().0;
            let others = u64::try_from(sessions).unwrap_or(0).saturating_sub(u64::from(ours));
            if others == 0 || Instant::now() >= end {
                return Ok(others);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}
