//! A JSON Resume document taken as it is, tolerant of what people leave in one.

use serde_json::{Map, Value};

use crate::domain::resume::{Resume, Section};

/// Sections whose elements are objects, and the date fields in them.
const SECTIONS: &[&str] = &[
    "work",
    "volunteer",
    "education",
    "awards",
    "certificates",
    "publications",
    "skills",
    "languages",
    "interests",
    "references",
    "projects",
];
const DATES: &[&str] = &["startDate", "endDate", "date", "releaseDate"];
/// Fields that hold lists of texts.
const LISTS: &[&str] = &["highlights", "keywords", "courses", "roles", "x-highlights"];
/// Older names of fields and sections.
const RENAMED: &[(&str, &str)] = &[("company", "name"), ("website", "url"), ("picture", "image")];

/// The resume, if the value is a JSON Resume document.
pub(crate) fn from_json(value: &Value) -> Option<Resume> {
    let document = value.as_object()?;
    let known = document.contains_key("basics")
        || SECTIONS.iter().filter(|section| document.get(**section).is_some_and(Value::is_array)).count()
            >= 2;
    if !known {
        return None;
    }
    let mut clean = Map::new();
    let mut sections: Vec<Section> = Vec::new();
    for (key, value) in document {
        match key.as_str() {
            "basics" => {
                if let Some(basics) = value.as_object() {
                    clean.insert(key.clone(), Value::Object(basics_object(basics, &mut sections)));
                }
            }
            "x-sections" | "x-sectionOrder" | "meta" => {
                clean.insert(key.clone(), value.clone());
            }
            // What a reading of ours says beside its resume.
            "$schema" | "x-furniture" | "x-provenance" | "x-skillsFromText" => {}
            name if SECTIONS.contains(&name) => {
                let items: Vec<Value> = value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|item| Value::Object(item_object(item, name, &mut sections)))
                    .collect();
                clean.insert(key.clone(), Value::Array(items));
            }
            _ => keep(key, value, &mut sections),
        }
    }
    let mut resume: Resume =
        serde_json::from_value(Value::Object(clean.clone())).ok().or_else(|| piecewise(&clean))?;
    resume.sections.extend(sections);
    Some(resume)
}

/// Section by section: one that does not fit is kept as text instead of losing the whole document.
fn piecewise(clean: &Map<String, Value>) -> Option<Resume> {
    let mut fitting = Map::new();
    let mut sections = Vec::new();
    for (key, value) in clean {
        let alone: Map<String, Value> = std::iter::once((key.clone(), value.clone())).collect();
        if serde_json::from_value::<Resume>(Value::Object(alone)).is_ok() {
            fitting.insert(key.clone(), value.clone());
        } else {
            keep(key, value, &mut sections);
        }
    }
    let mut resume: Resume = serde_json::from_value(Value::Object(fitting)).ok()?;
    resume.sections.extend(sections);
    Some(resume)
}

fn basics_object(basics: &Map<String, Value>, sections: &mut Vec<Section>) -> Map<String, Value> {
    let mut clean = Map::new();
    for (key, value) in basics {
        let name = renamed(key);
        match name {
            "location" => {
                let place = match value {
                    Value::String(text) if !text.trim().is_empty() => {
                        std::iter::once(("address".to_owned(), Value::String(text.clone()))).collect()
                    }
                    Value::Object(place) => texts(
                        place,
                        &["address", "postalCode", "city", "countryCode", "region"],
                        name,
                        sections,
                    ),
                    _ => Map::new(),
                };
                if !place.is_empty() {
                    clean.insert(name.to_owned(), Value::Object(place));
                }
            }
            "profiles" => {
                let items = value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_object)
                    .map(|profile| {
                        Value::Object(texts(profile, &["network", "username", "url"], name, sections))
                    })
                    .collect();
                clean.insert(name.to_owned(), Value::Array(items));
            }
            "name" | "label" | "image" | "email" | "phone" | "url" | "summary" => {
                insert_text(&mut clean, name, value);
            }
            _ => keep(key, value, sections),
        }
    }
    clean
}

fn renamed(key: &str) -> &str {
    RENAMED.iter().find(|(old, _)| *old == key).map_or(key, |(_, new)| new)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn insert_text(clean: &mut Map<String, Value>, name: &str, value: &Value) {
    if let Some(text) = text_of(value) {
        clean.insert(name.to_owned(), Value::String(text));
    }
}

fn texts(
    object: &Map<String, Value>,
    fields: &[&str],
    place: &str,
    sections: &mut Vec<Section>,
) -> Map<String, Value> {
    let mut clean = Map::new();
    for (key, value) in object {
        if fields.contains(&key.as_str()) {
            insert_text(&mut clean, key, value);
        } else {
            keep(&format!("{place} {key}"), value, sections);
        }
    }
    clean
}

fn item_object(item: &Value, section: &str, sections: &mut Vec<Section>) -> Map<String, Value> {
    let mut clean = Map::new();
    let Some(object) = item.as_object() else {
        // A list of plain words where objects belong.
        let name = match section {
            "languages" => "language",
            "awards" => "title",
            _ => "name",
        };
        insert_text(&mut clean, name, item);
        return clean;
    };
    for (key, value) in object {
        let name = match (section, key.as_str()) {
            ("volunteer" | "education", "location") => "x-location",
            ("education", "highlights") => "x-highlights",
            ("education", "gpa") => "score",
            ("publications" | "references", _) => key.as_str(),
            ("volunteer", "name" | "company") => "organization",
            _ => renamed(key),
        };
        if DATES.contains(&name) {
            insert_date(&mut clean, name, value);
        } else if LISTS.contains(&name) {
            let words: Vec<Value> = match value {
                Value::Array(items) => items.iter().filter_map(text_of).map(Value::String).collect(),
                other => text_of(other).map(Value::String).into_iter().collect(),
            };
            clean.insert(name.to_owned(), Value::Array(words));
        } else if is_field(section, name) {
            insert_text(&mut clean, name, value);
        } else {
            keep(&format!("{section} {key}"), value, sections);
        }
    }
    clean
}

/// A date in the schema's form; anything else is kept as printed where the entry has a place for it.
fn insert_date(clean: &mut Map<String, Value>, name: &str, value: &Value) {
    let Some(text) = text_of(value) else {
        return;
    };
    let short: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect();
    let parsed = [text.as_str(), short.as_str()]
        .into_iter()
        .find_map(|text| text.parse::<crate::domain::resume::PartialDate>().ok());
    let parsed = parsed.or_else(|| {
        crate::engine::understand::resume::dates::find_dates(&text)
            .first()
            .and_then(crate::engine::understand::resume::dates::Dates::first)
    });
    match parsed {
        Some(date) => {
            clean.insert(name.to_owned(), Value::String(date.to_string()));
        }
        // "Present" as an end says what an absent end says.
        None if name == "endDate" => {}
        None => {
            clean.entry("x-dates".to_owned()).or_insert(Value::String(text));
        }
    }
}

fn is_field(section: &str, name: &str) -> bool {
    let fields: &[&str] = match section {
        "work" => &["name", "position", "location", "description", "url", "summary", "x-dates"],
        "volunteer" => &["organization", "position", "x-location", "url", "summary", "x-dates"],
        "education" => &["institution", "url", "area", "studyType", "score", "x-location", "x-dates"],
        "awards" => &["title", "awarder", "summary"],
        "certificates" => &["name", "url", "issuer"],
        "publications" => &["name", "publisher", "url", "summary"],
        "skills" => &["name", "level"],
        "languages" => &["language", "fluency"],
        "interests" => &["name"],
        "references" => &["name", "reference"],
        "projects" => &["name", "description", "url", "entity", "type", "x-dates"],
        _ => &[],
    };
    fields.contains(&name)
}

/// Keeps the texts of a value that the schema has no place for.
fn keep(key: &str, value: &Value, sections: &mut Vec<Section>) {
    let mut paragraphs = Vec::new();
    collect(value, &mut paragraphs);
    if !paragraphs.is_empty() {
        sections.push(Section { heading: Some(key.to_owned()), paragraphs });
    }
}

fn collect(value: &Value, paragraphs: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, paragraphs)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, paragraphs)),
        other => paragraphs.extend(text_of(other)),
    }
}
