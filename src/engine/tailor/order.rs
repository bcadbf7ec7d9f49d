//! Orders: what bears on the posting comes first, within an entry, a group of skills, or a list of undated projects.

use serde_json::Value;

use crate::domain::tailoring::EditOp;
use crate::engine::places::label;
use crate::engine::tailor::Draft;
use crate::engine::tailor::demand::{Reading, Tier, list, read};
use crate::engine::tailor::doubt;
use crate::engine::words::fold;

/// Proposes new orders of bullets.
pub(crate) fn bullets(draft: &mut Draft<'_>) {
    for (section, count) in [
        ("work", draft.resume.work.len()),
        ("projects", draft.resume.projects.len()),
        ("volunteer", draft.resume.volunteer.len()),
    ] {
        for entry in 0..count {
            let target = format!("/{section}/{entry}/highlights");
            if is_free_to_move(draft.list(&target)) {
                propose(draft, section, &target, "points");
            }
        }
    }
}

/// Proposes new orders of skills within their groups, and of the groups.
pub(crate) fn skills(draft: &mut Draft<'_>) {
    // "Familiar:" within a list, or a group without a heading, means more than its words: such lists keep their order.
    let is_plain = !draft.resume.skills.iter().any(|skill| {
        skill.level.is_some()
            || skill.name.as_ref().is_some_and(|name| name.contains([':', '\u{ff1a}']))
            || skill.keywords.iter().any(|text| doubt::is_label(text))
    });
    if !is_plain {
        return;
    }
    for group in 0..draft.resume.skills.len() {
        propose(draft, "skills", &format!("/skills/{group}/keywords"), "skills");
    }
    let has_groups =
        |skill: &crate::domain::resume::Skill| skill.name.is_some() && !skill.keywords.is_empty();
    let (groups, all) =
        (draft.resume.skills.iter().filter(|skill| has_groups(skill)).count(), draft.resume.skills.len());
    if groups == all || groups == 0 {
        propose(draft, "skills", "/skills", "skills");
    }
}

/// Proposes a new order of projects, where no date gives them one.
pub(crate) fn projects(draft: &mut Draft<'_>) {
    let is_dated = |project: &crate::domain::resume::Project| {
        project.start_date.is_some() || project.end_date.is_some() || project.dates.is_some()
    };
    if !draft.resume.projects.iter().any(is_dated) && !doubt::are_projects_doubtful(&draft.resume.projects) {
        propose(draft, "projects", "/projects", "projects");
    }
}

/// Whether bullets can change places: none leans on the one before it, introduces the next, or is a heading.
fn is_free_to_move(bullets: &[Value]) -> bool {
    const LEANING: &[&str] = &[
        "this",
        "these",
        "that",
        "those",
        "it",
        "its",
        "they",
        "also",
        "additionally",
        "furthermore",
        "moreover",
        "then",
        "later",
        "afterwards",
        "subsequently",
        "finally",
        "and",
        "including",
        "e.g",
        "which",
        "where",
        "consequently",
        "therefore",
        "similarly",
        "likewise",
        "following",
        "dabei",
        "außerdem",
        "zudem",
        "ensuite",
        "además",
        "also,",
    ];
    bullets.iter().filter_map(Value::as_str).all(|bullet| {
        let text = bullet.trim();
        let words = crate::engine::words::words(text);
        let leans = words.first().is_none_or(|first| LEANING.contains(&fold(first.text).as_str()));
        // A line that goes on in small letters was one with the line before it.
        let goes_on = text.starts_with(char::is_lowercase) && bullets.iter().any(starts_large);
        let is_cut = text.ends_with([':', ',', '-', '\u{2013}', '(', '/', '&']);
        let is_heading = words.len() < 3
            && words.first().is_none_or(|word| !word.text.chars().any(crate::engine::words::is_ideograph));
        !(leans || goes_on || is_cut || is_heading)
    })
}

fn starts_large(bullet: &Value) -> bool {
    bullet.as_str().is_some_and(|text| text.trim().starts_with(char::is_uppercase))
}

/// Proposes to move what bears on the posting to the front of a list, keeping the order among equals.
fn propose(draft: &mut Draft<'_>, section: &str, target: &str, what: &str) {
    let items: Vec<Value> = draft.list(target).to_vec();
    let readings: Vec<_> = items.iter().map(|item| read(&all_text(item), &draft.demands)).collect();
    // In running text only what is named counts: stars on GitHub are no point about Git. In a list of skills what
    // includes the skill counts too.
    let bears = |reading: &Reading| match section {
        "skills" => reading.shows.clone(),
        _ => reading.names.clone(),
    };
    let tiers: Vec<Tier> =
        readings.iter().map(|reading| Reading::tier(&bears(reading), &draft.demands)).collect();
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|index| tiers.get(*index).copied());
    if order.iter().copied().eq(0..items.len()) {
        return;
    }
    let mut names: Vec<String> = Vec::new();
    // Skills under another name than the posting's, such as Django for Python: the person must find them in the list.
    let mut moved: Vec<String> = Vec::new();
    let mut all_named = true;
    let mut evidence = Vec::new();
    for (place, index) in order.iter().enumerate() {
        let (Some(reading), Some(tier)) = (readings.get(*index), tiers.get(*index)) else {
            continue;
        };
        // Those that stay where they were, or only make room, are no reason.
        if *tier == Tier::Other || *index <= place {
            continue;
        }
        for demand in bears(reading).iter().filter_map(|shown| draft.demands.get(*shown)) {
            let name = demand.in_sentence();
            all_named &= section != "skills"
                || items.get(*index).is_some_and(|item| demand.is_worded_in(&all_text(item)));
            if !names.contains(&name) {
                names.push(name);
            }
        }
        moved.extend(items.get(*index).map(|item| bearing(item, &bears(reading), draft)).unwrap_or_default());
        evidence.extend(draft.first_evidence(&format!("{target}/{index}"), reading));
    }
    if names.is_empty() || evidence.is_empty() {
        return;
    }
    if all_named {
        moved.clear();
    }
    let reason = if moved.is_empty() {
        format!("Puts the {what} about {} before the others: the posting asks for that.", list(&names))
    } else {
        format!("Puts {} before the others: the posting asks for {}.", list(&moved), list(&names))
    };
    let labels: Vec<Value> = items.iter().map(|item| Value::String(label(item))).collect();
    let after = order.iter().filter_map(|index| labels.get(*index).cloned()).collect();
    let (section, target) = (section.to_owned(), target.to_owned());
    let edit = draft.edit(EditOp::Reorder, &section, &target);
    edit.before = Value::Array(labels);
    edit.after = Value::Array(after);
    edit.order = order;
    edit.reason = reason;
    edit.evidence = evidence;
}

/// The texts of a group of skills, or the one skill, that bear on some demands.
fn bearing(item: &Value, wanted: &[usize], draft: &Draft<'_>) -> Vec<String> {
    let bears = |text: &&str| read(text, &draft.demands).shows.iter().any(|shown| wanted.contains(shown));
    match item {
        Value::String(text) => vec![text.trim().to_owned()],
        _ => {
            let keywords = item.get("keywords").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let found: Vec<String> =
                keywords.iter().filter_map(Value::as_str).filter(bears).map(str::to_owned).collect();
            if found.is_empty() { vec![label(item)] } else { found }
        }
    }
}

/// All texts of an element together.
fn all_text(item: &Value) -> String {
    match item {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(all_text).collect::<Vec<_>>().join("\n"),
        Value::Object(fields) => fields.values().map(all_text).collect::<Vec<_>>().join("\n"),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}
