//! Sections: whether each one of the document is one in the resume.

use resume_optimizer::domain::resume::Resume;

use crate::normal::{bare, holds, normal};
use crate::score::{Metric, Score};
use crate::truth::Truth;

/// Plain headings of what JSON Resume has a place for.
const PLAIN: &[(&str, &str)] = &[
    ("summary", "summary|professional summary|objective|profile|about"),
    (
        "work",
        "experience|work experience|professional experience|employment history|berufserfahrung|experiencia|工作背景|工作经历|实习经历",
    ),
    ("education", "education|ausbildung|formación académica|教育背景|教育经历"),
    (
        "skills",
        "skills|technical skills|computer skills|kenntnisse|conocimientos de computación|技能|计算机技能",
    ),
    ("projects", "project|projects|projekte|proyectos|项目"),
    ("publications", "publications"),
    ("languages", "languages|sprachen|idiomas|语言技能"),
    ("certificates", "certificates|certifications"),
    ("interests", "interests|个人兴趣"),
    ("references", "references"),
];

/// Scores the headings.
///
/// A section of the truth counts when
/// 1. its heading, as printed, is one of the resume's (`x-sectionOrder`, `x-sections`);
/// 2. or it names a group inside a section, and the resume has a group of skills or interests of that name;
/// 3. or it is a plain heading that only one section of the document has, and its content is under the right key of
///    JSON Resume: for positions, studies and skills something of what the truth has for them, else anything.
pub(crate) fn score(score: &mut Score, truth: &Truth, resume: &Resume) {
    let order = resume.section_order.iter().filter_map(|heading| heading.heading.as_deref());
    let kept = resume.sections.iter().filter_map(|section| section.heading.as_deref());
    let groups = resume.skills.iter().filter_map(|skill| skill.name.as_deref());
    let interests = resume.interests.iter().filter_map(|interest| interest.name.as_deref());
    let had: Vec<String> = order.chain(kept).chain(groups).chain(interests).map(bare).collect();
    let expected: Vec<&String> = truth.sections.iter().flatten().collect();
    for heading in &expected {
        let key = plain(heading);
        let is_alone = expected.iter().filter(|other| plain(other) == key).count() == 1;
        let right = had.contains(&bare(heading))
            || (is_alone && key.is_some_and(|key| has_content(key, truth, resume)));
        score.check(Metric::Sections, right);
        if !right {
            let headings: Vec<&str> =
                resume.section_order.iter().filter_map(|heading| heading.heading.as_deref()).collect();
            score.miss("section", *heading, headings.join(" | "));
        }
    }
}

fn plain(heading: &str) -> Option<&'static str> {
    let heading = bare(heading);
    PLAIN.iter().find(|(_, words)| words.split('|').any(|word| word == heading)).map(|(key, _)| *key)
}

fn has_content(key: &str, truth: &Truth, resume: &Resume) -> bool {
    match key {
        "summary" => resume.basics.as_ref().is_some_and(|basics| basics.summary.is_some()),
        "work" => truth.experience.iter().flatten().filter_map(|job| job.employer.as_ref()).any(|name| {
            resume.work.iter().any(|work| [&work.name, &work.position].iter().any(|had| is_within(name, had)))
        }),
        "education" => truth
            .education
            .iter()
            .flatten()
            .filter_map(|school| school.school.as_ref())
            .any(|name| resume.education.iter().any(|school| is_within(name, &school.institution))),
        "skills" => truth.skills.iter().flatten().any(|skill| {
            resume
                .skills
                .iter()
                .flat_map(|group| &group.keywords)
                .any(|had| holds(&normal(had), &normal(skill)))
        }),
        "projects" => !resume.projects.is_empty(),
        "publications" => !resume.publications.is_empty(),
        "languages" => !resume.languages.is_empty(),
        "certificates" => !resume.certificates.is_empty(),
        "interests" => !resume.interests.is_empty(),
        "references" => !resume.references.is_empty(),
        _ => false,
    }
}

fn is_within(expected: &str, had: &Option<String>) -> bool {
    had.as_ref().is_some_and(|had| holds(&normal(had), &bare(expected)))
}
