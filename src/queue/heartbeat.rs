//! Keeps the leases of running tasks, and learns which of them are lost or called off.

use std::time::Instant;

use metrics::counter;

use crate::queue::Shared;
use crate::queue::call::bounded;
use crate::queue::policy::{jittered, outage_pause};
use crate::queue::running::Running;
use crate::queue::table::Table;
use crate::telemetry::metrics::QUEUE_LEASES_LOST;

/// Renews until it is dropped. Runs to the very end of the drain: what still runs keeps its lease.
pub(in crate::queue) async fn beat(shared: &Shared, table: &Table, running: &Running) {
    let lease = shared.policy.lease;
    let mut failures = 0;
    loop {
        let pause = match failures {
            0 => jittered(shared.policy.heartbeat),
            // A database that is back is found in time, and by every owner before anybody looks for lost leases.
            _ => outage_pause(failures).min(lease / 6),
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shared.bell.cancels(), if failures == 0 => {}
        }
        let leases = running.leases();
        if leases.is_empty() {
            failures = 0;
            continue;
        }
        // Before the statement is sent, not after its answer: the lease may have begun then.
        let sent = Instant::now();
        let renewed = table.heartbeat(&leases, lease);
        match bounded(shared.policy.call(), renewed).await {
            Ok(held) => {
                failures = 0;
                counter!(QUEUE_LEASES_LOST).increment(running.note(&leases, &held, sent));
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(exception = %error, failures, "leases were not renewed; trying again");
            }
        }
    }
}

/// Stops what must not run twice at once before somebody else can have its lease, whatever a heartbeat waits for.
pub(in crate::queue) async fn cut_off(shared: &Shared, running: &Running) {
    let lease = shared.policy.lease;
    loop {
        tokio::time::sleep(lease / 36).await;
        running.cut_off(lease - lease / 9);
    }
}
