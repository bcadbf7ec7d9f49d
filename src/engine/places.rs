//! Every text of a resume with the JSON Pointer where it stands: what evidence points at and edits aim at.

use serde_json::Value;

use crate::domain::resume::Resume;

/// A text of a resume and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// JSON Pointer (RFC 6901) into the resume as JSON: `/work/0/highlights/2`.
    pub pointer: String,
    /// The text, word for word.
    pub text: String,
}

impl Place {
    /// The JSON Resume section: `work`, `basics`, …
    #[must_use]
    pub fn section(&self) -> &str {
        section(&self.pointer)
    }

    /// The field within the entry: `highlights` for `/work/0/highlights/2`, `summary` for `/basics/summary`.
    #[must_use]
    pub fn field(&self) -> &str {
        let mut keys = keys(&self.pointer).skip(1);
        let first = keys.next().unwrap_or_default();
        if is_index(first) { keys.next().unwrap_or_default() } else { first }
    }
}

/// The resume as the JSON that pointers point into.
#[must_use]
pub fn to_json(resume: &Resume) -> Value {
    // A resume has nothing that JSON cannot say, so that `Null` stands for the impossible.
    serde_json::to_value(resume).unwrap_or(Value::Null)
}

/// All texts in the order of the resume, without its `meta` object and its table of headings.
#[must_use]
pub fn places(resume: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    if let Value::Object(sections) = resume {
        for (name, value) in sections {
            if name != "meta" && name != "x-sectionOrder" {
                collect(value, &format!("/{name}"), &mut found);
            }
        }
    }
    found
}

/// The keys of a pointer, first to last.
pub fn keys(pointer: &str) -> impl Iterator<Item = &str> {
    pointer.split('/').skip(1)
}

/// The section that a pointer leads into: `work` for `/work/0/position`.
#[must_use]
pub fn section(pointer: &str) -> &str {
    keys(pointer).next().unwrap_or_default()
}

/// The entry of a section that a pointer leads into: `/work/0` for `/work/0/highlights/2`; `None` where the
/// section is no list of entries, or the pointer names the list as a whole.
#[must_use]
pub fn entry(pointer: &str) -> Option<&str> {
    let (index, _) = keys(pointer).enumerate().nth(1).filter(|(_, key)| is_index(key))?;
    let end = pointer.match_indices('/').nth(index + 1).map_or(pointer.len(), |(at, _)| at);
    pointer.get(..end)
}

/// What an element of a list is called in edits: a text itself, or an entry's name or first texts.
#[must_use]
pub fn label(item: &Value) -> String {
    match item {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let name = ["name", "position", "title", "institution", "organization", "language", "heading"]
                .iter()
                .find_map(|field| fields.get(*field).and_then(Value::as_str));
            name.map_or_else(|| fields.values().next().map(label).unwrap_or_default(), str::to_owned)
        }
        Value::Array(items) => items.iter().map(label).collect::<Vec<_>>().join(", "),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

fn is_index(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

fn collect(value: &Value, pointer: &str, found: &mut Vec<Place>) {
    match value {
        Value::String(text) => found.push(Place { pointer: pointer.to_owned(), text: text.clone() }),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                collect(field, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::resume::{Basics, Resume, Work};
    use crate::engine::places::{entry, places, to_json};

    #[test]
    fn each_text_has_a_pointer_that_leads_back_to_it() {
        let resume = Resume {
            basics: Some(Basics { name: Some("Mira Holt".into()), ..Basics::default() }),
            work: vec![Work { highlights: vec!["One".into(), "Two".into()], ..Work::default() }],
            ..Resume::default()
        };
        let json = to_json(&resume);
        let found = places(&json);
        assert_eq!(found.len(), 3);
        for place in found {
            assert_eq!(
                json.pointer(&place.pointer).and_then(|value| value.as_str()),
                Some(place.text.as_str())
            );
        }
    }

    #[test]
    fn a_pointer_knows_its_entry() {
        let check = |pointer, expected| assert_eq!(entry(pointer), expected, "{pointer}");
        check("/work/0/highlights/2", Some("/work/0"));
        check("/work/12", Some("/work/12"));
        check("/skills", None);
        check("/basics/summary", None);
        check("", None);
    }
}
