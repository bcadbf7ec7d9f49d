//! Everything that runs the real program, in one binary: one build, one PostgreSQL, one Redis.
//!
//! `support` starts private servers and the program itself; the other files are subjects, their tests
//! sentences. A service test is written once with `on_both!` and runs on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic; that is how it reports"
)]

#[macro_use]
mod support;

mod accounts;
mod backup;
mod browser;
mod cache;
mod command_line;
mod configuration;
mod corrections;
mod correction_pages;
mod crowds;
mod deployment;
mod edge;
mod formats;
mod hostile;
mod inward;
mod job_changes;
mod job_input;
mod jobs;
mod monitoring;
mod operations;
mod postings;
mod privacy;
mod queue;
mod queue_command;
mod queue_locks;
mod queue_model;
mod queue_poison;
mod queue_rules;
mod queue_schedules;
mod queue_storm;
mod queue_work;
mod readers;
mod retention;
mod roles;
mod rolling;
mod security;
mod storage;
mod traces;
mod upgrade;
mod user_command;
