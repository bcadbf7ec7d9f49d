//! What can go wrong with the database, by who can act on it.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another account has this address, in whatever case.
    #[error("This e-mail address already has an account; sign in, or use another address.")]
    EmailTaken,
    /// A row with these identifying values is there already.
    #[error("The same entry is there already.")]
    Duplicate,
    /// The row that this one belongs to is not there any more.
    #[error("What this belongs to has been deleted meanwhile.")]
    Orphan,
    /// No connection was free in time, or the database is down or locked.
    #[error("The database did not answer ({0}); check that it is running and that database.url is right.")]
    Unavailable(String),
    /// Somebody else kept what this is about locked for longer than it waits.
    #[error("Somebody else keeps what this changes locked ({0}); try again when they are done with it.")]
    Busy(String),
    /// There is no room left where the database keeps its files.
    #[error("The database has no room left ({0}); free some on its disk.")]
    Full(String),
    /// The address of the database can't be used.
    #[error("database.url is not usable: {0}.")]
    Address(String),
    /// The folder of the SQLite database can't be made.
    #[error(
        "The folder {folder} for the database can't be made: {source}; set data_dir to a folder that can be written."
    )]
    Folder {
        /// The folder.
        folder: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file of the SQLite database can't be made, or not looked at.
    #[error(
        "The database file {file} can't be used: {source}; run this as the user that the service runs as, and see that \
         database.url and data_dir are those of the service."
    )]
    File {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A stored value that this program can't read: it was written by hand or by a newer version.
    #[error(
        "The database holds a value in {0} that this version does not know; was it written by a newer version?"
    )]
    Unreadable(&'static str),
    /// A stored value, named by its table and column, that is not of the kind that its column is for.
    #[error(
        "The database holds a value in {0} that is not what the column is for; mend or delete it by hand."
    )]
    Odd(String),
    /// The tables are not those that the migrations make.
    #[error("The database is not as its migrations made it: {0}; undo what was changed by hand.")]
    Schema(String),
    /// A line that is no row of its table.
    #[error("A line of {table} is no row of that table: {what}.")]
    Line {
        /// The table.
        table: String,
        /// What is wrong, without what is in it.
        what: String,
    },
    /// Rows that refer to others that are not there.
    #[error("Rows of {0} refer to rows that are not there.")]
    Torn(String),
    /// A newer version migrated the database.
    #[error(
        "A newer version of the program migrated the database ({0}), which this one does not know: use that version."
    )]
    Newer(String),
    /// Anything else that the database refused.
    #[error("The database refused a statement: {0}")]
    Refused(DbErr),
}

impl StoreError {
    /// Whether the same call may succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Busy(_) | Self::Full(_))
    }

    /// Whether it is only about a row or a lock that somebody else has: other calls may succeed meanwhile.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(message)) if message.contains("email_key") => {
                return Self::EmailTaken;
            }
            Some(SqlErr::UniqueConstraintViolation(_)) => return Self::Duplicate,
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Self::Orphan,
            _ => {}
        }
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(error.to_string()),
            DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
                passing(inner).unwrap_or(Self::Refused(error))
            }
            _ => Self::Refused(error),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::from(DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }
}

/// What failed, where that was not the statement itself.
fn passing(error: &sqlx::Error) -> Option<StoreError> {
    let kind: fn(String) -> StoreError = match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => StoreError::Unavailable,
        sqlx::Error::Database(inner) => match inner.code()?.as_ref() {
            // PostgreSQL: serialization, deadlock, lock timeout.
            "40001" | "40P01" | "55P03" => StoreError::Busy,
            // PostgreSQL, SQLite.
            "53100" | "13" => StoreError::Full,
            // PostgreSQL: too many connections, statement timeout. SQLite, whose one lock is on the file: busy, and busy
            // in its variants.
            "53300" | "57014" | "5" | "261" | "517" | "773" => StoreError::Unavailable,
            // PostgreSQL: connection exceptions, shutting down.
            code if code.starts_with("08") || code.starts_with("57P") => StoreError::Unavailable,
            _ => return None,
        },
        _ => return None,
    };
    Some(kind(error.to_string()))
}
