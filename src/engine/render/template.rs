//! The templates: the looks that a document can have, shared by the formats that have looks.

use crate::engine::render::document::{Entry, Line, Run, join};

/// The names of the templates, as users choose them.
pub const TEMPLATES: &[&str] = &["classic", "modern"];

/// The template of a document for which none was chosen.
pub const DEFAULT_TEMPLATE: &str = "modern";

/// A look.
#[derive(Debug)]
pub(crate) struct Template {
    /// Its name.
    pub(crate) name: &'static str,
    /// How the head of an entry is set.
    pub(crate) head: Head,
    /// Whether name and contacts are centred.
    pub(crate) centred: bool,
    /// Colour of name, headings and links: red, green, blue.
    pub(crate) accent: [u8; 3],
    /// Typeface that a word processor shall use for the text.
    pub(crate) office_text: &'static str,
    /// Typeface that a word processor shall use for headings.
    pub(crate) office_heading: &'static str,
    /// Font families for web pages.
    pub(crate) web_family: &'static str,
}

/// How the head of an entry is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    /// `Title — Employer | Place | Dates`; as [`Head::TwoLines`] in a PDF where one of them is wider than a line,
    /// or has letters that run both ways.
    OneLine,
    /// `Title`, and below it `Employer | Place | Dates`.
    TwoLines,
}

static CLASSIC: Template = Template {
    name: "classic",
    head: Head::OneLine,
    centred: true,
    accent: [0x1a, 0x1a, 0x1a],
    office_text: "Times New Roman",
    office_heading: "Times New Roman",
    web_family: "Georgia, 'Times New Roman', serif",
};

static MODERN: Template = Template {
    name: "modern",
    head: Head::TwoLines,
    centred: false,
    accent: [0x1f, 0x4e, 0x79],
    office_text: "Calibri",
    office_heading: "Calibri",
    web_family: "'Open Sans', 'Segoe UI', Helvetica, Arial, sans-serif",
};

/// The template of that name.
pub(crate) fn find(name: &str) -> Option<&'static Template> {
    [&CLASSIC, &MODERN].into_iter().find(|template| template.name == name)
}

/// Employer, place and dates on one line.
pub(crate) fn facts(entry: &Entry) -> Line {
    join(entry.facts.iter().cloned(), " | ")
}

/// The whole head of an entry on one line.
pub(crate) fn one_line(entry: &Entry) -> Line {
    let mut line: Vec<Run> = entry.title.clone();
    let facts = facts(entry);
    if !facts.is_empty() {
        line.push(Run::glue(" — "));
        line.extend(facts);
    }
    line
}
