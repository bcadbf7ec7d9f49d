//! Very many rows: of tasks that ended long ago, and of versions that a forgotten reader keeps from being removed.

use std::time::{Duration, Instant};

use resume_optimizer::queue::{Queue, TaskState};
use resume_optimizer::store::Access as _;
use sea_orm::ConnectionTrait as _;

use crate::queue::rig::Rig;
use crate::queue::{either, figures};

/// What so many claims of one task each took, the slowest percent of them aside; each task is completed by the next.
async fn claims(queue: &Queue, claims: usize) -> Duration {
    let worker = queue.by_hand();
    let (mut took, mut done) = (Vec::new(), Vec::new());
    for _ in 0..claims {
        let began = Instant::now();
        let (_, taken) = worker.exchange(&done, &["noop"], usize::from(done.is_empty())).await.unwrap();
        took.push(began.elapsed());
        done = taken.iter().map(|task| (task.id, task.lease_seq)).collect();
    }
    worker.complete(&done).await.unwrap();
    took.sort_unstable();
    took[took.len() * 99 / 100]
}

/// Rows of tasks that were completed ten days ago, and of some that must stay.
async fn history(rig: &Rig, rows: usize) {
    rig.sql("DROP TRIGGER ledger_passage ON queue_tasks").await;
    rig.sql(&format!(
        "INSERT INTO queue_tasks (id, kind, state, payload, run_at, created_at, finished_at, attempt, lease_seq)
         SELECT gen_random_uuid(), 'noop', 'completed', '{{}}', now() - interval '10 days', now() - interval '10 days',
             now() - interval '10 days' + n * interval '1 millisecond', 1, 1
         FROM generate_series(1, {rows}) AS n"
    ))
    .await;
    rig.sql(
        "INSERT INTO queue_tasks (id, kind, state, payload, run_at, created_at, finished_at)
         SELECT gen_random_uuid(), 'noop', state, '{}', now() - age, now() - age, now() - age
         FROM (VALUES ('completed', interval '6 days'), ('dead', interval '10 days'), ('cancelled', interval '10 days'))
             AS kept (state, age), generate_series(1, 10)",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f25_retention_removes_what_is_old_and_disturbs_nobody() {
    let (rows, tasks) = either((20_000, 300), (5_000_000, 20_000));
    let rig = Rig::on_postgresql().await;
    rig.flood(tasks * 3).await;
    let calm = claims(&rig.queue, tasks).await;
    history(&rig, rows).await;
    rig.sql("ANALYZE queue_tasks").await;
    let full = claims(&rig.queue, tasks).await;
    let pruning = async {
        let began = Instant::now();
        let pruned = rig.queue.prune(TaskState::Completed, Duration::from_secs(7 * 86_400)).await.unwrap();
        (pruned, began.elapsed())
    };
    let slowest = async {
        let mut slowest: f64 = 0.0;
        for _ in 0..either(5, 200) {
            let running =
                "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0)::float8
                FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
                  AND query LIKE '%DELETE FROM queue_tasks%' AND pid <> pg_backend_pid()";
            let rows = rig.ask(running).await.unwrap();
            slowest = slowest.max(rows[0].try_get_by_index(0).unwrap());
            tokio::time::sleep(Duration::from_millis(either(50, 500))).await;
        }
        slowest
    };
    let ((pruned, took), beside, slowest) = tokio::join!(pruning, claims(&rig.queue, tasks), slowest);
    assert_eq!(usize::try_from(pruned).unwrap(), rows, "only what is old, and all of it");
    let kept =
        rig.number("SELECT count(*) FROM queue_tasks WHERE created_at < now() - interval '1 day'").await;
    assert_eq!(kept, 30);
    assert!(slowest < 1.0, "a statement took {slowest} s");
    // A claim is a millisecond or two: on a machine that does much else, that says little.
    let bound = (calm * 2).max(Duration::from_millis(either(100, 10)));
    assert!(beside < bound, "{beside:?} beside it, {calm:?} before");
    figures(
        "F25",
        &format!(
            "{pruned} rows removed in {took:.1?}; 99 of 100 claims within {calm:.1?}, {full:.1?} with the rows, {beside:.1?} meanwhile"
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_a_forgotten_reader_does_not_slow_claims_without_bound() {
    let rig = Rig::on_postgresql().await;
    rig.sql("DROP TRIGGER ledger_passage ON queue_tasks").await;
    let held = rig.db.begin().await.unwrap();
    held.writes().execute_unprepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    held.writes().execute_unprepared("SET idle_in_transaction_session_timeout = 0").await.unwrap();
    held.writes().execute_unprepared("SELECT count(*) FROM queue_tasks").await.unwrap();
    // Each task leaves two dead versions behind, all of them at the head of the line; a round is ten seconds of 200 a
    // second, as fast as it goes.
    let (rounds, tasks) = either((2, 300), (90, 2000));
    let (mut first, mut last) = (Duration::ZERO, Duration::ZERO);
    for round in 0..rounds {
        rig.sql(&format!(
            "INSERT INTO queue_tasks (id, kind, payload, run_at, created_at)
             SELECT gen_random_uuid(), 'noop', '{{}}', now(), now() FROM generate_series(1, {tasks})"
        ))
        .await;
        last = claims(&rig.queue, tasks).await;
        if round == 0 {
            first = last;
        }
    }
    held.rollback().await.unwrap();
    let open = rig.number("SELECT count(*) FROM queue_tasks WHERE state <> 'completed'").await;
    assert_eq!(open, 0, "a backlog grew");
    figures(
        "F18",
        &format!(
            "{} tasks past a held snapshot: 99 of 100 claims within {first:.1?} at first, {last:.1?} at last",
            rounds * tasks
        ),
    );
}
