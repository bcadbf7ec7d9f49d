//! The queue at work: what handlers do to it and what it does with them, with the worker's own loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use resume_optimizer::queue::{Cancelled, Limits, NewTask, Registry, Stop, TaskError, TaskState};
use resume_optimizer::shutdown::Shutdown;
use serde_json::json;
use tokio::sync::{Notify, Semaphore};
use tokio::time::sleep;

use crate::support::ground::{Ground, Started, Working, does, long, notes, sized, within};
use crate::support::service::World;

const KIND: &str = "letter";
const OTHER: &str = "parcel";
/// Much less than any poll in these tests, much more than a loaded machine needs.
const SOON: Duration = Duration::from_secs(15);

/// Four slots, and looks so seldom that whatever happens in time was not found by looking.
async fn ground(world: World) -> Ground {
    Ground::of(world, |queue| {
        queue.concurrency = 4;
        queue.poll_ms = 600_000;
        queue.drain_seconds = 0;
        queue.retry_base_seconds = 1;
    })
    .await
}

fn letter() -> NewTask {
    NewTask::new(KIND, json!({ "to": "Mira" }))
}

fn letters(number: usize) -> Vec<NewTask> {
    (0..number).map(|_| letter()).collect()
}

/// How many run at once, and how many did at most.
#[derive(Clone, Default)]
struct Gauge(Arc<(AtomicUsize, AtomicUsize)>);

impl Gauge {
    /// Runs beside whoever else is in it, for a moment.
    async fn pass(&self, time: Duration) {
        let now = self.0.0.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.1.fetch_max(now, Ordering::SeqCst);
        sleep(time).await;
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }

    fn most(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

async fn cancel(ground: &Ground, key: &str) -> Cancelled {
    let (db, queue) = ground.another().await;
    let tx = db.begin().await.unwrap();
    let cancelled = queue.cancel(&tx, KIND, key).await.unwrap();
    tx.commit().await.unwrap();
    if ground.on_sqlite() {
        ground.queue.ring_cancel();
    } else {
        queue.ring_cancel();
    }
    cancelled
}

on_both! {
    async fn three_of_a_group_that_come_last_start_before_the_fortieth_of_another(world) {
        let ground = Ground::of(world, |queue| (queue.concurrency, queue.poll_ms) = (2, 600_000)).await;
        let started = Started::default();
        let noted = started.clone();
        let many: Vec<_> = (0..500).map(|_| letter().group(&"mira")).collect();
        ground.put(&many).await;
        let gate = Arc::new(Semaphore::new(50));
        let passed = Arc::clone(&gate);
        let worker = ground.work(Registry::new().on(KIND, does(move |context| {
            noted.note(&context);
            let gate = Arc::clone(&passed);
            async move { gate.acquire().await.unwrap().forget(); Ok(()) }
        })));
        // Fifty are done, two stand at the gate; now the others come.
        started.until(52).await;
        let few: Vec<_> = (0..3).map(|_| letter().group(&"jonas")).collect();
        let few = ground.put(&few).await;
        gate.add_permits(1000);
        ground.until_idle().await;
        worker.stop().await;
        let after: Vec<_> = started.all()[52..].to_vec();
        for id in few {
            let place = after.iter().position(|started| *started == id).unwrap();
            assert!(place < 40, "it was started after {place} of the others");
        }
    }

    async fn never_more_of_a_group_run_at_once_than_its_limit_however_many_processes_work(world) {
        let ground = ground(world).await;
        let (limited, free) = (Gauge::default(), Gauge::default());
        let limit: Vec<_> = (0..sized(30, 1000)).map(|_| letter().group(&"mira").group_limit(2)).collect();
        let none: Vec<_> = (0..sized(40, 1000)).map(|_| NewTask::new(OTHER, json!({})).group(&"jonas")).collect();
        ground.put(&limit).await;
        ground.put(&none).await;
        let registry = || {
            let (limited, free) = (limited.clone(), free.clone());
            Registry::new()
                .on(KIND, does(move |_| { let gauge = limited.clone(); async move { gauge.pass(Duration::from_millis(15)).await; Ok(()) } }))
                .on(OTHER, does(move |_| { let gauge = free.clone(); async move { gauge.pass(Duration::from_millis(15)).await; Ok(()) } }))
        };
        let mut workers = vec![ground.work(registry())];
        let mut others = Vec::new();
        for _ in 0..2 {
            let (_, queue) = ground.another().await;
            workers.push(Working::start(&queue, registry()));
            others.push(queue);
        }
        ground.until_idle().await;
        for worker in workers {
            worker.stop().await;
        }
        assert_eq!(limited.most(), 2);
        assert!(free.most() >= 3, "a group without a limit ran {} at once in four slots", free.most());
        let crashed = ground.number("FROM queue_tasks WHERE lease_seq > 1").await;
        assert_eq!(crashed, 0, "each was started once");
    }

    async fn a_kind_that_may_run_once_leaves_the_other_slots_to_others(world) {
        let ground = ground(world).await;
        let scarce = Gauge::default();
        let others = Started::default();
        let (gauge, noted) = (scarce.clone(), others.clone());
        ground.put(&(0..6).map(|_| NewTask::new(OTHER, json!({}))).collect::<Vec<_>>()).await;
        ground.put(&letters(20)).await;
        let one = Limits { at_once: Some(1), ..Limits::default() };
        let worker = ground.work(Registry::new()
            .on_with(OTHER, does(move |_| { let gauge = gauge.clone(); async move { gauge.pass(Duration::from_millis(20)).await; Ok(()) } }), one)
            .on(KIND, notes(&noted)));
        within(SOON, "the start of twenty others", others.until(20)).await;
        // They follow each other: nobody waits for the next look at the queue while the one slot is free.
        within(SOON, "the end of six, one after the other", ground.until_idle()).await;
        assert_eq!(scarce.most(), 1);
        worker.stop().await;
    }

    async fn what_fails_is_tried_again_after_growing_pauses_and_then_dead_with_its_history(world) {
        let ground = Ground::of(world, |queue| (queue.poll_ms, queue.retry_base_seconds, queue.max_attempts) = (50, 1, 3)).await;
        let id = ground.put(&[letter()]).await[0];
        let worker = ground.work(Registry::new().on(KIND, does(|context| async move {
            assert_eq!(context.is_last_attempt(), context.attempt() == 3);
            Err(TaskError::Retry(format!("attempt {}", context.attempt())))
        })));
        let row = ground.until_state(id, TaskState::Dead).await;
        worker.stop().await;
        assert_eq!((row.attempt, row.lease_seq, row.crashes), (3, 3, 0));
        assert_eq!(row.last_error.as_deref(), Some("attempt 3"));
        let history = ground.queue.history(id).await.unwrap();
        let lines: Vec<_> = history.iter().map(|line| (line.attempt, line.outcome.as_str(), line.error.as_deref().unwrap())).collect();
        assert_eq!(lines, [(1, "error", "attempt 1"), (2, "error", "attempt 2"), (3, "dead", "attempt 3")]);
        let pauses = ground.pauses(id).await;
        assert!(pauses[0] >= Duration::from_millis(100) && pauses[1] >= Duration::from_millis(200), "{pauses:?}");
    }

    async fn a_refusal_is_final_and_a_breakdown_is_tried_again(world) {
        let ground = Ground::of(world, |queue| (queue.poll_ms, queue.retry_base_seconds, queue.max_attempts) = (50, 0, 2)).await;
        let ids = ground.put(&[letter(), NewTask::new(OTHER, json!({}))]).await;
        let worker = ground.work(Registry::new()
            .on(KIND, does(|_| async { Err(TaskError::Refuse("never".to_owned())) }))
            .on(OTHER, does(|_| async { panic!("as some handler will one day") })));
        ground.until_idle().await;
        worker.stop().await;
        let refused = ground.row(ids[0]).await;
        assert_eq!((refused.state, refused.attempt, refused.error_kind.as_deref()), (TaskState::Dead, 1, Some("refused")));
        let broken = ground.row(ids[1]).await;
        assert_eq!((broken.state, broken.attempt, broken.error_kind.as_deref()), (TaskState::Dead, 2, Some("panic")));
    }

    async fn the_soft_limit_asks_and_the_hard_limit_stops(world) {
        let ground = ground(world).await;
        let soft = Limits { soft: Some(Duration::from_secs(1)), hard: Some(Duration::from_secs(600)), ..Limits::default() };
        let hard = Limits { soft: Some(Duration::from_secs(1)), hard: Some(Duration::from_secs(2)), ..Limits::default() };
        let ids = ground.put(&[letter(), NewTask::new(OTHER, json!({})), NewTask::new("parcel done", json!({}))]).await;
        let stopped = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&stopped);
        let worker = ground.work(Registry::new()
            .on_with(KIND, does(|context| async move {
                context.stopped().await;
                assert_eq!(context.stop(), Some(Stop::SoftLimit));
                Err(TaskError::Stopped)
            }), soft.clone())
            .on_with("parcel done", does(|context| async move { context.stopped().await; Ok(()) }), soft)
            .on_with(OTHER, does(move |_| {
                struct Left(Arc<AtomicUsize>);
                impl Drop for Left { fn drop(&mut self) { self.0.fetch_add(1, Ordering::SeqCst); } }
                let left = Left(Arc::clone(&count));
                async move { sleep(Duration::from_secs(3600)).await; drop(left); Ok(()) }
            }), hard));
        within(SOON, "the end of all three", ground.until_idle()).await;
        worker.stop().await;
        for id in &ids[..2] {
            let row = ground.row(*id).await;
            assert_eq!((row.state, row.error_kind.as_deref()), (TaskState::Dead, Some("hard_limit")), "{row:?}");
        }
        // Whoever asked to stop gets it done instead has done it.
        assert_eq!(ground.row(ids[2]).await.state, TaskState::Completed);
        assert_eq!(stopped.load(Ordering::SeqCst), 1, "what is stopped is dropped");
    }

    async fn f21_a_running_task_that_is_called_off_learns_it_at_once(world) {
        let ground = ground(world).await;
        let ids = ground.put(&[letter().unique(&"stops"), letter().unique(&"is done")]).await;
        let (started, learned) = (Started::default(), Started::default());
        let (noted, learns) = (started.clone(), learned.clone());
        let worker = ground.work(Registry::new().on(KIND, does(move |context| {
            noted.note(&context);
            let (first, learns) = (ids[0], learns.clone());
            async move {
                context.stopped().await;
                learns.note(&context);
                assert_eq!(context.stop(), Some(Stop::Cancelled));
                if context.task_id() == first { Err(TaskError::Stopped) } else { Ok(()) }
            }
        })));
        started.until(2).await;
        ground.until_listening().await;
        let began = Instant::now();
        for key in ["stops", "is done"] {
            assert_eq!(cancel(&ground, key).await, Cancelled::Asked);
        }
        // Sooner than a heartbeat, which is every 15 s.
        let time = Duration::from_secs(if long() { 1 } else { 10 });
        within(time, "the news for both", learned.until(2)).await;
        let took = began.elapsed();
        assert!(took < time, "{took:?}");
        within(SOON, "the end of both", ground.until_idle()).await;
        worker.stop().await;
        let states: Vec<_> = ground.rows().await.into_iter().map(|row| row.state).collect();
        assert_eq!(states, [TaskState::Cancelled, TaskState::Completed], "done is done");
        if long() {
            eprintln!("F21: {:?}, called off and told so in {took:?}", ground.db.backend());
            let took = ignores_it(&ground).await;
            eprintln!("F21: {:?}, called off, ignored, and ended by force in {took:?}", ground.db.backend());
        }
    }

    async fn while_the_queue_is_paused_what_runs_goes_on_and_nothing_starts(world) {
        let ground = Ground::of(world, |queue| (queue.concurrency, queue.poll_ms) = (1, 50)).await;
        let started = Started::default();
        let (noted, go) = (started.clone(), Arc::new(Notify::new()));
        let gate = Arc::clone(&go);
        let worker = ground.work(Registry::new().on(KIND, does(move |context| {
            noted.note(&context);
            let gate = Arc::clone(&gate);
            async move { gate.notified().await; Ok(()) }
        })));
        let first = ground.put(&[letter()]).await[0];
        started.until(1).await;
        ground.queue.pause().await.unwrap();
        let second = ground.put(&[letter()]).await[0];
        go.notify_one();
        // The worker writes what is done and claims what is next in one transaction.
        ground.until_state(first, TaskState::Completed).await;
        assert_eq!(ground.row(second).await.state, TaskState::Queued);
        assert!(ground.queue.status().await.unwrap().paused);
        ground.queue.resume().await.unwrap();
        go.notify_one();
        ground.until_state(second, TaskState::Completed).await;
        worker.stop().await;
    }

    async fn f22_at_the_end_of_the_process_what_runs_is_handed_back_uncharged(world) {
        let ground = ground(world).await;
        let ids = ground.put(&letters(2)).await;
        let started = Started::default();
        let noted = started.clone();
        let worker = ground.work(Registry::new().on(KIND, does(move |context| {
            noted.note(&context);
            let stubborn = context.task_id() == ids[0] && long();
            async move {
                if stubborn {
                    sleep(Duration::from_secs(3600)).await;
                }
                context.stopped().await;
                assert_eq!(context.stop(), Some(Stop::Shutdown));
                Err(TaskError::Stopped)
            }
        })));
        started.until(2).await;
        let took = worker.stop().await;
        for row in ground.rows().await {
            assert_eq!((row.state, row.attempt, row.lease_seq, row.crashes), (TaskState::Queued, 0, 1, 0));
            assert_eq!(ground.queue.history(row.id).await.unwrap()[0].outcome, "released");
        }
        if long() {
            eprintln!("F22: {:?}, one of two ignored the end of the process, which took {took:?}", ground.db.backend());
        }
        // Whoever starts next takes them up.
        let worker = ground.work(Registry::new().on(KIND, notes(&started)));
        ground.until_idle().await;
        worker.stop().await;
    }

    async fn an_end_that_could_not_be_written_before_the_time_was_up_is_written_after_it(world) {
        let ground = Ground::of(world, |queue| (queue.concurrency, queue.drain_seconds) = (1, 1)).await;
        let id = ground.put(&[letter()]).await[0];
        let (started, shutdown) = (Started::default(), Shutdown::new());
        let (noted, asked) = (started.clone(), shutdown.clone());
        let done = does(move |context| {
            noted.note(&context);
            let asked = asked.clone();
            async move { asked.tripped().await; Ok(()) }
        });
        let queue = ground.queue.clone();
        let began = Instant::now();
        let (ends, registry) = (shutdown.clone(), Registry::new().on(KIND, done));
        let runs = tokio::spawn(async move { queue.run(registry, ends).await });
        started.until(1).await;
        // Somebody is at the task until the time that the process has is up.
        let held = ground.hold(id).await;
        shutdown.trip();
        sleep(Duration::from_secs(2)).await;
        held.rollback().await.unwrap();
        within(Duration::from_secs(10), "the end of the process", runs).await.unwrap().unwrap();
        assert_eq!(ground.row(id).await.state, TaskState::Completed, "after {:?}", began.elapsed());
    }

    async fn an_enqueue_rings_whoever_works(world) {
        let ground = ground(world).await;
        let started = Started::default();
        let (_db, other) = ground.another().await;
        let asks = if ground.on_sqlite() { &ground.queue } else { &other };
        let worker = ground.work(Registry::new().on(KIND, notes(&started)));
        ground.put(&[letter()]).await;
        started.until(1).await;
        ground.until_listening().await;
        let mut slowest = Duration::ZERO;
        for number in 2..=sized(5, 200) {
            let began = Instant::now();
            asks.submit(letter()).await.unwrap();
            within(SOON, "the start", started.until(number)).await;
            slowest = slowest.max(began.elapsed());
        }
        worker.stop().await;
        if long() {
            eprintln!("wake-up: {:?}, slowest of 199: {slowest:?}", ground.db.backend());
        }
    }
}

/// Calls off what does not listen; how long that takes.
async fn ignores_it(ground: &Ground) -> Duration {
    let id = ground.put(&[letter().unique(&"ignores it")]).await[0];
    let started = Started::default();
    let noted = started.clone();
    let deaf = does(move |context| {
        noted.note(&context);
        async {
            sleep(Duration::from_secs(3600)).await;
            Ok(())
        }
    });
    let worker = ground.work(Registry::new().on(KIND, deaf));
    started.until(1).await;
    ground.until_listening().await;
    let began = Instant::now();
    assert_eq!(cancel(ground, "ignores it").await, Cancelled::Asked);
    let row = ground.until_state(id, TaskState::Cancelled).await;
    assert_eq!(row.error_kind.as_deref(), Some("cancelled"));
    let took = began.elapsed();
    worker.stop().await;
    took
}
