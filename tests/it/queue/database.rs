//! A database that goes away and comes back: what runs goes on, what waits is claimed, and nobody is taken for dead.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::RngExt as _;
use resume_optimizer::queue::{NewTask, TaskId};
use serde_json::json;

use crate::queue::network::through;
use crate::queue::proxy::Proxy;
use crate::queue::rig::{Rig, within};
use crate::queue::worker::{Conditions, Worker};
use crate::queue::{either, figures};
use crate::support::postgres::{Postgres, Shutdown};

/// What a worker may need to work again once its database does.
const RESUME: Duration = Duration::from_secs(10);

/// How a worker that runs something begins the list of what it runs: as binary JSON.
const OURS: &[u8] = b"\x01[\"";

/// Tasks that run and have noted that they started.
async fn running(rig: &Rig) -> Vec<(TaskId, i64)> {
    // Only these: what fails starts again under another lease, outage or not.
    let sleeping =
        rig.ask("SELECT id FROM queue_tasks WHERE kind = 'sleep' AND state = 'running'").await.unwrap();
    let sleeping: Vec<TaskId> = sleeping.iter().map(|row| TaskId(row.try_get_by_index(0).unwrap())).collect();
    let (rows, ledger) = (rig.rows().await.unwrap(), rig.ledger().await.unwrap());
    let started = |id: &TaskId, seq: i64| {
        ledger
            .get(id)
            .is_some_and(|story| story.iter().any(|entry| entry.event == "start" && entry.lease_seq == seq))
    };
    let running = rows.into_iter().filter(|(id, _)| sleeping.contains(id));
    running.map(|(id, row)| (id, row.lease_seq)).filter(|(id, seq)| started(id, *seq)).collect()
}

/// Those of these tasks that went on under the lease that they had.
async fn went_on(rig: &Rig, before: &[(TaskId, i64)]) -> usize {
    let rows = rig.rows().await.unwrap();
    before.iter().filter(|(id, seq)| rows.get(id).is_some_and(|row| row.lease_seq == *seq)).count()
}

async fn taken_for_dead(rig: &Rig) -> i64 {
    rig.number("SELECT count(*) FROM queue_attempts WHERE outcome = 'worker_lost'").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f03_a_restart_of_the_database_costs_no_running_task_its_lease() {
    let restarts = either(2, 20);
    let postgres = Postgres::durable();
    let rig = Rig::on(&postgres).await;
    let mut workers = [rig.worker(), rig.worker()];
    let fed = AtomicBool::new(false);
    let feeding = async {
        while !fed.load(Ordering::SeqCst) {
            let ms = rand::rng().random_range(0..1500);
            // Refused while the database is away; then it does not count.
            let _ = rig.submit(NewTask::new("sleep", json!({ "ms": ms })).max_attempts(20)).await;
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    };
    let restarting = async {
        let (mut ran, mut kept, mut longest) = (0, 0, 0);
        for number in 0..restarts {
            // All slots busy, and some tasks waiting.
            rig.put_mixture(10, 1500).await;
            let before = within(Duration::from_secs(60), "running tasks", || async {
                let running = running(&rig).await;
                (running.len() >= 3).then_some(running)
            })
            .await;
            postgres.stop(if number % 2 == 0 { Shutdown::Fast } else { Shutdown::Immediate });
            postgres.start_again();
            let (accepts, began) = (rig.now().await, Instant::now());
            // What was claimed before may end now; that shows nothing of claims.
            let claimed = format!(
                "SELECT 1 FROM queue_tasks WHERE started_at > to_timestamp({accepts} / 1000.0)
                 UNION ALL SELECT 1 FROM queue_attempts WHERE started_at > to_timestamp({accepts} / 1000.0) LIMIT 1"
            );
            within(RESUME, "a start after the restart", || async {
                (!rig.ask(&claimed).await.ok()?.is_empty()).then_some(())
            })
            .await;
            longest = longest.max(began.elapsed().as_millis());
            within(Duration::from_secs(60), "the end of what ran", || async {
                let now = rig.rows().await.ok()?;
                before
                    .iter()
                    .all(|(id, _)| now.get(id).is_some_and(|row| row.state != "running"))
                    .then_some(())
            })
            .await;
            (ran, kept) = (ran + before.len(), kept + went_on(&rig, &before).await);
        }
        fed.store(true, Ordering::SeqCst);
        (ran, kept, longest)
    };
    let ((), (ran, kept, longest)) = tokio::join!(feeding, restarting);
    rig.all_ended(Duration::from_secs(120)).await;
    let states = rig.invariants_after_a_crash().await;
    assert!(workers.iter_mut().all(Worker::is_alive), "I6");
    assert_eq!((kept, taken_for_dead(&rig).await), (ran, 0), "of {ran} that ran");
    figures(
        "F3",
        &format!("{restarts} restarts, {kept} of {ran} went on, claims again after {longest} ms, {states:?}"),
    );
}

/// What lives through an outage of so long, with its workers: `outage` takes the database away and brings it back.
async fn live_through(
    rig: &Rig,
    mut workers: [Worker; 2],
    away: Duration,
    outage: impl AsyncFnOnce(),
) -> Vec<(TaskId, i64)> {
    let ms = u64::try_from(away.as_millis()).unwrap();
    for number in 0..16 {
        // Half of them end while it is away.
        rig.put_for("sleep", if number % 2 == 0 { ms + 1000 } else { ms / 2 }).await;
    }
    let before = within(Duration::from_secs(60), "all tasks to run", || async {
        let running = running(rig).await;
        (running.len() == 16).then_some(running)
    })
    .await;
    outage().await;
    rig.put_for("noop", 0).await;
    rig.all_ended(Duration::from_secs(60)).await;
    assert!(workers.iter_mut().all(Worker::is_alive), "I6");
    before
}

/// Says how many of these went on under the lease that they had: nearly all, and no worker was taken for dead.
async fn kept(rig: &Rig, before: &[(TaskId, i64)]) -> String {
    let kept = went_on(rig, before).await;
    assert!(kept * 100 >= before.len() * 95, "{kept} of {}", before.len());
    assert_eq!(taken_for_dead(rig).await, 0);
    format!("{kept} of {} went on", before.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f04_an_outage_longer_than_a_lease_costs_no_running_task_its_lease() {
    let postgres = Postgres::durable();
    let mut rig = Rig::on(&postgres).await;
    // Longer than the longest pause between two tries: else somebody may try too late.
    rig.conditions.lease = either(6, 18);
    let away = either(rig.conditions.lease() * 3 / 2, rig.conditions.lease() * 5);
    let before = live_through(&rig, [rig.worker(), rig.worker()], away, async || {
        postgres.stop(Shutdown::Immediate);
        // The fault itself: nothing can be polled while it is away.
        tokio::time::sleep(away).await;
        postgres.start_again();
    })
    .await;
    let states = rig.invariants_after_a_crash().await;
    let kept = kept(&rig, &before).await;
    figures("F4", &format!("away for {} s, {kept}, {states:?}", away.as_secs()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f04_a_database_that_stands_still_without_an_error_costs_no_running_task_its_lease() {
    let mut rig = Rig::on_postgresql().await;
    rig.conditions.lease = either(3, 18);
    let away = rig.conditions.lease() * 2;
    let proxies = [(); 2].map(|()| Proxy::to(Postgres::shared().port()));
    let workers = [0, 1].map(|number| Worker::start(&through(&proxies[number], &rig)));
    let before = live_through(&rig, workers, away, async || {
        // In the worst moment: one asks for lost leases, of which it knows only that its own are none. That is answered
        // when all leases have run out, and before the other one, whose next try comes later, could renew them.
        let [first, second] = &proxies;
        first.hold_at(OURS);
        within(Duration::from_secs(20), "the question", || async { first.holds().then_some(()) }).await;
        second.hold();
        tokio::time::sleep(away).await;
        first.release();
        tokio::time::sleep(Duration::from_millis(300)).await;
        second.release();
    })
    .await;
    let states = rig.invariants().await;
    let kept = kept(&rig, &before).await;
    assert!(rig.rows().await.unwrap().values().all(|row| row.crashes == 0), "a worker was taken for dead");
    figures("F4", &format!("stood still for {} s, {kept}, {states:?}", away.as_secs()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_connections_that_are_ended_again_and_again_only_slow_the_work() {
    let rig = Rig::on_postgresql().await;
    rig.sql(
        "DO $$ BEGIN CREATE ROLE worker SUPERUSER LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$",
    )
    .await;
    let conditions =
        Conditions { url: rig.conditions.url.replace("rig@", "worker@"), ..rig.conditions.clone() };
    let (pause, times) = either((700, 4), (2000, 150));
    rig.flood(either(400, 200_000)).await;
    // More than there is time for: a line that runs dry says nothing of the connections.
    rig.pour(either(40_000, 600_000)).await;
    let mut workers = [Worker::start(&conditions), Worker::start(&conditions)];
    let rate = async |time: Duration| {
        let (before, began) = (rig.completed().await, Instant::now());
        tokio::time::sleep(time).await;
        let done = u32::try_from(rig.completed().await - before).unwrap();
        f64::from(done) / began.elapsed().as_secs_f64()
    };
    let calm = rate(Duration::from_secs(either(2, 30))).await;
    let ending = async {
        let mut ended = 0;
        for _ in 0..times {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            ended += rig
                .number(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                     WHERE datname = current_database() AND usename = 'worker'",
                )
                .await;
        }
        ended
    };
    let (ended, stormy) = tokio::join!(ending, rate(Duration::from_millis(pause * times)));
    assert!(ended > 0 && workers.iter_mut().all(Worker::is_alive), "I6: {ended} connections ended");
    // In a few seconds each pause after a loss weighs more.
    let bound = calm / either(10.0, 2.0);
    assert!(stormy >= bound, "{stormy} of {calm} tasks a second");
    // What is left is of no interest any more.
    rig.sql(
        "BEGIN; SET LOCAL statement_timeout = 0;
         UPDATE queue_tasks SET state = 'cancelled', finished_at = now() WHERE state = 'queued'; COMMIT",
    )
    .await;
    rig.all_ended(Duration::from_secs(120)).await;
    let states = rig.invariants().await;
    figures("F5", &format!("{ended} connections ended, {stormy:.0} of {calm:.0} tasks a second, {states:?}"));
}
