//! Asks what the service depends on for a sign of life: the database, Redis, the store of uploaded files.
//!
//! Something that is down does not fail the task: to ask again is the next minute's matter, and a table full of dead
//! tasks would tell the operator nothing that the gauge and the log do not.

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
            note("database", Some(database), "check that it runs and that database.url is right"),
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
