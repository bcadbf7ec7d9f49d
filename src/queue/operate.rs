//! What an operator does with the queue: look, try again, call off, pause, tidy.

use std::time::Duration;

use serde::Serialize;

use crate::queue::table::millis;
use crate::queue::task::{QueueError, TaskId, TaskState};
use crate::queue::{NAME, Queue};
use crate::store::{Access as _, StoreError};
use sea_orm::ConnectionTrait as _;

/// Tasks deleted by one statement, so that none takes long.
const PRUNED_AT_ONCE: i64 = 1000;

/// How many tasks are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Waiting.
    pub queued: u64,
    /// Under a lease.
    pub running: u64,
    /// Done, not yet pruned.
    pub completed: u64,
    /// Given up, not yet pruned.
    pub dead: u64,
    /// Called off, not yet pruned.
    pub cancelled: u64,
}

/// One task as an operator sees it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its identifier.
    pub id: String,
    /// Which handler does it.
    pub kind: String,
    /// Where it stands.
    pub state: String,
    /// Starts so far.
    pub attempt: i32,
    /// Starts before it is given up.
    pub max_attempts: i32,
    /// Whose it is.
    pub group: Option<String>,
    /// What it is unique by.
    pub unique_key: Option<String>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Seconds since it was made.
    pub age_seconds: i64,
}

impl Queue {
    /// How many tasks are in each state.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn counts(&self) -> Result<Counts, QueueError> {
        let table = &self.shared().table;
        let rows = table.all(&self.shared().db, table.sql().counts, [NAME.into()]).await?;
        let mut counts = Counts::default();
        for row in rows {
            let state: String = row.try_get("", "state")?;
            let tasks: i64 = row.try_get("", "tasks")?;
            let of = match TaskState::parse(&state).ok_or(StoreError::Unreadable("queue_tasks.state"))? {
                TaskState::Queued => &mut counts.queued,
                TaskState::Running => &mut counts.running,
                TaskState::Completed => &mut counts.completed,
                TaskState::Dead => &mut counts.dead,
                TaskState::Cancelled => &mut counts.cancelled,
            };
            *of = u64::try_from(tasks).unwrap_or(0);
        }
        Ok(counts)
    }

    /// The newest tasks, those of one state or all, `limit` at most.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, state: Option<TaskState>, limit: u32) -> Result<Vec<Listed>, QueueError> {
        let table = &self.shared().table;
        let state = state.map(|state| state.as_str().to_owned());
        let rows =
            table.all(&self.shared().db, table.sql().list, [state.into(), i64::from(limit).into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Listed {
                    id: row.try_get::<uuid::Uuid>("", "id")?.to_string(),
                    kind: row.try_get("", "kind")?,
                    state: row.try_get("", "state")?,
                    attempt: row.try_get("", "attempt")?,
                    max_attempts: row.try_get("", "max_attempts")?,
                    group: row.try_get("", "group_key")?,
                    unique_key: row.try_get("", "unique_key")?,
                    last_error: row.try_get("", "last_error")?,
                    age_seconds: row.try_get::<i64>("", "age_ms")? / 1000,
                })
            })
            .collect()
    }

    /// Lets a dead or cancelled task wait again with all its attempts; says whether there was one.
    ///
    /// # Errors
    /// When the database does not answer, or an open task has the same unique key.
    pub async fn retry(&self, id: TaskId) -> Result<bool, QueueError> {
        let table = &self.shared().table;
        let changed = table.execute(&self.shared().db, table.sql().retry, [id.0.into()]).await? > 0;
        self.ring();
        Ok(changed)
    }

    /// Calls a task off: at once while it waits, by asking its handler while it runs; says whether it was open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cancel_task(&self, id: TaskId) -> Result<bool, QueueError> {
        let table = &self.shared().table;
        let changed = table.execute(&self.shared().db, table.sql().cancel_by_id, [id.0.into()]).await? > 0;
        self.ring_cancel();
        Ok(changed)
    }

    /// Lets nobody claim until [`Queue::resume`]; what runs goes on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pause(&self) -> Result<(), QueueError> {
        let table = &self.shared().table;
        table.execute(&self.shared().db, table.sql().pause, [NAME.into()]).await?;
        Ok(())
    }

    /// Lets claims begin again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn resume(&self) -> Result<(), QueueError> {
        let table = &self.shared().table;
        table.execute(&self.shared().db, table.sql().resume, [NAME.into()]).await?;
        self.ring();
        Ok(())
    }

    /// Deletes tasks that reached this end longer ago than `age`; says how many those were.
    ///
    /// # Errors
    /// When the database does not answer; what was deleted until then stays deleted.
    pub async fn prune(&self, end: TaskState, age: Duration) -> Result<u64, QueueError> {
        let table = &self.shared().table;
        let mut pruned = 0;
        loop {
            let values = [end.as_str().into(), millis(age).into(), PRUNED_AT_ONCE.into()];
            let deleted = table.execute(&self.shared().db, table.sql().prune, values).await?;
            pruned += deleted;
            if deleted < PRUNED_AT_ONCE.unsigned_abs() {
                return Ok(pruned);
            }
        }
    }

    /// Whether the database answers on the queue's own connections.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), QueueError> {
        self.shared().db.reads().execute_unprepared("SELECT 1").await?;
        Ok(())
    }
}
