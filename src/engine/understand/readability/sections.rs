//! Checks of the sections: whether the usual ones are found, under headings that readers know.

use crate::domain::report::Severity;
use crate::domain::resume::{Resume, Work};
use crate::domain::source::{LineKind, SourceFormat, SourceText};
use crate::engine::understand::readability::{Checks, places};

/// Bytes of a summary below which a position says nothing.
const BARE_SUMMARY: usize = 40;

/// Headings, the sections under them, and what stands in those.
pub(crate) fn check(checks: &mut Checks, source: &SourceText, resume: &Resume) {
    checks.add(
        "missing_headings",
        Severity::Warning,
        !resume.section_order.is_empty() || source.format == SourceFormat::JsonResume,
        [
            "The sections have headings.",
            "No heading was found that parts the sections.",
            "Put a heading alone on its line above each section: Experience, Education, Skills.",
        ],
    );
    let experience = !resume.work.is_empty() || !resume.volunteer.is_empty() || !resume.projects.is_empty();
    checks.add(
        "missing_experience",
        Severity::Error,
        experience,
        [
            "A section on experience was found.",
            "No section on experience was found.",
            "Put your positions under the heading \"Experience\".",
        ],
    );
    checks.add(
        "missing_education",
        Severity::Warning,
        !resume.education.is_empty(),
        [
            "A section on education was found.",
            "No section on education was found.",
            "Put your studies under the heading \"Education\".",
        ],
    );
    checks.add(
        "missing_skills",
        Severity::Warning,
        !resume.skills.is_empty(),
        [
            "A section on skills was found.",
            "No section on skills was found.",
            "List your skills under the heading \"Skills\".",
        ],
    );
    check_headings(checks, source, resume);
    check_contents(checks, source, resume);
}

fn check_headings(checks: &mut Checks, source: &SourceText, resume: &Resume) {
    let odd: Vec<&str> = resume
        .sections
        .iter()
        .filter_map(|section| section.heading.as_deref())
        .filter(|heading| !crate::engine::understand::resume::is_known_heading(heading))
        .collect();
    let named = format!("Headings that readers do not know: {}.", odd.join(", "));
    checks
        .add(
            "odd_headings",
            Severity::Info,
            odd.is_empty(),
            [
                "Every heading is a usual one.",
                &named,
                "Use the usual words for headings: Experience, Education, Skills, Projects.",
            ],
        )
        .at(|| places::of_texts(source, odd));
}

fn check_contents(checks: &mut Checks, source: &SourceText, resume: &Resume) {
    let bare: Vec<&Work> = resume
        .work
        .iter()
        .filter(|work| {
            work.highlights.is_empty() && work.summary.as_deref().is_none_or(|text| text.len() < BARE_SUMMARY)
        })
        .collect();
    let some = format!("{} of {} positions say nothing about what was done.", bare.len(), resume.work.len());
    checks
        .add(
            "missing_highlights",
            Severity::Warning,
            bare.len() * 2 <= resume.work.len(),
            ["Most positions say what was done.", &some, "Add two to five bullets to each position."],
        )
        .at(|| {
            let texts = bare
                .iter()
                .map(|work| [work.position.as_deref(), work.name.as_deref(), work.dates.as_deref()]);
            places::of_entries(source, texts)
        });
    let bullets = source.lines.iter().any(|line| matches!(line.kind, LineKind::ListItem(_)));
    let listed = bullets
        || source.format == SourceFormat::JsonResume
        || resume.work.iter().any(|work| !work.highlights.is_empty());
    checks.add(
        "no_bullets",
        Severity::Info,
        listed,
        [
            "Achievements are listed as bullets.",
            "No bullets were found.",
            "Write achievements as bullets, one line each.",
        ],
    );
}
