//! Tasks that take too much: more time than they may, or every connection of their process.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::queue::rig::{Rig, within};
use crate::queue::worker::STUCK;
use crate::queue::{either, figures};

/// What a loaded machine may take for what takes no time.
const SLACK: Duration = Duration::from_secs(3);

async fn rig() -> Rig {
    let mut rig = Rig::on_postgresql().await;
    rig.conditions.limits = either((1, 2), (10, 12));
    // What computes keeps a thread each.
    rig.conditions.threads = 6;
    rig.conditions.drain = 2;
    rig
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f20_what_ignores_its_limit_is_stopped_and_its_child_killed() {
    let rig = rig().await;
    let hard = Duration::from_secs(rig.conditions.limits.1);
    let mut worker = rig.worker();
    let sleeps = rig.put_for("stubborn", 600_000).await;
    let child = rig.put_for("child", 0).await;
    let computes = rig.put_for("spin_thread", either(4000, 20_000)).await;
    let mut took = Vec::new();
    for id in [sleeps, child, computes] {
        let began = rig.happened(id, 1, "start").await.at;
        took.push(rig.happened(id, 1, "running>dead").await.at - began);
        let row = rig.row(id).await;
        assert_eq!((row.error_kind.as_deref(), row.attempt), (Some("hard_limit"), 1), "{row:?}");
    }
    let limit = hard + either(SLACK, Duration::from_secs(1));
    assert!(took.iter().all(|took| u128::try_from(*took).unwrap() <= limit.as_millis()), "{took:?}");
    let log = worker.log();
    let prefix = format!("child {child} ");
    let pid = log.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap();
    let process = PathBuf::from(format!("/proc/{pid}"));
    let began = Instant::now();
    within(Duration::from_secs(11), "the end of the child", || async { (!process.exists()).then_some(()) })
        .await;
    // The others never noticed.
    let next = rig.put_for("noop", 0).await;
    rig.happened(next, 1, "finish").await;
    rig.all_ended(Duration::from_secs(60)).await;
    rig.invariants().await;
    assert!(worker.is_alive(), "I6");
    figures("F20", &format!("dead after {took:?} ms, child gone {} ms later", began.elapsed().as_millis()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f20_a_process_whose_threads_are_lost_hands_the_rest_back_and_asks_for_a_restart() {
    let rig = rig().await;
    let mut worker = rig.worker();
    let mut spinning = Vec::new();
    // As many as it bears.
    for _ in 0..2 {
        spinning.push(rig.put_for("spin", 60_000).await);
    }
    for id in &spinning {
        rig.happened(*id, 1, "running>dead").await;
    }
    let next = rig.put_for("noop", 0).await;
    rig.happened(next, 1, "finish").await;
    assert!(worker.is_alive(), "two are bearable");
    let innocent = rig.put_for("sleep", 300).await;
    rig.happened(innocent, 1, "finish").await;
    let last = rig.put_for("spin", 60_000).await;
    let began = rig.happened(last, 1, "start").await.at;
    let unfinished = rig.put_for("sleep", 600).await;
    let status = worker.wait();
    let took = rig.now().await - began;
    assert_eq!(status.code(), Some(STUCK), "{status}");
    assert!(worker.log().contains("ran past their hard limit and could not be stopped"));
    assert_eq!(rig.number("SELECT count(*) FROM queue_tasks WHERE state = 'running'").await, 0);
    let _other = rig.worker();
    rig.all_ended(Duration::from_secs(60)).await;
    rig.invariants().await;
    assert_eq!(rig.row(unfinished).await.state, "completed");
    figures("F20", &format!("three that compute: the process left {took} ms after the third began"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f20_threads_that_outlive_their_attempts_are_counted_whether_those_were_stopped_or_answered() {
    let rig = rig().await;
    for kind in ["spin_thread", "leave_thread"] {
        let mut worker = rig.worker();
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(rig.put_for(kind, 120_000).await);
        }
        for id in &ids {
            rig.happened(*id, 1, "running>dead").await;
        }
        let status = worker.wait();
        assert_eq!(status.code(), Some(STUCK), "{kind}: {status}");
        let lost = worker.log().matches("computes on all the same").count();
        assert_eq!(lost, 3, "{kind}");
    }
    rig.invariants().await;
    figures("F20", "three threads that outlive their attempts: the process asks to be started again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f20_a_process_that_computes_on_every_thread_ends_and_others_do_its_tasks() {
    let mut rig = rig().await;
    (rig.conditions.threads, rig.conditions.stalled, rig.conditions.limits) = (2, 3, (100, 120));
    let mut worker = rig.worker();
    let other = rig.put_for("sleep", 1500).await;
    rig.happened(other, 1, "start").await;
    let mut spinning = Vec::new();
    for _ in 0..2 {
        spinning.push(rig.put_for("spin", 60_000).await);
    }
    // Whoever is second may never come to note it.
    rig.happened(spinning[0], 1, "queued>running").await;
    let began = rig.now().await;
    let status = worker.wait();
    let took = rig.now().await - began;
    assert_eq!(status.code(), Some(1), "{status}");
    assert!(worker.log().contains("every thread has been computing without a pause"));
    rig.sql("UPDATE queue_tasks SET payload = '{\"ms\": 1}' WHERE kind = 'spin'").await;
    let _another = rig.worker();
    rig.all_ended(Duration::from_secs(60)).await;
    rig.invariants().await;
    assert_eq!(rig.row(other).await.state, "completed");
    figures("F20", &format!("every thread computes: the process ended {took} ms after the first began"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f17_a_process_without_a_free_connection_keeps_its_leases() {
    let rig = Rig::on_postgresql().await;
    let lease = u64::try_from(rig.conditions.lease().as_millis()).unwrap();
    let kept = either(lease * 3 / 2, lease * 3);
    let mut worker = rig.worker();
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(rig.put_for("sleep", kept + lease).await);
    }
    for id in &ids {
        rig.happened(*id, 1, "start").await;
    }
    // It takes whatever there is, which takes as long as waiting for one more, and keeps it for longer than a lease.
    let hog = rig.put_for("hog", kept).await;
    rig.happened(hog, 1, "finish").await;
    assert!(worker.log().contains("hogging 4 connections"));
    rig.all_ended(Duration::from_secs(60)).await;
    let states = rig.invariants().await;
    let rows = rig.rows().await.unwrap();
    assert!(rows.values().all(|row| row.lease_seq == 1), "a lease was lost: {rows:?}");
    assert!(worker.is_alive(), "I6");
    figures(
        "F17",
        &format!("every connection taken for {} ms, no lease of {} lost, {states:?}", kept, rows.len()),
    );
}
