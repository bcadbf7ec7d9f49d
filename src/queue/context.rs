//! What a handler knows about the attempt that it makes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use serde::de::DeserializeOwned;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::queue::table::Table;
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

/// The wish that an attempt ends, with its reason. The first reason stands, but for two: the soft limit leaves the
/// handler time of its own, which any other reason takes away; and a lost lease makes every other one pointless.
#[derive(Debug, Clone, Default)]
pub(in crate::queue) struct StopSignal {
    asked: CancellationToken,
    pressed: CancellationToken,
    reason: Arc<AtomicU8>,
}

impl StopSignal {
    pub(in crate::queue) fn trip(&self, stop: Stop) {
        let gives_way = |reason| {
            stop == Stop::LeaseLost
                || reason == 0
                || (reason == Stop::SoftLimit.number() && stop != Stop::SoftLimit)
        };
        // Refused where an earlier reason stands.
        let _ = self.reason.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |reason| {
            gives_way(reason).then_some(stop.number())
        });
        self.asked.cancel();
        if stop != Stop::SoftLimit {
            self.pressed.cancel();
        }
    }

    /// Whether it is the signal of the same attempt.
    pub(in crate::queue) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.reason, &other.reason)
    }

    pub(in crate::queue) fn reason(&self) -> Option<Stop> {
        Stop::of(self.reason.load(Ordering::SeqCst))
    }

    /// Returns once the attempt should end.
    pub(in crate::queue) async fn tripped(&self) {
        self.asked.cancelled().await;
    }

    /// Returns once it should end in a moment, for another reason than its soft limit.
    pub(in crate::queue) async fn pressed(&self) {
        self.pressed.cancelled().await;
    }
}

/// The attempt, as its handler sees it; clones are the same attempt.
///
/// Work on a thread of its own, which ends with no future, carries a clone: as long as there is one, the attempt is not
/// over, and when it should have been, the thread is counted as lost.
#[derive(Debug, Clone)]
pub struct Context {
    pub(in crate::queue) task: Arc<Claimed>,
    pub(in crate::queue) table: Table,
    pub(in crate::queue) stop: StopSignal,
    /// Says, once the last clone is gone, that the attempt left nothing behind.
    pub(in crate::queue) _presence: Arc<DropGuard>,
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

    /// The number of this attempt's lease: greater with each claim of the task. A write elsewhere that must not be
    /// overtaken by an earlier attempt can carry it.
    #[must_use]
    pub fn lease_seq(&self) -> i64 {
        self.task.lease_seq
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
        self.table.guard(tx, self.task.lease()).await
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
}
