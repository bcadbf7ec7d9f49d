//! How a result is shown: scores, edits, requirements, questions, and what was refused.

use askama::Template;
use serde_json::Value;

use crate::domain::job::{DocumentFormat, Job};
use crate::domain::outcome::{Change, Outcome, PartChange, Receipt};
use crate::domain::posting::RequirementKind;
use crate::domain::report::{
    Evidence, Finding, LostField, ReaderKind, ReaderView, RequirementMatch, RequirementStatus, Severity,
};
use crate::domain::tailoring::{Decision, Edit, EditOp};
use crate::http::web::jobs::JobLine;
use crate::http::web::pages::Frame;

/// Longest item of a list that is shown on one line, in characters.
const MAX_WORD: usize = 40;
/// Fields that a reader loses which are shown; whoever lost more has lost the resume.
const MAX_LOST: usize = 20;

#[derive(Template)]
#[template(path = "web/result.html")]
pub(crate) struct ResultPage {
    frame: Frame,
    job: JobLine,
    formats: Vec<&'static str>,
    notice: Option<String>,
    notes: Vec<String>,
    scores: [ScoreCard; 3],
    parts: Vec<PartRow>,
    edits: Vec<EditCard>,
    accepted: usize,
    requirements: Vec<RequirementRow>,
    gaps: Vec<String>,
    refused: Vec<RefusedRow>,
    findings: Vec<FindingRow>,
    readers: Vec<ReaderCard>,
    certificate_passed: bool,
    documents: Vec<DocumentRow>,
    engine: String,
    receipt: Receipt,
    total_ms: u64,
}

struct ScoreCard {
    name: &'static str,
    meaning: &'static str,
    before: u8,
    after: u8,
}

struct PartRow {
    name: String,
    weight: u8,
    before: u8,
    after: u8,
    explanation: String,
}

struct EditCard {
    id: String,
    what: String,
    accepted: bool,
    before: String,
    after: String,
    reason: String,
    evidence: Vec<Evidence>,
}

struct RequirementRow {
    text: String,
    kind: &'static str,
    status: &'static str,
    evidence: Vec<Evidence>,
}

struct RefusedRow {
    after: String,
    why: String,
}

struct FindingRow {
    message: String,
    mend: String,
    chip: &'static str,
    label: &'static str,
}

struct ReaderCard {
    name: &'static str,
    text: String,
    kept: u32,
    asked: u32,
    lost: Vec<LostField>,
    more: usize,
}

struct DocumentRow {
    format: String,
    words: u32,
    found: u32,
    lost: String,
}

impl ResultPage {
    /// The page of a completed job, with what simple readers get from the file that it began with.
    pub(crate) fn new(frame: Frame, job: &Job, outcome: Outcome, readers: Vec<ReaderView>) -> Self {
        let scores = &outcome.scores;
        let matching = Change { before: scores.matching.before, after: scores.matching.after };
        let cards = [
            ScoreCard::new("Match", "How well the resume meets what the posting asks for.", matching),
            ScoreCard::new(
                "Readable",
                "How well an applicant tracking system reads the document.",
                scores.readable,
            ),
            ScoreCard::new("Writing", "How well the bullets are written.", scores.writing),
        ];
        let edits: Vec<EditCard> = outcome.edits.into_iter().map(EditCard::from).collect();
        let findings = outcome.readability.into_iter().chain(outcome.writing);
        Self {
            frame,
            job: JobLine::from(job),
            formats: DocumentFormat::ALL.map(DocumentFormat::extension).to_vec(),
            notice: lost_words(outcome.certificate.passed),
            notes: outcome.posting.notes,
            scores: cards,
            parts: outcome.scores.matching.parts.iter().map(PartRow::from).collect(),
            accepted: edits.iter().filter(|edit| edit.accepted).count(),
            edits,
            requirements: outcome.requirements.into_iter().map(RequirementRow::from).collect(),
            gaps: outcome.gaps.into_iter().map(|gap| gap.question).collect(),
            refused: outcome
                .refused
                .into_iter()
                .map(|refusal| RefusedRow { after: shown(&refusal.edit.after), why: refusal.why })
                .collect(),
            findings: findings.filter(|finding| !finding.passed).map(FindingRow::from).collect(),
            readers: readers.into_iter().map(ReaderCard::from).collect(),
            certificate_passed: outcome.certificate.passed,
            documents: outcome
                .certificate
                .documents
                .into_iter()
                .map(|document| {
                    let lost = u32::try_from(document.lost.len()).unwrap_or(u32::MAX);
                    DocumentRow {
                        format: document.format,
                        words: document.words,
                        found: document.words.saturating_sub(lost),
                        lost: document.lost.join(", "),
                    }
                })
                .collect(),
            engine: format!("{} {}", outcome.engine.name, outcome.engine.version),
            receipt: outcome.receipt,
            total_ms: outcome.timings_ms.get("total").copied().unwrap_or_default(),
        }
    }
}

fn lost_words(passed: bool) -> Option<String> {
    (!passed).then(|| {
        "Our reader did not find every word of the resume in the finished documents. Look them over before you send them; \
         the certificate below lists what is missing."
            .to_owned()
    })
}

impl ScoreCard {
    fn new(name: &'static str, meaning: &'static str, change: Change) -> Self {
        Self { name, meaning, before: whole(change.before), after: whole(change.after) }
    }
}

impl From<&PartChange> for PartRow {
    fn from(part: &PartChange) -> Self {
        Self {
            name: in_words(&part.name),
            weight: whole(part.weight * 100.0),
            before: whole(part.before),
            after: whole(part.after),
            explanation: part.explanation.clone(),
        }
    }
}

impl From<Edit> for EditCard {
    fn from(edit: Edit) -> Self {
        let verb = match edit.op {
            EditOp::Replace if edit.before.is_null() => "Write",
            EditOp::Replace => "Reword",
            EditOp::Insert => "Add",
            EditOp::Reorder => "Reorder",
        };
        Self {
            what: format!("{verb} in {}", in_words(&edit.section).to_lowercase()),
            accepted: edit.decision == Decision::Accepted,
            before: shown(&edit.before),
            after: shown(&edit.after),
            id: edit.id,
            reason: edit.reason,
            evidence: edit.evidence,
        }
    }
}

impl From<RequirementMatch> for RequirementRow {
    fn from(requirement: RequirementMatch) -> Self {
        Self {
            text: requirement.text,
            kind: match requirement.kind {
                RequirementKind::Must => "must",
                RequirementKind::Nice => "nice to have",
            },
            status: match requirement.status {
                RequirementStatus::Demonstrated => "demonstrated",
                RequirementStatus::Listed => "listed",
                RequirementStatus::Related => "related",
                RequirementStatus::Missing => "missing",
            },
            evidence: requirement.evidence,
        }
    }
}

impl From<Finding> for FindingRow {
    fn from(finding: Finding) -> Self {
        let (chip, label) = match finding.severity {
            Severity::Error => ("failed", "must be mended"),
            Severity::Warning => ("related", "better mended"),
            Severity::Info => ("", "good to know"),
        };
        Self { message: finding.message, mend: finding.mend, chip, label }
    }
}

impl From<ReaderView> for ReaderCard {
    fn from(view: ReaderView) -> Self {
        Self {
            name: match view.reader {
                ReaderKind::Layout => "Reads column by column, as a person does",
                ReaderKind::RawOrder => "Follows the order of the file",
                ReaderKind::LineMerging => "Reads straight across columns",
            },
            more: view.lost.len().saturating_sub(MAX_LOST),
            text: view.text,
            kept: view.kept,
            asked: view.asked,
            lost: view.lost.into_iter().take(MAX_LOST).collect(),
        }
    }
}

/// A text as it is, a list of words on one line and one of sentences line by line, nothing as nothing.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            let is_words = items.iter().all(|item| item.chars().count() <= MAX_WORD);
            items.join(if is_words { ", " } else { "\n" })
        }
        other => entry(other),
    }
}

/// The texts of an entry, on one line.
fn entry(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            fields.values().map(shown).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// `must_requirements` as people write it.
fn in_words(name: &str) -> String {
    let spaced = name.trim_start_matches("x-").replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A score as a whole number from 0 to 100.
fn whole(score: f32) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    let whole = score.round().clamp(0.0, 100.0) as u8;
    whole
}
