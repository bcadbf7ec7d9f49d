//! Takes up tasks whose worker vanished. Every process does it; a row is locked by one at a time.

use std::time::Instant;

use metrics::counter;

use crate::queue::Shared;
use crate::queue::measure::Measures;
use crate::queue::policy::{Loss, jittered, released};
use crate::queue::registry::{Ended, Registry};
use crate::queue::running::Running;
use crate::queue::table::{Lease, Table};
use crate::queue::task::{Claimed, QueueError, TaskId, TaskState, Verdict};
use crate::store::Tx;
use crate::telemetry::metrics::QUEUE_RESCUED;

/// Looks for lost leases until it is dropped.
pub(in crate::queue) async fn watch(shared: &Shared, table: &Table, registry: &Registry, running: &Running) {
    let mut failed_at: Option<Instant> = None;
    let mut measures = Measures::default();
    loop {
        // After an outage, owners renew first: else every task that lived through it would look lost.
        let healthy = failed_at.is_none_or(|at| at.elapsed() > shared.policy.lease);
        let rescued = async {
            if healthy {
                rescue(shared, table, registry, &running.ids()).await?;
            }
            hand_back_strays(shared, table, registry, running).await
        };
        if let Err(error) = rescued.await {
            failed_at = Some(Instant::now());
            tracing::warn!(exception = %error, "lost leases were not looked for; trying again");
        }
        // What is only counted must not keep leases from being looked for, however long it takes or fails.
        if let Err(error) = measures.take(shared, table).await {
            tracing::warn!(exception = %error, "the queue was not measured; trying again");
        }
        tokio::time::sleep(jittered(shared.policy.rescue_every())).await;
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
    let mut rescued = 0;
    let mut after = TaskId(uuid::Uuid::nil());
    loop {
        let lost = table.lost(ours, shared.policy.lease, after).await?;
        let Some(last) = lost.last() else {
            break;
        };
        after = last.id;
        for lease in lost {
            rescued +=
                usize::from(each(registry, lease, |to_tell| take_away(shared, table, to_tell, lease)).await?);
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
) -> Result<(), QueueError> {
    for lease in table.owned(shared.policy.stray_after()).await? {
        // Asked after the database was: what ended meanwhile is refused by its fence.
        if running.holds(lease) {
            continue;
        }
        if each(registry, lease, |to_tell| hand_back(table, to_tell, lease)).await? {
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
