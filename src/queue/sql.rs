//! The statements that a database has to offer; their parameters and columns are the same for each. Those that read
//! alike on both stand here once.
//!
//! Instants never cross this border: durations go in as milliseconds, and ages come out as milliseconds, both by the
//! database's clock. Only places in the line and the ticks of schedules are points in time, counted since 1970. Lists go
//! in as JSON; leases from the identifier of their task to their numbers.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::queue::NAME;
use crate::queue::task::{NewTask, QueueError, TaskId};

/// Bytes of a payload: it refers to documents, it does not carry them.
const MAX_PAYLOAD_BYTES: usize = 65_536;

/// The waiting tasks of the group `$1`: those in its own line and those in the common one have an index each.
macro_rules! group {
    () => {
        "SELECT id FROM queue_tasks WHERE group_key = $1 AND state = 'queued' AND line_at IS NULL
         UNION ALL
         SELECT id FROM queue_tasks WHERE group_key = $1 AND state = 'queued' AND line_at IS NOT NULL"
    };
}
pub(in crate::queue) use group;

/// `$1` kind, `$2` unique key: `id` of the open task.
pub(in crate::queue) const FIND_OPEN: &str =
    "SELECT id FROM queue_tasks WHERE kind = $1 AND unique_key = $2 AND state IN ('queued', 'running')";
/// `$1` group: its tasks, whatever became of them. No index has those that have ended: it would cost every task, for what
/// happens once in the life of an account.
pub(in crate::queue) const DELETE_GROUP: &str = "DELETE FROM queue_tasks WHERE group_key = $1";
/// `id` of every running task.
pub(in crate::queue) const RUNNING: &str = "SELECT id FROM queue_tasks WHERE state = 'running' ORDER BY id";
/// `$1` queue: `state`, `tasks` of every state.
pub(in crate::queue) const COUNTS: &str =
    "SELECT state, count(*) AS tasks FROM queue_tasks WHERE queue = $1 GROUP BY state";
/// `$1` queue: `paused`.
pub(in crate::queue) const IS_PAUSED: &str =
    "SELECT paused_at IS NOT NULL AS paused FROM queues WHERE name = $1";
/// `$1` queue.
pub(in crate::queue) const RESUME: &str = "UPDATE queues SET paused_at = NULL WHERE name = $1";

/// How a database completes leases and claims tasks. What is claimed comes in no order, with the columns of a task.
#[derive(Debug)]
pub(in crate::queue) enum Exchange {
    /// In one statement: `$1` leases that are done, `$2` queue, `$3` free slots, to which each that is completed adds
    /// one, or NULL to claim nothing, `$4` owner, `$5` time of the lease, `$6` kinds as JSON with the deadline of each,
    /// `$7`, `$8` where in the line of normal priority to begin: microseconds since 1970, id. What was completed
    /// comes in one row, as the bytes of its identifiers in `completed`: a row for each is a tenth of the time.
    AtOnce {
        /// Waits for what is done and somebody else is at.
        waiting: &'static str,
        /// Leaves it as it is, which takes a lock for each row, and a fifth of the speed.
        around: &'static str,
        /// Completes nothing, and does not wait for the disk: a server that crashes just then knows nothing of the claim,
        /// and its tasks are claimed again, by another owner.
        claim: &'static str,
        /// Waits for the disk, on behalf of such claims.
        flush: &'static str,
    },
    /// In one transaction, the claim once for each priority.
    InSteps {
        /// `$1` leases, `$2` owner: `id`, `lease_seq` of those that were held and are completed.
        complete: &'static str,
        /// `$1` queue, `$2` priority, `$3` how many, `$4` to `$6` as above.
        claim: &'static str,
    },
}

/// One database's statements.
#[derive(Debug)]
pub(in crate::queue) struct Statements {
    /// `$1` JSON of `{id, queue, kind, priority, group, group_limit, unique_key, payload, delay, max_attempts}`, and
    /// `trace` where there is one. Leaves out what has an open task of the same kind and key: `id` of each that is new. A task with a group starts in its
    /// group's own line, the others in the common one.
    pub enqueue: &'static str,
    /// Completes what is done and claims what is next.
    pub exchange: Exchange,
    /// `$1` leases, `$2` owner: `id`, `lease_seq`, `state` of the tasks of which no later lease was given.
    pub states_under: &'static str,
    /// `$1` leases, `$2` time, `$3` owner: `id`, `lease_seq`, `cancel_requested` of those still held, `renewed` unless
    /// somebody else is at the row.
    pub heartbeat: &'static str,
    /// `$1` id, `$2` seq, `$3` owner: one row while the lease is held, which then is locked until the transaction ends.
    pub guard: &'static str,
    /// `$1` id, `$2` outcome, `$3` error: the attempt's line in the history.
    pub record: &'static str,
    /// `$1` id, `$2` state, `$3` delay, `$4` attempts to give back, `$5` crashes to add, `$6` error kind, `$7` error:
    /// `state` as it became, which is cancelled when that was asked for meanwhile.
    pub finish: &'static str,
    /// `$1` JSON of ids that this process runs, `$2` how long the database must have been up, `$3` after this id, `$4`
    /// how many: `id`, `lease_seq` of leases that have run out, by id.
    pub lost: &'static str,
    /// `$1` id, `$2` seq: that task with `past_deadline`, locked, if it still is lost.
    pub lock_lost: &'static str,
    /// `$1` owner, `$2` age: `id`, `lease_seq` of what that owner claimed longer ago.
    pub owned: &'static str,
    /// `$1` owner: everybody else's leases run out now.
    pub disown: &'static str,
    /// Keeps every other process from admitting until the transaction ends; nothing to do where there is one writer.
    pub lock_lines: Option<&'static str>,
    /// `$1` the window, `$2` after this group, `$3` how many: `group_key`, `room` of the next groups with waiting tasks that
    /// may have more in the common line, in order.
    pub rooms: &'static str,
    /// `$1` group, `$2` how many of its tasks take their place in the common line.
    pub admit: &'static str,
    /// `$1` group: keeps whoever else changes many tasks of it waiting until the transaction ends; nothing to do where there
    /// is one writer.
    pub lock_group: Option<&'static str>,
    /// `$1` kind, `$2` unique key.
    pub cancel_queued: &'static str,
    /// `$1` kind, `$2` unique key.
    pub cancel_running: &'static str,
    /// `$1` group, `$2` limit: of its waiting tasks.
    pub limit_group: &'static str,
    /// `$1` group.
    pub cancel_group_queued: &'static str,
    /// `$1` group.
    pub cancel_group_running: &'static str,
    /// `$1` id: the columns of a claimed task and `state`, locked.
    pub lock: &'static str,
    /// `$1` id: cancelled, where it waits.
    pub cancel_by_id: &'static str,
    /// `$1` id: asked to stop, where it runs.
    pub ask_by_id: &'static str,
    /// `$1` id: a dead or cancelled task waits again, with all its attempts.
    pub retry: &'static str,
    /// `$1` queue: `state`, `tasks` of every state but `completed`, by indexes alone.
    pub depths: &'static str,
    /// `$1` queue: `ms` that the first task of any line could have been running, or NULL.
    pub oldest: &'static str,
    /// `seconds` since the oldest transaction began that may still see removed rows; where one can last for long.
    pub snapshot_age: Option<&'static str>,
    /// `$1` id: the columns of `list`.
    pub find: &'static str,
    /// `$1` state or NULL, `$2` how many: newest first.
    pub list: &'static str,
    /// `$1` id: `attempt`, `outcome`, `error`, `age_ms` of its unsuccessful attempts, oldest first.
    pub history: &'static str,
    /// `$1` queue.
    pub pause: &'static str,
    /// `$1` state, `$2` age, `$3` how many.
    pub prune: &'static str,
    /// `$1` name: it starts now, where it is not known.
    pub add_schedule: &'static str,
    /// `name`, `last_ms`, `now_ms` of every schedule.
    pub schedules: &'static str,
    /// `$1` name, `$2` tick: one row changes where the last tick is older.
    pub tick: &'static str,
}

/// Kinds as the statements take them, each with the time from its claim to its deadline.
pub(in crate::queue) fn kinds<'a>(deadlines: impl IntoIterator<Item = (&'a str, Duration)>) -> Value {
    let each = deadlines.into_iter().map(|(kind, deadline)| (kind.to_owned(), json!(millis(deadline))));
    each.collect::<Map<_, _>>().into()
}

/// Milliseconds as the statements take them.
pub(in crate::queue) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A task as [`Statements::enqueue`] takes it.
pub(in crate::queue) fn task(id: TaskId, task: &NewTask, max_attempts: u32) -> Result<Value, QueueError> {
    let size = task.payload.to_string().len();
    if size > MAX_PAYLOAD_BYTES {
        return Err(QueueError::PayloadTooLarge { size, limit: MAX_PAYLOAD_BYTES });
    }
    let mut row = json!({
        "id": plain(id),
        "queue": NAME,
        "kind": task.kind,
        "priority": task.priority.level(),
        "group": task.group,
        "group_limit": task.group_limit.map(small),
        "unique_key": task.unique_key,
        "payload": task.payload,
        "delay": millis(task.delay),
        "max_attempts": small(task.max_attempts.unwrap_or(max_attempts)),
    });
    if let (Some(trace), Some(row)) = (&task.trace, row.as_object_mut()) {
        row.insert("trace".to_owned(), trace.as_str().into());
    }
    Ok(row)
}

/// An identifier as both databases read it in JSON: 32 digits, no dashes.
pub(in crate::queue) fn plain(id: TaskId) -> String {
    id.0.as_simple().to_string()
}

fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
