//! Reports: how well a resume meets a posting, how readable it is, how well it is written. Three numbers, never blended.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::posting::{Category, RequirementKind};
use crate::domain::source::Place;

/// How a resume meets the requirements of a posting.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MatchReport {
    /// 0 to 100, the weighted sum of `parts`.
    pub score: f32,
    /// What the score is made of.
    pub parts: Vec<ScorePart>,
    /// Every requirement of the posting, in its order, with how it is met.
    pub requirements: Vec<RequirementMatch>,
    /// Terms of the posting and how often each side uses them.
    pub keywords: Vec<Keyword>,
    /// A question for each requirement that nothing in the resume shows.
    pub gaps: Vec<Gap>,
}

/// One named share of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScorePart {
    /// `must_requirements`, `nice_requirements`, `title`, …
    pub name: String,
    /// Share of the whole, all shares of a score adding up to 1.
    pub weight: f32,
    /// 0 to 100.
    pub score: f32,
    /// Why it is this number, as a sentence for the person.
    pub explanation: String,
}

/// A requirement and how the resume meets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RequirementMatch {
    /// The requirement's id in the posting.
    pub id: String,
    /// The words of the posting.
    pub text: String,
    /// Whether it must be met.
    pub kind: RequirementKind,
    /// What it is about.
    pub category: Category,
    /// The lexicon's names of what is asked for.
    pub terms: Vec<String>,
    /// How well it is met.
    pub status: RequirementStatus,
    /// Where the resume shows it, strongest first.
    pub evidence: Vec<Evidence>,
    /// What was counted or is short of it, as a sentence: years, level, what is absent. Empty where there is nothing
    /// to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// How well a requirement is met, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequirementStatus {
    /// Shown in the description of work, a project, education or a certificate.
    Demonstrated,
    /// Claimed in a list of skills or a summary.
    Listed,
    /// Not itself there, but something close to it is.
    Related,
    /// Nothing in the resume shows it.
    Missing,
}

/// A place in the resume.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// The JSON Resume section: `work`, `skills`, `basics`, …
    pub section: String,
    /// JSON Pointer (RFC 6901) into the resume that the report or edit is about: `/work/0/highlights/2`; for the section
    /// `confirmed_facts` the fact's place in their list: `/confirmed_facts/0`.
    pub item: String,
    /// The words that stand there.
    pub quote: String,
}

/// A term of the posting, counted on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Keyword {
    /// The term as the posting writes it.
    pub term: String,
    /// How often the posting uses it.
    pub posting_count: u32,
    /// How often the resume uses it, under any of its names.
    pub resume_count: u32,
}

/// Something asked for that the resume does not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// The requirement that is not shown.
    pub requirement_id: String,
    /// What only the owner can answer; the answer can become a confirmed fact.
    pub question: String,
}

/// One check of how well a resume can be read by machines, or how well it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// Stable name, `snake_case`: `two_columns`, `missing_email`, …
    pub code: String,
    /// How much it hurts.
    pub severity: Severity,
    /// Whether the check is met.
    pub passed: bool,
    /// What was found, as a sentence.
    pub message: String,
    /// What to do about it; empty when passed.
    pub mend: String,
    /// Where it stands, the first few places: a box on a page in points from its top left corner, or a paragraph where
    /// there are no pages. Left out when passed, and where it has no place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
}

/// How much a failed check hurts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Content is likely to be lost or the person unreachable.
    Error,
    /// Some readers trip over it.
    Warning,
    /// Good to know.
    Info,
}

/// A score with the checks behind it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckReport {
    /// 0 to 100.
    pub score: f32,
    /// Every check that was made, passed or not.
    pub findings: Vec<Finding>,
}

/// What one kind of reader gets from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReaderView {
    /// Which kind.
    pub reader: ReaderKind,
    /// The text that it gets, a line each; what is longer than 20,000 characters is cut and ends in `…`.
    pub text: String,
    /// The fields of the resume whose words do not stand together in that text.
    pub lost: Vec<LostField>,
    /// Fields whose words stand together in it, in their order.
    pub kept: u32,
    /// Fields that were looked for: those that at least one reader gets.
    pub asked: u32,
}

/// How a reader puts the words of a file in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReaderKind {
    /// As a person does: column by column. It is the reader that the resume comes from.
    Layout,
    /// As the file has them: a PDF's words as they are painted, a DOCX's paragraphs without headers, footers, notes and
    /// text boxes.
    RawOrder,
    /// Whatever stands on one line of the page, from left to right across columns.
    LineMerging,
}

impl ReaderKind {
    /// Its name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Layout => "layout",
            Self::RawOrder => "raw_order",
            Self::LineMerging => "line_merging",
        }
    }
}

/// A field that a reader does not get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LostField {
    /// Its place in the resume: `basics.email`, `work[0].position`.
    pub field: String,
    /// What stands in it; cut when long, and then ends in `…`.
    pub value: String,
    /// Why it is lost, as a sentence.
    pub reason: String,
}
