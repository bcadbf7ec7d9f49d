//! Skills: each one that the truth names, as a whole phrase.

use resume_optimizer::domain::resume::Resume;
use serde_json::Value;

use crate::normal::{holds, normal};
use crate::score::{Metric, Score, texts};
use crate::truth::Truth;

/// Words of a heading over skills.
const HEADINGS: &[&str] = &[
    "skill",
    "technolog",
    "competenc",
    "expertise",
    "programming",
    "tools",
    "kenntnis",
    "kompeten",
    "fähigkeit",
    "compétence",
    "habilidad",
    "conocimiento",
    "技能",
    "能力",
];

/// Scores the skills that the truth names.
///
/// A skill counts when it stands in the name or a keyword of one of our skills. One that is printed with slashes
/// (`HTML/CSS`) counts as well when all its parts do. Some documents have no section of skills, the truth took them from
/// running text: they are asked all the same, and `SkillsListed` leaves these documents out.
pub(crate) fn score(score: &mut Score, truth: &Truth, resume: &Resume, json: &Value) {
    let had: Vec<String> = resume
        .skills
        .iter()
        .flat_map(|skill| skill.name.iter().chain(&skill.keywords))
        .map(|text| normal(text))
        .collect();
    let anywhere: Vec<String> = texts(json).into_iter().map(normal).collect();
    let is_listed = prints_skills(truth);
    for expected in truth.skills.iter().flatten() {
        let right = is_in(&had, expected);
        let is_somewhere = is_in(&anywhere, expected);
        score.check(Metric::Skills, right);
        score.check(Metric::SkillsAnywhere, is_somewhere);
        if is_listed {
            score.check(Metric::SkillsListed, right);
        }
        if !right {
            let place = match (is_listed, is_somewhere) {
                (_, false) => "nowhere in the resume",
                (true, true) => "in other fields",
                (false, true) => "in other fields; the document has no section of skills",
            };
            score.miss("skill", expected, place);
        }
    }
}

fn is_in(texts: &[String], skill: &str) -> bool {
    let whole = normal(skill);
    let found = |phrase: &str| texts.iter().any(|text| holds(text, phrase));
    found(&whole) || (whole.contains('/') && whole.split('/').all(|part| found(part.trim())))
}

/// Whether the document has a section of skills; so it is where its headings are not known.
fn prints_skills(truth: &Truth) -> bool {
    truth.sections.as_ref().is_none_or(|headings| {
        headings.iter().any(|heading| HEADINGS.iter().any(|word| normal(heading).contains(word)))
    })
}
