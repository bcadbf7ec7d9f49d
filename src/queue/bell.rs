//! Says that there is something to do, in this process and, by PostgreSQL, in the others. Only ever a hint.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use metrics::gauge;
use sea_orm::ConnectionTrait as _;
use sqlx::postgres::PgListener;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::queue::call::{CALL, bounded};
use crate::queue::policy::outage_pause;
use crate::store::{Access as _, Backend, Db};
use crate::telemetry::metrics::QUEUE_LISTENER;

/// Connections of its own that the queue uses on PostgreSQL: one claims, the others end attempts and notify.
pub(in crate::queue) const CONNECTIONS: u32 = 4;
/// How long the ear may hear nothing before it is asked whether it still hears.
const SILENCE: Duration = Duration::from_secs(10);
/// What that answer may take.
const ANSWER: Duration = Duration::from_secs(5);
/// The channel that all our processes listen on.
const CHANNEL: &str = "resume_optimizer_queue";
/// Between two notifications: each one makes the commits of the whole server wait for each other.
const PAUSE: Duration = Duration::from_millis(100);
/// Before the first one, where this process works itself: what it has slots for, the others need not hear of before it
/// has claimed it.
const HEAD_START: Duration = Duration::from_millis(5);

/// The bell for tasks that wait, and the one for tasks that were asked to stop.
#[derive(Debug, Clone)]
pub(in crate::queue) struct Bell {
    tasks: Line,
    cancels: Line,
    db: Db,
}

#[derive(Debug, Clone)]
struct Line {
    payload: &'static str,
    here: Arc<Notify>,
    rung: Arc<AtomicBool>,
    sending: Arc<AtomicBool>,
    /// Whether this process works itself.
    work_here: Arc<AtomicBool>,
    /// Where it is sent from: not the keeper's own runtime, which ends while the process may go on.
    runtime: Option<Handle>,
}

impl Line {
    fn new(payload: &'static str) -> Self {
        Self {
            payload,
            here: Arc::new(Notify::new()),
            rung: Arc::new(AtomicBool::new(false)),
            sending: Arc::new(AtomicBool::new(false)),
            work_here: Arc::new(AtomicBool::new(false)),
            runtime: Handle::try_current().ok(),
        }
    }

    fn ring(&self, db: &Db) {
        self.here.notify_one();
        if db.backend() != Backend::Postgres {
            return;
        }
        self.rung.store(true, Ordering::SeqCst);
        if !self.sending.swap(true, Ordering::SeqCst) {
            let sending = send(self.clone(), db.clone());
            match &self.runtime {
                Some(runtime) => drop(runtime.spawn(sending)),
                None => drop(tokio::spawn(sending)),
            }
        }
    }
}

/// Tells the other processes, however often it was rung meanwhile, once each pause.
async fn send(line: Line, db: Db) {
    if line.work_here.load(Ordering::Relaxed) {
        tokio::time::sleep(HEAD_START).await;
    }
    loop {
        while line.rung.swap(false, Ordering::SeqCst) {
            let sql = format!("SELECT pg_notify('{CHANNEL}', '{}')", line.payload);
            let told = async { Ok(db.writes().execute_unprepared(&sql).await?) };
            if let Err(error) = bounded(CALL, told).await {
                tracing::debug!(%error, "the other processes were not notified; they will see it when they poll");
            }
            tokio::time::sleep(PAUSE).await;
        }
        line.sending.store(false, Ordering::SeqCst);
        if !line.rung.load(Ordering::SeqCst) || line.sending.swap(true, Ordering::SeqCst) {
            return;
        }
    }
}

impl Bell {
    pub(in crate::queue) fn new(db: Db) -> Self {
        Self { tasks: Line::new("task"), cancels: Line::new("cancel"), db }
    }

    /// Whether this process works itself from now on.
    pub(in crate::queue) fn work_here(&self, works: bool) {
        self.tasks.work_here.store(works, Ordering::Relaxed);
    }

    pub(in crate::queue) fn ring_tasks(&self) {
        self.tasks.ring(&self.db);
    }

    pub(in crate::queue) fn ring_cancels(&self) {
        self.cancels.ring(&self.db);
    }

    /// Returns when tasks may be waiting.
    pub(in crate::queue) async fn tasks(&self) {
        self.tasks.here.notified().await;
    }

    /// Returns when running tasks may have been asked to stop.
    pub(in crate::queue) async fn cancels(&self) {
        self.cancels.here.notified().await;
    }

    /// Passes on what other processes ring, until it is dropped. On SQLite there is nothing to hear.
    pub(in crate::queue) async fn listen(&self, db: &Db) {
        if db.backend() != Backend::Postgres {
            return std::future::pending().await;
        }
        let mut failures = 0;
        loop {
            let Err(error) = self.hear(db, &mut failures).await;
            gauge!(QUEUE_LISTENER).set(0.0);
            failures += 1;
            tracing::debug!(exception = %error, "not listening for other processes; polling until that works again");
            // Whatever was rung while nobody listened is looked for now.
            self.ring_here();
            tokio::time::sleep(outage_pause(failures)).await;
        }
    }

    async fn hear(&self, db: &Db, failures: &mut u32) -> Result<Infallible, sqlx::Error> {
        let mut listener = PgListener::connect_with(db.postgres_pool()).await?;
        listener.listen(CHANNEL).await?;
        *failures = 0;
        gauge!(QUEUE_LISTENER).set(1.0);
        loop {
            let Ok(heard) = timeout(SILENCE, listener.try_recv()).await else {
                // A connection that was cut without a word looks like a quiet one.
                let asked = timeout(ANSWER, sqlx::query("SELECT 1").execute(&mut listener)).await;
                asked.map_err(|_| sqlx::Error::PoolTimedOut)??;
                continue;
            };
            match heard? {
                Some(heard) if heard.payload() == self.cancels.payload => self.cancels.here.notify_one(),
                Some(_) => self.tasks.here.notify_one(),
                // The connection broke and is up again: what was rung in between is lost.
                None => self.ring_here(),
            }
        }
    }

    fn ring_here(&self) {
        self.tasks.here.notify_one();
        self.cancels.here.notify_one();
    }
}
