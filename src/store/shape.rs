//! Which tables and columns a schema has, and of which kind each is: taken from the migrations themselves.
//!
//! The catalog of a SQLite database that is for data has forgotten what is a time and what a text. So the migrations
//! are applied to an empty database in memory that keeps their own type names, and its catalog is read. A table that a
//! migration makes is known here without anybody writing it down.

use std::collections::{BTreeMap, BTreeSet};

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, SqlxSqliteConnector, Statement};
use sqlx::sqlite::SqlitePoolOptions;

use crate::domain::task::{CleanupTask, HealthTask};
use crate::store::{Access, StoreError};

/// SQLite's catalog; `seaql_migrations` is the migrations' own.
const ON_SQLITE: &str = r"
    SELECT tables.name AS table_name, columns.name AS column_name, columns.type AS kind
    FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
    WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND tables.name <> 'seaql_migrations'
    ORDER BY tables.name, columns.cid";
/// PostgreSQL's catalog, of the schema that the program uses.
const ON_POSTGRES: &str = "
    SELECT tables.table_name::text AS table_name, columns.column_name::text AS column_name
    FROM information_schema.tables AS tables
    JOIN information_schema.columns AS columns USING (table_schema, table_name)
    WHERE tables.table_schema = current_schema() AND tables.table_type = 'BASE TABLE'
      AND tables.table_name <> 'seaql_migrations'
    ORDER BY tables.table_name, columns.ordinal_position";

/// The tables of a schema, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// All of them but the migrations' own.
    pub tables: Vec<Table>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub kind: Kind,
}

/// What is in a column, whatever the database makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `UUID`: sixteen bytes on SQLite.
    Uuid,
    /// `TIMESTAMPTZ`, which the program sets: RFC 3339 on SQLite.
    Time,
    /// `INSTANT`, by the database's clock: milliseconds since 1970 on SQLite.
    Instant,
    /// `JSONB`: its text on SQLite.
    Json,
    /// `SMALLINT`, `INTEGER`, `BIGINT`.
    Integer,
    /// `BOOLEAN`.
    Boolean,
    /// `TEXT`.
    Text,
    /// `BYTEA`.
    Bytes,
}

impl Kind {
    /// The kind that the migrations call so.
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "UUID" => Self::Uuid,
            "TIMESTAMPTZ" => Self::Time,
            "INSTANT" => Self::Instant,
            "JSONB" => Self::Json,
            "SMALLINT" | "INTEGER" | "BIGINT" => Self::Integer,
            "BOOLEAN" => Self::Boolean,
            "TEXT" => Self::Text,
            "BYTEA" => Self::Bytes,
            _ => return None,
        })
    }
}

impl Shape {
    /// The schema after so many of the program's migrations.
    ///
    /// # Errors
    /// When a migration uses a type that is not known here, which a test would have seen.
    pub async fn after(migrations: usize) -> Result<Self, StoreError> {
        let pool = SqlitePoolOptions::new()
            // Each connection to memory would have a database of its own, which goes with it.
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect("sqlite::memory:")
            .await?;
        let database = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
        let made = async {
            migration::blueprint(&database).await?;
            Migrator::up(&database, Some(u32::try_from(migrations).unwrap_or(u32::MAX))).await?;
            Self::read(&database).await
        };
        let made = made.await;
        if let Err(error) = database.close().await {
            tracing::debug!(%error, "a database in memory did not close cleanly");
        }
        made
    }

    /// The table of that name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// Holds the database at hand to it: says which of its tables are none of ours, and refuses one that lacks a column
    /// or has one too many, which nobody would read.
    ///
    /// # Errors
    /// [`StoreError::Schema`], or when the database does not answer.
    pub(in crate::store) async fn strangers(
        &self,
        database: &impl ConnectionTrait,
    ) -> Result<Vec<String>, StoreError> {
        let mut there = catalog(database).await?;
        for table in &self.tables {
            let columns = there.remove(&table.name).unwrap_or_default();
            let ours: BTreeSet<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            let theirs: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
            if let Some(column) = ours.symmetric_difference(&theirs).next() {
                let how = if ours.contains(column) { "lacks" } else { "has a strange" };
                return Err(StoreError::Schema(format!("the table {} {how} column {column}", table.name)));
            }
        }
        Ok(there.into_keys().collect())
    }

    async fn read(blueprint: &impl ConnectionTrait) -> Result<Self, StoreError> {
        let statement = Statement::from_string(DbBackend::Sqlite, ON_SQLITE);
        let mut tables: Vec<Table> = Vec::new();
        for row in blueprint.query_all_raw(statement).await? {
            let (table, name): (String, String) =
                (row.try_get("", "table_name")?, row.try_get("", "column_name")?);
            let kind: String = row.try_get("", "kind")?;
            let kind = Kind::parse(&kind).ok_or_else(|| {
                StoreError::Schema(format!("{table}.{name} is of the type {kind}, which backups do not know"))
            })?;
            let column = Column { name, kind };
            match tables.last_mut().filter(|last| last.name == table) {
                Some(last) => last.columns.push(column),
                None => tables.push(Table { name: table, columns: vec![column] }),
            }
        }
        Ok(Self { tables })
    }
}

/// Which rows of a table are somebody's, where the program puts some there by itself: its schedules, and the tasks that come
/// due by them.
fn somebodys(table: &str) -> String {
    let by_the_clock = format!("'{}', '{}'", HealthTask::KIND, CleanupTask::KIND);
    match table {
        "queue_schedules" => "false".to_owned(),
        "queue_tasks" => format!("kind NOT IN ({by_the_clock})"),
        "queue_attempts" => {
            format!("task_id NOT IN (SELECT id FROM queue_tasks WHERE kind IN ({by_the_clock}))")
        }
        _ => "true".to_owned(),
    }
}

/// Which of our tables hold rows that are somebody's, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn filled(db: &impl Access) -> Result<Vec<String>, StoreError> {
    let shape = Shape::after(usize::MAX).await?;
    let reads = db.reads();
    let there = catalog(&reads).await?;
    let mut filled = Vec::new();
    for table in shape.tables.into_iter().filter(|table| there.contains_key(&table.name)) {
        let which = somebodys(&table.name);
        let statement = format!("SELECT 1 AS found FROM \"{}\" WHERE {which} LIMIT 1", table.name);
        let statement = Statement::from_string(reads.get_database_backend(), statement);
        if reads.query_one_raw(statement).await?.is_some() {
            filled.push(table.name);
        }
    }
    Ok(filled)
}

/// The tables that there are, each with its columns.
async fn catalog(database: &impl ConnectionTrait) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
    let backend = database.get_database_backend();
    let sql = if backend == DbBackend::Postgres { ON_POSTGRES } else { ON_SQLITE };
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in database.query_all_raw(Statement::from_string(backend, sql)).await? {
        let found = || {
            Ok::<(String, String), DbErr>((row.try_get("", "table_name")?, row.try_get("", "column_name")?))
        };
        let (table, column) = found()?;
        tables.entry(table).or_default().push(column);
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::store::migrate;
    use crate::store::shape::{Column, Kind, Shape};

    #[tokio::test]
    async fn the_migrations_say_what_is_in_every_column() {
        let all = Shape::after(migrate::names().len()).await.unwrap();
        let kind = |table: &str, name: &str| {
            let columns = &all.table(table).unwrap().columns;
            columns.iter().find(|column| column.name == name).unwrap().kind
        };
        assert_eq!(kind("users", "id"), Kind::Uuid);
        assert_eq!(kind("users", "is_active"), Kind::Boolean);
        assert_eq!(kind("users", "created_at"), Kind::Time);
        assert_eq!(kind("jobs", "result"), Kind::Json);
        assert_eq!(kind("jobs", "progress_percent"), Kind::Integer);
        assert_eq!(kind("queue_tasks", "run_at"), Kind::Instant);
        // Added by a later migration, with a default that is computed on PostgreSQL.
        assert_eq!(kind("queue_tasks", "line_at"), Kind::Instant);
        assert!(all.table("seaql_migrations").is_none());

        let first = Shape::after(1).await.unwrap();
        let names: Vec<&str> = first.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["refresh_tokens", "users"]);
    }

    /// What else refers to bytes in the file store has to be copied as well, and `backup` knows of one column.
    #[tokio::test]
    async fn one_column_alone_leads_to_the_bytes_of_files() {
        let all = Shape::after(usize::MAX).await.unwrap();
        let leads = |column: &Column| column.name.ends_with("_path") || column.name.ends_with("_blob");
        let paths: Vec<String> = all
            .tables
            .iter()
            .flat_map(|table| {
                table
                    .columns
                    .iter()
                    .filter(|column| leads(column))
                    .map(|column| format!("{}.{}", table.name, column.name))
            })
            .collect();
        assert_eq!(paths, ["files.file_path"]);
    }
}
