//! Which handler does which kind of task.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use serde::de::DeserializeOwned;

use crate::queue::context::Context;
use crate::queue::schedule::Schedule;
use crate::queue::task::{Claimed, QueueError, TaskError, TaskId, TaskState, Verdict};
use crate::store::{StoreError, Tx};

/// Does the tasks of one kind.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Does the task, or says how that failed. It may run again after it succeeded: at least once is promised,
    /// so it looks at what is done already. What it writes, it writes under [`Context::guard`].
    async fn run(&self, context: &Context) -> Result<(), TaskError>;

    /// Notes that an attempt ended without success, in the transaction that ends it: the task waits again, is
    /// dead, or is cancelled. Also called for a task whose worker vanished.
    async fn ended(&self, tx: &Tx, ended: &Ended) -> Result<(), StoreError> {
        let _ = (tx, ended);
        Ok(())
    }

    /// Notes that an operator lets a dead or cancelled task wait again, in the transaction that does it; says whether
    /// what the task was about is still there to be done.
    async fn revived(&self, tx: &Tx, revived: &Ended) -> Result<bool, StoreError> {
        let _ = (tx, revived);
        Ok(true)
    }
}

/// What tasks of one kind may take of this process.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Time after which one is asked to stop; the configured one when absent.
    pub soft: Option<Duration>,
    /// Time after which one is stopped and failed; the configured one when absent.
    pub hard: Option<Duration>,
    /// How many of them this process runs at once; as many as it has slots when absent. Such tasks are looked for each
    /// `queue.poll_ms`, and when one of them ends.
    pub at_once: Option<usize>,
    /// What one does when the database cannot be reached for as long as a lease lasts.
    pub when_cut_off: CutOff,
}

/// What becomes of an attempt whose process cannot reach the database: somebody else may start the task soon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CutOff {
    /// It goes on: all that it does is computed, and written under the fence or not at all.
    #[default]
    GoOn,
    /// It stops before its lease ends: it does something outside that must not be done twice at once.
    Stop,
}

/// The end of an attempt that did not succeed.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Which task.
    pub task_id: TaskId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// `Queued` when it is tried again, `Dead` or `Cancelled` when not.
    pub state: TaskState,
    /// Why, as one word: `refused`, `error`, `panic`, `worker_lost`, `hard_limit`, `stopped`,
    /// `cancelled`, `released`.
    pub kind: &'static str,
    /// Why, as the handler or the queue put it.
    pub error: Option<String>,
    payload: serde_json::Value,
}

impl Ended {
    pub(in crate::queue) fn new(task: &Claimed, state: TaskState, verdict: &Verdict) -> Self {
        Self {
            task_id: task.id,
            attempt: task.attempt,
            state,
            kind: verdict.kind.unwrap_or("error"),
            error: verdict.error.clone(),
            payload: task.payload.clone(),
        }
    }

    /// What an operator did to it, rather than an attempt.
    pub(in crate::queue) fn of(task: &Claimed, state: TaskState, kind: &'static str) -> Self {
        Self {
            task_id: task.id,
            attempt: task.attempt,
            state,
            kind,
            error: None,
            payload: task.payload.clone(),
        }
    }

    /// What the task was given, when that is a `T`.
    #[must_use]
    pub fn payload<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&self.payload).ok()
    }
}

/// The handlers of this process by kind, and what it starts by the clock. Tasks of other kinds are left to other
/// processes.
#[derive(Clone, Default)]
pub struct Registry {
    kinds: BTreeMap<String, Kind>,
    schedules: Vec<Schedule>,
}

/// A handler with its limits.
#[derive(Clone)]
pub(in crate::queue) struct Kind {
    pub handler: Arc<dyn Handler>,
    pub limits: Limits,
}

impl Kind {
    /// Tells the handler of an end; one that breaks down over it refuses it.
    pub(in crate::queue) async fn note(&self, tx: &Tx, ended: &Ended) -> Result<(), QueueError> {
        match AssertUnwindSafe(self.handler.ended(tx, ended)).catch_unwind().await {
            Ok(noted) => Ok(noted?),
            Err(_) => Err(QueueError::NotNoted),
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Registry")
            .field("kinds", &self.kinds.keys())
            .field("schedules", &self.schedules)
            .finish()
    }
}

impl Registry {
    /// No handlers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With this handler for tasks of that kind.
    #[must_use]
    pub fn on(self, kind: &str, handler: impl Handler) -> Self {
        self.on_with(kind, handler, Limits::default())
    }

    /// With this handler for tasks of that kind, within these limits.
    #[must_use]
    pub fn on_with(mut self, kind: &str, handler: impl Handler, limits: Limits) -> Self {
        self.kinds.insert(kind.to_owned(), Kind { handler: Arc::new(handler), limits });
        self
    }

    /// With tasks that are put into the queue by the clock.
    #[must_use]
    pub fn every(mut self, schedule: Schedule) -> Self {
        self.schedules.push(schedule);
        self
    }

    /// Tells the handler of that kind of an end, where there is one.
    pub(in crate::queue) async fn note(&self, kind: &str, tx: &Tx, ended: &Ended) -> Result<(), QueueError> {
        match self.kind(kind) {
            Some(kind) => kind.note(tx, ended).await,
            None => Ok(()),
        }
    }

    pub(in crate::queue) fn kind(&self, kind: &str) -> Option<&Kind> {
        self.kinds.get(kind)
    }

    pub(in crate::queue) fn kinds(&self) -> impl Iterator<Item = (&str, &Kind)> {
        self.kinds.iter().map(|(name, kind)| (name.as_str(), kind))
    }

    pub(in crate::queue) fn schedules(&self) -> &[Schedule] {
        &self.schedules
    }
}
