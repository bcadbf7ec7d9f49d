//! resume-optimizer: a resume and a posting in, a tailored resume out, nothing invented.
//!
//! The rooms in reading order; `ARCHITECTURE.md` is the map, `tests/house.rs` keeps it true.

pub mod domain;
pub mod config;
pub mod shutdown;
pub mod telemetry;
pub mod engine;
pub mod store;
pub mod cache;
pub mod blobs;
pub mod queue;
pub mod intake;
pub mod sandbox;
pub mod pipeline;
pub mod app;
pub mod backup;
pub mod service;
pub mod worker;
pub mod http;
pub mod cli;
