//! How fast the queue is: tasks that do nothing, from the table and back into it.
//!
//! `cargo bench --bench queue -- CASE…` on the database of `DATABASE_URL` (PostgreSQL, which it empties), or on a SQLite
//! file of its own without one. `scripts/bench` starts a server and runs every case. Each result is a line of JSON:
//! `{"group": "queues", "case": …, "metric": …, "value": …}`.
//!
//! - `drain TASKS SLOTS`: that many are waiting; from the first start to the last completion.
//! - `flow TASKS SLOTS`: put in one by one by 64 callers, while they are worked off.
//! - `latency TASKS`: one at a time on an idle queue, from asking for it to its start.
//! - `growth ROWS TASKS`: claims and drains beside many finished, waiting, scheduled rows and an old snapshot; only beside
//!   those whose name has `GROWTH_ONLY` in it, where that is set.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic; that is how it reports"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use resume_optimizer::config::{Config, Secret};
use resume_optimizer::queue::{Context, Handler, NewTask, Queue, Registry, TaskError};
use resume_optimizer::shutdown::Shutdown;
use resume_optimizer::store::{Backend, Db, migrate};
use serde_json::json;

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        while let Some(case) = words.next() {
            let mut number = || words.next().unwrap().parse::<usize>().unwrap();
            match case.as_str() {
                "drain" => drain(number(), number()).await,
                "flow" => flow(number(), number()).await,
                "latency" => latency(number()).await,
                "growth" => growth(number(), number()).await,
                other => panic_on(other),
            }
        }
    });
}

#[expect(clippy::panic, reason = "a benchmark may panic; that is how it reports")]
fn panic_on(case: &str) {
    panic!("there is no case {case}");
}

/// A database with nothing in its queue.
struct Bench {
    db: Db,
    config: Config,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn open(slots: usize) -> Self {
        let folder = tempfile::tempdir_in(".").unwrap();
        let mut config = Config::defaults().unwrap();
        config.database.url = Secret::new(std::env::var("DATABASE_URL").unwrap_or_default());
        config.data_dir = folder.path().to_owned();
        config.queue.concurrency = slots;
        let db = Db::connect(&config).await.unwrap();
        migrate::up(&db).await.unwrap();
        let bench = Self { db, config, _folder: folder };
        bench.run_sql("DELETE FROM queue_tasks").await;
        if bench.db.backend() == Backend::Postgres {
            bench.run_sql("VACUUM (FULL, ANALYZE) queue_tasks").await;
            bench.run_sql("CHECKPOINT").await;
        }
        bench
    }

    fn queue(&self) -> Queue {
        Queue::new(&self.db, &self.config.queue)
    }

    async fn run_sql(&self, sql: &str) {
        match self.db.backend() {
            Backend::Postgres => {
                let mut connection = self.db.postgres_pool().acquire().await.unwrap();
                sqlx::query("SET statement_timeout = 0").execute(&mut *connection).await.unwrap();
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *connection).await.unwrap();
            }
            Backend::Sqlite => {
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(self.db.sqlite_pool()).await.unwrap();
            }
        }
    }

    fn name(&self) -> &'static str {
        match self.db.backend() {
            Backend::Postgres => "PostgreSQL",
            Backend::Sqlite => "SQLite, synchronous=FULL",
        }
    }

    fn report(&self, case: &str, metric: &str, value: f64) {
        let case = format!("resume-optimizer on {}, {case}", self.name());
        println!(
            "{}",
            json!({ "group": "queues", "case": case, "metric": metric, "value": (value * 1e3).round() / 1e3 })
        );
    }

    /// Puts so many in, a thousand a transaction; tasks a second.
    async fn fill(&self, queue: &Queue, tasks: usize, kind: &str) -> f64 {
        let began = Instant::now();
        let mut left = tasks;
        while left > 0 {
            let some = left.min(1000);
            let new: Vec<_> = (0..some).map(|number| NewTask::new(kind, json!({ "n": number }))).collect();
            let tx = self.db.begin().await.unwrap();
            assert_eq!(queue.enqueue_all(&tx, &new).await.unwrap().len(), some);
            tx.commit().await.unwrap();
            left -= some;
        }
        rate(tasks, began.elapsed())
    }

    async fn analyze(&self) {
        self.run_sql("ANALYZE").await;
    }
}

fn rate(tasks: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(tasks).unwrap()) / time.as_secs_f64()
}

/// Does nothing, and notes when the first one began, and how many did.
#[derive(Default)]
struct Nothing {
    began: AtomicU64,
    started: AtomicU64,
}

struct Shared(Arc<Nothing>, Instant);

#[async_trait]
impl Handler for Shared {
    async fn run(&self, _: &Context) -> Result<(), TaskError> {
        self.0.started.fetch_add(1, Ordering::Relaxed);
        if self.0.began.load(Ordering::Relaxed) == 0 {
            let at = u64::try_from(self.1.elapsed().as_micros()).unwrap();
            let _ = self.0.began.compare_exchange(0, at, Ordering::Relaxed, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Works until nothing of the kind is open; the time from the first start on. The table is not asked before all have
/// started: looking for what is open among many that are done is work of its own.
async fn work_off(bench: &Bench, queue: &Queue, kind: &str, tasks: u64) -> Duration {
    let (nothing, clock) = (Arc::new(Nothing::default()), Instant::now());
    let registry = Registry::new().on(kind, Shared(Arc::clone(&nothing), clock));
    let shutdown = Shutdown::new();
    let working = tokio::spawn({
        let (queue, shutdown) = (queue.clone(), shutdown.clone());
        async move { queue.run(registry, shutdown).await }
    });
    let done = loop {
        tokio::time::sleep(Duration::from_millis(2)).await;
        if nothing.started.load(Ordering::Relaxed) >= tasks && open(bench, kind).await == 0 {
            break clock.elapsed();
        }
    };
    shutdown.trip();
    working.await.unwrap().unwrap();
    assert!(queue.counts().await.unwrap().completed >= tasks, "a task is not completed");
    done - Duration::from_micros(nothing.began.load(Ordering::Relaxed))
}

async fn open(bench: &Bench, kind: &str) -> i64 {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM queue_tasks WHERE state IN ('queued', 'running') AND kind = $1 LIMIT 1) AS open";
    match bench.db.backend() {
        Backend::Postgres => {
            sqlx::query_scalar(sql).bind(kind).fetch_one(bench.db.postgres_pool()).await.unwrap()
        }
        Backend::Sqlite => {
            sqlx::query_scalar(sql).bind(kind).fetch_one(bench.db.sqlite_pool()).await.unwrap()
        }
    }
}

async fn drain(tasks: usize, slots: usize) {
    let bench = Bench::open(slots).await;
    let queue = bench.queue();
    let case = format!("{slots} slots, {tasks} tasks");
    bench.report(&case, "enqueue_per_s", bench.fill(&queue, tasks, "nothing").await);
    bench.analyze().await;
    let took = work_off(&bench, &queue, "nothing", u64::try_from(tasks).unwrap()).await;
    bench.report(&case, "drain_per_s", rate(tasks, took));
}

async fn flow(tasks: usize, slots: usize) {
    let bench = Bench::open(slots).await;
    let queue = bench.queue();
    let began = Instant::now();
    let shutdown = Shutdown::new();
    let working = tokio::spawn({
        let registry = Registry::new().on("nothing", Shared(Arc::default(), began));
        let (queue, shutdown) = (queue.clone(), shutdown.clone());
        async move { queue.run(registry, shutdown).await }
    });
    let callers: Vec<_> = (0..64)
        .map(|_| {
            let queue = queue.clone();
            tokio::spawn(async move {
                for number in 0..tasks / 64 {
                    queue.submit(NewTask::new("nothing", json!({ "n": number }))).await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    while open(&bench, "nothing").await > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = began.elapsed();
    shutdown.trip();
    working.await.unwrap().unwrap();
    let case = format!("{slots} slots, {tasks} tasks put in one by one by 64 callers");
    bench.report(&case, "enqueue_to_completed_per_s", rate(tasks / 64 * 64, took));
}

/// Says when it starts.
struct Starts(tokio::sync::mpsc::UnboundedSender<Instant>);

#[async_trait]
impl Handler for Starts {
    async fn run(&self, _: &Context) -> Result<(), TaskError> {
        self.0.send(Instant::now()).unwrap();
        Ok(())
    }
}

async fn latency(tasks: usize) {
    let bench = Bench::open(24).await;
    let queue = bench.queue();
    let (sender, mut starts) = tokio::sync::mpsc::unbounded_channel();
    let shutdown = Shutdown::new();
    let working = tokio::spawn({
        let registry = Registry::new().on("starts", Starts(sender));
        let (queue, shutdown) = (queue.clone(), shutdown.clone());
        async move { queue.run(registry, shutdown).await }
    });
    let mut times = Vec::new();
    for number in 0..tasks + 20 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let asked = Instant::now();
        queue.submit(NewTask::new("starts", json!({}))).await.unwrap();
        let started = starts.recv().await.unwrap();
        // The first ones find connections that are not open yet.
        if number >= 20 {
            times.push((started - asked).as_secs_f64() * 1e3);
        }
    }
    shutdown.trip();
    working.await.unwrap().unwrap();
    times.sort_by(f64::total_cmp);
    for (share, metric) in [(50, "lat_p50_ms"), (95, "lat_p95_ms"), (99, "lat_p99_ms")] {
        bench.report("idle, one at a time", metric, *times.get(times.len() * share / 100).unwrap());
    }
}

/// Beside what, and how much of it for every five million rows.
const BESIDE: &[(&str, Option<Rows>)] = &[
    ("warm-up", None),
    ("nothing", None),
    (
        "100 thousand finished",
        Some(Rows { of: 50, state: "completed", run_at: "now()", finished_at: "now()" }),
    ),
    ("5 million finished", Some(Rows { of: 1, state: "completed", run_at: "now()", finished_at: "now()" })),
    (
        "300 thousand for later",
        Some(Rows { of: 17, state: "queued", run_at: "now() + interval '1 day'", finished_at: "NULL" }),
    ),
    ("1 million waiting", Some(Rows { of: 5, state: "queued", run_at: "now()", finished_at: "NULL" })),
    ("an old snapshot", None),
];

struct Rows {
    of: usize,
    state: &'static str,
    run_at: &'static str,
    finished_at: &'static str,
}

async fn growth(rows: usize, tasks: usize) {
    let bench = Bench::open(500).await;
    let queue = bench.queue();
    let only = std::env::var("GROWTH_ONLY").unwrap_or_default();
    for (number, (case, beside)) in BESIDE.iter().enumerate() {
        if *case != "warm-up" && !case.contains(&only) {
            continue;
        }
        if let Some(beside) = beside {
            bench.run_sql(&beside.insert(number, rows)).await;
        }
        if *case == "an old snapshot" {
            bench.run_sql("DELETE FROM queue_tasks WHERE state = 'queued' AND line_at <= now()").await;
        }
        bench.run_sql("VACUUM (ANALYZE) queue_tasks").await;
        bench.run_sql("CHECKPOINT").await;
        let mut held = None;
        if *case == "an old snapshot" {
            let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ";
            let mut snapshot = bench.db.postgres_pool().begin_with(begin).await.unwrap();
            sqlx::query("SELECT count(*) FROM users").execute(&mut *snapshot).await.unwrap();
            held = Some(snapshot);
        }
        let mut rates = Vec::new();
        let until = Instant::now() + Duration::from_secs(55);
        while rates.len() < 3 || (held.is_some() && Instant::now() < until) {
            // Where a million wait, they are what is worked off.
            if *case != "1 million waiting" {
                bench.fill(&queue, tasks, "nothing").await;
            }
            rates.push(rate(tasks, work_some(&queue, tasks).await));
        }
        let claims = claims(&bench, &queue, *case != "1 million waiting").await;
        drop(held);
        if *case == "warm-up" {
            continue;
        }
        let case = format!("beside {case}");
        bench.report(&case, "drain_last_per_s", *rates.last().unwrap());
        rates.sort_by(f64::total_cmp);
        bench.report(&case, "drain_median_per_s", *rates.get(rates.len() / 2).unwrap());
        bench.report(&case, "claim_10_p50_ms", *claims.get(100).unwrap());
        bench.report(&case, "claim_10_p99_ms", *claims.get(198).unwrap());
    }
}

/// Claims of ten, two hundred of them; how long each took in milliseconds, in order.
async fn claims(bench: &Bench, queue: &Queue, fill: bool) -> Vec<f64> {
    let by_hand = queue.by_hand().placed();
    if fill {
        bench.fill(queue, 2000, "nothing").await;
    }
    let mut times = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        let taken = by_hand.claim(&["nothing"], 10).await.unwrap();
        times.push(began.elapsed().as_secs_f64() * 1e3);
        assert_eq!(taken.len(), 10);
        let done: Vec<_> = taken.iter().map(|task| (task.id, task.lease_seq)).collect();
        by_hand.complete(&done).await.unwrap();
    }
    times.sort_by(f64::total_cmp);
    times
}

/// Works off so many, whatever else waits; the time from the first start to the last.
async fn work_some(queue: &Queue, tasks: usize) -> Duration {
    let (nothing, clock) = (Arc::new(Nothing::default()), Instant::now());
    let registry = Registry::new().on("nothing", Shared(Arc::clone(&nothing), clock));
    let shutdown = Shutdown::new();
    let working = tokio::spawn({
        let (queue, shutdown) = (queue.clone(), shutdown.clone());
        async move { queue.run(registry, shutdown).await }
    });
    while nothing.started.load(Ordering::Relaxed) < u64::try_from(tasks).unwrap() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let took = clock.elapsed();
    shutdown.trip();
    working.await.unwrap().unwrap();
    took - Duration::from_micros(nothing.began.load(Ordering::Relaxed))
}

impl Rows {
    /// Identifiers in order, as those of the program are.
    fn insert(&self, number: usize, rows: usize) -> String {
        let Self { of, state, run_at, finished_at } = self;
        let rows = rows / of;
        format!(
            "INSERT INTO queue_tasks (id, kind, state, payload, run_at, line_at, created_at, finished_at)
             SELECT ('0180000{number}-0000-7000-8000-' || lpad(to_hex(row), 12, '0'))::uuid, 'nothing', '{state}', '{{}}',
                 {run_at}, {run_at}, now(), {finished_at}
             FROM generate_series(1, {rows}) AS row"
        )
    }
}
