//! The schema: forward, back, afresh, and where it stands.

use std::time::Duration;

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};

use crate::store::{Backend, Db, StoreError};

/// Key of the lock that keeps two processes from migrating PostgreSQL at once; any fixed number of ours.
const LOCK: i64 = 0x7265_7375_6d65;

/// One migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name, which starts with its date.
    pub name: String,
    /// Whether it is applied.
    pub applied: bool,
    /// Whether this program has it; else a newer one applied it.
    pub known: bool,
}

/// Applies every pending migration and says how many those were.
///
/// Safe to call from several processes at once: one applies, the others wait and find nothing to do. A database that a
/// newer version migrated is left as it is: that one only added to it what this one does without.
///
/// # Errors
/// When the database does not answer, or refuses a statement, or a newer version applied migrations and left out some of
/// this one; then none of them is applied.
pub async fn up(db: &Db) -> Result<usize, StoreError> {
    for _ in 1..TRIES {
        match try_up(db).await {
            Err(error) if error.is_busy() => {
                tracing::warn!(exception = %error, "a table that is to be changed is in use; trying again in a moment");
                tokio::time::sleep(PAUSE).await;
            }
            done => return done,
        }
    }
    try_up(db).await
}

async fn try_up(db: &Db) -> Result<usize, StoreError> {
    let tx = begin(db).await?;
    let steps = steps(tx.inner()).await?;
    let pending = self::pending(&steps);
    match newer(&steps) {
        Some(newer) if pending > 0 => return Err(StoreError::Newer(newer.name.clone())),
        Some(newer) => {
            tracing::warn!(newest = newer.name, "a newer version migrated the database; going on beside it");
        }
        None if pending > 0 => Migrator::up(tx.inner(), None).await?,
        None => {}
    }
    tx.commit().await?;
    Ok(pending)
}

/// Takes the last `steps` migrations back, and their data with them; says how many those were.
///
/// # Errors
/// As for [`up`]; and when a newer version migrated the database, which alone knows how to take that back.
pub async fn down(db: &Db, steps: u32) -> Result<usize, StoreError> {
    let tx = begin(db).await?;
    let applied = applied(tx.inner()).await?.len();
    Migrator::down(tx.inner(), Some(steps)).await?;
    let left = self::applied(tx.inner()).await?.len();
    tx.commit().await?;
    Ok(applied.saturating_sub(left))
}

/// Takes every migration back and applies them all: an empty database.
///
/// # Errors
/// As for [`up`].
pub async fn fresh(db: &Db) -> Result<usize, StoreError> {
    down(db, u32::MAX).await?;
    up(db).await
}

/// The last of these that a newer version applied.
#[must_use]
pub fn newer(steps: &[Step]) -> Option<&Step> {
    steps.iter().rfind(|step| !step.known)
}

/// How many of these are still to be applied.
#[must_use]
pub fn pending(steps: &[Step]) -> usize {
    steps.iter().filter(|step| !step.applied).count()
}

/// Every migration as it is where there is no database yet.
#[must_use]
pub fn all_pending() -> Vec<Step> {
    names().into_iter().map(|name| Step { name, applied: false, known: true }).collect()
}

/// The names of all migrations that this program knows, oldest first.
#[must_use]
pub fn names() -> Vec<String> {
    Migrator::get_migration_files().iter().map(|file| file.name().to_owned()).collect()
}

/// Every migration and whether it is applied, oldest first, those of newer versions last; changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn status(db: &Db) -> Result<Vec<Step>, StoreError> {
    steps(db.writer()).await
}

/// The migrations that are applied, oldest first; changes nothing.
///
/// # Errors
/// [`StoreError::Newer`] when a newer version applied some, or when the database does not answer.
pub(in crate::store) async fn applied(database: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let steps = steps(database).await?;
    match newer(&steps) {
        Some(newer) => Err(StoreError::Newer(newer.name.clone())),
        None => Ok(steps.into_iter().filter(|step| step.applied).map(|step| step.name).collect()),
    }
}

async fn steps(database: &impl ConnectionTrait) -> Result<Vec<Step>, StoreError> {
    let backend = database.get_database_backend();
    let there = match backend {
        DbBackend::Postgres => "SELECT to_regclass('seaql_migrations') IS NOT NULL AS there",
        _ => "SELECT count(*) > 0 AS there FROM sqlite_master WHERE name = 'seaql_migrations'",
    };
    let there = database.query_one_raw(Statement::from_string(backend, there)).await?;
    let mut recorded = Vec::new();
    if there.map(|row| row.try_get("", "there")).transpose()?.unwrap_or(false) {
        let versions = "SELECT version FROM seaql_migrations ORDER BY version";
        for row in database.query_all_raw(Statement::from_string(backend, versions)).await? {
            recorded.push(row.try_get::<String>("", "version")?);
        }
    }
    let ours = names();
    let newer = recorded.iter().filter(|name| !ours.contains(name)).cloned();
    let newer: Vec<Step> = newer.map(|name| Step { name, applied: true, known: false }).collect();
    let known = ours.into_iter().map(|name| Step { applied: recorded.contains(&name), name, known: true });
    Ok(known.chain(newer).collect())
}

/// How often a migration is tried while somebody uses a table that it changes, and the pause between: a dump takes minutes,
/// which whoever started it can wait for, but a report takes seconds.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_secs(2);
/// How long a migration waits for a table that somebody uses: whoever comes after it waits behind it, and those are
/// requests.
const TABLE_SECONDS: u64 = 3;

/// A transaction that no other migration runs beside.
pub(in crate::store) async fn begin(db: &Db) -> Result<crate::store::Tx, StoreError> {
    let tx = db.begin().await?;
    if db.backend() == Backend::Postgres {
        lock(tx.inner()).await?;
    }
    Ok(tx)
}

async fn lock(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    // A migration of a large table may take longer than a request's statement may.
    tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    // From here on: another migration is waited for, somebody's long transaction is not.
    tx.execute_unprepared(&format!("SET LOCAL lock_timeout = '{TABLE_SECONDS}s'")).await?;
    Ok(())
}
