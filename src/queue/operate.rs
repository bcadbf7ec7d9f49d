//! What an operator does with the queue: look, try again, call off, pause, tidy.

use std::time::Duration;

use serde::Serialize;

use crate::queue::registry::{Ended, Registry};
use crate::queue::sql::millis;
use crate::queue::table::Table;
use crate::queue::task::{QueueError, TaskId, TaskState};
use crate::queue::{NAME, Queue, policy, sql};
use crate::store::{Access as _, StoreError, Tx};
use sea_orm::{ConnectionTrait as _, QueryResult};

/// Tasks deleted by one statement, so that none takes long.
const PRUNED_AT_ONCE: i64 = 1000;
/// Between two such statements.
const PRUNE_PAUSE: Duration = Duration::from_millis(50);

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
    /// Why the last attempt failed, as one word.
    pub error_kind: Option<String>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Seconds since it was made.
    pub age_seconds: i64,
    /// Seconds until it may start, where it waits; less than 0 since when it could have.
    pub due_seconds: Option<i64>,
}

/// An attempt that did not succeed.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// Which one, from 1; one that was handed back has the number of the next.
    pub attempt: i32,
    /// What came of it: `error`, `refused`, `panic`, `worker_lost`, `released`, `dead`, `cancelled`.
    pub outcome: String,
    /// Why.
    pub error: Option<String>,
    /// Seconds since its end.
    pub age_seconds: i64,
}

/// The queue at one moment.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// Tasks by state.
    pub tasks: Counts,
    /// Whether nobody claims.
    pub paused: bool,
    /// Seconds that the first waiting task, of whichever line, could have been running.
    pub oldest_seconds: f64,
}

/// What became of an operator's wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It is done, or will be in a moment.
    Done,
    /// There is no such task.
    NoSuchTask,
    /// The task is in a state that does not allow it.
    Is(TaskState),
    /// What the task was about is gone.
    Pointless,
}

impl Queue {
    /// How many tasks are in each state.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn counts(&self) -> Result<Counts, QueueError> {
        let table = &self.shared().table;
        count(table, sql::COUNTS).await
    }

    /// Where the queue stands.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn status(&self) -> Result<Status, QueueError> {
        let table = &self.shared().table;
        let tasks = count(table, sql::COUNTS).await?;
        let paused = table.one(table.db(), sql::IS_PAUSED, [NAME.into()]).await?;
        let paused = paused.map(|row| row.try_get("", "paused")).transpose()?.unwrap_or(false);
        Ok(Status { tasks, paused, oldest_seconds: oldest(table).await?.as_secs_f64() })
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
        rows.iter().map(listed).collect()
    }

    /// That task; `None` when there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, id: TaskId) -> Result<Option<Listed>, QueueError> {
        let table = &self.shared().table;
        let statement = table.statement(table.sql().find, [id.0.into()]);
        table.db().reads().query_one_raw(statement).await?.as_ref().map(listed).transpose()
    }

    /// The attempts of a task that did not succeed, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn history(&self, id: TaskId) -> Result<Vec<Failed>, QueueError> {
        let table = &self.shared().table;
        let rows = table.all(table.db(), table.sql().history, [id.0.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Failed {
                    attempt: row.try_get("", "attempt")?,
                    outcome: row.try_get("", "outcome")?,
                    error: row.try_get("", "error")?,
                    age_seconds: row.try_get::<i64>("", "age_ms")? / 1000,
                })
            })
            .collect()
    }

    /// Lets a dead or cancelled task wait again with all its attempts; its handler is told in the same transaction.
    ///
    /// # Errors
    /// When the database does not answer, or an open task has the same kind and unique key.
    pub async fn retry(&self, registry: &Registry, id: TaskId) -> Result<Changed, QueueError> {
        let table = &self.shared().table;
        let tx = self.shared().db.begin().await?;
        let Some((task, state)) = table.lock(&tx, id).await? else {
            return unchanged(tx, Changed::NoSuchTask).await;
        };
        if !matches!(state, TaskState::Dead | TaskState::Cancelled) {
            return unchanged(tx, Changed::Is(state)).await;
        }
        table.execute(&tx, table.sql().retry, [id.0.into()]).await?;
        if let Some(kind) = registry.kind(&task.kind) {
            let revived = Ended::of(&task, TaskState::Queued, "revived");
            if !kind.handler.revived(&tx, &revived).await? {
                return unchanged(tx, Changed::Pointless).await;
            }
        }
        tx.commit().await?;
        self.ring();
        Ok(Changed::Done)
    }

    /// Lets every task that runs wait again as part of the caller's transaction, without using up an attempt, and tells
    /// its handler; says how many those were. For a database that was put back to an earlier moment: who held a lease then
    /// may still work somewhere, but neither its number nor its owner is good any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn release_all(&self, tx: &Tx, registry: &Registry) -> Result<u64, QueueError> {
        let table = &self.shared().table;
        let mut released = 0;
        for row in table.all(tx, sql::RUNNING, []).await? {
            let id = TaskId(row.try_get("", "id")?);
            let Some((task, TaskState::Running)) = table.lock(tx, id).await? else {
                continue;
            };
            let verdict = policy::released();
            let state = table.finish(tx, id, &verdict).await?;
            registry.note(&task.kind, tx, &Ended::new(&task, state, &verdict)).await?;
            released += 1;
        }
        Ok(released)
    }

    /// Calls a task off: at once while it waits, by asking its handler while it runs. Its handler is told of the end in
    /// the transaction that ends it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cancel_task(&self, registry: &Registry, id: TaskId) -> Result<Changed, QueueError> {
        let table = &self.shared().table;
        let tx = self.shared().db.begin().await?;
        let Some((task, state)) = table.lock(&tx, id).await? else {
            return unchanged(tx, Changed::NoSuchTask).await;
        };
        match state {
            TaskState::Queued => {
                table.execute(&tx, table.sql().cancel_by_id, [id.0.into()]).await?;
                registry.note(&task.kind, &tx, &Ended::of(&task, TaskState::Cancelled, "cancelled")).await?;
            }
            TaskState::Running => {
                table.execute(&tx, table.sql().ask_by_id, [id.0.into()]).await?;
            }
            state => return unchanged(tx, Changed::Is(state)).await,
        }
        tx.commit().await?;
        self.ring_cancel();
        Ok(Changed::Done)
    }

    /// Changes how many of a group may run at once, of those that wait already too, as part of the caller's
    /// transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn limit_group(&self, tx: &Tx, group: &str, limit: Option<u32>) -> Result<(), QueueError> {
        let limit = limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX));
        self.shared().table.limit_group(tx, group, limit).await
    }

    /// Removes every task of a group, such as an account that is erased, as part of the caller's transaction; what runs
    /// finds its lease lost and stops. Call [`Queue::ring_cancel`] after the commit.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_group(&self, tx: &Tx, group: &str) -> Result<u64, QueueError> {
        self.shared().table.delete_group(tx, group).await
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
        table.execute(&self.shared().db, sql::RESUME, [NAME.into()]).await?;
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
            // Others write in between: on SQLite they would wait for the whole of it.
            tokio::time::sleep(PRUNE_PAUSE).await;
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

fn listed(row: &QueryResult) -> Result<Listed, QueueError> {
    let state: String = row.try_get("", "state")?;
    let due_seconds = match state.as_str() {
        "queued" => Some(row.try_get::<i64>("", "due_ms")? / 1000),
        _ => None,
    };
    Ok(Listed {
        id: row.try_get::<uuid::Uuid>("", "id")?.to_string(),
        kind: row.try_get("", "kind")?,
        state,
        attempt: row.try_get("", "attempt")?,
        max_attempts: row.try_get("", "max_attempts")?,
        group: row.try_get("", "group_key")?,
        unique_key: row.try_get("", "unique_key")?,
        error_kind: row.try_get("", "error_kind")?,
        last_error: row.try_get("", "last_error")?,
        age_seconds: row.try_get::<i64>("", "age_ms")? / 1000,
        due_seconds,
    })
}

/// Gives the task free again before anybody is told.
async fn unchanged(tx: Tx, why: Changed) -> Result<Changed, QueueError> {
    tx.rollback().await?;
    Ok(why)
}

/// Counts tasks by state with one of the statements that do.
pub(in crate::queue) async fn count(table: &Table, sql: &'static str) -> Result<Counts, QueueError> {
    let statement = table.statement(sql, [NAME.into()]);
    let mut counts = Counts::default();
    for row in table.db().reads().query_all_raw(statement).await? {
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

/// How long the first task of any line could have been running.
pub(in crate::queue) async fn oldest(table: &Table) -> Result<Duration, QueueError> {
    let statement = table.statement(table.sql().oldest, [NAME.into()]);
    let row = table.db().reads().query_one_raw(statement).await?;
    let ms = row.map(|row| row.try_get::<Option<i64>>("", "ms")).transpose()?.flatten().unwrap_or(0);
    Ok(Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
}
