//! Takes up tasks whose worker vanished. Every process does it; a row is locked by one at a time.

use std::time::{Duration, Instant};

use metrics::{counter, gauge};

use crate::queue::heartbeat::Running;
use crate::queue::policy::Loss;
use crate::queue::registry::{Ended, Registry};
use crate::queue::task::{QueueError, TaskState};
use crate::queue::{NAME, Queue, Shared};
use crate::telemetry::metrics::QUEUE_TASKS;

/// Leases that were taken away, by `reason`.
const RESCUED: &str = "queue_rescued_total";

/// Looks for lost leases until it is dropped.
pub(in crate::queue) async fn watch(queue: &Queue, registry: &Registry, running: &Running) {
    let shared = queue.shared();
    let mut failed_at: Option<Instant> = None;
    loop {
        tokio::time::sleep(shared.policy.rescue_every()).await;
        // After an outage, owners renew first: else every task that lived through it would look lost.
        let healthy = failed_at.is_none_or(|at| at.elapsed() > shared.policy.lease);
        let done = async {
            if healthy {
                rescue(shared, registry, running).await?;
            } else {
                queue.ping().await?;
            }
            report(queue).await
        };
        if let Err(error) = done.await {
            failed_at = Some(Instant::now());
            tracing::warn!(%error, "lost leases were not looked for; trying again");
        }
    }
}

/// Takes every lost lease away, a batch in a transaction; says how many those were.
pub(in crate::queue) async fn rescue(
    shared: &Shared,
    registry: &Registry,
    running: &Running,
) -> Result<usize, QueueError> {
    let settled =
        if shared.policy.lease > Duration::from_secs(10) { shared.policy.lease } else { Duration::ZERO };
    let mut rescued = 0;
    // Looked at before a transaction is opened: on SQLite that would make every writer wait.
    while shared.table.any_lost(&running.ids(), settled).await? {
        let tx = shared.db.begin().await?;
        let lost = shared.table.lost(&tx, &running.ids(), settled).await?;
        if lost.is_empty() {
            // Another process is at them.
            break;
        }
        for lost in &lost {
            let loss = if lost.past_deadline { Loss::HardLimit } else { Loss::WorkerLost };
            let verdict = shared.policy.lost(&lost.task, loss);
            let state = shared.table.finish(&tx, lost.task.id, &verdict).await?;
            if let Some(handler) = registry.handler(&lost.task.kind) {
                handler.ended(&tx, &Ended::new(&lost.task, state, &verdict)).await?;
            }
            let reason = if lost.past_deadline { "hard_limit" } else { "worker_lost" };
            counter!(RESCUED, "reason" => reason).increment(1);
            tracing::warn!(task_id = %lost.task.id, kind = lost.task.kind, reason, state = state.as_str(),
                "a lease was taken away");
        }
        rescued += lost.len();
        tx.commit().await?;
        shared.bell.ring_tasks();
    }
    Ok(rescued)
}

async fn report(queue: &Queue) -> Result<(), QueueError> {
    let counts = queue.counts().await?;
    for (state, tasks) in [
        (TaskState::Queued, counts.queued),
        (TaskState::Running, counts.running),
        (TaskState::Completed, counts.completed),
        (TaskState::Dead, counts.dead),
        (TaskState::Cancelled, counts.cancelled),
    ] {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a gauge is a float, and 2^53 tasks are not to be feared"
        )]
        gauge!(QUEUE_TASKS, "queue" => NAME, "state" => state.as_str()).set(tasks as f64);
    }
    Ok(())
}
