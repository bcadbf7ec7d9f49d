//! JSON Resumes of others, however they are written, and our own, which come back as they were.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic; that is how it reports")]
#![expect(clippy::needless_pass_by_value, reason = "documents are written where they are checked")]

use std::collections::BTreeSet;

use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::{collection, prop_oneof, sample};
use serde_json::{Map, Value, json};

use crate::domain::reading::Reading;
use crate::domain::resume_fields::{Field, RESUME, Takes};
use crate::engine::read::{Limits, read};
use crate::engine::understand::resume::json::from_json;
use crate::engine::understand::resume::{reading, understand};

/// What becomes of a document that has these fields beside a name.
fn read_json(fields: Value) -> Value {
    let mut document = json!({ "basics": { "name": "Ada" } });
    document.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let mut resume = serde_json::to_value(from_json(&document).unwrap()).unwrap();
    if resume["basics"] == json!({ "name": "Ada" }) {
        resume.as_object_mut().unwrap().remove("basics");
    }
    resume
}

#[track_caller]
fn check(fields: Value, expected: Value) {
    let shown = fields.to_string();
    assert_eq!(read_json(fields), expected, "{shown}");
}

/// The same within an entry of `work`.
#[track_caller]
fn check_work(entry: Value, expected: Value) {
    check(json!({ "work": [entry] }), expected);
}

#[test]
fn a_section_of_another_shape_goes_where_it_fits() {
    check(
        json!({ "skills": { "languages": ["Rust", "Go"], "tools": "Git, Make (GNU, BSD)", "Excel": true } }),
        json!({ "skills": [
            { "name": "languages", "keywords": ["Rust", "Go"] },
            { "name": "tools", "keywords": ["Git", "Make (GNU, BSD)"] },
            { "name": "Excel" },
        ] }),
    );
    check(json!({ "skills": "Rust, Go" }), json!({ "skills": [{ "name": "Rust" }, { "name": "Go" }] }));
    check(
        json!({ "languages": { "English": "native" } }),
        json!({ "languages": [{ "language": "English", "fluency": "native" }] }),
    );
    check(
        json!({ "work": { "name": "Vireo Labs", "position": "Clerk" } }),
        json!({ "work": [{ "name": "Vireo Labs", "position": "Clerk" }] }),
    );
    check(
        json!({ "work": "Ten years at sea", "education": { "first": { "school": "Ridge" } } }),
        json!({ "x-sections": [
            { "heading": "work", "paragraphs": ["Ten years at sea"] },
            { "heading": "education", "paragraphs": ["first", "school: Ridge"] },
        ] }),
    );
    check(
        json!({ "skills": [["Rust", "Go"], "C"] }),
        json!({ "skills": [{ "name": "C" }], "x-sections": [{ "heading": "skills", "paragraphs": ["Rust", "Go"] }] }),
    );
}

#[test]
fn a_field_of_another_shape_goes_where_it_fits() {
    check(
        json!({ "basics": { "email": ["a@b.example", "c@d.example"], "profiles": ["https://github.com/ada", "@ada"],
            "location": "London", "summary": ["One.", "Two."] } }),
        json!({
            "basics": { "email": "a@b.example", "summary": "One.\nTwo.", "location": { "address": "London" },
                "profiles": [{ "url": "https://github.com/ada" }, { "username": "@ada" }] },
            "x-sections": [{ "heading": "email", "paragraphs": ["c@d.example"] }],
        }),
    );
    check(
        json!({ "basics": { "profiles": { "GitHub": "ada" }, "website": "https://ada.example", "Pets": { "cats": 2 } } }),
        json!({
            "basics": { "url": "https://ada.example", "profiles": [{ "network": "GitHub", "username": "ada" }] },
            "x-sections": [{ "heading": "Pets", "paragraphs": ["cats: 2"] }],
        }),
    );
    check_work(
        json!({ "company": "Acme", "location": { "city": "Berlin", "countryCode": "DE" },
            "highlights": "- Led five\n- Cut costs", "keywords": ["Rust"] }),
        json!({
            "work": [{ "name": "Acme", "location": "Berlin, DE", "highlights": ["Led five", "Cut costs"] }],
            "x-sections": [{ "heading": "work keywords", "paragraphs": ["Rust"] }],
        }),
    );
    check_work(
        json!({ "name": "Acme", "company": "Acme Holding", "highlights": [{ "text": "Led", "of": 5 }] }),
        json!({
            "work": [{ "name": "Acme", "highlights": ["Led, 5"] }],
            "x-sections": [{ "heading": "work company", "paragraphs": ["Acme Holding"] }],
        }),
    );
}

#[test]
fn a_date_that_is_none_of_the_schema_is_kept_as_printed() {
    #[track_caller]
    fn dates(start: Value, end: Value, expected: Value) {
        check_work(json!({ "startDate": start, "endDate": end }), json!({ "work": [expected] }));
    }
    dates(json!("2020-01"), json!("2021"), json!({ "startDate": "2020-01", "endDate": "2021" }));
    dates(
        json!(2020),
        json!("2021-02-03T10:00:00.000Z"),
        json!({ "startDate": "2020", "endDate": "2021-02-03" }),
    );
    dates(json!("March 2020"), json!("Present"), json!({ "startDate": "2020-03" }));
    dates(json!({ "year": 2020, "month": 3 }), json!(null), json!({ "startDate": "2020-03" }));
    dates(
        json!("2020-01"),
        json!("when the mill closed"),
        json!({ "startDate": "2020-01", "x-dates": "2020-01 – when the mill closed" }),
    );
    dates(
        json!("Spring 2020"),
        json!("05/2021"),
        json!({ "startDate": "2020", "endDate": "2021-05", "x-dates": "Spring 2020 – 05/2021" }),
    );
    check(
        json!({ "awards": [{ "title": "Prize", "date": "long ago", "x-dates": "in May" }] }),
        json!({ "awards": [{ "title": "Prize", "x-dates": "in May, long ago" }] }),
    );
    check(
        json!({ "skills": [{ "name": "Rust", "date": "2020" }] }),
        json!({
            "skills": [{ "name": "Rust" }],
            "x-sections": [{ "heading": "skills date", "paragraphs": ["2020"] }],
        }),
    );
}

#[test]
fn what_has_our_names_and_another_shape_is_kept() {
    check(
        json!({ "x-furniture": { "chair": "oak" }, "x-provenance": ["here"], "x-skillsFromText": "yes",
            "x-sectionOrder": [{ "section": "work", "heading": "Jobs", "level": "high" }] }),
        json!({
            "x-sectionOrder": [{ "section": "work", "heading": "Jobs" }],
            "x-sections": [
                { "heading": "x-furniture", "paragraphs": ["chair: oak"] },
                { "heading": "x-provenance", "paragraphs": ["here"] },
                { "heading": "x-skillsFromText", "paragraphs": ["yes"] },
                { "heading": "x-sectionOrder level", "paragraphs": ["high"] },
            ],
        }),
    );
}

#[test]
fn other_json_is_no_resume() {
    for other in
        [json!([]), json!({ "name": "Ada" }), json!({ "work": [1] }), json!({ "a": { "basics": 1 } })]
    {
        assert!(from_json(&other).is_none(), "{other}");
    }
    for resume in [
        json!({ "basics": null }),
        json!({ "work": [{ "position": "Clerk" }] }),
        json!({ "work": 1, "skills": 1 }),
    ] {
        assert!(from_json(&resume).is_some(), "{resume}");
    }
}

/// A resume with a value in each field that `has` says, each text another one.
fn filled(fields: &[Field], next: &mut usize, has: &impl Fn(usize) -> bool) -> Map<String, Value> {
    let mut clean = Map::new();
    for (name, takes) in fields {
        *next += 1;
        if !has(*next) {
            continue;
        }
        let text = format!("{name} {next}");
        let mut entries = |fields: &[Field]| [filled(fields, next, has), filled(fields, next, has)];
        let value = match takes {
            Takes::Text | Takes::Derived => json!(text),
            Takes::Email => json!(format!("a{}@b.example", text.len())),
            Takes::Date => json!("2019-03"),
            Takes::Texts => json!([text, "and, another"]),
            Takes::Object(fields) => Value::Object(filled(fields, next, has)),
            Takes::Entries(fields) => entries(fields).into_iter().filter(|entry| !entry.is_empty()).collect(),
            Takes::Numbered(fields) => entries(fields).into_iter().collect(),
            Takes::Level => json!(2),
            Takes::Kept => json!({ "theme": [text, null, 1.5] }),
            Takes::Beside => continue,
        };
        if value != json!([]) && value != json!({}) {
            clean.insert((*name).to_owned(), value);
        }
    }
    clean
}

#[test]
fn a_full_resume_of_ours_comes_back_as_it_was() {
    let full = Value::Object(filled(RESUME, &mut 0, &|_| true));
    assert_eq!(serde_json::to_value(from_json(&full).unwrap()).unwrap(), full);
}

#[track_caller]
fn comes_back(text: &str, name: &str) -> Reading {
    let source = read(text.as_bytes(), name, &Limits::default()).unwrap();
    let first = reading(&source, understand(&source));
    let answer = json!({ "resume": first, "readability": [], "notes": [] });
    for document in [serde_json::to_value(&first).unwrap(), answer] {
        let source = read(document.to_string().as_bytes(), "resume.json", &Limits::default()).unwrap();
        let second = reading(&source, understand(&source));
        assert_eq!(
            serde_json::to_value(&second.resume).unwrap(),
            serde_json::to_value(&first.resume).unwrap()
        );
        assert_eq!(second.skills_from_text, first.skills_from_text);
    }
    first
}

#[test]
fn a_reading_comes_back_as_the_same_resume() {
    let first = comes_back(
        "# Ada Example\n\nada@example.org | +49 30 901820 | Berlin, Germany\n\n## Experience\n\n**Clerk**, Vireo Labs, \
         Spring 2012 – 2014\n\n- Wrote services in Rust on Kubernetes\n\n## Awards\n\n- Prize of the Port, May 2013\n\n\
         ## Certificates\n\n- Certified Sailor, 2011\n\n## Licences\n\nHeld a pilot's licence\n\nPage 1 of 2\n",
        "resume.md",
    );
    assert!(first.skills_from_text && !first.resume.skills.is_empty());
    assert!(first.resume.basics.as_ref().unwrap().phone_number.is_some());
    let listed = comes_back(
        "Ada Example\nada@example.org\n\nSKILLS\n\nLanguages: Rust, Go\n\nINTERESTS\n\nChess\n",
        "resume.txt",
    );
    assert!(!listed.skills_from_text);
}

#[test]
fn skills_that_were_changed_after_a_reading_are_the_persons_own() {
    let document = json!({
        "basics": { "name": "Ada", "summary": "Wrote Rust." },
        "skills": [{ "name": "Rust" }, { "name": "Sailing" }],
        "x-skillsFromText": true,
    });
    assert_eq!(from_json(&document).unwrap().skills.len(), 2);
}

/// Words of the texts and numbers of a value.
fn words(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(words).collect(),
        Value::Object(fields) => fields.values().flat_map(words).collect(),
        Value::String(text) => {
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            words.map(str::to_owned).collect()
        }
        Value::Number(number) => words(&Value::String(number.to_string())),
        Value::Null | Value::Bool(_) => BTreeSet::new(),
    }
}

/// Words that no month, season or "present" is spelt like.
const WORD: &str = "[bcdfghjklmnpqrstvwxz]{5,8}";

/// Some of them.
const WORDS: &str = "[bcdfghjklmnpqrstvwxz]{5,8}(( |, |\n|: )[bcdfghjklmnpqrstvwxz]{5,8}){0,3}";

fn fields(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let known: Vec<&str> = "basics work volunteer education awards certificates publications skills languages interests \
        references projects x-sections x-sectionOrder meta name label email phone x-phone url summary location profiles \
        company website gpa position highlights x-highlights keywords courses startDate endDate date releaseDate x-dates \
        paragraphs section heading level address city network username language fluency reference organization"
        .split_whitespace()
        .collect();
    let key = prop_oneof![4 => sample::select(known).prop_map(str::to_owned), 1 => WORD];
    collection::vec((key, value), 0..6).prop_map(|fields| fields.into_iter().collect())
}

fn values() -> impl Strategy<Value = Value> + Clone {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => (0..3000_i32).prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        8 => WORDS.prop_map(Value::String),
        1 => "\\PC{0,12}".prop_map(Value::String),
        2 => sample::select(vec!["2021", "2021-03", "2021-99", "spring 2020", "2019 – 2021", "7 May 2020"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            fields(inner).prop_map(Value::Object),
        ]
    })
    .boxed()
}

proptest! {
    #[test]
    fn every_word_of_a_document_is_in_some_field(mut document in fields(values()), basics in values()) {
        document.insert("basics".to_owned(), basics);
        let document = Value::Object(document);
        let resume = serde_json::to_value(from_json(&document).unwrap()).unwrap();
        let lost: Vec<String> = words(&document).difference(&words(&resume)).cloned().collect();
        prop_assert!(lost.is_empty(), "{lost:?} of {document} in {resume}");
        // A name that is none leaves nothing to come back.
        if let Some(again) = from_json(&resume) {
            prop_assert_eq!(serde_json::to_value(again).unwrap(), resume);
        }
    }

    #[test]
    fn any_resume_of_ours_comes_back_as_it_was(gaps in collection::vec(any::<bool>(), 1..40)) {
        let mut document = filled(RESUME, &mut 0, &|at| gaps[at % gaps.len()]);
        document.entry("basics").or_insert_with(|| json!({}));
        let document = Value::Object(document);
        prop_assert_eq!(serde_json::to_value(from_json(&document).unwrap()).unwrap(), document);
    }
}
