//! JSON Resume: the resume itself, for other programs.

use serde_json::{Map, Value};

use crate::domain::resume::Resume;

/// The schema that the document follows.
const SCHEMA: &str = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json";

/// The resume with its schema named first, indented.
pub(crate) fn write(resume: &Resume) -> Result<String, serde_json::Error> {
    let mut object = Map::new();
    object.insert("$schema".to_owned(), Value::from(SCHEMA));
    if let Value::Object(fields) = serde_json::to_value(resume)? {
        object.extend(fields);
    }
    let mut text = serde_json::to_string_pretty(&Value::Object(object))?;
    text.push('\n');
    Ok(text)
}
