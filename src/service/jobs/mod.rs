//! Jobs: asking for one, following it, taking its result, changing one's mind.

mod change;
mod create;
mod documents;
mod events;
mod result;

pub use crate::service::jobs::change::{cancel, delete, retry};
pub use crate::service::jobs::create::{JobRequest, Upload, create, optimize};
pub use crate::service::jobs::documents::{Document, document};
pub use crate::service::jobs::events::{Event, events_since};
pub use crate::service::jobs::result::{Decided, EditDecision, Verdict, decide, result};

use crate::app::App;
use crate::domain::id::{JobId, UserId};
use crate::domain::job::{Job, JobStatus};
use crate::domain::task::OptimizeTask;
use crate::domain::user::User;
use crate::queue::{Enqueued, NewTask};
use crate::service::ServiceError;
use crate::service::files::quota;
use crate::service::listing::Listing;
use crate::store::{Tx, job_events, jobs};

/// A job of the owner.
///
/// # Errors
/// `not_found`.
pub async fn find(app: &App, owner: UserId, id: JobId) -> Result<Job, ServiceError> {
    jobs::find(&app.db, owner, id).await?.ok_or(NO_SUCH_JOB)
}

/// The owner's jobs, newest first, those of one status or all, without their postings' texts.
///
/// # Errors
/// `invalid_request` for a cursor that is none of ours.
pub async fn list(
    app: &App,
    owner: UserId,
    status: Option<JobStatus>,
    request: Listing<'_>,
) -> Result<(Vec<Job>, Option<String>), ServiceError> {
    let page = jobs::list(&app.db, owner, status, request.page()?).await?;
    Ok((page.items, page.next.map(|cursor| cursor.as_text())))
}

const NO_SUCH_JOB: ServiceError = ServiceError::NotFound { what: "job" };

/// Notes in the job's events where it stands now.
async fn note(app: &App, tx: &Tx, job: &Job) -> Result<(), ServiceError> {
    job_events::append(tx, job, app.config.jobs.max_events).await?;
    Ok(())
}

/// Puts a job into the queue; says whether its task is a new one. As many of an account's jobs run at once as its tier
/// allows, whichever workers run them.
async fn enqueue(app: &App, tx: &Tx, user: &User, id: JobId) -> Result<bool, ServiceError> {
    let payload = OptimizeTask { user_id: user.id, job_id: id };
    let payload = serde_json::to_value(payload).map_err(ServiceError::internal)?;
    let mut task = NewTask::new(OptimizeTask::KIND, payload).unique(&id).group(&user.id);
    task.group_limit = Some(quota(app, user).concurrent_jobs).filter(|limit| *limit > 0);
    Ok(matches!(app.queue.enqueue(tx, task).await?, Enqueued::New(_)))
}
