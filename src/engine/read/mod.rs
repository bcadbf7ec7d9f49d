//! Bytes to lines: what a document says and where each line stood, whatever kind of file it is.

mod archive;
mod bullet;
mod counting;
mod dates;
mod detect;
mod docx;
mod encoding;
mod error;
#[cfg(test)]
pub(crate) mod fixtures;
mod html;
mod json_resume;
mod latex;
mod markdown;
mod odt;
mod office;
mod page;
mod pdf;
mod raw;
mod rtf;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod tidy;
mod xml;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::source::{SourceFormat, SourceText};

pub use crate::engine::read::detect::detect;
pub use crate::engine::read::error::ReadError;

/// How much of a document is read at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Pages of a PDF; more is refused.
    pub max_pages: u32,
    /// Lines; more is refused.
    pub max_lines: usize,
    /// Characters of all lines; more is refused.
    pub max_characters: usize,
    /// Bytes of the file; more is refused.
    pub max_bytes: u64,
    /// Bytes of an HTML page, whose parser is quadratic on hostile input; more is refused.
    pub max_html_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pages: 100,
            max_lines: 5_000,
            max_characters: 300_000,
            max_bytes: 10 << 20,
            max_html_bytes: 2 << 20,
        }
    }
}

/// What a document is read for. A page with a posting is mostly the site around it; a page with a resume is the person's
/// own, and all that can be seen on it is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The document is somebody's resume.
    Resume,
    /// The document advertises a position.
    Posting,
}

/// Reads a resume, as [`read_for`] does.
///
/// # Errors
/// As [`read_for`].
pub fn read(bytes: &[u8], filename: &str, limits: &Limits) -> Result<SourceText, ReadError> {
    read_for(Purpose::Resume, bytes, filename, limits)
}

/// Reads a document. The kind is told by the content; the file name only decides between kinds of text.
///
/// # Errors
/// Only when nothing in it can be read, or when reading it would be unsafe; what is odd but readable comes
/// back with a note.
pub fn read_for(
    purpose: Purpose,
    bytes: &[u8],
    filename: &str,
    limits: &Limits,
) -> Result<SourceText, ReadError> {
    let size = bytes.len() as u64;
    if size > limits.max_bytes {
        return Err(ReadError::TooLarge { bytes: size, limit: limits.max_bytes });
    }
    let mut source = match detect(bytes, filename)? {
        SourceFormat::Pdf => pdf::read(bytes, limits)?,
        SourceFormat::Docx => docx::read(bytes)?,
        SourceFormat::Odt => odt::read(bytes)?,
        SourceFormat::Rtf => rtf::read(bytes)?,
        SourceFormat::Html => html::read(purpose, &characters(bytes)?, limits)?,
        SourceFormat::Markdown => markdown::read(&characters(bytes)?),
        SourceFormat::Latex => latex::read(&characters(bytes)?)?,
        SourceFormat::Text => text::read(&characters(bytes)?),
        SourceFormat::JsonResume => json_resume::read(&characters(bytes)?),
    };
    refuse_long(&source, limits)?;
    // Readers of pages and of plain text know where each line begins, and settle it themselves.
    if matches!(
        source.format,
        SourceFormat::Docx | SourceFormat::Odt | SourceFormat::Rtf | SourceFormat::Html | SourceFormat::Latex
    ) {
        counting::settle(&mut source.lines);
    }
    let readable = source
        .lines
        .iter()
        .flat_map(|line| &line.spans)
        .any(|span| span.text.chars().any(char::is_alphanumeric));
    if readable || !source.structured.is_empty() {
        Ok(source)
    } else {
        Err(ReadError::NoText {
            pages: source.pages.len().try_into().unwrap_or(u32::MAX),
            images: source.layout.images,
        })
    }
}

fn refuse_long(source: &SourceText, limits: &Limits) -> Result<(), ReadError> {
    let spans = source.lines.iter().flat_map(|line| &line.spans);
    let printed: usize = spans.map(|span| span.text.chars().count()).sum();
    let characters = printed + source.structured.iter().map(said).sum::<usize>();
    let (lines, limit) = (source.lines.len(), limits.max_lines);
    if lines > limit {
        return Err(ReadError::TooLong { amount: lines, of: "lines".to_owned(), limit });
    }
    let limit = limits.max_characters;
    if characters > limit {
        return Err(ReadError::TooLong { amount: characters, of: "characters".to_owned(), limit });
    }
    Ok(())
}

/// Characters of the texts in a value; how deep it may be, who read it has seen to.
fn said(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.iter().map(said).sum(),
        Value::Object(fields) => fields.values().map(said).sum(),
        _ => 0,
    }
}

fn characters(bytes: &[u8]) -> Result<String, ReadError> {
    encoding::decode(bytes).ok_or_else(|| ReadError::damaged("its text is in no known encoding"))
}
