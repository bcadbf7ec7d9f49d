//! What parent and child say to each other: orders as an argument, an answer on the pipe.

use serde::{Deserialize, Serialize};

use crate::domain::source::SourceText;
use crate::engine::read::{Limits, Purpose, ReadError};

/// The hidden subcommand under which the program reads one document.
pub(crate) const SUBCOMMAND: &str = "read-document";

/// What the child is to do and how much it may use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Orders {
    /// A file name that keeps the extension and nothing else: arguments can be seen by other users of the
    /// machine, and file names tell whose resume it is.
    pub(crate) filename: String,
    /// What the document is read for.
    pub(crate) purpose: Purpose,
    pub(crate) limits: Limits,
    /// Bytes of address space.
    pub(crate) memory_bytes: u64,
    /// Seconds of processor time.
    pub(crate) cpu_seconds: u64,
}

/// The child's only output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// What was read.
    Read(Box<SourceText>),
    /// Why it could not be read.
    Refused(ReadError),
}
