//! One attempt of one task, from its claim to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::{counter, gauge, histogram};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::queue::call::{CALL, bounded};
use crate::queue::context::{Context, Stop, StopSignal};
use crate::queue::policy::{Times, cancelled, hard_limit, outage_pause, released};
use crate::queue::registry::{CutOff, Ended, Kind};
use crate::queue::running::Running;
use crate::queue::table::Lease;
use crate::queue::task::{Claimed, QueueError, TaskError, TaskState, Verdict};
use crate::queue::{NAME, Shared};
use crate::telemetry::metrics::{QUEUE_STALE, QUEUE_STUCK, QUEUE_TASK_DURATION, QUEUE_WAIT};
use crate::telemetry::traces;

/// Between asking a handler to stop and stopping it, at most.
const GRACE: Duration = Duration::from_secs(10);
/// What a handler that is stopped has to end.
const ABORT: Duration = Duration::from_millis(500);
/// How often the verdict of an attempt is offered to a database that does not answer, once the process ends.
const LAST_TRIES: u32 = 5;
/// How often a handler may fail to note an end that the database would take, before the end is written without it.
const REFUSALS: u32 = 5;

type Answer = Result<Result<(), TaskError>, JoinError>;

/// Makes the attempt, and writes its verdict or leaves it to be written as completed.
pub(in crate::queue) async fn make(
    shared: Arc<Shared>,
    running: Arc<Running>,
    kind: Kind,
    task: Claimed,
    stop: StopSignal,
) {
    let span = tracing::info_span!(
        "task",
        trace_id = Empty,
        otel_trace_id = Empty,
        task_id = %task.id,
        kind = %task.kind,
        attempt = task.attempt
    );
    traces::resume(&span, task.trace.as_deref());
    traces::attempted(&span, NAME, &task.id);
    histogram!(QUEUE_WAIT, "kind" => task.kind.clone()).record(task.waited);
    let lease = task.lease();
    let task = Arc::new(task);
    if task.cancel_requested {
        stop.trip(Stop::Cancelled);
    }
    let attempt = Attempt { shared, running, kind, task, stop };
    attempt.run(lease).instrument(span).await;
}

/// What became of an attempt, for the log and the metrics.
pub(in crate::queue) fn report(task_kind: &str, outcome: &'static str, took: Duration) {
    histogram!(QUEUE_TASK_DURATION, "kind" => task_kind.to_owned(), "outcome" => outcome).record(took);
}

struct Attempt {
    shared: Arc<Shared>,
    running: Arc<Running>,
    kind: Kind,
    task: Arc<Claimed>,
    stop: StopSignal,
}

impl Attempt {
    async fn run(&self, lease: Lease) {
        let began = Instant::now();
        let gone = CancellationToken::new();
        let context = Context {
            task: Arc::clone(&self.task),
            table: self.shared.table.clone(),
            stop: self.stop.clone(),
            _presence: Arc::new(gone.clone().drop_guard()),
        };
        let handler = Arc::clone(&self.kind.handler);
        let handle = tokio::spawn(async move { handler.run(&context).await }.instrument(Span::current()));
        let verdict = self.judge(handle, &gone).await;
        let outcome = match verdict {
            Some(verdict) if verdict.state == TaskState::Completed => {
                tracing::info!(seconds = began.elapsed().as_secs_f64(), "attempt done");
                traces::ended(&Span::current(), "completed");
                // With those of others, which is where its outcome is counted.
                self.running.done(lease, &self.stop);
                return;
            }
            None => {
                counter!(QUEUE_STALE).increment(1);
                "lease_lost"
            }
            Some(verdict) => {
                self.running.ending(lease, &self.stop);
                self.settle(verdict).await
            }
        };
        tracing::info!(outcome, seconds = began.elapsed().as_secs_f64(), "attempt ended");
        traces::ended(&Span::current(), outcome);
        report(&self.task.kind, outcome, began.elapsed());
        self.running.remove(lease, &self.stop);
    }

    /// Waits for the handler within its limits; `None` when its lease is lost and nothing may be written.
    async fn judge(
        &self,
        mut handle: JoinHandle<Result<(), TaskError>>,
        gone: &CancellationToken,
    ) -> Option<Verdict> {
        let policy = &self.shared.policy;
        let Times { soft, hard } = policy.times(&self.kind.limits);
        let mut answer: Option<Answer> = tokio::select! {
            answer = &mut handle => Some(answer),
            () = self.stop.pressed() => None,
            () = tokio::time::sleep(soft) => {
                self.stop.trip(Stop::SoftLimit);
                tokio::select! {
                    answer = &mut handle => Some(answer),
                    () = self.stop.pressed() => None,
                    () = tokio::time::sleep(hard.saturating_sub(soft)) => None,
                }
            }
        };
        if answer.is_none() && self.stop.reason() != Some(Stop::SoftLimit) {
            answer = tokio::time::timeout(self.grace(), &mut handle).await.ok();
        }
        if answer.is_none() {
            handle.abort();
            // A future ends at its next await, and whatever it owns.
            let _ = tokio::time::timeout(ABORT, gone.cancelled()).await;
            self.outlived_by(gone, Duration::ZERO);
        } else {
            self.outlived_by(gone, GRACE);
        }
        match (answer, self.stop.reason()) {
            (_, Some(Stop::LeaseLost)) => None,
            // Done is done, whatever was asked for meanwhile.
            (Some(Ok(Ok(()))), _) => Some(policy.answered(&self.task, Ok(()))),
            (Some(Ok(Err(TaskError::Stopped))) | None, Some(Stop::Cancelled)) => Some(cancelled()),
            (Some(Ok(Err(TaskError::Stopped))) | None, Some(Stop::Shutdown)) => Some(released()),
            (Some(Ok(Err(TaskError::Stopped))), Some(Stop::SoftLimit)) => Some(hard_limit(soft)),
            (None, _) => Some(hard_limit(hard)),
            (Some(Ok(answer)), _) => Some(policy.answered(&self.task, answer)),
            (Some(Err(_)), _) => {
                tracing::error!("the handler panicked");
                Some(policy.panicked(&self.task))
            }
        }
    }

    /// Between asking the handler to stop and stopping it.
    fn grace(&self) -> Duration {
        let cut_off = self.stop.reason() == Some(Stop::LeaseLost);
        if cut_off && self.kind.limits.when_cut_off == CutOff::Stop {
            // It was asked an eighteenth of a lease before the next owner may start, and some more.
            return GRACE.min(self.shared.policy.lease / 18);
        }
        GRACE
    }

    /// What computes without a pause cannot be stopped, on a thread of the runtime or on one for such work: when it goes
    /// on after its attempt, it is counted, and too many of them end the process.
    fn outlived_by(&self, gone: &CancellationToken, patience: Duration) {
        // A process that ends takes its threads along.
        if gone.is_cancelled() || self.stop.reason() == Some(Stop::Shutdown) {
            return;
        }
        let (shared, running, gone) = (Arc::clone(&self.shared), Arc::clone(&self.running), gone.clone());
        let watch = async move {
            if tokio::time::timeout(patience, gone.cancelled()).await.is_ok() {
                return;
            }
            let bearable = running.stuck();
            gauge!(QUEUE_STUCK).increment(1.0);
            tracing::error!(
                bearable,
                "an attempt has ended and computes on all the same; its thread is lost"
            );
            if !bearable {
                shared.unwell.cancel();
            }
            gone.cancelled().await;
            running.unstuck();
            gauge!(QUEUE_STUCK).decrement(1.0);
        };
        tokio::spawn(watch.in_current_span());
    }

    /// Writes the verdict, however long that takes while the process lives: heartbeats keep the lease meanwhile.
    async fn settle(&self, verdict: Verdict) -> &'static str {
        let (mut failures, mut refusals) = (0, 0);
        loop {
            let error = match bounded(CALL, self.write(&verdict, refusals < REFUSALS)).await {
                Ok(state) => return outcome(state, &verdict),
                Err(QueueError::LeaseLost) => {
                    counter!(QUEUE_STALE).increment(1);
                    return "lease_lost";
                }
                Err(error) => error,
            };
            failures += 1;
            refusals += u32::from(!error.is_transient());
            tracing::warn!(exception = %error, failures, "the end of an attempt was not written; trying again");
            if self.stop.reason() == Some(Stop::LeaseLost) {
                return "lease_lost";
            }
            if self.stop.reason() == Some(Stop::Shutdown) && failures >= LAST_TRIES {
                // Its lease runs out by itself, and another process takes it up.
                return "not_written";
            }
            tokio::time::sleep(outage_pause(failures)).await;
        }
    }

    async fn write(&self, verdict: &Verdict, noted: bool) -> Result<TaskState, QueueError> {
        let tx = self.shared.db.begin().await?;
        self.shared.table.guard(&tx, self.task.lease()).await?;
        let state = self.shared.table.finish(&tx, self.task.id, verdict).await?;
        if noted {
            self.kind.note(&tx, &Ended::new(&self.task, state, verdict)).await?;
        }
        tx.commit().await?;
        Ok(state)
    }
}

fn outcome(state: TaskState, verdict: &Verdict) -> &'static str {
    match (state, verdict.kind) {
        (TaskState::Queued, Some("released")) => "released",
        (TaskState::Queued, _) => "retry",
        (state, _) => state.as_str(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic; that is how it reports")]

    use std::time::Duration;

    use async_trait::async_trait;
    use serde_json::json;

    use crate::config::Config;
    use crate::queue::{Context, Handler, NewTask, Queue, Registry, TaskError, TaskState};
    use crate::shutdown::Shutdown;
    use crate::store::{Db, migrate};
    use crate::telemetry::panics::counted;

    struct Broken;

    #[async_trait]
    impl Handler for Broken {
        async fn run(&self, _: &Context) -> Result<(), TaskError> {
            panic!("what it says may be somebody's");
        }
    }

    // On one thread, which is what is counted.
    #[tokio::test]
    async fn an_attempt_that_panics_fails_and_counts_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::defaults().unwrap();
        config.data_dir = dir.path().to_owned();
        let db = Db::connect(&config).await.unwrap();
        migrate::up(&db).await.unwrap();
        let (queue, shutdown) = (Queue::new(&db, &config.queue), Shutdown::new());
        queue.submit(NewTask::new("broken", json!({})).max_attempts(1)).await.unwrap();
        let counted = counted::begin();
        let worked = queue.run(Registry::new().on("broken", Broken), shutdown.clone());
        let looked = async {
            loop {
                let dead = queue.list(Some(TaskState::Dead), 1).await.unwrap();
                if let Some(task) = dead.into_iter().next() {
                    shutdown.trip();
                    return task;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let (worked, dead) = tokio::join!(worked, looked);
        worked.unwrap();
        assert_eq!((dead.attempt, dead.error_kind.as_deref()), (1, Some("panic")));
        assert_eq!(counted.panics(), 1);
    }
}
