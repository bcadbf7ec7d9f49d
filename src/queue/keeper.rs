//! What keeps the queue going beside the tasks: heartbeats, rescue, schedules, counts, the ear at the bell, the pulse.
//!
//! On a thread and connections of its own: handlers that block every thread of the runtime, or requests that use up
//! every connection, must not cost running tasks their leases.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::runtime::{self, Handle};
use tokio_util::sync::CancellationToken;

use crate::queue::registry::Registry;
use crate::queue::running::Running;
use crate::queue::{Queue, Shared, heartbeat, measure, postgres, pulse, rescue, schedule};

/// Connections of its own on PostgreSQL: heartbeats, rescue, schedules and counts beside each other, and the ear.
const CONNECTIONS: u32 = 5;

/// The running keeper; ends when it is dropped.
#[derive(Debug)]
pub(in crate::queue) struct Keeper {
    stop: CancellationToken,
    thread: Option<thread::JoinHandle<()>>,
}

impl Keeper {
    pub(in crate::queue) fn start(queue: &Queue, registry: &Arc<Registry>, running: &Arc<Running>) -> Self {
        let stop = CancellationToken::new();
        let services = Services {
            // Whose pulse is felt.
            runtime: Handle::current(),
            shared: Arc::clone(queue.shared()),
            registry: registry.clone(),
            running: running.clone(),
        };
        let stopped = stop.clone().cancelled_owned();
        let started = runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
            let all = async move {
                tokio::select! { () = stopped => {}, () = services.run() => {} }
            };
            thread::Builder::new().name("queue-keeper".to_owned()).spawn(move || runtime.block_on(all))
        });
        let thread = match started {
            Ok(thread) => Some(thread),
            Err(error) => {
                // Without heartbeats every task would be lost while it runs: better no work than that.
                tracing::error!(exception = %error, "the queue's own thread could not be started; not working");
                queue.shared().unwell.cancel();
                None
            }
        };
        Self { stop, thread }
    }

    /// Ends it and waits for that.
    pub(in crate::queue) async fn stop(mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // It panicked, if at all, after everything was logged that can be.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Services {
    runtime: Handle,
    shared: Arc<Shared>,
    registry: Arc<Registry>,
    running: Arc<Running>,
}

impl Services {
    async fn run(self) {
        let Self { runtime, shared, registry, running } = self;
        // Opened here: a connection lives on the runtime that it was opened on.
        let table = shared.table.with_db(shared.db.with_own_connections(CONNECTIONS, postgres::SETTINGS));
        tokio::join!(
            for_ever("heartbeats", || heartbeat::beat(&shared, &table, &running)),
            for_ever("cut-off", || heartbeat::cut_off(&shared, &running)),
            for_ever("pulse", || pulse::watch(&shared, &runtime)),
            for_ever("rescue", || rescue::watch(&shared, &table, &registry, &running)),
            for_ever("measures", || measure::watch(&shared, &table)),
            for_ever("schedules", || schedule::watch(&shared, &table, &registry)),
            for_ever("bell", || shared.bell.listen(table.db())),
        );
    }
}

/// Starts a service again that panicked: a bug in one must not end the others.
async fn for_ever<F: Future<Output = ()>>(name: &str, service: impl Fn() -> F) {
    loop {
        if AssertUnwindSafe(service()).catch_unwind().await.is_ok() {
            return;
        }
        tracing::error!(service = name, "a part of the queue panicked; it is started again");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
