//! What a machine that reads resumes trips over, as checks with a score.
//!
//! The score is 100 less the penalties of the checks that fail, never below 0. A penalty is what the failure
//! costs the person: 20 where content is likely lost or the person cannot be reached, 8 where some readers
//! trip, 3 where it is good to know, unless the check says otherwise.

use crate::domain::report::{CheckReport, Finding, Severity};
use crate::domain::resume::{PartialDate, Resume};
use crate::domain::source::{LineKind, Part, SourceFormat, SourceText};

/// Characters beyond which a fault of the text layer is more than an accident.
const FEW_CHARACTERS: u32 = 5;
/// Type smaller than this is hard to read, in points.
const SMALL_TYPE: f32 = 9.0;
/// Pages that are read to the end.
const MOST_PAGES: usize = 3;
/// Words below which there is too little to judge.
const FEWEST_WORDS: usize = 120;

struct Checks {
    findings: Vec<Finding>,
    penalty: f32,
}

impl Checks {
    fn add(&mut self, code: &str, severity: Severity, passed: bool, texts: [&str; 3]) {
        let [good, bad, mend] = texts;
        let message = if passed { good } else { bad };
        let mend = if passed { "" } else { mend };
        if !passed {
            self.penalty += match severity {
                Severity::Error => 20.0,
                Severity::Warning => 8.0,
                Severity::Info => 3.0,
            };
        }
        self.findings.push(Finding {
            code: code.to_owned(),
            severity,
            passed,
            message: message.to_owned(),
            mend: mend.to_owned(),
        });
    }
}

/// Checks how well machines can read a resume. `resume` is what was understood of `source`.
#[must_use]
pub fn check(source: &SourceText, resume: &Resume) -> CheckReport {
    let mut checks = Checks { findings: Vec::new(), penalty: 0.0 };
    check_layout(&mut checks, source);
    check_text_layer(&mut checks, source);
    check_person(&mut checks, source, resume);
    check_sections(&mut checks, resume);
    check_dates(&mut checks, resume);
    check_extent(&mut checks, source, resume);
    CheckReport { score: (100.0 - checks.penalty).max(0.0), findings: checks.findings }
}

fn check_layout(checks: &mut Checks, source: &SourceText) {
    let layout = &source.layout;
    let columns = format!(
        "The text stands in {} columns side by side; simple readers mix their lines.",
        layout.columns
    );
    checks.add(
        "two_columns",
        Severity::Warning,
        layout.columns <= 1,
        ["The text stands in one column.", &columns, "Use a layout with one column."],
    );
    let tables =
        format!("{} tables hold text; some readers skip or reorder what stands in them.", layout.tables);
    checks.add(
        "tables",
        Severity::Warning,
        layout.tables == 0,
        ["No text stands in tables.", &tables, "Write the contents of tables as plain lines or lists."],
    );
    let images = format!("The file holds {} pictures; words in a picture are not read.", layout.images);
    checks.add(
        "images",
        Severity::Info,
        layout.images == 0,
        [
            "The file holds no pictures.",
            &images,
            "Leave out photos, logos and icons, or make sure that they hold no words.",
        ],
    );
    let floating =
        format!("{} characters stand in text boxes, which many readers skip.", layout.floating_characters);
    checks.add(
        "floating_text",
        Severity::Error,
        layout.floating_characters == 0,
        [
            "All text stands in the body of the document.",
            &floating,
            "Move the contents of text boxes into the body.",
        ],
    );
}

fn check_text_layer(checks: &mut Checks, source: &SourceText) {
    let layout = &source.layout;
    let unmapped = format!(
        "{} characters have no meaning for a machine, although they look right.",
        layout.unmapped_glyphs
    );
    let severity = if layout.unmapped_glyphs > 50 { Severity::Error } else { Severity::Warning };
    checks.add(
        "unmapped_glyphs",
        severity,
        layout.unmapped_glyphs <= FEW_CHARACTERS,
        [
            "Every character can be read.",
            &unmapped,
            "Export the document again with embedded Unicode fonts, and use text instead of icon fonts.",
        ],
    );
    let hidden = format!(
        "{} characters are invisible on the page; hiring systems treat that as a trick.",
        layout.hidden_characters
    );
    checks.add(
        "hidden_text",
        Severity::Error,
        layout.hidden_characters <= FEW_CHARACTERS,
        ["No text is hidden.", &hidden, "Remove invisible text."],
    );
    let smallest = small_share(source);
    let small = format!("{:.0} % of the text is set smaller than 9 points.", smallest * 100.0);
    checks.add(
        "small_type",
        Severity::Info,
        smallest < 0.2,
        ["The type is large enough.", &small, "Set running text in 10 points or more."],
    );
}

/// The share of characters in small type; 0 where sizes are unknown.
#[expect(clippy::cast_precision_loss, reason = "a share of characters needs no exactness")]
fn small_share(source: &SourceText) -> f32 {
    let (mut all, mut small) = (0_usize, 0_usize);
    for span in source.lines.iter().flat_map(|line| &line.spans).filter(|span| span.size > 0.0) {
        let count = span.text.chars().filter(|c| !c.is_whitespace()).count();
        all += count;
        small += if span.size < SMALL_TYPE - 0.05 { count } else { 0 };
    }
    if all == 0 { 0.0 } else { small as f32 / all as f32 }
}

fn check_person(checks: &mut Checks, source: &SourceText, resume: &Resume) {
    let basics = resume.basics.clone().unwrap_or_default();
    checks.add(
        "missing_name",
        Severity::Error,
        basics.name.is_some(),
        [
            "The name was found.",
            "No name was found at the top.",
            "Put your name alone on the first line, in the largest type.",
        ],
    );
    checks.add(
        "missing_email",
        Severity::Error,
        basics.email.is_some(),
        [
            "An e-mail address was found.",
            "No e-mail address was found.",
            "Write your e-mail address as text below your name.",
        ],
    );
    let email = basics.email.as_deref().unwrap_or_default();
    checks.add(
        "malformed_email",
        Severity::Error,
        email.is_empty() || is_email(email),
        [
            "The e-mail address is well formed.",
            "The e-mail address is not well formed.",
            "Write the address as name@example.org, without blanks.",
        ],
    );
    checks.add(
        "missing_phone",
        Severity::Warning,
        basics.phone.is_some(),
        [
            "A telephone number was found.",
            "No telephone number was found.",
            "Write your telephone number as text below your name.",
        ],
    );
    checks.add(
        "missing_location",
        Severity::Info,
        basics.location.is_some(),
        ["The place was found.", "No place was found.", "Write your city and country below your name."],
    );
    let furniture =
        |needle: &str| !needle.is_empty() && in_part(source, needle, true) && !in_part(source, needle, false);
    let apart = furniture(email) || furniture(basics.phone.as_deref().unwrap_or_default());
    checks.add(
        "header_footer_contact",
        Severity::Warning,
        !apart,
        [
            "Contacts stand in the body.",
            "Contacts stand only in the page header or footer, which many readers skip.",
            "Repeat your contacts in the body, below your name.",
        ],
    );
}

fn in_part(source: &SourceText, needle: &str, furniture: bool) -> bool {
    source
        .lines
        .iter()
        .filter(|line| matches!(line.part, Part::Header | Part::Footer) == furniture)
        .any(|line| line.text().contains(needle))
}

fn is_email(address: &str) -> bool {
    let Some((local, host)) = address.split_once('@') else {
        return false;
    };
    let labels: Vec<&str> = host.split('.').collect();
    let ending =
        labels.last().is_some_and(|end| end.chars().count() >= 2 && end.chars().all(char::is_alphabetic));
    !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && labels.len() >= 2
        && labels.iter().all(|label| !label.is_empty())
        && ending
        && !address.contains(char::is_whitespace)
}

fn check_sections(checks: &mut Checks, resume: &Resume) {
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
    let odd: Vec<&str> = resume
        .sections
        .iter()
        .filter_map(|section| section.heading.as_deref())
        .filter(|heading| !crate::engine::understand::resume::is_known_heading(heading))
        .collect();
    let named = format!("Headings that readers do not know: {}.", odd.join(", "));
    checks.add(
        "odd_headings",
        Severity::Info,
        odd.is_empty(),
        [
            "Every heading is a usual one.",
            &named,
            "Use the usual words for headings: Experience, Education, Skills, Projects.",
        ],
    );
    let bare = resume
        .work
        .iter()
        .filter(|work| {
            work.highlights.is_empty() && work.summary.as_deref().is_none_or(|text| text.len() < 40)
        })
        .count();
    let some = format!("{bare} of {} positions say nothing about what was done.", resume.work.len());
    checks.add(
        "missing_highlights",
        Severity::Warning,
        bare * 2 <= resume.work.len(),
        ["Most positions say what was done.", &some, "Add two to five bullets to each position."],
    );
}

fn check_dates(checks: &mut Checks, resume: &Resume) {
    type Ends = (Option<PartialDate>, Option<PartialDate>);
    let work = resume.work.iter().map(|work| ((work.start_date, work.end_date), work.dates.as_deref()));
    let education =
        resume.education.iter().map(|study| ((study.start_date, study.end_date), study.dates.as_deref()));
    let all: Vec<(Ends, Option<&str>)> = work.chain(education).collect();
    let unread: Vec<&str> = all
        .iter()
        .filter(|((start, end), printed)| start.is_none() && end.is_none() && printed.is_some())
        .filter_map(|(_, printed)| *printed)
        .collect();
    let undated = resume
        .work
        .iter()
        .filter(|work| work.start_date.is_none() && work.end_date.is_none() && work.dates.is_none())
        .count();
    let unclear = if unread.is_empty() {
        format!("{undated} positions have no dates.")
    } else {
        format!("These dates could not be read: {}.", unread.join("; "))
    };
    checks.add(
        "unparseable_dates",
        Severity::Warning,
        unread.is_empty() && undated == 0,
        [
            "Every date could be read.",
            &unclear,
            "Write dates as \"Mar 2021 – Jun 2023\" on the line of the position.",
        ],
    );
    let reversed = all
        .iter()
        .filter(
            |((start, end), _)| matches!((start, end), (Some(start), Some(end)) if is_after(*start, *end)),
        )
        .count();
    let wrong = format!("{reversed} entries end before they begin.");
    checks.add(
        "reversed_dates",
        Severity::Warning,
        reversed == 0,
        ["No entry ends before it begins.", &wrong, "Check the dates of these entries."],
    );
}

/// Later for certain: a year alone is as late as its December.
fn is_after(start: PartialDate, end: PartialDate) -> bool {
    let latest = PartialDate { month: end.month.or(Some(12)), ..end };
    let earliest = PartialDate { month: start.month.or(Some(1)), ..start };
    earliest.months() > latest.months()
}

fn check_extent(checks: &mut Checks, source: &SourceText, resume: &Resume) {
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
