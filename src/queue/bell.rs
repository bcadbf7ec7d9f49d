//! Says that there is something to do, in this process and, by PostgreSQL, in the others. Only ever a hint.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;

use crate::queue::policy::outage_pause;
use crate::shutdown::Shutdown;
use crate::store::{Access as _, Backend, Db};

/// Connections of its own that the queue uses on PostgreSQL: one listens, the others claim, renew and finish.
pub(in crate::queue) const CONNECTIONS: u32 = 4;
/// The channel that all our processes listen on.
const CHANNEL: &str = "resume_optimizer_queue";
/// Between two notifications: each one makes the commits of the whole server wait for each other.
const PAUSE: Duration = Duration::from_millis(100);

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
}

impl Line {
    fn new(payload: &'static str) -> Self {
        Self {
            payload,
            here: Arc::new(Notify::new()),
            rung: Arc::new(AtomicBool::new(false)),
            sending: Arc::new(AtomicBool::new(false)),
        }
    }

    fn ring(&self, db: &Db) {
        self.here.notify_one();
        if db.backend() != Backend::Postgres {
            return;
        }
        self.rung.store(true, Ordering::SeqCst);
        if !self.sending.swap(true, Ordering::SeqCst) {
            tokio::spawn(send(self.clone(), db.clone()));
        }
    }
}

/// Tells the other processes, however often it was rung meanwhile, once each pause.
async fn send(line: Line, db: Db) {
    loop {
        while line.rung.swap(false, Ordering::SeqCst) {
            let sql = format!("SELECT pg_notify('{CHANNEL}', '{}')", line.payload);
            if let Err(error) = db.writes().execute_unprepared(&sql).await {
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

    /// Passes on what other processes ring, until the shutdown. On SQLite there is nothing to hear.
    pub(in crate::queue) async fn listen(&self, shutdown: &Shutdown) {
        if self.db.backend() != Backend::Postgres {
            return;
        }
        let mut failures = 0;
        while !shutdown.is_tripped() {
            let heard = tokio::select! {
                () = shutdown.tripped() => return,
                heard = self.hear(&mut failures) => heard,
            };
            if let Err(error) = heard {
                failures += 1;
                tracing::debug!(%error, "not listening for other processes; polling until that works again");
                // Whatever was rung while nobody listened is looked for now.
                self.tasks.here.notify_one();
                self.cancels.here.notify_one();
                tokio::select! {
                    () = shutdown.tripped() => return,
                    () = tokio::time::sleep(outage_pause(failures)) => {}
                }
            }
        }
    }

    async fn hear(&self, failures: &mut u32) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(self.db.postgres_pool()).await?;
        listener.listen(CHANNEL).await?;
        *failures = 0;
        loop {
            match listener.try_recv().await? {
                Some(heard) if heard.payload() == self.cancels.payload => self.cancels.here.notify_one(),
                Some(_) => self.tasks.here.notify_one(),
                // The connection broke and is up again: what was rung in between is lost.
                None => {
                    self.tasks.here.notify_one();
                    self.cancels.here.notify_one();
                }
            }
        }
    }
}
