//! The database of a world beside the service, by the library: for what else only time would bring about.

use std::collections::BTreeMap;

use resume_optimizer::queue::{Enqueued, NewTask, Queue, TaskState};
use resume_optimizer::store::{Access as _, Backend, Db, Tx};
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::support::deadline::until_async;
use crate::support::service::World;

/// A moment that every time of keeping has passed since, as both databases write it.
const LONG_AGO: &str = "2020-01-01T00:00:00+00:00";
/// Tasks that are looked at, at most; no test has as many.
const TASKS: u32 = 100;

/// A world's database.
pub(crate) struct Inside {
    db: Db,
    queue: Queue,
}

impl Inside {
    /// Opens the database of what runs in this world.
    pub(crate) async fn of(world: &World) -> Self {
        let config = world.config();
        let db = Db::connect(&config).await.unwrap();
        let queue = Queue::new(&db, &config.queue);
        Self { db, queue }
    }

    /// Lets the job have been asked for and, where it has ended, have ended long ago.
    pub(crate) async fn age_job(&self, id: &str) {
        let id = self.id(id);
        self.sql(&format!(
            "UPDATE jobs SET created_at = '{LONG_AGO}', updated_at = '{LONG_AGO}' WHERE id = {id}"
        ))
        .await;
        self.sql(&format!(
            "UPDATE jobs SET completed_at = '{LONG_AGO}' WHERE completed_at IS NOT NULL AND id = {id}"
        ))
        .await;
    }

    /// Lets the job stand so, as if a worker had come no further.
    pub(crate) async fn set_status(&self, id: &str, status: &str) {
        let id = self.id(id);
        self.sql(&format!("UPDATE jobs SET status = '{status}', completed_at = NULL WHERE id = {id}")).await;
    }

    /// Lets the file have been uploaded long ago.
    pub(crate) async fn age_file(&self, id: &str) {
        let id = self.id(id);
        self.sql(&format!("UPDATE files SET created_at = '{LONG_AGO}' WHERE id = {id}")).await;
    }

    /// Lets every row of this table have this time long ago.
    pub(crate) async fn age_all(&self, table: &str, column: &str) {
        self.sql(&format!("UPDATE {table} SET {column} = '{LONG_AGO}'")).await;
    }

    /// Lets every task that has ended have ended so many days ago.
    pub(crate) async fn age_tasks(&self, days: u32) {
        let earlier = match self.db.backend() {
            Backend::Postgres => format!("finished_at - INTERVAL '{days} days'"),
            Backend::Sqlite => format!("finished_at - {days} * 86400000"),
        };
        self.sql(&format!("UPDATE queue_tasks SET finished_at = {earlier} WHERE finished_at IS NOT NULL"))
            .await;
    }

    /// A transaction that has executed this and is not yet committed.
    pub(crate) async fn hold(&self, statement: &str) -> Tx {
        let tx = self.db.begin().await.unwrap();
        tx.writes().execute_unprepared(statement).await.unwrap();
        tx
    }

    /// How many rows the table has.
    pub(crate) async fn count(&self, table: &str) -> usize {
        let statement = sea_orm::Statement::from_string(
            self.db.writes().get_database_backend(),
            format!("SELECT 1 AS one FROM {table}"),
        );
        self.db.writes().query_all_raw(statement).await.unwrap().len()
    }

    /// How many tasks of this kind are in the table, whatever became of them.
    pub(crate) async fn tasks(&self, kind: &str) -> usize {
        let tasks = self.queue.list(None, TASKS).await.unwrap();
        tasks.iter().filter(|task| task.kind == kind).count()
    }

    /// Puts a task of this kind into the queue and waits until a worker has done it.
    pub(crate) async fn run(&self, kind: &str) {
        let tx = self.db.begin().await.unwrap();
        let Enqueued::New(id) = self.queue.enqueue(&tx, NewTask::new(kind, json!({}))).await.unwrap() else {
            panic!("it has no unique key, so there is none already");
        };
        tx.commit().await.unwrap();
        self.queue.ring();
        let id = id.to_string();
        until_async("the end of the task", || async {
            let done = self.queue.list(Some(TaskState::Completed), TASKS).await.unwrap();
            done.iter().any(|task| task.id == id).then_some(())
        })
        .await;
    }

    /// Ends its connections: whoever puts another database in its place has to be alone.
    pub(crate) async fn close(self) {
        self.db.close().await;
    }

    /// Every row of every table that there is, each as the database itself writes it exactly, by table; without the
    /// migrations' own. Tables without rows are there as well.
    pub(crate) async fn everything(&self) -> BTreeMap<String, Vec<String>> {
        let mut tables = BTreeMap::new();
        for table in self.tables().await {
            let row = match self.db.backend() {
                Backend::Postgres => format!("\"{table}\"::text"),
                Backend::Sqlite => {
                    let columns = format!(
                        "SELECT 'quote(\"' || name || '\")' AS name FROM pragma_table_info('{table}')"
                    );
                    self.texts(&columns).await.join(" || ', ' || ")
                }
            };
            tables.insert(
                table.clone(),
                self.texts(&format!("SELECT {row} AS name FROM \"{table}\" ORDER BY 1")).await,
            );
        }
        tables
    }

    /// The tables that there are, by name, as the database's own catalog has them; without the migrations' own.
    pub(crate) async fn tables(&self) -> Vec<String> {
        self.texts(match self.db.backend() {
            Backend::Postgres => {
                "SELECT tablename::text AS name FROM pg_tables
                 WHERE schemaname = 'public' AND tablename <> 'seaql_migrations' ORDER BY 1"
            }
            Backend::Sqlite => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'
                 AND name <> 'seaql_migrations' ORDER BY 1"
            }
        })
        .await
    }

    /// The column `name` of every row.
    pub(crate) async fn texts(&self, statement: &str) -> Vec<String> {
        let backend = self.db.writes().get_database_backend();
        let rows = self.db.writes().query_all_raw(sea_orm::Statement::from_string(backend, statement)).await;
        rows.unwrap().iter().map(|row| row.try_get("", "name").unwrap()).collect()
    }

    /// Executes this, whatever it is.
    pub(crate) async fn sql(&self, statement: &str) {
        self.db.writes().execute_unprepared(statement).await.unwrap();
    }

    /// An identifier as the database at hand writes it.
    pub(crate) fn id(&self, id: &str) -> String {
        match self.db.backend() {
            Backend::Postgres => format!("'{id}'"),
            Backend::Sqlite => format!("x'{}'", id.replace('-', "")),
        }
    }
}
