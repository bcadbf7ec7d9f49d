//! Structured data of a page: the objects of its JSON-LD scripts.

use scraper::{Html, Selector};
use serde_json::Value;

/// Objects kept of one page.
const MAX_OBJECTS: usize = 200;

/// All JSON-LD objects of a page, those of `@graph` and of arrays one by one.
pub(crate) fn objects(page: &Html) -> Vec<Value> {
    let mut found = Vec::new();
    let Ok(selector) = Selector::parse("script[type='application/ld+json' i]") else { return found };
    for script in page.select(&selector) {
        let text: String = script.text().collect();
        if let Some(value) = parse(&text) {
            flatten(value, &mut found);
        }
    }
    found.truncate(MAX_OBJECTS);
    found
}

/// The posting among them that says the most.
pub(crate) fn posting(objects: &[Value]) -> Option<&Value> {
    let is_posting = |value: &&Value| match value.get("@type") {
        Some(Value::String(kind)) => kind.ends_with("JobPosting"),
        Some(Value::Array(kinds)) => {
            kinds.iter().any(|kind| kind.as_str().is_some_and(|kind| kind.ends_with("JobPosting")))
        }
        _ => false,
    };
    objects.iter().filter(is_posting).max_by_key(|value| description(value).map_or(0, str::len))
}

/// The description of a posting, as HTML or text.
pub(crate) fn description(posting: &Value) -> Option<&str> {
    posting.get("description")?.as_str()
}

/// Pages wrap the JSON in comments and break lines inside strings, which JSON does not allow.
fn parse(text: &str) -> Option<Value> {
    let text = text.trim();
    let text = text.strip_prefix("<!--").or_else(|| text.strip_prefix("//<![CDATA[")).unwrap_or(text);
    let text = text.strip_suffix("-->").or_else(|| text.strip_suffix("//]]>")).unwrap_or(text);
    let text = text.trim().trim_end_matches(';');
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&mend(text)).ok())
}

fn mend(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        let odd = c.is_control() && quoted;
        match c {
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        match c {
            '\n' if odd => out.push_str("\\n"),
            _ if odd => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

fn flatten(value: Value, found: &mut Vec<Value>) {
    match value {
        Value::Array(items) => {
            for item in items {
                flatten(item, found);
            }
        }
        Value::Object(mut fields) => {
            let graph = fields.remove("@graph");
            if fields.contains_key("@type") {
                found.push(Value::Object(fields));
            }
            if let Some(graph) = graph {
                flatten(graph, found);
            }
        }
        _ => {}
    }
}
