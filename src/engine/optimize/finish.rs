//! The end of the pipeline: from verified edits to the tailored resume, its scores and its certificate.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::job::DocumentFormat;
use crate::domain::outcome::{
    Certificate, Change, EngineInfo, MatchChange, Outcome, PartChange, ReadBack, Receipt, Scores,
};
use crate::domain::posting::Posting;
use crate::domain::report::{CheckReport, MatchReport};
use crate::domain::resume::Resume;
use crate::domain::source::{Layout, SourceFormat, SourceText};
use crate::domain::tailoring::ConfirmedFact;
use crate::engine::optimize::OptimizeError;
use crate::engine::optimize::evidence::{from_own_words, in_own_words};
use crate::engine::verify::Verified;
use crate::engine::{matching, read, render, tailor, understand, writing};

/// The documents that are read back: the two that are sent to machines.
const CERTIFIED: [DocumentFormat; 2] = [DocumentFormat::Pdf, DocumentFormat::Docx];

/// Everything about the resume as it came.
pub(crate) struct Start {
    /// What the result is computed from.
    pub(crate) receipt: Receipt,
    /// The day of it.
    pub(crate) as_of: NaiveDate,
    /// The resume as read.
    pub(crate) resume: Resume,
    /// The posting.
    pub(crate) posting: Posting,
    /// How readable the document was.
    pub(crate) readability: CheckReport,
    /// How it met the posting.
    pub(crate) before: MatchReport,
    /// What the owner confirmed.
    pub(crate) confirmed: Vec<ConfirmedFact>,
    /// Who proposed the edits.
    pub(crate) engine: EngineInfo,
}

/// The built-in engine.
pub(crate) fn rules() -> EngineInfo {
    EngineInfo { name: "rules".into(), version: env!("CARGO_PKG_VERSION").into(), model: None }
}

/// Applies the edits, measures, renders and reads back.
pub(crate) fn finish(start: Start, verified: Verified, template: &str) -> Result<Outcome, OptimizeError> {
    let tailored = tailor::apply(&start.resume, &verified.edits);
    let after = matching::match_resume(&tailored, &start.posting, start.as_of);
    let plain = tailor::apply(&start.resume, &in_own_words(&verified.edits));
    let own = matching::match_resume(&plain, &start.posting, start.as_of);
    let after = from_own_words(after, own, &tailored, &start.resume, &verified.edits);
    let writing_before = writing::check(&start.resume);
    let writing_after = writing::check(&tailored);
    let (certificate, readable_after) = certify(&tailored, template, start.as_of)?;
    Ok(Outcome {
        scores: Scores {
            readable: Change { before: start.readability.score, after: readable_after },
            matching: MatchChange {
                before: start.before.score,
                after: after.score,
                parts: parts(&start.before, &after),
            },
            writing: Change { before: writing_before.score, after: writing_after.score },
        },
        posting: start.posting,
        requirements: after.requirements,
        keywords: after.keywords,
        readability: start.readability.findings,
        writing: writing_after.findings,
        edits: verified.edits,
        refused: verified.refused,
        gaps: after.gaps,
        confirmed_facts: start.confirmed,
        resume: tailored,
        source_resume: start.resume,
        certificate,
        receipt: start.receipt,
        engine: start.engine,
        timings_ms: BTreeMap::new(),
    })
}

/// The parts of both reports, which have the same names and weights because the posting is the same.
fn parts(before: &MatchReport, after: &MatchReport) -> Vec<PartChange> {
    let earlier =
        |name: &str| before.parts.iter().find(|part| part.name == name).map_or(0.0, |part| part.score);
    after
        .parts
        .iter()
        .map(|part| PartChange {
            name: part.name.clone(),
            weight: part.weight,
            before: earlier(&part.name),
            after: part.score,
            explanation: part.explanation.clone(),
        })
        .collect()
}

/// Renders the documents that machines read, reads them back, and measures how readable the PDF is.
fn certify(tailored: &Resume, template: &str, as_of: NaiveDate) -> Result<(Certificate, f32), OptimizeError> {
    let mut documents: Vec<ReadBack> = Vec::new();
    let mut readable = 0.0;
    for format in CERTIFIED {
        let bytes = render::render(tailored, format, template)?;
        let name = format!("resume.{}", format.extension());
        // A document that cannot be read at all has lost every word; the certificate says so.
        let text = read::read(&bytes, &name, &read::Limits::default()).unwrap_or_else(|_| nothing(format));
        if format == DocumentFormat::Pdf {
            let again = understand::resume::understand(&text);
            readable = understand::readable(&text, &again, as_of).score;
        }
        documents.push(render::read_back(tailored, format, &bytes, &text));
    }
    let passed = documents.iter().all(|document| document.lost.is_empty());
    Ok((Certificate { passed, documents }, readable))
}

fn nothing(format: DocumentFormat) -> SourceText {
    SourceText {
        format: if format == DocumentFormat::Docx { SourceFormat::Docx } else { SourceFormat::Pdf },
        lines: Vec::new(),
        raw: Vec::new(),
        pages: Vec::new(),
        layout: Layout::default(),
        structured: Vec::new(),
        notes: Vec::new(),
        title: None,
    }
}
