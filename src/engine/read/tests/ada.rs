//! What must be understood of one resume, whatever format it came in.

#![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

use crate::domain::source::SourceText;
use crate::engine::read::fixtures::texts;
use crate::engine::understand::resume::understand;

/// The resume of a person who does not exist, whatever format it came in: contacts, jobs, a school, skills.
#[track_caller]
pub(crate) fn is_adas_resume(source: &SourceText) {
    let resume = understand(source);
    let basics = resume.basics.unwrap();
    assert_eq!(basics.name.as_deref(), Some("Ada Müller"), "{:?}", texts(source));
    assert_eq!(basics.email.as_deref(), Some("ada@example.org"));
    assert_eq!(basics.phone.as_deref(), Some("+49 30 1234567"));
    let links: Vec<_> = basics.profiles.iter().filter_map(|profile| profile.url.as_deref()).collect();
    assert!(links.iter().any(|link| link.contains("github.com/ada")), "{links:?}");
    let jobs: Vec<_> = resume
        .work
        .iter()
        .map(|job| {
            let years = (job.start_date.map(|date| date.year), job.end_date.map(|date| date.year));
            (job.name.as_deref(), job.position.as_deref(), years, job.highlights.clone())
        })
        .collect();
    let highlights = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        jobs,
        [
            (
                Some("Vireo Labs"),
                Some("Senior Engineer"),
                (Some(2019), Some(2023)),
                highlights(&["Led a team of five engineers", "Cut costs by 30% & more"])
            ),
            (
                Some("Coral Systems"),
                Some("Data Engineer"),
                (Some(2016), Some(2019)),
                highlights(&["Moved two pipelines to streams"])
            ),
        ],
        "{:?}",
        texts(source)
    );
    let school = resume.education.first().unwrap();
    assert_eq!(school.institution.as_deref(), Some("Ridge University"));
    let skills: Vec<_> = resume.skills.iter().flat_map(|skill| skill.keywords.clone()).collect();
    for skill in ["Rust", "Python", "PostgreSQL"] {
        assert!(skills.contains(&skill.to_owned()), "{skills:?}");
    }
}
