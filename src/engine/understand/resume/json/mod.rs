//! A JSON Resume document taken as it is, tolerant of what people leave in one.
//!
//! Which fields there are and what each takes stands in one table, `domain::resume_fields`. A value of another shape goes
//! where it fits best; one that fits nowhere is kept in an `x-` section under its own name. No text is left out.

mod dates;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::domain::resume::{Resume, Section};
use crate::domain::resume_fields::{Field, RESUME, Takes};
use crate::engine::understand::resume::json::dates::add_dates;
use crate::engine::understand::resume::mentions::mentioned;
use crate::engine::understand::resume::text::split_outside_brackets;

/// Older and other names of fields. They hold where the name is none of the fields beside it and the new one is.
const RENAMED: &[(&str, &str)] = &[
    ("company", "name"),
    ("company", "organization"),
    ("name", "organization"),
    ("website", "url"),
    ("picture", "image"),
    ("gpa", "score"),
    ("location", "x-location"),
    ("highlights", "x-highlights"),
];

/// The resume, if the value is a JSON Resume document.
pub(crate) fn from_json(value: &Value) -> Option<Resume> {
    let document = value.as_object().filter(|document| is_resume(document))?;
    let mut reader = Reader::default();
    let clean = reader.object("", document, RESUME);
    let mut resume: Resume = serde_json::from_value(Value::Object(clean)).ok()?;
    resume.sections.extend(reader.kept);
    if document.get("x-skillsFromText") == Some(&Value::Bool(true)) {
        forget_mentioned(&mut resume);
    }
    Some(resume)
}

/// Whether a document is a resume: it has `basics`, one section as the schema has it, or two of whatever shape.
fn is_resume(document: &Map<String, Value>) -> bool {
    let sections: Vec<(&Value, &[Field])> = RESUME
        .iter()
        .filter_map(|(name, takes)| match takes {
            Takes::Entries(fields) | Takes::Numbered(fields) => Some((document.get(*name)?, *fields)),
            _ => None,
        })
        .filter(|(value, _)| !value.is_null())
        .collect();
    let fits = |(value, fields): &(&Value, &[Field])| {
        let mut entries = value.as_array().into_iter().flatten().filter_map(Value::as_object);
        entries.any(|entry| has_fields(entry, fields))
    };
    document.contains_key("basics") || sections.len() >= 2 || sections.iter().any(fits)
}

/// A reading lists the skills that its running text names. They come back with the next reading of that text; taken as the
/// person's own they would turn into a section that the document never had.
fn forget_mentioned(resume: &mut Resume) {
    let listed = std::mem::take(&mut resume.skills);
    if mentioned(resume) != listed {
        resume.skills = listed;
    }
}

/// Turns values into what the table takes.
#[derive(Debug, Default)]
struct Reader {
    /// What fits nowhere.
    kept: Vec<Section>,
    /// Which of them has what heading.
    headings: HashMap<String, usize>,
}

impl Reader {
    /// The fields of an object; `place` is the name of what it is part of, for the heading of what fits nowhere.
    fn object(&mut self, place: &str, given: &Map<String, Value>, fields: &[Field]) -> Map<String, Value> {
        let mut clean = Map::new();
        for (key, value) in given {
            let name = current(key, fields);
            let is_taken = name != key && given.contains_key(name) || clean.contains_key(name);
            match field(name, fields) {
                _ if is_taken && given.get(name) == Some(value) => {}
                // Dates have their own way, and the older name of a field that is there as well is no field.
                Some(Takes::Date) if !is_taken => {}
                Some(takes) if !is_taken => {
                    // An empty list says nothing: an entry that has nothing else is none.
                    let value = self.value(place, name, value, takes);
                    if let Some(value) =
                        value.filter(|value| value.as_array().is_none_or(|items| !items.is_empty()))
                    {
                        clean.insert(name.to_owned(), value);
                    }
                }
                _ => self.keep(&heading(place, key), value),
            }
        }
        add_dates(&mut clean, given, fields);
        clean
    }

    fn value(&mut self, place: &str, name: &str, value: &Value, takes: Takes) -> Option<Value> {
        let heading = heading(place, name);
        match takes {
            Takes::Text | Takes::Email | Takes::Derived => self.text(&heading, name, value),
            Takes::Texts => self.texts(&heading, name, value),
            Takes::Object(fields) => self.part(name, value, fields),
            Takes::Entries(fields) => {
                let entries = self.entries(name, value, fields).into_iter().flatten();
                Some(Value::Array(entries.filter(|entry| !entry.is_empty()).map(Value::Object).collect()))
            }
            // Others refer to an entry by its place, so that an empty one stays.
            Takes::Numbered(fields) => {
                let entries = self.entries(name, value, fields).into_iter();
                Some(Value::Array(entries.map(|entry| Value::Object(entry.unwrap_or_default())).collect()))
            }
            Takes::Level if value.as_u64().is_some_and(|level| u8::try_from(level).is_ok()) => {
                Some(value.clone())
            }
            Takes::Kept if !value.is_null() => Some(value.clone()),
            Takes::Beside if is_beside(name, value) => None,
            Takes::Date | Takes::Level | Takes::Kept | Takes::Beside => {
                self.keep(&heading, value);
                None
            }
        }
    }

    /// One text. Several are one as well, except where only one can stand: the others are kept.
    fn text(&mut self, heading: &str, name: &str, value: &Value) -> Option<Value> {
        let all: Vec<String> = match value {
            Value::Array(items) if items.iter().all(is_plain) => items.iter().filter_map(text_of).collect(),
            // A place as `basics` has it.
            Value::Object(fields) if is_place(name) && fields.values().all(is_plain) => {
                fields.values().filter_map(text_of).collect()
            }
            Value::Array(_) | Value::Object(_) => {
                self.keep(heading, value);
                return None;
            }
            one => text_of(one).into_iter().collect(),
        };
        let text = match name {
            "summary" | "description" | "reference" => all.join("\n"),
            "email" | "phone" | "x-phone" | "url" | "image" => {
                let mut all = all.into_iter();
                let first = all.next();
                self.keep(heading, &all.collect());
                first?
            }
            _ => all.join(", "),
        };
        (!text.is_empty()).then_some(Value::String(text))
    }

    /// A list of texts. Written as one text it has its items on lines, or words between commas.
    fn texts(&mut self, heading: &str, name: &str, value: &Value) -> Option<Value> {
        let texts: Vec<String> = match value {
            Value::Array(items) => items.iter().filter_map(joined).collect(),
            Value::Object(_) => {
                self.keep(heading, value);
                return None;
            }
            one => match text_of(one)? {
                words if name == "keywords" => listed(&words),
                lines => lines.lines().map(without_bullet).filter(|line| !line.is_empty()).collect(),
            },
        };
        Some(texts.into_iter().map(Value::String).collect())
    }

    /// An object with fields of its own.
    fn part(&mut self, name: &str, value: &Value, fields: &[Field]) -> Option<Value> {
        let place = if name == "basics" { "" } else { name };
        let clean = match value {
            Value::Object(given) => {
                let clean = self.object(place, given, fields);
                return (!clean.is_empty() || given.is_empty()).then_some(Value::Object(clean));
            }
            Value::Array(items) => match items.as_slice() {
                [Value::Object(only)] => self.object(place, only, fields),
                _ => {
                    self.keep(name, value);
                    Map::new()
                }
            },
            one => first_field(one, fields).unwrap_or_default(),
        };
        (!clean.is_empty()).then_some(Value::Object(clean))
    }

    /// The entries of a section; `None` for one that says nothing of its fields.
    fn entries(&mut self, section: &str, value: &Value, fields: &[Field]) -> Vec<Option<Map<String, Value>>> {
        let is_list_of_words = matches!(section, "skills" | "interests" | "languages");
        match value {
            Value::Array(items) => items.iter().map(|item| self.entry(section, item, fields)).collect(),
            Value::Object(given) if has_fields(given, fields) => {
                vec![Some(self.object(section, given, fields))]
            }
            Value::Object(given) => {
                given.iter().map(|(key, value)| self.named_entry(section, key, value)).collect()
            }
            Value::String(words) if is_list_of_words => {
                listed(words).into_iter().map(|word| first_field(&Value::String(word), fields)).collect()
            }
            other => {
                self.keep(section, other);
                Vec::new()
            }
        }
    }

    /// An entry of a list: an object, or a plain text where objects belong.
    fn entry(&mut self, section: &str, item: &Value, fields: &[Field]) -> Option<Map<String, Value>> {
        match item {
            Value::Object(given) => Some(self.object(section, given, fields)),
            Value::Array(_) => {
                self.keep(section, item);
                None
            }
            one if section == "profiles" => Some(profile(None, &text_of(one)?)),
            one if section == "x-sections" => {
                Some(object([("paragraphs", Value::from(vec![text_of(one)?]))]))
            }
            one => first_field(one, fields),
        }
    }

    /// An entry that is written under its name: `"languages": { "English": "native" }`.
    fn named_entry(&mut self, section: &str, key: &str, value: &Value) -> Option<Map<String, Value>> {
        let name = Value::String(key.trim().to_owned());
        match (section, text_of(value)) {
            ("skills" | "interests", _) if *value == Value::Bool(true) => Some(object([("name", name)])),
            ("skills" | "interests", text) => {
                let keywords = text.map_or_else(|| paragraphs(value), |text| listed(&text));
                (!keywords.is_empty()).then(|| object([("name", name), ("keywords", Value::from(keywords))]))
            }
            ("languages", Some(text)) => Some(object([("language", name), ("fluency", Value::String(text))])),
            ("profiles", Some(text)) => Some(profile(Some(name), &text)),
            ("x-sections", _) => {
                Some(object([("heading", name), ("paragraphs", Value::from(paragraphs(value)))]))
            }
            _ => {
                self.keep(
                    section,
                    &Value::Object(std::iter::once((key.to_owned(), value.clone())).collect()),
                );
                None
            }
        }
    }

    /// Keeps the texts of a value that no field takes.
    fn keep(&mut self, heading: &str, value: &Value) {
        let paragraphs = paragraphs(value);
        if paragraphs.is_empty() {
            return;
        }
        let heading = heading.trim();
        if let Some(section) = self.headings.get(heading).and_then(|at| self.kept.get_mut(*at)) {
            section.paragraphs.extend(paragraphs);
            return;
        }
        self.headings.insert(heading.to_owned(), self.kept.len());
        let heading = (!heading.is_empty()).then(|| heading.to_owned());
        self.kept.push(Section { heading, paragraphs });
    }
}

/// The name that the table has for a field.
fn current<'a>(key: &'a str, fields: &[Field]) -> &'a str {
    if field(key, fields).is_some() {
        return key;
    }
    let mut newer = RENAMED.iter().filter(|(old, _)| *old == key).map(|(_, new)| *new);
    newer.find(|new| field(new, fields).is_some()).unwrap_or(key)
}

fn field(name: &str, fields: &[Field]) -> Option<Takes> {
    fields.iter().find(|(known, _)| *known == name).map(|(_, takes)| *takes)
}

fn has_fields(given: &Map<String, Value>, fields: &[Field]) -> bool {
    given.keys().any(|key| field(current(key, fields), fields).is_some())
}

fn heading(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place} {name}") }
}

fn is_place(name: &str) -> bool {
    matches!(name, "location" | "x-location")
}

/// Whether this is what a reading of ours has beside its resume, and not somebody's field of the same name.
fn is_beside(name: &str, value: &Value) -> bool {
    match name {
        "x-furniture" => value.as_array().is_some_and(|texts| texts.iter().all(Value::is_string)),
        "x-provenance" => value
            .as_object()
            .is_some_and(|fields| fields.values().all(|field| field.get("sources").is_some())),
        "x-skillsFromText" => value.is_boolean(),
        _ => value.is_string(),
    }
}

/// A text alone as the entry's first field, which says what the entry is.
fn first_field(value: &Value, fields: &[Field]) -> Option<Map<String, Value>> {
    let ((name, _), text) = fields.first().zip(text_of(value))?;
    Some(object([(*name, Value::String(text))]))
}

/// An account by its address or by the name there.
fn profile(network: Option<Value>, text: &str) -> Map<String, Value> {
    let is_address = text.contains("://") || (text.contains('.') && text.contains('/'));
    let name = if is_address { "url" } else { "username" };
    let mut profile = object([(name, Value::String(text.to_owned()))]);
    profile.extend(network.map(|network| ("network".to_owned(), network)));
    profile
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A text or a number; true and false say nothing by themselves.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_plain(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// All texts inside a value as one.
fn joined(value: &Value) -> Option<String> {
    fn collect(value: &Value, texts: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
            Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
            one => texts.extend(text_of(one)),
        }
    }
    let mut texts = Vec::new();
    collect(value, &mut texts);
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The texts inside a value, each of an object with its name.
fn paragraphs(value: &Value) -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            Value::Object(fields) => fields.iter().for_each(|(key, field)| collect_named(key, field, found)),
            one => found.extend(text_of(one)),
        }
    }
    fn collect_named(key: &str, value: &Value, found: &mut Vec<String>) {
        let is_short = match value {
            Value::Array(items) => items.iter().all(is_plain),
            other => is_plain(other),
        };
        if is_short {
            found.extend(joined(value).map(|text| format!("{key}: {text}")));
            return;
        }
        let before = found.len();
        found.push(key.to_owned());
        collect(value, found);
        if found.len() == before + 1 {
            found.pop();
        }
    }
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

/// Words with commas between them.
fn listed(text: &str) -> Vec<String> {
    split_outside_brackets(text, |c| matches!(c, ',' | ';' | '•' | '|' | '\n' | '，' | '；' | '、'))
}

fn without_bullet(line: &str) -> String {
    let line = line.trim();
    let marks = ["- ", "• ", "* ", "– "];
    marks.iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line).trim().to_owned()
}
