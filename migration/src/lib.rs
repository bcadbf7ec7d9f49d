//! The one migration set, for PostgreSQL 14 and later and for SQLite.
//!
//! Each migration is written once, as SQL with PostgreSQL's type names; `dialect` renders it for the database
//! at hand. They go forward in two steps, expand then contract, because old replicas still run meanwhile.

#![expect(
    elided_lifetimes_in_paths,
    reason = "the trait of sea-orm-migration elides it, and an impl has to match"
)]

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::MigrationTrait;

pub use crate::dialect::blueprint;

mod dialect;
mod m20260101_000001_accounts;
mod m20260101_000002_jobs;
mod m20260101_000003_queue;
mod m20260101_000004_queue_lines;
mod m20260101_000005_queue_vacuum;
mod m20260101_000006_security;
mod m20260101_000007_key_use;
mod m20260101_000008_corrections;
mod m20260101_000009_queue_trace;

/// Every migration, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_accounts::Migration),
            Box::new(m20260101_000002_jobs::Migration),
            Box::new(m20260101_000003_queue::Migration),
            Box::new(m20260101_000004_queue_lines::Migration),
            Box::new(m20260101_000005_queue_vacuum::Migration),
            Box::new(m20260101_000006_security::Migration),
            Box::new(m20260101_000007_key_use::Migration),
            Box::new(m20260101_000008_corrections::Migration),
            Box::new(m20260101_000009_queue_trace::Migration),
        ]
    }
}
