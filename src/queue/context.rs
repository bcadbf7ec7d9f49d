//! What a handler knows about the attempt that it makes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::queue::table::{Lease, Table};
use crate::queue::task::{Claimed, QueueError, TaskError, TaskId};
use crate::store::Tx;

/// Why an attempt should end early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Its owner called it off.
    Cancelled,
    /// It runs longer than the soft limit.
    SoftLimit,
    /// Somebody else has its lease: whatever it yields is dropped.
    LeaseLost,
    /// The process ends; the task is handed back.
    Shutdown,
}

impl Stop {
    fn number(self) -> u8 {
        match self {
            Self::Cancelled => 1,
            Self::SoftLimit => 2,
            Self::LeaseLost => 3,
            Self::Shutdown => 4,
        }
    }

    fn of(number: u8) -> Option<Self> {
        [Self::Cancelled, Self::SoftLimit, Self::LeaseLost, Self::Shutdown]
            .into_iter()
            .find(|stop| stop.number() == number)
    }
}

/// The wish that an attempt ends, with its reason; the first reason stands, unless the lease is lost.
#[derive(Debug, Clone, Default)]
pub(in crate::queue) struct StopSignal {
    token: CancellationToken,
    reason: Arc<AtomicU8>,
}

impl StopSignal {
    pub(in crate::queue) fn trip(&self, stop: Stop) {
        if stop == Stop::LeaseLost {
            self.reason.store(stop.number(), Ordering::SeqCst);
        } else {
            // Set already: the earlier reason stands.
            let _ = self.reason.compare_exchange(0, stop.number(), Ordering::SeqCst, Ordering::SeqCst);
        }
        self.token.cancel();
    }

    pub(in crate::queue) fn reason(&self) -> Option<Stop> {
        Stop::of(self.reason.load(Ordering::SeqCst))
    }

    pub(in crate::queue) async fn tripped(&self) {
        self.token.cancelled().await;
    }
}

/// The attempt, as its handler sees it; clones are the same attempt.
#[derive(Debug, Clone)]
pub struct Context {
    pub(in crate::queue) task: Arc<Claimed>,
    pub(in crate::queue) table: Table,
    pub(in crate::queue) stop: StopSignal,
}

impl Context {
    /// Which task.
    #[must_use]
    pub fn task_id(&self) -> TaskId {
        self.task.id
    }

    /// Which attempt of it, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.task.attempt
    }

    /// Whether a [`TaskError::Retry`] now would be its last.
    #[must_use]
    pub fn is_last_attempt(&self) -> bool {
        self.task.attempt >= self.task.max_attempts
    }

    /// What the task was given.
    ///
    /// # Errors
    /// A refusal when that is not a `T`: it never will be.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, TaskError> {
        T::deserialize(&self.task.payload)
            .map_err(|error| TaskError::Refuse(format!("the task's payload is not readable: {error}")))
    }

    /// Refuses when this attempt no longer holds its lease, and keeps the lease until the transaction ends.
    ///
    /// Call it first in every transaction that writes what the attempt found, and keep that transaction short.
    ///
    /// # Errors
    /// [`QueueError::LeaseLost`]; then roll back and stop.
    pub async fn guard(&self, tx: &Tx) -> Result<(), QueueError> {
        self.table.guard(tx, self.lease()).await
    }

    /// Why the attempt should end now, if it should. Long work asks between its steps.
    #[must_use]
    pub fn stop(&self) -> Option<Stop> {
        self.stop.reason()
    }

    /// Returns once the attempt should end; wait for it beside the work.
    pub async fn stopped(&self) {
        self.stop.tripped().await;
    }

    pub(in crate::queue) fn lease(&self) -> Lease {
        Lease { id: self.task.id, seq: self.task.lease_seq }
    }
}
