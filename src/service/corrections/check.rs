//! A corrected resume at the door: every field looked at, each that does not fit named by its path.

use serde_json::{Map, Value};

use crate::config::Corrections as Limits;
use crate::domain::resume::{PartialDate, Resume};
use crate::domain::resume_fields::{Field, RESUME, Takes};
use crate::service::auth::refuse_email;
use crate::service::{FieldError, ServiceError};

/// Where it stands in a request.
const ROOT: &str = "resume";
/// Problems that are named at once: whoever has more of them sent something else.
const MAX_PROBLEMS: usize = 50;
/// Characters of an unknown field's name that are repeated.
const MAX_NAME_CHARACTERS: usize = 40;

/// The resume, without empty fields and without what no document can show: control characters, white space around a text.
///
/// # Errors
/// `invalid_request`, naming each field.
pub(in crate::service::corrections) fn checked(
    limits: &Limits,
    given: Value,
) -> Result<Resume, ServiceError> {
    let mut check = Check { limits, problems: Vec::new() };
    let clean = check.object(ROOT, given, RESUME);
    if check.problems.is_empty() && clean.is_none() {
        check.refuse(
            ROOT,
            "Nothing is left of this resume. To use what was read again, delete the correction.",
        );
    }
    if !check.problems.is_empty() {
        return Err(ServiceError::invalid(check.problems));
    }
    let clean = clean.unwrap_or_default();
    let bytes = serde_json::to_vec(&clean).map_err(ServiceError::internal)?.len();
    if bytes > limits.max_bytes {
        let message = format!(
            "A corrected resume may have at most {} bytes as JSON; this one has {bytes}. Leave out what nobody reads.",
            limits.max_bytes
        );
        return Err(ServiceError::invalid_field(ROOT, message));
    }
    serde_json::from_value(clean).map_err(ServiceError::internal)
}

struct Check<'a> {
    limits: &'a Limits,
    problems: Vec<FieldError>,
}

impl Check<'_> {
    fn refuse(&mut self, path: &str, message: impl Into<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(FieldError::new(path, message));
        }
    }

    /// What is to be kept of a field; nothing where it is empty or does not fit.
    fn value(&mut self, path: &str, value: Value, takes: Takes) -> Option<Value> {
        if value.is_null() {
            return None;
        }
        match takes {
            Takes::Text => self.text(path, value).map(Value::String),
            Takes::Email => self.email(path, value),
            Takes::Date => self.date(path, value),
            Takes::Texts => self.texts(path, value),
            Takes::Object(fields) => self.object(path, value, fields),
            Takes::Entries(fields) => {
                let entries = self.entries(path, value, fields)?;
                let filled: Vec<Value> = entries.into_iter().flatten().collect();
                (!filled.is_empty()).then_some(Value::Array(filled))
            }
            Takes::Numbered(fields) => {
                let entries = self.entries(path, value, fields)?;
                let all = entries.into_iter().map(|entry| entry.unwrap_or_else(|| Map::new().into()));
                Some(Value::Array(all.collect())).filter(|all| *all != Value::Array(Vec::new()))
            }
            Takes::Kept => self.kept(path, value),
            Takes::Derived | Takes::Level | Takes::Beside => None,
        }
    }

    fn object(&mut self, path: &str, value: Value, fields: &[Field]) -> Option<Value> {
        let Value::Object(given) = value else {
            self.refuse(path, format!("This is an object with named fields, not {}.", kind(&value)));
            return None;
        };
        let mut clean = Map::new();
        for (name, value) in given {
            let Some((known, takes)) = fields.iter().find(|(known, _)| *known == name) else {
                let name: String = name.chars().take(MAX_NAME_CHARACTERS).collect();
                let known = fields.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                let message = format!("There is no such field. Known: {known}.");
                self.refuse(&format!("{path}.{name}"), message);
                continue;
            };
            if let Some(kept) = self.value(&format!("{path}.{known}"), value, *takes) {
                clean.insert(name, kept);
            }
        }
        self.refuse_reversed(path, &clean);
        (!clean.is_empty()).then_some(Value::Object(clean))
    }

    /// Years of experience are counted from these: an end before its start would count for nothing, in silence.
    fn refuse_reversed(&mut self, path: &str, entry: &Map<String, Value>) {
        let date = |name: &str| entry.get(name)?.as_str()?.parse::<PartialDate>().ok();
        if let Some((start, end)) = date("startDate").zip(date("endDate"))
            && end.is_before(start)
        {
            let message = format!("This is before the start, {start}. Put the later date here.");
            self.refuse(&format!("{path}.endDate"), message);
        }
    }

    fn entries(&mut self, path: &str, value: Value, fields: &[Field]) -> Option<Vec<Option<Value>>> {
        let entries = self.list(path, value)?;
        let each = entries.into_iter().enumerate();
        Some(each.map(|(index, entry)| self.object(&format!("{path}[{index}]"), entry, fields)).collect())
    }

    fn texts(&mut self, path: &str, value: Value) -> Option<Value> {
        let each = self.list(path, value)?.into_iter().enumerate();
        let texts: Vec<Value> = each
            .filter_map(|(index, value)| self.text(&format!("{path}[{index}]"), value))
            .map(Value::String)
            .collect();
        (!texts.is_empty()).then_some(Value::Array(texts))
    }

    fn list(&mut self, path: &str, value: Value) -> Option<Vec<Value>> {
        let most = self.limits.max_entries;
        match value {
            Value::Array(items) if items.len() <= most => Some(items),
            Value::Array(items) => {
                let message = format!("This list may have at most {most} entries; it has {}.", items.len());
                self.refuse(path, message);
                None
            }
            other => {
                self.refuse(path, format!("This is a list, not {}.", kind(&other)));
                None
            }
        }
    }

    fn text(&mut self, path: &str, value: Value) -> Option<String> {
        let most = self.limits.max_text_characters;
        let Value::String(text) = value else {
            self.refuse(path, format!("This is a text, not {}.", kind(&value)));
            return None;
        };
        let clean = tidy(&text);
        let characters = clean.chars().count();
        if characters > most {
            self.refuse(path, format!("This may have at most {most} characters; it has {characters}."));
            return None;
        }
        (!clean.is_empty()).then_some(clean)
    }

    fn email(&mut self, path: &str, value: Value) -> Option<Value> {
        let text = self.text(path, value)?;
        match refuse_email(&text) {
            Some(problem) => {
                self.refuse(path, problem.message);
                None
            }
            None => Some(Value::String(text)),
        }
    }

    fn date(&mut self, path: &str, value: Value) -> Option<Value> {
        match self.text(path, value)?.parse::<PartialDate>() {
            Ok(date) => Some(Value::String(date.to_string())),
            Err(_) => {
                self.refuse(path, "A date is a year, a month or a day: 2021, 2021-03 or 2021-03-15.");
                None
            }
        }
    }

    fn kept(&mut self, path: &str, value: Value) -> Option<Value> {
        if !value.is_object() {
            self.refuse(path, format!("This is an object with named fields, not {}.", kind(&value)));
            return None;
        }
        Some(tidied(value))
    }
}

/// What a value is, for the person.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Lines and tabs are all that a document shows of control characters, and one of our databases keeps no NUL.
fn tidy(text: &str) -> String {
    let plain = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = plain.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    kept.trim().to_owned()
}

/// The same for whatever is in a value; how deep that may be, who read the JSON has seen to.
fn tidied(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(tidy(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(tidied).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (tidy(&name), tidied(value)));
            Value::Object(fields.collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use proptest::prelude::{Just, Strategy, any, proptest};
    use proptest::{collection, prop_oneof, sample};
    use serde_json::{Map, Value, json};

    use crate::config::Corrections as Limits;
    use crate::service::ServiceError;
    use crate::service::corrections::check::checked;

    const LIMITS: Limits = Limits { max_bytes: 4000, max_entries: 3, max_text_characters: 1000 };

    /// What is refused, field by field; nothing when it is taken.
    fn refused(resume: Value) -> Vec<String> {
        match checked(&LIMITS, resume) {
            Ok(_) => Vec::new(),
            Err(ServiceError::Invalid { fields, .. }) => {
                fields.into_iter().map(|field| field.field).collect()
            }
            Err(error) => vec![error.to_string()],
        }
    }

    #[track_caller]
    fn check(resume: Value, fields: &[&str]) {
        let shown = resume.to_string();
        assert_eq!(refused(resume), fields, "{shown}");
    }

    #[test]
    fn each_field_that_does_not_fit_is_named_by_its_path() {
        check(json!({ "basics": { "name": "Mira Holm", "email": "mira@example.org" } }), &[]);
        check(json!([]), &["resume"]);
        check(json!({}), &["resume"]);
        check(json!({ "work": [{}, { "name": " " }] }), &["resume"]);
        check(json!({ "jobs": [] }), &["resume.jobs"]);
        check(json!({ "basics": { "age": 7, "name": 7 } }), &["resume.basics.age", "resume.basics.name"]);
        check(json!({ "basics": { "email": "mira at example.org" } }), &["resume.basics.email"]);
        check(json!({ "work": {} }), &["resume.work"]);
        check(json!({ "work": ["Clerk"] }), &["resume.work[0]"]);
        check(
            json!({ "work": [{ "name": "A" }, { "startDate": "March 2020", "highlights": ["x", 1] }] }),
            &["resume.work[1].startDate", "resume.work[1].highlights[1]"],
        );
        check(json!({ "skills": [{ "keywords": "Rust" }] }), &["resume.skills[0].keywords"]);
        check(
            json!({ "x-sections": [{ "heading": null, "paragraphs": [false] }] }),
            &["resume.x-sections[0].paragraphs[0]"],
        );
        check(json!({ "meta": "none" }), &["resume.meta"]);
        let dates = |start, end| json!({ "education": [{ "startDate": start, "endDate": end }] });
        check(dates("2020-03", "2019"), &["resume.education[0].endDate"]);
        check(dates("2020-03", "2020"), &[]);
    }

    #[test]
    fn more_than_is_taken_is_refused() {
        let work = |count: usize| json!({ "work": vec![json!({ "name": "A" }); count] });
        check(work(3), &[]);
        check(work(4), &["resume.work"]);
        check(json!({ "basics": { "summary": "x".repeat(1000) } }), &[]);
        check(json!({ "basics": { "summary": "x".repeat(1001) } }), &["resume.basics.summary"]);
        check(json!({ "meta": { "x": "x".repeat(4000) } }), &["resume"]);
        let unknown: Map<String, Value> = (0..200).map(|n| (n.to_string(), Value::Null)).collect();
        assert_eq!(refused(Value::Object(unknown)).len(), 50);
    }

    #[test]
    fn what_says_nothing_is_left_out_and_what_others_count_stays() {
        let given = json!({
            "$schema": "https://example.org/schema.json",
            "basics": { "name": " Mira\u{0} Holm ", "label": null, "location": { "city": "" } },
            "work": [{}, { "name": "Fjordline\u{7}", "highlights": ["", " One\r\ntwo "], "startDate": "2020-03" }],
            "education": [],
            "x-sections": [{}, { "paragraphs": ["Held a pilot's licence"] }],
            "x-sectionOrder": [{ "section": "x-sections/1", "heading": "Licences" }],
            "meta": { "a\u{0}": ["\u{0}b", 1] },
        });
        let resume = serde_json::to_value(checked(&LIMITS, given).unwrap()).unwrap();
        let expected = json!({
            "basics": { "name": "Mira Holm" },
            "work": [{ "name": "Fjordline", "startDate": "2020-03", "highlights": ["One\ntwo"] }],
            "x-sections": [{}, { "paragraphs": ["Held a pilot's licence"] }],
            "x-sectionOrder": [{ "section": "x-sections/1", "heading": "Licences" }],
            "meta": { "a": ["b", 1] },
        });
        assert_eq!(resume, expected);
    }

    /// Values with names of ours and others, some of them of the right kind.
    fn values() -> impl Strategy<Value = Value> {
        let names = sample::select(vec![
            "basics",
            "work",
            "name",
            "email",
            "startDate",
            "highlights",
            "keywords",
            "skills",
            "x-sections",
            "paragraphs",
            "x-sectionOrder",
            "section",
            "meta",
            "location",
            "profiles",
            "other",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::String),
            any::<String>().prop_map(Value::String),
            sample::select(vec!["2021", "2021-03", "2021-99", "a@b.example"]).prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 48, 6, move |inner| {
            prop_oneof![
                collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                collection::vec((names.clone().prop_map(str::to_owned), inner), 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_comes_is_refused_by_name_or_taken_for_good(value in values()) {
            match checked(&LIMITS, value) {
                Ok(resume) => {
                    let once = serde_json::to_value(&resume).unwrap();
                    let again = checked(&LIMITS, once.clone()).unwrap();
                    assert_eq!(serde_json::to_value(again).unwrap(), once, "taken once is taken as it is");
                }
                Err(ServiceError::Invalid { fields, .. }) => {
                    assert!(!fields.is_empty() && fields.iter().all(|field| field.field.starts_with("resume")));
                }
                Err(error) => unreachable!("{error}"),
            }
        }
    }
}
