//! What is true of the documents: the `truth.json` beside them.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What is true of one document. Strings are as printed; `None` is unknown or absent, and not asked.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Truth {
    /// Where the document is, from the truth file's folder on.
    pub(crate) file: String,
    /// `resume`, or something that is not scored.
    pub(crate) document_type: String,
    /// `full` where the lists hold everything that the document has.
    pub(crate) completeness: Option<String>,
    /// The person.
    pub(crate) full_name: Option<String>,
    /// E-mail address.
    pub(crate) email: Option<String>,
    /// Telephone number.
    pub(crate) phone: Option<String>,
    /// Addresses, or `network:user` where only that is printed.
    pub(crate) links: Option<Vec<String>>,
    /// Headings.
    pub(crate) sections: Option<Vec<String>>,
    /// Positions.
    pub(crate) experience: Option<Vec<TrueJob>>,
    /// Studies.
    pub(crate) education: Option<Vec<TrueSchool>>,
    /// Some of the skills, verbatim.
    pub(crate) skills: Option<Vec<String>>,
    /// ISO 639-1.
    pub(crate) language: Option<String>,
    /// In words; `2col …` where two columns stand side by side.
    pub(crate) layout: Option<String>,
    /// `false` for scans and for files that are none.
    pub(crate) has_text_layer: Option<bool>,
}

/// A position.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TrueJob {
    /// The employer.
    pub(crate) employer: Option<String>,
    /// The title.
    pub(crate) title: Option<String>,
    /// The dates.
    pub(crate) dates: Option<String>,
}

/// Studies.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TrueSchool {
    /// The institution.
    pub(crate) school: Option<String>,
    /// The degree, mostly with its field.
    pub(crate) degree: Option<String>,
    /// The field, where the truth has it apart.
    pub(crate) field: Option<String>,
}

impl Truth {
    /// Whether the lists are whole, so that what we have beyond them is wrong.
    pub(crate) fn is_full(&self) -> bool {
        self.completeness.as_deref() == Some("full")
    }

    /// Whether the file has to be refused: broken, locked, or without any text.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.document_type == "broken" || self.has_text_layer == Some(false)
    }

    /// Whether it is a resume that can be read.
    pub(crate) fn is_scored(&self) -> bool {
        self.document_type == "resume" && !self.is_unreadable()
    }

    /// Whether two columns stand side by side; a column of dates or labels is none.
    pub(crate) fn is_two_columns(&self) -> bool {
        self.layout.as_ref().is_some_and(|layout| layout.starts_with("2col"))
    }

    /// Whether it is known to be in another language than English.
    pub(crate) fn is_foreign(&self) -> bool {
        self.language.as_ref().is_some_and(|language| language != "en")
    }
}

/// A document and what is true of it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Where the file is.
    pub(crate) path: PathBuf,
    /// What is true of it.
    pub(crate) truth: Truth,
}

impl Case {
    /// The end of the file's name, in small letters.
    pub(crate) fn extension(&self) -> String {
        self.path.extension().map(|end| end.to_string_lossy().to_lowercase()).unwrap_or_default()
    }
}

/// The cases of a folder: of its own `truth.json`, or of all that lie below it.
pub(crate) fn cases(folder: &Path) -> Vec<Case> {
    let own = folder.join("truth.json");
    if own.is_file() {
        // Other corpora have a truth of another shape; they are none of ours.
        let truths: Vec<Truth> = serde_json::from_slice(&std::fs::read(&own).unwrap()).unwrap_or_default();
        return truths.into_iter().map(|truth| Case { path: folder.join(&truth.file), truth }).collect();
    }
    let mut below: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    below.sort();
    below.iter().flat_map(|folder| cases(folder)).collect()
}
