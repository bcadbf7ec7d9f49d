//! A correction: what the owner of a file says that their resume says, where it was read otherwise.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::reading::Reading;
use crate::domain::report::{Finding, ReaderView};
use crate::domain::resume::Resume;

/// A whole resume in its owner's words; it takes the place of what was read of the file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Correction {
    /// The resume as its owner has it.
    pub resume: Resume,
    /// When it was given.
    pub corrected_at: DateTime<Utc>,
}

/// What jobs use of an uploaded file, and what reading it gave.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FileResume {
    /// The resume that jobs use: the corrected one where there is one, else what was read with where it stood.
    pub resume: Reading,
    /// What was read of the file; there when it was corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<Reading>,
    /// When its owner corrected it; null when nobody did.
    pub corrected_at: Option<DateTime<Utc>>,
    /// What an applicant tracking system would trip over in the file, and what it would not.
    pub readability: Vec<Finding>,
    /// What simple readers get from the file, and which fields of what was read they lose.
    pub readers: Vec<ReaderView>,
    /// What could not be read or had to be guessed, each a sentence for the person.
    pub notes: Vec<String>,
}
