//! The outcome of an optimization: the `result` of the contract, as stored, shown and printed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::posting::Posting;
use crate::domain::reading::Reading;
use crate::domain::report::{Finding, Gap, Keyword, MatchReport, ReaderView, RequirementMatch};
use crate::domain::resume::Resume;
use crate::domain::tailoring::{ConfirmedFact, Edit, Refusal};

/// Everything that an optimization yields, except the documents' bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// The three numbers, each 0 to 100, before and after.
    pub scores: Scores,
    /// The posting as understood.
    pub posting: Posting,
    /// How each requirement is met by the tailored resume.
    pub requirements: Vec<RequirementMatch>,
    /// Terms of the posting, counted on both sides.
    pub keywords: Vec<Keyword>,
    /// Readability checks of the resume as it was uploaded.
    pub readability: Vec<Finding>,
    /// Writing checks of the tailored resume.
    pub writing: Vec<Finding>,
    /// What was changed, each with its reason and evidence.
    pub edits: Vec<Edit>,
    /// What was proposed but is not supported by the source.
    pub refused: Vec<Refusal>,
    /// Questions for what the resume does not show.
    pub gaps: Vec<Gap>,
    /// Facts that the owner confirmed for this job.
    #[serde(default)]
    pub confirmed_facts: Vec<ConfirmedFact>,
    /// The tailored resume.
    pub resume: Resume,
    /// The resume as read, or as its owner corrected it, which the edits start from.
    pub source_resume: Resume,
    /// Proof that the rendered documents read back as the tailored resume.
    pub certificate: Certificate,
    /// What the scores were computed from, enough to compute them again.
    pub receipt: Receipt,
    /// Who wrote the edits.
    pub engine: EngineInfo,
    /// Milliseconds by stage: `read`, `understand`, `match`, `tailor`, `verify`, `render`, `total`.
    pub timings_ms: BTreeMap<String, u64>,
}

/// What `analyze` yields: the match report alone, nothing changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Analysis {
    /// The posting as understood.
    pub posting: Posting,
    /// How the resume meets it.
    #[serde(rename = "match")]
    pub report: MatchReport,
    /// Readability score, 0 to 100.
    pub readable: f32,
    /// Writing score, 0 to 100.
    pub writing: f32,
    /// Readability checks.
    pub readability: Vec<Finding>,
    /// What it was computed from.
    pub receipt: Receipt,
}

/// What reading a resume yields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Parsed {
    /// The resume as understood, with where each word of it stood.
    pub resume: Reading,
    /// What an applicant tracking system would trip over, and what it would not.
    pub readability: Vec<Finding>,
    /// What simple readers get from the file, and which fields of the resume they lose; empty where its words have no
    /// order to be mistaken (JSON Resume), and for a text too long to be a resume.
    #[serde(default)]
    pub readers: Vec<ReaderView>,
    /// What could not be read or had to be guessed, each a sentence for the person.
    pub notes: Vec<String>,
}

/// The three numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scores {
    /// How well machines read the document.
    pub readable: Change,
    /// How well the resume meets the posting.
    #[serde(rename = "match")]
    pub matching: MatchChange,
    /// How well the bullets are written.
    pub writing: Change,
}

/// A score before and after tailoring.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// Of the resume as uploaded.
    pub before: f32,
    /// Of the tailored resume.
    pub after: f32,
}

/// The match score with its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MatchChange {
    /// Of the resume as uploaded.
    pub before: f32,
    /// Of the tailored resume.
    pub after: f32,
    /// What the numbers are made of.
    pub parts: Vec<PartChange>,
}

/// One part of the match score, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PartChange {
    /// `must_requirements`, `nice_requirements`, `title`, …
    pub name: String,
    /// Share of the whole.
    pub weight: f32,
    /// 0 to 100.
    pub before: f32,
    /// 0 to 100.
    pub after: f32,
    /// Why it is this number.
    pub explanation: String,
}

/// What our own reader finds in the documents that we rendered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Certificate {
    /// Whether every document passed.
    pub passed: bool,
    /// One row a document that was read back.
    pub documents: Vec<ReadBack>,
}

/// One rendered document, read back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReadBack {
    /// `pdf`, `docx`, …
    pub format: String,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// Words of the tailored resume that were looked for.
    pub words: u32,
    /// Those that the reader did not find again.
    pub lost: Vec<String>,
}

/// What a result was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// SHA-256 of the uploaded bytes, hexadecimal.
    pub resume_sha256: String,
    /// SHA-256 of the corrected resume that was used in the place of what was read, hexadecimal; absent where it was not
    /// corrected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub correction_sha256: Option<String>,
    /// SHA-256 of the posting's text as understood, hexadecimal.
    pub posting_sha256: String,
    /// Version of the scoring rules.
    pub algorithm: String,
    /// Version of the lexicon.
    pub lexicon: String,
    /// The day that "present" and recency were taken at, `YYYY-MM-DD`.
    pub as_of: String,
}

/// Who wrote the edits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EngineInfo {
    /// `rules` for the built-in engine.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// The language model, where one proposed edits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
}
