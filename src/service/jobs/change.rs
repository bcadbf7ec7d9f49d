//! Changing one's mind about a job: calling it off, asking for it again, deleting it.
//!
//! The task is touched before the job, as the worker does: whoever took them the other way round would wait for the
//! worker while it waits for them.

use crate::app::App;
use crate::domain::audit::Action;
use crate::domain::id::{JobId, UserId};
use crate::domain::job::Job;
use crate::domain::task::OptimizeTask;
use crate::service::ServiceError;
use crate::service::audit::{self, Origin};
use crate::service::jobs::create::refuse_over_quota;
use crate::service::jobs::documents::forget;
use crate::service::jobs::{NO_SUCH_JOB, enqueue, find, note};
use crate::store::{job_events, job_starts, jobs, users};

/// Calls a job off that waits or runs.
///
/// # Errors
/// `not_found`; `job_not_cancellable` when it has ended.
pub async fn cancel(app: &App, owner: UserId, id: JobId) -> Result<Job, ServiceError> {
    let tx = app.db.begin().await?;
    app.queue.cancel(&tx, OptimizeTask::KIND, &id.to_string()).await?;
    let Some(job) = jobs::cancel(&tx, owner, id).await? else {
        // Somebody else's, or at its end: its task is left as it was.
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
    tx.commit().await?;
    app.queue.ring_cancel();
    Ok(job)
}

/// Asks again for a job that failed or was called off.
///
/// # Errors
/// `not_found`; `job_not_retryable` when it waits, runs or is completed, or its resume is gone; `quota_exceeded`.
pub async fn retry(app: &App, owner: UserId, id: JobId) -> Result<Job, ServiceError> {
    let not_retryable =
        |detail: &str| ServiceError::Conflict { code: "job_not_retryable", detail: detail.to_owned() };
    let tx = app.db.begin().await?;
    users::lock(&tx, owner).await?;
    let user = users::find(&tx, owner).await?.ok_or(NO_SUCH_JOB)?;
    // As dear as a new job, so it counts as one.
    refuse_over_quota(app, &tx, &user).await?;
    job_starts::insert(&tx, owner, JobId::new()).await?;
    let is_new = enqueue(app, &tx, &user, id).await?;
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
    if !is_new {
        // Its last attempt was asked to stop and has not yet: that task would end, and the job with it.
        return Err(not_retryable("This job is still being stopped; try again in a few seconds."));
    }
    job_events::clear(&tx, &job).await?;
    note(app, &tx, &job).await?;
    tx.commit().await?;
    app.queue.ring();
    Ok(job)
}

/// Deletes a job with its result and documents, calling it off where it has not ended.
///
/// # Errors
/// `not_found`.
pub async fn delete(app: &App, owner: UserId, id: JobId, origin: &Origin) -> Result<(), ServiceError> {
    let tx = app.db.begin().await?;
    app.queue.cancel(&tx, OptimizeTask::KIND, &id.to_string()).await?;
    if !jobs::delete(&tx, owner, id).await? {
        return Err(NO_SUCH_JOB);
    }
    audit::note(app, &tx, origin, Action::JobDeleted, Some(owner), Some(id.0)).await?;
    tx.commit().await?;
    app.queue.ring_cancel();
    forget(app, owner, id);
    Ok(())
}
