//! The handlers of our task kinds, and the loop that runs them.
//!
//! Whatever an attempt writes, it writes in a transaction that first checks the fence of its lease. Never calls
//! `http`: it writes the row, and whoever watches the job reads it.

mod cleanup;
mod erase;
mod health;
mod notes;
mod optimize;
mod orphans;
mod progress;

use std::time::Duration;

use metrics::gauge;

use crate::app::App;
use crate::config::Config;
use crate::domain::task::{CleanupTask, EraseTask, HealthTask, OptimizeTask};
use crate::queue::{Limits, Missed, QueueError, Registry, Schedule, Stuck};
use crate::telemetry::metrics::ACTIVE_JOBS;
use crate::worker::cleanup::Cleanup;
use crate::worker::erase::Erase;
use crate::worker::health::Health;
pub(crate) use crate::worker::health::{in_time, watch_database};
use crate::worker::notes::Notes;
use crate::worker::optimize::Optimize;

/// A check of health that is later than this is left out: the next one is near.
const HEALTH_LATE: Duration = Duration::from_secs(30);

/// Why a worker ends by itself; each a sentence for its operator.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// It cannot begin.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// It cannot go on.
    #[error(transparent)]
    Stuck(#[from] Stuck),
}

/// The handlers of our task kinds, and what they are put into the queue for by the clock.
///
/// # Errors
/// When a configured schedule is none.
pub fn registry(app: &App) -> Result<Registry, QueueError> {
    let one = || Limits { at_once: Some(1), ..Limits::default() };
    let registry = Registry::new()
        .on(OptimizeTask::KIND, Optimize::new(app.clone()))
        .on_with(EraseTask::KIND, Erase::new(app.clone()), one())
        .on_with(CleanupTask::KIND, Cleanup::new(app.clone()), one())
        .on_with(HealthTask::KIND, Health::new(app.clone()), one());
    let schedules = &app.config.schedules;
    let wanted = [
        (CleanupTask::KIND, &schedules.cleanup_old_jobs, Missed::RunOnce),
        // A sign of life of an hour ago tells nobody anything.
        (HealthTask::KIND, &schedules.health_check, Missed::Skip(HEALTH_LATE)),
    ];
    wanted
        .into_iter()
        .filter(|(_, cron, _)| !cron.is_empty())
        .try_fold(registry, |registry, (kind, cron, missed)| {
            Ok(registry.every(Schedule::new(kind, cron, kind, missed)?))
        })
}

/// What is noted when tasks end or are tried again, for whoever looks after the queue and runs none of it: needs no
/// secret, no files and no network. Kinds that are not in it note nothing.
#[must_use]
pub fn notes(config: &Config) -> Registry {
    Registry::new().on(OptimizeTask::KIND, Notes::new(config))
}

/// Works off the queue until the process is asked to stop, then finishes what runs or hands it back.
///
/// # Errors
/// When a configured schedule is none, or too many tasks cannot be stopped and the process has to be started again.
pub async fn run(app: App) -> Result<(), WorkerError> {
    let registry = registry(&app)?;
    gauge!(ACTIVE_JOBS).set(0.0);
    tracing::info!(slots = app.config.queue.slots(), "working");
    Ok(app.queue.run(registry, app.shutdown.clone()).await?)
}
