//! Why a use case was refused, sorted by who can act on it; status codes are none of its business.

use std::error::Error;

use crate::blobs::BlobError;
use crate::engine::optimize::OptimizeError;
use crate::engine::render::RenderError;
use crate::pipeline::PipelineError;
use crate::queue::QueueError;
use crate::store::StoreError;

/// One field of the input and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in the API.
    pub field: String,
    /// A sentence with the limit and what was sent.
    pub message: String,
}

impl FieldError {
    /// Names a field and what is wrong with it.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Why a use case was refused.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// It does not exist, or it is somebody else's: the two must not be told apart.
    #[error("There is no such {what}.")]
    NotFound {
        /// What was looked for, in the words of the contract: `job`, `file`, …
        what: &'static str,
    },
    /// It cannot be done in the state that things are in.
    #[error("{detail}")]
    Conflict {
        /// Stable name of the reason.
        code: &'static str,
        /// A sentence for the person.
        detail: String,
    },
    /// It is no longer as whoever asks saw it.
    #[error("{detail}")]
    Changed {
        /// Stable name of the reason.
        code: &'static str,
        /// A sentence for the person.
        detail: String,
    },
    /// The input breaks a rule; each field is named.
    #[error("{detail}")]
    Invalid {
        /// Stable name of the reason.
        code: &'static str,
        /// A sentence for the person.
        detail: String,
        /// What is wrong, field by field; empty when no single field is to blame.
        fields: Vec<FieldError>,
    },
    /// Whoever asks has not shown who they are.
    #[error("{detail}")]
    Unauthorized {
        /// Stable name of the reason.
        code: &'static str,
        /// A sentence for the person.
        detail: &'static str,
    },
    /// More bytes than the limit.
    #[error("{detail}")]
    TooLarge {
        /// A sentence with the limit.
        detail: String,
    },
    /// A kind of file that cannot be read.
    #[error("{detail}")]
    Unsupported {
        /// A sentence naming what was sent and what is taken.
        detail: String,
    },
    /// The right kind of file, but nothing can be read from it.
    #[error("{detail}")]
    Unreadable {
        /// The reader's sentence.
        detail: String,
    },
    /// The account's plan does not allow more.
    #[error("{detail}")]
    QuotaExceeded {
        /// A sentence with the limit, what is used, and when there is room again.
        detail: String,
        /// Seconds until there is room again, where that is known.
        seconds: Option<u64>,
    },
    /// Too many wrong passwords for this address.
    #[error("Too many attempts to sign in with this address; try again in {seconds} s.")]
    TooSoon {
        /// Seconds to wait.
        seconds: u64,
    },
    /// Whoever asks has shown who they are, and may not do this.
    #[error("{detail}")]
    Forbidden {
        /// Stable name of the reason.
        code: &'static str,
        /// A sentence for the person.
        detail: &'static str,
    },
    /// Something that is needed is down or busy; asking again later may help.
    #[error("{detail}")]
    Unavailable {
        /// A sentence for the person.
        detail: String,
        /// What the operator needs to know.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// A defect or a broken part: only the operator can act. The person sees no more than that.
    #[error("{0}")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl ServiceError {
    /// Input that breaks rules, field by field.
    #[must_use]
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let detail = match fields.as_slice() {
            [only] => only.message.clone(),
            _ => "Some fields need another look; each is named below.".to_owned(),
        };
        Self::Invalid { code: "invalid_request", detail, fields }
    }

    /// Input that breaks one rule of one field.
    pub fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(field, message)])
    }

    /// A defect or a broken part.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// More than the account's plan allows, until something of it is given up.
    pub fn quota(detail: impl Into<String>) -> Self {
        Self::QuotaExceeded { detail: detail.into(), seconds: None }
    }

    /// The stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::Conflict { code, .. }
            | Self::Changed { code, .. }
            | Self::Invalid { code, .. }
            | Self::Unauthorized { code, .. }
            | Self::Forbidden { code, .. } => code,
            Self::TooSoon { .. } => "too_many_attempts",
            Self::TooLarge { .. } => "file_too_large",
            Self::Unsupported { .. } => "unsupported_file_type",
            Self::Unreadable { .. } => "unreadable_file",
            Self::QuotaExceeded { .. } => "quota_exceeded",
            Self::Unavailable { .. } => "unavailable",
            Self::Internal(_) => "internal_error",
        }
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::EmailTaken => Self::Conflict { code: "email_taken", detail: error.to_string() },
            StoreError::Orphan => Self::Conflict { code: "gone", detail: error.to_string() },
            error if error.is_transient() => Self::Unavailable {
                detail: "The service is busy; try again in a few seconds.".to_owned(),
                source: Some(error.into()),
            },
            error => Self::internal(error),
        }
    }
}

impl From<BlobError> for ServiceError {
    fn from(error: BlobError) -> Self {
        if matches!(error, BlobError::Locked { .. } | BlobError::Newer) {
            tracing::error!(exception = %error, "a stored file cannot be opened");
            return Self::Unavailable {
                detail: "This file cannot be opened now; it is not lost, but whoever runs this service has to mend \
                         something first."
                    .to_owned(),
                source: None,
            };
        }
        if error.is_transient() {
            return Self::Unavailable {
                detail: "The file store does not answer; try again in a few seconds.".to_owned(),
                source: Some(error.into()),
            };
        }
        match error {
            BlobError::Missing | BlobError::Damaged => {
                tracing::error!(exception = %error, "the bytes of a file are not what they were");
                Self::Conflict { code: "file_damaged", detail: error.to_string() }
            }
            error => Self::internal(error),
        }
    }
}

impl From<QueueError> for ServiceError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Store(error) => error.into(),
            error => Self::internal(error),
        }
    }
}

impl From<PipelineError> for ServiceError {
    fn from(error: PipelineError) -> Self {
        if error.is_internal() {
            return Self::internal(error);
        }
        let (code, detail) = (error.code(), error.to_string());
        let field = match error.root() {
            PipelineError::Resume(_) => {
                return match code {
                    "file_too_large" => Self::TooLarge { detail },
                    "unsupported_file_type" => Self::Unsupported { detail },
                    _ => Self::Unreadable { detail },
                };
            }
            PipelineError::PostingDocument(_) | PipelineError::Posting(_) => "posting_text",
            PipelineError::Intake(_) => "job_url",
            PipelineError::Optimize(OptimizeError::Render(RenderError::UnknownTemplate { .. })) => {
                "options.template"
            }
            PipelineError::Optimize(OptimizeError::Render(
                RenderError::TooLong { .. } | RenderError::TooManyPages { .. },
            )) => return Self::Invalid { code, detail, fields: Vec::new() },
            PipelineError::Optimize(OptimizeError::UnknownEdit { .. }) => "decisions",
            PipelineError::Optimize(
                OptimizeError::TooManyFacts { .. }
                | OptimizeError::FactLength { .. }
                | OptimizeError::FactWording { .. }
                | OptimizeError::FactItem { .. },
            ) => "confirmed_facts",
            _ => return Self::internal(detail),
        };
        Self::Invalid { code, fields: vec![FieldError::new(field, detail.clone())], detail }
    }
}
