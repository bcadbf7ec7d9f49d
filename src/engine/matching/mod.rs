//! Matching: the requirements of a posting against the evidence of a resume, with a score that explains itself.
//!
//! Imports `domain`, `lexicon`, `words` and `places`. Pure: the same resume, posting and day give the same bytes.
//! How the score is made stands in `score`.

mod assess;
mod degree;
mod gaps;
mod index;
mod keywords;
mod language;
mod score;
mod years;

use chrono::NaiveDate;

use crate::domain::posting::Posting;
use crate::domain::report::MatchReport;
use crate::domain::resume::Resume;
use crate::engine::matching::assess::{Assessed, assess};
use crate::engine::matching::index::Index;

/// Version of the scoring rules, for receipts: it changes whenever the same input may give another score.
pub const ALGORITHM: &str = "match-1";

/// How a resume meets a posting. "Present" and recency are taken at `as_of`. Evidence points into the JSON of
/// `resume`, word for word.
#[must_use]
pub fn match_resume(resume: &Resume, posting: &Posting, as_of: NaiveDate) -> MatchReport {
    let index = Index::new(resume, as_of);
    let assessed: Vec<Assessed> =
        posting.requirements.iter().map(|requirement| assess(requirement, resume, &index)).collect();
    let terms = keywords::terms(posting);
    let (score, parts) = score::score(posting, resume, &assessed, &terms, &index);
    MatchReport {
        score,
        parts,
        keywords: keywords::count(posting, &terms, &index),
        gaps: gaps::questions(posting, &assessed),
        requirements: assessed.into_iter().map(|assessed| assessed.report).collect(),
    }
}

#[cfg(test)]
mod tests;
