//! Edits: the single changes that lead from a resume to its tailored form, and how they are applied.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::report::Evidence;

/// One change, proposed by any writer (the engine, a language model, the owner).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Edit {
    /// Stable within the result: `e1`, `e2`, …
    pub id: String,
    /// What kind of change it is.
    pub op: EditOp,
    /// The JSON Resume section that it touches: `work`, `skills`, `basics`, …
    pub section: String,
    /// JSON Pointer (RFC 6901) into the *source* resume. Text for `replace`, a list for `insert` and `reorder`.
    pub target: String,
    /// What stands there: a text, a list of texts, or null.
    pub before: Value,
    /// What shall stand there, in the same shape. For `insert` the one new element.
    pub after: Value,
    /// For `reorder`: the new order as indices into the source list, a permutation. Empty otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<usize>,
    /// Why it helps, as a sentence that names the requirement.
    pub reason: String,
    /// Where the source says what the edit says.
    pub evidence: Vec<Evidence>,
    /// Whether it is in the tailored resume.
    pub decision: Decision,
}

/// Kinds of change. They commute: replaced text, inserted elements and orders don't touch each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EditOp {
    /// Other words for a text that is there, or a text where there was none.
    Replace,
    /// One more element in a list.
    Insert,
    /// The same elements of a list in another order.
    Reorder,
}

/// What the owner decided about an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Part of the tailored resume; how every verified edit starts.
    Accepted,
    /// Left out by the owner.
    Rejected,
}

/// An edit that the fact gate did not let through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Refusal {
    /// What was proposed.
    pub edit: Edit,
    /// What the source does not support, as a sentence.
    pub why: String,
}

/// A statement about the person that the owner confirmed although the resume does not say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfirmedFact {
    /// The gap that it answers, where it answers one.
    #[serde(default)]
    pub requirement_id: Option<String>,
    /// The statement in the owner's words.
    pub text: String,
    /// JSON Pointer of the entry it belongs to: `/work/0`; empty for the resume as a whole.
    #[serde(default)]
    pub item: String,
}
