//! Very many rows: of tasks that ended long ago, and of versions that a forgotten reader keeps from being removed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use resume_optimizer::queue::{Limits, NewTask, Queue, Registry, TaskState};
use resume_optimizer::shutdown::Shutdown;
use resume_optimizer::store::Access as _;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::queue::rig::{Rig, Whose, within};
use crate::queue::{either, figures};
use crate::support::ground::does;

/// What so many claims of one task each took, or as many more as are made meanwhile, the slowest percent of them aside;
/// each task is completed by the next.
async fn claims(queue: &Queue, claims: usize, meanwhile: &AtomicBool) -> Duration {
    let worker = queue.by_hand();
    let (mut took, mut done) = (Vec::new(), Vec::new());
    while took.len() < claims || meanwhile.load(Ordering::SeqCst) {
        let began = Instant::now();
        let (_, taken) = worker.exchange(&done, &["noop"], usize::from(done.is_empty())).await.unwrap();
        took.push(began.elapsed());
        assert!(!taken.is_empty() || !done.is_empty(), "a line that ran dry says nothing of claims");
        done = taken.iter().map(|task| (task.id, task.lease_seq)).collect();
        // So that the line lasts for as long as it is looked at.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    worker.complete(&done).await.unwrap();
    took.sort_unstable();
    took[took.len() * 99 / 100]
}

/// Rows of tasks that were completed ten days ago, and of some that must stay.
async fn history(rig: &Rig, rows: usize) {
    rig.sql("DROP TRIGGER ledger_passage ON queue_tasks").await;
    // A statement may take half a minute.
    let some = rows.min(250_000);
    for _ in 0..rows / some {
        rig.sql(&format!(
            "INSERT INTO queue_tasks (id, kind, state, payload, run_at, created_at, finished_at, attempt, lease_seq)
             SELECT gen_random_uuid(), 'noop', 'completed', '{{}}', now() - interval '10 days', now() - interval '10 days',
                 now() - interval '10 days' + n * interval '1 millisecond', 1, 1
             FROM generate_series(1, {some}) AS n"
        ))
        .await;
    }
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
    let (rows, tasks, waiting) = either((20_000, 300, 3_000), (5_000_000, 20_000, 600_000));
    let rig = Rig::on_postgresql().await;
    let (never, prunes) = (AtomicBool::new(false), AtomicBool::new(true));
    rig.pour(waiting).await;
    let calm = claims(&rig.queue, tasks, &never).await;
    history(&rig, rows).await;
    rig.sql("ANALYZE queue_tasks").await;
    let full = claims(&rig.queue, tasks, &never).await;
    let pruning = async {
        let began = Instant::now();
        let pruned = rig.queue.prune(TaskState::Completed, Duration::from_secs(7 * 86_400)).await.unwrap();
        prunes.store(false, Ordering::SeqCst);
        (pruned, began.elapsed())
    };
    let slowest = async {
        let mut slowest: f64 = 0.0;
        while prunes.load(Ordering::SeqCst) {
            let running =
                "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0)::float8
                FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
                  AND query LIKE '%DELETE FROM queue_tasks%' AND pid <> pg_backend_pid()";
            let rows = rig.ask(running).await.unwrap();
            slowest = slowest.max(rows[0].try_get_by_index(0).unwrap());
            tokio::time::sleep(Duration::from_millis(either(20, 100))).await;
        }
        slowest
    };
    let ((pruned, took), beside, slowest) =
        tokio::join!(pruning, claims(&rig.queue, tasks, &prunes), slowest);
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

/// So many rows of tasks on a file that ended so many days ago.
async fn ended_on_a_file(rig: &Rig, state: &str, days: u32, rows: usize) {
    rig.sql(&format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}),
             past (at) AS (SELECT CAST((julianday('now') - 2440587.5 - {days}) * 86400000 AS INTEGER))
         INSERT INTO queue_tasks (id, kind, state, payload, run_at, created_at, finished_at, attempt, lease_seq)
         SELECT randomblob(16), 'noop', '{state}', '{{}}', at, at, at + n, 1, 1 FROM numbers, past"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f25_retention_on_a_file_leaves_room_for_its_other_writers() {
    let (rows, tasks) = either((20_000, 200), (500_000, 10_000));
    let rig = Rig::on_sqlite().await;
    rig.sql("DROP TRIGGER ledger_passage").await;
    let tx = rig.db.begin().await.unwrap();
    let waiting: Vec<_> = (0..tasks * 2).map(|_| NewTask::new("noop", json!({}))).collect();
    rig.queue.enqueue_all(&tx, &waiting).await.unwrap();
    tx.commit().await.unwrap();
    let never = AtomicBool::new(false);
    let calm = claims(&rig.queue, tasks, &never).await;
    ended_on_a_file(&rig, "completed", 10, rows).await;
    for (state, days) in [("completed", 6), ("dead", 10), ("cancelled", 10)] {
        ended_on_a_file(&rig, state, days, 10).await;
    }
    // By a writer of its own, as another program has it.
    let other = Rig::reopened(&rig.conditions.url, tempfile::tempdir().unwrap()).await;
    let began = Instant::now();
    let pruning = async {
        let pruned = other.queue.prune(TaskState::Completed, Duration::from_secs(7 * 86_400)).await.unwrap();
        (pruned, began.elapsed())
    };
    let writing = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..either(20, 500) {
            let asked = Instant::now();
            rig.put_for("noop", 0).await;
            slowest = slowest.max(asked.elapsed());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        slowest
    };
    let ((pruned, took), beside, slowest) = tokio::join!(pruning, claims(&rig.queue, tasks, &never), writing);
    assert_eq!(usize::try_from(pruned).unwrap(), rows, "only what is old, and all of it");
    let kept = rig.number("SELECT count(*) FROM queue_tasks WHERE created_at < CAST((julianday('now') - 2440588.5) * 86400000 AS INTEGER)").await;
    assert_eq!(kept, 30);
    // A statement keeps every other writer waiting for as long as it takes.
    let longest = slowest.max(beside);
    assert!(longest < Duration::from_secs(1), "somebody waited {longest:?}");
    figures(
        "F25",
        &format!(
            "on a file: {pruned} rows removed in {took:.1?}; 99 of 100 claims within {calm:.1?}, {beside:.1?} meanwhile, in after {slowest:.1?} at most"
        ),
    );
}

/// 200 tasks a second for so long; what 99 of 100 waited at most.
async fn waits(rig: &Rig, queue: &Queue, whose: Whose, seconds: usize) -> Duration {
    let from = rig.now().await;
    let mut beat = tokio::time::interval(Duration::from_millis(5));
    for _ in 0..seconds * 200 {
        beat.tick().await;
        rig.pour_of(whose, 1).await;
        queue.ring();
    }
    rig.all_ended(Duration::from_secs(60)).await;
    let waited = rig
        .number(&format!(
            "SELECT (percentile_disc(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - run_at)) * 1000000)::bigint
             FROM queue_tasks WHERE run_at >= to_timestamp({from} / 1000.0)"
        ))
        .await;
    Duration::from_micros(u64::try_from(waited).unwrap())
}

/// Kinds of which only a few run at once are looked for by themselves, as the product's are.
fn registry() -> Registry {
    let nothing = || does(|_| async { Ok(()) });
    let one = || Limits { at_once: Some(1), ..Limits::default() };
    ["clean", "check", "erase"].into_iter().fold(Registry::new().on("noop", nothing()), |registry, scarce| {
        registry.on_with(scarce, nothing(), one())
    })
}

/// What very many tasks of those leave behind while somebody keeps an old snapshot slows the next ones no more than this.
async fn past_a_held_snapshot(whose: Whose, behind: usize, bound: Duration) {
    let mut rig = Rig::on_postgresql().await;
    rig.sql("DROP TRIGGER ledger_passage ON queue_tasks").await;
    let mut config = rig.conditions.config();
    config.queue.concurrency = 500;
    let (queue, shutdown) = (Queue::new(&rig.db, &config.queue), Shutdown::default());
    let working = tokio::spawn({
        let (queue, shutdown) = (queue.clone(), shutdown.clone());
        async move { queue.run(registry(), shutdown).await }
    });
    let calm = waits(&rig, &queue, whose, either(2, 30)).await;
    let held = rig.db.begin().await.unwrap();
    held.writes().execute_unprepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    held.writes().execute_unprepared("SET idle_in_transaction_session_timeout = 0").await.unwrap();
    held.writes().execute_unprepared("SELECT count(*) FROM queue_tasks").await.unwrap();
    for _ in 0..behind / 5_000 {
        rig.pour_of(whose, 5_000).await;
        queue.ring();
    }
    rig.all_ended(Duration::from_secs(600)).await;
    let beside = waits(&rig, &queue, whose, either(2, 60)).await;
    // On a machine that does much else, everything waits.
    let bound = either(bound.max(calm * 5), bound);
    assert!(beside < bound, "99 of 100 waited {beside:?}, {calm:?} before");
    // A process that looks for it says so.
    rig.conditions.old_snapshot = 1;
    let worker = rig.worker();
    within(Duration::from_secs(30), "a warning", || async {
        worker.log().contains("somebody keeps an old snapshot").then_some(())
    })
    .await;
    held.rollback().await.unwrap();
    shutdown.trip();
    working.await.unwrap().unwrap();
    let open = rig.number("SELECT count(*) FROM queue_tasks WHERE state <> 'completed'").await;
    assert_eq!(open, 0, "a backlog grew");
    figures(
        "F18",
        &format!(
            "99 of 100 tasks ({whose:?}) waited up to {calm:.1?}, and {beside:.1?} past {behind} that a held snapshot keeps; warned of"
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_a_forgotten_reader_does_not_slow_claims_without_bound_and_is_told_of() {
    let bound = either(Duration::from_secs(1), Duration::from_millis(50));
    // What half an hour of 200 a second leaves behind, all of it at the head of the line.
    past_a_held_snapshot(Whose::Nobodys, either(5_000, 360_000), bound).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_a_forgotten_reader_does_not_slow_what_accounts_wait_for_without_bound() {
    // A place in the common line is given and taken between: more than one statement passes what is kept, and the dearer
    // that is, the less often. Three minutes of 200 a second.
    let bound = either(Duration::from_secs(2), Duration::from_secs(1));
    past_a_held_snapshot(Whose::Accounts, either(5_000, 36_000), bound).await;
}
