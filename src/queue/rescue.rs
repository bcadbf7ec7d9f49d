//! Takes up tasks whose worker vanished. Every process does it; a row is locked by one at a time.

use std::time::{Duration, Instant};

use metrics::counter;

use crate::queue::Shared;
use crate::queue::call::bounded;
use crate::queue::policy::{Loss, jittered, released};
use crate::queue::registry::{Ended, Registry};
use crate::queue::running::Running;
use crate::queue::table::{Lease, Table};
use crate::queue::task::{Claimed, QueueError, TaskId, TaskState, Verdict};
use crate::store::Tx;
use crate::telemetry::metrics::QUEUE_RESCUED;

/// Looks for lost leases until it is dropped.
pub(in crate::queue) async fn watch(shared: &Shared, table: &Table, registry: &Registry, running: &Running) {
    let mut contact = Contact::new(shared.policy.lease);
    loop {
        if let Err(error) = look(shared, table, registry, running, &mut contact).await {
            contact.lost();
            tracing::warn!(exception = %error, "lost leases were not looked for; trying again");
        }
        tokio::time::sleep(jittered(shared.policy.rescue_every())).await;
    }
}

async fn look(
    shared: &Shared,
    table: &Table,
    registry: &Registry,
    running: &Running,
    contact: &mut Contact,
) -> Result<(), QueueError> {
    let owned = bounded(shared.policy.call(), table.owned(shared.policy.stray_after())).await?;
    contact.answered();
    if contact.is_steady() {
        rescue(shared, table, registry, &running.ids()).await?;
    }
    hand_back_strays(shared, table, registry, running, owned).await?;
    // However much there was to do: each call of it was answered in time.
    contact.answered_throughout();
    Ok(())
}

/// What this process knows of the way to the database. After an outage, owners renew first: else every task that lived
/// through it would look lost.
#[derive(Debug)]
struct Contact {
    lease: Duration,
    answered_at: Instant,
    away_at: Option<Instant>,
}

impl Contact {
    fn new(lease: Duration) -> Self {
        Self { lease, answered_at: Instant::now(), away_at: None }
    }

    /// It answered. Where it had not for long, nobody may have reached it, or this process stood still: no error need
    /// have told of either.
    fn answered(&mut self) {
        if self.answered_at.elapsed() > self.lease / 2 {
            self.lost();
        }
        self.answered_at = Instant::now();
    }

    fn answered_throughout(&mut self) {
        self.answered_at = Instant::now();
    }

    fn lost(&mut self) {
        self.away_at = Some(Instant::now());
    }

    /// Whether it has been there for as long as a lease lasts.
    fn is_steady(&self) -> bool {
        self.away_at.is_none_or(|at| at.elapsed() > self.lease)
    }
}

/// Takes every lost lease away, each in a transaction of its own, so that one that cannot be ended holds up no other;
/// says how many those were.
pub(in crate::queue) async fn rescue(
    shared: &Shared,
    table: &Table,
    registry: &Registry,
    ours: &[TaskId],
) -> Result<usize, QueueError> {
    let (mut rescued, mut late) = (0, false);
    let mut after = TaskId(uuid::Uuid::nil());
    loop {
        let lost = bounded(shared.policy.call(), table.lost(ours, shared.policy.lease, after)).await?;
        let Some(last) = lost.last() else {
            break;
        };
        after = last.id;
        for lease in lost {
            let take = |to_tell| bounded(shared.policy.call(), take_away(shared, table, to_tell, lease));
            match each(registry, lease, take).await {
                // One that takes long holds up no other; two in a row, and it is the database.
                Err(QueueError::TimedOut) if !late => {
                    late = true;
                    tracing::warn!(task_id = %lease.id, "a lost lease was not taken away in time; trying again");
                }
                ended => {
                    rescued += usize::from(ended?);
                    late = false;
                }
            }
        }
    }
    if rescued > 0 {
        shared.bell.ring_tasks();
    }
    Ok(rescued)
}

/// Ends one of many, so that it holds up no other: an end that its handler refuses, and would each time, is not told to
/// it. Says whether there was something to end.
async fn each<'a, F: Future<Output = Result<bool, QueueError>>>(
    registry: &'a Registry,
    lease: Lease,
    end: impl Fn(Option<&'a Registry>) -> F,
) -> Result<bool, QueueError> {
    let mut ended = end(Some(registry)).await;
    if ended.as_ref().is_err_and(|error| !error.is_transient()) {
        tracing::error!(task_id = %lease.id, "a handler did not note the end of an attempt");
        ended = end(None).await;
    }
    match ended {
        Err(error) if error.is_busy() => {
            tracing::warn!(task_id = %lease.id, exception = %error, "an attempt was not ended; trying again");
            Ok(false)
        }
        Err(error) if !error.is_transient() => {
            tracing::error!(task_id = %lease.id, exception = %error, "an attempt could not be ended");
            Ok(false)
        }
        ended => ended,
    }
}

async fn take_away(
    shared: &Shared,
    table: &Table,
    registry: Option<&Registry>,
    lease: Lease,
) -> Result<bool, QueueError> {
    let tx = table.db().begin().await?;
    let Some(lost) = table.lock_lost(&tx, lease).await? else {
        // Renewed, ended, or somebody else is at it.
        tx.rollback().await?;
        return Ok(false);
    };
    let loss = if lost.past_deadline { Loss::HardLimit } else { Loss::WorkerLost };
    let verdict = shared.policy.lost(&lost.task, loss);
    let state = end(table, registry, tx, &lost.task, &verdict).await?;
    let reason = if lost.past_deadline { "hard_limit" } else { "worker_lost" };
    counter!(QUEUE_RESCUED, "reason" => reason).increment(1);
    tracing::warn!(task_id = %lease.id, kind = lost.task.kind, reason, state = state.as_str(),
        "a lease was taken away");
    Ok(true)
}

/// Ends the attempt of a task that is locked, telling its handler where there is one to tell.
async fn end(
    table: &Table,
    registry: Option<&Registry>,
    tx: Tx,
    task: &Claimed,
    verdict: &Verdict,
) -> Result<TaskState, QueueError> {
    let state = table.finish(&tx, task.id, verdict).await?;
    if let Some(registry) = registry {
        registry.note(&task.kind, &tx, &Ended::new(task, state, verdict)).await?;
    }
    tx.commit().await?;
    Ok(state)
}

/// Hands back what this process claimed without knowing it: the database's answer was lost on the way.
async fn hand_back_strays(
    shared: &Shared,
    table: &Table,
    registry: &Registry,
    running: &Running,
    owned: Vec<Lease>,
) -> Result<(), QueueError> {
    for lease in owned {
        // Asked after the database was: what ended meanwhile is refused by its fence.
        if running.holds(lease) {
            continue;
        }
        let back = |to_tell| bounded(shared.policy.call(), hand_back(table, to_tell, lease));
        if each(registry, lease, back).await? {
            counter!(QUEUE_RESCUED, "reason" => "stray").increment(1);
            tracing::warn!(task_id = %lease.id, "a claim whose answer was lost is handed back");
            shared.bell.ring_tasks();
        }
    }
    Ok(())
}

async fn hand_back(table: &Table, registry: Option<&Registry>, lease: Lease) -> Result<bool, QueueError> {
    let tx = table.db().begin().await?;
    let task = match table.lock(&tx, lease.id).await? {
        Some((task, TaskState::Running)) if task.lease_seq == lease.seq => task,
        _ => {
            tx.rollback().await?;
            return Ok(false);
        }
    };
    end(table, registry, tx, &task, &released()).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use crate::queue::rescue::Contact;

    const LEASE: Duration = Duration::from_secs(60);

    fn silent_for(seconds: u64) -> Contact {
        let answered_at =
            Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap_or_else(Instant::now);
        Contact { answered_at, ..Contact::new(LEASE) }
    }

    #[test]
    fn a_silence_without_an_error_is_an_outage_from_half_a_lease_on() {
        for (seconds, steady) in [(0, true), (25, true), (35, false)] {
            let mut contact = silent_for(seconds);
            contact.answered();
            assert_eq!(contact.is_steady(), steady, "after {seconds} s");
        }
    }

    #[test]
    fn long_work_that_was_answered_throughout_is_no_outage_and_an_error_is_one() {
        let mut contact = silent_for(35);
        contact.answered_throughout();
        contact.answered();
        assert!(contact.is_steady());
        contact.lost();
        contact.answered();
        assert!(!contact.is_steady());
    }
}
