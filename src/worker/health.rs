//! Asks what the service depends on for a sign of life: the database, Redis, the store of uploaded files.
//!
//! Something that is down does not fail the task: to ask again is the next minute's matter, and a table full of dead
//! tasks would tell the operator nothing that the gauge and the log do not. The checks are tasks themselves, and none is
//! done while the database is away: so that is watched by each process without them, too.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use metrics::gauge;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::queue::{Context, Handler, TaskError};
use crate::telemetry::metrics::DEPENDENCY_UP;

/// Longest wait for one of them: what takes longer is of no use to whoever waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Time between two questions to the database: several are asked before an alert wakes somebody.
const BETWEEN: Duration = Duration::from_secs(15);
/// What an operator looks at when it is away.
const MEND_DATABASE: &str = "check that it runs and that database.url is right";

/// The handler of [`crate::domain::task::HealthTask`].
#[derive(Debug)]
pub(in crate::worker) struct Health {
    app: App,
    /// A disk that hangs keeps the thread that asks it: of those there is one, not one more each minute.
    asking: Arc<Semaphore>,
}

#[async_trait]
impl Handler for Health {
    async fn run(&self, context: &Context) -> Result<(), TaskError> {
        let look = async { tokio::join!(self.database(), self.redis(), self.files()) };
        let (database, redis, files) = tokio::select! {
            found = look => found,
            () = context.stopped() => return Err(TaskError::Stopped),
        };
        let found = [
            note("database", Some(database), MEND_DATABASE),
            note(
                "redis",
                redis,
                "check that it runs and that redis.url is right; until then it is done without",
            ),
            note("files", Some(files), self.app.blobs.mend()),
        ];
        let count = |state| found.iter().filter(|found| **found == Some(state)).count();
        tracing::info!(up = count(true), down = count(false), "asked for a sign of life");
        Ok(())
    }
}

impl Health {
    pub(in crate::worker) fn new(app: App) -> Self {
        Self { app, asking: Arc::new(Semaphore::new(1)) }
    }

    async fn database(&self) -> Result<(), String> {
        in_time(PATIENCE, self.app.db.ping()).await
    }

    /// `None` where none is configured.
    async fn redis(&self) -> Option<Result<(), String>> {
        // Has its own bound, within which it makes a connection where there is none.
        Some(self.app.cache.ping().await?.map_err(|error| error.to_string()))
    }

    async fn files(&self) -> Result<(), String> {
        let Ok(asking) = Arc::clone(&self.asking).try_acquire_owned() else {
            return Err("it has not yet answered what it was asked before".to_owned());
        };
        let blobs = self.app.blobs.clone();
        let asked = tokio::spawn(async move {
            let answer = blobs.ping().await.map_err(|error| error.to_string());
            drop(asking);
            answer
        });
        in_time(PATIENCE, asked).await?
    }
}

/// Asks the database for a sign of life, again and again: a process that does not reach it says so in its metrics.
pub(crate) async fn watch_database(app: &App) {
    loop {
        let answer = in_time(PATIENCE, app.db.ping()).await;
        note("database", Some(answer), MEND_DATABASE);
        tokio::time::sleep(BETWEEN).await;
    }
}

/// What is answered within this patience.
pub(crate) async fn in_time<T, E: Display>(
    patience: Duration,
    asked: impl Future<Output = Result<T, E>>,
) -> Result<T, String> {
    match tokio::time::timeout(patience, asked).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer in {} s", patience.as_secs())),
    }
}

/// Says whether it is up, in the metrics and, where it is down, in the log; nothing of what there is none of.
fn note(dependency: &'static str, answer: Option<Result<(), String>>, mend: &str) -> Option<bool> {
    let answer = answer?;
    gauge!(DEPENDENCY_UP, "dependency" => dependency).set(if answer.is_ok() { 1.0 } else { 0.0 });
    if let Err(problem) = &answer {
        tracing::warn!(dependency, exception = %problem, "{dependency} gives no sign of life; {mend}");
    }
    Some(answer.is_ok())
}
