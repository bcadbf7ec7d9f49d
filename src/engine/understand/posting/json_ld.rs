//! The `JobPosting` that a page carries as JSON-LD (schema.org), however loosely it was written.

use serde_json::Value;

use crate::engine::understand::posting::html::decoded;

/// How deep JSON-LD is searched; real pages stay below five.
const MAX_DEPTH: usize = 8;

/// What a page's own data say about its posting.
#[derive(Debug, Default)]
pub(crate) struct Described {
    pub(crate) title: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) employment_type: Option<String>,
    /// The description, HTML or text; other texts of the same object follow it under headings.
    pub(crate) description: String,
}

/// The first `JobPosting` in a page's JSON-LD.
pub(crate) fn job_posting(structured: &[Value]) -> Option<Described> {
    structured.iter().find_map(|value| find(value, MAX_DEPTH)).map(described)
}

fn find(value: &Value, depth: usize) -> Option<&Value> {
    if depth == 0 {
        return None;
    }
    match value {
        Value::Array(all) => all.iter().find_map(|one| find(one, depth - 1)),
        Value::Object(fields) => {
            if fields.get("@type").is_some_and(is_job_posting) {
                return Some(value);
            }
            ["@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"]
                .iter()
                .filter_map(|name| fields.get(*name))
                .find_map(|inner| find(inner, depth - 1))
        }
        _ => None,
    }
}

fn is_job_posting(kind: &Value) -> bool {
    let named =
        |kind: &Value| kind.as_str().is_some_and(|kind| kind.rsplit(['/', ':']).next() == Some("JobPosting"));
    named(kind) || kind.as_array().is_some_and(|kinds| kinds.iter().any(named))
}

fn described(posting: &Value) -> Described {
    let mut description = posting.get("description").and_then(text).unwrap_or_default();
    for (field, heading) in [
        ("responsibilities", "Responsibilities"),
        ("qualifications", "Qualifications"),
        ("skills", "Skills"),
        ("experienceRequirements", "Experience"),
        ("educationRequirements", "Education"),
    ] {
        // Many boards repeat parts of the description in these fields.
        if let Some(more) =
            posting.get(field).and_then(text).filter(|more| !description.contains(more.as_str()))
        {
            description.push_str(&format!("\n<h3>{heading}</h3>\n<p>{more}</p>"));
        }
    }
    Described {
        title: posting.get("title").or_else(|| posting.get("name")).and_then(short_text),
        company: posting.get("hiringOrganization").and_then(short_text),
        location: location(posting),
        employment_type: posting.get("employmentType").and_then(first_text),
        description,
    }
}

fn location(posting: &Value) -> Option<String> {
    let places = match posting.get("jobLocation") {
        Some(Value::Array(all)) => all.iter().filter_map(place).collect(),
        Some(one) => place(one).into_iter().collect(),
        None => Vec::new(),
    };
    let is_remote =
        posting.get("jobLocationType").and_then(first_text).is_some_and(|kind| kind == "TELECOMMUTE");
    let mut named: Vec<String> = Vec::new();
    for found in places.into_iter().chain(is_remote.then(|| "Remote".to_owned())) {
        if !named.contains(&found) {
            named.push(found);
        }
    }
    (!named.is_empty()).then(|| named.join("; "))
}

fn place(value: &Value) -> Option<String> {
    let address = value.get("address").unwrap_or(value);
    let parts: Vec<String> = ["addressLocality", "addressRegion", "addressCountry"]
        .iter()
        .filter_map(|name| address.get(*name).and_then(short_text))
        .collect();
    if parts.is_empty() { short_text(address).or_else(|| short_text(value)) } else { Some(parts.join(", ")) }
}

/// A text, or the `name` of an object, or the first of a list.
fn short_text(value: &Value) -> Option<String> {
    let found = match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => fields.get("name").or_else(|| fields.get("legalName"))?.as_str()?.to_owned(),
        Value::Array(all) => return all.iter().find_map(short_text),
        _ => return None,
    };
    let found = decoded(&decoded(&found)).split_whitespace().collect::<Vec<_>>().join(" ");
    (!found.is_empty() && found.chars().count() <= 200).then_some(found)
}

fn first_text(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value.as_array()?.iter().find_map(Value::as_str)).map(str::to_owned)
}

/// A text, a list of texts as lines, or what an object says in words.
fn text(value: &Value) -> Option<String> {
    let found = match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let all: Vec<String> = all.iter().filter_map(text).map(|one| format!("<li>{one}</li>")).collect();
            all.concat()
        }
        Value::Object(fields) => {
            if let Some(months) = fields.get("monthsOfExperience").and_then(months) {
                format!("{months} months of experience")
            } else {
                fields.get("description").or_else(|| fields.get("credentialCategory")).and_then(text)?
            }
        }
        _ => return None,
    };
    (!found.trim().is_empty()).then_some(found)
}

fn months(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).filter(|months| *months > 0)
}
