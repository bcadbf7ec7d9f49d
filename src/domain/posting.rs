//! A posting: the job advertisement that a resume is tailored to, and what it asks for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A job advertisement, understood.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Posting {
    /// The title of the position as advertised.
    pub title: Option<String>,
    /// The hiring organization.
    pub company: Option<String>,
    /// Where the work is done, as printed.
    pub location: Option<String>,
    /// `FULL_TIME`, `CONTRACTOR`, … as schema.org names them, where the posting says so.
    pub employment_type: Option<String>,
    /// The page that it came from.
    pub url: Option<String>,
    /// The whole text, one line of the advertisement a line.
    pub text: String,
    /// What it asks for, in the order of the posting.
    pub requirements: Vec<Requirement>,
    /// Terms it uses that matter for the position but that it does not ask for as such.
    pub keywords: Vec<String>,
    /// What could not be told from it, each a sentence for the person.
    pub notes: Vec<String>,
}

/// One thing that a posting asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Requirement {
    /// Stable within the posting: `r1`, `r2`, … in its order.
    pub id: String,
    /// The words of the posting.
    pub text: String,
    /// Whether it must be met.
    pub kind: RequirementKind,
    /// What it is about.
    pub category: Category,
    /// The lexicon's names of what is asked for. More than one means that any of them will do when
    /// `any_of` is set, and that all are asked for when it is not.
    pub terms: Vec<String>,
    /// Whether one of `terms` is enough ("Java or Kotlin").
    pub any_of: bool,
    /// Years of experience asked for with it.
    pub years: Option<f32>,
}

/// How much a posting insists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequirementKind {
    /// Asked for.
    Must,
    /// Welcome but not needed.
    Nice,
}

/// What a requirement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A hard skill, tool, method or field of knowledge.
    Skill,
    /// Years or kind of experience.
    Experience,
    /// A degree or field of study.
    Education,
    /// A certificate, licence or clearance.
    Certificate,
    /// A human language.
    Language,
    /// A way of working with people.
    Soft,
    /// Anything else, kept in its own words.
    Other,
}
