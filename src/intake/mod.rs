//! A posting by its address: guarded fetch, then the page as text.

use bytes::Bytes;

use crate::config;

/// Placeholder until the room is moved in.
#[derive(Debug, Clone)]
pub struct Intake;

/// A page.
#[derive(Debug)]
pub struct Fetched {
    /// Final address.
    pub url: String,
    /// Name.
    pub filename: String,
    /// Bytes.
    pub bytes: Bytes,
}

/// Error.
#[derive(Debug, thiserror::Error)]
#[error("not yet")]
pub struct IntakeError;

impl IntakeError {
    /// Code.
    pub fn code(&self) -> &'static str {
        "x"
    }
    /// Transient.
    pub fn is_transient(&self) -> bool {
        false
    }
}

impl Intake {
    /// New.
    pub fn new(_: &config::Intake) -> Result<Self, IntakeError> {
        Ok(Self)
    }
    /// Fetch.
    pub async fn fetch(&self, _: &str) -> Result<Fetched, IntakeError> {
        Err(IntakeError)
    }
}
