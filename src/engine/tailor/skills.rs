//! Skills: what the work shows and the posting asks for is listed, in the posting's spelling.

use serde_json::json;

use crate::domain::report::Evidence;
use crate::domain::tailoring::EditOp;
use crate::engine::lexicon::{Relation, TermId, lexicon};
use crate::engine::places::places;
use crate::engine::tailor::Draft;
use crate::engine::tailor::demand::{Demand, read};
use crate::engine::tailor::doubt::is_label;
use crate::engine::words::{find_phrase, fold, stems, words};

/// At most this many skills are added: a longer list would only repeat the work.
const MAX_INSERTED: usize = 8;

/// Proposes to list skills that the work or a project shows but no list names.
pub(crate) fn insert(draft: &mut Draft<'_>) {
    let listed = listed_terms(draft);
    let wanted: Vec<(Demand, Vec<Evidence>)> = draft
        .demands
        .iter()
        .filter(|demand| demand.is_skill() && demand.id.is_some_and(|id| !is_listed(id, &listed)))
        .filter_map(|demand| {
            let mut evidence = demonstrations(draft, demand.id?);
            // What the lexicon takes for one field may be two to a reader: a list must say it in the work's own words.
            evidence.retain(|evidence| demand.is_product() || demand.is_worded_in(&evidence.quote));
            (!evidence.is_empty()).then(|| (demand.clone(), evidence))
        })
        .take(MAX_INSERTED)
        .collect();
    if draft.resume.skills.is_empty() {
        insert_group(draft, &wanted);
        return;
    }
    for (demand, evidence) in wanted {
        let Some(id) = demand.id else { continue };
        let (target, after) = match group_for(draft, id) {
            Some(group) => (format!("/skills/{group}/keywords"), json!(demand.name)),
            None if draft.resume.skills.iter().all(|skill| skill.keywords.is_empty()) => {
                ("/skills".to_owned(), json!({ "name": demand.name }))
            }
            None => continue,
        };
        let edit = draft.edit(EditOp::Insert, "skills", &target);
        edit.after = after;
        edit.reason = format!(
            "The posting {} {}; your work shows it, but your skills do not list it.",
            demand.in_words(),
            demand.in_sentence()
        );
        edit.evidence = evidence;
    }
}

/// A resume without any list of skills gets one, if there is enough to list.
fn insert_group(draft: &mut Draft<'_>, wanted: &[(Demand, Vec<Evidence>)]) {
    const LEAST: usize = 3;
    if wanted.len() < LEAST || draft.resume.work.is_empty() {
        return;
    }
    let names: Vec<&str> = wanted.iter().map(|(demand, _)| demand.name.as_str()).collect();
    let edit = draft.edit(EditOp::Insert, "skills", "/skills");
    edit.after = json!({ "keywords": names });
    edit.reason = "The resume lists no skills; these are asked for and your work shows them.".to_owned();
    edit.evidence = wanted.iter().filter_map(|(_, evidence)| evidence.first().cloned()).collect();
}

/// Proposes the posting's spelling for listed skills that the lexicon knows to be the same.
pub(crate) fn respell(draft: &mut Draft<'_>) {
    let mut changes: Vec<(String, String, Demand)> = Vec::new();
    let here =
        |place: &crate::engine::places::Place| place.section() == "skills" && place.field() == "keywords";
    let listed: Vec<_> = places(&draft.json).into_iter().filter(here).collect();
    for place in &listed {
        let text = place.text.trim();
        let Some(demand) =
            lexicon().find(text).and_then(|id| draft.demands.iter().find(|demand| demand.id == Some(id)))
        else {
            continue;
        };
        let is_same = fold_spaces(text) == fold_spaces(&demand.name);
        // A version is a claim: it is neither dropped nor added.
        let has_digits =
            [text, &demand.name].iter().any(|one| one.chars().any(|letter| letter.is_ascii_digit()));
        let is_there = listed.iter().any(|other| fold(&other.text) == fold(&demand.name));
        if is_same || has_digits || is_there || is_inflection(text, &demand.name) {
            continue;
        }
        changes.push((place.pointer.clone(), text.to_owned(), demand.clone()));
    }
    for (pointer, text, demand) in changes {
        let after = both_forms(&text, &demand.name);
        let before = draft.json.pointer(&pointer).cloned().unwrap_or_default();
        let evidence = draft.evidence(&pointer).into_iter().collect();
        let edit = draft.edit(EditOp::Replace, "skills", &pointer);
        edit.before = before;
        edit.after = json!(after);
        edit.reason = format!("The posting writes \u{201c}{}\u{201d} for the same thing.", demand.name);
        edit.evidence = evidence;
    }
}

/// The posting's form; both where one is an abbreviation of several words, since readers search for either.
fn both_forms(have: &str, wanted: &str) -> String {
    let is_short = |text: &str| {
        (2..=5).contains(&text.chars().count())
            && text.chars().all(|letter| letter.is_uppercase() || letter.is_ascii_digit())
    };
    let is_long = |text: &str| words(text).len() > 1;
    if is_short(have) && is_long(wanted) {
        format!("{wanted} ({have})")
    } else if is_long(have) && is_short(wanted) {
        format!("{have} ({wanted})")
    } else {
        wanted.to_owned()
    }
}

fn fold_spaces(text: &str) -> String {
    fold(text).chars().filter(|letter| letter.is_alphanumeric() || "+#".contains(*letter)).collect()
}

/// "Relational database" and "relational databases", "REST" and "REST APIs": a search for one finds the other.
fn is_inflection(one: &str, other: &str) -> bool {
    let (one, other) = (stems(one), stems(other));
    find_phrase(&one, &other).is_some() || find_phrase(&other, &one).is_some()
}

/// The terms that lists of skills, the headline and certificates already name.
pub(crate) fn listed_terms(draft: &Draft<'_>) -> Vec<TermId> {
    let mut found = Vec::new();
    for place in places(&draft.json) {
        if place.section() == "skills" {
            found.extend(lexicon().mentions(&place.text).into_iter().map(|mention| mention.term));
            found.extend(lexicon().find(&place.text));
        }
    }
    found
}

/// Where the work or a project says the term itself, not something that implies it.
pub(crate) fn demonstrations(draft: &Draft<'_>, id: TermId) -> Vec<Evidence> {
    const MOST: usize = 3;
    draft
        .told
        .iter()
        .filter(|(_, reading)| reading.terms.contains(&id))
        .filter_map(|(pointer, _)| draft.evidence(pointer))
        .take(MOST)
        .collect()
}

/// Whether a list names the term, or something that includes it.
fn is_listed(id: TermId, listed: &[TermId]) -> bool {
    listed
        .iter()
        .any(|have| matches!(lexicon().relation(*have, id), Some(Relation::Same | Relation::Narrower)))
}

/// The group whose skills are closest to the term: by kinship, then by kind; `None` where no group has anything like
/// it.
pub(crate) fn group_for(draft: &Draft<'_>, id: TermId) -> Option<usize> {
    const CATCH_ALL: &[&str] =
        &["tool", "technolog", "technic", "softwar", "platform", "other", "general", "skill"];
    let lexicon = lexicon();
    let closeness = |keyword: &String| {
        let terms = read(keyword, &[]).terms;
        let of = |have: TermId| match lexicon.relation(have, id) {
            Some(_) => 100,
            None if lexicon.kind(have) == lexicon.kind(id) => 1,
            None => 0,
        };
        terms.into_iter().chain(lexicon.find(keyword)).map(of).max().unwrap_or(0)
    };
    // At the end of a list with "Familiar:" in it a skill would get that level.
    let is_plain = |skill: &crate::domain::resume::Skill| {
        !skill.keywords.is_empty() && !skill.keywords.iter().any(|text| is_label(text))
    };
    let groups = draft.resume.skills.iter().enumerate().filter(|(_, skill)| is_plain(skill));
    let mut best: Option<(u32, usize)> = None;
    let mut count = 0;
    for (index, skill) in groups {
        count += 1;
        let kin: u32 = skill.keywords.iter().map(closeness).sum();
        let is_catch_all = stems(skill.name.as_deref().unwrap_or_default())
            .iter()
            .any(|stem| CATCH_ALL.contains(&stem.as_str()));
        let worth = if is_catch_all && kin > 0 { kin + 50 } else { kin };
        if best.is_none_or(|(most, _)| worth > most) {
            best = Some((worth, index));
        }
    }
    best.filter(|(worth, _)| *worth > 0 || count == 1).map(|(_, index)| index)
}
