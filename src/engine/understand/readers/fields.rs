//! The fields of a resume that stand in its file word for word, by their places.

use serde_json::Value;

use crate::domain::resume::Resume;
use crate::engine::places;
use crate::engine::understand::readers::letters::Letters;

/// Fields that are looked for: a full resume has a hundred.
const MAX_FIELDS: usize = 400;
/// Characters of a field that are looked for: the rest of a longer one stands where its beginning does.
const MAX_LENGTH: usize = 2000;

/// Fields that we write otherwise than the file does, or that the file does not show.
const DERIVED: &[&str] =
    &["startDate", "endDate", "date", "releaseDate", "countryCode", "network", "x-phone", "image", "meta"];
/// What is kept word for word because nobody asks for it has no field to be lost from.
const NO_FIELDS: &[&str] = &["x-sections", "x-sectionOrder"];

/// A field and the words in it.
#[derive(Debug)]
pub(crate) struct Field {
    /// `work[0].position`.
    pub(crate) path: String,
    pub(crate) value: String,
    pub(crate) letters: Letters,
}

/// The fields that can be looked for, in the order of the resume.
pub(crate) fn fields(resume: &Resume) -> Vec<Field> {
    let mut found = Vec::new();
    collect(&places::to_json(resume), "", &mut found);
    found
}

fn collect(value: &Value, path: &str, found: &mut Vec<Field>) {
    if found.len() >= MAX_FIELDS {
        return;
    }
    match value {
        Value::String(text) => {
            let value: String = text.chars().take(MAX_LENGTH).collect();
            let letters = Letters::of(&value);
            if !letters.is_empty() {
                found.push(Field { path: path.to_owned(), value, letters });
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{path}[{index}]"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let top = path.is_empty();
                if DERIVED.contains(&name.as_str()) || top && NO_FIELDS.contains(&name.as_str()) {
                    continue;
                }
                let inner = if top { name.clone() } else { format!("{path}.{name}") };
                collect(member, &inner, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
