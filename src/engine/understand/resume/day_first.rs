//! "01/09/2019" is the first of September nearly everywhere and the ninth of January in the United States: the rest of the
//! document says which.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::resume::{PartialDate, Resume};
use crate::engine::understand::resume::dates::{Dates, Order, find_dates_in};
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::text::pattern;
use crate::engine::words::{Tongue, tongue};

static DAY: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d{1,2})[/-](\d{1,2})[/-](?:19|20)\d{2}\b"));

/// Reads the dates of the entries again, day first, where the document writes them so.
pub(crate) fn read_days_first(resume: &mut Resume, rows: &[Row]) {
    let texts: Vec<String> = rows.iter().map(Row::all).collect();
    if !texts.iter().any(|text| DAY.is_match(text)) || !is_day_first(resume, &texts) {
        return;
    }
    for work in &mut resume.work {
        turn(work.dates.as_deref(), &mut work.start_date, &mut work.end_date);
    }
    for volunteer in &mut resume.volunteer {
        turn(volunteer.dates.as_deref(), &mut volunteer.start_date, &mut volunteer.end_date);
    }
    for study in &mut resume.education {
        turn(study.dates.as_deref(), &mut study.start_date, &mut study.end_date);
    }
    for project in &mut resume.projects {
        turn(project.dates.as_deref(), &mut project.start_date, &mut project.end_date);
    }
    for award in &mut resume.awards {
        turn_one(award.dates.as_deref(), &mut award.date);
    }
    for certificate in &mut resume.certificates {
        turn_one(certificate.dates.as_deref(), &mut certificate.date);
    }
    for publication in &mut resume.publications {
        turn_one(publication.dates.as_deref(), &mut publication.release_date);
    }
}

/// A number above 12 says which one is the day. Without one it is the language, or the country of the telephone.
fn is_day_first(resume: &Resume, texts: &[String]) -> bool {
    let (mut first, mut second) = (false, false);
    for found in texts.iter().flat_map(|text| DAY.captures_iter(text)) {
        let is_day = |nth: usize| {
            found
                .get(nth)
                .and_then(|number| number.as_str().parse::<u8>().ok())
                .is_some_and(|number| number > 12)
        };
        first |= is_day(1);
        second |= is_day(2);
    }
    if first || second {
        return first && !second;
    }
    let phone = resume.basics.as_ref().and_then(|basics| basics.phone.as_deref()).unwrap_or_default();
    let dialled = phone.trim_start_matches(['(', ' ']);
    let is_abroad = dialled.strip_prefix('+').or_else(|| dialled.strip_prefix("00"));
    let is_abroad = is_abroad.is_some_and(|country| !country.trim_start().starts_with('1'));
    let tongue = tongue(texts.iter().map(String::as_str));
    is_abroad || !matches!(tongue, Tongue::English | Tongue::Unknown)
}

/// The first dates of an entry as printed, read with the days where they are said to be.
fn read(printed: &str, order: Order) -> Option<Dates> {
    find_dates_in(printed, order).into_iter().next()
}

/// Only what came from the printed dates is read again.
fn turn(printed: Option<&str>, start: &mut Option<PartialDate>, end: &mut Option<PartialDate>) {
    let ends = |dates: Dates| (dates.start, if dates.open { None } else { dates.end });
    let Some(printed) = printed else { return };
    if read(printed, Order::MonthFirst).map(ends) == Some((*start, *end))
        && let Some(turned) = read(printed, Order::DayFirst)
    {
        (*start, *end) = ends(turned);
    }
}

fn turn_one(printed: Option<&str>, date: &mut Option<PartialDate>) {
    let Some(printed) = printed else { return };
    if read(printed, Order::MonthFirst).and_then(|dates| dates.first()) == *date
        && let Some(turned) = read(printed, Order::DayFirst)
    {
        *date = turned.first();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    #[track_caller]
    fn check(contacts: &str, jobs: &[&str], expected: &[&str]) {
        let jobs: String = jobs
            .iter()
            .map(|dates| format!("Clerk, Vireo Labs Ltd\n{dates}\n- Kept the books\n\n"))
            .collect();
        let text = format!("Ada Example\nada@example.org\n{contacts}\n\nEXPERIENCE\n\n{jobs}");
        let resume = understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap());
        let shown: Vec<String> = resume
            .work
            .iter()
            .map(|job| {
                let [start, end] = [job.start_date, job.end_date]
                    .map(|date| date.map(|date| date.to_string()).unwrap_or_default());
                format!("{start}..{end}")
            })
            .collect();
        assert_eq!(shown, expected, "{jobs}");
    }

    #[test]
    fn a_number_above_twelve_says_where_the_day_stands() {
        let (early, late) = ("01/09/2019 – 05/02/2020", "01/03/2015 - 31/08/2019");
        check("", &[early, late], &["2019-09..2020-02", "2015-03..2019-08"]);
        check("", &[early, "03/01/2015 - 08/31/2019"], &["2019-01..2020-05", "2015-03..2019-08"]);
    }

    #[test]
    fn in_doubt_the_country_says_where_the_day_stands() {
        check("+44 20 7946 0958", &["01/09/2019 – Present"], &["2019-09.."]);
        check("+1 512 555 0142", &["01/09/2019 – Present"], &["2019-01.."]);
        check("", &["01/09/2019 – Present"], &["2019-01.."]);
    }
}
