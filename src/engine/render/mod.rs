//! A resume into documents.
//!
//! One document model is composed from the resume and every format is written from it, so that all formats
//! say the same; JSON carries the resume itself. Pure and deterministic: the same resume gives the same bytes.

mod compose;
mod dates;
mod document;
mod docx;
mod file_name;
mod html;
mod json;
mod language;
mod markdown;
mod pdf;
mod read_back;
mod sections;
mod template;
mod text;
#[cfg(test)]
mod tests;

use crate::domain::job::DocumentFormat;
use crate::domain::resume::Resume;

use crate::engine::render::pdf::{MAX_PAGES, PdfError};

pub use crate::engine::render::file_name::file_stem;
pub use crate::engine::render::read_back::read_back;
pub use crate::engine::render::template::{DEFAULT_TEMPLATE, TEMPLATES};

/// Most characters that a document may hold: ten times the longest academic resume.
const MAX_CHARACTERS: usize = 500_000;

/// Why a document could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// There is no template of that name.
    #[error("There is no template \"{name}\"; choose one of: {}.", TEMPLATES.join(", "))]
    UnknownTemplate {
        /// The name asked for.
        name: String,
    },
    /// The resume has more text than a document may hold.
    #[error("The resume has {characters} characters; a document holds at most {limit}. Shorten it.")]
    TooLong {
        /// Characters of the resume.
        characters: usize,
        /// Characters that a document may hold.
        limit: usize,
    },
    /// The resume fills more pages than a document may have.
    #[error("The resume fills more than {limit} pages. Shorten it.")]
    TooManyPages {
        /// Pages that a document may have.
        limit: usize,
    },
    /// A writer failed on a document that should be fine: a defect of this program.
    #[error("The {format} document could not be written ({reason}). Choose another format and report this.")]
    Writer {
        /// `pdf`, `docx`, …
        format: &'static str,
        /// What the writer says; nothing of the resume.
        reason: String,
    },
}

/// The document of a resume in a format, in the look of a template (which Markdown, text and JSON have none of).
///
/// # Errors
/// An unknown template, a resume beyond all measure, or a defect of a writer.
pub fn render(resume: &Resume, format: DocumentFormat, template: &str) -> Result<Vec<u8>, RenderError> {
    let template = template::find(template)
        .ok_or_else(|| RenderError::UnknownTemplate { name: template.chars().take(40).collect() })?;
    let defect = |reason: String| RenderError::Writer { format: format.extension(), reason };
    let document = compose::compose(resume);
    let characters = document.texts().iter().map(|text| text.chars().count()).sum();
    if characters > MAX_CHARACTERS {
        return Err(RenderError::TooLong { characters, limit: MAX_CHARACTERS });
    }
    match format {
        DocumentFormat::Pdf => pdf::write(&document, template).map_err(|error| match error {
            PdfError::TooManyPages => RenderError::TooManyPages { limit: MAX_PAGES },
            PdfError::Writer(reason) => defect(reason),
        }),
        DocumentFormat::Docx => docx::write(&document, template).map_err(|error| defect(error.to_string())),
        DocumentFormat::Md => Ok(markdown::write(&document).into_bytes()),
        DocumentFormat::Txt => Ok(text::write(&document).into_bytes()),
        DocumentFormat::Html => Ok(html::write(&document, template).into_bytes()),
        DocumentFormat::Json => {
            json::write(resume).map_err(|error| defect(error.to_string())).map(String::into_bytes)
        }
    }
}
