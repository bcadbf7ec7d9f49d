//! Gaps: for what the resume does not show, the question that only its owner can answer.

use crate::domain::posting::{Category, Posting, Requirement};
use crate::domain::report::{Gap, RequirementStatus};
use crate::engine::matching::assess::{Assessed, list};
use crate::engine::matching::years::duration;

/// A question for each requirement that is missing, short of its years or level, or met in part.
pub(crate) fn questions(posting: &Posting, assessed: &[Assessed]) -> Vec<Gap> {
    posting
        .requirements
        .iter()
        .zip(assessed)
        .filter_map(|(requirement, assessed)| {
            let question = question(requirement, assessed)?;
            Some(Gap { requirement_id: requirement.id.clone(), question })
        })
        .collect()
}

fn question(requirement: &Requirement, assessed: &Assessed) -> Option<String> {
    let report = &assessed.report;
    if matches!(report.status, RequirementStatus::Demonstrated | RequirementStatus::Listed) {
        return None;
    }
    let asked = asked(requirement, assessed);
    let is_missing = report.status == RequirementStatus::Missing;
    let question = match requirement.category {
        Category::Education => {
            format!("The posting asks for {asked}. Do you have such a degree? From where, and when?")
        }
        Category::Language => format!("The posting asks for {asked}. Do you speak it? How well?"),
        Category::Certificate => format!("The posting asks for {asked}. Do you hold it? Since when?"),
        Category::Soft => format!("The posting asks for {asked}. Where in your work did this show?"),
        Category::Skill | Category::Experience | Category::Other => match requirement.years {
            Some(years) if !requirement.terms.is_empty() && assessed.lacking.is_empty() && !is_missing => {
                format!(
                    "The posting asks for {} of {asked}. {} Did you use it elsewhere, or for longer? Where?",
                    duration(f64::from(years)),
                    report.note
                )
            }
            Some(_) if requirement.terms.is_empty() => {
                format!("The posting asks for {asked}. {} Where did you gather it?", report.note)
            }
            _ if requirement.category == Category::Other => {
                format!("The posting asks for {asked}. Does this hold for you? What shows it?")
            }
            _ => {
                let count = if assessed.lacking.is_empty() {
                    requirement.terms.len()
                } else {
                    assessed.lacking.len()
                };
                let them = match count {
                    0 | 1 => "it",
                    _ if requirement.any_of => "any of them",
                    _ => "them",
                };
                format!("The posting asks for {asked}. Have you used {them}? Where?")
            }
        },
    };
    Some(question.replace("  ", " "))
}

/// What is asked for: the terms that are lacking where others are there, the terms, or the posting's own words.
fn asked(requirement: &Requirement, assessed: &Assessed) -> String {
    let is_named =
        matches!(requirement.category, Category::Skill | Category::Experience | Category::Certificate);
    if is_named && !assessed.lacking.is_empty() {
        return list(&assessed.lacking);
    }
    if is_named && !requirement.terms.is_empty() {
        return if requirement.any_of {
            list(&requirement.terms).replace(" and ", " or ")
        } else {
            list(&requirement.terms)
        };
    }
    let words = requirement.text.trim().trim_end_matches(['.', ';', ',', ':']);
    format!("\u{201c}{words}\u{201d}")
}
