//! Notices snapshots of the database that somebody keeps for long: what claims leave behind is not removed meanwhile, and
//! the table grows.

use std::time::{Duration, Instant};

use metrics::gauge;

use crate::queue::Shared;
use crate::queue::table::Table;
use crate::queue::task::QueueError;
use crate::telemetry::metrics::QUEUE_SNAPSHOT;

/// Between two warnings.
const WARN_EVERY: Duration = Duration::from_secs(300);

/// When it was warned of last.
#[derive(Debug, Default)]
pub(in crate::queue) struct Snapshots {
    warned_at: Option<Instant>,
}

impl Snapshots {
    /// Looks once; where there is nothing to look at, does nothing.
    pub(in crate::queue) async fn look(&mut self, shared: &Shared, table: &Table) -> Result<(), QueueError> {
        let Some(sql) = table.sql().snapshot_age else {
            return Ok(());
        };
        let Some(row) = table.one(table.db(), sql, []).await? else {
            return Ok(());
        };
        let seconds: f64 = row.try_get("", "seconds")?;
        gauge!(QUEUE_SNAPSHOT).set(seconds);
        let silent = self.warned_at.is_some_and(|at| at.elapsed() < WARN_EVERY);
        if seconds > shared.policy.old_snapshot.as_secs_f64() && !silent {
            self.warned_at = Some(Instant::now());
            tracing::warn!(
                seconds,
                "somebody keeps an old snapshot of the database, and nothing that is done with can be removed from the \
                 queue's table; pg_stat_activity shows who (xact_start, backend_xmin)"
            );
        }
        Ok(())
    }
}
