//! Clocks that are wrong or jump, and workers that stand still for a while: time is the database's, and nothing bursts.

use std::time::{Duration, Instant};

use chrono::{Timelike as _, Utc};
use resume_optimizer::queue::NewTask;
use resume_optimizer::store::Access as _;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::queue::rig::{Rig, within};
use crate::queue::worker::Worker;
use crate::queue::{either, figures};
use crate::support::guarded::liar;
use crate::support::postgres::Postgres;

/// What a loaded machine may take for what takes no time.
const SLACK: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f08_what_a_worker_did_that_stood_still_past_its_lease_is_refused() {
    let rig = Rig::on_postgresql().await;
    let lease = u64::try_from(rig.conditions.lease().as_millis()).unwrap();
    let mut frozen = rig.worker();
    let mut ids = Vec::new();
    for _ in 0..either(3, 8) {
        ids.push(rig.put_for("stubborn", lease).await);
    }
    for id in &ids {
        assert_eq!(rig.happened(*id, 1, "start").await.pid, frozen.pid());
    }
    frozen.signal("STOP");
    let stopped = rig.now().await;
    let other = rig.worker();
    let mut longest = 0;
    for id in &ids {
        let again = rig.happened(*id, 2, "start").await;
        assert_eq!(again.pid, other.pid());
        longest = longest.max(again.at - stopped);
    }
    let limit = rig.conditions.lease() + either(SLACK, Duration::from_secs(2));
    assert!(u128::try_from(longest).unwrap() <= limit.as_millis(), "{longest} ms");
    within(Duration::from_secs(60), "leases of standing still", || async {
        (rig.now().await - stopped > i64::try_from(lease * either(2, 3)).unwrap()).then_some(())
    })
    .await;
    frozen.signal("CONT");
    for id in &ids {
        assert_eq!(rig.happened(*id, 1, "refused").await.pid, frozen.pid());
    }
    rig.all_ended(Duration::from_secs(60)).await;
    let states = rig.invariants().await;
    // It works on as if nothing had been.
    drop(other);
    let next = rig.put_for("noop", 0).await;
    assert_eq!(rig.happened(next, 1, "finish").await.pid, frozen.pid());
    assert!(frozen.is_alive(), "I6");
    figures(
        "F8",
        &format!("done by another after {longest} ms, {} late ends refused, {states:?}", ids.len()),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_a_workers_own_clock_is_of_no_importance() {
    let Some(liar) = liar() else {
        // It comes with the package that scripts/test names.
        figures("F9", "left out: libfaketime is not on this machine");
        return;
    };
    let mut rig = Rig::on_postgresql().await;
    let tick = |minutes: u32| {
        let then = Utc::now().hour() * 60 + Utc::now().minute() + minutes;
        format!("{} {} * * *", then % 60, then / 60 % 24)
    };
    // In half an hour, or an hour and a half ago: due by one of the wrong clocks each, and not by the right one.
    rig.conditions.schedules =
        vec![("soon".to_owned(), tick(30), true), ("ago".to_owned(), tick(24 * 60 - 90), true)];
    let lie = |by: &str| {
        let env = [("LD_PRELOAD", liar), ("FAKETIME", by), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")];
        Worker::start_with(&rig.conditions, &env)
    };
    let mut workers = [lie("+3600s"), lie("-3600s")];
    let lease = u64::try_from(rig.conditions.lease().as_millis()).unwrap();
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(rig.put_for("sleep", lease + 500).await);
    }
    let delay = Duration::from_millis(1500);
    let asked = rig.now().await;
    let later = rig.submit(NewTask::new("noop", json!({})).delay(delay)).await.unwrap();
    let waited = rig.happened(later, 1, "queued>running").await.at - asked;
    assert!(waited >= 1500, "{waited} ms");
    assert!(waited < 1500 + 5000, "{waited} ms");
    rig.all_ended(Duration::from_secs(60)).await;
    let states = rig.invariants().await;
    let rows = rig.rows().await.unwrap();
    assert!(rows.values().all(|row| row.lease_seq == 1), "a lease was lost: {rows:?}");
    assert_eq!(rows.len(), 9, "a schedule ticked");
    assert!(workers.iter_mut().all(Worker::is_alive), "I6");
    figures("F9", &format!("clocks an hour ahead and behind: delay of 1500 ms was {waited} ms, {states:?}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_a_step_of_the_databases_clock_loses_nothing() {
    let rig = Rig::on_postgresql().await;
    let mut workers = [rig.worker(), rig.worker()];
    // As far as the rows know: an hour later, then somewhat earlier again.
    for (number, step) in ["- interval '1 hour'", "+ interval '3 seconds'"].into_iter().enumerate() {
        rig.put_mixture(either(30, 300), 1500).await;
        within(Duration::from_secs(60), "running tasks", || async {
            let running = "SELECT count(*) FROM queue_tasks WHERE state = 'running'";
            (rig.number(running).await >= 2).then_some(())
        })
        .await;
        let stepped = Instant::now();
        rig.sql(&format!(
            "UPDATE queue_tasks SET run_at = run_at {step}, line_at = line_at {step}, started_at = started_at {step},
                 lease_expires_at = lease_expires_at {step}, deadline_at = deadline_at {step}, created_at = created_at {step}
             WHERE state IN ('queued', 'running')"
        ))
        .await;
        rig.all_ended(Duration::from_secs(120)).await;
        let states = rig.invariants().await;
        let lost = rig.number("SELECT count(*) FROM queue_attempts WHERE outcome = 'worker_lost'").await;
        let took = stepped.elapsed().as_millis();
        figures(
            "F9",
            &format!(
                "step {number} of the database's clock: {lost} taken up, all ended after {took} ms, {states:?}"
            ),
        );
    }
    assert!(workers.iter_mut().all(Worker::is_alive), "I6");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_a_database_whose_clock_is_set_by_minutes_loses_nothing_and_delays_no_longer() {
    let Some(postgres) = Postgres::with_a_clock() else {
        figures("F9", "left out: libfaketime is not on this machine");
        return;
    };
    let mut rig = Rig::on(&postgres).await;
    // As they are by default: longer than the clock is set by, which looks like so much time spent.
    rig.conditions.limits = (1500, 1800);
    let mut workers = [rig.worker(), rig.worker()];
    let tasks = either(20, 200);
    let mut said = Vec::new();
    // Five minutes ahead, back, five minutes behind.
    for (by, step) in [(300, 300), (0, -300), (-300, -300)] {
        rig.put_mixture(tasks, 1500).await;
        // What waits for its time has to wait once more where that is set back, and no longer.
        let delayed =
            rig.submit(NewTask::new("noop", json!({})).delay(Duration::from_secs(1))).await.unwrap();
        // Under leases that end at once when the clock is set ahead.
        let long = rig.put_for("sleep", 3000).await;
        rig.happened(long, 1, "start").await;
        let set = Instant::now();
        postgres.set_clock(by);
        let ahead = rig.now().await - Utc::now().timestamp_millis();
        assert!((ahead - by * 1000).abs() < 5000, "its clock is {ahead} ms ahead");
        let next = rig.put_for("noop", 0).await;
        rig.happened(next, 1, "running>completed").await;
        let prompt = set.elapsed();
        assert!(prompt < Duration::from_secs(20), "what was put in afterwards waited {prompt:?}");
        let wait = format!(
            "SELECT (extract(epoch FROM max(line_at) - clock_timestamp()) * 1000)::bigint FROM queue_tasks
             WHERE id = '{delayed}' OR state = 'queued'"
        );
        let wait = rig.number(&wait).await;
        assert!(wait <= 302_000, "{wait} ms to wait");
        if step < 0 && !crate::queue::long() {
            // Those five minutes pass at once, as far as what waits for them knows.
            rig.sql(
                "UPDATE queue_tasks SET run_at = run_at - interval '5 minutes', line_at = line_at - interval '5 minutes'
                 WHERE state = 'queued' AND line_at > now()",
            )
            .await;
        }
        rig.all_ended(Duration::from_secs(360)).await;
        let lost = rig.number("SELECT count(*) FROM queue_attempts WHERE outcome = 'worker_lost'").await;
        said.push(format!("{step:+} s: {lost} taken up so far, all ended after {:.1?}", set.elapsed()));
    }
    let states = rig.invariants().await;
    let given_up =
        rig.number("SELECT count(*) FROM queue_tasks WHERE state = 'dead' AND kind <> 'panic'").await;
    assert_eq!(given_up, 0, "{states:?}");
    assert!(workers.iter_mut().all(Worker::is_alive), "I6");
    figures("F9", &format!("the database's clock set by {}, {states:?}", said.join(", ")));
}

/// A worker alone on its database sleeps as a laptop does.
async fn sleeps(mut rig: Rig) {
    let database = if rig.conditions.url.starts_with("sqlite") { "SQLite" } else { "PostgreSQL" };
    let noon = format!("0 {} * * *", (Utc::now().hour() + 12) % 24);
    rig.conditions.schedules =
        vec![("made-up".to_owned(), noon.clone(), true), ("left-out".to_owned(), noon, false)];
    let lease = rig.conditions.lease();
    let mut worker = rig.worker();
    let id = rig.put_for("sleep", u64::try_from(lease.as_millis()).unwrap() + 1000).await;
    rig.happened(id, 1, "start").await;
    within(Duration::from_secs(60), "the schedules", || async {
        (rig.number("SELECT count(*) FROM queue_schedules").await == 2).then_some(())
    })
    .await;
    // Three days pass, as far as the schedules know. Not while it holds a lock.
    let days =
        if database == "SQLite" { "last_tick_at - 259200000" } else { "last_tick_at - interval '3 days'" };
    within(Duration::from_secs(60), "a moment to fall asleep", || async {
        worker.signal("STOP");
        let sql = format!("UPDATE queue_schedules SET last_tick_at = {days}");
        let asleep = rig.db.writes().execute_unprepared(&sql).await;
        if asleep.is_err() {
            worker.signal("CONT");
        }
        asleep.ok()
    })
    .await;
    tokio::time::sleep(either(lease * 3 / 2, Duration::from_secs(600))).await;
    let cpu = worker.cpu();
    worker.signal("CONT");
    let woken = Instant::now();
    rig.happened(id, 1, "running>completed").await;
    let ticks = "SELECT count(*) FROM queue_tasks WHERE unique_key IS NOT NULL";
    within(Duration::from_secs(60), "the missed tick", || async {
        (rig.number(ticks).await > 0).then_some(())
    })
    .await;
    // Long enough for a burst, and for an average that says something of what comes after it.
    tokio::time::sleep(Duration::from_secs(either(2, 20))).await;
    rig.all_ended(Duration::from_secs(60)).await;
    assert_eq!(rig.number(ticks).await, 1, "one for three days, of the schedule that makes up for them");
    assert_eq!(rig.number("SELECT count(*) FROM queue_tasks WHERE unique_key = 'made-up'").await, 1);
    rig.invariants().await;
    let row = rig.row(id).await;
    assert_eq!((row.lease_seq, row.crashes), (1, 0), "it took its own task away");
    let busy = (worker.cpu() - cpu).as_secs_f64() / woken.elapsed().as_secs_f64();
    assert!(busy < either(0.5, 0.05), "it spins: {busy}");
    assert!(worker.is_alive(), "I6");
    figures(
        "F10",
        &format!("{database}: one tick for three days, task kept, {:.1} % of a processor", busy * 100.0),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f10_a_worker_that_slept_takes_nothing_from_itself_and_ticks_once() {
    let (sqlite, postgresql) = (Rig::on_sqlite().await, Rig::on_postgresql().await);
    tokio::join!(sleeps(sqlite), sleeps(postgresql));
}
