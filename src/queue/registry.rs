//! Which handler does which kind of task.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::de::DeserializeOwned;

use crate::queue::context::Context;
use crate::queue::task::{Claimed, TaskError, TaskId, TaskState, Verdict};
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
    /// Why, as one word: `refused`, `error`, `panic`, `worker_lost`, `soft_limit`, `hard_limit`, `released`.
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

    /// What the task was given, when that is a `T`.
    #[must_use]
    pub fn payload<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&self.payload).ok()
    }
}

/// The handlers of this process by kind. Tasks of other kinds are left to other processes.
#[derive(Clone, Default)]
pub struct Registry {
    handlers: BTreeMap<String, Arc<dyn Handler>>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.handlers.keys()).finish()
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
    pub fn on(mut self, kind: &str, handler: impl Handler) -> Self {
        self.handlers.insert(kind.to_owned(), Arc::new(handler));
        self
    }

    pub(in crate::queue) fn kinds(&self) -> Vec<String> {
        self.handlers.keys().cloned().collect()
    }

    pub(in crate::queue) fn handler(&self, kind: &str) -> Option<Arc<dyn Handler>> {
        self.handlers.get(kind).cloned()
    }
}
