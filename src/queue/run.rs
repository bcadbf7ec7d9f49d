//! The worker's loop: claim what fits, run it, and at the end hand back what is not done.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::queue::context::Stop;
use crate::queue::heartbeat::{Running, beat};
use crate::queue::policy::{jittered, outage_pause};
use crate::queue::registry::Registry;
use crate::queue::task::Claimed;
use crate::queue::{Queue, attempt, rescue};
use crate::shutdown::Shutdown;

/// Between two claims that found work: a queue of tiny tasks must not keep the database busy with claims.
const CLAIM_PAUSE: Duration = Duration::from_millis(20);
/// What a handler has, once asked to stop, before its task is handed back over its head.
const LAST_GRACE: Duration = Duration::from_secs(15);

impl Queue {
    /// Works until the shutdown, then finishes what runs or hands it back, and returns.
    ///
    /// Survives every error of the database: it tries again, with pauses of up to five seconds.
    pub async fn run(&self, registry: Registry, shutdown: Shutdown) {
        let running = Arc::new(Running::default());
        // Dropped, and so ended, when this function returns: after the last verdict is written.
        let mut helpers = JoinSet::new();
        {
            let (shared, running) = (Arc::clone(self.shared()), Arc::clone(&running));
            helpers.spawn(async move { beat(&shared, &running).await });
        }
        {
            let (queue, registry, running) = (self.clone(), registry.clone(), Arc::clone(&running));
            helpers.spawn(async move { rescue::watch(&queue, &registry, &running).await });
        }
        {
            let (bell, shutdown) = (self.shared().bell.clone(), shutdown.clone());
            helpers.spawn(async move { bell.listen(&shutdown).await });
        }
        let mut attempts = JoinSet::new();
        self.work(&registry, &running, &shutdown, &mut attempts).await;
        self.drain_attempts(&running, &mut attempts).await;
    }

    async fn work(
        &self,
        registry: &Registry,
        running: &Arc<Running>,
        shutdown: &Shutdown,
        attempts: &mut JoinSet<()>,
    ) {
        let shared = self.shared();
        let kinds = registry.kinds();
        let mut failures = 0;
        while !shutdown.is_tripped() {
            while attempts.try_join_next().is_some() {}
            // Never more than can start now: a task that waits in a busy process waits for no good.
            let free = shared.policy.slots.saturating_sub(attempts.len());
            if free == 0 {
                tokio::select! {
                    () = shutdown.tripped() => {}
                    _ = attempts.join_next() => {}
                }
                continue;
            }
            // Not raced against the shutdown: a claim that is dropped half-way would strand its tasks.
            let claimed =
                shared.table.claim(free, &kinds, shared.policy.lease, shared.policy.deadline()).await;
            let pause = match claimed {
                Ok(tasks) => {
                    failures = 0;
                    let found = !tasks.is_empty();
                    for task in tasks {
                        self.start(registry, running, attempts, task);
                    }
                    if found { CLAIM_PAUSE } else { jittered(shared.policy.poll) }
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(%error, failures, "no tasks could be claimed; trying again");
                    outage_pause(failures)
                }
            };
            tokio::select! {
                () = shutdown.tripped() => {}
                () = tokio::time::sleep(pause) => {}
                () = shared.bell.tasks(), if failures == 0 && pause > CLAIM_PAUSE => {}
            }
        }
    }

    fn start(&self, registry: &Registry, running: &Arc<Running>, attempts: &mut JoinSet<()>, task: Claimed) {
        // Only kinds that are registered are claimed; a row of another one is left to its lease.
        let Some(handler) = registry.handler(&task.kind) else {
            return;
        };
        attempts.spawn(attempt::make(Arc::clone(self.shared()), Arc::clone(running), handler, task));
    }

    async fn drain_attempts(&self, running: &Running, attempts: &mut JoinSet<()>) {
        let all = async |attempts: &mut JoinSet<()>| while attempts.join_next().await.is_some() {};
        if tokio::time::timeout(self.shared().policy.drain, all(attempts)).await.is_ok() {
            return;
        }
        tracing::info!(tasks = attempts.len(), "handing unfinished tasks back");
        running.stop_all(Stop::Shutdown);
        if tokio::time::timeout(LAST_GRACE, all(attempts)).await.is_err() {
            tracing::warn!(
                tasks = attempts.len(),
                "tasks could not be handed back; their leases run out instead"
            );
        }
    }
}
