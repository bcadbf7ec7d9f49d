//! Why there is no outcome, as a sentence for the person and a name for programs.

use std::io;
use std::sync::Arc;

use crate::engine::optimize::OptimizeError;
use crate::engine::understand::posting::PostingError;
use crate::intake::IntakeError;
use crate::sandbox::SandboxError;

/// Why the pipeline yielded nothing.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The resume's document was not read.
    #[error(transparent)]
    Resume(SandboxError),
    /// The posting's document was not read.
    #[error("The posting was not read. {0}")]
    PostingDocument(SandboxError),
    /// The posting's page was not fetched.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// What was given as a posting is none.
    #[error(transparent)]
    Posting(#[from] PostingError),
    /// The engine refused the order, or a document could not be written.
    #[error(transparent)]
    Optimize(#[from] OptimizeError),
    /// This program does not know where its file is, and so cannot start readers.
    #[error("This program cannot find its own file to start readers with: {0}; start it by its full path.")]
    Program(io::Error),
    /// A defect of this program; what it says may quote the document, so it is not repeated.
    #[error(
        "Something broke in this program while it worked on the resume; nothing is wrong with your input."
    )]
    Broken,
    /// What went wrong for all who waited for the same thing.
    #[error(transparent)]
    Shared(Arc<Self>),
}

impl PipelineError {
    /// The error itself, also where several waited for the same thing.
    #[must_use]
    pub fn root(&self) -> &Self {
        match self {
            Self::Shared(shared) => shared.root(),
            own => own,
        }
    }

    /// The stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Resume(error) => error.code(),
            Self::PostingDocument(SandboxError::Io(_)) | Self::Program(_) | Self::Broken => "internal_error",
            Self::PostingDocument(_) => "posting_unreadable",
            Self::Intake(error) => error.code(),
            Self::Posting(error) => error.code(),
            Self::Optimize(error) => error.code(),
            Self::Shared(shared) => shared.code(),
        }
    }

    /// Whether the same order may succeed later. A document was read once when it was uploaded, so that a reader
    /// which breaks off on it later was short of time or memory.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Shared(shared) => shared.is_transient(),
            Self::Resume(error) | Self::PostingDocument(error) => !matches!(error, SandboxError::Read(_)),
            Self::Intake(error) => error.is_transient(),
            Self::Posting(_) | Self::Optimize(_) | Self::Program(_) => false,
            Self::Broken => true,
        }
    }

    /// Whether it is this program that failed, not the input.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.code() == "internal_error"
    }
}
