//! A database with a queue and a ledger: what was put in, what happened to it, and what must hold of that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use resume_optimizer::queue::{Enqueued, NewTask, Queue, TaskId};
use resume_optimizer::store::{Access, Backend, Db, StoreError, migrate};
use sea_orm::{ConnectionTrait as _, DbBackend, QueryResult, Statement};
use serde_json::json;
use sqlx::Connection as _;

use crate::queue::deeds::Told;
use crate::queue::worker::{Conditions, Worker};
use crate::support::postgres::Postgres;

/// What happened, outside of the queue: what handlers noted, and, by a trigger, each change of a task's state.
const LEDGER: &str = "
CREATE TABLE ledger (n {serial}, task_id TEXT NOT NULL, lease_seq BIGINT NOT NULL, event TEXT NOT NULL,
    pid BIGINT NOT NULL, at BIGINT NOT NULL DEFAULT ({now}));
CREATE UNIQUE INDEX ledger_once ON ledger (task_id, lease_seq, event, pid) WHERE event IN ('start', 'finish');
";
const TRIGGER_ON_POSTGRES: &str = "
CREATE FUNCTION ledger_passage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO ledger (task_id, lease_seq, event, pid)
    VALUES (replace(NEW.id::text, '-', ''), NEW.lease_seq, OLD.state || '>' || NEW.state, 0);
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_passage AFTER UPDATE OF state ON queue_tasks FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION ledger_passage();
";
const TRIGGER_ON_SQLITE: &str = "
CREATE TRIGGER ledger_passage AFTER UPDATE OF state ON queue_tasks WHEN OLD.state <> NEW.state BEGIN
    INSERT INTO ledger (task_id, lease_seq, event, pid)
    VALUES (lower(hex(NEW.id)), NEW.lease_seq, OLD.state || '>' || NEW.state, 0);
END;
";

/// Something that a process noted about a task.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event<'a> {
    /// Which task.
    pub(crate) id: TaskId,
    /// Under which lease.
    pub(crate) lease_seq: i64,
    /// What.
    pub(crate) name: &'a str,
}

/// Notes it; twice is once.
pub(crate) async fn note(db: &impl Access, event: Event<'_>) -> Result<(), StoreError> {
    let Event { id, lease_seq, name } = event;
    let sql = format!(
        "INSERT INTO ledger (task_id, lease_seq, event, pid) VALUES ('{}', {lease_seq}, '{name}', {})
         ON CONFLICT DO NOTHING",
        id.0.simple(),
        std::process::id()
    );
    db.writes().execute_unprepared(&sql).await?;
    Ok(())
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Under which lease.
    pub(crate) lease_seq: i64,
    /// What: `start`, `finish`, `refused`, `ended …`, or a passage such as `queued>running`.
    pub(crate) event: String,
    /// By which process; 0 for a passage.
    pub(crate) pid: u32,
    /// When, in milliseconds since 1970.
    pub(crate) at: i64,
}

/// A task as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its state.
    pub(crate) state: String,
    /// Starts so far.
    pub(crate) attempt: i32,
    /// Workers that vanished under it.
    pub(crate) crashes: i32,
    /// Claims so far.
    pub(crate) lease_seq: i64,
    /// Why it ended, as one word.
    pub(crate) error_kind: Option<String>,
}

/// Whose tasks are poured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// In the common line at once.
    Nobodys,
    /// Of fifty accounts, each with a line of its own and a limit, as jobs are.
    Accounts,
}

/// The database, the queue in it, and how workers of it are started.
pub(crate) struct Rig {
    /// For tests that have statements of their own.
    pub(crate) db: Db,
    /// The queue as the API's process has it.
    pub(crate) queue: Queue,
    /// What workers are told.
    pub(crate) conditions: Conditions,
    acknowledged: Mutex<Vec<TaskId>>,
    // Where it lives, for SQLite.
    _dir: tempfile::TempDir,
}

impl Rig {
    /// On a fresh database of the shared PostgreSQL.
    pub(crate) async fn on_postgresql() -> Self {
        Self::on(Postgres::shared()).await
    }

    /// On a fresh database of that one.
    pub(crate) async fn on(postgres: &Postgres) -> Self {
        Self::at(&postgres.database().await, tempfile::tempdir().unwrap()).await
    }

    /// On a file.
    pub(crate) async fn on_sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("queue.db").display());
        Self::at(&url, dir).await
    }

    /// On the database at that address, which is empty.
    pub(crate) async fn at(url: &str, dir: tempfile::TempDir) -> Self {
        let conditions = Conditions::at(url);
        let config = conditions.config();
        let db = Db::connect(&config).await.unwrap();
        migrate::up(&db).await.unwrap();
        let (serial, now, trigger) = match db.backend() {
            Backend::Postgres => {
                ("BIGSERIAL PRIMARY KEY", "extract(epoch FROM clock_timestamp()) * 1000", TRIGGER_ON_POSTGRES)
            }
            Backend::Sqlite => (
                "INTEGER PRIMARY KEY AUTOINCREMENT",
                "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
                TRIGGER_ON_SQLITE,
            ),
        };
        let ledger = LEDGER.replace("{serial}", serial).replace("{now}", now);
        db.writes().execute_unprepared(&ledger).await.unwrap();
        db.writes().execute_unprepared(trigger).await.unwrap();
        let queue = Queue::new(&db, &config.queue);
        Self { db, queue, conditions, acknowledged: Mutex::default(), _dir: dir }
    }

    /// On a database that is there already, with everything in it.
    pub(crate) async fn reopened(url: &str, dir: tempfile::TempDir) -> Self {
        let conditions = Conditions::at(url);
        let config = conditions.config();
        let db = Db::connect(&config).await.unwrap();
        let queue = Queue::new(&db, &config.queue);
        Self { db, queue, conditions, acknowledged: Mutex::default(), _dir: dir }
    }

    /// A connection of its own that sees the SQLite file as it is now, for as long as it lives.
    pub(crate) async fn hold_snapshot(&self) -> sqlx::SqliteConnection {
        let mut held = sqlx::SqliteConnection::connect(&self.conditions.url).await.unwrap();
        sqlx::query("BEGIN").execute(&mut held).await.unwrap();
        sqlx::query("SELECT count(*) FROM queue_tasks").execute(&mut held).await.unwrap();
        held
    }

    /// A worker of it, ready.
    pub(crate) fn worker(&self) -> Worker {
        Worker::start(&self.conditions)
    }

    /// Puts a task in, which must work.
    pub(crate) async fn put(&self, kind: &str, told: Told) -> TaskId {
        self.submit(NewTask::new(kind, json!(told)).max_attempts(20)).await.unwrap()
    }

    /// Puts a task in that sleeps so long, or however its kind fills the time.
    pub(crate) async fn put_for(&self, kind: &str, ms: u64) -> TaskId {
        self.put(kind, Told { ms, ..Told::default() }).await
    }

    /// Puts a task in; where that is acknowledged, it counts as such.
    pub(crate) async fn submit(&self, task: NewTask) -> Result<TaskId, String> {
        match self.queue.submit(task).await {
            Ok(Enqueued::New(id) | Enqueued::Present(id)) => {
                self.acknowledged.lock().unwrap().push(id);
                Ok(id)
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Everything that was acknowledged so far.
    pub(crate) fn acknowledged(&self) -> Vec<TaskId> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// A mixture of so many tasks, the longer ones as long as this; those that fail for good have few attempts.
    pub(crate) async fn put_mixture(&self, tasks: usize, longest_ms: u64) -> Vec<TaskId> {
        let mut ids = Vec::new();
        for number in 0..tasks {
            let (kind, ms, attempts) = match number % 10 {
                0..5 => ("noop", 0, 20),
                5..7 => ("sleep", longest_ms / 4, 20),
                7 => ("sleep", longest_ms, 20),
                8 => ("fail_once", 0, 20),
                _ => ("panic", 0, 2),
            };
            let told = Told { ms, ..Told::default() };
            ids.push(self.submit(NewTask::new(kind, json!(told)).max_attempts(attempts)).await.unwrap());
        }
        ids
    }

    /// Executes a statement that must work.
    pub(crate) async fn sql(&self, sql: &str) {
        self.db.writes().execute_unprepared(sql).await.unwrap();
    }

    /// The rows of a question.
    pub(crate) async fn ask(&self, sql: &str) -> Result<Vec<QueryResult>, StoreError> {
        let backend = match self.db.backend() {
            Backend::Postgres => DbBackend::Postgres,
            Backend::Sqlite => DbBackend::Sqlite,
        };
        Ok(self.db.reads().query_all_raw(Statement::from_string(backend, sql)).await?)
    }

    /// A number that must be there.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let rows = self.ask(sql).await.unwrap();
        rows.first().unwrap().try_get_by_index(0).unwrap()
    }

    /// Every task as it stands.
    pub(crate) async fn rows(&self) -> Result<BTreeMap<TaskId, Row>, StoreError> {
        let rows = self
            .ask("SELECT id, state, attempt, crash_count, lease_seq, error_kind FROM queue_tasks")
            .await?;
        let row = |row: &QueryResult| {
            let task = Row {
                state: row.try_get("", "state")?,
                attempt: row.try_get("", "attempt")?,
                crashes: row.try_get("", "crash_count")?,
                lease_seq: row.try_get("", "lease_seq")?,
                error_kind: row.try_get("", "error_kind")?,
            };
            Ok::<_, sea_orm::DbErr>((TaskId(row.try_get("", "id")?), task))
        };
        Ok(rows.iter().map(row).collect::<Result<_, _>>()?)
    }

    /// That task as it stands.
    pub(crate) async fn row(&self, id: TaskId) -> Row {
        self.rows().await.unwrap().remove(&id).unwrap()
    }

    /// What happened, by task, in order.
    pub(crate) async fn ledger(&self) -> Result<BTreeMap<TaskId, Vec<Entry>>, StoreError> {
        let mut ledger: BTreeMap<TaskId, Vec<Entry>> = BTreeMap::new();
        for row in self.ask("SELECT task_id, lease_seq, event, pid, at FROM ledger ORDER BY n").await? {
            let id: String = row.try_get("", "task_id")?;
            let entry = Entry {
                lease_seq: row.try_get("", "lease_seq")?,
                event: row.try_get("", "event")?,
                pid: u32::try_from(row.try_get::<i64>("", "pid")?).unwrap(),
                at: row.try_get("", "at")?,
            };
            ledger.entry(id.parse().unwrap()).or_default().push(entry);
        }
        Ok(ledger)
    }

    /// What happened to that task, in order.
    pub(crate) async fn story(&self, id: TaskId) -> Vec<Entry> {
        self.ledger().await.unwrap().remove(&id).unwrap_or_default()
    }

    /// Waits until this has happened to that task under that lease; when it did.
    pub(crate) async fn happened(&self, id: TaskId, lease_seq: i64, event: &str) -> Entry {
        let what = format!("{event:?} under lease {lease_seq} of {id}");
        within(Duration::from_secs(60), &what, || async {
            let ledger = self.ledger().await.ok()?;
            let found = |entry: &&Entry| entry.lease_seq == lease_seq && entry.event == event;
            ledger.get(&id)?.iter().find(found).cloned()
        })
        .await
    }

    /// Waits until nothing is open any more.
    pub(crate) async fn all_ended(&self, patience: Duration) {
        within(patience, "the end of all tasks", || async {
            let open = "SELECT 1 FROM queue_tasks WHERE state IN ('queued', 'running') LIMIT 1";
            self.ask(open).await.ok()?.is_empty().then_some(())
        })
        .await;
    }

    /// How many tasks have been completed.
    pub(crate) async fn completed(&self) -> i64 {
        self.number("SELECT count(*) FROM queue_tasks WHERE state = 'completed'").await
    }

    /// Puts very many tasks in that do nothing, past the queue; on PostgreSQL.
    pub(crate) async fn flood(&self, tasks: usize) {
        self.pour(tasks).await;
        let ids = self.ask("SELECT id FROM queue_tasks").await.unwrap();
        *self.acknowledged.lock().unwrap() =
            ids.iter().map(|row| TaskId(row.try_get_by_index(0).unwrap())).collect();
    }

    /// The same, which nobody but a worker will count.
    pub(crate) async fn pour(&self, tasks: usize) {
        self.pour_of(Whose::Nobodys, tasks).await;
    }

    /// The same of those.
    pub(crate) async fn pour_of(&self, whose: Whose, tasks: usize) {
        let (line_at, group, limit) = match whose {
            Whose::Nobodys => ("now()", "NULL", "NULL"),
            Whose::Accounts => ("NULL", "'account ' || floor(random() * 50)", "5"),
        };
        self.sql(&format!(
            "INSERT INTO queue_tasks (id, kind, payload, run_at, created_at, line_at, group_key, group_limit)
             SELECT gen_random_uuid(), 'noop', '{{}}', now(), now(), {line_at}, {group}, {limit}
             FROM generate_series(1, {tasks})"
        ))
        .await;
    }

    /// The moment by the database's clock, in milliseconds since 1970.
    pub(crate) async fn now(&self) -> i64 {
        self.number(match self.db.backend() {
            Backend::Postgres => "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
            Backend::Sqlite => "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
        })
        .await
    }

    /// Holds I1 to I5 against what happened to everything that was acknowledged, once all of it has ended.
    #[track_caller]
    pub(crate) fn invariants(&self) -> impl Future<Output = BTreeMap<String, usize>> {
        self.held(false)
    }

    /// The same where the database's server crashed. It may know nothing of claims of its last moment, which do not wait
    /// for the disk: such a task is started by another one under the same number, and only that one's end counts.
    #[track_caller]
    pub(crate) fn invariants_after_a_crash(&self) -> impl Future<Output = BTreeMap<String, usize>> {
        self.held(true)
    }

    #[track_caller]
    fn held(&self, crashed: bool) -> impl Future<Output = BTreeMap<String, usize>> {
        let at = std::panic::Location::caller();
        async move {
            let (rows, ledger) = (self.rows().await.unwrap(), self.ledger().await.unwrap());
            let mut wrong = Vec::new();
            let mut states: BTreeMap<String, usize> = BTreeMap::new();
            for id in self.acknowledged() {
                let Some(row) = rows.get(&id) else {
                    wrong.push(format!("I1: {id} was acknowledged and is not there"));
                    continue;
                };
                *states.entry(row.state.clone()).or_default() += 1;
                let story = ledger.get(&id).cloned().unwrap_or_default();
                wrong.extend(
                    breaches(row, &story, crashed)
                        .into_iter()
                        .map(|breach| format!("{breach}: {id} {row:?} {story:?}")),
                );
            }
            let running = rows.values().filter(|row| row.state == "running").count();
            if running > 0 {
                wrong.push(format!("I5: {running} tasks run, and nobody is there to run them"));
            }
            assert!(wrong.is_empty(), "{at}:\n{}", wrong.join("\n"));
            states
        }
    }
}

fn is_open(state: &str) -> bool {
    matches!(state, "queued" | "running")
}

/// What does not hold of a task's story.
fn breaches(row: &Row, story: &[Entry], crashed: bool) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    if is_open(&row.state) {
        wrong.push("I1: it has not ended");
    }
    let ends = story
        .iter()
        .filter(|entry| entry.event.split_once('>').is_some_and(|(from, to)| is_open(from) && !is_open(to)));
    if ends.count() != 1 {
        wrong.push("I2, I3: it has to end exactly once");
    }
    let claims: Vec<i64> =
        story.iter().filter(|entry| entry.event.ends_with(">running")).map(|entry| entry.lease_seq).collect();
    if !claims.is_sorted_by(|earlier, later| earlier < later) {
        wrong.push("I4: its lease numbers do not rise");
    }
    for event in ["start", "finish"] {
        let noted: Vec<(i64, u32)> = story
            .iter()
            .filter(|entry| entry.event == event)
            .map(|entry| (entry.lease_seq, entry.pid))
            .collect();
        let leases: BTreeSet<i64> = noted.iter().map(|(lease_seq, _)| *lease_seq).collect();
        if leases.len() != noted.len() && !(crashed && event == "start") {
            wrong.push("I2: two processes did something under one lease");
        }
        if !leases.iter().all(|lease_seq| claims.contains(lease_seq)) {
            wrong.push("I2: something was done under a lease that nobody had");
        }
    }
    if row.state == "completed" && !story.iter().any(|entry| entry.event == "finish") {
        wrong.push("I3: it is completed, and its end was never accepted");
    }
    wrong
}

/// Polls `look` until it finds something, but no longer than this.
pub(crate) async fn within<T, F: Future<Output = Option<T>>>(
    patience: Duration,
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < patience, "{what} did not happen within {patience:?}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
