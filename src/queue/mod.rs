//! A generic task queue in the database: claim, lease, fence, finish, retry. Knows nothing of jobs.
//!
//! A task is done, dead with its reason, cancelled, or still in the table: it is never lost, and it runs at least
//! once. Who claims a task holds it by a lease that heartbeats renew, never by an open transaction. Each claim
//! raises `lease_seq`, and every write of an attempt carries that number: whoever lost the lease is refused. All
//! times are the database's own. `NOTIFY` and the in-process bell only shorten the wait; the table is the truth.
//!
//! Tasks of a group (an account) wait in a line of their own, and the first few of each stand in the common line, which
//! is all that claims look at. `run` exchanges what is done for what is next; `keeper` renews, rescues and ticks on a
//! thread of its own.
//!
//! Policy is here once; `postgres` and `sqlite` hold the statements and nothing else. Imports config, shutdown,
//! telemetry, and the connection types of store. `docs/queue.md` has the reasons and the figures.

mod alone;
mod attempt;
mod bell;
mod by_hand;
mod call;
mod context;
mod exchange;
mod heartbeat;
mod keeper;
mod measure;
mod operate;
mod pace;
mod place;
mod policy;
mod postgres;
mod pulse;
mod registry;
mod rescue;
mod run;
mod running;
mod schedule;
mod snapshots;
mod sql;
mod sqlite;
mod submit;
mod table;
mod task;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

pub use crate::queue::alone::Alone;
pub use crate::queue::by_hand::{ByHand, End, Taken};
pub use crate::queue::context::{Context, Stop};
pub use crate::queue::operate::{Changed, Counts, Failed, Listed, Status};
pub use crate::queue::registry::{CutOff, Ended, Handler, Limits, Registry};
pub use crate::queue::run::Stuck;
pub use crate::queue::schedule::{Missed, Schedule};
pub use crate::queue::task::{
    Cancelled, Enqueued, NewTask, Priority, QueueError, TaskError, TaskId, TaskState,
};

use crate::config;
use crate::queue::bell::Bell;
use crate::queue::policy::Policy;
use crate::queue::submit::Submissions;
use crate::queue::table::Table;
use crate::store::{Db, Tx};
use crate::telemetry::traces;

/// The queue that all our tasks are in.
const NAME: &str = "default";

/// The queue of this process; clones share it.
#[derive(Debug, Clone)]
pub struct Queue {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(in crate::queue) struct Shared {
    pub(in crate::queue) db: Db,
    pub(in crate::queue) table: Table,
    pub(in crate::queue) policy: Policy,
    pub(in crate::queue) bell: Bell,
    pub(in crate::queue) submissions: Submissions,
    /// Cancelled when the process should be started again.
    pub(in crate::queue) unwell: CancellationToken,
}

impl Queue {
    /// The queue in this database. Opens no connection yet; on PostgreSQL it will use a few of its own, so that
    /// heartbeats never wait behind requests.
    #[must_use]
    pub fn new(db: &Db, limits: &config::Queue) -> Self {
        let db = db.with_own_connections(bell::CONNECTIONS, postgres::SETTINGS);
        let shared = Shared {
            table: Table::new(db.clone()),
            policy: Policy::new(limits),
            bell: Bell::new(db.clone()),
            submissions: Submissions::default(),
            unwell: CancellationToken::new(),
            db,
        };
        Self { shared: Arc::new(shared) }
    }

    /// Puts a task into the queue as part of the caller's transaction. Call [`Queue::ring`] after the commit.
    ///
    /// # Errors
    /// When the database does not answer, or the payload is too large.
    pub async fn enqueue(&self, tx: &Tx, task: NewTask) -> Result<Enqueued, QueueError> {
        self.enqueue_all(tx, &[task]).await?.pop().ok_or(QueueError::TimedOut)
    }

    /// Puts many tasks into the queue as part of the caller's transaction; what became of each, in the order given.
    /// Call [`Queue::ring`] after the commit.
    ///
    /// # Errors
    /// When the database does not answer, or a payload is too large; then none of them is in.
    pub async fn enqueue_all(&self, tx: &Tx, tasks: &[NewTask]) -> Result<Vec<Enqueued>, QueueError> {
        let (table, max_attempts) = (&self.shared.table, self.shared.policy.max_attempts);
        let kind = tasks.first().map_or("", |task| task.kind.as_str());
        let span = traces::enqueue(NAME, kind, tasks.len());
        let put_in = async {
            match traces::carried() {
                None => table.enqueue(tx, tasks, max_attempts).await,
                carried => {
                    let tasks: Vec<_> =
                        tasks.iter().cloned().map(|task| task.carrying(carried.clone())).collect();
                    table.enqueue(tx, &tasks, max_attempts).await
                }
            }
        };
        let enqueued = put_in.instrument(span.clone()).await?;
        if let [Enqueued::New(id) | Enqueued::Present(id)] = enqueued.as_slice() {
            traces::enqueued(&span, id);
        }
        Ok(enqueued)
    }

    /// Cancels the open task of that kind and unique key as part of the caller's transaction: at once while it
    /// waits; while it runs, its handler is asked to stop. Call [`Queue::ring_cancel`] after the commit.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cancel(&self, tx: &Tx, kind: &str, unique_key: &str) -> Result<Cancelled, QueueError> {
        self.shared.table.cancel(tx, kind, unique_key).await
    }

    /// Cancels every open task of a group, such as an account that ends, as [`Queue::cancel`] does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cancel_group(&self, tx: &Tx, group: &str) -> Result<u64, QueueError> {
        self.shared.table.cancel_group(tx, group).await
    }

    /// Says that there is work, so that nobody waits for the next poll; costs the caller nothing.
    pub fn ring(&self) {
        self.shared.bell.ring_tasks();
    }

    /// Says that a running task was asked to stop.
    pub fn ring_cancel(&self) {
        self.shared.bell.ring_cancels();
    }

    /// How long a running task can go on after the end of its process was asked for.
    #[must_use]
    pub fn drain(&self) -> Duration {
        self.shared.policy.drain
    }

    pub(in crate::queue) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}
