//! Why a file could not be read, each as a sentence for the person who sent it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a file could not be read. It crosses the pipe of the reading process, so it is plain data.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ReadError {
    /// No bytes, or nothing but white space.
    #[error("The file is empty. Choose a file that has text in it.")]
    Empty,
    /// A file of another kind, whatever its name says.
    #[error(
        "The file looks like {looks_like}. A PDF, DOCX, ODT, RTF, HTML, Markdown, LaTeX, text or JSON Resume file is taken."
    )]
    Unsupported {
        /// What the bytes look like, with an article: "a PNG picture".
        looks_like: String,
    },
    /// A password or another key is needed.
    #[error("The file is protected with a password. Save it without one and try again.")]
    Encrypted,
    /// The structure is broken beyond what could be rebuilt.
    #[error("The file is damaged: {what}. Save or download it again and try once more.")]
    Damaged {
        /// What is broken, as half a sentence.
        what: String,
    },
    /// Pages without text, stray characters aside: a scan, or blank.
    #[error("{}", no_text(*.pages, *.images))]
    NoText {
        /// Pages in the file; 0 for formats without pages.
        pages: u32,
        /// Pictures in the file.
        images: u32,
    },
    /// More bytes than the limit.
    #[error("The file has {bytes} bytes; at most {limit} are read. Send a smaller file.")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The largest size taken.
        limit: u64,
    },
    /// More pages than the limit.
    #[error("The file has {pages} pages; at most {limit} are read. Send the resume or posting alone.")]
    TooManyPages {
        /// Its pages.
        pages: u32,
        /// The most pages taken.
        limit: u32,
    },
    /// More text than the limit.
    #[error("The file has {amount} {of}; at most {limit} are read. Send the resume or posting alone.")]
    TooLong {
        /// How many it has.
        amount: usize,
        /// Of what.
        of: String,
        /// The most that are taken.
        limit: usize,
    },
    /// Small on disk, huge or endlessly nested inside.
    #[error(
        "The file is built in a way that would take too much memory or time to read: {what}. Export it again from the program that made it."
    )]
    TooComplex {
        /// Which bound it breaks, as half a sentence.
        what: String,
    },
}

impl ReadError {
    /// The stable code of the error, as the API answers it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unsupported { .. } => "unsupported_file_type",
            Self::TooLarge { .. } => "file_too_large",
            Self::Empty
            | Self::Encrypted
            | Self::Damaged { .. }
            | Self::NoText { .. }
            | Self::TooManyPages { .. }
            | Self::TooLong { .. }
            | Self::TooComplex { .. } => "unreadable_file",
        }
    }

    pub(crate) fn damaged(what: &str) -> Self {
        Self::Damaged { what: what.to_owned() }
    }

    pub(crate) fn too_complex(what: &str) -> Self {
        Self::TooComplex { what: what.to_owned() }
    }
}

fn no_text(pages: u32, images: u32) -> String {
    let amount =
        |count: u32, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let pages_text = amount(pages, "page", "pages");
    match (pages, images) {
        (0, 0) => "The file has no text in it. Choose a file that has.".to_owned(),
        (0, _) => "The file has only pictures and no text. Save it with its text.".to_owned(),
        (_, 0) => {
            format!(
                "The file has {pages_text} and no text: blank, only drawn, or in fonts that do not tell their \
                 letters. Export it again with its text."
            )
        }
        _ => format!(
            "The file has {pages_text} with {} and no text to speak of: it is a scan or a picture of a document. \
             Export it from the program that wrote it, or run text recognition (OCR) on it first.",
            amount(images, "picture", "pictures"),
        ),
    }
}
