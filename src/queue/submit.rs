//! Tasks that are part of nobody's transaction: those that are put in at the same moment share one, and one wait for the
//! disk.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::queue::call::{CALL, bounded};
use crate::queue::task::{Enqueued, NewTask, QueueError};
use crate::queue::{NAME, Queue, Shared};
use crate::telemetry::traces;

/// Tasks that share a transaction at most.
const AT_ONCE: usize = 500;

/// What waits to be put in.
#[derive(Debug, Default)]
pub(in crate::queue) struct Submissions {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Vec<Submission>,
    /// Somebody puts them in and will look again.
    busy: bool,
}

#[derive(Debug)]
struct Submission {
    task: NewTask,
    answer: oneshot::Sender<Result<Enqueued, QueueError>>,
}

impl Queue {
    /// Puts a task into the queue by itself, durably when this returns, and rings. Callers at the same moment share a
    /// transaction. A task that goes with other rows belongs into their transaction: [`Queue::enqueue`].
    ///
    /// # Errors
    /// When the database does not answer, or the payload is too large.
    pub async fn submit(&self, task: NewTask) -> Result<Enqueued, QueueError> {
        let (answer, answered) = oneshot::channel();
        let shared = self.shared();
        let span = traces::enqueue(NAME, &task.kind, 1);
        let task = span.in_scope(|| task.carrying(traces::carried()));
        if shared.submissions.add(Submission { task, answer }) {
            // Not in this caller's future, which may be dropped while others wait for it.
            tokio::spawn(put_in(Arc::clone(shared)));
        }
        // Only a runtime that ends drops it unanswered.
        let answered = answered.instrument(span.clone()).await.unwrap_or(Err(QueueError::TimedOut));
        if let Ok(Enqueued::New(id) | Enqueued::Present(id)) = &answered {
            traces::enqueued(&span, id);
        }
        answered
    }
}

impl Submissions {
    /// Says whether nobody is there to put it in.
    fn add(&self, submission: Submission) -> bool {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.waiting.push(submission);
        !mem::replace(&mut inner.busy, true)
    }

    /// The next ones; none, and nobody is there any more.
    fn take(&self) -> Vec<Submission> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let some = inner.waiting.len().min(AT_ONCE);
        inner.busy = some > 0;
        inner.waiting.drain(..some).collect()
    }
}

async fn put_in(shared: Arc<Shared>) {
    loop {
        let together = shared.submissions.take();
        if together.is_empty() {
            return;
        }
        let (tasks, answers): (Vec<_>, Vec<_>) =
            together.into_iter().map(|submission| (submission.task, submission.answer)).unzip();
        match put(&shared, &tasks).await {
            Ok(enqueued) => {
                shared.bell.ring_tasks();
                for (answer, enqueued) in answers.into_iter().zip(enqueued) {
                    // Whoever asked may be gone; the task is in all the same.
                    let _ = answer.send(Ok(enqueued));
                }
            }
            Err(error) if tasks.len() > 1 && !error.is_transient() => {
                // One of them is at fault, and only that one is refused.
                for (task, answer) in tasks.into_iter().zip(answers) {
                    let alone = put(&shared, &[task]).await;
                    let _ = answer.send(alone.and_then(|mut one| one.pop().ok_or(QueueError::TimedOut)));
                }
                shared.bell.ring_tasks();
            }
            Err(error) => {
                tracing::debug!(exception = %error, tasks = tasks.len(), "tasks were not put in");
                let mut error = Some(error);
                for answer in answers {
                    // An error is said once; the others learn that it was the same moment.
                    let _ = answer.send(Err(error.take().unwrap_or(QueueError::TimedOut)));
                }
            }
        }
    }
}

/// By one statement, which is a transaction by itself: a beginning and an end would each be a round trip more.
async fn put(shared: &Shared, tasks: &[NewTask]) -> Result<Vec<Enqueued>, QueueError> {
    bounded(CALL, shared.table.enqueue(&shared.db, tasks, shared.policy.max_attempts)).await
}
