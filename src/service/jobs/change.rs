//! Changing one's mind about a job: calling it off, asking for it again, deleting it.

use crate::app::App;
use crate::domain::id::{JobId, UserId};
use crate::domain::job::Job;
use crate::domain::task::OptimizeTask;
use crate::service::ServiceError;
use crate::service::jobs::{NO_SUCH_JOB, enqueue, find, note};
use crate::store::{job_events, jobs};

/// Calls a job off that waits or runs.
///
/// # Errors
/// `not_found`; `job_not_cancellable` when it has ended.
pub async fn cancel(app: &App, owner: UserId, id: JobId) -> Result<Job, ServiceError> {
    let tx = app.db.begin().await?;
    let Some(job) = jobs::cancel(&tx, owner, id).await? else {
        tx.rollback().await?;
        let job = find(app, owner, id).await?;
        return Err(ServiceError::Conflict {
            code: "job_not_cancellable",
            detail: format!(
                "This job is {} already; only one that waits or runs can be called off.",
                job.status.as_str()
            ),
        });
    };
    note(app, &tx, &job).await?;
    app.queue.cancel(&tx, OptimizeTask::KIND, &id.to_string()).await?;
    tx.commit().await?;
    app.queue.ring_cancel();
    Ok(job)
}

/// Asks again for a job that failed or was called off.
///
/// # Errors
/// `not_found`; `job_not_retryable` when it waits, runs or is completed, or its resume is gone.
pub async fn retry(app: &App, owner: UserId, id: JobId) -> Result<Job, ServiceError> {
    let not_retryable =
        |detail: &str| ServiceError::Conflict { code: "job_not_retryable", detail: detail.to_owned() };
    let tx = app.db.begin().await?;
    let Some(job) = jobs::retry(&tx, owner, id).await? else {
        tx.rollback().await?;
        let job = find(app, owner, id).await?;
        let detail = format!(
            "This job is {}; only one that failed or was called off can be tried again.",
            job.status.as_str()
        );
        return Err(not_retryable(&detail));
    };
    if job.file_id.is_none() {
        return Err(not_retryable(
            "The resume of this job was deleted; upload it again and start a new job.",
        ));
    }
    job_events::clear(&tx, &job).await?;
    note(app, &tx, &job).await?;
    if !enqueue(app, &tx, &job).await? {
        // Its last attempt was asked to stop and has not yet: that task would end, and the job with it.
        return Err(not_retryable("This job is still being stopped; try again in a few seconds."));
    }
    tx.commit().await?;
    app.queue.ring();
    Ok(job)
}

/// Deletes a job with its result, calling it off where it has not ended.
///
/// # Errors
/// `not_found`.
pub async fn delete(app: &App, owner: UserId, id: JobId) -> Result<(), ServiceError> {
    let tx = app.db.begin().await?;
    if !jobs::delete(&tx, owner, id).await? {
        return Err(NO_SUCH_JOB);
    }
    app.queue.cancel(&tx, OptimizeTask::KIND, &id.to_string()).await?;
    tx.commit().await?;
    app.queue.ring_cancel();
    Ok(())
}
