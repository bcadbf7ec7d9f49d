//! A database with nothing in its queue, in this process: for tests that take the queue's steps themselves.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use resume_optimizer::config::{self, Config};
use resume_optimizer::queue::{
    Context, Enqueued, Handler, NewTask, Queue, Registry, Stuck, TaskError, TaskId, TaskState,
};
use resume_optimizer::shutdown::Shutdown;
use resume_optimizer::store::{Access as _, Backend, Db, Tx, migrate};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement, TryGetable};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::support::deadline::until_async;
use crate::support::service::World;

/// Whether the long forms were asked for, which take minutes.
pub(crate) fn long() -> bool {
    std::env::var("FAULT_TESTS").is_ok_and(|forms| forms == "long")
}

/// One number for everyday, one for the long form.
pub(crate) fn sized(short: usize, long_form: usize) -> usize {
    if long() { long_form } else { short }
}

/// A world's database and a queue in it.
pub(crate) struct Ground {
    pub(crate) db: Db,
    pub(crate) queue: Queue,
    config: Config,
    // Its end removes the folder.
    _world: World,
}

/// A task as the table has it; times in microseconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: TaskId,
    pub(crate) kind: String,
    pub(crate) state: TaskState,
    pub(crate) priority: i16,
    pub(crate) group: Option<String>,
    pub(crate) group_limit: Option<i32>,
    pub(crate) unique_key: Option<String>,
    pub(crate) attempt: i32,
    pub(crate) crashes: i32,
    pub(crate) lease_seq: i64,
    pub(crate) owner: Option<Uuid>,
    pub(crate) cancel_requested: bool,
    pub(crate) error_kind: Option<String>,
    pub(crate) last_error: Option<String>,
    pub(crate) run_us: i64,
    pub(crate) line_us: Option<i64>,
    pub(crate) started_us: Option<i64>,
    pub(crate) now_us: i64,
}

impl Ground {
    /// In this world, with these limits of its queue.
    pub(crate) async fn of(world: World, set: impl FnOnce(&mut config::Queue)) -> Self {
        let mut config = world.config();
        set(&mut config.queue);
        let db = Db::connect(&config).await.unwrap();
        migrate::up(&db).await.unwrap();
        if db.backend() == Backend::Postgres {
            // Nobody is lost in a database that was started less than a lease ago; this one has been up for long.
            let name = config.database_url().rsplit('/').next().unwrap().to_owned();
            for sql in [
                "CREATE FUNCTION public.pg_postmaster_start_time() RETURNS timestamptz STABLE LANGUAGE sql
                 AS 'SELECT to_timestamp(0)'",
                &format!("ALTER DATABASE {name} SET search_path = public, pg_catalog"),
            ] {
                db.writes().execute_unprepared(sql).await.unwrap();
            }
        }
        // Connections that were opened before do not know that.
        let db = connect(&config).await;
        Self { queue: Queue::new(&db, &config.queue), db, config, _world: world }
    }

    /// The same database by connections of its own, as another process would have them.
    pub(crate) async fn another(&self) -> (Db, Queue) {
        self.another_with(|_| {}).await
    }

    /// The same with other limits.
    pub(crate) async fn another_with(&self, set: impl FnOnce(&mut config::Queue)) -> (Db, Queue) {
        let mut config = self.config.clone();
        set(&mut config.queue);
        let db = connect(&config).await;
        let queue = Queue::new(&db, &config.queue);
        (db, queue)
    }

    pub(crate) fn on_sqlite(&self) -> bool {
        self.db.backend() == Backend::Sqlite
    }

    /// Puts these in and rings; all of them are new.
    pub(crate) async fn put(&self, tasks: &[NewTask]) -> Vec<TaskId> {
        let tx = self.db.begin().await.unwrap();
        let enqueued = self.queue.enqueue_all(&tx, tasks).await.unwrap();
        tx.commit().await.unwrap();
        self.queue.ring();
        enqueued
            .into_iter()
            .map(|enqueued| match enqueued {
                Enqueued::New(id) => id,
                Enqueued::Present(id) => panic!("{id} was there already"),
            })
            .collect()
    }

    /// Every task, oldest first.
    pub(crate) async fn rows(&self) -> Vec<Row> {
        self.rows_where("true").await
    }

    /// This task.
    pub(crate) async fn row(&self, id: TaskId) -> Row {
        self.rows_where(&format!("id = {}", self.literal(id))).await.pop().unwrap()
    }

    /// The tasks that this is true of.
    pub(crate) async fn rows_where(&self, condition: &str) -> Vec<Row> {
        let micros = |column: &str| match self.db.backend() {
            Backend::Postgres => format!("(extract(epoch FROM {column}) * 1000000)::bigint"),
            Backend::Sqlite => format!("{column} * 1000"),
        };
        let now = match self.db.backend() {
            Backend::Postgres => micros("clock_timestamp()"),
            Backend::Sqlite => micros("CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"),
        };
        let rows = self
            .select(&format!(
                "SELECT id, kind, state, priority, group_key, group_limit, unique_key, attempt, crash_count,
                     lease_seq, lease_owner, cancel_requested_at IS NOT NULL AS asked, error_kind, last_error,
                     {} AS run_us, {} AS line_us, {} AS started_us, {now} AS now_us
                 FROM queue_tasks WHERE {condition} ORDER BY id",
                micros("run_at"),
                micros("line_at"),
                micros("started_at"),
            ))
            .await;
        rows.iter().map(read).collect()
    }

    /// How many rows such a query counts.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let rows = self.select(&format!("SELECT count(*) AS number {sql}")).await;
        of(&rows[0], "number")
    }

    pub(crate) async fn select(&self, sql: &str) -> Vec<QueryResult> {
        let backend = self.db.reads().get_database_backend();
        self.db.reads().query_all_raw(Statement::from_string(backend, sql)).await.unwrap()
    }

    pub(crate) async fn run_sql(&self, sql: &str) -> u64 {
        self.db.writes().execute_unprepared(sql).await.unwrap().rows_affected()
    }

    /// Lets these leases have run out.
    pub(crate) async fn expire(&self, tasks: &[TaskId]) {
        self.set_past("lease_expires_at", tasks).await;
    }

    /// Lets this time of these tasks have passed.
    pub(crate) async fn set_past(&self, column: &str, tasks: &[TaskId]) {
        self.set_past_where(column, &format!("id IN ({})", self.literals(tasks))).await;
    }

    /// Lets this time have passed of the tasks that this is true of.
    pub(crate) async fn set_past_where(&self, column: &str, condition: &str) {
        let past = match self.db.backend() {
            Backend::Postgres => "now() - interval '1 second'",
            Backend::Sqlite => "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - 1000",
        };
        self.run_sql(&format!("UPDATE queue_tasks SET {column} = {past} WHERE {condition}")).await;
    }

    /// Identifiers as the database at hand writes them.
    pub(crate) fn literals(&self, tasks: &[TaskId]) -> String {
        tasks.iter().map(|id| self.literal(*id)).collect::<Vec<_>>().join(", ")
    }

    fn literal(&self, id: TaskId) -> String {
        match self.db.backend() {
            Backend::Postgres => format!("'{id}'"),
            Backend::Sqlite => format!("x'{}'", id.0.as_simple()),
        }
    }

    /// Lets this queue work until it is stopped.
    pub(crate) fn work(&self, registry: Registry) -> Working {
        Working::start(&self.queue, registry)
    }

    /// Waits until no task is open.
    pub(crate) async fn until_idle(&self) {
        until_async("the end of every task", || async {
            (self.number("FROM queue_tasks WHERE state IN ('queued', 'running')").await == 0).then_some(())
        })
        .await;
    }

    /// A transaction that is at this task; on SQLite, at everything.
    pub(crate) async fn hold(&self, id: TaskId) -> Tx {
        let tx = self.db.begin().await.unwrap();
        let lock = if self.on_sqlite() { "" } else { "FOR UPDATE" };
        let lock = format!("SELECT 1 FROM queue_tasks WHERE id = {} {lock}", self.literal(id));
        tx.writes().execute_unprepared(&lock).await.unwrap();
        tx
    }

    /// Waits until no transaction of this database is left open: one that is dropped ends a moment later.
    pub(crate) async fn until_released(&self) {
        if self.on_sqlite() {
            return;
        }
        let open =
            "FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        until_async("the end of what was begun", || async { (self.number(open).await == 0).then_some(()) })
            .await;
    }

    /// Waits until so many wait for somebody else's lock; on PostgreSQL.
    pub(crate) async fn until_waiting(&self, number: i64) {
        let waiting = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until_async("the wait", || async { (self.number(waiting).await >= number).then_some(()) }).await;
    }

    /// Waits until whoever works hears what others ring.
    pub(crate) async fn until_listening(&self) {
        if self.on_sqlite() {
            return;
        }
        let ears = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'
                    AND state = 'idle'";
        until_async("listening", || async { (self.number(ears).await > 0).then_some(()) }).await;
    }

    /// How long the task waited between the end of one attempt and the start of the next.
    pub(crate) async fn pauses(&self, id: TaskId) -> Vec<Duration> {
        let micros = |column: &str| match self.db.backend() {
            Backend::Postgres => format!("(extract(epoch FROM {column}) * 1000000)::bigint"),
            Backend::Sqlite => format!("{column} * 1000"),
        };
        let sql = format!(
            "SELECT {} AS started_us, {} AS finished_us FROM queue_attempts WHERE task_id = {} ORDER BY lease_seq",
            micros("started_at"),
            micros("finished_at"),
            self.literal(id),
        );
        let times: Vec<(i64, i64)> = self
            .select(&sql)
            .await
            .iter()
            .map(|row| (of(row, "started_us"), of(row, "finished_us")))
            .collect();
        let pause =
            |pair: &[(i64, i64)]| Duration::from_micros(u64::try_from(pair[1].0 - pair[0].1).unwrap_or(0));
        times.windows(2).map(pause).collect()
    }

    /// Waits until the task is in this state.
    pub(crate) async fn until_state(&self, id: TaskId, state: TaskState) -> Row {
        until_async(state.as_str(), || async {
            let row = self.row(id).await;
            (row.state == state).then_some(row)
        })
        .await
    }
}

async fn connect(config: &Config) -> Db {
    let db = Db::connect(config).await.unwrap();
    if db.backend() == Backend::Sqlite {
        // As for PostgreSQL here: nobody needs this data after a power cut.
        db.writes().execute_unprepared("PRAGMA synchronous = OFF").await.unwrap();
    }
    db
}

/// A queue that works in the background; stopped at once when it is dropped.
pub(crate) struct Working {
    shutdown: Shutdown,
    task: Option<JoinHandle<Result<(), Stuck>>>,
}

impl Working {
    pub(crate) fn start(queue: &Queue, registry: Registry) -> Self {
        let shutdown = Shutdown::new();
        let (queue, asked) = (queue.clone(), shutdown.clone());
        let task = tokio::spawn(async move { queue.run(registry, asked).await });
        Self { shutdown, task: Some(task) }
    }

    /// Asks it to stop and waits for that; how long it took.
    pub(crate) async fn stop(mut self) -> Duration {
        let began = Instant::now();
        self.shutdown.trip();
        self.task.take().unwrap().await.unwrap().unwrap();
        began.elapsed()
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.shutdown.trip();
    }
}

/// A handler that does this, and notes nothing.
pub(crate) fn does<F, R>(run: F) -> impl Handler
where
    F: Fn(Context) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), TaskError>> + Send + 'static,
{
    Does(run)
}

struct Does<F>(F);

#[async_trait]
impl<F, R> Handler for Does<F>
where
    F: Fn(Context) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), TaskError>> + Send + 'static,
{
    async fn run(&self, context: &Context) -> Result<(), TaskError> {
        (self.0)(context.clone()).await
    }
}

/// What tasks were started, in order.
#[derive(Clone, Default)]
pub(crate) struct Started(Arc<Mutex<Vec<TaskId>>>);

impl Started {
    pub(crate) fn note(&self, context: &Context) {
        self.0.lock().unwrap().push(context.task_id());
    }

    pub(crate) fn all(&self) -> Vec<TaskId> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) async fn until(&self, number: usize) {
        until_async("the starts", || async { (self.all().len() >= number).then_some(()) }).await;
    }
}

/// A handler that ends at once and notes so.
pub(crate) fn notes(started: &Started) -> impl Handler {
    let started = started.clone();
    does(move |context| {
        started.note(&context);
        async { Ok(()) }
    })
}

/// What `future` yields, which has to be within this time.
pub(crate) async fn within<T>(time: Duration, what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(time, future)
        .await
        .unwrap_or_else(|_| panic!("{what} did not happen within {time:?}"))
}

fn of<T: TryGetable>(row: &QueryResult, column: &str) -> T {
    row.try_get("", column).unwrap()
}

fn read(row: &QueryResult) -> Row {
    Row {
        id: TaskId(of(row, "id")),
        kind: of(row, "kind"),
        state: TaskState::parse(&of::<String>(row, "state")).unwrap(),
        priority: of(row, "priority"),
        group: of(row, "group_key"),
        group_limit: of(row, "group_limit"),
        unique_key: of(row, "unique_key"),
        attempt: of(row, "attempt"),
        crashes: of(row, "crash_count"),
        lease_seq: of(row, "lease_seq"),
        owner: of(row, "lease_owner"),
        cancel_requested: of(row, "asked"),
        error_kind: of(row, "error_kind"),
        last_error: of(row, "last_error"),
        run_us: of(row, "run_us"),
        line_us: of(row, "line_us"),
        started_us: of(row, "started_us"),
        now_us: of(row, "now_us"),
    }
}

/// The `number` that a statement selects from a world's database, beside whatever runs in it.
pub(crate) async fn select(world: &World, sql: &str) -> i64 {
    of(&rows(world, sql).await[0], "number")
}

/// The rows that a statement selects from a world's database, beside whatever runs in it.
pub(crate) async fn rows(world: &World, sql: &str) -> Vec<QueryResult> {
    let db = Db::connect(&world.config()).await.unwrap();
    let statement = Statement::from_string(db.reads().get_database_backend(), sql.to_owned());
    let rows = db.reads().query_all_raw(statement).await.unwrap();
    db.close().await;
    rows
}

/// Whether a world's database refuses a statement.
pub(crate) async fn refuses(world: &World, sql: &str) -> bool {
    let db = Db::connect(&world.config()).await.unwrap();
    let refused = db.writes().execute_unprepared(sql).await.is_err();
    db.close().await;
    refused
}

/// Changes a world's database by hand.
pub(crate) async fn change(world: &World, sql: &str) {
    assert!(!refuses(world, sql).await, "{sql}");
}
