//! Writes how far a job is while the pipeline works on it.

use tokio::sync::mpsc;

use crate::app::App;
use crate::domain::job::Progress;
use crate::domain::task::OptimizeTask;
use crate::pipeline::Step;
use crate::queue::{Context, QueueError};
use crate::store::{job_events, jobs};

/// Steps that may wait to be written: all that one attempt has.
pub(in crate::worker) const STEPS: usize = 16;

/// Writes each step that comes in, until the sender is gone or the lease is lost. A step that cannot be written is
/// passed over: progress is for watching, and the next one comes soon.
pub(in crate::worker) async fn report(
    app: &App,
    context: &Context,
    task: OptimizeTask,
    steps: &mut mpsc::Receiver<Step>,
) {
    while let Some(step) = steps.recv().await {
        match write(app, context, task, step).await {
            Ok(()) => {}
            Err(QueueError::LeaseLost) => return,
            Err(error) => tracing::debug!(exception = %error, "a step of a job was not noted"),
        }
    }
}

async fn write(app: &App, context: &Context, task: OptimizeTask, step: Step) -> Result<(), QueueError> {
    let progress = Progress { percent: step.percent(), message: step.message().to_owned() };
    let tx = app.db.begin().await?;
    context.guard(&tx).await?;
    if let Some(job) = jobs::progress(&tx, task.user_id, task.job_id, &progress).await? {
        job_events::append(&tx, &job, app.config.jobs.max_events).await?;
    }
    tx.commit().await?;
    Ok(())
}
