//! One document scored: how much of each kind was asked, how much was found, and what was missed.

use std::collections::BTreeMap;

use resume_optimizer::domain::resume::Resume;
use serde_json::Value;

use crate::truth::Truth;
use crate::{contacts, jobs, schools, sections, skills};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Metric {
    /// Files without text, broken or locked: refused.
    Refused,
    /// Resumes: read.
    Read,
    /// `basics.name`.
    FullName,
    /// `basics.email`.
    Email,
    /// `basics.phone`.
    Phone,
    /// Links, anywhere in the resume.
    Links,
    /// Sections.
    Sections,
    /// Employer, title and years right in one entry: of those in the truth.
    Jobs,
    /// The same, of those that we have.
    JobsGiven,
    /// Employer and title right in one entry.
    JobsWithTitle,
    /// The same, of those that we have.
    JobsWithTitleGiven,
    /// Employer right.
    Employers,
    /// The same, of those that we have.
    EmployersGiven,
    /// Institution and degree right in one entry: of those in the truth.
    Schools,
    /// The same, of those that we have.
    SchoolsGiven,
    /// Institution right.
    Institutions,
    /// The same, of those that we have.
    InstitutionsGiven,
    /// Skills found in the name or the keywords of a skill.
    Skills,
    /// The same, of documents that print a section of skills.
    SkillsListed,
    /// Skills found in any field.
    SkillsAnywhere,
    /// Words of `pdftotext` that are lost.
    WordsLost,
    /// Of these, the words that stand nowhere in the resume, not even once.
    WordsNowhere,
    /// Words of our own lines that are lost.
    LinesLost,
}

/// Found of asked. For words lost, `found` is what is lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// What was found.
    pub(crate) found: usize,
    /// What there is to find.
    pub(crate) asked: usize,
}

impl Count {
    /// The share; nothing where nothing is asked.
    pub(crate) fn ratio(self) -> Option<f64> {
        let number = |count: usize| f64::from(u32::try_from(count).unwrap());
        (self.asked > 0).then(|| number(self.found) / number(self.asked))
    }
}

/// One thing that is not as the truth says.
#[derive(Debug, Clone)]
pub(crate) struct Miss {
    /// What it is.
    pub(crate) metric: &'static str,
    /// As the truth says; empty where the truth has nothing.
    pub(crate) expected: String,
    /// What we had.
    pub(crate) had: String,
}

/// The counts of one document, or of several together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Score {
    /// By what is counted.
    pub(crate) counts: BTreeMap<Metric, Count>,
    /// What is wrong.
    pub(crate) misses: Vec<Miss>,
}

impl Score {
    /// Adds so many of so many.
    pub(crate) fn add(&mut self, metric: Metric, found: usize, asked: usize) {
        let count = self.counts.entry(metric).or_default();
        count.found += found;
        count.asked += asked;
    }

    /// Adds one, right or wrong.
    pub(crate) fn check(&mut self, metric: Metric, right: bool) {
        self.add(metric, usize::from(right), 1);
    }

    /// Adds another's counts; what it missed stays with the document.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (metric, count) in &other.counts {
            self.add(*metric, count.found, count.asked);
        }
    }

    /// The count of a metric.
    pub(crate) fn count(&self, metric: Metric) -> Count {
        self.counts.get(&metric).copied().unwrap_or_default()
    }

    /// Notes what is wrong.
    pub(crate) fn miss(&mut self, metric: &'static str, expected: impl Into<String>, had: impl Into<String>) {
        self.misses.push(Miss { metric, expected: expected.into(), had: had.into() });
    }
}

/// Compares the fields of a resume with the truth.
pub(crate) fn score(truth: &Truth, resume: &Resume) -> Score {
    let json = serde_json::to_value(resume).unwrap();
    let mut score = Score::default();
    contacts::score(&mut score, truth, resume, &json);
    sections::score(&mut score, truth, resume);
    jobs::score(&mut score, truth, resume);
    schools::score(&mut score, truth, resume);
    skills::score(&mut score, truth, resume, &json);
    score
}

/// Every text of a JSON value that stands in the document, each once.
///
/// Left out is what would count a word twice and so hide one that is lost: the proof of where a field came from, the
/// heading of an `x-` section in the list of headings, a date that stands as printed beside it, and skills that were listed
/// from running text.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => {
            let kept_elsewhere = fields.get("section").and_then(Value::as_str).is_some_and(|section| {
                let is_group = fields.contains_key("level") && matches!(section, "skills" | "interests");
                fields.contains_key("heading") && (section.starts_with("x-sections/") || is_group)
            });
            let printed = fields.contains_key("x-dates");
            let is_derived = fields.get("x-skillsFromText") == Some(&Value::Bool(true));
            fields
                .iter()
                .filter(|(name, _)| match name.as_str() {
                    "x-provenance" | "x-phone" | "section" => false,
                    "heading" => !kept_elsewhere,
                    "skills" => !is_derived,
                    "startDate" | "endDate" | "date" | "releaseDate" => !printed,
                    _ => true,
                })
                .flat_map(|(_, value)| texts(value))
                .collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
