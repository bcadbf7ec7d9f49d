//! Checks of the file as a whole: its length, its name, and what simple readers make of it.

use crate::domain::report::{ReaderKind, ReaderView, Severity};
use crate::domain::resume::Resume;
use crate::domain::source::{Part, SourceFormat, SourceText};
use crate::engine::understand::readability::{Checks, places};

/// Pages that are read to the end.
const MOST_PAGES: usize = 3;
/// Words below which there is too little to judge.
const FEWEST_WORDS: usize = 120;
/// Share of the fields from which on a reader that loses them has not understood the resume.
const MANY_LOST: usize = 4;
/// Words that say nothing about whose file it is.
const NOBODYS: &[&str] = &[
    "cv",
    "resume",
    "résumé",
    "curriculum",
    "vitae",
    "lebenslauf",
    "bewerbung",
    "document",
    "dokument",
    "doc",
    "docx",
    "pdf",
    "file",
    "scan",
    "untitled",
    "unnamed",
    "download",
    "export",
    "new",
    "neu",
    "final",
    "latest",
    "last",
    "current",
    "updated",
    "update",
    "old",
    "copy",
    "kopie",
    "draft",
    "version",
    "ver",
    "v",
    "my",
    "the",
    "of",
    "and",
    "for",
    "job",
    "application",
    "template",
];

/// Pages and words.
pub(crate) fn check(checks: &mut Checks, source: &SourceText, resume: &Resume) {
    let words = match source.format {
        SourceFormat::JsonResume => {
            serde_json::to_string(resume).unwrap_or_default().split_whitespace().count()
        }
        _ => source
            .lines
            .iter()
            .filter(|line| !matches!(line.part, Part::Header | Part::Footer))
            .map(|line| line.text().split_whitespace().count())
            .sum(),
    };
    let pages = source.pages.len();
    let extent = if pages > MOST_PAGES {
        format!("The resume has {pages} pages.")
    } else {
        format!("The resume has only {words} words.")
    };
    checks.add(
        "length",
        Severity::Info,
        pages <= MOST_PAGES && words >= FEWEST_WORDS,
        ["The length is fine.", &extent, "Aim at one or two pages with what matters for the posting."],
    );
}

/// Whether simple readers lose fields of the resume.
pub(crate) fn check_readers(checks: &mut Checks, source: &SourceText, readers: &[ReaderView]) {
    let simple: Vec<&ReaderView> = readers.iter().filter(|view| view.reader != ReaderKind::Layout).collect();
    if simple.is_empty() {
        return;
    }
    let grave = simple.iter().any(|view| {
        let contact = |field: &str| matches!(field, "basics.name" | "basics.email" | "basics.phone");
        let asked = usize::try_from(view.asked).unwrap_or(usize::MAX);
        view.lost.iter().any(|lost| contact(&lost.field)) || view.lost.len().saturating_mul(MANY_LOST) > asked
    });
    let losses: Vec<String> = simple
        .iter()
        .filter(|view| !view.lost.is_empty())
        .map(|view| format!("{} of {} {}", view.lost.len(), view.asked, in_words(view.reader)))
        .collect();
    let lost = format!("Simple readers lose fields of the resume: {}.", losses.join("; "));
    checks
        .note(
            "readers_disagree",
            if grave { Severity::Warning } else { Severity::Info },
            losses.is_empty(),
            [
                "Simple readers get every field.",
                &lost,
                "Put everything into the body in one column, from top to bottom in the order in which it is to be read.",
            ],
        )
        .at(|| {
            let lost = simple.iter().flat_map(|view| &view.lost);
            places::of_texts(source, lost.map(|lost| lost.value.trim_end_matches('…')))
        });
}

fn in_words(reader: ReaderKind) -> &'static str {
    match reader {
        ReaderKind::Layout => "are lost to those that know columns",
        ReaderKind::RawOrder => "are lost to those that follow the order of the file",
        ReaderKind::LineMerging => "are lost to those that read straight across columns",
    }
}

/// Whether a file's name says whose it is, in characters that every system takes.
pub(crate) fn check_name(checks: &mut Checks, name: &str) {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let odd: String = name.chars().filter(|c| is_odd(*c)).take(5).collect();
    let says_nothing = stem
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .all(|word| NOBODYS.contains(&word.to_lowercase().as_str()));
    let (bad, mend) = if odd.is_empty() {
        (
            "The name of the file does not say whose resume it is.".to_owned(),
            "Name it after you: Jane_Doe_Resume.pdf.",
        )
    } else {
        (
            format!("The name of the file has characters that some systems trip over: {odd}"),
            "Use plain letters, digits, hyphens and underscores: Jane_Doe_Resume.pdf.",
        )
    };
    let passed = odd.is_empty() && !says_nothing;
    checks.note("file_name", Severity::Info, passed, ["The name of the file says whose it is.", &bad, mend]);
}

/// Characters that are changed or refused on the way through some system.
fn is_odd(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '(' | ')'))
}
