//! Tasks by the clock: one a tick however many look, one for all that were missed, none for the time before.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use resume_optimizer::queue::{
    Context, Handler, Missed, NewTask, Queue, Registry, Schedule, TaskError, TaskState,
};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::support::deadline::until_async;
use crate::support::ground::{Ground, Working, does, long, within};
use crate::support::service::World;

const KIND: &str = "letter";
const EVERY_SECOND: &str = "* * * * * *";
/// Between two ticks of what ticks in the long form.
const EVERY: TimeDelta = TimeDelta::seconds(5);
/// How long after a tick somebody has looked at the clock: each of them does it every second.
const LOOKED: TimeDelta = TimeDelta::seconds(2);

async fn ground(world: World) -> Ground {
    Ground::of(world, |queue| (queue.concurrency, queue.drain_seconds) = (2, 5)).await
}

fn schedule(name: &'static str, cron: &str, kind: &'static str, missed: Missed) -> Schedule {
    Schedule::new(name, cron, kind, missed).unwrap()
}

fn nothing() -> impl Handler {
    does(|_| async { Ok(()) })
}

fn every_second() -> Registry {
    Registry::new().on(KIND, nothing()).every(schedule("often", EVERY_SECOND, KIND, Missed::RunOnce))
}

/// A daily tick about twelve hours from now, and as long ago.
fn far_away() -> String {
    format!("0 {} * * *", (Utc::now().hour() + 12) % 24)
}

/// Lets this schedule be known, and its last tick have been so long ago.
async fn ticked(ground: &Ground, name: &str, days: u32) {
    let past = if ground.on_sqlite() {
        format!("CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - {days} * 86400000")
    } else {
        format!("now() - {days} * interval '1 day'")
    };
    ground
        .run_sql(&format!(
            "INSERT INTO queue_schedules (name, last_tick_at, created_at) VALUES ('{name}', {past}, {past})
             ON CONFLICT (name) DO UPDATE SET last_tick_at = excluded.last_tick_at"
        ))
        .await;
}

/// Its last tick, in milliseconds since 1970.
async fn last_tick(ground: &Ground, name: &str) -> i64 {
    let column =
        if ground.on_sqlite() { "last_tick_at" } else { "(extract(epoch FROM last_tick_at) * 1000)::bigint" };
    let rows =
        ground.select(&format!("SELECT {column} AS last FROM queue_schedules WHERE name = '{name}'")).await;
    rows.first().map_or(0, |row| row.try_get("", "last").unwrap())
}

/// The ticks that tasks were put in for, in order; each task's own.
async fn ticks(ground: &Ground) -> Vec<DateTime<Utc>> {
    let rows = ground.select("SELECT payload ->> 'tick' AS tick FROM queue_tasks ORDER BY id").await;
    let mut ticks: Vec<_> = rows
        .iter()
        .map(|row| row.try_get::<String>("", "tick").unwrap().parse::<DateTime<Utc>>().unwrap())
        .collect();
    ticks.sort_unstable();
    ticks
}

async fn until_tasks(ground: &Ground, number: i64) {
    until_async("the tasks", || async { (ground.number("FROM queue_tasks").await >= number).then_some(()) })
        .await;
}

/// Ticks so seldom in the long form that a look which comes late misses none: what is missed without a pause is a fault.
fn often() -> Registry {
    let cron = if long() { format!("*/{} * * * * *", EVERY.num_seconds()) } else { EVERY_SECOND.to_owned() };
    Registry::new().on(KIND, nothing()).every(schedule("often", &cron, KIND, Missed::RunOnce))
}

/// So many queues that work in the same database.
async fn crowd(ground: &Ground, number: usize) -> Vec<(Queue, Working)> {
    let mut crowd = vec![(ground.queue.clone(), ground.work(often()))];
    while crowd.len() < number {
        let (_, queue) = ground.another_with(|_| {}).await;
        let working = Working::start(&queue, often());
        crowd.push((queue, working));
    }
    crowd
}

/// When nobody worked.
struct Pause {
    /// From when the first one stopped to when the last one had.
    stopped: RangeInclusive<DateTime<Utc>>,
    /// When all of them were started again.
    over: DateTime<Utc>,
}

/// One after the other is started again, then all of them at once after two minutes.
async fn restarts(ground: &Ground, mut crowd: Vec<(Queue, Working)>) -> (Vec<(Queue, Working)>, Pause) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        let (queue, working) = crowd.swap_remove(0);
        working.stop().await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        crowd.push((queue.clone(), Working::start(&queue, often())));
    }
    let stopping = Utc::now();
    let stopped = crowd.into_iter().map(|(queue, working)| async { (working.stop().await, queue).1 });
    let queues = futures_util::future::join_all(stopped).await;
    let stopped = stopping..=Utc::now();
    tokio::time::sleep(Duration::from_secs(120)).await;
    let over = Utc::now();
    let working = |queue: Queue| (queue.clone(), Working::start(&queue, often()));
    let crowd = queues.into_iter().map(working).collect();
    let seen = ground.number("FROM queue_tasks").await;
    until_tasks(ground, seen + 4).await;
    (crowd, Pause { stopped, over })
}

/// Every tick is there that was due, but for those of the pause, of which the last one was made up for.
fn none_is_missed(ticks: &[DateTime<Utc>], pause: &Pause) {
    let gaps: Vec<_> = ticks.windows(2).filter(|pair| pair[1] - pair[0] != EVERY).collect();
    assert_eq!(gaps.len(), 1, "{gaps:?} in {ticks:?}");
    let (before, after) = (gaps[0][0], gaps[0][1]);
    let last = *pause.stopped.start() - LOOKED - EVERY..=*pause.stopped.end();
    assert!(last.contains(&before), "{before} was the last before {:?}", pause.stopped);
    let first = pause.over - EVERY..=pause.over + EVERY;
    assert!(first.contains(&after), "{after} was the first after {}", pause.over);
}

fn once_each(ticks: &[DateTime<Utc>]) {
    let different: BTreeSet<_> = ticks.iter().collect();
    assert_eq!(different.len(), ticks.len(), "a tick came twice: {ticks:?}");
    assert!(ticks.iter().all(|tick| tick.timestamp_subsec_millis() == 0));
}

on_both! {
    async fn f15_each_tick_puts_in_one_task_however_many_look(world) {
        let ground = ground(world).await;
        let mut crowd = crowd(&ground, if long() { 16 } else { 3 }).await;
        until_tasks(&ground, 3).await;
        // One of them is started again.
        let (queue, working) = crowd.swap_remove(0);
        working.stop().await;
        crowd.push((queue.clone(), Working::start(&queue, often())));
        let seen = ground.number("FROM queue_tasks").await;
        until_tasks(&ground, seen + 2).await;
        let mut pause = None;
        if long() {
            let (again, paused) = restarts(&ground, crowd).await;
            (crowd, pause) = (again, Some(paused));
        }
        for (_, working) in crowd {
            working.stop().await;
        }
        let ticks = ticks(&ground).await;
        once_each(&ticks);
        if let Some(pause) = pause {
            none_is_missed(&ticks, &pause);
            let seconds = (*ticks.last().unwrap() - ticks[0]).num_seconds();
            eprintln!(
                "F15: {:?}, 16 at once, {} tasks in {seconds} s, a tick each {} s, one of them for a pause of 120 s",
                ground.db.backend(), ticks.len(), EVERY.num_seconds()
            );
        }
    }

    async fn f15_while_the_queue_is_paused_ticks_do_not_pile_up(world) {
        let ground = ground(world).await;
        let worker = ground.work(every_second());
        until_tasks(&ground, 1).await;
        ground.until_idle().await;
        ground.queue.pause().await.unwrap();
        let before = ground.number("FROM queue_tasks").await;
        let paused_at = last_tick(&ground, "often").await;
        let seconds = if long() { 45 } else { 2 };
        until_async("the ticks", || async {
            (last_tick(&ground, "often").await > paused_at + 1000 * seconds).then_some(())
        })
        .await;
        let after = ground.number("FROM queue_tasks").await;
        assert!(after <= before + 1, "{before} tasks before the pause, {after} in it");
        assert!(ground.number("FROM queue_tasks WHERE state = 'queued'").await <= 1);
        ground.queue.resume().await.unwrap();
        until_tasks(&ground, after + 1).await;
        worker.stop().await;
        once_each(&ticks(&ground).await);
    }

    async fn while_a_task_of_the_schedule_is_open_there_is_no_second_one(world) {
        let ground = ground(world).await;
        let gate = Arc::new(Semaphore::new(0));
        let passed = Arc::clone(&gate);
        let slow = does(move |_| {
            let gate = Arc::clone(&passed);
            async move {
                gate.acquire().await.unwrap().forget();
                Ok(())
            }
        });
        let worker = ground.work(Registry::new().on(KIND, slow).every(schedule(
            "often", EVERY_SECOND, KIND, Missed::RunOnce,
        )));
        until_tasks(&ground, 1).await;
        let first = last_tick(&ground, "often").await;
        until_async("further ticks", || async {
            (last_tick(&ground, "often").await >= first + 2000).then_some(())
        })
        .await;
        assert_eq!(ground.number("FROM queue_tasks").await, 1);
        gate.add_permits(1);
        until_tasks(&ground, 2).await;
        gate.add_permits(100);
        worker.stop().await;
        once_each(&ticks(&ground).await);
    }

    async fn f15_of_many_missed_ticks_one_is_made_up_for_or_none(world) {
        let ground = ground(world).await;
        ticked(&ground, "made up", 5).await;
        ticked(&ground, "left out", 5).await;
        ticked(&ground, "bearable", 5).await;
        let cron = far_away();
        let registry = || Registry::new()
            .on(KIND, nothing())
            .every(schedule("made up", &cron, KIND, Missed::RunOnce))
            .every(schedule("left out", &cron, KIND, Missed::Skip(Duration::from_secs(3600))))
            .every(schedule("bearable", &cron, KIND, Missed::Skip(Duration::from_secs(86_400))));
        let mut workers = vec![ground.work(registry())];
        let (_db, other) = ground.another().await;
        workers.push(Working::start(&other, registry()));
        let known = Utc::now().timestamp_millis() - 86_400_000;
        for name in ["made up", "left out", "bearable"] {
            until_async("a look at each", || async { (last_tick(&ground, name).await > known).then_some(()) }).await;
        }
        ground.until_idle().await;
        let ticks = ticks(&ground).await;
        let mut names: Vec<_> = ground.rows().await.into_iter().map(|row| row.unique_key.unwrap()).collect();
        names.sort();
        assert_eq!(names, ["bearable", "made up"]);
        let ages: Vec<_> = ticks.iter().map(|tick| (Utc::now() - *tick).num_hours()).collect();
        assert!(ages.iter().all(|hours| (10..=13).contains(hours)), "the last one is made up for: {ages:?}");
        for worker in workers {
            worker.stop().await;
        }
    }

    async fn a_new_schedule_does_not_make_up_for_the_time_before_it(world) {
        let ground = ground(world).await;
        let worker = ground.work(every_second().every(schedule("new", &far_away(), KIND, Missed::RunOnce)));
        until_tasks(&ground, 2).await;
        worker.stop().await;
        assert!(last_tick(&ground, "new").await > Utc::now().timestamp_millis() - 60_000, "it is known");
        assert_eq!(ground.number("FROM queue_tasks WHERE unique_key = 'new'").await, 0);
    }

    async fn f15_who_waits_takes_over_when_who_works_ends(world) {
        let ground = ground(world).await;
        let (_db, other) = ground.another().await;
        let first = ground.work(every_second());
        until_tasks(&ground, 1).await;
        let second = Working::start(&other, every_second());
        // It leaves one behind that it never finished.
        let left = ground.put(&[NewTask::new("parcel", json!({}))]).await[0];
        assert_eq!(ground.queue.by_hand().claim(&["parcel"], 1).await.unwrap().len(), 1);
        first.stop().await;
        let seen = ground.number("FROM queue_tasks").await;
        until_tasks(&ground, seen + 2).await;
        if ground.on_sqlite() {
            // Who works on a file works on it alone: what others left is taken up without a wait.
            let row = ground.until_state(left, TaskState::Queued).await;
            assert_eq!((row.attempt, row.crashes), (0, 1));
        }
        second.stop().await;
        once_each(&ticks_of(&ground).await);
    }
}

async fn ticks_of(ground: &Ground) -> Vec<DateTime<Utc>> {
    ground.run_sql("DELETE FROM queue_tasks WHERE kind = 'parcel'").await;
    ticks(ground).await
}

// The bell of a queue outlives its worker: a process that no longer works may still put tasks in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_no_longer_works_still_rings_the_others() {
    let ground = ground(World::on_postgresql().await).await;
    let (_db, other) = ground.another_with(|queue| queue.poll_ms = 600_000).await;
    let works = Working::start(&other, Registry::new().on("parcel", nothing()));
    ground.until_listening().await;
    let rung = async |when: &str| {
        let id = ground.put(&[NewTask::new("parcel", json!({}))]).await[0];
        within(Duration::from_secs(15), when, ground.until_state(id, TaskState::Completed)).await;
    };
    rung("before its end").await;
    let shutdown = resume_optimizer::shutdown::Shutdown::new();
    let trip = shutdown.clone();
    let ends = does(move |_: Context| {
        trip.trip();
        async { Ok::<_, TaskError>(()) }
    });
    // The tick rings from the worker's own thread, a moment before it ends.
    let registry =
        Registry::new().on(KIND, ends).every(schedule("often", EVERY_SECOND, KIND, Missed::RunOnce));
    ground.queue.run(registry, shutdown).await.unwrap();
    rung("after its end").await;
    works.stop().await;
}
