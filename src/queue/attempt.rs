//! One attempt of one task, from its claim to the verdict in the table.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::histogram;
use tokio::task::{JoinError, JoinHandle};
use tracing::Instrument as _;

use crate::queue::Shared;
use crate::queue::context::{Context, Stop, StopSignal};
use crate::queue::heartbeat::Running;
use crate::queue::policy::{cancelled, hard_limit, outage_pause, released};
use crate::queue::registry::{Ended, Handler};
use crate::queue::task::{Claimed, QueueError, TaskError, TaskState, Verdict};
use crate::telemetry::metrics::{QUEUE_TASK_DURATION, QUEUE_WAIT};

/// Between asking a handler to stop and stopping it.
const GRACE: Duration = Duration::from_secs(10);
/// How long the verdict of an attempt is offered to a database that does not answer, once the process ends.
const LAST_TRIES: u32 = 5;

type Answer = Result<Result<(), TaskError>, JoinError>;

/// Makes the attempt and writes its verdict; returns when the slot is free.
pub(in crate::queue) async fn make(
    shared: Arc<Shared>,
    running: Arc<Running>,
    handler: Arc<dyn Handler>,
    task: Claimed,
) {
    let span = tracing::info_span!("task", task_id = %task.id, kind = %task.kind, attempt = task.attempt);
    histogram!(QUEUE_WAIT, "kind" => task.kind.clone()).record(task.waited);
    let stop = StopSignal::default();
    let task = Arc::new(task);
    let context = Context { task: Arc::clone(&task), table: shared.table.clone(), stop: stop.clone() };
    let lease = context.lease();
    running.insert(lease, stop.clone());
    if task.cancel_requested {
        stop.trip(Stop::Cancelled);
    }
    let work = async {
        let began = Instant::now();
        let doing = Arc::clone(&handler);
        let handle =
            tokio::spawn(async move { doing.run(&context).await }.instrument(tracing::Span::current()));
        let verdict = judge(&shared, &task, &stop, handle).await;
        let outcome = match verdict {
            None => "lease_lost",
            Some(verdict) => settle(&shared, &*handler, &task, lease.seq, verdict, &stop).await,
        };
        tracing::info!(outcome, seconds = began.elapsed().as_secs_f64(), "attempt ended");
        histogram!(QUEUE_TASK_DURATION, "kind" => task.kind.clone(), "outcome" => outcome)
            .record(began.elapsed());
    };
    work.instrument(span).await;
    running.remove(lease);
}

/// Waits for the handler within its limits; `None` when its lease is lost and nothing may be written.
async fn judge(
    shared: &Shared,
    task: &Claimed,
    stop: &StopSignal,
    mut handle: JoinHandle<Result<(), TaskError>>,
) -> Option<Verdict> {
    let policy = &shared.policy;
    let answer: Option<Answer> = tokio::select! {
        answer = &mut handle => Some(answer),
        () = stop.tripped() => within_grace(&mut handle).await,
        () = tokio::time::sleep(policy.soft_limit) => {
            stop.trip(Stop::SoftLimit);
            let rest = policy.hard_limit.saturating_sub(policy.soft_limit);
            tokio::time::timeout(rest, &mut handle).await.ok()
        }
    };
    if answer.is_none() {
        handle.abort();
    }
    match (answer, stop.reason()) {
        (_, Some(Stop::LeaseLost)) => None,
        // Done is done, whatever was asked for meanwhile.
        (Some(Ok(Ok(()))), _) => Some(policy.answered(task, Ok(()))),
        (Some(Ok(Err(TaskError::Stopped))) | None, Some(Stop::Cancelled)) => Some(cancelled()),
        (Some(Ok(Err(TaskError::Stopped))) | None, Some(Stop::Shutdown)) => Some(released()),
        (Some(Ok(Err(TaskError::Stopped))), Some(Stop::SoftLimit)) => Some(hard_limit(policy.soft_limit)),
        (None, _) => Some(hard_limit(policy.hard_limit)),
        (Some(Ok(answer)), _) => Some(policy.answered(task, answer)),
        (Some(Err(_)), _) => {
            tracing::error!("the handler panicked");
            Some(policy.panicked(task))
        }
    }
}

async fn within_grace(handle: &mut JoinHandle<Result<(), TaskError>>) -> Option<Answer> {
    tokio::time::timeout(GRACE, handle).await.ok()
}

/// Writes the verdict, however long that takes while the process lives: heartbeats keep the lease meanwhile.
async fn settle(
    shared: &Shared,
    handler: &dyn Handler,
    task: &Claimed,
    seq: i64,
    verdict: Verdict,
    stop: &StopSignal,
) -> &'static str {
    let mut failures = 0;
    loop {
        let error = match write(shared, handler, task, seq, &verdict).await {
            Ok(state) => return outcome(state, &verdict),
            Err(QueueError::LeaseLost) => return "lease_lost",
            Err(error) => error,
        };
        failures += 1;
        tracing::warn!(%error, failures, "the end of an attempt was not written; trying again");
        if stop.reason() == Some(Stop::LeaseLost) {
            return "lease_lost";
        }
        if stop.reason() == Some(Stop::Shutdown) && failures >= LAST_TRIES {
            // Its lease runs out by itself, and another process takes it up.
            return "not_written";
        }
        tokio::time::sleep(outage_pause(failures)).await;
    }
}

async fn write(
    shared: &Shared,
    handler: &dyn Handler,
    task: &Claimed,
    seq: i64,
    verdict: &Verdict,
) -> Result<TaskState, QueueError> {
    let tx = shared.db.begin().await?;
    shared.table.guard(&tx, crate::queue::table::Lease { id: task.id, seq }).await?;
    let state = shared.table.finish(&tx, task.id, verdict).await?;
    if state != TaskState::Completed {
        handler.ended(&tx, &Ended::new(task, state, verdict)).await?;
    }
    tx.commit().await?;
    Ok(state)
}

fn outcome(state: TaskState, verdict: &Verdict) -> &'static str {
    match (state, verdict.kind) {
        (TaskState::Queued, Some("released")) => "released",
        (TaskState::Queued, _) => "retry",
        (state, _) => state.as_str(),
    }
}
