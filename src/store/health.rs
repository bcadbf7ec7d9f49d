//! What an operator wants to know of the database itself: which one it is, and how its clock goes.

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::store::{Access as _, Backend, Db, StoreError, now};

/// The oldest PostgreSQL that we are tested with, as the server numbers itself.
const OLDEST_POSTGRES: i64 = 140_000;

/// What database it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Its name and version: `PostgreSQL 17.2`.
    pub version: String,
    /// Whether it is older than what we are made for.
    pub is_too_old: bool,
    /// How far its clock is before ours; a SQLite database has no other one than ours.
    pub ahead: TimeDelta,
}

/// Asks the database what it is.
///
/// # Errors
/// When it does not answer.
pub async fn about(db: &Db) -> Result<About, StoreError> {
    let (name, sql) = match db.backend() {
        Backend::Postgres => (
            "PostgreSQL",
            "SELECT current_setting('server_version') AS version, \
             current_setting('server_version_num')::bigint AS number, \
             (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS milliseconds",
        ),
        Backend::Sqlite => (
            "SQLite",
            "SELECT sqlite_version() AS version, 999999 AS number, \
             CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS milliseconds",
        ),
    };
    let asked_at = now();
    let statement = Statement::from_string(db.writer().get_database_backend(), sql);
    let row = db.reads().query_one_raw(statement).await?.ok_or(StoreError::Unreadable("the version"))?;
    let answered_at = now();
    let version: String = row.try_get("", "version")?;
    let number: i64 = row.try_get("", "number")?;
    let milliseconds: i64 = row.try_get("", "milliseconds")?;
    // What it said was true at some time between.
    let ours = asked_at + (answered_at - asked_at) / 2;
    Ok(About {
        version: format!("{name} {version}"),
        is_too_old: number < OLDEST_POSTGRES,
        ahead: TimeDelta::milliseconds(milliseconds - ours.timestamp_millis()),
    })
}
