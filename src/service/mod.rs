//! What a person can ask for: one function, one use case, one transaction.
//!
//! Each function takes the shared [`crate::app::App`] and the owner first, and answers with domain values or
//! with a [`ServiceError`] that says who can act on it. Nothing here knows of HTTP: `http` translates.

pub mod error;
pub mod listing;
mod cached;
pub mod auth;
pub mod account;
pub mod audit;
pub mod export;
pub mod operator;
pub mod rates;
pub mod files;
pub mod corrections;
pub mod advert;
pub mod jobs;
pub mod analysis;
pub mod health;

pub use error::{FieldError, ServiceError};
