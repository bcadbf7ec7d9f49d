//! A resume while somebody types it: whatever stands in the fields, right or wrong, in the shape of JSON Resume.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::domain::reading::Reading;
use crate::domain::resume::{Resume, Skill};
use crate::http::form::Form;
use crate::http::web::file_resume::parts::{Input, PARTS, Part, Typed, UNSHOWN, part};

/// Skills with those in one group that have a name and nothing else, where they follow each other.
fn gathered(skills: Vec<Skill>) -> Vec<Skill> {
    let mut found: Vec<Skill> = Vec::new();
    for skill in skills {
        let is_alone = skill.keywords.is_empty() && skill.level.is_none();
        match (found.last_mut(), skill.name) {
            (Some(list), Some(name)) if is_alone && list.name.is_none() => list.keywords.push(name),
            (_, Some(name)) if is_alone => {
                found.push(Skill { name: None, level: None, keywords: vec![name] });
            }
            (_, name) => found.push(Skill { name, ..skill }),
        }
    }
    found
}

/// What the fields of the page hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft(Value);

impl Draft {
    /// As it is kept.
    pub(crate) fn of(resume: &Resume) -> Self {
        // A resume has nothing that JSON cannot say, so that `Null` stands for the impossible.
        Self(serde_json::to_value(resume).unwrap_or(Value::Null))
    }

    /// As it was read or corrected. Skills that only running text names are not the person's list; those that stand by
    /// themselves are typed as one list, not in a form of its own each.
    pub(crate) fn of_reading(reading: &Reading) -> Self {
        let mut resume = reading.resume.clone();
        let skills = std::mem::take(&mut resume.skills);
        if !reading.skills_from_text {
            resume.skills = gathered(skills);
        }
        Self::of(&resume)
    }

    /// As it was typed, with at most so many entries of one part: a form is read before anybody looks at it, and each entry
    /// becomes a dozen fields. Entries are counted anew: those between which one is missing move up.
    pub(crate) fn typed(form: &Form, most: usize) -> Self {
        let mut resume = Map::new();
        for part in PARTS {
            if part.entry.is_none() {
                for input in part.inputs {
                    let name = format!("{}.{}", part.name, input.name);
                    put(&mut resume, &name, value(form, &name, input));
                }
                continue;
            }
            let entries = numbers(form, part).into_iter().take(most).map(|number| {
                let mut entry = Map::new();
                for input in part.inputs {
                    let name = format!("{}.{number}.{}", part.name, input.name);
                    put(&mut entry, input.name, value(form, &name, input));
                }
                Value::Object(entry)
            });
            let entries = Value::Array(entries.collect());
            put(&mut resume, part.name, entries);
        }
        for name in UNSHOWN {
            if let Some(value) = form.text(name).and_then(|text| serde_json::from_str(text).ok()) {
                resume.insert(name.to_owned(), value);
            }
        }
        Self(Value::Object(resume))
    }

    /// For whoever checks and keeps it.
    pub(crate) fn into_value(self) -> Value {
        self.0
    }

    /// What stands in a field; `entry` is the number of the entry from 0, where the part has entries.
    pub(crate) fn text(&self, part: &Part, entry: Option<usize>, input: &Input) -> String {
        let path = format!("{}/{}", pointer(part, entry), input.name.replace('.', "/"));
        match self.0.pointer(&path) {
            Some(Value::String(text)) if input.typed == Typed::Text => text.clone(),
            // Browsers drop the ends of lines where there is one line alone.
            Some(Value::String(text)) => text.replace('\n', " "),
            Some(Value::Array(items)) => {
                // An item is a line: one of several would come back as several.
                let lines = items.iter().filter_map(Value::as_str).map(|item| item.replace('\n', " "));
                lines.collect::<Vec<_>>().join("\n")
            }
            _ => String::new(),
        }
    }

    /// How many entries a part has.
    pub(crate) fn count(&self, part: &Part) -> usize {
        match part.entry {
            Some(_) => self.0.pointer(&pointer(part, None)).and_then(Value::as_array).map_or(0, Vec::len),
            None => 1,
        }
    }

    /// What the page keeps without showing it, as the text of a hidden field.
    pub(crate) fn unshown(&self) -> Vec<(&'static str, String)> {
        let kept = |name: &'static str| Some((name, self.0.get(name)?.to_string()));
        UNSHOWN.into_iter().filter_map(kept).collect()
    }

    /// Whether what the page does not show is the same here and there. How deep a heading stood is kept by no correction.
    pub(crate) fn has_same_unshown(&self, other: &Self) -> bool {
        self.headings() == other.headings() && self.0.get("meta") == other.0.get("meta")
    }

    /// The sections in their order, each with its heading.
    fn headings(&self) -> Vec<[Option<&Value>; 2]> {
        let order = self.0.get("x-sectionOrder").and_then(Value::as_array);
        let named = |heading| ["section", "heading"].map(|name| Value::get(heading, name));
        order.into_iter().flatten().map(named).collect()
    }

    /// Whether a part is the same here and there.
    pub(crate) fn has_same(&self, other: &Self, part: &Part) -> bool {
        let entries = self.count(part);
        let same = |entry: Option<usize>, input: &Input| {
            self.text(part, entry, input).trim() == other.text(part, entry, input).trim()
        };
        entries == other.count(part)
            && (0..entries).all(|entry| {
                part.inputs.iter().all(|input| same(part.entry.is_some().then_some(entry), input))
            })
    }

    /// Adds an empty entry to the part of that name, if there is one.
    pub(crate) fn add(&mut self, name: &str) {
        if let Some(entries) = self.entries(name) {
            entries.push(Value::Object(Map::new()));
        }
    }

    /// Removes an entry of the part of that name, if it is there.
    pub(crate) fn remove(&mut self, name: &str, entry: usize) {
        let Some(entries) = self.entries(name).filter(|entries| entry < entries.len()) else {
            return;
        };
        entries.remove(entry);
        if name == SECTIONS {
            self.renumber(|number| match number.cmp(&entry) {
                Ordering::Less => Some(number),
                Ordering::Equal => None,
                Ordering::Greater => Some(number - 1),
            });
        }
    }

    /// Moves an entry of the part of that name before the one above it, if both are there.
    pub(crate) fn raise(&mut self, name: &str, entry: usize) {
        let Some(above) = entry.checked_sub(1) else { return };
        let Some(entries) = self.entries(name).filter(|entries| entry < entries.len()) else {
            return;
        };
        entries.swap(above, entry);
        if name == SECTIONS {
            self.renumber(|number| match number {
                _ if number == entry => Some(above),
                _ if number == above => Some(entry),
                _ => Some(number),
            });
        }
    }

    fn entries(&mut self, name: &str) -> Option<&mut Vec<Value>> {
        let part = part(name).filter(|part| part.entry.is_some())?;
        self.0.pointer_mut(&pointer(part, None)).and_then(Value::as_array_mut)
    }

    /// The order of the sections names those of the person's own by number: gives each its new one, or takes it out.
    fn renumber(&mut self, renamed: impl Fn(usize) -> Option<usize>) {
        let Some(Value::Array(order)) = self.0.get_mut("x-sectionOrder") else {
            return;
        };
        let number = |heading: &Value| -> Option<usize> {
            heading.get("section")?.as_str()?.strip_prefix(SECTIONS)?.strip_prefix('/')?.parse().ok()
        };
        order.retain(|heading| number(heading).is_none_or(|old| renamed(old).is_some()));
        for heading in order {
            let new = number(heading).and_then(&renamed);
            if let (Some(new), Some(fields)) = (new, heading.as_object_mut()) {
                fields.insert("section".to_owned(), format!("{SECTIONS}/{new}").into());
            }
        }
    }
}

/// The part whose entries the order of the sections names by number.
const SECTIONS: &str = "x-sections";

fn pointer(part: &Part, entry: Option<usize>) -> String {
    let list = format!("/{}", part.name.replace('.', "/"));
    entry.map_or_else(|| list.clone(), |entry| format!("{list}/{entry}"))
}

/// The numbers of a part's entries in a form.
fn numbers(form: &Form, part: &Part) -> BTreeSet<usize> {
    let number = |name: &str| -> Option<usize> {
        let rest = name.strip_prefix(part.name)?.strip_prefix('.')?;
        rest.split_once('.')?.0.parse().ok()
    };
    form.names().filter_map(number).collect()
}

fn value(form: &Form, name: &str, input: &Input) -> Value {
    // Browsers end lines as the mail of old did.
    let typed = form.typed(name).replace("\r\n", "\n");
    match input.typed {
        Typed::Items if typed.is_empty() => Value::Array(Vec::new()),
        Typed::Items => Value::Array(typed.split('\n').map(Value::from).collect()),
        _ => Value::String(typed),
    }
}

fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = object.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may panic; that is how it reports"
    )]

    use serde_json::{Value, json};

    use crate::domain::reading::Reading;
    use crate::domain::resume::Resume;
    use crate::http::form::Form;
    use crate::http::web::file_resume::draft::Draft;
    use crate::http::web::file_resume::parts::PARTS;

    fn resume() -> Resume {
        serde_json::from_value(json!({
            "basics": { "name": "Mira Holm", "location": { "address": "Bergen" }, "profiles": [{ "url": "https://a.example" }] },
            "work": [{ "name": "Fjordline", "highlights": ["One", "Two"] }, { "name": "Nordlys" }],
            "x-sections": [{ "paragraphs": ["A"] }, { "paragraphs": ["B"] }, { "paragraphs": ["C"] }],
            "x-sectionOrder": [
                { "section": "x-sections/2" }, { "section": "work", "heading": "Jobs" }, { "section": "x-sections/1" }
            ],
        }))
        .unwrap()
    }

    /// The form that a page with this draft sends.
    fn sent(draft: &Draft) -> Form {
        let mut fields = Vec::new();
        for part in PARTS {
            for entry in 0..draft.count(part) {
                let entry = part.entry.map(|_| entry);
                let number = entry.map(|entry| format!("{entry}.")).unwrap_or_default();
                for input in part.inputs {
                    let text = draft.text(part, entry, input).replace('\n', "\r\n");
                    fields.push((format!("{}.{number}{}", part.name, input.name), text));
                }
            }
        }
        fields.extend(draft.unshown().into_iter().map(|(name, text)| (name.to_owned(), text)));
        Form::of_texts(fields)
    }

    #[test]
    fn what_a_page_shows_comes_back_as_it_was() {
        let mut shown = Draft::of(&resume());
        let typed = Draft::typed(&sent(&shown), 9);
        assert!(PARTS.iter().all(|part| typed.has_same(&shown, part)), "{typed:#?}");
        assert_eq!(typed.unshown(), shown.unshown());
        assert!(typed.has_same_unshown(&shown));
        shown.raise("x-sections", 2);
        assert!(!typed.has_same_unshown(&shown), "another order of the sections");
    }

    #[test]
    fn entries_come_and_go_and_the_others_move_up() {
        let mut draft = Draft::of(&resume());
        draft.remove("work", 0);
        draft.remove("work", 7);
        draft.add("work");
        draft.add("nonsense");
        draft.remove("x-sections", 1);
        let value = draft.into_value();
        assert_eq!(value["work"], json!([{ "name": "Nordlys" }, {}]));
        let order: Vec<&Value> =
            value["x-sectionOrder"].as_array().unwrap().iter().map(|heading| &heading["section"]).collect();
        assert_eq!(order, [&json!("x-sections/1"), &json!("work")], "C is the second now, B is gone");
    }

    #[test]
    fn an_entry_moves_before_the_one_above_it() {
        let mut draft = Draft::of(&resume());
        draft.raise("work", 1);
        draft.raise("work", 0);
        draft.raise("work", 7);
        draft.raise("x-sections", 2);
        let value = draft.into_value();
        assert_eq!(value.pointer("/work/0/name"), Some(&json!("Nordlys")));
        assert_eq!(value.pointer("/work/1/name"), Some(&json!("Fjordline")));
        assert_eq!(
            value["x-sections"],
            json!([{ "paragraphs": ["A"] }, { "paragraphs": ["C"] }, { "paragraphs": ["B"] }])
        );
        let order: Vec<&Value> =
            value["x-sectionOrder"].as_array().unwrap().iter().map(|heading| &heading["section"]).collect();
        assert_eq!(
            order,
            [&json!("x-sections/1"), &json!("work"), &json!("x-sections/2")],
            "each keeps its place on the page"
        );
    }

    #[test]
    fn skills_are_typed_as_one_list_and_only_where_the_person_has_one() {
        let skills = json!([{ "name": "Rust" }, { "name": "Go" }, { "name": "Tools", "keywords": ["Git"] }, { "name": "C" }]);
        let resume: Resume = serde_json::from_value(json!({ "skills": skills })).unwrap();
        let check = |skills_from_text, expected: Value| {
            let reading = Reading { resume: resume.clone(), skills_from_text, ..Reading::default() };
            let shown = Draft::of_reading(&reading).into_value();
            assert_eq!(shown.get("skills").cloned().unwrap_or_default(), expected);
        };
        let list = json!([{ "keywords": ["Rust", "Go"] }, { "name": "Tools", "keywords": ["Git"] }, { "keywords": ["C"] }]);
        check(false, list);
        check(true, Value::Null);
    }

    #[test]
    fn numbers_between_which_one_is_missing_move_up() {
        let fields =
            [("work.7.name", "B"), ("work.10.name", "C"), ("work.x.name", "?"), ("work.2.name", "A")];
        let form = Form::of_texts(fields.map(|(name, text)| (name.to_owned(), text.to_owned())));
        let names = |most: usize| -> Vec<Value> {
            let typed = Draft::typed(&form, most).into_value();
            typed["work"].as_array().unwrap().iter().map(|job| job["name"].clone()).collect()
        };
        assert_eq!(names(9), ["A", "B", "C"]);
        assert_eq!(names(2), ["A", "B"]);
    }
}
