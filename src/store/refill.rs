//! Another content for the database, in one transaction: until it is committed nobody sees anything of it, and whoever
//! is killed meanwhile leaves the database as it was.

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};
use serde_json::{Map, json};

use crate::store::cells::Row;
use crate::store::shape::{Column, Kind, Shape, Table, filled};
use crate::store::{Backend, Db, StoreError, Tx, migrate};

/// Values in one statement of SQLite, which takes 32,766.
const VALUES: usize = 30_000;
/// Rows in one statement of SQLite: more make none faster.
const ROWS: usize = 500;

/// Foreign keys of PostgreSQL: `owner` is the table, `name` the constraint, `definition` what makes it again.
const CONSTRAINTS: &str = "
    SELECT quote_ident(owner.relname) AS owner, quote_ident(rule.conname) AS name,
        pg_get_constraintdef(rule.oid) AS definition, owner.relname::text AS table_name
    FROM pg_constraint AS rule JOIN pg_class AS owner ON owner.oid = rule.conrelid
    WHERE rule.contype = 'f' AND owner.relnamespace = current_schema()::regnamespace
    ORDER BY owner.relname, rule.conname";

/// A foreign key that is put back when all rows are there.
#[derive(Debug)]
struct Constraint {
    owner: String,
    name: String,
    definition: String,
    table: String,
}

/// A database that is being filled.
#[derive(Debug)]
pub struct Refill {
    tx: Tx,
    constraints: Vec<Constraint>,
}

/// A database that is filled and not yet committed.
#[derive(Debug)]
pub struct Filled {
    /// What is to be committed.
    pub tx: Tx,
    /// Migrations that were applied after the rows were there.
    pub migrated: usize,
}

impl Refill {
    /// Begins, and changes nothing yet.
    ///
    /// # Errors
    /// When the database does not answer, or somebody else holds it.
    pub async fn begin(db: &Db) -> Result<Self, StoreError> {
        Ok(Self { tx: migrate::begin(db).await?, constraints: Vec::new() })
    }

    /// Which of our tables hold rows that are somebody's, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn filled(&self) -> Result<Vec<String>, StoreError> {
        filled(&self.tx).await
    }

    /// Deletes everything of ours and makes the tables of that shape, the one after so many migrations.
    ///
    /// # Errors
    /// When the database does not answer, was migrated by a newer version, or somebody else holds it.
    pub async fn clear(self, migrations: usize, shape: &Shape) -> Result<Self, StoreError> {
        let Self { tx, .. } = self;
        migrate::applied(tx.inner()).await?;
        Migrator::down(tx.inner(), None).await?;
        Migrator::up(tx.inner(), Some(u32::try_from(migrations).unwrap_or(u32::MAX))).await?;
        for table in &shape.tables {
            // What a migration put in is in the backup as well.
            tx.inner().execute_unprepared(&format!("DELETE FROM \"{}\"", table.name)).await?;
        }
        // Tables refer to each other in rings, so that there is no order in which each row would find what it refers to.
        let constraints = match tx.backend() {
            Backend::Sqlite => {
                tx.inner().execute_unprepared("PRAGMA defer_foreign_keys = ON").await?;
                Vec::new()
            }
            Backend::Postgres => take_constraints(&tx, shape).await?,
        };
        Ok(Self { tx, constraints })
    }

    /// Puts rows into the table.
    ///
    /// # Errors
    /// When the database does not answer, or refuses one of them.
    pub async fn insert(&self, table: &Table, rows: Vec<Row>) -> Result<(), StoreError> {
        if self.tx.backend() == Backend::Postgres {
            return self.insert_postgres(table, rows).await;
        }
        let at_once = (VALUES / table.columns.len().max(1)).clamp(1, ROWS);
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let rows: Vec<Row> = rows.by_ref().take(at_once).collect();
            let places = format!("({})", vec!["?"; table.columns.len()].join(", "));
            let sql = format!(
                "INSERT INTO \"{}\" ({}) VALUES {}",
                table.name,
                names(table),
                vec![places; rows.len()].join(", ")
            );
            let values: Vec<Value> = rows
                .into_iter()
                .flat_map(|row| {
                    row.cells
                        .into_iter()
                        .zip(&table.columns)
                        .map(|(cell, column)| cell.for_sqlite(column.kind))
                })
                .collect();
            let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
            self.tx.inner().execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Every value goes as a text, which PostgreSQL reads by the type of its column: exactly as it wrote it.
    async fn insert_postgres(&self, table: &Table, rows: Vec<Row>) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let of = |column: &Column| match column.kind {
            Kind::Uuid => "::uuid",
            Kind::Time | Kind::Instant => "::timestamptz",
            Kind::Json => "::jsonb",
            Kind::Integer => "::bigint",
            Kind::Boolean => "::boolean",
            Kind::Text => "",
            Kind::Bytes => "::bytea",
        };
        let casts: Vec<String> =
            table.columns.iter().map(|column| format!("\"{}\"{}", column.name, of(column))).collect();
        let texts: Vec<String> =
            table.columns.iter().map(|column| format!("\"{}\" text", column.name)).collect();
        let sql = format!(
            "INSERT INTO \"{}\" ({}) SELECT {} FROM json_to_recordset($1::text::json) AS rows ({})",
            table.name,
            names(table),
            casts.join(", "),
            texts.join(", ")
        );
        let rows: Vec<serde_json::Value> = rows
            .into_iter()
            .map(|row| {
                let members = row.cells.into_iter().zip(&table.columns);
                members
                    .map(|(cell, column)| (column.name.clone(), json!(cell.for_postgres())))
                    .collect::<Map<_, _>>()
                    .into()
            })
            .collect();
        let rows = serde_json::Value::Array(rows).to_string();
        self.tx
            .inner()
            .execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [rows.into()]))
            .await?;
        Ok(())
    }

    /// Sees to it that all rows find what they refer to, and brings the schema up to the program's.
    ///
    /// # Errors
    /// [`StoreError::Torn`] when one does not; or when the database does not answer.
    pub async fn finish(self) -> Result<Filled, StoreError> {
        let tx = self.tx;
        for rule in self.constraints {
            let Constraint { owner, name, definition, table } = rule;
            let sql = format!("ALTER TABLE {owner} ADD CONSTRAINT {name} {definition}");
            match tx.inner().execute_unprepared(&sql).await.map_err(StoreError::from) {
                Ok(_) => {}
                Err(StoreError::Orphan) => return Err(StoreError::Torn(table)),
                Err(error) => return Err(error),
            }
        }
        if tx.backend() == Backend::Sqlite {
            let torn = "SELECT \"table\" AS torn FROM pragma_foreign_key_check LIMIT 1";
            let torn = tx.inner().query_one_raw(Statement::from_string(DbBackend::Sqlite, torn)).await?;
            if let Some(row) = torn {
                return Err(StoreError::Torn(row.try_get("", "torn")?));
            }
            tx.inner().execute_unprepared("PRAGMA defer_foreign_keys = OFF").await?;
        }
        let pending = Migrator::get_pending_migrations(tx.inner()).await?.len();
        Migrator::up(tx.inner(), None).await?;
        Ok(Filled { tx, migrated: pending })
    }
}

/// Takes the foreign keys of these tables off.
async fn take_constraints(tx: &Tx, shape: &Shape) -> Result<Vec<Constraint>, StoreError> {
    let rows = tx.inner().query_all_raw(Statement::from_string(DbBackend::Postgres, CONSTRAINTS)).await?;
    let mut taken = Vec::new();
    for row in rows {
        let table: String = row.try_get("", "table_name")?;
        if shape.table(&table).is_none() {
            continue;
        }
        let rule = Constraint {
            owner: row.try_get("", "owner")?,
            name: row.try_get("", "name")?,
            definition: row.try_get("", "definition")?,
            table,
        };
        let sql = format!("ALTER TABLE {} DROP CONSTRAINT {}", rule.owner, rule.name);
        tx.inner().execute_unprepared(&sql).await?;
        taken.push(rule);
    }
    Ok(taken)
}

fn names(table: &Table) -> String {
    table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ")
}
