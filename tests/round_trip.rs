//! A document that is rendered from a resume reads back as that resume, field by field: for resumes made up with hard
//! names, long titles and several scripts. `PROPTEST_CASES=500` takes more of them than every day, and `ROUND_TRIP_OUT` names
//! a folder to keep the documents in.

#![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use resume_optimizer::domain::job::DocumentFormat;
use resume_optimizer::domain::resume::{
    Award, Basics, Certificate, Education, Language, Location, Profile, Project, Resume, Section,
    SectionHeading, Skill, Work,
};
use resume_optimizer::engine::read::{Limits, read};
use resume_optimizer::engine::render::{TEMPLATES, render};
use resume_optimizer::engine::understand::resume::understand;

/// Resumes of everyday's run.
const CASES: u32 = 40;
/// Most changes that a failure lists.
const SHOWN: usize = 200;

const NAMES: &[&str] = &[
    "Zoë Łukasz-Ñuñez",
    "Siobhán Ní Dhomhnaill",
    "Jean-Luc d'Arvor",
    "María José de la Cruz Fernández",
    "Björk Þórsdóttir",
    "Nguyễn Thị Minh Khai",
    "Αλεξάνδρα Παπαδοπούλου",
    "Владимир Щербаков",
    "王小明",
    "佐藤 花子",
    "דוד כהן",
    "محمد عبد الله",
    "O'Neil McAllister III",
    "Dr. Anna-Lena Müller-Lüdenscheidt",
    "JOHN SMITH",
    "Xi Li",
];
const TITLES: &[&str] = &[
    "Senior Software Engineer",
    "Staff Engineer, Developer Experience & Platform Reliability",
    "Assistant Professor of Computational Linguistics",
    "Leiterin Vertrieb und Marketing",
    "Registered Nurse",
    "Head of Data",
    "Warehouse Operator",
    "Ingénieure de recherche",
    "Chef de projet",
    "软件工程师",
    "מהנדס תוכנה",
    "Vice President of Engineering for Payments, Risk and Compliance Systems",
    "C++ Developer",
];
const EMPLOYERS: &[&str] = &[
    "Harbour & Sons Logistics",
    "Nordwind Payments GmbH",
    "3M",
    "Société Générale",
    "Universität Zürich",
    "Globex, Inc.",
    "S.A. de C.V. Minera",
    "St. Mary's Hospital",
    "Яндекс",
    "腾讯科技有限公司",
    "شركة النور",
    "AT&T",
    "Kleinwerk",
    "Weyland-Yutani Corp",
];
const PLACES: &[&str] = &[
    "Berlin, Germany",
    "Oslo",
    "Pomona, CA",
    "São Paulo, Brazil",
    "Remote",
    "Zürich",
    "München, Deutschland",
];
const SCHOOLS: &[&str] = &[
    "University of Texas at Austin",
    "ETH Zürich",
    "École Polytechnique",
    "Universidad Nacional de Colombia",
    "Bellows College",
    "Massachusetts Institute of Technology",
    "清华大学",
    "Ludwig-Maximilians-Universität München",
];
const DEGREES: &[(&str, &str)] = &[
    ("Bachelor of Science", "Computer Science"),
    ("M.Sc.", "Physics"),
    ("PhD", "Comparative Literature"),
    ("MBA", "Finance"),
    ("Bachelor of Arts", "History and Philosophy of Science"),
    ("Master of Engineering", "Electrical Engineering"),
];
const SKILLS: &[&str] = &[
    "Rust",
    "C++",
    "C#",
    ".NET",
    "CI/CD",
    "PostgreSQL",
    "Amazon S3",
    "Node.js",
    "Project management",
    "Accounting",
    "日本語",
    "R",
    "Go",
    "Kubernetes (k8s)",
    "Adobe Photoshop",
];
const BULLETS: &[&str] = &[
    "Cut the cost of the fleet by 37 % with a scheduler in Rust and C++",
    "Led 12 people across three countries, from the first sketch to the first 1,000,000 users, and handed over in 2019",
    "Führte die Umstellung auf SAP S/4HANA ein und schulte 40 Mitarbeitende",
    "Built CI/CD pipelines (Jenkins, GitLab) — deploys went from weekly to hourly",
    "负责支付系统的设计与开发",
    "Taught 3 courses a year; 4.8/5 in evaluations",
];
/// Dates as printed, with where they begin and end.
const SPANS: &[(&str, &str, &str)] = &[
    ("Mar 2021 – Present", "2021-03", ""),
    ("Sep 2016 – Feb 2021", "2016-09", "2021-02"),
    ("2012 – 2015", "2012", "2015"),
    ("01/2010 – 12/2011", "2010-01", "2011-12"),
    ("August 2007 – July 2009", "2007-08", "2009-07"),
];

const LABELS: &[&str] =
    &["Software Engineer", "Registered Nurse", "Leiterin Vertrieb", "Data Scientist and Writer"];
const PROJECTS: &[(&str, &str)] = &[
    ("Tidewatch", "A tide table that runs on a watch"),
    ("Open Orchard", "Maps the fruit trees of a town"),
    ("rust-lru", "A cache with bounds"),
];
const LANGUAGES: &[(&str, &str)] =
    &[("English", "Native"), ("Deutsch", "C1"), ("Español", "Intermediate"), ("Polish", "B2")];
const CERTIFICATES: &[(&str, &str)] = &[
    ("AWS Certified Solutions Architect", "Amazon Web Services"),
    ("Certified Scrum Master", "Scrum Alliance"),
    ("Forklift Operator Licence", "OSHA"),
];
const AWARDS: &[(&str, &str)] =
    &[("Employee of the Year", "Harbour & Sons Logistics"), ("Dean's List", "Bellows College")];

fn chosen(all: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(all).prop_map(str::to_owned)
}

fn several(all: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(all, 1..=most).prop_map(|all| all.into_iter().map(str::to_owned).collect())
}

prop_compose! {
    fn position()(
        title in chosen(TITLES), employer in chosen(EMPLOYERS), place in proptest::option::of(chosen(PLACES)),
        (printed, start, end) in select(SPANS), highlights in several(BULLETS, 4),
    ) -> Work {
        Work {
            name: Some(employer), position: Some(title), location: place, highlights,
            start_date: start.parse().ok(), end_date: end.parse().ok(), dates: Some(printed.to_owned()),
            ..Work::default()
        }
    }
}

prop_compose! {
    fn study()(school in chosen(SCHOOLS), (degree, area) in select(DEGREES), (printed, start, end) in select(SPANS)) -> Education {
        Education {
            institution: Some(school), study_type: Some(degree.to_owned()), area: Some(area.to_owned()),
            start_date: start.parse().ok(), end_date: end.parse().ok(), dates: Some(printed.to_owned()),
            ..Education::default()
        }
    }
}

prop_compose! {
    fn project()((name, description) in select(PROJECTS), url in any::<bool>(), highlights in several(BULLETS, 2)) -> Project {
        Project {
            name: Some(name.to_owned()), description: Some(description.to_owned()), highlights,
            url: url.then(|| "https://example.org/a-project".to_owned()), ..Project::default()
        }
    }
}

prop_compose! {
    /// What stands beside work, studies and skills.
    fn beside()(
        projects in proptest::collection::vec(project(), 0..3), languages in proptest::sample::subsequence(LANGUAGES, 0..=3),
        certificates in proptest::sample::subsequence(CERTIFICATES, 0..=2), awards in proptest::sample::subsequence(AWARDS, 0..=2),
    ) -> Resume {
        let owned = |text: &str| Some(text.to_owned());
        Resume {
            projects,
            languages: languages.into_iter().map(|(name, fluency)| Language { language: owned(name), fluency: owned(fluency) }).collect(),
            certificates: certificates.into_iter().map(|(name, issuer)| Certificate {
                name: owned(name), issuer: owned(issuer), date: "2019".parse().ok(), ..Certificate::default()
            }).collect(),
            awards: awards.into_iter().map(|(title, awarder)| Award {
                title: owned(title), awarder: owned(awarder), date: "2020".parse().ok(), ..Award::default()
            }).collect(),
            ..Resume::default()
        }
    }
}

/// A place as it is kept: a city and its state apart, whatever else as printed.
fn located(place: String) -> Location {
    match place.split_once(", ") {
        Some((city, region)) if region.len() == 2 => {
            Location { city: Some(city.to_owned()), region: Some(region.to_owned()), ..Location::default() }
        }
        _ => Location { address: Some(place), ..Location::default() },
    }
}

prop_compose! {
    /// Who it is.
    fn person()(
        name in chosen(NAMES), summary in proptest::option::of(chosen(BULLETS)), label in proptest::option::of(chosen(LABELS)),
        place in proptest::option::of(chosen(PLACES)), links in any::<bool>(),
    ) -> Basics {
        let profile = Profile {
            network: Some("GitHub".to_owned()), username: Some("someone".to_owned()), url: Some("https://github.com/someone".to_owned()),
        };
        Basics {
            name: Some(name), email: Some("someone@example.org".to_owned()), phone: Some("+49 30 901820".to_owned()), label, summary,
            location: place.map(located),
            url: links.then(|| "https://someone.example.org".to_owned()), profiles: if links { vec![profile] } else { Vec::new() },
            ..Basics::default()
        }
    }
}

prop_compose! {
    fn made_up()(
        basics in person(), beside in beside(),
        work in proptest::collection::vec(position(), 1..4), education in proptest::collection::vec(study(), 1..3),
        skills in several(SKILLS, 8), grouped in any::<bool>(), certificates in any::<bool>(),
    ) -> Resume {
        let skills = if grouped {
            vec![Skill { name: Some("Tools".to_owned()), keywords: skills, level: None }]
        } else {
            skills.into_iter().map(|skill| Skill { name: Some(skill), ..Skill::default() }).collect()
        };
        let sections = if certificates {
            vec![Section { heading: Some("Patents".to_owned()), paragraphs: vec!["A clock that needs no hands, 2018".to_owned()] }]
        } else {
            Vec::new()
        };
        let section_order = sections.iter().map(|section: &Section| SectionHeading {
            section: Some("x-sections/0".to_owned()), heading: section.heading.clone(), level: None,
        }).collect();
        Resume { basics: Some(basics), work, education, skills, sections, section_order, ..beside }
    }
}

/// Every text of a resume by its pointer, besides the order of the sections and what is made from other fields.
fn fields(resume: &Resume) -> Vec<(String, String)> {
    fn add(all: &mut Vec<(String, String)>, pointer: &str, value: &Value) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| add(all, &format!("{pointer}/{name}"), value));
            }
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(nth, value)| add(all, &format!("{pointer}/{nth}"), value));
            }
            Value::String(text) => all.push((pointer.to_owned(), text.clone())),
            other => all.push((pointer.to_owned(), other.to_string())),
        }
    }
    let mut all = Vec::new();
    add(&mut all, "", &serde_json::to_value(resume).unwrap());
    all.retain(|(name, _)| {
        !name.starts_with("/x-sectionOrder") && name != "/basics/x-phone" && !name.ends_with("/x-dates")
    });
    all
}

/// What came back otherwise than it went out.
fn changed(nth: u32, resume: &Resume, format: DocumentFormat, template: &str) -> Vec<String> {
    let bytes = render(resume, format, template).unwrap();
    if let Ok(folder) = std::env::var("ROUND_TRIP_OUT") {
        std::fs::write(format!("{folder}/{nth}-{template}.{}", format.extension()), &bytes).unwrap();
    }
    let source = read(&bytes, &format!("resume.{}", format.extension()), &Limits::default()).unwrap();
    let (sent, back) = (fields(resume), fields(&understand(&source)));
    let missing = sent.iter().filter(|field| !back.contains(field)).map(|(name, value)| {
        let other =
            back.iter().find(|(other, _)| other == name).map_or("nothing", |(_, value)| value.as_str());
        format!("{name}: {value:?} came back as {other:?}")
    });
    let added = back.iter().filter(|(name, _)| !sent.iter().any(|(other, _)| other == name));
    missing.chain(added.map(|(name, value)| format!("{name} was not there: {value:?}"))).collect()
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

#[test]
fn a_resume_comes_back_from_its_pdf_and_its_docx() {
    let mut runner = TestRunner::deterministic();
    let (mut failures, mut broken) = (Vec::new(), 0);
    for nth in 0..cases() {
        let resume = made_up().new_tree(&mut runner).unwrap().current();
        let before = failures.len();
        for format in [DocumentFormat::Pdf, DocumentFormat::Docx] {
            for template in TEMPLATES {
                let changed = changed(nth, &resume, format, template);
                failures
                    .extend(changed.into_iter().map(|what| format!("{nth} {format:?} {template}: {what}")));
            }
        }
        broken += usize::from(failures.len() > before);
    }
    let shown = failures.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        failures.is_empty(),
        "{} fields of {broken} of {} resumes changed:\n{shown}",
        failures.len(),
        cases()
    );
}
