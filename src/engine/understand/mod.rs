//! `SourceText` into a resume or a posting.

pub mod posting;
pub mod readability;
pub mod readers;
pub mod resume;

use chrono::NaiveDate;

use crate::domain::report::CheckReport;
use crate::domain::resume::Resume;
use crate::domain::source::SourceText;
use crate::engine::understand::readability::Beside;

/// How well machines can read a resume, with what simple readers make of it. What its file is called does not matter.
#[must_use]
pub fn readable(source: &SourceText, resume: &Resume, as_of: NaiveDate) -> CheckReport {
    let readers = readers::compare(source, resume);
    readability::check(source, resume, &Beside { as_of, filename: None, readers: &readers })
}
