//! Dates as printed beside dates as understood: which of the two a correction leaves behind.

use crate::domain::resume::{PartialDate, Resume};

/// First and last date of an entry.
type Span = (Option<PartialDate>, Option<PartialDate>);

/// Forgets printed dates that belong to other ones: documents print them first, so that whoever corrects "2002" to "2020"
/// would still read 2002. `known` are the resumes that say which dates they were printed for.
pub(in crate::service::corrections) fn forget_outdated<'a>(
    resume: &mut Resume,
    known: impl Iterator<Item = &'a Resume>,
) {
    let known: Vec<(&str, Span)> = known.flat_map(printed).collect();
    let settle = |dates: &mut Option<String>, span: Span| {
        let spans: Vec<Span> =
            known.iter().filter(|(text, _)| dates.as_deref() == Some(text)).map(|(_, span)| *span).collect();
        if !spans.is_empty() && !spans.contains(&span) {
            *dates = None;
        }
    };
    for work in &mut resume.work {
        settle(&mut work.dates, (work.start_date, work.end_date));
    }
    for volunteer in &mut resume.volunteer {
        settle(&mut volunteer.dates, (volunteer.start_date, volunteer.end_date));
    }
    for education in &mut resume.education {
        settle(&mut education.dates, (education.start_date, education.end_date));
    }
    for project in &mut resume.projects {
        settle(&mut project.dates, (project.start_date, project.end_date));
    }
    for award in &mut resume.awards {
        settle(&mut award.dates, (None, award.date));
    }
    for certificate in &mut resume.certificates {
        settle(&mut certificate.dates, (None, certificate.date));
    }
    for publication in &mut resume.publications {
        settle(&mut publication.dates, (None, publication.release_date));
    }
}

/// Every printed date of a resume with what it was understood as.
fn printed(resume: &Resume) -> Vec<(&str, Span)> {
    let work = resume.work.iter().map(|work| (&work.dates, (work.start_date, work.end_date)));
    let volunteer = resume.volunteer.iter().map(|entry| (&entry.dates, (entry.start_date, entry.end_date)));
    let education = resume.education.iter().map(|entry| (&entry.dates, (entry.start_date, entry.end_date)));
    let projects = resume.projects.iter().map(|entry| (&entry.dates, (entry.start_date, entry.end_date)));
    let awards = resume.awards.iter().map(|award| (&award.dates, (None, award.date)));
    let certificates = resume.certificates.iter().map(|entry| (&entry.dates, (None, entry.date)));
    let publications = resume.publications.iter().map(|entry| (&entry.dates, (None, entry.release_date)));
    let all = work.chain(volunteer).chain(education).chain(projects);
    let all = all.chain(awards).chain(certificates).chain(publications);
    all.filter_map(|(dates, span)| Some((dates.as_deref()?, span))).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::domain::resume::{Resume, Work};
    use crate::service::corrections::dates::forget_outdated;

    fn resume(printed: Option<&str>, start: &str) -> Resume {
        let work = Work {
            dates: printed.map(str::to_owned),
            start_date: Some(start.parse().unwrap()),
            ..Work::default()
        };
        Resume { work: vec![work], ..Resume::default() }
    }

    #[track_caller]
    fn check(printed: &str, start: &str, expected: Option<&str>) {
        let read = resume(Some("March 2020 to now"), "2002-03");
        let mut corrected = resume(Some(printed), start);
        forget_outdated(&mut corrected, std::iter::once(&read));
        assert_eq!(corrected, resume(expected, start));
    }

    #[test]
    fn printed_dates_go_with_the_dates_that_they_were_printed_for() {
        check("March 2020 to now", "2002-03", Some("March 2020 to now"));
        check("March 2020 to now", "2020-03", None);
        check("Spring 2020 to now", "2020-03", Some("Spring 2020 to now"));
    }
}
