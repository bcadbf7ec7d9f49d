//! A job: one optimization that a user asked for, as the user sees it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::{FileId, JobId, UserId};

/// One optimization.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Job {
    /// Its identifier.
    pub id: JobId,
    /// Who asked for it.
    pub user_id: UserId,
    /// The uploaded resume; `None` once its owner deleted the file.
    pub file_id: Option<FileId>,
    /// Where the posting is, when it was given as an address.
    pub job_url: Option<String>,
    /// The posting's text, when it was given as text.
    pub posting_text: Option<String>,
    /// The company, as given or as the posting says.
    pub company_name: Option<String>,
    /// The position, as given or as the posting says.
    pub job_title: Option<String>,
    /// How the person wants it done.
    pub options: JobOptions,
    /// How far it is.
    pub status: JobStatus,
    /// The last progress that was reported.
    pub progress: Progress,
    /// Why it failed, as a sentence for the person.
    pub error_message: Option<String>,
    /// How often it was started.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When its row last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was completed, failed or cancelled.
    pub completed_at: Option<DateTime<Utc>>,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Waits for a worker, for the first time or again.
    Queued,
    /// A worker is at it.
    Running,
    /// The result is there.
    Completed,
    /// It ended without a result; `error_message` says why.
    Failed,
    /// Its owner called it off.
    Cancelled,
}

impl JobStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Completed, Self::Failed, Self::Cancelled];

    /// The name in the database and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether nothing more will happen by itself.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// How far a job is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// 0 to 100, never falling within an attempt.
    pub percent: u8,
    /// What is being done, for the person.
    pub message: String,
}

/// How the person wants a job done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct JobOptions {
    /// Name of the document template; the default one when absent.
    pub template: Option<String>,
    /// Documents wanted; PDF, DOCX and Markdown when absent.
    pub formats: Option<Vec<DocumentFormat>>,
    /// Who writes the edits: `rules`.
    pub engine: Option<String>,
}

/// Formats of a tailored resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentFormat {
    /// Portable Document Format.
    Pdf,
    /// Office Open XML text document.
    Docx,
    /// CommonMark.
    Md,
    /// Plain text.
    Txt,
    /// One HTML page.
    Html,
    /// JSON Resume.
    Json,
}

impl DocumentFormat {
    /// Every format, in the order that they are offered.
    pub const ALL: [Self; 6] = [Self::Pdf, Self::Docx, Self::Md, Self::Txt, Self::Html, Self::Json];
    /// What is made when nothing else is asked for: one to send, one to edit, one to paste.
    pub const USUAL: [Self; 3] = [Self::Pdf, Self::Docx, Self::Md];

    /// The file extension, which is also the name in the API.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Md => "md",
            Self::Txt => "txt",
            Self::Html => "html",
            Self::Json => "json",
        }
    }

    /// The media type.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Md => "text/markdown; charset=utf-8",
            Self::Txt => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == name)
    }
}
