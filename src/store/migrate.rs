//! The schema: forward, back, afresh, and where it stands.

use std::time::Duration;

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbErr};

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
    /// Whether this program has it; what it does not know, a newer version applied.
    pub known: bool,
}

/// Applies every pending migration and says how many those were.
///
/// Safe to call from several processes at once: one applies, the others wait and find nothing to do.
///
/// # Errors
/// When the database does not answer, or refuses a statement; then none of them is applied. Also when some are pending
/// on top of what only another version knows.
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
    let steps = steps(migration::applied(tx.inner()).await?);
    let pending = pending_of(&steps);
    if pending > 0 {
        refuse_unknown(&steps)?;
        Migrator::up(tx.inner(), None).await?;
    }
    tx.commit().await?;
    Ok(pending)
}

/// Takes the last `steps` migrations back, and their data with them; says how many those were.
///
/// # Errors
/// As for [`up`]; also when the last ones are another version's.
pub async fn down(db: &Db, count: u32) -> Result<usize, StoreError> {
    let tx = begin(db).await?;
    let before = steps(migration::applied(tx.inner()).await?);
    refuse_unknown(&before)?;
    Migrator::down(tx.inner(), Some(count)).await?;
    let after = steps(migration::applied(tx.inner()).await?);
    tx.commit().await?;
    Ok(pending_of(&after).saturating_sub(pending_of(&before)))
}

/// Takes every migration back and applies them all: an empty database.
///
/// # Errors
/// As for [`down`].
pub async fn fresh(db: &Db) -> Result<usize, StoreError> {
    down(db, u32::MAX).await?;
    up(db).await
}

/// Every migration and whether it is applied, oldest first, those last that another version applied; changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn status(db: &Db) -> Result<Vec<Step>, StoreError> {
    Ok(steps(migration::applied(db.writer()).await?))
}

/// How many migrations are still to be applied; changes nothing. A schema that a newer version has brought further is not
/// behind: each works for the release before it.
///
/// # Errors
/// As for [`status`].
pub async fn pending(db: &Db) -> Result<usize, StoreError> {
    Ok(pending_of(&status(db).await?))
}

fn steps(applied: Vec<String>) -> Vec<Step> {
    let known: Vec<String> =
        Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let own =
        known.iter().map(|name| Step { name: name.clone(), applied: applied.contains(name), known: true });
    let mut steps: Vec<Step> = own.collect();
    let others = applied.into_iter().filter(|name| !known.contains(name));
    steps.extend(others.map(|name| Step { name, applied: true, known: false }));
    steps
}

fn pending_of(steps: &[Step]) -> usize {
    steps.iter().filter(|step| !step.applied).count()
}

/// What another version put on top is not ours to change or to build upon.
fn refuse_unknown(steps: &[Step]) -> Result<(), StoreError> {
    match steps.iter().find(|step| !step.known) {
        None => Ok(()),
        Some(step) => Err(StoreError::OtherVersion(step.name.clone())),
    }
}

/// How often a migration is tried while somebody uses a table that it changes, and the pause between: a dump takes minutes,
/// which whoever started it can wait for, but a report takes seconds.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_secs(2);
/// How long a migration waits for a table that somebody uses: whoever comes after it waits behind it, and those are
/// requests.
const TABLE_SECONDS: u64 = 3;

/// A transaction that no other migration runs beside.
async fn begin(db: &Db) -> Result<crate::store::Tx, StoreError> {
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
