//! Workers that vanish: killed at any moment, taken down by a task, or dead between two steps of one.

use std::time::Duration;

use rand::RngExt as _;
use resume_optimizer::queue::{NewTask, TaskId};
use serde_json::json;

use crate::queue::deeds::Told;
use crate::queue::rig::{Entry, Rig, within};
use crate::queue::worker::{Conditions, Worker};
use crate::queue::{either, figures};

/// Longer than it takes to see, claim and start a task on a machine that does much else.
const SLACK: Duration = Duration::from_secs(4);

/// What a vanished worker left behind: its process, and when it vanished by the database's clock.
struct Gone {
    pid: u32,
    at: i64,
}

/// Keeps a worker going until it has done this; how often it had to be started again.
async fn supervised<F: Future<Output = bool>>(rig: &Rig, what: &str, done: impl Fn() -> F) -> usize {
    let mut worker = rig.worker();
    let mut restarts = 0;
    within(Duration::from_secs(120), what, || {
        if !worker.is_alive() {
            worker = rig.worker();
            restarts += 1;
        }
        let done = done();
        async { done.await.then_some(()) }
    })
    .await;
    restarts
}

/// How many tasks these took along that then were taken up, and after how many milliseconds at most they started again;
/// each did in time.
async fn again(rig: &Rig, gone: &[Gone]) -> (i32, i64) {
    let limit =
        rig.conditions.lease() + rig.conditions.rescue_period() + either(SLACK, Duration::from_secs(1));
    let ledger = rig.ledger().await.unwrap();
    let (mut lost, mut longest) = (0, 0);
    for (id, story) in &ledger {
        for Gone { pid, at } in gone {
            let held = story.iter().filter(|entry| entry.event == "start" && entry.pid == *pid);
            for held in held.map(|entry| entry.lease_seq) {
                let after = |event: &str| {
                    let found = |entry: &&Entry| entry.at >= *at && entry.event == event;
                    story.iter().find(found).map(|entry| entry.at - at)
                };
                let taken = story.iter().any(|entry| {
                    entry.lease_seq == held && entry.event == "running>queued" && entry.at >= *at
                });
                let Some(again) = taken.then(|| after("queued>running")).flatten() else {
                    continue;
                };
                lost += 1;
                longest = longest.max(again);
                // From the third time on it is suspected itself, and waits for a while.
                let limit = if held > 2 { limit + Duration::from_secs(3) } else { limit };
                assert!(u128::try_from(again).unwrap() <= limit.as_millis(), "{id}: {again} ms: {story:?}");
            }
        }
    }
    (lost, longest)
}

/// How many leases were taken away, of which so many are known of: each is counted and recorded.
async fn taken_up(rig: &Rig, lost: i32) -> i32 {
    let crashes: i32 = rig.rows().await.unwrap().values().map(|row| row.crashes).sum();
    let recorded = rig.number("SELECT count(*) FROM queue_attempts WHERE outcome = 'worker_lost'").await;
    assert_eq!(i64::from(crashes), recorded, "each lost lease is counted and recorded");
    assert!(lost > 0 && crashes >= lost, "{lost} of {crashes}");
    crashes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_what_a_killed_worker_ran_starts_again_in_time() {
    let (kills, tasks) = either((4, 60), (50, 1000));
    let rig = Rig::on_postgresql().await;
    // With room for everything: what is lost waits for nobody's slot.
    let survivor = Worker::start(&Conditions { slots: 64, ..rig.conditions.clone() });
    let mut gone = Vec::new();
    let waiting = "SELECT count(*) FROM queue_tasks WHERE state = 'queued' AND line_at <= now()";
    for _ in 0..kills {
        // Never more than fits: a lost task would wait behind what was put in meanwhile.
        within(Duration::from_secs(60), "room", || async { (rig.number(waiting).await == 0).then_some(()) })
            .await;
        rig.put_mixture(tasks / kills, 1500).await;
        let mut victim = rig.worker();
        // In the middle of something, and that is somewhere else each time.
        within(Duration::from_secs(60), "the victim's first start", || async {
            let started =
                format!("SELECT count(*) FROM ledger WHERE event = 'start' AND pid = {}", victim.pid());
            if rig.number(&started).await == 0 && rig.number(waiting).await == 0 {
                // The other one was faster.
                rig.put_for("sleep", 1500).await;
            }
            (rig.number(&started).await > 0).then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..600))).await;
        victim.kill();
        gone.push(Gone { pid: victim.pid(), at: rig.now().await });
    }
    let ids = rig.acknowledged();
    rig.all_ended(Duration::from_secs(180)).await;
    let states = rig.invariants().await;
    drop(survivor);

    let (lost, longest) = again(&rig, &gone).await;
    let crashes = taken_up(&rig, lost).await;
    figures(
        "F1",
        &format!(
            "{kills} kills, {} tasks {states:?}, {crashes} taken up, again after {longest} ms at most",
            ids.len()
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_what_a_worker_ran_that_was_killed_on_a_file_starts_again_in_time() {
    let (kills, tasks) = either((4, 40), (50, 1000));
    let mut rig = Rig::on_sqlite().await;
    // With room for everything: what is lost waits for nobody's slot.
    rig.conditions.slots = 64;
    let mut gone = Vec::new();
    for _ in 0..kills {
        rig.put_mixture(tasks / kills, 1500).await;
        // The next one on the file, once the last one is gone.
        let mut victim = rig.worker();
        let open = "SELECT count(*) FROM queue_tasks WHERE state IN ('queued', 'running')";
        within(Duration::from_secs(60), "room", || async { (rig.number(open).await < 32).then_some(()) })
            .await;
        let running = rig.put_for("sleep", 1500).await;
        rig.happened(running, 1, "start").await;
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..600))).await;
        victim.kill();
        gone.push(Gone { pid: victim.pid(), at: rig.now().await });
    }
    let mut last = rig.worker();
    rig.all_ended(Duration::from_secs(180)).await;
    let states = rig.invariants().await;
    assert!(last.is_alive(), "I6");
    let (lost, longest) = again(&rig, &gone).await;
    let crashes = taken_up(&rig, lost).await;
    figures(
        "F1",
        &format!(
            "on a file: {kills} kills, {states:?}, {crashes} taken up, again after {longest} ms at most"
        ),
    );
}

/// Workers of it die before, in and after a task.
async fn die_between_two_steps(mut rig: Rig) {
    let told = || Told { times: 1, ..Told::default() };
    let mut ids = Vec::new();
    for _ in 0..either(1, 10) {
        for kind in ["die_before", "die", "die_after"] {
            ids.push(rig.put(kind, told()).await);
        }
    }
    // One after the other: each of them takes the worker down.
    rig.conditions.slots = 1;
    let restarts = supervised(&rig, "the end of all tasks", || async {
        let rows = rig.rows().await.unwrap();
        ids.iter().all(|id| rows.get(id).is_some_and(|row| row.state == "completed"))
    })
    .await;
    rig.invariants().await;
    let ledger = rig.ledger().await.unwrap();
    for (number, id) in ids.iter().enumerate() {
        let row = rig.row(*id).await;
        assert_eq!((row.attempt, row.crashes, row.lease_seq), (1, 1, 2), "{row:?}");
        let finishes = ledger.get(id).unwrap().iter().filter(|entry| entry.event == "finish").count();
        // At least once: what was done when the worker died is done again.
        assert_eq!(finishes, if number % 3 == 2 { 2 } else { 1 });
    }
    figures(
        "F2",
        &format!(
            "{:?}: {} tasks whose worker died, {restarts} workers started again",
            rig.db.backend(),
            ids.len()
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_a_worker_that_dies_between_two_steps_of_a_task_costs_it_nothing_else() {
    die_between_two_steps(Rig::on_postgresql().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_a_worker_on_a_file_that_dies_between_two_steps_of_a_task_costs_it_nothing_else() {
    die_between_two_steps(Rig::on_sqlite().await).await;
}

/// One task takes each worker down that does it, beside one that does not.
async fn take_workers_down(mut rig: Rig) {
    rig.conditions.max_crashes = 3;
    let deadly = rig.put("die", Told { times: 100, ms: 600, ..Told::default() }).await;
    let broken = rig.submit(NewTask::new("panic", json!({})).max_attempts(2)).await.unwrap();
    let (restarts, innocent) = tokio::join!(
        supervised(&rig, "the end of all tasks", || async {
            let (ids, rows) = (rig.acknowledged(), rig.rows().await.unwrap());
            let open = |id: &TaskId| matches!(rows.get(id).unwrap().state.as_str(), "queued" | "running");
            ids.len() == 3 && !ids.iter().any(open)
        }),
        async {
            // Beside it each time from now on, so that it loses its worker as well, but not as often.
            rig.happened(deadly, 2, "start").await;
            rig.put_for("sleep", 1200).await
        }
    );
    rig.invariants().await;
    let row = rig.row(deadly).await;
    assert_eq!(
        (row.state.as_str(), row.crashes, row.error_kind.as_deref()),
        ("dead", 3, Some("worker_lost"))
    );
    let row = rig.row(innocent).await;
    assert_eq!((row.state.as_str(), row.attempt), ("completed", 1), "{row:?}");
    let row = rig.row(broken).await;
    assert_eq!((row.state.as_str(), row.error_kind.as_deref()), ("dead", Some("panic")));
    assert!(rig.story(deadly).await.iter().any(|entry| entry.event == "ended worker_lost"));
    figures(
        "F13",
        &format!("{:?}: given up after 3 crashes, {restarts} workers started again", rig.db.backend()),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_a_task_that_takes_its_worker_down_is_given_up_and_the_others_are_done() {
    take_workers_down(Rig::on_postgresql().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_a_task_that_takes_its_worker_on_a_file_down_is_given_up_and_the_others_are_done() {
    take_workers_down(Rig::on_sqlite().await).await;
}
