//! Keeps the leases of running tasks, and learns which of them are lost or called off.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::queue::Shared;
use crate::queue::context::{Stop, StopSignal};
use crate::queue::policy::{jittered, outage_pause};
use crate::queue::table::{Held, Lease};
use crate::queue::task::TaskId;

/// The tasks that this process runs.
#[derive(Debug, Default)]
pub(in crate::queue) struct Running {
    leases: Mutex<HashMap<Lease, StopSignal>>,
}

impl Running {
    pub(in crate::queue) fn insert(&self, lease: Lease, stop: StopSignal) {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).insert(lease, stop);
    }

    pub(in crate::queue) fn remove(&self, lease: Lease) {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).remove(&lease);
    }

    pub(in crate::queue) fn ids(&self) -> Vec<TaskId> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).keys().map(|lease| lease.id).collect()
    }

    pub(in crate::queue) fn stop_all(&self, stop: Stop) {
        for signal in self.leases.lock().unwrap_or_else(PoisonError::into_inner).values() {
            signal.trip(stop);
        }
    }

    fn leases(&self) -> Vec<Lease> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// Passes on what a heartbeat over `asked` learned.
    fn note(&self, asked: &[Lease], held: &[Held]) {
        let leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        for lease in asked {
            let Some(signal) = leases.get(lease) else {
                continue;
            };
            match held.iter().find(|held| held.lease == *lease) {
                None => {
                    tracing::warn!(task_id = %lease.id, "the lease is lost; the result will be dropped");
                    signal.trip(Stop::LeaseLost);
                }
                Some(held) if held.cancel_requested => signal.trip(Stop::Cancelled),
                Some(_) => {}
            }
        }
    }
}

/// Renews until it is dropped. Runs to the very end of the drain: what still runs keeps its lease.
pub(in crate::queue) async fn beat(shared: &Shared, running: &Running) {
    let mut failures = 0;
    loop {
        let pause = if failures == 0 { jittered(shared.policy.heartbeat) } else { outage_pause(failures) };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shared.bell.cancels(), if failures == 0 => {}
        }
        let leases = running.leases();
        if leases.is_empty() {
            failures = 0;
            continue;
        }
        let renewed = shared.table.heartbeat(&leases, shared.policy.lease);
        match tokio::time::timeout(CALL, renewed).await {
            Ok(Ok(held)) => {
                failures = 0;
                running.note(&leases, &held);
            }
            Ok(Err(error)) => {
                failures += 1;
                tracing::warn!(%error, failures, "leases were not renewed; trying again");
            }
            Err(_) => {
                failures += 1;
                tracing::warn!(failures, "leases were not renewed in time; trying again");
            }
        }
    }
}

/// Longer than a healthy database ever takes, shorter than any lease should be.
const CALL: Duration = Duration::from_secs(10);
