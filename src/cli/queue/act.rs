//! What `queue` changes, and how it says what came of it.

use std::time::Duration;

use crate::cli::failure::Failure;
use crate::cli::output::counted;
use crate::cli::queue::Desk;
use crate::domain::audit::{Action, Actor};
use crate::queue::{Changed, Listed, QueueError, TaskId, TaskState};
use crate::store::audit::{self, NewEvent};
use crate::store::{Backend, StoreError};
use crate::worker;

/// Dead tasks that one call tries again: a bound for what it holds in memory.
const REVIVED_AT_ONCE: u32 = 10_000;
/// Between two of them: on SQLite the service writes meanwhile.
const REVIVE_PAUSE: Duration = Duration::from_millis(5);
/// What it takes PostgreSQL to pass on that the bell was rung; whoever misses it polls.
const BELL: Duration = Duration::from_millis(100);
/// Seconds of a day.
const DAY: u64 = 86_400;

impl Desk {
    pub(in crate::cli::queue) async fn retry(&self, id: TaskId) -> Result<String, Failure> {
        match self.revive(id).await? {
            Revived::Changed(Changed::Done) => {
                self.let_it_ring().await;
                Ok(format!("Task {id} waits again, with all its attempts.\n"))
            }
            Revived::Changed(Changed::NoSuchTask) => Err(unknown(id)),
            Revived::Changed(Changed::Is(state)) => Err(Failure::failed(format!(
                "Task {id} is {}: only one that is dead or cancelled can be tried again.",
                state.as_str()
            ))),
            Revived::Changed(Changed::Pointless) => Err(Failure::failed(format!(
                "Task {id} was left as it is: what it was about is gone, or was done meanwhile."
            ))),
            Revived::InTheWay => Err(Failure::failed(format!(
                "Task {id} was left as it is: another task for the same thing waits or runs already."
            ))),
        }
    }

    /// Each in a transaction of its own: what was tried again until a failure stays so.
    pub(in crate::cli::queue) async fn retry_dead(&self) -> Result<String, Failure> {
        let dead = self.queue.list(Some(TaskState::Dead), REVIVED_AT_ONCE).await.map_err(Failure::failed)?;
        let (mut revived, mut left) = (0, 0);
        // The oldest first, as they came.
        for id in dead.iter().rev().filter_map(|task| task.id.parse().ok()) {
            match self.revive(id).await? {
                Revived::Changed(Changed::Done) => revived += 1,
                // Somebody else was at it meanwhile.
                Revived::Changed(Changed::NoSuchTask | Changed::Is(_)) => {}
                Revived::Changed(Changed::Pointless) | Revived::InTheWay => left += 1,
            }
            tokio::time::sleep(REVIVE_PAUSE).await;
        }
        self.let_it_ring().await;
        let mut text = match revived {
            1 => "1 dead task waits again, with all its attempts".to_owned(),
            _ => format!("{revived} dead tasks wait again, with all their attempts"),
        };
        if left > 0 {
            text += &format!("; {left} stay dead, as what they were about is gone or was done meanwhile");
        }
        if dead.len() >= usize::try_from(REVIVED_AT_ONCE).unwrap_or(usize::MAX) {
            text +=
                &format!("; only the newest {REVIVED_AT_ONCE} were looked at, run it again for the others");
        }
        Ok(text + ".\n")
    }

    pub(in crate::cli::queue) async fn cancel(&self, id: TaskId) -> Result<String, Failure> {
        let registry = worker::notes(&self.config);
        match self.queue.cancel_task(&registry, id).await.map_err(Failure::failed)? {
            Changed::Done => {}
            Changed::NoSuchTask => return Err(unknown(id)),
            Changed::Is(state) => {
                return Err(Failure::failed(format!(
                    "Task {id} is {}: only one that waits or runs can be called off.",
                    state.as_str()
                )));
            }
            Changed::Pointless => {
                return Err(Failure::failed(format!(
                    "Task {id} was left as it is: what it was about is gone."
                )));
            }
        }
        self.let_it_ring().await;
        let now = self.queue.find(id).await.map_err(Failure::failed)?;
        self.note(Action::TaskCancelled, now.as_ref()).await?;
        let state = now.map_or_else(|| TaskState::Cancelled.as_str().to_owned(), |task| task.state);
        Ok(if state == TaskState::Running.as_str() {
            let seconds = self.config.queue.heartbeat_seconds;
            format!(
                "Task {id} runs and was asked to stop; its worker hears of it within about {seconds} s.\n"
            )
        } else {
            // Also when it was completed before it heard.
            format!("Task {id} is {state}.\n")
        })
    }

    pub(in crate::cli::queue) async fn prune(&self, days: Option<u32>) -> Result<String, Failure> {
        let limits = &self.config.queue;
        let ends = [
            (TaskState::Completed, limits.keep_completed_days),
            (TaskState::Cancelled, limits.keep_completed_days),
            (TaskState::Dead, limits.keep_dead_days),
        ];
        let (mut all, mut parts) = (0, Vec::new());
        for (end, kept) in ends {
            let age = Duration::from_secs(u64::from(days.unwrap_or(kept)) * DAY);
            let pruned = self.queue.prune(end, age).await.map_err(Failure::failed)?;
            all += pruned;
            parts.push(format!("{pruned} {}", end.as_str()));
        }
        self.note(Action::QueuePruned, None).await?;
        Ok(format!("{} deleted: {}.\n", counted(all, "task"), parts.join(", ")))
    }

    async fn revive(&self, id: TaskId) -> Result<Revived, Failure> {
        let registry = worker::notes(&self.config);
        match self.queue.retry(&registry, id).await {
            Ok(Changed::Done) => {
                let task = self.queue.find(id).await.map_err(Failure::failed)?;
                self.note(Action::TaskRetried, task.as_ref()).await?;
                Ok(Revived::Changed(Changed::Done))
            }
            Ok(changed) => Ok(Revived::Changed(changed)),
            Err(QueueError::Store(StoreError::Duplicate)) => Ok(Revived::InTheWay),
            Err(error) => Err(Failure::failed(error)),
        }
    }

    /// Writes into the audit log what was done, and to whose task.
    pub(in crate::cli::queue) async fn note(
        &self,
        action: Action,
        task: Option<&Listed>,
    ) -> Result<(), Failure> {
        let event = NewEvent {
            action,
            actor: Actor::Operator,
            user_id: task.and_then(|task| task.group.as_deref()?.parse().ok()),
            subject_id: task.and_then(|task| task.id.parse::<TaskId>().ok()).map(|id| id.0),
            client: None,
            trace_id: None,
        };
        audit::append(&self.db, event).await.map_err(|error| {
            Failure::failed(format!("It was done, but not written into the audit log: {error}"))
        })
    }

    /// Gives the bell, which nobody waits for, a moment before the process ends.
    async fn let_it_ring(&self) {
        if self.db.backend() == Backend::Postgres {
            tokio::time::sleep(BELL).await;
        }
    }
}

/// What came of trying a task again.
#[derive(Debug)]
enum Revived {
    /// What the queue says.
    Changed(Changed),
    /// Another one with its key is open.
    InTheWay,
}

/// There is no such task.
pub(in crate::cli::queue) fn unknown(id: TaskId) -> Failure {
    Failure::failed(format!(
        "There is no task {id}: it was pruned, or is none; `queue list` shows those there are."
    ))
}
