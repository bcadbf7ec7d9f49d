//! Workers that are asked to stop: they hand back what they run, and leave in any case.

use std::time::{Duration, Instant};

use resume_optimizer::queue::TaskId;

use crate::queue::network::through;
use crate::queue::proxy::Proxy;
use crate::queue::rig::Rig;
use crate::queue::worker::Worker;
use crate::queue::{either, figures};
use crate::support::postgres::Postgres;

/// What a handler has between being asked and being left alone.
const LAST_GRACE: Duration = Duration::from_secs(15);

async fn rig() -> Rig {
    let mut rig = Rig::on_postgresql().await;
    rig.conditions.drain = 1;
    rig
}

/// Tasks that take long, each of them started.
async fn started(rig: &Rig, kind: &str, tasks: usize, ms: u64) -> Vec<TaskId> {
    let mut ids = Vec::new();
    for _ in 0..tasks {
        ids.push(rig.put_for(kind, ms).await);
    }
    for id in &ids {
        rig.happened(*id, 1, "start").await;
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f22_a_worker_that_is_asked_to_stop_hands_back_what_it_runs() {
    let rig = rig().await;
    for round in 0..either(1, 10) {
        let mut worker = rig.worker();
        for _ in 0..either(20, 200) {
            rig.put_for("noop", 0).await;
        }
        let long = started(&rig, "sleep", 6, 60_000).await;
        let asked = Instant::now();
        worker.signal("TERM");
        let status = worker.wait();
        let took = asked.elapsed();
        assert!(status.success(), "{status}");
        assert!(took < Duration::from_secs(1) + LAST_GRACE, "{took:?}");
        assert_eq!(rig.number("SELECT count(*) FROM queue_tasks WHERE state = 'running'").await, 0);
        for id in &long {
            let row = rig.row(*id).await;
            assert_eq!((row.state.as_str(), row.attempt, row.crashes, row.lease_seq), ("queued", 0, 0, 1));
            assert_eq!(row.error_kind.as_deref(), Some("released"));
        }
        let done = rig.number("SELECT count(*) FROM queue_tasks WHERE state = 'completed'").await;
        figures(
            "F22",
            &format!("round {round}: 6 handed back, {done} done, left after {} ms", took.as_millis()),
        );
        // So that the next round has slots.
        rig.sql("UPDATE queue_tasks SET payload = '{\"ms\": 1}' WHERE kind = 'sleep'").await;
    }
    let _worker = rig.worker();
    rig.all_ended(Duration::from_secs(60)).await;
    rig.invariants().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f22_a_second_signal_ends_a_worker_at_once_and_loses_nothing() {
    let rig = rig().await;
    let mut worker = rig.worker();
    let ids = started(&rig, "stubborn", 4, 2000).await;
    worker.signal("TERM");
    crate::support::deadline::until("the first signal's effect", || {
        worker.log().contains("stopping").then_some(())
    });
    let asked = Instant::now();
    worker.signal("TERM");
    assert_eq!(worker.wait().code(), Some(1));
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    let _other = rig.worker();
    rig.all_ended(Duration::from_secs(60)).await;
    let states = rig.invariants().await;
    assert_eq!(states.get("completed"), Some(&ids.len()), "{states:?}");
    figures("F22", &format!("second signal: left after {} ms, 4 tasks done by another", took.as_millis()));
}

/// A worker whose database this happened to leaves when it is asked to, and another one does its tasks.
async fn leaves(what: &str, happens: impl FnOnce(&Proxy)) {
    let rig = rig().await;
    let proxy = Proxy::to(Postgres::shared().port());
    let mut worker = Worker::start(&through(&proxy, &rig));
    let ids = started(&rig, "sleep", 4, 3000).await;
    happens(&proxy);
    let asked = Instant::now();
    worker.signal("TERM");
    let status = worker.wait();
    let took = asked.elapsed();
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(1) + LAST_GRACE + Duration::from_secs(2), "{took:?}");
    let _other = rig.worker();
    rig.all_ended(Duration::from_secs(60)).await;
    let states = rig.invariants().await;
    assert_eq!(states.get("completed"), Some(&ids.len()), "{states:?}");
    figures("F22", &format!("database {what}: left after {} ms, 4 tasks done by another", took.as_millis()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f22_a_worker_without_its_database_leaves_as_well() {
    leaves("away", Proxy::refuse).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f22_a_worker_whose_database_says_nothing_any_more_leaves_as_well() {
    leaves("silent", Proxy::hold).await;
}
