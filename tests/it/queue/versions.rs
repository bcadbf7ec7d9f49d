//! Programs of different versions on one database, as while a new one is rolled out.

use std::time::Duration;

use resume_optimizer::queue::{NewTask, TaskId};
use serde_json::json;

use crate::queue::figures;
use crate::queue::rig::{Event, Rig, note};
use crate::queue::worker::{Conditions, Worker};

/// What the program before the queue had lines put in, and how it claims.
const OLD_ENQUEUE: &str = "
    INSERT INTO queue_tasks (id, queue, kind, priority, group_key, unique_key, payload, run_at, max_attempts, created_at)
    VALUES ('{id}', 'default', 'sleep', 0, {group}, NULL, '{\"ms\": 10}', now(), 3, now())";
const OLD_CLAIM: &str = "
    UPDATE queue_tasks SET state = 'running', attempt = attempt + 1, lease_seq = lease_seq + 1,
        lease_owner = gen_random_uuid(), started_at = now(), lease_expires_at = now() + interval '1 second',
        deadline_at = now() + interval '1 hour'
    WHERE id = (SELECT id FROM queue_tasks WHERE state = 'queued' AND queue = 'default' AND priority = 0
        AND run_at <= now() AND kind = 'noop' ORDER BY priority DESC, run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)";
const OLD_FINISH: &str = "
    UPDATE queue_tasks SET state = 'completed', finished_at = now(), lease_owner = NULL, lease_expires_at = NULL,
        deadline_at = NULL
    WHERE id = '{id}' AND lease_seq = {seq} AND state = 'running'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f27_a_kind_that_a_worker_does_not_know_waits_for_one_that_does() {
    let rig = Rig::on_postgresql().await;
    let old = Conditions { kinds: vec!["sleep".to_owned()], ..rig.conditions.clone() };
    let _old = Worker::start(&old);
    let new_kind = rig.put_for("noop", 0).await;
    for _ in 0..5 {
        let known = rig.put_for("sleep", 1).await;
        rig.happened(known, 1, "finish").await;
    }
    let row = rig.row(new_kind).await;
    assert_eq!((row.state.as_str(), row.attempt, row.lease_seq), ("queued", 0, 0));
    let new = rig.worker();
    assert_eq!(rig.happened(new_kind, 1, "finish").await.pid, new.pid());
    rig.all_ended(Duration::from_secs(60)).await;
    rig.invariants().await;
    figures("F27", "an unknown kind waited for the worker that knows it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f27_the_program_before_this_one_puts_in_and_claims_beside_it() {
    let rig = Rig::on_postgresql().await;
    // The old one claims and dies, or completes, what the new one put in.
    let mut claimed = Vec::new();
    for _ in 0..2 {
        claimed.push(rig.submit(NewTask::new("noop", json!({})).group(&"mira")).await.unwrap());
        rig.queue.by_hand().admit().await.unwrap();
        rig.sql(OLD_CLAIM).await;
        assert_eq!(rig.row(*claimed.last().unwrap()).await.state, "running");
    }
    let finish = OLD_FINISH.replace("{id}", &claimed[0].to_string()).replace("{seq}", "1");
    rig.sql(&finish).await;
    note(&rig.db, Event { id: claimed[0], lease_seq: 1, name: "finish" }).await.unwrap();
    // The new one does what the old one put in, of an account and of nobody, and takes up what it left.
    let mut put_in = Vec::new();
    for group in ["NULL", "'mira'"] {
        let id = TaskId(uuid::Uuid::now_v7());
        rig.sql(&OLD_ENQUEUE.replace("{id}", &id.to_string()).replace("{group}", group)).await;
        put_in.push(id);
    }
    let _new = rig.worker();
    for id in put_in {
        rig.happened(id, 1, "running>completed").await;
    }
    rig.happened(claimed[1], 2, "running>completed").await;
    assert_eq!(rig.row(claimed[0]).await.state, "completed");
    let late = OLD_FINISH.replace("{id}", &claimed[1].to_string()).replace("{seq}", "1");
    rig.sql(&late).await;
    assert_eq!(rig.row(claimed[1]).await.lease_seq, 2);
    rig.all_ended(Duration::from_secs(60)).await;
    rig.invariants().await;
    figures(
        "F27",
        "the statements of the program before: put in, claimed, completed and left; each done once",
    );
}
