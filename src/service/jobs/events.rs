//! What happened to a job, for whoever watches it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::id::{JobId, UserId};
use crate::domain::job::JobStatus;
use crate::service::ServiceError;
use crate::service::jobs::NO_SUCH_JOB;
use crate::store::{job_events, jobs};

/// Events answered at once; the rest comes with the next call.
const AT_ONCE: u32 = 100;

/// One thing that happened to a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Event {
    /// Its number within the job, always rising.
    #[serde(skip)]
    pub seq: i64,
    /// Where the job stood then.
    pub status: JobStatus,
    /// How far it was, 0 to 100.
    pub percent: u8,
    /// What was being done, or why it ended.
    pub message: String,
}

/// What happened to the owner's job after the event of that number, oldest first. A job that has ended always has
/// its end in the answer, whatever the number: whoever asks must not wait for what has been.
///
/// # Errors
/// `not_found`.
pub async fn events_since(app: &App, owner: UserId, id: JobId, seq: i64) -> Result<Vec<Event>, ServiceError> {
    // Looked at first: what it says is in the events that are read after it.
    let job = jobs::find_brief(&app.db, owner, id).await?.ok_or(NO_SUCH_JOB)?;
    let found = job_events::since(&app.db, owner, id, seq, AT_ONCE).await?;
    let mut events: Vec<Event> = found
        .into_iter()
        .map(|event| Event {
            seq: event.seq,
            status: event.status,
            percent: event.progress.percent,
            message: event.progress.message,
        })
        .collect();
    if events.is_empty() && job.status.is_final() {
        let message = job.error_message.unwrap_or(job.progress.message);
        events.push(Event { seq, status: job.status, percent: job.progress.percent, message });
    }
    Ok(events)
}
