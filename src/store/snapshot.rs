//! The whole database as it is at one moment, read row by row.

use futures_util::{Stream, StreamExt as _};
use sea_orm::{
    AccessMode, ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, Statement, StreamTrait as _, TransactionOptions, TransactionTrait as _,
};

use crate::store::shape::{Shape, Table};
use crate::store::{Backend, Db, StoreError, migrate};

/// One moment of the database; whatever others write meanwhile is not in it, and they do not wait for it.
#[derive(Debug)]
pub struct Snapshot {
    tx: DatabaseTransaction,
    backend: Backend,
    /// The migrations that are applied, oldest first.
    pub migrations: Vec<String>,
    /// The tables that those made.
    pub shape: Shape,
    /// Tables that are none of ours.
    pub strangers: Vec<String>,
}

impl Snapshot {
    /// The present moment. On PostgreSQL it keeps a connection, on SQLite one of the readers, until its end.
    ///
    /// # Errors
    /// When the database does not answer, was migrated by a newer version, or is not as its migrations made it.
    pub async fn begin(db: &Db) -> Result<Self, StoreError> {
        let options = match db.backend() {
            Backend::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                sqlite_transaction_mode: None,
            },
            // With the log beside the file, a transaction that reads keeps seeing what it saw first.
            Backend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            },
        };
        let tx = db.reader().begin_with_options(options).await?;
        if db.backend() == Backend::Postgres {
            // A large table takes longer than a request's statement may.
            tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        }
        let migrations = migrate::applied(&tx).await?;
        let shape = Shape::after(migrations.len()).await?;
        let strangers = shape.strangers(&tx).await?;
        Ok(Self { tx, backend: db.backend(), migrations, shape, strangers })
    }

    /// The rows of this table, each as one line of JSON without its end; they come as they are taken.
    ///
    /// # Errors
    /// When the database does not answer, or holds a value that is not what its column is for.
    pub async fn lines<'a>(
        &'a self,
        table: &'a Table,
    ) -> Result<impl Stream<Item = Result<String, StoreError>> + Send + 'a, StoreError> {
        let backend = match self.backend {
            Backend::Postgres => DbBackend::Postgres,
            Backend::Sqlite => DbBackend::Sqlite,
        };
        let statement = Statement::from_string(backend, table.selection(self.backend));
        let rows = self.tx.stream_raw(statement).await?;
        let backend = self.backend;
        Ok(rows.map(move |row: Result<_, DbErr>| table.line(&row?, backend)))
    }

    /// Lets go of the moment.
    ///
    /// # Errors
    /// When the connection broke, which lets go of it as well.
    pub async fn end(self) -> Result<(), StoreError> {
        Ok(self.tx.rollback().await?)
    }
}
