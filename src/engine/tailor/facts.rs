//! Facts that the owner confirmed: each becomes edits where it belongs, in the owner's own words.

use serde_json::{Value, json};

use crate::domain::posting::{Category, Posting, Requirement};
use crate::domain::report::{Evidence, MatchReport};
use crate::domain::resume::Resume;
use crate::domain::tailoring::{ConfirmedFact, Edit, EditOp};
use crate::engine::lexicon::{TermId, TermKind, lexicon};
use crate::engine::places::section;
use crate::engine::statement::disclaimer;
use crate::engine::tailor::Draft;
use crate::engine::tailor::skills::{group_for, listed_terms};
use crate::engine::words::{fold, words};

/// Evidence of this section is a confirmed fact; its item is `/confirmed_facts/N`.
const CONFIRMED: &str = "confirmed_facts";

/// The edits that confirmed facts lead to: a bullet in the entry that a fact belongs to, and the skills, the language
/// or the certificate that it names. What denies something or is about somebody else names none: it is proposed as it
/// stands, so that the gate can refuse it with its reason. Ids are `f1`, `f1.1`, … by the fact's place in the list.
#[must_use]
pub fn from_facts(resume: &Resume, posting: &Posting, confirmed: &[ConfirmedFact]) -> Vec<Edit> {
    let mut draft = Draft::new(resume, posting, &MatchReport::default());
    let mut listed = listed_terms(&draft);
    for (index, fact) in confirmed.iter().enumerate() {
        let first = draft.edits.len();
        let requirement = fact
            .requirement_id
            .as_ref()
            .and_then(|id| posting.requirements.iter().find(|requirement| requirement.id == *id));
        one(&mut draft, fact, requirement, &mut listed);
        let evidence = Evidence {
            section: CONFIRMED.to_owned(),
            item: format!("/{CONFIRMED}/{index}"),
            quote: fact.text.clone(),
        };
        for (nth, edit) in draft.edits.iter_mut().skip(first).enumerate() {
            edit.id = if nth == 0 { format!("f{}", index + 1) } else { format!("f{}.{nth}", index + 1) };
            edit.evidence = vec![evidence.clone()];
            edit.reason = match requirement {
                Some(requirement) => {
                    format!("You confirmed this; the posting asks for \u{201c}{}\u{201d}.", requirement.text)
                }
                None => "You confirmed this.".to_owned(),
            };
        }
    }
    draft.edits
}

/// Whether an edit was made from a confirmed fact.
#[must_use]
pub fn is_from_fact(edit: &Edit) -> bool {
    edit.evidence.iter().any(|evidence| evidence.section == CONFIRMED)
}

fn one(
    draft: &mut Draft<'_>,
    fact: &ConfirmedFact,
    requirement: Option<&Requirement>,
    listed: &mut Vec<TermId>,
) {
    let text = fact.text.trim();
    let bullets = match section(&fact.item) {
        "work" | "volunteer" | "projects" => Some("highlights"),
        "education" => Some("x-highlights"),
        _ => None,
    };
    if let Some(field) = bullets {
        let target = format!("{}/{field}", fact.item);
        draft.edit(EditOp::Insert, section(&fact.item), &target).after = json!(text);
        if disclaimer(text).is_none() {
            skills(draft, text, listed);
        }
        return;
    }
    if disclaimer(text).is_some() {
        in_summary(draft, text);
        return;
    }
    match requirement.map(|requirement| requirement.category) {
        Some(Category::Language) if language(draft, text) => {}
        Some(Category::Certificate) if words(text).len() <= 12 => {
            draft.edit(EditOp::Insert, "certificates", "/certificates").after = json!({ "name": text });
        }
        _ => {
            if !skills(draft, text, listed) {
                in_summary(draft, text);
            }
        }
    }
}

/// Lists the skills that a fact names; whether it named any.
fn skills(draft: &mut Draft<'_>, text: &str, listed: &mut Vec<TermId>) -> bool {
    let mut found = false;
    for mention in lexicon().mentions(text) {
        let is_skill =
            matches!(lexicon().kind(mention.term), TermKind::Tool | TermKind::Skill | TermKind::Knowledge);
        if !is_skill || crate::engine::words::is_denied(text, mention.start) {
            continue;
        }
        found = true;
        if listed.contains(&mention.term) {
            continue;
        }
        listed.push(mention.term);
        let name = lexicon().name(mention.term);
        let (target, after): (String, Value) = match group_for(draft, mention.term) {
            Some(group) => (format!("/skills/{group}/keywords"), json!(name)),
            None => ("/skills".to_owned(), json!({ "name": name })),
        };
        draft.edit(EditOp::Insert, "skills", &target).after = after;
    }
    found
}

/// Adds a language; whether the fact names one.
fn language(draft: &mut Draft<'_>, text: &str) -> bool {
    let mention =
        lexicon().mentions(text).into_iter().find(|one| lexicon().kind(one.term) == TermKind::Language);
    let Some(name) = mention.and_then(|mention| text.get(mention.start..mention.end)) else {
        return false;
    };
    let is_known = draft.resume.languages.iter().filter_map(|one| one.language.as_deref());
    if is_known.into_iter().any(|known| fold(known) == fold(name)) {
        return false;
    }
    // "French, C1" and "French (fluent)": what is left beside the name, if it is short, is how well.
    let rest = text.replacen(name, "", 1);
    let rest = rest.trim_matches(|letter: char| !letter.is_alphanumeric());
    let after = if rest.is_empty() || words(rest).len() > 4 {
        json!({ "language": name })
    } else {
        json!({ "language": name, "fluency": rest })
    };
    draft.edit(EditOp::Insert, "languages", "/languages").after = after;
    true
}

/// A fact about the whole resume that names no skill goes to the end of the summary.
fn in_summary(draft: &mut Draft<'_>, text: &str) {
    let before = draft.resume.basics.as_ref().and_then(|basics| basics.summary.clone());
    let ended = |text: &str| text.trim_end().ends_with(['.', '!', '?', '\u{3002}']);
    let after = match &before {
        Some(summary) if ended(summary) => format!("{} {text}", summary.trim_end()),
        Some(summary) => format!("{}. {text}", summary.trim_end()),
        None => text.to_owned(),
    };
    let edit = draft.edit(EditOp::Replace, "basics", "/basics/summary");
    edit.before = before.map_or(Value::Null, Value::String);
    edit.after = json!(after);
}
