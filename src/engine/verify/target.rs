//! Targets: what an edit may touch, and whether it fits what stands there.

use serde_json::Value;

use crate::domain::tailoring::{Edit, EditOp};
use crate::engine::places::{entry, keys, label, section};

/// What kind of place an edit aims at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// A text that may be put otherwise.
    Prose,
    /// An item of a list of skills or topics, or the heading of a group of them.
    Skill,
    /// The headline.
    Headline,
    /// The summary.
    Summary,
    /// Names, titles, dates, contacts, degrees: only their typography may change.
    Protected,
    /// A certificate or language, which only a confirmed fact can add.
    Credential,
}

/// The field that a pointer names, without indices: `highlights` for `/work/0/highlights/2`.
fn field(pointer: &str) -> &str {
    let skip = if entry(pointer).is_some() { 2 } else { 1 };
    keys(pointer).nth(skip).unwrap_or_default()
}

/// What a replacement or insertion at this place is.
pub(crate) fn aim(pointer: &str) -> Aim {
    match (section(pointer), field(pointer)) {
        ("basics", "label") => Aim::Headline,
        ("basics", "summary") => Aim::Summary,
        ("skills", "" | "name" | "keywords") | ("projects" | "interests", "keywords") => Aim::Skill,
        ("work" | "volunteer", "summary" | "highlights")
        | ("projects", "description" | "highlights")
        | ("education", "courses" | "x-highlights")
        | ("awards" | "publications", "summary")
        | ("x-sections", "paragraphs") => Aim::Prose,
        ("certificates" | "languages", "") => Aim::Credential,
        _ => Aim::Protected,
    }
}

/// Whether the edit is of a shape that can be applied to the source; otherwise why not.
pub(crate) fn check_shape(edit: &Edit, source: &Value) -> Result<(), String> {
    if edit.section != section(&edit.target) || edit.section.is_empty() {
        return Err("Its target does not lie in the section that it names.".into());
    }
    if matches!(edit.section.as_str(), "meta" | "x-sectionOrder" | "references") {
        return Err(format!("Nothing in \u{201c}{}\u{201d} may be edited.", edit.section));
    }
    let there = source.pointer(&edit.target);
    match edit.op {
        EditOp::Replace => replacement(edit, there, source),
        EditOp::Insert => insertion(edit, there, source),
        EditOp::Reorder => order(edit, there),
    }
}

fn replacement(edit: &Edit, there: Option<&Value>, source: &Value) -> Result<(), String> {
    match there {
        Some(Value::String(_)) | None => {}
        Some(_) => return Err("Only a text can be replaced, and its target is none.".into()),
    }
    if there.unwrap_or(&Value::Null) != &edit.before {
        return Err("Something else stands at its target than it says.".into());
    }
    let has_parent = edit
        .target
        .rsplit_once('/')
        .and_then(|(above, _)| source.pointer(above))
        .is_some_and(|above| above.is_object() || there.is_some());
    let may_be_new = matches!(
        (section(&edit.target), field(&edit.target)),
        ("basics", "label" | "summary") | ("work" | "volunteer", "summary") | ("projects", "description")
    );
    if there.is_none() && !(has_parent && may_be_new) {
        return Err("Its target is not in the resume.".into());
    }
    match edit.after.as_str() {
        Some(text) => check_text(text),
        None => Err("A text can only be replaced by a text.".into()),
    }
}

fn insertion(edit: &Edit, there: Option<&Value>, source: &Value) -> Result<(), String> {
    let lists = ["highlights", "keywords", "courses", "x-highlights", "paragraphs", ""];
    if !lists.contains(&field(&edit.target))
        || aim(&edit.target) == Aim::Protected
        || keys(&edit.target).count() > 3
    {
        return Err("Nothing can be inserted at its target.".into());
    }
    let is_new_list =
        there.is_none() && entry(&edit.target).is_none_or(|entry| source.pointer(entry).is_some());
    if !is_new_list && !there.is_some_and(Value::is_array) {
        return Err("Its target is no list.".into());
    }
    if !edit.before.is_null() && Some(&edit.before) != there {
        return Err("Something else stands at its target than it says.".into());
    }
    let known = folded(&edit.after);
    if there.and_then(Value::as_array).is_some_and(|items| items.iter().any(|item| folded(item) == known)) {
        return Err("It already stands there.".into());
    }
    match (&edit.after, field(&edit.target)) {
        (Value::String(text), list) if !list.is_empty() => check_text(text),
        (Value::Object(fields), "") => check_fields(edit, fields),
        _ => Err("What it inserts does not have the shape of the list's elements.".into()),
    }
}

fn check_fields(edit: &Edit, fields: &serde_json::Map<String, Value>) -> Result<(), String> {
    let allowed: &[&str] = match edit.section.as_str() {
        "skills" => &["name", "keywords"],
        "languages" => &["language", "fluency"],
        "certificates" => &["name", "issuer"],
        _ => return Err("No whole entry can be inserted in this section.".into()),
    };
    if fields.is_empty() || !fields.keys().all(|field| allowed.contains(&field.as_str())) {
        return Err("What it inserts has fields that may not be written.".into());
    }
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("keywords", Value::Array(items)) if items.iter().all(Value::is_string) => {}
            (name, Value::String(_)) if name != "keywords" => {}
            _ => return Err("What it inserts does not have the shape of the list's elements.".into()),
        }
    }
    texts(&edit.after).into_iter().try_for_each(check_text)
}

fn order(edit: &Edit, there: Option<&Value>) -> Result<(), String> {
    let Some(Value::Array(items)) = there else {
        return Err("Only a list has an order, and its target is none.".into());
    };
    if matches!(edit.target.as_str(), "/work" | "/education" | "/volunteer") {
        return Err("Positions and studies stay in their order in time.".into());
    }
    let mut sorted = edit.order.clone();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq(0..items.len()) {
        return Err("Its order leaves elements out or names them twice.".into());
    }
    let labels: Vec<Value> = items.iter().map(|item| Value::String(label(item))).collect();
    let ordered: Vec<Value> = edit.order.iter().filter_map(|index| labels.get(*index).cloned()).collect();
    if edit.before != Value::Array(labels) {
        return Err("Something else stands at its target than it says.".into());
    }
    if edit.after != Value::Array(ordered) {
        return Err("What it shows as the result is not what its order leads to.".into());
    }
    Ok(())
}

/// At most this many characters stand in one text.
const MAX_TEXT: usize = 2000;

fn check_text(text: &str) -> Result<(), String> {
    let is_hidden = |letter: char| {
        letter.is_control() && letter != '\n'
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if text.trim().is_empty() {
        return Err("It leaves an empty text.".into());
    }
    if text.chars().count() > MAX_TEXT {
        return Err(format!("Its text is longer than {MAX_TEXT} characters."));
    }
    if text.chars().any(is_hidden) {
        return Err("Its text has invisible characters.".into());
    }
    Ok(())
}

/// All texts of a value, in order.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn folded(value: &Value) -> Vec<String> {
    texts(value).into_iter().map(crate::engine::words::fold).collect()
}
