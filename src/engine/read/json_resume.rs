//! A JSON Resume document: the value as it is, and its words as lines so that they can be seen and quoted.

use serde_json::Value;

use crate::domain::resume_fields::{RESUME, Takes};
use crate::domain::source::{LineKind, Part, SourceFormat, SourceText};
use crate::engine::read::page::{Draft, Style};

/// Reads JSON; text that is none after all is read as plain text.
pub(crate) fn read(text: &str) -> SourceText {
    let Ok(value) = serde_json::from_str::<Value>(text.trim_start()) else {
        return crate::engine::read::text::read(text);
    };
    let value = resume_of(value);
    let mut draft = Draft::new(SourceFormat::JsonResume);
    if let Value::Object(sections) = &value {
        for (name, section) in sections {
            // Where the file's schema or theme lives says nothing about the person, nor does what a reading proves.
            if name.starts_with('$') || is_beside(name) {
                continue;
            }
            draft.end_block();
            if !section.is_string() {
                draft.push(&heading(name), &Style { bold: true, ..Style::default() });
                draft.end_line(LineKind::Heading(1), Part::Body);
            }
            write(&mut draft, section, LineKind::Text);
        }
    }
    let source = draft.source();
    source.title = value.pointer("/basics/name").and_then(Value::as_str).map(str::to_owned);
    source.structured.push(value);
    draft.finish()
}

/// The resume in an answer of ours, which says more beside it: of `parse --json` and of `GET /files/{id}/resume`.
fn resume_of(value: Value) -> Value {
    match value {
        Value::Object(mut answer) if !answer.contains_key("basics") && answer.contains_key("readability") => {
            match answer.remove("resume") {
                Some(resume @ Value::Object(_)) => resume,
                other => {
                    answer.extend(other.map(|other| ("resume".to_owned(), other)));
                    Value::Object(answer)
                }
            }
        }
        other => other,
    }
}

fn is_beside(name: &str) -> bool {
    RESUME.iter().any(|(known, takes)| *known == name && matches!(takes, Takes::Beside | Takes::Kept))
}

/// Writes the texts of a value. How deep they are nested is bounded by the parser.
fn write(draft: &mut Draft, value: &Value, kind: LineKind) {
    match value {
        Value::String(text) => {
            for line in text.lines() {
                draft.push(line, &link_style(line));
                draft.end_line(kind, Part::Body);
            }
        }
        Value::Number(number) => {
            draft.push(&number.to_string(), &Style::default());
            draft.end_line(kind, Part::Body);
        }
        Value::Array(items) => {
            for item in items {
                if item.is_object() {
                    draft.end_block();
                }
                let kind = if item.is_string() { LineKind::ListItem(0) } else { LineKind::Text };
                write(draft, item, kind);
            }
        }
        Value::Object(fields) => {
            for field in fields.values() {
                write(draft, field, LineKind::Text);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn link_style(text: &str) -> Style {
    let is_link = text.starts_with("https://") || text.starts_with("http://");
    Style { link: is_link.then(|| text.to_owned()), ..Style::default() }
}

/// `workExperience` to `Work experience`.
fn heading(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            '_' | '-' => out.push(' '),
            _ if c.is_uppercase() && !out.is_empty() => out.extend([' '].into_iter().chain(c.to_lowercase())),
            _ if out.is_empty() => out.extend(c.to_uppercase()),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a test may panic; that is how it reports")]

    use crate::domain::source::LineKind;
    use crate::engine::read::json_resume::read;

    #[test]
    fn the_value_is_kept_and_its_words_are_lines() {
        let source = read(
            r#"{"$schema":"x","basics":{"name":"Ada","url":"https://ada.example"},"work":[{"name":"Acme","highlights":["Led five"]}]}"#,
        );
        let lines: Vec<String> = source.lines.iter().map(crate::domain::source::Line::text).collect();
        assert_eq!(lines, ["Basics", "Ada", "https://ada.example", "Work", "Acme", "Led five"]);
        assert_eq!(source.lines[5].kind, LineKind::ListItem(0));
        assert_eq!(source.lines[2].spans[0].link.as_deref(), Some("https://ada.example"));
        assert_eq!(source.structured[0]["work"][0]["name"], "Acme");
        assert_eq!(source.title.as_deref(), Some("Ada"));
    }

    #[test]
    fn the_resume_of_an_answer_is_the_document_and_its_proof_is_no_text() {
        let source = read(
            r#"{"resume":{"basics":{"name":"Ada"},"x-furniture":["Page 1"],"x-provenance":{"/basics/name":{"confidence":0.9,
            "sources":[]}}},"corrected_at":null,"readability":[{"message":"Fine."}],"notes":["A note."]}"#,
        );
        let lines: Vec<String> = source.lines.iter().map(crate::domain::source::Line::text).collect();
        assert_eq!(lines, ["Basics", "Ada"]);
        assert_eq!(source.structured[0]["basics"]["name"], "Ada");
    }

    #[test]
    fn texts_are_read_however_deep_they_stand() {
        let source = read(&format!("{}\"deep\"{}", "{\"a\":[".repeat(30), "]}".repeat(30)));
        assert!(source.lines.iter().any(|line| line.text() == "deep"));
    }
}
