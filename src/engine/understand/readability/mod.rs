//! What a machine that reads resumes trips over, as checks with a score.
//!
//! The score is 100 less the penalties of the checks that fail, never below 0. A penalty is what the failure
//! costs the person: 20 where content is likely lost or the person cannot be reached, 8 where some readers
//! trip, 3 where it is good to know. Two checks cost nothing: the name of a file is no fault of what stands in it, and
//! what makes readers disagree has checks of its own that count.

mod dates;
mod file;
mod layout;
mod person;
mod places;
mod sections;

use chrono::NaiveDate;

use crate::domain::report::{CheckReport, Finding, ReaderView, Severity};
use crate::domain::resume::Resume;
use crate::domain::source::{Place, SourceText};

/// What is known of a document beside what stands in it.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// The day after which dates are in the future.
    pub as_of: NaiveDate,
    /// The name of the file, where its owner chose one.
    pub filename: Option<&'a str>,
    /// What simple readers get from it; empty where they were not asked.
    pub readers: &'a [ReaderView],
}

/// Checks how well machines can read a resume. `resume` is what was understood of `source`.
#[must_use]
pub fn check(source: &SourceText, resume: &Resume, beside: &Beside<'_>) -> CheckReport {
    let mut checks = Checks { findings: Vec::new(), penalty: 0.0 };
    layout::check(&mut checks, source);
    layout::check_text(&mut checks, source);
    person::check(&mut checks, source, resume);
    sections::check(&mut checks, source, resume);
    dates::check(&mut checks, source, resume, beside.as_of);
    file::check(&mut checks, source, resume);
    file::check_readers(&mut checks, source, beside.readers);
    if let Some(name) = beside.filename {
        file::check_name(&mut checks, name);
    }
    CheckReport { score: (100.0 - checks.penalty).max(0.0), findings: checks.findings }
}

/// The checks that were made so far.
struct Checks {
    findings: Vec<Finding>,
    penalty: f32,
}

impl Checks {
    /// Adds a check that counts. `texts` are what to say when it passed, when it failed, and the mend.
    fn add(&mut self, code: &str, severity: Severity, passed: bool, texts: [&str; 3]) -> Added<'_> {
        if !passed {
            self.penalty += match severity {
                Severity::Error => 20.0,
                Severity::Warning => 8.0,
                Severity::Info => 3.0,
            };
        }
        self.note(code, severity, passed, texts)
    }

    /// Adds a check that does not count.
    fn note(&mut self, code: &str, severity: Severity, passed: bool, texts: [&str; 3]) -> Added<'_> {
        let [good, bad, mend] = texts;
        self.findings.push(Finding {
            code: code.to_owned(),
            severity,
            passed,
            message: if passed { good } else { bad }.to_owned(),
            mend: if passed { "" } else { mend }.to_owned(),
            places: Vec::new(),
        });
        Added(self.findings.last_mut())
    }
}

/// The check that was just added.
struct Added<'c>(Option<&'c mut Finding>);

impl Added<'_> {
    /// Says where it stands. Nothing is looked for when it passed.
    fn at(self, places: impl FnOnce() -> Vec<Place>) {
        if let Some(finding) = self.0
            && !finding.passed
        {
            finding.places = places();
        }
    }
}

#[cfg(test)]
mod tests;
