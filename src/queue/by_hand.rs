//! A worker whose every step is taken by its caller: for checks of the queue itself, and for measuring it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::queue::exchange::{Exchanged, Want};
use crate::queue::place::Place;
use crate::queue::policy::{cancelled, released};
use crate::queue::registry::{Limits, Registry};
use crate::queue::table::{GROUPS_AT_ONCE, Lease, Table};
use crate::queue::task::{Charge, Claimed, QueueError, Spot, TaskId, TaskState, Verdict};
use crate::queue::{Queue, Shared, rescue, sql};

/// A worker of its own, with an owner that nobody else is.
#[derive(Debug, Clone)]
pub struct ByHand {
    queue: Queue,
    table: Table,
    apart: Arc<AtomicBool>,
    /// Where it is in the line, unless it always begins at the head.
    place: Option<Arc<Mutex<Place>>>,
}

/// A claimed task.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Which task.
    pub id: TaskId,
    /// The number of its lease, which every later step has to name.
    pub lease_seq: i64,
    /// Which kind.
    pub kind: String,
    /// What it was given.
    pub payload: Value,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// Whether it was called off before.
    pub cancel_requested: bool,
}

/// An end other than success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Again after this time.
    Retry(Duration),
    /// Handed back.
    Release,
    /// Given up.
    Dead,
    /// Called off.
    Cancelled,
}

impl Queue {
    /// A worker whose every step is taken by its caller.
    #[must_use]
    pub fn by_hand(&self) -> ByHand {
        ByHand {
            queue: self.clone(),
            table: self.shared().table.with_fresh_owner(),
            apart: Arc::default(),
            place: None,
        }
    }
}

impl ByHand {
    /// The same, making completions and claims apart from the start, as a worker does that finds others in the way.
    #[must_use]
    pub fn apart(self) -> Self {
        self.apart.store(true, Ordering::Relaxed);
        self
    }

    /// The same, beginning where its last claim ended and looking back now and then, as a worker does; what comes to stand
    /// before that place it may claim later.
    #[must_use]
    pub fn placed(self) -> Self {
        Self { place: Some(Arc::default()), ..self }
    }

    /// Claims up to so many tasks of these kinds.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim(&self, kinds: &[&str], tasks: usize) -> Result<Vec<Taken>, QueueError> {
        Ok(self.exchange(&[], kinds, tasks).await?.1)
    }

    /// Completes these and claims up to so many, and one more for each that was completed, as [`Queue::run`] does; says
    /// which were completed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn exchange(
        &self,
        done: &[(TaskId, i64)],
        kinds: &[&str],
        tasks: usize,
    ) -> Result<(Vec<(TaskId, i64)>, Vec<Taken>), QueueError> {
        let mut exchanged = self.placed_exchange(&leases(done), kinds, tasks).await?;
        while exchanged.more && exchanged.claimed.is_empty() && tasks > 0 {
            let claims = self.placed_exchange(&[], kinds, tasks).await?;
            exchanged = Exchanged { completed: exchanged.completed, ..claims };
        }
        Ok((pairs(&exchanged.completed), exchanged.claimed.into_iter().map(taken).collect()))
    }

    async fn placed_exchange(
        &self,
        done: &[Lease],
        kinds: &[&str],
        tasks: usize,
    ) -> Result<Exchanged, QueueError> {
        let began = Instant::now();
        let mut want = self.want(kinds, Some(tasks));
        if let Some(place) = &self.place {
            want.from = place.lock().unwrap_or_else(PoisonError::into_inner).from();
        }
        let mut exchanged = self.table.exchange(done, &want).await?;
        self.apart.fetch_or(exchanged.crowded, Ordering::Relaxed);
        if let Some(place) = &self.place {
            let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
            exchanged.more |= place.note(&want, &exchanged.claimed, exchanged.more, began);
        }
        Ok(exchanged)
    }

    /// Renews these leases; those held, each with whether its task was called off.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew(&self, held: &[(TaskId, i64)]) -> Result<Vec<(TaskId, i64, bool)>, QueueError> {
        let held = self.table.heartbeat(&leases(held), self.shared().policy.lease).await?;
        Ok(held.iter().map(|held| (held.lease.id, held.lease.seq, held.cancel_requested)).collect())
    }

    /// Completes these; those whose lease was held.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn complete(&self, done: &[(TaskId, i64)]) -> Result<Vec<(TaskId, i64)>, QueueError> {
        Ok(pairs(&self.table.exchange(&leases(done), &self.want(&[], None)).await?.completed))
    }

    /// Ends an attempt otherwise; the state that followed.
    ///
    /// # Errors
    /// [`QueueError::LeaseLost`] when the lease is not held.
    pub async fn end(&self, id: TaskId, lease_seq: i64, end: End) -> Result<TaskState, QueueError> {
        let verdict = match end {
            End::Retry(delay) => Verdict { delay, ..verdict(TaskState::Queued, "error") },
            End::Release => released(),
            End::Dead => verdict(TaskState::Dead, "error"),
            End::Cancelled => cancelled(),
        };
        let tx = self.table.db().begin().await?;
        self.table.guard(&tx, Lease { id, seq: lease_seq }).await?;
        let state = self.table.finish(&tx, id, &verdict).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// Takes lost leases away; says how many those were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rescue(&self) -> Result<usize, QueueError> {
        rescue::rescue(self.shared(), &self.table, &Registry::new(), &[]).await
    }

    /// Lets tasks from their groups' lines into the common one; says how many those were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn admit(&self) -> Result<u64, QueueError> {
        let (mut tasks, mut after) = (0, String::new());
        loop {
            let admitted = self.table.admit(self.shared().policy.window, &after, GROUPS_AT_ONCE).await?;
            tasks += admitted.tasks;
            match admitted.up_to {
                Some(group) => after = group,
                None => return Ok(tasks),
            }
        }
    }

    fn want(&self, kinds: &[&str], free: Option<usize>) -> Want {
        let policy = &self.shared().policy;
        let deadline = policy.times(&Limits::default()).deadline();
        let kinds = sql::kinds(kinds.iter().map(|kind| (*kind, deadline)));
        Want {
            apart: self.apart.load(Ordering::Relaxed),
            free,
            kinds,
            lease: policy.lease,
            from: Spot::default(),
        }
    }

    fn shared(&self) -> &Shared {
        self.queue.shared()
    }
}

fn verdict(state: TaskState, kind: &'static str) -> Verdict {
    Verdict { state, delay: Duration::ZERO, charged: Charge::Attempt, kind: Some(kind), error: None }
}

fn leases(pairs: &[(TaskId, i64)]) -> Vec<Lease> {
    pairs.iter().map(|(id, seq)| Lease { id: *id, seq: *seq }).collect()
}

fn pairs(leases: &[Lease]) -> Vec<(TaskId, i64)> {
    leases.iter().map(|lease| (lease.id, lease.seq)).collect()
}

fn taken(task: Claimed) -> Taken {
    Taken {
        id: task.id,
        lease_seq: task.lease_seq,
        kind: task.kind,
        payload: task.payload,
        attempt: task.attempt,
        cancel_requested: task.cancel_requested,
    }
}
