//! How much stands where, for whoever watches the queue; looked at the less often, the longer that takes.

use std::time::{Duration, Instant};

use metrics::gauge;

use crate::queue::call::bounded;
use crate::queue::snapshots::Snapshots;
use crate::queue::table::Table;
use crate::queue::task::{QueueError, TaskState};
use crate::queue::{NAME, Shared, operate, sql};
use crate::telemetry::metrics::{QUEUE_OLDEST, QUEUE_TASKS};

/// Times what it took to count what waits until that is done again: a million that wait cost a fiftieth of a core.
const OPEN_COST: u32 = 50;
/// The same for what is finished, of which there may be many millions.
const FINISHED_COST: u32 = 600;
/// Between two counts of what is finished, at least, and before the first one: processes that start have other things to do.
const FINISHED_EVERY: Duration = Duration::from_secs(60);

/// What one of them may take: the server ends a statement before that, unless its answer is lost.
const MEASURE: Duration = Duration::from_secs(60);

/// Measures until it is dropped. Nothing else waits for it: what is only counted may take long.
pub(in crate::queue) async fn watch(shared: &Shared, table: &Table) {
    let mut measures = Measures::default();
    loop {
        if let Err(error) = bounded(MEASURE, measures.take(shared, table)).await {
            tracing::warn!(exception = %error, "the queue was not measured; trying again");
        }
        tokio::time::sleep(shared.policy.rescue_every()).await;
    }
}

/// When to look again.
#[derive(Debug)]
struct Measures {
    open_at: Instant,
    finished_at: Instant,
    snapshots: Snapshots,
}

impl Default for Measures {
    fn default() -> Self {
        let now = Instant::now();
        Self { open_at: now, finished_at: now + FINISHED_EVERY, snapshots: Snapshots::default() }
    }
}

impl Measures {
    /// Measures what it is time for.
    ///
    /// # Errors
    /// When the database does not answer; the rest is measured the next time.
    async fn take(&mut self, shared: &Shared, table: &Table) -> Result<(), QueueError> {
        if self.open_at <= Instant::now() {
            let began = Instant::now();
            let counted = count_open(table).await;
            self.open_at = Instant::now() + began.elapsed() * OPEN_COST;
            counted?;
        }
        self.snapshots.look(shared, table).await?;
        if self.finished_at <= Instant::now() {
            let began = Instant::now();
            let counted = count_finished(table).await;
            self.finished_at = Instant::now() + FINISHED_EVERY.max(began.elapsed() * FINISHED_COST);
            counted?;
        }
        Ok(())
    }
}

async fn count_open(table: &Table) -> Result<(), QueueError> {
    let counts = operate::count(table, table.sql().depths).await?;
    let states = [
        (TaskState::Queued, counts.queued),
        (TaskState::Running, counts.running),
        (TaskState::Dead, counts.dead),
        (TaskState::Cancelled, counts.cancelled),
    ];
    for (state, tasks) in states {
        set(state, tasks);
    }
    gauge!(QUEUE_OLDEST, "queue" => NAME).set(operate::oldest(table).await?.as_secs_f64());
    Ok(())
}

async fn count_finished(table: &Table) -> Result<(), QueueError> {
    let counts = operate::count(table, sql::COUNTS).await?;
    set(TaskState::Completed, counts.completed);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and 2^53 tasks are not to be feared")]
fn set(state: TaskState, tasks: u64) {
    gauge!(QUEUE_TASKS, "queue" => NAME, "state" => state.as_str()).set(tasks as f64);
}
