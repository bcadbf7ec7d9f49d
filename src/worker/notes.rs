//! What becomes of a job when its task ends without success, or is tried again by an operator: its row and its event.

use async_trait::async_trait;

use crate::config::Config;
use crate::domain::task::OptimizeTask;
use crate::queue::{Context, Ended, Handler, TaskError, TaskState};
use crate::store::{StoreError, Tx, job_events, jobs};

/// What a person is told when it was not their input.
pub(in crate::worker) const OUR_FAULT: &str =
    "Something on our side failed while this job ran; try it again later.";

/// The half of the handler of [`OptimizeTask`] that needs nothing but the database.
#[derive(Debug)]
pub(in crate::worker) struct Notes {
    max_events: u32,
}

impl Notes {
    pub(in crate::worker) fn new(config: &Config) -> Self {
        Self { max_events: config.jobs.max_events }
    }
}

#[async_trait]
impl Handler for Notes {
    async fn run(&self, _: &Context) -> Result<(), TaskError> {
        // Whoever has this half alone never claims; another worker would do it.
        Err(TaskError::Retry(OUR_FAULT.to_owned()))
    }

    async fn ended(&self, tx: &Tx, ended: &Ended) -> Result<(), StoreError> {
        let Some(task) = ended.payload::<OptimizeTask>() else {
            return Ok(());
        };
        let (owner, id) = (task.user_id, task.job_id);
        let job = match ended.state {
            TaskState::Queued if ended.kind == "released" => {
                jobs::requeue(tx, owner, id, "Waiting for a worker").await?
            }
            TaskState::Queued => jobs::requeue(tx, owner, id, "Waiting for another try").await?,
            TaskState::Cancelled => jobs::cancel(tx, owner, id).await?,
            TaskState::Dead => jobs::fail(tx, owner, id, &reason(ended)).await?,
            TaskState::Running | TaskState::Completed => None,
        };
        match job {
            Some(job) => job_events::append(tx, &job, self.max_events).await.map(|_| ()),
            None => Ok(()),
        }
    }

    async fn revived(&self, tx: &Tx, revived: &Ended) -> Result<bool, StoreError> {
        let Some(task) = revived.payload::<OptimizeTask>() else {
            return Ok(false);
        };
        let Some(job) = jobs::retry(tx, task.user_id, task.job_id).await? else {
            // Deleted, or asked for again by its owner and done meanwhile.
            return Ok(false);
        };
        job_events::clear(tx, &job).await?;
        job_events::append(tx, &job, self.max_events).await?;
        Ok(job.file_id.is_some())
    }
}

/// Why a job failed, as a sentence for its owner.
fn reason(ended: &Ended) -> String {
    match (ended.kind, &ended.error) {
        ("refused" | "error", Some(reason)) => reason.clone(),
        ("hard_limit", _) => {
            "This job took longer than it may and was stopped; try a shorter resume or posting.".to_owned()
        }
        _ => OUR_FAULT.to_owned(),
    }
}
