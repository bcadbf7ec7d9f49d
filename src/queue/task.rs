//! What a task is, and what can become of it.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use crate::queue::table::Lease;
use crate::store::StoreError;

/// One unit of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub Uuid);

impl std::fmt::Display for TaskId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

impl std::str::FromStr for TaskId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

/// Who goes first among tasks that could start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Priority {
    /// Before the others.
    High,
    /// As it comes.
    #[default]
    Normal,
    /// When nothing else waits.
    Low,
}

impl Priority {
    /// Highest first: the order of claiming.
    pub(in crate::queue) const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    pub(in crate::queue) fn level(self) -> i16 {
        match self {
            Self::High => 1,
            Self::Normal => 0,
            Self::Low => -1,
        }
    }
}

/// A task to be done.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Which handler does it.
    pub kind: String,
    /// What the handler is told: references, not documents.
    pub payload: Value,
    /// Who goes first.
    pub priority: Priority,
    /// How long it waits before it may start, by the database's clock.
    pub delay: Duration,
    /// While a task of the same kind and key is open, another one is not made.
    pub unique_key: Option<String>,
    /// Whose it is. Tasks of a group wait in a line of their own, of which only the first few stand in the common
    /// line at once, so that nobody's thousand tasks keep everybody else's waiting; and they are cancelled together.
    pub group: Option<String>,
    /// How many of the group may run at once; no bound when absent. That of the group's first waiting task counts.
    pub group_limit: Option<u32>,
    /// Starts before it is given up; the configured number when absent.
    pub max_attempts: Option<u32>,
    /// Which request asks for it and where its trace goes on, as [`crate::telemetry::traces::carried`] says it.
    pub(in crate::queue) trace: Option<String>,
}

impl NewTask {
    /// A task that may start at once.
    #[must_use]
    pub fn new(kind: &str, payload: Value) -> Self {
        Self {
            kind: kind.to_owned(),
            payload,
            priority: Priority::Normal,
            delay: Duration::ZERO,
            unique_key: None,
            group: None,
            group_limit: None,
            max_attempts: None,
            trace: None,
        }
    }

    /// With this priority.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Not before this much time has passed.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// With this many starts before it is given up.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// With this unique key.
    #[must_use]
    pub fn unique(mut self, key: &impl ToString) -> Self {
        self.unique_key = Some(key.to_string());
        self
    }

    /// In this group.
    #[must_use]
    pub fn group(mut self, group: &impl ToString) -> Self {
        self.group = Some(group.to_string());
        self
    }

    /// Taking along what is known of who asks.
    pub(in crate::queue) fn carrying(mut self, trace: Option<String>) -> Self {
        self.trace = trace;
        self
    }

    /// With at most this many of its group running at once.
    #[must_use]
    pub fn group_limit(mut self, limit: u32) -> Self {
        self.group_limit = Some(limit);
        self
    }
}

/// What became of an enqueue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// The task is in the queue.
    New(TaskId),
    /// An open task with the same unique key was there already.
    Present(TaskId),
}

/// What became of a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// It waited and will not start.
    Waiting,
    /// It runs and was asked to stop.
    Asked,
    /// No such task is open.
    NotOpen,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// Waits: for a slot, for its time, or for its next attempt.
    Queued,
    /// Somebody holds its lease.
    Running,
    /// Done.
    Completed,
    /// Given up, with the reason.
    Dead,
    /// Called off.
    Cancelled,
}

impl TaskState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Completed, Self::Dead, Self::Cancelled];

    /// The name in the database and in the metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// How an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// It may go better later: tried again with a growing pause while attempts are left.
    #[error("{0}")]
    Retry(String),
    /// It will never go: dead at once.
    #[error("{0}")]
    Refuse(String),
    /// The handler stopped because it was asked to, or because its lease is lost; what follows is the queue's to
    /// decide: cancelled, handed back, or nothing.
    #[error("stopped when asked to")]
    Stopped,
}

/// What went wrong with the queue itself.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The task runs under a later lease, or is at its end: this attempt no longer counts.
    #[error("the lease of this attempt is lost; its result is dropped")]
    LeaseLost,
    /// The database did not answer in time.
    #[error("the database did not answer in time; check that it is running and not overloaded")]
    TimedOut,
    /// A schedule's cron expression is none.
    #[error("the schedule {name} has no usable cron expression: {reason}")]
    Schedule {
        /// Which one.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A handler broke down over the end of an attempt.
    #[error("the handler broke down while it noted the end of an attempt; this is a bug in it")]
    NotNoted,
    /// The payload is larger than the queue keeps.
    #[error("a task's payload may have {limit} bytes; this one has {size}: keep the document elsewhere")]
    PayloadTooLarge {
        /// Bytes given.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
}

impl QueueError {
    /// Whether the same call may succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::TimedOut => true,
            Self::LeaseLost | Self::NotNoted | Self::Schedule { .. } | Self::PayloadTooLarge { .. } => false,
        }
    }

    /// Whether it is only about a row or a lock that somebody else has.
    pub(in crate::queue) fn is_busy(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_busy())
    }
}

impl From<sea_orm::DbErr> for QueueError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<QueueError> for TaskError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::LeaseLost => Self::Stopped,
            QueueError::Store(error) => Self::from(error),
            QueueError::TimedOut | QueueError::NotNoted => Self::Retry(error.to_string()),
            QueueError::Schedule { .. } | QueueError::PayloadTooLarge { .. } => {
                Self::Refuse(error.to_string())
            }
        }
    }
}

impl From<StoreError> for TaskError {
    fn from(error: StoreError) -> Self {
        // Whatever the database refused may be a bug that the next version mends: attempts bound it.
        Self::Retry(error.to_string())
    }
}

/// A spot in the common line: that of a task, or before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::queue) struct Spot {
    /// Microseconds since 1970; 0 at the head.
    pub line_us: i64,
    /// Among tasks of the same moment.
    pub id: Uuid,
}

/// A task that this process holds the lease of.
#[derive(Debug, Clone)]
pub(in crate::queue) struct Claimed {
    pub id: TaskId,
    pub kind: String,
    pub payload: Value,
    pub attempt: u32,
    pub max_attempts: u32,
    pub crashes: u32,
    pub lease_seq: i64,
    /// Where it stood in the common line of normal priority; the head in another one.
    pub spot: Spot,
    /// Whether it is of a group.
    pub grouped: bool,
    /// Between when it could have started and its start.
    pub waited: Duration,
    pub cancel_requested: bool,
    /// What it took along of who asked for it.
    pub trace: Option<String>,
}

impl Claimed {
    pub(in crate::queue) fn lease(&self) -> Lease {
        Lease { id: self.id, seq: self.lease_seq }
    }
}

/// What is written at the end of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::queue) struct Verdict {
    pub state: TaskState,
    /// Before it may start again.
    pub delay: Duration,
    /// What it cost the task.
    pub charged: Charge,
    /// Why, as one word: `error`, `panic`, `worker_lost`, …
    pub kind: Option<&'static str>,
    pub error: Option<String>,
}

/// What an attempt cost its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::queue) enum Charge {
    /// One of its attempts.
    Attempt,
    /// One of the times that its worker may vanish; not an attempt, since whoever pulls the plug on a worker stops
    /// tasks that did nothing wrong.
    Crash,
    /// Nothing.
    Nothing,
}
