//! Studies: institution and degree, right in one entry.

use resume_optimizer::domain::resume::Resume;

use crate::pairs::{count, is_right, joined, likeness, names, nearest, pair, unpaired};
use crate::score::{Metric, Score};
use crate::truth::{TrueSchool, Truth};
use crate::words::words;

/// Scores studies.
pub(crate) fn score(score: &mut Score, truth: &Truth, resume: &Resume) {
    let Some(expected) = &truth.education else { return };
    let had: Vec<School> = resume
        .education
        .iter()
        .map(|study| School {
            institution: study.institution.clone(),
            study_type: study.study_type.clone(),
            area: study.area.clone(),
        })
        .collect();
    let institution =
        |school: &TrueSchool, ours: &School| is_right(school.school.as_deref(), ours.institution.as_deref());
    let whole =
        pair(expected, &had, |school, ours| institution(school, ours) && is_degree_right(school, ours));
    let named = pair(expected, &had, institution);
    let given = truth.is_full().then_some(had.len());
    count(score, (Metric::Schools, Metric::SchoolsGiven), &whole, given);
    count(score, (Metric::Institutions, Metric::InstitutionsGiven), &named, given);
    let mut left = unpaired(&had, &whole);
    for (school, _) in expected.iter().zip(&whole).filter(|(_, at)| at.is_none()) {
        let near = nearest(&mut left, |ours| {
            likeness(school.school.as_deref(), ours.institution.as_deref())
                + likeness(school.degree.as_deref(), ours.study_type.as_deref())
        });
        let shown = near.map(|ours| {
            let wrong =
                [(!institution(school, ours), "institution"), (!is_degree_right(school, ours), "degree")];
            format!("{} (wrong: {})", ours.shown(), names(&wrong))
        });
        score.miss("school", school.shown(), shown.unwrap_or_default());
    }
    for ours in left.iter().filter(|_| truth.is_full()) {
        score.miss("school too many", "", ours.shown());
    }
}

/// One of our studies.
struct School {
    institution: Option<String>,
    study_type: Option<String>,
    area: Option<String>,
}

/// Between a degree and its field, or about when, which the dates say.
const NO_DEGREE: &str = "in en im expected exp graduation january february march april may june july august september \
                         october november december spring summer fall autumn winter";

/// Whether degree and field together say the same, wherever the line is drawn between them.
fn is_degree_right(school: &TrueSchool, ours: &School) -> bool {
    let Some(degree) = &school.degree else { return true };
    let expected = degree_words(&[Some(degree), school.field.as_ref()]);
    let both = degree_words(&[ours.study_type.as_ref(), ours.area.as_ref()]);
    // The whole may stand as the degree, with the field once more beside it.
    let degree = degree_words(&[ours.study_type.as_ref()]);
    let area = degree_words(&[ours.area.as_ref()]);
    expected == both || (expected == degree && area.iter().all(|word| degree.contains(word)))
}

fn degree_words(parts: &[Option<&String>]) -> Vec<String> {
    let text = parts
        .iter()
        .flatten()
        .map(|part| part.replace('.', "").replace("主修", " "))
        .collect::<Vec<_>>()
        .join(" ");
    let is_year = |word: &str| word.len() == 4 && word.chars().all(|c| c.is_ascii_digit());
    let mut found: Vec<String> = words(&text)
        .into_iter()
        .filter(|word| !is_year(word) && NO_DEGREE.split(' ').all(|other| other != word))
        .collect();
    found.sort();
    found
}

impl TrueSchool {
    fn shown(&self) -> String {
        joined(&[self.school.as_deref(), self.degree.as_deref(), self.field.as_deref()])
    }
}

impl School {
    fn shown(&self) -> String {
        joined(&[self.institution.as_deref(), self.study_type.as_deref(), self.area.as_deref()])
    }
}
