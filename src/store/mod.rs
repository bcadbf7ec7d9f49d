//! The database: one file a table, every query, the owner always first.
//!
//! Someone else's row is "not found". Functions take [`Access`], which is a [`Db`] or an open [`Tx`]; reads of a
//! `Db` on SQLite go to readers that never wait for the one writer. Times are the program's, in UTC and in whole
//! microseconds, so that what was written compares equal to what is read back. Imports domain and config.

pub mod api_keys;
pub mod audit;
pub mod cells;
pub mod corrections;
pub mod db;
pub mod error;
pub mod files;
pub mod health;
pub mod idempotency;
pub mod job_events;
pub mod job_starts;
pub mod jobs;
pub mod migrate;
pub mod page;
pub mod presence;
pub mod refill;
pub mod refresh_tokens;
pub mod shape;
pub mod snapshot;
mod slow;
pub mod throttles;
pub mod users;

pub use crate::store::cells::Row;
pub use crate::store::db::{Access, Backend, Db, Tx};
pub use crate::store::error::StoreError;
pub use crate::store::page::{Cursor, Page, PageRequest};

use chrono::{DateTime, SubsecRound as _, Utc};

/// The present moment as the database keeps it: in whole microseconds.
#[must_use]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
