//! A resume as read from a document: what it says, where each field of it stood, and what was no fact.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::resume::Resume;
use crate::domain::source::Area;

/// A resume beside its proof: JSON Resume 1.0.0, with further `x-` fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reading {
    /// What was understood.
    #[serde(flatten)]
    pub resume: Resume,
    /// What stands on the page and says nothing about the person, as printed and in its order: page numbers, when the
    /// document was made, a header once more, labels ("Phone:"), words that join two fields ("at"); after them the
    /// numbers of numbered lists.
    #[serde(rename = "x-furniture", default, skip_serializing_if = "Vec::is_empty")]
    pub furniture: Vec<String>,
    /// Whether the document has no list of skills, so that those are listed that its running text names. A correction with
    /// the same skills and `true` here takes none of them into the person's own list; without it, it confirms them as one.
    #[serde(rename = "x-skillsFromText", default, skip_serializing_if = "std::ops::Not::not")]
    pub skills_from_text: bool,
    /// Where each text of the resume stood, by its JSON pointer (RFC 6901), `/work/0/position` for one.
    #[serde(rename = "x-provenance", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub provenance: BTreeMap<String, Provenance>,
}

/// Where a field came from and how sure that is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Provenance {
    /// How sure it is that the words mean what the field says, 0 to 1: by what kind of field it is, by what its own
    /// words say for it, and less where they do not stand together.
    pub confidence: f32,
    /// The stretches of the document that it was taken from, in its order. Empty where the field has no words there:
    /// the name of a network that only an address tells, or a document that was no text.
    pub sources: Vec<Stretch>,
}

/// Some characters of one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Stretch {
    /// The line or paragraph, counted from 1 in reading order.
    pub line: u32,
    /// Its first character and the one after its last, counted in that line from 0.
    pub characters: [u32; 2],
    /// The page and the box of the line, in points from the top left corner; absent where a format has no pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<Area>,
}
