//! What a resume may hold: every field of JSON Resume 1.0.0 and of ours, with what it takes.
//!
//! Resumes that come as JSON are read by it, corrections are checked by it, and the page of corrections is held to it.

/// What a field takes.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// A text.
    Text,
    /// An e-mail address.
    Email,
    /// A year, a month or a day.
    Date,
    /// A list of texts.
    Texts,
    /// An object with these fields.
    Object(&'static [Field]),
    /// A list of objects with these fields. Those without any are left out.
    Entries(&'static [Field]),
    /// The same, where others refer to an entry by its place: empty ones stay.
    Numbered(&'static [Field]),
    /// An object that we only keep.
    Kept,
    /// A text that follows from another field. A correction need not send it: it is left out and told again.
    Derived,
    /// A small number that only a document tells. A correction need not send it: it is left out.
    Level,
    /// What stands beside the resume in a reading, and is no part of it.
    Beside,
}

/// A field's name in JSON and what it takes.
pub type Field = (&'static str, Takes);

/// The fields of a resume, in the order of the schema.
#[rustfmt::skip] // a table reads best as one row per line
pub const RESUME: &[Field] = &[
    ("$schema", Takes::Beside),
    ("basics", Takes::Object(BASICS)),
    ("work", Takes::Entries(WORK)),
    ("volunteer", Takes::Entries(VOLUNTEER)),
    ("education", Takes::Entries(EDUCATION)),
    ("awards", Takes::Entries(&[("title", Takes::Text), ("date", Takes::Date), ("awarder", Takes::Text), ("summary", Takes::Text), ("x-dates", Takes::Text)])),
    ("certificates", Takes::Entries(&[("name", Takes::Text), ("date", Takes::Date), ("url", Takes::Text), ("issuer", Takes::Text), ("x-dates", Takes::Text)])),
    ("publications", Takes::Entries(PUBLICATIONS)),
    ("skills", Takes::Entries(&[("name", Takes::Text), ("level", Takes::Text), ("keywords", Takes::Texts)])),
    ("languages", Takes::Entries(&[("language", Takes::Text), ("fluency", Takes::Text)])),
    ("interests", Takes::Entries(&[("name", Takes::Text), ("keywords", Takes::Texts)])),
    ("references", Takes::Entries(&[("name", Takes::Text), ("reference", Takes::Text)])),
    ("projects", Takes::Entries(PROJECTS)),
    ("x-sections", Takes::Numbered(&[("heading", Takes::Text), ("paragraphs", Takes::Texts)])),
    ("x-sectionOrder", Takes::Entries(&[("section", Takes::Text), ("heading", Takes::Text), ("level", Takes::Level)])),
    ("x-furniture", Takes::Beside),
    // Looked at before, and kept by no correction.
    ("x-skillsFromText", Takes::Beside),
    ("x-provenance", Takes::Beside),
    ("meta", Takes::Kept),
];

#[rustfmt::skip] // as above, here and below
const BASICS: &[Field] = &[
    ("name", Takes::Text),
    ("label", Takes::Text),
    ("image", Takes::Text),
    ("email", Takes::Email),
    ("phone", Takes::Text),
    ("x-phone", Takes::Derived),
    ("url", Takes::Text),
    ("summary", Takes::Text),
    ("location", Takes::Object(&[("address", Takes::Text), ("postalCode", Takes::Text), ("city", Takes::Text), ("countryCode", Takes::Text), ("region", Takes::Text)])),
    ("profiles", Takes::Entries(&[("network", Takes::Text), ("username", Takes::Text), ("url", Takes::Text)])),
];

const WORK: &[Field] = &[
    ("name", Takes::Text),
    ("position", Takes::Text),
    ("location", Takes::Text),
    ("description", Takes::Text),
    ("url", Takes::Text),
    ("startDate", Takes::Date),
    ("endDate", Takes::Date),
    ("summary", Takes::Text),
    ("highlights", Takes::Texts),
    ("x-dates", Takes::Text),
];

const VOLUNTEER: &[Field] = &[
    ("organization", Takes::Text),
    ("position", Takes::Text),
    ("x-location", Takes::Text),
    ("url", Takes::Text),
    ("startDate", Takes::Date),
    ("endDate", Takes::Date),
    ("summary", Takes::Text),
    ("highlights", Takes::Texts),
    ("x-dates", Takes::Text),
];

const EDUCATION: &[Field] = &[
    ("institution", Takes::Text),
    ("url", Takes::Text),
    ("area", Takes::Text),
    ("studyType", Takes::Text),
    ("startDate", Takes::Date),
    ("endDate", Takes::Date),
    ("score", Takes::Text),
    ("courses", Takes::Texts),
    ("x-location", Takes::Text),
    ("x-highlights", Takes::Texts),
    ("x-dates", Takes::Text),
];

const PUBLICATIONS: &[Field] = &[
    ("name", Takes::Text),
    ("publisher", Takes::Text),
    ("releaseDate", Takes::Date),
    ("url", Takes::Text),
    ("summary", Takes::Text),
    ("x-dates", Takes::Text),
];

const PROJECTS: &[Field] = &[
    ("name", Takes::Text),
    ("description", Takes::Text),
    ("highlights", Takes::Texts),
    ("keywords", Takes::Texts),
    ("startDate", Takes::Date),
    ("endDate", Takes::Date),
    ("url", Takes::Text),
    ("roles", Takes::Texts),
    ("entity", Takes::Text),
    ("type", Takes::Text),
    ("x-dates", Takes::Text),
];

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "a test may panic; that is how it reports"
    )]

    use std::collections::BTreeSet;

    use utoipa::PartialSchema;

    use crate::domain::resume::{
        Award, Basics, Certificate, Education, Interest, Language, Location, Profile, Project, Publication,
        Reference, Resume, Section, SectionHeading, Skill, Volunteer, Work,
    };
    use crate::domain::resume_fields::{Field, RESUME, Takes};

    /// What stands beside a resume in its document.
    const BESIDE: &[&str] = &["$schema", "x-furniture", "x-skillsFromText", "x-provenance"];

    fn fields(path: &[&str]) -> &'static [Field] {
        path.iter().fold(RESUME, |fields, step| {
            match fields.iter().find(|(name, _)| name == step).map(|(_, takes)| *takes) {
                Some(Takes::Object(inner) | Takes::Entries(inner) | Takes::Numbered(inner)) => inner,
                other => panic!("{step}: {other:?}"),
            }
        })
    }

    #[track_caller]
    fn check<T: PartialSchema>(path: &[&str]) {
        let schema = serde_json::to_value(T::schema()).unwrap();
        let there: BTreeSet<&str> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let named: BTreeSet<&str> =
            fields(path).iter().map(|(name, _)| *name).filter(|name| !BESIDE.contains(name)).collect();
        assert_eq!(named, there, "{path:?}");
    }

    #[test]
    fn the_table_has_the_fields_of_a_resume_and_no_others() {
        check::<Resume>(&[]);
        check::<Basics>(&["basics"]);
        check::<Location>(&["basics", "location"]);
        check::<Profile>(&["basics", "profiles"]);
        check::<Work>(&["work"]);
        check::<Volunteer>(&["volunteer"]);
        check::<Education>(&["education"]);
        check::<Award>(&["awards"]);
        check::<Certificate>(&["certificates"]);
        check::<Publication>(&["publications"]);
        check::<Skill>(&["skills"]);
        check::<Language>(&["languages"]);
        check::<Interest>(&["interests"]);
        check::<Reference>(&["references"]);
        check::<Project>(&["projects"]);
        check::<Section>(&["x-sections"]);
        check::<SectionHeading>(&["x-sectionOrder"]);
    }
}
