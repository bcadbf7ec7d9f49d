//! The handlers of our task kinds, and the loop that runs them.
//!
//! Whatever an attempt writes, it writes in a transaction that first checks the fence of its lease. Never calls
//! `http`: it writes the row, and whoever watches the job reads it.

mod optimize;
mod progress;

use crate::app::App;
use crate::domain::task::OptimizeTask;
use crate::queue::Registry;
use crate::worker::optimize::Optimize;

/// Works off the queue until the process is asked to stop, then finishes what runs or hands it back.
pub async fn run(app: App) {
    let registry = Registry::new().on(OptimizeTask::KIND, Optimize::new(app.clone()));
    tracing::info!(slots = app.config.queue.slots(), "working");
    app.queue.run(registry, app.shutdown.clone()).await;
}
