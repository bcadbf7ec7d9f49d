//! Checks of dates: whether they can be read, run forward, and have begun.

use chrono::{Datelike, NaiveDate};

use crate::domain::report::Severity;
use crate::domain::resume::{PartialDate, Resume};
use crate::domain::source::{Place, SourceText};
use crate::engine::understand::readability::{Checks, places};

/// The dates of an entry, and what it is called.
struct Dated<'r> {
    start: Option<PartialDate>,
    end: Option<PartialDate>,
    printed: Option<&'r str>,
    name: Option<&'r str>,
    title: Option<&'r str>,
}

/// The dates of positions and studies.
pub(crate) fn check(checks: &mut Checks, source: &SourceText, resume: &Resume, as_of: NaiveDate) {
    let work: Vec<Dated<'_>> = resume
        .work
        .iter()
        .map(|work| Dated {
            start: work.start_date,
            end: work.end_date,
            printed: work.dates.as_deref(),
            name: work.name.as_deref(),
            title: work.position.as_deref(),
        })
        .collect();
    check_legible(checks, source, &work, resume);
    let all: Vec<Dated<'_>> = work.into_iter().chain(studies(resume)).collect();
    let reversed: Vec<&Dated<'_>> = all.iter().filter(|entry| ends_before_start(entry)).collect();
    let wrong = match reversed.len() {
        1 => "1 entry ends before it begins.".to_owned(),
        many => format!("{many} entries end before they begin."),
    };
    checks
        .add(
            "reversed_dates",
            Severity::Warning,
            reversed.is_empty(),
            ["No entry ends before it begins.", &wrong, "Check the dates of these entries."],
        )
        .at(|| of_entries(source, &reversed));
    let today = as_of.year() * 12 + as_of.month0().cast_signed();
    let future: Vec<&Dated<'_>> =
        all.iter().filter(|entry| entry.start.is_some_and(|start| start.months() > today)).collect();
    let early = match future.len() {
        1 => "1 entry begins in the future; systems that count years of experience trip over it.".to_owned(),
        many => {
            format!(
                "{many} entries begin in the future; systems that count years of experience trip over them."
            )
        }
    };
    checks
        .add(
            "future_dates",
            Severity::Warning,
            future.is_empty(),
            [
                "No entry begins in the future.",
                &early,
                "Check the years of these entries, and say in words what is agreed but has not begun.",
            ],
        )
        .at(|| of_entries(source, &future));
}

fn studies(resume: &Resume) -> impl Iterator<Item = Dated<'_>> {
    resume.education.iter().map(|study| Dated {
        start: study.start_date,
        end: study.end_date,
        printed: study.dates.as_deref(),
        name: study.institution.as_deref(),
        title: study.area.as_deref(),
    })
}

fn check_legible(checks: &mut Checks, source: &SourceText, work: &[Dated<'_>], resume: &Resume) {
    let is_read = |entry: &&Dated<'_>| entry.start.is_some() || entry.end.is_some();
    let studies: Vec<Dated<'_>> = studies(resume).collect();
    let unread: Vec<&str> = work
        .iter()
        .chain(&studies)
        .filter(|entry| !is_read(entry))
        .filter_map(|entry| entry.printed)
        .collect();
    let undated = work.iter().filter(|entry| !is_read(entry) && entry.printed.is_none()).count();
    let unclear = match (unread.as_slice(), undated) {
        ([], 1) => "1 position has no dates.".to_owned(),
        ([], many) => format!("{many} positions have no dates."),
        (unread, _) => format!("These dates could not be read: {}.", unread.join("; ")),
    };
    checks
        .add(
            "unparseable_dates",
            Severity::Warning,
            unread.is_empty() && undated == 0,
            [
                "Every date could be read.",
                &unclear,
                "Write dates as \"Mar 2021 – Jun 2023\" on the line of the position.",
            ],
        )
        .at(|| {
            let studies = studies.iter().filter(|entry| entry.printed.is_some());
            let unclear: Vec<&Dated<'_>> =
                work.iter().chain(studies).filter(|entry| !is_read(entry)).collect();
            of_entries(source, &unclear)
        });
}

fn of_entries(source: &SourceText, entries: &[&Dated<'_>]) -> Vec<Place> {
    places::of_entries(source, entries.iter().map(|entry| [entry.printed, entry.name, entry.title]))
}

/// Before for certain: a year alone ends as late as its December, and begins as early as its January.
fn ends_before_start(entry: &Dated<'_>) -> bool {
    entry.start.zip(entry.end).is_some_and(|(start, end)| end.is_before(start))
}
