//! The queue's table: every statement with its parameters, the same for both databases.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, QueryResult, Statement, Value};
use serde_json::{Map, json};
use uuid::Uuid;

use crate::queue::sql::{self, Statements, millis};
use crate::queue::task::{
    Cancelled, Charge, Claimed, Enqueued, NewTask, QueueError, Spot, TaskId, TaskState, Verdict,
};
use crate::queue::{postgres, sqlite};
use crate::store::{Access, Backend, Db, StoreError, Tx};

/// Lost leases looked at in one go.
const LOST_AT_ONCE: i64 = 100;
/// Groups that tasks are let in from at once: each is a statement, and whoever does it keeps the others from it.
pub(in crate::queue) const GROUPS_AT_ONCE: usize = 200;
/// Tasks put in by one statement.
const ENQUEUED_AT_ONCE: usize = 1000;

/// A lease that this process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::queue) struct Lease {
    pub id: TaskId,
    pub seq: i64,
}

/// What a heartbeat learned about a lease that is still held.
#[derive(Debug, Clone, Copy)]
pub(in crate::queue) struct Held {
    pub lease: Lease,
    pub cancel_requested: bool,
    /// Not while somebody else is at the row.
    pub renewed: bool,
}

/// A task whose lease or time has run out.
#[derive(Debug, Clone)]
pub(in crate::queue) struct Lost {
    pub task: Claimed,
    pub past_deadline: bool,
}

/// What was let into the common line.
#[derive(Debug, Clone, Default)]
pub(in crate::queue) struct Admitted {
    /// Tasks.
    pub tasks: u64,
    /// Groups that had room for them.
    pub groups: usize,
    /// The last of these groups, where others after it may have room as well.
    pub up_to: Option<String>,
}

/// The statements with the connections that they run on.
#[derive(Debug, Clone)]
pub(in crate::queue) struct Table {
    db: Db,
    sql: &'static Statements,
    backend: DbBackend,
    /// Who we are: fresh with each start, since names and addresses are used again.
    pub(in crate::queue) owner: Uuid,
}

impl Table {
    pub(in crate::queue) fn new(db: Db) -> Self {
        let (sql, backend) = match db.backend() {
            Backend::Postgres => (&postgres::STATEMENTS, DbBackend::Postgres),
            Backend::Sqlite => (&sqlite::STATEMENTS, DbBackend::Sqlite),
        };
        Self { db, sql, backend, owner: Uuid::new_v4() }
    }

    /// The same owner by other connections.
    pub(in crate::queue) fn with_db(&self, db: Db) -> Self {
        Self { db, ..self.clone() }
    }

    /// Somebody else by the same connections.
    pub(in crate::queue) fn with_fresh_owner(&self) -> Self {
        Self { owner: Uuid::new_v4(), ..self.clone() }
    }

    pub(in crate::queue) fn db(&self) -> &Db {
        &self.db
    }

    /// Puts tasks in, or finds the open one of the same kind and key; in the order given.
    pub(in crate::queue) async fn enqueue(
        &self,
        db: &impl Access,
        tasks: &[NewTask],
        max_attempts: u32,
    ) -> Result<Vec<Enqueued>, QueueError> {
        let mut new: Vec<_> = tasks.iter().map(|task| (TaskId(Uuid::now_v7()), task)).collect();
        let order: Vec<TaskId> = new.iter().map(|(id, _)| *id).collect();
        // All in one order of keys: of two that put in the same ones, each would wait for what the other has.
        let key = |task: &NewTask| task.unique_key.clone().map(|key| (task.kind.clone(), key));
        new.sort_by_cached_key(|(_, task)| key(task));
        let mut enqueued = HashMap::with_capacity(tasks.len());
        for new in new.chunks(ENQUEUED_AT_ONCE) {
            let inserted = self.insert(db, new, max_attempts).await?;
            for (id, task) in new {
                let found = if inserted.contains(id) {
                    Enqueued::New(*id)
                } else {
                    self.present(db, task, max_attempts).await?
                };
                enqueued.insert(*id, found);
            }
        }
        Ok(order.iter().filter_map(|id| enqueued.remove(id)).collect())
    }

    async fn insert(
        &self,
        db: &impl Access,
        tasks: &[(TaskId, &NewTask)],
        max_attempts: u32,
    ) -> Result<HashSet<TaskId>, QueueError> {
        let rows: Vec<_> =
            tasks.iter().map(|(id, task)| sql::task(*id, task, max_attempts)).collect::<Result<_, _>>()?;
        let rows = self.all(db, self.sql.enqueue, [json!(rows).into()]).await?;
        Ok(rows.iter().map(|row| Ok(TaskId(row.try_get("", "id")?))).collect::<Result<_, DbErr>>()?)
    }

    /// The open task that was in the way, or this one, when that has ended meanwhile.
    async fn present(
        &self,
        db: &impl Access,
        task: &NewTask,
        max_attempts: u32,
    ) -> Result<Enqueued, QueueError> {
        for _ in 0..2 {
            let values = [task.kind.clone().into(), task.unique_key.clone().into()];
            if let Some(row) = self.one(db, sql::FIND_OPEN, values).await? {
                return Ok(Enqueued::Present(TaskId(row.try_get("", "id")?)));
            }
            let id = TaskId(Uuid::now_v7());
            if self.insert(db, &[(id, task)], max_attempts).await?.contains(&id) {
                return Ok(Enqueued::New(id));
            }
        }
        Err(QueueError::Store(StoreError::Duplicate))
    }

    /// Where the tasks of these leases stand, but for those of which a later lease was given, or that are gone.
    pub(in crate::queue) async fn states_under(
        &self,
        under: &[Lease],
    ) -> Result<HashMap<Lease, TaskState>, QueueError> {
        let rows = self.all(&self.db, self.sql.states_under, [leases(under), self.owner.into()]).await?;
        rows.iter().map(|row| Ok((lease(row)?, state(row)?))).collect()
    }

    /// Lets tasks from their groups' own lines take their place in the common one, as many of each group as may stand
    /// there at once, of the next `groups` after `after`.
    pub(in crate::queue) async fn admit(
        &self,
        window: u32,
        after: &str,
        groups: usize,
    ) -> Result<Admitted, QueueError> {
        if self.rooms(&self.db, window, after, groups).await?.is_empty() {
            return Ok(Admitted::default());
        }
        let tx = self.db.begin().await?;
        if let Some(lock) = self.sql.lock_lines {
            self.execute(&tx, lock, []).await?;
        }
        let rooms = self.rooms(&tx, window, after, groups).await?;
        let mut admitted = Admitted { groups: rooms.len(), ..Admitted::default() };
        for (group, room) in rooms {
            admitted.tasks += self.execute(&tx, self.sql.admit, [group.as_str().into(), room.into()]).await?;
            admitted.up_to = Some(group);
        }
        tx.commit().await?;
        if admitted.groups < groups {
            admitted.up_to = None;
        }
        Ok(admitted)
    }

    async fn rooms(
        &self,
        db: &impl Access,
        window: u32,
        after: &str,
        groups: usize,
    ) -> Result<Vec<(String, i64)>, QueueError> {
        let values = [i64::from(window).into(), after.into(), count(groups).into()];
        let statement = self.statement(self.sql.rooms, values);
        let rows = db.reads().query_all_raw(statement).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("", "group_key")?, row.try_get("", "room")?)))
            .collect::<Result<_, DbErr>>()
            .map_err(QueueError::from)
    }

    /// Renews these leases; those that are not answered are lost. One that has run out but was not taken away
    /// may be renewed: that is how running tasks survive an outage of the database.
    pub(in crate::queue) async fn heartbeat(
        &self,
        held: &[Lease],
        time: Duration,
    ) -> Result<Vec<Held>, QueueError> {
        let rows = self
            .all(&self.db, self.sql.heartbeat, [leases(held), millis(time).into(), self.owner.into()])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Held {
                    lease: lease(row)?,
                    cancel_requested: row.try_get("", "cancel_requested")?,
                    renewed: row.try_get("", "renewed")?,
                })
            })
            .collect()
    }

    /// Refuses whoever does not hold the lease, and keeps it from being taken away until the transaction ends.
    pub(in crate::queue) async fn guard(&self, tx: &Tx, lease: Lease) -> Result<(), QueueError> {
        let values = [lease.id.0.into(), lease.seq.into(), self.owner.into()];
        match self.one(tx, self.sql.guard, values).await? {
            Some(_) => Ok(()),
            None => Err(QueueError::LeaseLost),
        }
    }

    /// Ends an attempt; says the state that followed. The caller has guarded the lease in this transaction.
    ///
    /// The history has a line of every attempt that did not succeed; of one that did, the task itself tells.
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
            Charge::Crash => (1, 1),
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
        state(&row)
    }

    /// Leases that have run out, `ours` aside, in a database that has been up for `settled`: some of those with an
    /// identifier after `after`, in order.
    pub(in crate::queue) async fn lost(
        &self,
        ours: &[TaskId],
        settled: Duration,
        after: TaskId,
    ) -> Result<Vec<Lease>, QueueError> {
        let values = [ids(ours), millis(settled).into(), after.0.into(), LOST_AT_ONCE.into()];
        let statement = self.statement(self.sql.lost, values);
        self.db.reads().query_all_raw(statement).await?.iter().map(|row| Ok(lease(row)?)).collect()
    }

    /// That task, locked until the transaction ends, if it still is lost and nobody else is at it.
    pub(in crate::queue) async fn lock_lost(
        &self,
        tx: &Tx,
        lease: Lease,
    ) -> Result<Option<Lost>, QueueError> {
        let row = self.one(tx, self.sql.lock_lost, [lease.id.0.into(), lease.seq.into()]).await?;
        row.map(|row| Ok(Lost { task: task(&row)?, past_deadline: row.try_get("", "past_deadline")? }))
            .transpose()
    }

    /// What this process claimed longer ago than that and still holds.
    pub(in crate::queue) async fn owned(&self, age: Duration) -> Result<Vec<Lease>, QueueError> {
        let statement = self.statement(self.sql.owned, [self.owner.into(), millis(age).into()]);
        self.db.reads().query_all_raw(statement).await?.iter().map(|row| Ok(lease(row)?)).collect()
    }

    /// Lets everybody else's leases run out now; for a database that only one process at a time works on.
    pub(in crate::queue) async fn disown(&self) -> Result<u64, QueueError> {
        self.execute(&self.db, self.sql.disown, [self.owner.into()]).await
    }

    /// That task with its state, locked until the transaction ends.
    pub(in crate::queue) async fn lock(
        &self,
        tx: &Tx,
        id: TaskId,
    ) -> Result<Option<(Claimed, TaskState)>, QueueError> {
        let row = self.one(tx, self.sql.lock, [id.0.into()]).await?;
        row.map(|row| Ok((task(&row)?, state(&row)?))).transpose()
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
        // Running first: what is handed back afterwards knows that it was called off. Then again, for what was claimed
        // in between. Each counts once, whichever of them found it.
        let sql = self.sql;
        self.lock_group(tx, group).await?;
        let mut called_off = HashSet::new();
        for statement in [sql.cancel_group_running, sql.cancel_group_queued, sql.cancel_group_running] {
            for row in self.all(tx, statement, [group.into()]).await? {
                called_off.insert(row.try_get::<Uuid>("", "id")?);
            }
        }
        Ok(u64::try_from(called_off.len()).unwrap_or(u64::MAX))
    }

    pub(in crate::queue) async fn limit_group(
        &self,
        tx: &Tx,
        group: &str,
        limit: Option<i32>,
    ) -> Result<(), QueueError> {
        self.lock_group(tx, group).await?;
        self.execute(tx, self.sql.limit_group, [group.into(), limit.into()]).await?;
        Ok(())
    }

    pub(in crate::queue) async fn delete_group(&self, tx: &Tx, group: &str) -> Result<u64, QueueError> {
        self.lock_group(tx, group).await?;
        self.execute(tx, sql::DELETE_GROUP, [group.into()]).await
    }

    async fn lock_group(&self, tx: &Tx, group: &str) -> Result<(), QueueError> {
        if let Some(lock) = self.sql.lock_group {
            self.execute(tx, lock, [group.into()]).await?;
        }
        Ok(())
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

    pub(in crate::queue) async fn one(
        &self,
        db: &impl Access,
        sql: &'static str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> Result<Option<QueryResult>, QueueError> {
        Ok(db.writes().query_one_raw(self.statement(sql, values)).await?)
    }

    pub(in crate::queue) fn statement(
        &self,
        sql: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> Statement {
        Statement::from_sql_and_values(self.backend, sql, values)
    }
}

/// A task from the columns of a claimed one, which come first, in an order that is the same on both databases. By their
/// places: looking their names up takes as long as reading them, and this is done for every task.
pub(in crate::queue) fn task(row: &QueryResult) -> Result<Claimed, DbErr> {
    let count = |place| row.try_get_by_index::<i32>(place).map(|count| u32::try_from(count).unwrap_or(0));
    let id = TaskId(row.try_get_by_index(0)?);
    let line_us: Option<i64> = row.try_get_by_index(2)?;
    let waited: i64 = row.try_get_by_index(9)?;
    Ok(Claimed {
        id,
        lease_seq: row.try_get_by_index(1)?,
        spot: line_us.map_or_else(Spot::default, |line_us| Spot { line_us, id: id.0 }),
        kind: row.try_get_by_index(3)?,
        // One that cannot be read must not keep the others of its claim from being run: its handler refuses it.
        payload: row.try_get_by_index(4).unwrap_or_default(),
        attempt: count(5)?,
        max_attempts: count(6)?,
        crashes: count(7)?,
        grouped: row.try_get_by_index(8)?,
        waited: Duration::from_millis(u64::try_from(waited).unwrap_or(0)),
        cancel_requested: row.try_get_by_index(10)?,
        trace: row.try_get_by_index(11)?,
    })
}

pub(in crate::queue) fn lease(row: &QueryResult) -> Result<Lease, DbErr> {
    Ok(Lease { id: TaskId(row.try_get("", "id")?), seq: row.try_get("", "lease_seq")? })
}

fn state(row: &QueryResult) -> Result<TaskState, QueueError> {
    let state: String = row.try_get("", "state")?;
    Ok(TaskState::parse(&state).ok_or(StoreError::Unreadable("queue_tasks.state"))?)
}

pub(in crate::queue) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn ids(tasks: &[TaskId]) -> Value {
    json!(tasks.iter().map(|id| sql::plain(*id)).collect::<Vec<_>>()).into()
}

/// Leases as the statements take them. Of one task there may be an earlier one, whose attempt is still ending; only the
/// last can be held.
pub(in crate::queue) fn leases(leases: &[Lease]) -> Value {
    let mut numbers = Map::new();
    for lease in leases {
        let number = numbers.entry(lease.id.to_string()).or_insert_with(|| lease.seq.into());
        if number.as_i64().is_some_and(|earlier| earlier < lease.seq) {
            *number = lease.seq.into();
        }
    }
    serde_json::Value::Object(numbers).into()
}
