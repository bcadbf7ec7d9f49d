//! Optimizing, end to end on a small text resume: read, tailored, gated, rendered, read back.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic; that is how it reports"
)]

use chrono::NaiveDate;

use crate::domain::outcome::Outcome;
use crate::domain::posting::{Category, Posting, Requirement, RequirementKind};
use crate::domain::report::{Evidence, RequirementStatus};
use crate::domain::resume::Resume;
use crate::domain::source::SourceText;
use crate::domain::tailoring::{ConfirmedFact, Decision, Edit, EditOp};
use crate::engine::optimize::{Input, OptimizeError, Stage, analyze, decide, optimize};
use crate::engine::places::to_json;
use crate::engine::{read, render, understand};

const RESUME: &str = "\
# Mira Holt

mira.holt@example.org | +49 30 5550199 | Kiel

## Work Experience

### Backend Engineer, Tidewater Parcel
March 2019 - Present

- Looked after the release notes and the changelog of the team.
- Moved order events to Kafka, which cut delays by 40%.
- Tuned Postgres for three million rows a day.

## Education

### Harbour College, Bachelor of Science in Mathematics
2012 - 2016

## Skills

Docker, JavaScript, Python
";

fn source() -> SourceText {
    read::read(RESUME.as_bytes(), "resume.md", &read::Limits::default()).unwrap()
}

fn posting() -> Posting {
    let asks = |number: usize, term: &str| Requirement {
        id: format!("r{number}"),
        text: format!("Experience with {term}"),
        kind: RequirementKind::Must,
        category: Category::Skill,
        terms: vec![term.to_owned()],
        any_of: false,
        years: None,
    };
    let requirements = vec![asks(1, "Kafka"), asks(2, "PostgreSQL"), asks(3, "Kubernetes")];
    Posting {
        title: Some("Backend Engineer".into()),
        text: requirements.iter().map(|one| one.text.clone()).collect::<Vec<_>>().join("\n"),
        requirements,
        ..Posting::default()
    }
}

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 6, 15).unwrap()
}

fn outcome() -> Outcome {
    let (source, posting) = (source(), posting());
    let input = Input {
        source: &source,
        resume_sha256: "00",
        corrected: None,
        posting: &posting,
        template: render::DEFAULT_TEMPLATE,
        confirmed: &[],
        as_of: as_of(),
    };
    optimize(&input, &mut |_| {}).unwrap()
}

#[test]
fn a_resume_is_tailored_certified_and_explained() {
    let outcome = outcome();
    assert!(!outcome.edits.is_empty());
    assert!(outcome.refused.is_empty(), "{:#?}", outcome.refused);
    assert!(outcome.certificate.passed, "{:#?}", outcome.certificate);
    assert!(outcome.scores.matching.after >= outcome.scores.matching.before);
    assert_eq!(outcome.gaps.iter().map(|gap| gap.requirement_id.as_str()).collect::<Vec<_>>(), ["r3"]);
    assert_eq!(outcome.receipt.posting_sha256.len(), 64);
    let tailored = to_json(&outcome.resume);
    for evidence in outcome.requirements.iter().flat_map(|requirement| &requirement.evidence) {
        let text = tailored.pointer(&evidence.item).unwrap().as_str().unwrap();
        assert!(text.contains(&evidence.quote), "{evidence:?}");
    }
}

#[test]
fn the_stages_are_announced_in_order() {
    let (source, posting) = (source(), posting());
    let template = render::DEFAULT_TEMPLATE;
    let input = Input {
        source: &source,
        resume_sha256: "00",
        corrected: None,
        posting: &posting,
        template,
        confirmed: &[],
        as_of: as_of(),
    };
    let mut seen = Vec::new();
    optimize(&input, &mut |stage| seen.push(stage)).unwrap();
    assert_eq!(seen, [Stage::Understand, Stage::Match, Stage::Tailor, Stage::Verify, Stage::Render]);
    assert!(seen.iter().map(|stage| stage.percent()).is_sorted());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(serde_json::to_string(&outcome()).unwrap(), serde_json::to_string(&outcome()).unwrap());
}

#[test]
fn a_rejected_edit_is_out_and_an_accepted_one_in_again() {
    let first = outcome();
    let reject: Vec<(String, Decision)> =
        first.edits.iter().map(|edit| (edit.id.clone(), Decision::Rejected)).collect();
    let template = render::DEFAULT_TEMPLATE;
    let rejected = decide(&first, &reject, Vec::new(), template).unwrap();
    assert_eq!(rejected.resume, first.source_resume);
    assert_eq!(rejected.edits.len(), first.edits.len());
    let accept: Vec<(String, Decision)> =
        first.edits.iter().map(|edit| (edit.id.clone(), Decision::Accepted)).collect();
    assert_eq!(decide(&rejected, &accept, Vec::new(), template).unwrap(), first);
    let unknown = decide(&first, &[("e99".into(), Decision::Rejected)], Vec::new(), template);
    assert!(matches!(unknown, Err(OptimizeError::UnknownEdit { .. })));
}

#[test]
fn a_confirmed_fact_closes_its_gap_and_only_where_it_belongs() {
    let first = outcome();
    let fact = |item: &str| ConfirmedFact {
        requirement_id: Some("r3".into()),
        text: "Ran Kubernetes for 12 depots since 2022.".into(),
        item: item.into(),
    };
    let template = render::DEFAULT_TEMPLATE;
    let second = decide(&first, &[], vec![fact("/work/0")], template).unwrap();
    assert!(second.refused.is_empty(), "{:#?}", second.refused);
    assert!(second.gaps.is_empty(), "{:?}", second.gaps);
    assert!(second.resume.work[0].highlights.iter().any(|text| text.contains("12 depots")));
    let asked = second.requirements.iter().find(|requirement| requirement.id == "r3").unwrap();
    assert_eq!(asked.status, RequirementStatus::Demonstrated);
    assert!(second.scores.matching.after > first.scores.matching.after);
    // Taken back, nothing of it stays.
    assert_eq!(decide(&second, &[], Vec::new(), template).unwrap(), first);
    let nowhere = decide(&first, &[], vec![fact("/work/9")], template);
    assert!(matches!(nowhere, Err(OptimizeError::FactItem { number: 1 })));
}

#[test]
fn a_fact_is_worded_as_the_resume_shall_say_it() {
    let first = outcome();
    let fact = |text: &str| ConfirmedFact { requirement_id: None, text: text.into(), item: String::new() };
    for text in ["Yes", "No.", "Yes, Kubernetes", "Does one count that I ran Kubernetes?"] {
        let facts = vec![fact("I hold a boat licence."), fact(text)];
        let error = decide(&first, &[], facts, render::DEFAULT_TEMPLATE).unwrap_err();
        assert_eq!(error.code(), "invalid_fact", "{text}");
        assert!(error.to_string().starts_with("Fact 2 "), "{error}");
    }
}

#[test]
fn a_fact_that_denies_or_is_about_others_is_refused_and_lists_nothing() {
    let first = outcome();
    for text in [
        "No, I have not used it.",
        "I know nothing about Kubernetes and failed the AWS certification exam.",
        "My boss used Kubernetes, Salesforce and SAP; I only read about PCI DSS.",
    ] {
        for item in ["", "/work/0", "/education/0"] {
            let fact =
                ConfirmedFact { requirement_id: Some("r3".into()), text: text.into(), item: item.into() };
            let second = decide(&first, &[], vec![fact], render::DEFAULT_TEMPLATE).unwrap();
            assert_eq!(second.resume, first.resume, "{text}");
            assert_eq!(second.edits, first.edits, "{text}");
            assert_eq!(second.refused.len(), 1, "{:#?}", second.refused);
            assert!(second.refused[0].why.starts_with("The fact "), "{}", second.refused[0].why);
        }
    }
}

#[test]
fn evidence_is_in_the_words_of_the_person() {
    let first = outcome();
    let written: Vec<&str> = first
        .edits
        .iter()
        .filter(|edit| edit.op == EditOp::Insert || edit.target == "/basics/summary")
        .filter_map(|edit| edit.after.as_str())
        .collect();
    assert!(written.iter().any(|text| text.contains("Kafka")), "{written:?}");
    let quotes: Vec<&str> = first
        .requirements
        .iter()
        .flat_map(|requirement| requirement.evidence.iter().map(|evidence| evidence.quote.as_str()))
        .collect();
    assert_eq!(
        quotes,
        [
            "Moved order events to Kafka, which cut delays by 40%.",
            "Tuned Postgres for three million rows a day."
        ]
    );
}

#[test]
fn a_skill_that_a_fact_names_is_shown_by_the_fact() {
    let fact = ConfirmedFact {
        requirement_id: Some("r3".into()),
        text: "Ran Kubernetes for 12 depots.".into(),
        item: String::new(),
    };
    let second = decide(&outcome(), &[], vec![fact], render::DEFAULT_TEMPLATE).unwrap();
    let asked = second.requirements.iter().find(|requirement| requirement.id == "r3").unwrap();
    assert_eq!(asked.status, RequirementStatus::Listed);
    let shown: Vec<(&str, &str)> =
        asked.evidence.iter().map(|one| (one.item.as_str(), one.quote.as_str())).collect();
    assert_eq!(shown, [("/confirmed_facts/0", "Ran Kubernetes for 12 depots.")]);
}

#[test]
fn a_text_that_an_edit_wrote_meets_no_requirement() {
    // No place of the resume has all of these words; the summary that is written from several has.
    let (source, mut posting) = (source(), posting());
    posting.requirements.push(Requirement {
        id: "r4".into(),
        text: "Kafka and PostgreSQL at Tidewater Parcel".into(),
        category: Category::Other,
        terms: Vec::new(),
        ..posting.requirements[0].clone()
    });
    let input = Input {
        source: &source,
        resume_sha256: "00",
        corrected: None,
        posting: &posting,
        template: render::DEFAULT_TEMPLATE,
        confirmed: &[],
        as_of: as_of(),
    };
    let outcome = optimize(&input, &mut |_| {}).unwrap();
    let summary = outcome.resume.basics.as_ref().and_then(|basics| basics.summary.as_deref()).unwrap();
    assert!(summary.contains("Kafka") && summary.contains("Tidewater"), "{summary}");
    let resume = &outcome.source_resume;
    let plain = crate::engine::matching::match_resume(resume, &posting, as_of());
    for (after, before) in outcome.requirements.iter().zip(&plain.requirements) {
        assert_eq!(after.status, before.status, "{}", after.id);
        assert!(after.evidence.iter().all(|evidence| !summary.contains(&evidence.quote)), "{after:#?}");
    }
    assert_eq!(outcome.requirements[3].status, RequirementStatus::Missing);
}

#[test]
fn analysis_is_the_match_of_the_resume_as_it_came() {
    let source = source();
    let resume = understand::resume::understand(&source);
    let analysis = analyze(&source, &resume, None, &posting(), "00", as_of());
    assert!((analysis.report.score - outcome().scores.matching.before).abs() < f32::EPSILON);
    assert_eq!(analysis.receipt, outcome().receipt);
}

fn corrected() -> Resume {
    let mut resume = understand::resume::understand(&source());
    resume.work[0].name = Some("Tidewater Logistics".into());
    resume.work[0].highlights.push("Ran Kubernetes for twelve depots.".into());
    resume
}

fn outcome_of(corrected: &Resume) -> Outcome {
    let (source, posting) = (source(), posting());
    let input = Input {
        source: &source,
        resume_sha256: "00",
        corrected: Some(corrected),
        posting: &posting,
        template: render::DEFAULT_TEMPLATE,
        confirmed: &[],
        as_of: as_of(),
    };
    optimize(&input, &mut |_| {}).unwrap()
}

#[test]
fn what_its_owner_corrects_is_a_fact_and_evidence_names_its_place() {
    let corrected = corrected();
    let outcome = outcome_of(&corrected);
    assert_eq!(outcome.source_resume, corrected);
    assert_eq!(outcome.resume.work[0].name.as_deref(), Some("Tidewater Logistics"));
    assert!(outcome.refused.is_empty(), "{:#?}", outcome.refused);
    let asked = &outcome.requirements[2];
    assert_eq!((asked.id.as_str(), asked.status), ("r3", RequirementStatus::Demonstrated));
    let quoted: Vec<_> = asked.evidence.iter().map(|evidence| evidence.quote.as_str()).collect();
    assert_eq!(quoted, ["Ran Kubernetes for twelve depots."]);
    let tailored = to_json(&outcome.resume);
    let place = tailored.pointer(&asked.evidence[0].item).unwrap();
    assert_eq!(place, "Ran Kubernetes for twelve depots.");
    // An edit that uses the new words is borne out by the place that they stand in.
    let listed =
        outcome.edits.iter().find(|edit| edit.after == "Kubernetes" || edit.after["name"] == "Kubernetes");
    let listed = listed.unwrap_or_else(|| panic!("{:#?}", outcome.edits));
    assert_eq!(listed.evidence[0].quote, "Ran Kubernetes for twelve depots.");
}

#[test]
fn the_file_stays_as_readable_as_it_is_and_the_receipt_tells_of_the_correction() {
    let (plain, outcome) = (outcome(), outcome_of(&corrected()));
    assert_eq!(outcome.readability, plain.readability);
    assert!((outcome.scores.readable.before - plain.scores.readable.before).abs() < f32::EPSILON);
    assert_eq!(plain.receipt.correction_sha256, None);
    assert_eq!(outcome.receipt.correction_sha256.as_ref().map(String::len), Some(64));
    let other = outcome_of(&understand::resume::understand(&source()));
    assert_ne!(other.receipt.correction_sha256, outcome.receipt.correction_sha256);
    let source = source();
    let read = understand::resume::understand(&source);
    let analysis = analyze(&source, &read, Some(&corrected()), &posting(), "00", as_of());
    assert_eq!(analysis.receipt, outcome.receipt);
    assert_eq!(analysis.readability, plain.readability);
    assert!((analysis.report.score - outcome.scores.matching.before).abs() < f32::EPSILON);
}

#[test]
fn what_neither_the_document_nor_the_correction_says_is_refused() {
    let outcome = outcome_of(&corrected());
    let mut invented = outcome.clone();
    let bullet = |number: usize| format!("/work/0/highlights/{number}");
    let text = |number: usize| corrected().work[0].highlights[number].clone();
    let edit = |id: &str, number: usize, after: String| Edit {
        id: id.into(),
        op: EditOp::Replace,
        section: "work".into(),
        target: bullet(number),
        before: text(number).into(),
        after: after.into(),
        order: Vec::new(),
        reason: "It is asked for.".into(),
        evidence: vec![Evidence { section: "work".into(), item: bullet(number), quote: text(number) }],
        decision: Decision::Accepted,
    };
    let last = corrected().work[0].highlights.len() - 1;
    invented.edits = vec![
        edit("x1", last, "Operated Kubernetes for twelve depots.".into()),
        edit("x2", 0, format!("{} Terraform too.", text(0))),
    ];
    let decided = decide(&invented, &[], Vec::new(), render::DEFAULT_TEMPLATE).unwrap();
    let ids = |edits: &mut dyn Iterator<Item = &Edit>| edits.map(|edit| edit.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&mut decided.edits.iter()), ["x1"]);
    assert_eq!(ids(&mut decided.refused.iter().map(|refusal| &refusal.edit)), ["x2"]);
    assert!(decided.refused[0].why.contains("Terraform"), "{:#?}", decided.refused);
}

#[test]
fn what_its_owner_took_out_is_no_fact_any_more() {
    let mut corrected = corrected();
    corrected.work[0].highlights.remove(1);
    let outcome = outcome_of(&corrected);
    assert_eq!(outcome.requirements[0].status, RequirementStatus::Missing);
    assert!(!to_json(&outcome.resume).to_string().contains("Kafka"));
}
