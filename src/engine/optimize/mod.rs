//! Optimizing: the stages in their order, from a document and a posting to everything that a result holds.
//!
//! The one room that sees every stage. Pure like them: the same input gives the same outcome, and time is `as_of`.
//! `requirements`, `keywords` and `gaps` of the outcome are about the tailored resume, so that their evidence points
//! into `resume`, or at a confirmed fact, and never at a text that an edit of ours wrote; the evidence of `edits` points into `source_resume`, where the edits start from.

mod evidence;
mod finish;

use chrono::NaiveDate;

use crate::domain::hash::sha256;
use crate::domain::outcome::{Analysis, Outcome, Receipt};
use crate::domain::posting::Posting;
use crate::domain::report::CheckReport;
use crate::domain::resume::Resume;
use crate::domain::source::SourceText;
use crate::domain::tailoring::{ConfirmedFact, Decision, Edit};
use crate::engine::lexicon::lexicon;
use crate::engine::optimize::finish::{Start, finish};
use crate::engine::render::RenderError;
use crate::engine::statement::is_statement;
use crate::engine::{matching, places, tailor, understand, verify, writing};

/// What to optimize, and how.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The resume's document as read.
    pub source: &'a SourceText,
    /// SHA-256 of its bytes, hexadecimal, for the receipt.
    pub resume_sha256: &'a str,
    /// The resume as its owner corrected it: their own words like the document's, and in the place of what is read of it.
    pub corrected: Option<&'a Resume>,
    /// The posting as understood.
    pub posting: &'a Posting,
    /// The look of the documents, one of `render::TEMPLATES`.
    pub template: &'a str,
    /// What the owner confirmed beside the resume.
    pub confirmed: &'a [ConfirmedFact],
    /// The day that "present" and recency are taken at.
    pub as_of: NaiveDate,
}

/// The stages, in their order. Each is announced when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Lines become a resume.
    Understand,
    /// The resume is held against the posting.
    Match,
    /// Edits are proposed.
    Tailor,
    /// The fact gate.
    Verify,
    /// Documents are written and read back.
    Render,
}

impl Stage {
    /// Its key in `timings_ms`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Understand => "understand",
            Self::Match => "match",
            Self::Tailor => "tailor",
            Self::Verify => "verify",
            Self::Render => "render",
        }
    }

    /// How far a job is when it begins, of 100; reading comes before, storing after.
    #[must_use]
    pub fn percent(self) -> u8 {
        match self {
            Self::Understand => 25,
            Self::Match => 40,
            Self::Tailor => 55,
            Self::Verify => 65,
            Self::Render => 75,
        }
    }

    /// What to tell the person meanwhile.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Understand => "Understanding the resume",
            Self::Match => "Matching it with the posting",
            Self::Tailor => "Proposing edits",
            Self::Verify => "Checking every edit against the resume",
            Self::Render => "Writing the documents and reading them back",
        }
    }
}

/// Why there is no outcome.
#[derive(Debug, thiserror::Error)]
pub enum OptimizeError {
    /// A document could not be written.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A decision about an edit that the result does not have.
    #[error("The result has no edit \u{201c}{id}\u{201d}; take the ids from its list of edits.")]
    UnknownEdit {
        /// The id given.
        id: String,
    },
    /// More confirmed facts than are taken.
    #[error("At most {limit} facts can be confirmed for a job; these are {count}.")]
    TooManyFacts {
        /// Facts given.
        count: usize,
        /// Facts taken.
        limit: usize,
    },
    /// A confirmed fact without words, or with too many.
    #[error("Fact {number} has {characters} characters; it takes 1 to {limit}.")]
    FactLength {
        /// Its place in the list, from 1.
        number: usize,
        /// Its length.
        characters: usize,
        /// The longest that is taken.
        limit: usize,
    },
    /// A confirmed fact that is a bare answer or a question.
    #[error(
        "Fact {number} cannot stand in a resume: write it as the resume shall say it, in three words or more and not as a question."
    )]
    FactWording {
        /// Its place in the list, from 1.
        number: usize,
    },
    /// A confirmed fact about an entry that the resume does not have.
    #[error(
        "Fact {number} belongs to an entry that the resume does not have; name one such as /work/0, or none."
    )]
    FactItem {
        /// Its place in the list, from 1.
        number: usize,
    },
}

impl OptimizeError {
    /// A stable name for the API.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Render(RenderError::UnknownTemplate { .. }) => "unknown_template",
            Self::Render(RenderError::TooLong { .. } | RenderError::TooManyPages { .. }) => "resume_too_long",
            Self::Render(_) => "render_failed",
            Self::UnknownEdit { .. } => "unknown_edit",
            Self::TooManyFacts { .. }
            | Self::FactLength { .. }
            | Self::FactWording { .. }
            | Self::FactItem { .. } => "invalid_fact",
        }
    }
}

/// Facts confirmed for one job, at most: more is a new resume.
const MAX_FACTS: usize = 50;
/// Characters of one confirmed fact, at most: a bullet is far shorter.
const MAX_FACT: usize = 500;

/// Optimizes a resume for a posting. `timings_ms` is left empty: the engine has no clock, its caller times the stages
/// as they are announced.
///
/// # Errors
/// An unknown template, a confirmed fact that fits nowhere, or a document that cannot be written.
pub fn optimize(input: &Input<'_>, on_stage: &mut dyn FnMut(Stage)) -> Result<Outcome, OptimizeError> {
    on_stage(Stage::Understand);
    let read = understand::resume::understand(input.source);
    // How well machines read the document is no matter of what its owner says about it.
    let readability = understand::readable(input.source, &read, input.as_of);
    let resume = input.corrected.cloned().unwrap_or(read);
    check_facts(&resume, input.confirmed)?;
    on_stage(Stage::Match);
    let before = matching::match_resume(&resume, input.posting, input.as_of);
    on_stage(Stage::Tailor);
    let mut proposed = tailor::propose(&resume, input.posting, &before);
    proposed.extend(tailor::from_facts(&resume, input.posting, input.confirmed));
    on_stage(Stage::Verify);
    let verified = verify::verify(&resume, input.confirmed, proposed);
    on_stage(Stage::Render);
    let start = Start {
        receipt: receipt(input.posting, input.resume_sha256, input.corrected, input.as_of),
        as_of: input.as_of,
        resume,
        posting: input.posting.clone(),
        readability,
        before,
        confirmed: input.confirmed.to_vec(),
        engine: finish::rules(),
    };
    finish(start, verified, input.template)
}

/// The outcome again, after the owner's decisions: those edits are accepted or rejected, `confirmed` takes the place of
/// the facts confirmed so far, and every edit goes through the gate once more, those refused before included.
///
/// # Errors
/// A decision about an unknown edit, a fact that fits nowhere, or what `optimize` may fail with.
pub fn decide(
    outcome: &Outcome,
    decisions: &[(String, Decision)],
    confirmed: Vec<ConfirmedFact>,
    template: &str,
) -> Result<Outcome, OptimizeError> {
    let resume = &outcome.source_resume;
    check_facts(resume, &confirmed)?;
    let mut decided: Vec<Edit> = outcome.edits.clone();
    for (id, decision) in decisions {
        match decided.iter_mut().find(|edit| edit.id == *id) {
            Some(edit) => edit.decision = *decision,
            None => return Err(OptimizeError::UnknownEdit { id: id.clone() }),
        }
    }
    let mut from_facts = tailor::from_facts(resume, &outcome.posting, &confirmed);
    for edit in &mut from_facts {
        let known = decided.iter().find(|known| known.id == edit.id && known.after == edit.after);
        if let Some(known) = known {
            edit.decision = known.decision;
        }
    }
    let refused = outcome.refused.iter().map(|refusal| refusal.edit.clone());
    let mut proposed: Vec<Edit> =
        decided.into_iter().chain(refused).filter(|edit| !tailor::is_from_fact(edit)).collect();
    proposed.extend(from_facts);
    let verified = verify::verify(resume, &confirmed, proposed);
    let as_of = outcome.receipt.as_of.parse().unwrap_or_default();
    let start = Start {
        receipt: outcome.receipt.clone(),
        as_of,
        resume: resume.clone(),
        posting: outcome.posting.clone(),
        readability: CheckReport {
            score: outcome.scores.readable.before,
            findings: outcome.readability.clone(),
        },
        before: matching::match_resume(resume, &outcome.posting, as_of),
        confirmed,
        engine: outcome.engine.clone(),
    };
    let decided = finish(start, verified, template)?;
    Ok(Outcome { timings_ms: outcome.timings_ms.clone(), ..decided })
}

/// The match report alone: nothing is changed, nothing rendered. Evidence points into what was `read`, or into the resume
/// that its owner `corrected`.
#[must_use]
pub fn analyze(
    source: &SourceText,
    read: &Resume,
    corrected: Option<&Resume>,
    posting: &Posting,
    resume_sha256: &str,
    as_of: NaiveDate,
) -> Analysis {
    let readability = understand::readable(source, read, as_of);
    let resume = corrected.unwrap_or(read);
    Analysis {
        posting: posting.clone(),
        report: matching::match_resume(resume, posting, as_of),
        readable: readability.score,
        writing: writing::check(resume).score,
        readability: readability.findings,
        receipt: receipt(posting, resume_sha256, corrected, as_of),
    }
}

fn receipt(posting: &Posting, resume_sha256: &str, corrected: Option<&Resume>, as_of: NaiveDate) -> Receipt {
    Receipt {
        resume_sha256: resume_sha256.to_owned(),
        correction_sha256: corrected.map(|resume| sha256(places::to_json(resume).to_string().as_bytes())),
        posting_sha256: sha256(posting.text.as_bytes()),
        algorithm: matching::ALGORITHM.to_owned(),
        lexicon: lexicon().version().to_owned(),
        as_of: as_of.to_string(),
    }
}

fn check_facts(resume: &Resume, confirmed: &[ConfirmedFact]) -> Result<(), OptimizeError> {
    if confirmed.len() > MAX_FACTS {
        return Err(OptimizeError::TooManyFacts { count: confirmed.len(), limit: MAX_FACTS });
    }
    let json = places::to_json(resume);
    for (index, fact) in confirmed.iter().enumerate() {
        let number = index + 1;
        let characters = fact.text.trim().chars().count();
        if !(1..=MAX_FACT).contains(&characters) {
            return Err(OptimizeError::FactLength { number, characters, limit: MAX_FACT });
        }
        if !is_statement(&fact.text) {
            return Err(OptimizeError::FactWording { number });
        }
        let is_entry =
            places::entry(&fact.item) == Some(fact.item.as_str()) && json.pointer(&fact.item).is_some();
        if !fact.item.is_empty() && !is_entry {
            return Err(OptimizeError::FactItem { number });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
