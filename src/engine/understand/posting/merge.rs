//! Requirements that a posting repeats, merged into one each.

use crate::domain::posting::{Category, Requirement, RequirementKind};

/// More would be a posting that lists everything; its first ones are what it means.
const MAX_REQUIREMENTS: usize = 60;

/// Duplicates merged, numbered, no more than can be shown.
pub(crate) fn merged(all: Vec<Requirement>) -> Vec<Requirement> {
    let mut kept: Vec<Requirement> = Vec::new();
    for mut next in all {
        let is_list = !next.any_of && !next.terms.is_empty();
        if is_list {
            let asked_before = |term: &String| {
                kept.iter().any(|known| {
                    known.terms.contains(term) && !known.any_of && known.category != Category::Other
                })
            };
            let repeated: Vec<String> =
                next.terms.iter().filter(|term| asked_before(term)).cloned().collect();
            strengthen(&mut kept, &repeated, &next);
            next.terms.retain(|term| !repeated.contains(term));
            if next.terms.is_empty() {
                continue;
            }
        }
        let same = kept.iter_mut().find(|known| {
            known.terms == next.terms
                && known.any_of == next.any_of
                && (!next.terms.is_empty() || known.text.eq_ignore_ascii_case(&next.text))
        });
        if let Some(known) = same {
            known.years = longer(known.years, next.years);
            known.kind = stronger(known.kind, next.kind);
            continue;
        }
        kept.push(next);
    }
    kept.truncate(MAX_REQUIREMENTS);
    for (number, requirement) in kept.iter_mut().enumerate() {
        requirement.id = format!("r{}", number + 1);
    }
    kept
}

/// A term asked for twice is asked for as strongly as the stronger of the two.
fn strengthen(kept: &mut [Requirement], terms: &[String], by: &Requirement) {
    for known in
        kept.iter_mut().filter(|known| known.terms.iter().any(|term| terms.contains(term)) && !known.any_of)
    {
        let alone = known.terms.len() == 1;
        if alone || known.terms.iter().all(|term| terms.contains(term)) {
            known.kind = stronger(known.kind, by.kind);
            known.years = longer(known.years, by.years);
        }
    }
}

fn longer(one: Option<f32>, other: Option<f32>) -> Option<f32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

fn stronger(one: RequirementKind, other: RequirementKind) -> RequirementKind {
    if one == RequirementKind::Must || other == RequirementKind::Must {
        RequirementKind::Must
    } else {
        RequirementKind::Nice
    }
}
