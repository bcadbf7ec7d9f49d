//! The words of the product: plain values that every room shares, with no behaviour that needs the outside.
//!
//! Imports nothing of ours. No I/O, no clock, no async. A word means here what the glossary in
//! `ARCHITECTURE.md` says it means, everywhere.

pub mod api_key;
pub mod audit;
pub mod correction;
pub mod file;
pub mod hash;
pub mod id;
pub mod job;
pub mod outcome;
pub mod partial_date;
pub mod posting;
pub mod reading;
pub mod report;
pub mod resume;
pub mod resume_fields;
pub mod source;
pub mod tailoring;
pub mod task;
pub mod user;
