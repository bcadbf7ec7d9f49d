//! What is read out of postings that we wrote ourselves.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic; that is how it reports")]

use serde_json::{Value, json};

use crate::domain::posting::{Category, Posting, Requirement, RequirementKind};
use crate::domain::source::{Layout, Line, LineKind, Part, SourceFormat, SourceText, Span};
use crate::engine::understand::posting::{PostingError, PostingHints, understand};

const ENGINEER: &str = "Senior Backend Engineer
Company: Harbour Lights Ltd
Location: Bergen, Norway (hybrid)

About us
Harbour Lights moves 3 million parcels a year. We have 20 years of experience in Kafka and we love team-building.

What you will do
- Design services in Rust and run them on Kubernetes
- Talk to customers in the port

What we are looking for
- 5+ years of professional experience with Rust or Go
- Solid PostgreSQL and Redis
- A bachelor's degree in computer science or a related field
- Fluent English; Norwegian is a plus
- Excellent communication skills
- AWS Certified Solutions Architect

Nice to have
- Terraform or Pulumi
- Three years of experience with Python

What we offer
- Competitive salary, dental insurance, 25 days of holidays
- Free Excel courses

Harbour Lights is an equal opportunity employer: race, religion, sex, age or disability play no role.
How to apply
Send your resume to jobs@harbour.example and mention Haskell.";

fn source(text: &str) -> SourceText {
    let mut block = 0;
    let mut lines = Vec::new();
    for text in text.lines() {
        if text.trim().is_empty() {
            block += 1;
            continue;
        }
        let span = Span { text: text.to_owned(), bold: false, italic: false, size: 0.0, link: None };
        lines.push(Line {
            spans: vec![span],
            kind: LineKind::Text,
            number: None,
            block,
            area: None,
            paragraph: 0,
            part: Part::Body,
        });
    }
    SourceText {
        format: SourceFormat::Text,
        lines,
        raw: Vec::new(),
        pages: Vec::new(),
        layout: Layout::default(),
        structured: Vec::new(),
        notes: Vec::new(),
        title: None,
    }
}

fn page(structured: Value) -> SourceText {
    SourceText { structured: vec![structured], ..source("Menu\nSearch jobs\nSign in") }
}

fn read(text: &str) -> Posting {
    understand(&source(text), &PostingHints::default()).unwrap()
}

fn with_term<'a>(posting: &'a Posting, term: &str) -> &'a Requirement {
    let found =
        posting.requirements.iter().find(|requirement| requirement.terms.iter().any(|known| known == term));
    found.unwrap_or_else(|| panic!("{term} is asked for in {:#?}", posting.requirements))
}

#[track_caller]
fn not_asked(posting: &Posting, words: &str) {
    let asked = posting.requirements.iter().find(|requirement| {
        requirement.text.contains(words) || requirement.terms.iter().any(|term| term.contains(words))
    });
    assert_eq!(asked, None, "{words} is not asked for");
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = understand(&source(text), &PostingHints::default()).unwrap_err();
    assert_eq!(error.code(), expected, "{error}");
}

#[test]
fn the_facts_of_a_posting_are_read_from_its_lines() {
    let posting = read(ENGINEER);
    assert_eq!(posting.title.as_deref(), Some("Senior Backend Engineer"));
    assert_eq!(posting.company.as_deref(), Some("Harbour Lights Ltd"));
    assert_eq!(posting.location.as_deref(), Some("Bergen, Norway (hybrid)"));
}

#[test]
fn a_company_below_the_title_is_known_when_it_is_spoken_of_again() {
    let named = |second: &str| {
        let text = format!(
            "Platform Engineer\n{second}\nStockholm, Sweden\n\nWhat we do\nHarbour Pay moves money between shops and \
             their banks. Job Type and pay are ours to say.\n\nWhat we ask for\n- 5 years of experience with Rust\n\
             - Solid knowledge of PostgreSQL and Kafka in production systems of some size\n"
        );
        read(&text).company
    };
    assert_eq!(named("Harbour Pay").as_deref(), Some("Harbour Pay"));
    assert_eq!(named("Some Other Name"), None);
    assert_eq!(named("Job Type"), None);
}

#[test]
fn a_title_is_sought_without_its_praise() {
    let text = "We are looking for a talented Front End Engineer to join our team of five. You will build pages with \
                React and TypeScript, review code, and talk to the people who use what you build every day.";
    assert_eq!(read(text).title.as_deref(), Some("Front End Engineer"));
}

#[test]
fn a_choice_is_told_from_a_list() {
    let posting = read(ENGINEER);
    let choice = with_term(&posting, "Rust");
    assert_eq!(
        (choice.terms.as_slice(), choice.any_of),
        (["Rust".to_owned(), "Go".to_owned()].as_slice(), true)
    );
    let list = with_term(&posting, "PostgreSQL");
    assert_eq!(
        (list.terms.as_slice(), list.any_of),
        (["PostgreSQL".to_owned(), "Redis".to_owned()].as_slice(), false)
    );
}

#[test]
fn requirements_carry_their_category_and_years() {
    let posting = read(ENGINEER);
    for (term, category, years) in [
        ("Rust", Category::Experience, Some(5.0)),
        ("PostgreSQL", Category::Skill, None),
        ("Bachelor's degree", Category::Education, None),
        ("English", Category::Language, None),
        ("Communication", Category::Soft, None),
        ("AWS Certified Solutions Architect", Category::Certificate, None),
        ("Kubernetes", Category::Experience, None),
        ("Python", Category::Experience, Some(3.0)),
    ] {
        let found = with_term(&posting, term);
        assert_eq!((found.category, found.years), (category, years), "{term}");
    }
}

#[test]
fn what_is_welcome_is_no_must() {
    let posting = read(ENGINEER);
    for (term, kind) in [
        ("Rust", RequirementKind::Must),
        ("English", RequirementKind::Must),
        ("Norwegian", RequirementKind::Nice),
        ("Terraform", RequirementKind::Nice),
        ("Python", RequirementKind::Nice),
    ] {
        assert_eq!(with_term(&posting, term).kind, kind, "{term}");
    }
}

#[test]
fn boilerplate_asks_for_nothing() {
    let posting = read(ENGINEER);
    for words in ["Kafka", "team-building", "Excel courses", "salary", "religion", "Haskell", "parcels"] {
        not_asked(&posting, words);
    }
}

#[test]
fn requirements_are_numbered_and_never_double() {
    let posting = read(&format!(
        "{ENGINEER}\n\nRequirements\n- Solid PostgreSQL\n- PostgreSQL and Redis\n- Redis is required"
    ));
    let ids: Vec<String> = posting.requirements.iter().map(|requirement| requirement.id.clone()).collect();
    let expected: Vec<String> = (1..=posting.requirements.len()).map(|number| format!("r{number}")).collect();
    assert_eq!(ids, expected);
    let naming =
        posting.requirements.iter().filter(|requirement| requirement.terms.contains(&"Redis".to_owned()));
    assert_eq!(naming.count(), 1);
}

#[test]
fn a_requirement_in_a_plain_paragraph_is_found_by_its_words() {
    let posting = read(
        "Our bakery in Leeds is looking for a Pastry Chef to join the morning team. The shop opens at six. \
         You must have two years of experience in baking and a valid food hygiene certificate. Knowledge of \
         laminated doughs is preferred. We sell 900 croissants on a Saturday.",
    );
    assert_eq!(posting.title.as_deref(), Some("Pastry Chef"));
    assert_eq!(with_term(&posting, "baking").years, Some(2.0));
    assert_eq!(with_term(&posting, "laminated doughs").kind, RequirementKind::Nice);
    not_asked(&posting, "croissants");
}

#[test]
fn a_page_is_read_from_its_own_data() {
    let posting = understand(
        &page(json!({
            "@graph": [{"@type": "WebPage"}, {
                "@type": ["JobPosting"],
                "title": "Ward Nurse &amp; Mentor",
                "hiringOrganization": {"@type": "Organization", "name": "St. Anne&#39;s"},
                "jobLocation": [{"@type": "Place", "address": {"addressLocality": "Cork", "addressCountry": {"name": "Ireland"}}}],
                "employmentType": ["FULL_TIME", "PART_TIME"],
                "description": "&lt;p&gt;&lt;strong&gt;Requirements&lt;/strong&gt;&lt;/p&gt;&lt;ul&gt;&lt;li&gt;Registered nurse&lt;/li&gt;\
                    &lt;li&gt;Wound care and patient assessment on a busy ward, day and night&lt;/li&gt;&lt;/ul&gt;\
                    &lt;p&gt;The hospital stands at the river and has a garden that everybody likes to sit in.&lt;/p&gt;",
            }],
        })),
        &PostingHints::default(),
    )
    .unwrap();
    assert_eq!(posting.title.as_deref(), Some("Ward Nurse & Mentor"));
    assert_eq!(posting.company.as_deref(), Some("St. Anne's"));
    assert_eq!(posting.location.as_deref(), Some("Cork, Ireland"));
    assert_eq!(posting.employment_type.as_deref(), Some("FULL_TIME"));
    assert_eq!(with_term(&posting, "Registered nurse license").category, Category::Certificate);
    assert_eq!(with_term(&posting, "Wound care").kind, RequirementKind::Must);
    not_asked(&posting, "garden");
}

#[test]
fn what_the_user_says_wins() {
    let hints =
        PostingHints { url: Some("https://x.example/1"), company: Some("Mine"), title: Some("My title") };
    let posting = understand(&source(ENGINEER), &hints).unwrap();
    assert_eq!((posting.title.as_deref(), posting.company.as_deref()), (Some("My title"), Some("Mine")));
    assert_eq!(posting.url.as_deref(), Some("https://x.example/1"));
}

#[test]
fn headings_are_known_in_other_languages() {
    let posting = read(
        "Softwareentwickler (m/w/d)\n\nIhre Aufgaben\n- Sie entwickeln unsere Plattform in Java\n\nIhr Profil\n\
         - Mindestens 3 Jahre Erfahrung mit Java oder Kotlin\n- Docker und Kubernetes\n\nWir bieten\n- Excel-Kurse und Obst\n\n\
         Die Firma steht seit vielen Jahren am Hafen und baut Software fuer Schiffe und Kraene in aller Welt.",
    );
    assert_eq!(with_term(&posting, "Java").years, Some(3.0));
    assert!(with_term(&posting, "Kotlin").any_of);
    with_term(&posting, "Docker");
    not_asked(&posting, "Obst");
}

#[test]
fn other_texts_are_refused_with_a_reason() {
    refused("Engineer wanted now", "posting_too_short");
    refused("", "posting_too_short");
    refused(
        "Sign in\nEmail or phone\nPassword\nShow\nForgot password?\nKeep me logged in\nSign in\nNew to JobSite? Join now\n\
         By clicking Continue you agree to the User Agreement, Privacy Policy, and Cookie Policy of this site.",
        "posting_is_login_page",
    );
    refused(
        "You need to enable JavaScript to run this app. This site works best with a modern browser that is up to date \
         and allows scripts and cookies from this address, please.",
        "posting_unreadable",
    );
    refused(
        "The tide comes in twice a day and leaves small pools between the rocks where crabs and shrimps wait until the \
         water returns in the evening under a pale moon.",
        "posting_unreadable",
    );
    let three = understand(&source("a posting"), &PostingHints::default()).unwrap_err();
    assert_eq!(three, PostingError::TooShort { words: 2 });
    assert!(three.to_string().contains("this one has 2"));
}

#[test]
fn any_text_is_survived() {
    for text in [
        "(((((",
        "- \n- \n#",
        "é".repeat(3000).as_str(),
        "Requirements:\n".repeat(400).as_str(),
        "a,".repeat(9000).as_str(),
    ] {
        let _ = understand(&source(text), &PostingHints::default());
    }
}
