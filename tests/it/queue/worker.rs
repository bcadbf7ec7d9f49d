//! A worker in a process of its own: this test binary once more, told by its environment what to do.

use std::fs::File;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use resume_optimizer::config::{Config, Secret};
use resume_optimizer::queue::{Missed, Queue, Registry, Schedule};
use resume_optimizer::shutdown::Shutdown;
use resume_optimizer::store::Db;
use resume_optimizer::telemetry::metrics;
use serde::{Deserialize, Serialize};

use crate::queue::deeds;
use crate::support::deadline::until;
use crate::support::program::clean;

/// How a worker that has to be started again ends.
pub(crate) const STUCK: i32 = 70;
/// Where such a process keeps what it counts, in its folder.
const COUNTS: &str = "metrics";
/// What such a process is told by.
const TOLD: &str = "FAULT_WORKER";

/// What a worker is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Conditions {
    /// Where the tasks are.
    pub(crate) url: String,
    /// Tasks at once.
    pub(crate) slots: usize,
    /// Seconds of a lease.
    pub(crate) lease: u64,
    /// Milliseconds between two looks at the queue.
    pub(crate) poll_ms: u64,
    /// Seconds until a task is asked to stop, and until it is stopped.
    pub(crate) limits: (u64, u64),
    /// Vanished workers that a task may have.
    pub(crate) max_crashes: u32,
    /// Seconds between SIGTERM and handing back.
    pub(crate) drain: u64,
    /// Threads.
    pub(crate) threads: usize,
    /// Seconds that all of them may compute.
    pub(crate) stalled: u64,
    /// Seconds that a transaction may last before it is warned of.
    pub(crate) old_snapshot: u64,
    /// What is done by the clock: name, cron expression, and whether a missed tick is made up for.
    pub(crate) schedules: Vec<(String, String, bool)>,
    /// The kinds that it knows; all of them when empty.
    pub(crate) kinds: Vec<String>,
    /// Puts tasks in, as fast as it can, instead of doing some.
    pub(crate) submits: bool,
}

impl Conditions {
    /// Leases are short, so that nobody waits long for their ends.
    pub(crate) fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            slots: 8,
            lease: if super::long() { 6 } else { 2 },
            poll_ms: 200,
            limits: (100, 120),
            max_crashes: 1000,
            drain: 30,
            threads: 4,
            stalled: 60,
            old_snapshot: 600,
            schedules: Vec::new(),
            kinds: Vec::new(),
            submits: false,
        }
    }

    /// A lease's time.
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease)
    }

    /// Between two looks for lost leases, at most.
    pub(crate) fn rescue_period(&self) -> Duration {
        rescue_period(self.lease())
    }

    /// As the program's configuration.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::defaults().unwrap();
        config.database.url = Secret::new(self.url.clone());
        config.database.max_connections = 4;
        config.database.acquire_seconds = 2;
        let queue = &mut config.queue;
        queue.concurrency = self.slots;
        queue.lease_seconds = self.lease;
        queue.heartbeat_seconds = 1;
        queue.poll_ms = self.poll_ms;
        queue.max_crashes = self.max_crashes;
        queue.retry_base_seconds = 1;
        queue.retry_max_seconds = 2;
        (queue.soft_limit_seconds, queue.hard_limit_seconds) = self.limits;
        queue.drain_seconds = self.drain;
        (queue.stalled_seconds, queue.old_snapshot_seconds) = (self.stalled, self.old_snapshot);
        config
    }
}

/// Between two looks for lost leases of that length, at most.
pub(crate) fn rescue_period(lease: Duration) -> Duration {
    lease.mul_f64(1.2 * 1.2 / 6.0)
}

/// A running worker; killed when it is dropped.
pub(crate) struct Worker {
    child: Child,
    log: tempfile::NamedTempFile,
    // Where it is, and what it leaves there.
    dir: tempfile::TempDir,
}

impl Worker {
    /// Starts one and waits until it works.
    pub(crate) fn start(conditions: &Conditions) -> Self {
        Self::start_with(conditions, &[])
    }

    /// The same with these variables in its environment.
    pub(crate) fn start_with(conditions: &Conditions, env: &[(&str, &str)]) -> Self {
        let (dir, log) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
        let mut command = Command::new(std::env::current_exe().unwrap());
        clean(&mut command, dir.path());
        command.args(["--exact", "queue::worker::worker_process", "--nocapture", "--test-threads=1"]);
        command.env(TOLD, serde_json::to_string(conditions).unwrap()).envs(env.iter().copied());
        let out = File::create(log.path()).unwrap();
        let err = out.try_clone().unwrap();
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().unwrap();
        let mut worker = Self { child, log, dir };
        until("the start of a worker", || {
            let ended = worker.child.try_wait().unwrap();
            let worked = worker.log().contains("working");
            // One that a task took down at once has started all the same.
            assert!(worked || ended.is_none(), "it ended with {ended:?}: {}", worker.log());
            worked.then_some(())
        });
        worker
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Ends it as a machine does that loses its power; nothing of it is left.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether it runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        until("the end of a worker", || self.child.try_wait().unwrap())
    }

    /// What it said so far.
    pub(crate) fn log(&self) -> String {
        let mut bytes = Vec::new();
        File::open(self.log.path()).unwrap().read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What it counted under that name as of a moment ago; `None` when it counted nothing.
    pub(crate) fn counted(&self, metric: &str) -> Option<f64> {
        let counts = std::fs::read_to_string(self.dir.path().join(COUNTS)).ok()?;
        let value = |line: &str| line.strip_prefix(metric)?.strip_prefix(' ')?.parse().ok();
        counts.lines().find_map(value)
    }

    /// Processor time that it has used.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        let ticks: u64 = fields[11..13].iter().map(|field| field.parse::<u64>().unwrap()).sum();
        // Linux counts in hundredths of a second for programs, whatever it does inside.
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let from = log.char_indices().rev().nth(6000).map_or(0, |(at, _)| at);
            eprintln!("worker {} said:\n{}", self.pid(), log.get(from..).unwrap_or_default());
        }
    }
}

/// Nothing at all, except in a process that was told to be a worker.
#[test]
fn worker_process() {
    let Ok(told) = std::env::var(TOLD) else {
        return;
    };
    let conditions: Conditions = serde_json::from_str(&told).unwrap();
    tracing_subscriber::fmt().with_ansi(false).with_writer(std::io::stderr).init();
    metrics::install();
    std::thread::spawn(count);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(conditions.threads)
        .enable_all()
        .build()
        .unwrap();
    let code = runtime.block_on(work(conditions));
    runtime.shutdown_timeout(Duration::from_millis(200));
    std::process::exit(code);
}

/// Keeps what this process counts where [`Worker::counted`] finds it, for ever.
fn count() {
    loop {
        // Whole at any time: it may be killed at any time.
        let told = std::fs::write("counting", metrics::render());
        let _ = told.and_then(|()| std::fs::rename("counting", COUNTS));
        std::thread::sleep(Duration::from_millis(500));
    }
}

async fn work(conditions: Conditions) -> i32 {
    let config = conditions.config();
    // First: whoever sends a signal at once must not end it by that.
    let shutdown = Shutdown::on_signals().unwrap();
    let db = loop {
        match Db::connect(&config).await {
            Ok(db) => break db,
            Err(error) => eprintln!("no database yet: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let queue = Queue::new(&db, &config.queue);
    eprintln!("working");
    if conditions.submits {
        return deeds::submit(&queue).await;
    }
    let mut registry = deeds::registry(&db, &conditions.kinds);
    for (name, cron, made_up_for) in conditions.schedules {
        let missed = if made_up_for { Missed::RunOnce } else { Missed::Skip(Duration::from_secs(30)) };
        registry = registry.every(Schedule::new(name.leak(), &cron, "noop", missed).unwrap());
    }
    run(&queue, registry, shutdown).await
}

async fn run(queue: &Queue, registry: Registry, shutdown: Shutdown) -> i32 {
    match queue.run(registry, shutdown).await {
        Ok(()) => 0,
        Err(stuck) => {
            eprintln!("{stuck}");
            STUCK
        }
    }
}
