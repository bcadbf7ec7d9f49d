//! Matching, told by small resumes and postings made by hand.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic; that is how it reports")]

use chrono::NaiveDate;
use proptest::prelude::{ProptestConfig, any, prop, proptest};

use crate::domain::posting::{Category, Posting, Requirement, RequirementKind};
use crate::domain::report::{MatchReport, RequirementStatus};
use crate::domain::resume::{Basics, Certificate, Education, Language, Resume, Skill, Work};
use crate::engine::matching::match_resume;
use crate::engine::places::to_json;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 6, 15).unwrap()
}

fn work(position: &str, from: &str, to: Option<&str>, highlights: &[&str]) -> Work {
    Work {
        name: Some("Harbour Freight Lines".into()),
        position: Some(position.into()),
        start_date: Some(from.parse().unwrap()),
        end_date: to.map(|to| to.parse().unwrap()),
        highlights: highlights.iter().map(|text| (*text).to_owned()).collect(),
        ..Work::default()
    }
}

fn resume() -> Resume {
    Resume {
        basics: Some(Basics { name: Some("Mira Holt".into()), ..Basics::default() }),
        work: vec![
            work(
                "Senior Backend Engineer",
                "2022-01",
                None,
                &[
                    "Moved order events to Kafka, which cut delays by 40%.",
                    "Tuned PostgreSQL for 3 million rows a day.",
                ],
            ),
            work("Developer", "2015-01", Some("2016-12"), &["Wrote Java services for warehouse logistics."]),
        ],
        education: vec![Education {
            institution: Some("Tidewater University".into()),
            study_type: Some("Bachelor of Science".into()),
            area: Some("Computer Science".into()),
            end_date: Some("2014".parse().unwrap()),
            ..Education::default()
        }],
        skills: vec![Skill {
            name: Some("Tools".into()),
            keywords: vec!["Docker".into(), "JS".into(), "Python".into()],
            ..Skill::default()
        }],
        languages: vec![Language { language: Some("Deutsch".into()), fluency: Some("B1".into()) }],
        certificates: vec![Certificate {
            name: Some("Forklift driving licence".into()),
            ..Certificate::default()
        }],
        ..Resume::default()
    }
}

fn asks(category: Category, text: &str, terms: &[&str]) -> Requirement {
    Requirement {
        id: "r1".into(),
        text: text.into(),
        kind: RequirementKind::Must,
        category,
        terms: terms.iter().map(|term| (*term).to_owned()).collect(),
        any_of: false,
        years: None,
    }
}

fn posting(requirements: Vec<Requirement>) -> Posting {
    let text = requirements.iter().map(|requirement| requirement.text.clone()).collect::<Vec<_>>().join("\n");
    Posting { title: Some("Backend Engineer (m/f/d)".into()), text, requirements, ..Posting::default() }
}

fn report(requirement: Requirement) -> MatchReport {
    match_resume(&resume(), &posting(vec![requirement]), today())
}

#[track_caller]
fn check(requirement: Requirement, status: RequirementStatus, item: Option<&str>) {
    let text = requirement.text.clone();
    let report = report(requirement);
    let found = report.requirements.first().unwrap();
    assert_eq!(found.status, status, "{text}: {found:?}");
    assert_eq!(found.evidence.first().map(|evidence| evidence.item.as_str()), item, "{text}");
}

#[test]
fn work_demonstrates_and_lists_claim() {
    check(
        asks(Category::Skill, "Kafka", &["Kafka"]),
        RequirementStatus::Demonstrated,
        Some("/work/0/highlights/0"),
    );
    check(
        asks(Category::Skill, "Docker", &["Docker"]),
        RequirementStatus::Listed,
        Some("/skills/0/keywords/0"),
    );
    check(asks(Category::Skill, "Kubernetes", &["Kubernetes"]), RequirementStatus::Missing, None);
}

#[test]
fn other_names_and_narrower_skills_count_in_full_and_neighbours_in_part() {
    check(
        asks(Category::Skill, "JavaScript", &["JavaScript"]),
        RequirementStatus::Listed,
        Some("/skills/0/keywords/1"),
    );
    check(
        asks(Category::Skill, "SQL", &["SQL"]),
        RequirementStatus::Demonstrated,
        Some("/work/0/highlights/1"),
    );
    check(
        asks(Category::Skill, "MySQL", &["MySQL"]),
        RequirementStatus::Related,
        Some("/work/0/highlights/1"),
    );
}

#[test]
fn words_outside_the_lexicon_are_found_by_their_stems() {
    check(
        asks(Category::Skill, "Warehouse logistics", &["warehouse logistic"]),
        RequirementStatus::Demonstrated,
        Some("/work/1/highlights/0"),
    );
    check(
        asks(Category::Certificate, "Forklift licence", &["forklift driving licences"]),
        RequirementStatus::Demonstrated,
        Some("/certificates/0/name"),
    );
}

#[test]
fn one_of_several_is_enough_only_where_the_posting_says_so() {
    let either = Requirement { any_of: true, ..asks(Category::Skill, "Java or Rust", &["Rust", "Java"]) };
    check(either, RequirementStatus::Demonstrated, Some("/work/1/highlights/0"));
    let both = asks(Category::Skill, "Java and Rust", &["Rust", "Java"]);
    check(both.clone(), RequirementStatus::Related, Some("/work/1/highlights/0"));
    let report = report(both);
    assert_eq!(report.requirements.first().unwrap().note, "The resume has Java, but not Rust.");
    assert_eq!(report.gaps.first().unwrap().question, "The posting asks for Rust. Have you used it? Where?");
}

#[test]
fn years_are_counted_from_dated_work() {
    let years = |years, terms: &[&str]| Requirement {
        years: Some(years),
        ..asks(Category::Experience, "years", terms)
    };
    check(years(2.0, &["Java"]), RequirementStatus::Demonstrated, Some("/work/1/highlights/0"));
    check(years(5.0, &["Java"]), RequirementStatus::Related, Some("/work/1/highlights/0"));
    check(years(3.0, &["Docker"]), RequirementStatus::Related, Some("/skills/0/keywords/0"));
    check(years(5.0, &[]), RequirementStatus::Demonstrated, Some("/work/0/position"));
    let note = report(years(5.0, &["Java"])).requirements.first().unwrap().note.clone();
    assert_eq!(note, "The dated work that shows it adds up to 2 years; 5 years are asked for.");
}

#[test]
fn degrees_are_compared_by_level_and_field() {
    let degree = |text: &str| asks(Category::Education, text, &[]);
    check(
        degree("Bachelor's degree in Computer Science"),
        RequirementStatus::Demonstrated,
        Some("/education/0/area"),
    );
    check(degree("Bachelor's degree"), RequirementStatus::Demonstrated, Some("/education/0/area"));
    check(
        degree("Master's degree in Computer Science"),
        RequirementStatus::Related,
        Some("/education/0/area"),
    );
    check(degree("Bachelor's degree in Nursing"), RequirementStatus::Related, Some("/education/0/area"));
    let named =
        asks(Category::Education, "Bachelor's degree in Accounting or Finance", &["Bachelor's degree"]);
    check(named, RequirementStatus::Related, Some("/education/0/area"));
}

#[test]
fn languages_are_compared_by_level() {
    let language = |text: &str, term: &str| asks(Category::Language, text, &[term]);
    check(language("Basic German", "German"), RequirementStatus::Demonstrated, Some("/languages/0/language"));
    check(language("Fluent German", "German"), RequirementStatus::Related, Some("/languages/0/language"));
    check(language("Polish", "Polish"), RequirementStatus::Missing, None);
}

#[test]
fn a_denied_skill_is_no_evidence() {
    let mut resume = resume();
    resume.basics.as_mut().unwrap().summary = Some("No experience with Kubernetes so far.".into());
    let report =
        match_resume(&resume, &posting(vec![asks(Category::Skill, "Kubernetes", &["Kubernetes"])]), today());
    assert_eq!(report.requirements.first().unwrap().status, RequirementStatus::Missing);
}

#[test]
fn every_quote_stands_where_its_pointer_says() {
    let terms = ["Kafka", "SQL", "Java", "Docker", "JavaScript"];
    let posting = posting(terms.map(|term| asks(Category::Skill, term, &[term])).to_vec());
    let resume = resume();
    let json = to_json(&resume);
    let report = match_resume(&resume, &posting, today());
    for evidence in report.requirements.iter().flat_map(|requirement| &requirement.evidence) {
        assert!(
            json.pointer(&evidence.item).unwrap().as_str().unwrap().contains(&evidence.quote),
            "{evidence:?}"
        );
    }
}

#[test]
fn weights_add_up_to_one_whatever_the_posting_has() {
    let mut nice = asks(Category::Skill, "Docker", &["Docker"]);
    nice.kind = RequirementKind::Nice;
    let full = posting(vec![asks(Category::Skill, "Kafka", &["Kafka"]), nice.clone()]);
    let no_must = posting(vec![nice]);
    let untitled = Posting { title: None, ..full.clone() };
    let worded = Posting { keywords: vec!["Python".into()], ..full.clone() };
    for posting in [full, no_must, untitled, worded] {
        let report = match_resume(&resume(), &posting, today());
        let weights: f32 = report.parts.iter().map(|part| part.weight).sum();
        assert!((weights - 1.0).abs() < 0.005, "{weights}");
        let sum: f32 = report.parts.iter().map(|part| part.weight * part.score).sum();
        assert!((sum - report.score).abs() < 0.3, "{sum} {}", report.score);
    }
}

#[test]
fn a_posting_without_anything_scores_nothing() {
    let report = match_resume(&resume(), &Posting::default(), today());
    assert!(report.score.abs() < f32::EPSILON && report.parts.is_empty());
}

#[test]
fn keywords_are_counted_on_both_sides() {
    let requirement = asks(Category::Skill, "Postgres, and again PostgreSQL", &["PostgreSQL"]);
    let report = report(requirement);
    let keyword = report.keywords.first().unwrap();
    assert_eq!((keyword.term.as_str(), keyword.posting_count, keyword.resume_count), ("Postgres", 2, 1));
}

const LINES: &[&str] = &[
    "Moved reports to Python and SQL.",
    "Ran Kubernetes clusters.",
    "Looked after the office plants.",
    "Built machine learning models in Rust.",
    "Migrated services from Java to Kafka.",
];

fn broad_posting() -> Posting {
    let mut requirements: Vec<Requirement> =
        ["Kafka", "SQL", "Kubernetes", "Rust", "MySQL", "Docker", "Python"]
            .iter()
            .map(|term| asks(Category::Skill, term, &[term]))
            .collect();
    requirements.push(Requirement {
        years: Some(6.0),
        ..asks(Category::Experience, "6 years of Python", &["Python"])
    });
    requirements.push(asks(Category::Soft, "Work with warehouse clusters", &[]));
    requirements.push(Requirement {
        years: Some(9.0),
        ..asks(Category::Experience, "9 years with office plants", &[])
    });
    Posting { keywords: vec!["machine learning".into()], ..posting(requirements) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_more_true_line_never_lowers_the_score(entry in 0_usize..2, lines in prop::collection::vec(0..LINES.len(), 1..5)) {
        let mut resume = resume();
        let mut last = match_resume(&resume, &broad_posting(), today()).score;
        for line in lines {
            resume.work[entry].highlights.push(LINES[line].to_owned());
            let score = match_resume(&resume, &broad_posting(), today()).score;
            assert!(score >= last, "{score} after {last}");
            last = score;
        }
    }

    #[test]
    fn the_order_of_skills_does_not_matter(swap in any::<bool>(), turn in 0_usize..3) {
        let mut other = resume();
        other.skills[0].keywords.rotate_left(turn);
        if swap {
            other.skills[0].keywords.swap(0, 1);
        }
        let one = match_resume(&resume(), &broad_posting(), today());
        let other = match_resume(&other, &broad_posting(), today());
        assert_eq!(one.score.to_bits(), other.score.to_bits());
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = serde_json::to_string(&match_resume(&resume(), &broad_posting(), today())).unwrap();
    let again = serde_json::to_string(&match_resume(&resume(), &broad_posting(), today())).unwrap();
    assert_eq!(once, again);
}
