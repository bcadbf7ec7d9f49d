//! The queue's table: every statement with its parameters, the same for both databases.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, QueryResult, Statement, Value};
use serde_json::json;
use uuid::Uuid;

use crate::queue::sql::Statements;
use crate::queue::task::{
    Cancelled, Charge, Claimed, Enqueued, NewTask, Priority, QueueError, TaskId, TaskState, Verdict,
};
use crate::queue::{NAME, postgres, sqlite};
use crate::store::{Access, Backend, Db, StoreError, Tx};

/// Bytes of a payload: it refers to documents, it does not carry them.
const MAX_PAYLOAD_BYTES: usize = 65_536;
/// Lost leases looked at in one transaction.
const LOST_AT_ONCE: i64 = 100;

/// A lease that this process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::queue) struct Lease {
    pub id: TaskId,
    pub seq: i64,
}

/// What a heartbeat learned about a lease that is still held.
#[derive(Debug, Clone, Copy)]
pub(in crate::queue) struct Held {
    pub lease: Lease,
    pub cancel_requested: bool,
}

/// A task whose lease or time has run out.
#[derive(Debug, Clone)]
pub(in crate::queue) struct Lost {
    pub task: Claimed,
    pub past_deadline: bool,
}

/// The statements with the connections that they run on.
#[derive(Debug, Clone)]
pub(in crate::queue) struct Table {
    db: Db,
    sql: &'static Statements,
    backend: DbBackend,
    /// Who we are: fresh with each start, since names and addresses are used again.
    owner: Uuid,
}

impl Table {
    pub(in crate::queue) fn new(db: Db) -> Self {
        let (sql, backend) = match db.backend() {
            Backend::Postgres => (&postgres::STATEMENTS, DbBackend::Postgres),
            Backend::Sqlite => (&sqlite::STATEMENTS, DbBackend::Sqlite),
        };
        Self { db, sql, backend, owner: Uuid::new_v4() }
    }

    pub(in crate::queue) async fn enqueue(
        &self,
        tx: &Tx,
        task: NewTask,
        max_attempts: u32,
    ) -> Result<Enqueued, QueueError> {
        let size = task.payload.to_string().len();
        if size > MAX_PAYLOAD_BYTES {
            return Err(QueueError::PayloadTooLarge { size, limit: MAX_PAYLOAD_BYTES });
        }
        // Twice: the open task that was in the way may end before it is looked up.
        for _ in 0..2 {
            let id = TaskId(Uuid::now_v7());
            let values = [
                id.0.into(),
                NAME.into(),
                task.kind.clone().into(),
                task.priority.level().into(),
                task.group.clone().into(),
                task.unique_key.clone().into(),
                task.payload.clone().into(),
                millis(task.delay).into(),
                attempts(task.max_attempts.unwrap_or(max_attempts)).into(),
            ];
            if self.execute(tx, self.sql.enqueue, values).await? == 1 {
                return Ok(Enqueued::New(id));
            }
            let key = task.unique_key.clone();
            if let Some(row) =
                self.one(tx, self.sql.find_open, [task.kind.clone().into(), key.into()]).await?
            {
                return Ok(Enqueued::Present(TaskId(row.try_get("", "id")?)));
            }
        }
        Err(QueueError::Store(StoreError::Duplicate))
    }

    /// As many tasks as asked for, or all that are ready, highest priority first.
    pub(in crate::queue) async fn claim(
        &self,
        slots: usize,
        kinds: &[String],
        lease: Duration,
        deadline: Duration,
    ) -> Result<Vec<Claimed>, QueueError> {
        let mut claimed = Vec::new();
        // A level at a time: with the priority fixed, the index is bounded by `run_at`, and tasks for later
        // that stand before are not walked through.
        for priority in Priority::ALL {
            let free = slots.saturating_sub(claimed.len());
            if free == 0 {
                break;
            }
            let values = [
                NAME.into(),
                priority.level().into(),
                i64::try_from(free).unwrap_or(i64::MAX).into(),
                self.owner.into(),
                millis(lease).into(),
                millis(deadline).into(),
                json!(kinds).into(),
            ];
            for row in self.all(&self.db, self.sql.claim, values).await? {
                claimed.push(task(&row)?);
            }
        }
        Ok(claimed)
    }

    /// Renews these leases; those that are not answered are lost. One that has run out but was not taken away
    /// may be renewed: that is how running tasks survive an outage of the database.
    pub(in crate::queue) async fn heartbeat(
        &self,
        leases: &[Lease],
        lease: Duration,
    ) -> Result<Vec<Held>, QueueError> {
        let list: Vec<_> =
            leases.iter().map(|lease| json!({"id": plain(lease.id), "seq": lease.seq})).collect();
        let rows = self.all(&self.db, self.sql.heartbeat, [json!(list).into(), millis(lease).into()]).await?;
        rows.iter()
            .map(|row| {
                let lease = Lease { id: TaskId(row.try_get("", "id")?), seq: row.try_get("", "lease_seq")? };
                Ok(Held { lease, cancel_requested: row.try_get("", "cancel_requested")? })
            })
            .collect()
    }

    /// Refuses whoever does not hold the lease, and keeps it from being taken away until the transaction ends.
    pub(in crate::queue) async fn guard(&self, tx: &Tx, lease: Lease) -> Result<(), QueueError> {
        match self.one(tx, self.sql.guard, [lease.id.0.into(), lease.seq.into()]).await? {
            Some(_) => Ok(()),
            None => Err(QueueError::LeaseLost),
        }
    }

    /// Ends an attempt; says the state that followed. The caller has guarded the lease in this transaction.
    pub(in crate::queue) async fn finish(
        &self,
        tx: &Tx,
        id: TaskId,
        verdict: &Verdict,
    ) -> Result<TaskState, QueueError> {
        let outcome = match (verdict.state, verdict.kind) {
            (TaskState::Queued, Some(kind)) => kind,
            (state, _) => state.as_str(),
        };
        self.execute(tx, self.sql.record, [id.0.into(), outcome.into(), verdict.error.clone().into()])
            .await?;
        let (back, crashes) = match verdict.charged {
            Charge::Attempt => (0_i32, 0_i32),
            Charge::Crash => (0, 1),
            Charge::Nothing => (1, 0),
        };
        let values = [
            id.0.into(),
            verdict.state.as_str().into(),
            millis(verdict.delay).into(),
            back.into(),
            crashes.into(),
            verdict.kind.into(),
            verdict.error.clone().into(),
        ];
        let row = self.one(tx, self.sql.finish, values).await?.ok_or(QueueError::LeaseLost)?;
        let state: String = row.try_get("", "state")?;
        Ok(TaskState::parse(&state).ok_or(StoreError::Unreadable("queue_tasks.state"))?)
    }

    /// Whether any lease has run out, `ours` aside, in a database that has been up for `settled`.
    pub(in crate::queue) async fn any_lost(
        &self,
        ours: &[TaskId],
        settled: Duration,
    ) -> Result<bool, QueueError> {
        let values = [ids(ours), millis(settled).into()];
        let statement = self.statement(self.sql.any_lost, values);
        Ok(self.db.reads().query_one_raw(statement).await?.is_some())
    }

    /// Those tasks, locked until the transaction ends.
    pub(in crate::queue) async fn lost(
        &self,
        tx: &Tx,
        ours: &[TaskId],
        settled: Duration,
    ) -> Result<Vec<Lost>, QueueError> {
        let values = [ids(ours), millis(settled).into(), LOST_AT_ONCE.into()];
        let rows = self.all(tx, self.sql.lost, values).await?;
        rows.iter()
            .map(|row| {
                let past_deadline = row.try_get::<Option<bool>>("", "past_deadline")?.unwrap_or(false);
                Ok(Lost { task: task(row)?, past_deadline })
            })
            .collect()
    }

    pub(in crate::queue) async fn cancel(
        &self,
        tx: &Tx,
        kind: &str,
        unique_key: &str,
    ) -> Result<Cancelled, QueueError> {
        let values = || [kind.into(), unique_key.into()];
        // Running first: on PostgreSQL a claim between the two statements is then still seen by the second.
        if self.execute(tx, self.sql.cancel_running, values()).await? > 0 {
            return Ok(Cancelled::Asked);
        }
        if self.execute(tx, self.sql.cancel_queued, values()).await? > 0 {
            return Ok(Cancelled::Waiting);
        }
        let asked = self.execute(tx, self.sql.cancel_running, values()).await? > 0;
        Ok(if asked { Cancelled::Asked } else { Cancelled::NotOpen })
    }

    pub(in crate::queue) async fn cancel_group(&self, tx: &Tx, group: &str) -> Result<u64, QueueError> {
        let waiting = self.execute(tx, self.sql.cancel_group_queued, [group.into()]).await?;
        let running = self.execute(tx, self.sql.cancel_group_running, [group.into()]).await?;
        Ok(waiting + running)
    }

    pub(in crate::queue) fn sql(&self) -> &'static Statements {
        self.sql
    }

    pub(in crate::queue) async fn execute(
        &self,
        db: &impl Access,
        sql: &'static str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> Result<u64, QueueError> {
        Ok(db.writes().execute_raw(self.statement(sql, values)).await?.rows_affected())
    }

    pub(in crate::queue) async fn all(
        &self,
        db: &impl Access,
        sql: &'static str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> Result<Vec<QueryResult>, QueueError> {
        Ok(db.writes().query_all_raw(self.statement(sql, values)).await?)
    }

    async fn one(
        &self,
        db: &impl Access,
        sql: &'static str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> Result<Option<QueryResult>, QueueError> {
        Ok(db.writes().query_one_raw(self.statement(sql, values)).await?)
    }

    fn statement(&self, sql: &'static str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.backend, sql, values)
    }
}

fn task(row: &QueryResult) -> Result<Claimed, DbErr> {
    let count = |column: &str| row.try_get::<i32>("", column).map(|count| u32::try_from(count).unwrap_or(0));
    let waited: i64 = row.try_get("", "waited_ms")?;
    Ok(Claimed {
        id: TaskId(row.try_get("", "id")?),
        kind: row.try_get("", "kind")?,
        payload: row.try_get("", "payload")?,
        attempt: count("attempt")?,
        max_attempts: count("max_attempts")?,
        crashes: count("crash_count")?,
        lease_seq: row.try_get("", "lease_seq")?,
        waited: Duration::from_millis(u64::try_from(waited).unwrap_or(0)),
        cancel_requested: row.try_get("", "cancel_requested")?,
    })
}

/// Milliseconds as the statements take them.
pub(in crate::queue) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn attempts(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// An identifier as both databases compare it with: 32 digits, no dashes.
fn plain(id: TaskId) -> String {
    id.0.as_simple().to_string()
}

fn ids(tasks: &[TaskId]) -> Value {
    json!(tasks.iter().map(|id| plain(*id)).collect::<Vec<_>>()).into()
}
