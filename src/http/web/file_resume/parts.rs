//! The parts of a resume as the page shows them: what people call them, and how each field is typed.

/// A part of the page: who the person is, or a list of entries.
#[derive(Debug)]
pub(crate) struct Part {
    /// Its place in JSON Resume, with `.` between levels.
    pub(crate) name: &'static str,
    /// What people call it.
    pub(crate) heading: &'static str,
    /// What one entry is called; nothing where there is one set of fields alone.
    pub(crate) entry: Option<&'static str>,
    /// Its fields, in the order of the page.
    pub(crate) inputs: &'static [Input],
}

/// A field of the page.
#[derive(Debug)]
pub(crate) struct Input {
    /// Its place in the entry, with `.` between levels.
    pub(crate) name: &'static str,
    /// What people call it.
    pub(crate) label: &'static str,
    /// How it is typed.
    pub(crate) typed: Typed,
    /// Whether it waits behind a fold until somebody wants it.
    pub(crate) is_rare: bool,
}

/// How a field is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typed {
    /// On one line.
    Line,
    /// On one line, an e-mail address.
    Email,
    /// On one line, a year, a month or a day.
    Date,
    /// On several lines.
    Text,
    /// One item a line.
    Items,
}

impl Input {
    const fn new(name: &'static str, label: &'static str, typed: Typed) -> Self {
        Self { name, label, typed, is_rare: false }
    }

    const fn line(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Typed::Line)
    }

    const fn text(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Typed::Text)
    }

    const fn items(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Typed::Items)
    }

    const fn date(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Typed::Date)
    }

    const fn rare(self) -> Self {
        Self { is_rare: true, ..self }
    }
}

impl Part {
    const fn of(
        name: &'static str,
        heading: &'static str,
        entry: &'static str,
        inputs: &'static [Input],
    ) -> Self {
        Self { name, heading, entry: Some(entry), inputs }
    }
}

/// The part of that name.
pub(crate) fn part(name: &str) -> Option<&'static Part> {
    PARTS.iter().find(|part| part.name == name)
}

/// What the page keeps as it is, and does not show: the order of the sections with their headings, and the schema's `meta`.
pub(crate) const UNSHOWN: [&str; 2] = ["x-sectionOrder", "meta"];

/// Everything else that a resume may hold, in the order of the page.
pub(crate) const PARTS: &[Part] = &[
    Part { name: "basics", heading: "You", entry: None, inputs: BASICS },
    Part::of(
        "basics.profiles",
        "Links",
        "link",
        &[
            Input::line("network", "Network"),
            Input::line("username", "Name there"),
            Input::line("url", "Address"),
        ],
    ),
    Part::of("work", "Work", "job", WORK),
    Part::of("education", "Education", "school", EDUCATION),
    Part::of(
        "skills",
        "Skills",
        "group of skills",
        &[
            Input::line("name", "Group, or one skill"),
            Input::items("keywords", "Skills of the group, one a line"),
            Input::line("level", "Level").rare(),
        ],
    ),
    Part::of("projects", "Projects", "project", PROJECTS),
    Part::of(
        "certificates",
        "Certificates",
        "certificate",
        &[
            Input::line("name", "Certificate"),
            Input::line("issuer", "Given by"),
            Input::date("date", "When"),
            Input::line("x-dates", "Date as printed").rare(),
            Input::line("url", "Address").rare(),
        ],
    ),
    Part::of(
        "languages",
        "Languages",
        "language",
        &[Input::line("language", "Language"), Input::line("fluency", "How well")],
    ),
    Part::of("volunteer", "Volunteering", "position", VOLUNTEER),
    Part::of(
        "publications",
        "Publications",
        "publication",
        &[
            Input::line("name", "Title"),
            Input::line("publisher", "Published by"),
            Input::date("releaseDate", "When"),
            Input::line("x-dates", "Date as printed").rare(),
            Input::line("url", "Address").rare(),
            Input::text("summary", "About it").rare(),
        ],
    ),
    Part::of(
        "awards",
        "Awards",
        "award",
        &[
            Input::line("title", "Award"),
            Input::line("awarder", "Given by"),
            Input::date("date", "When"),
            Input::line("x-dates", "Date as printed").rare(),
            Input::text("summary", "What for").rare(),
        ],
    ),
    Part::of(
        "interests",
        "Interests",
        "interest",
        &[Input::line("name", "Interest"), Input::items("keywords", "More of it, one a line")],
    ),
    Part::of(
        "references",
        "References",
        "referee",
        &[Input::line("name", "Who"), Input::text("reference", "Their words, or how to reach them")],
    ),
    Part::of(
        "x-sections",
        "Other sections",
        "section",
        &[Input::line("heading", "Heading"), Input::items("paragraphs", "Text, a paragraph a line")],
    ),
];

const BASICS: &[Input] = &[
    Input::line("name", "Name"),
    Input::line("label", "Title under the name"),
    Input::new("email", "E-mail address", Typed::Email),
    Input::line("phone", "Telephone"),
    Input::line("location.address", "Place"),
    Input::line("url", "Web site"),
    Input::text("summary", "Summary"),
    Input::line("location.city", "City").rare(),
    Input::line("location.region", "State or region").rare(),
    Input::line("location.postalCode", "Postal code").rare(),
    Input::line("location.countryCode", "Country, two letters").rare(),
    Input::line("image", "Address of a picture").rare(),
];

const WORK: &[Input] = &[
    Input::line("name", "Employer"),
    Input::line("position", "Title"),
    Input::line("location", "Place"),
    Input::date("startDate", "From"),
    Input::date("endDate", "To"),
    Input::items("highlights", "Bullets, one a line"),
    Input::text("summary", "Description").rare(),
    Input::line("x-dates", "Dates as printed").rare(),
    Input::line("description", "What the employer does").rare(),
    Input::line("url", "Address").rare(),
];

const EDUCATION: &[Input] = &[
    Input::line("institution", "School"),
    Input::line("studyType", "Degree"),
    Input::line("area", "Field"),
    Input::line("x-location", "Place"),
    Input::date("startDate", "From"),
    Input::date("endDate", "To"),
    Input::line("score", "Grade").rare(),
    Input::items("courses", "Courses, one a line").rare(),
    Input::items("x-highlights", "Bullets, one a line").rare(),
    Input::line("x-dates", "Dates as printed").rare(),
    Input::line("url", "Address").rare(),
];

const PROJECTS: &[Input] = &[
    Input::line("name", "Project"),
    Input::date("startDate", "From"),
    Input::date("endDate", "To"),
    Input::text("description", "Description"),
    Input::items("highlights", "Bullets, one a line"),
    Input::items("keywords", "Technologies and topics, one a line").rare(),
    Input::items("roles", "Your roles, one a line").rare(),
    Input::line("entity", "For whom").rare(),
    Input::line("type", "Kind of project").rare(),
    Input::line("x-dates", "Dates as printed").rare(),
    Input::line("url", "Address").rare(),
];

const VOLUNTEER: &[Input] = &[
    Input::line("organization", "Organization"),
    Input::line("position", "Title"),
    Input::line("x-location", "Place"),
    Input::date("startDate", "From"),
    Input::date("endDate", "To"),
    Input::items("highlights", "Bullets, one a line"),
    Input::text("summary", "Description").rare(),
    Input::line("x-dates", "Dates as printed").rare(),
    Input::line("url", "Address").rare(),
];

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, reason = "a test may panic; that is how it reports")]

    use std::collections::BTreeSet;

    use crate::domain::resume_fields::{Field, RESUME, Takes};
    use crate::http::web::file_resume::parts::{Input, PARTS, Typed, UNSHOWN};

    /// The fields below `fields`, as the page names them, with what each takes.
    fn leaves(path: &str, fields: &'static [Field]) -> Vec<(String, Takes)> {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        fields
            .iter()
            .flat_map(|(name, takes)| match takes {
                Takes::Object(inner) | Takes::Entries(inner) | Takes::Numbered(inner) => {
                    leaves(&below(name), inner)
                }
                Takes::Derived | Takes::Level | Takes::Beside => Vec::new(),
                _ => vec![(below(name), *takes)],
            })
            .filter(|(name, _)| !UNSHOWN.iter().any(|unshown| name.split('.').next() == Some(*unshown)))
            .collect()
    }

    fn fits(input: &Input, takes: Takes) -> bool {
        match takes {
            Takes::Text => matches!(input.typed, Typed::Line | Typed::Text),
            Takes::Email => input.typed == Typed::Email,
            Takes::Date => input.typed == Typed::Date,
            Takes::Texts => input.typed == Typed::Items,
            _ => false,
        }
    }

    #[test]
    fn the_page_has_every_field_of_a_resume_and_types_it_as_it_is_taken() {
        let taken = leaves("", RESUME);
        let mut shown = BTreeSet::new();
        for part in PARTS {
            for input in part.inputs {
                let name = format!("{}.{}", part.name, input.name);
                let Some((_, takes)) = taken.iter().find(|(known, _)| *known == name) else {
                    panic!("{name} is no field of a resume");
                };
                assert!(fits(input, *takes), "{name}: {:?} for {takes:?}", input.typed);
                assert!(shown.insert(name), "{} is there twice", input.name);
            }
        }
        let all: BTreeSet<String> = taken.into_iter().map(|(name, _)| name).collect();
        assert_eq!(shown, all);
    }
}
