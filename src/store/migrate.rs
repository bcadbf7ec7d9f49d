//! The schema: forward, back, afresh, and where it stands.

use migration::{MigrationStatus, Migrator, MigratorTrait as _};
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
}

/// Applies every pending migration and says how many those were.
///
/// Safe to call from several processes at once: one applies, the others wait and find nothing to do.
///
/// # Errors
/// When the database does not answer, or refuses a statement; then none of them is applied.
pub async fn up(db: &Db) -> Result<usize, StoreError> {
    let tx = begin(db).await?;
    let pending = Migrator::get_pending_migrations(tx.inner()).await?.len();
    if pending > 0 {
        Migrator::up(tx.inner(), None).await?;
    }
    tx.commit().await?;
    Ok(pending)
}

/// Takes the last `steps` migrations back, and their data with them; says how many those were.
///
/// # Errors
/// As for [`up`].
pub async fn down(db: &Db, steps: u32) -> Result<usize, StoreError> {
    let tx = begin(db).await?;
    let applied = Migrator::get_applied_migrations(tx.inner()).await?.len();
    Migrator::down(tx.inner(), Some(steps)).await?;
    let left = Migrator::get_applied_migrations(tx.inner()).await?.len();
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

/// Every migration and whether it is applied, oldest first; changes nothing.
///
/// # Errors
/// When the database does not answer, or was migrated by a newer version.
pub async fn status(db: &Db) -> Result<Vec<Step>, StoreError> {
    let steps = Migrator::get_migration_with_status_read_only(db.writer()).await?;
    Ok(steps
        .iter()
        .map(|step| Step { name: step.name().to_owned(), applied: step.status() == MigrationStatus::Applied })
        .collect())
}

/// How many migrations are still to be applied; changes nothing.
///
/// # Errors
/// As for [`status`].
pub async fn pending(db: &Db) -> Result<usize, StoreError> {
    Ok(status(db).await?.iter().filter(|step| !step.applied).count())
}

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
    Ok(())
}
