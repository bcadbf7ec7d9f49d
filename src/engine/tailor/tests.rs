//! Tailoring, told by a small resume and posting made by hand.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic; that is how it reports"
)]

use proptest::prelude::{ProptestConfig, any, prop, proptest};
use proptest::strategy::Strategy as _;
use serde_json::{Value, json};

use crate::domain::posting::{Category, Posting, Requirement, RequirementKind};
use crate::domain::report::MatchReport;
use crate::domain::resume::{Basics, Project, Resume, Skill, Work};
use crate::domain::tailoring::{ConfirmedFact, Decision, Edit, EditOp};
use crate::engine::places::to_json;
use crate::engine::tailor::{apply, from_facts, propose};

fn resume() -> Resume {
    let group = |name: &str, keywords: &[&str]| Skill {
        name: Some(name.into()),
        keywords: keywords.iter().map(|text| (*text).to_owned()).collect(),
        ..Skill::default()
    };
    Resume {
        basics: Some(Basics { name: Some("Mira Holt".into()), ..Basics::default() }),
        work: vec![Work {
            name: Some("Tidewater Parcel".into()),
            position: Some("Backend Engineer".into()),
            start_date: Some("2019-03".parse().unwrap()),
            highlights: vec![
                "Looked after the release notes and the changelog of the team.".into(),
                "Moved order events to Kafka, which cut delays by 40%.".into(),
                "Tuned PostgreSQL for three million rows a day.".into(),
            ],
            ..Work::default()
        }],
        projects: vec![
            Project {
                name: Some("Garden log".into()),
                description: Some("A diary for the garden.".into()),
                ..Project::default()
            },
            Project {
                name: Some("Tide charts".into()),
                description: Some("Charts made with Python.".into()),
                ..Project::default()
            },
        ],
        skills: vec![group("Office", &["Excel", "Word"]), group("Engineering", &["Docker", "JS", "Python"])],
        ..Resume::default()
    }
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
    let terms = ["Kafka", "PostgreSQL", "JavaScript", "Python", "Kubernetes"];
    let requirements: Vec<Requirement> =
        terms.iter().enumerate().map(|(at, term)| asks(at + 1, term)).collect();
    let text = requirements.iter().map(|one| one.text.clone()).collect::<Vec<_>>().join("\n");
    Posting { title: Some("Backend Engineer".into()), text, requirements, ..Posting::default() }
}

fn edits() -> Vec<Edit> {
    propose(&resume(), &posting(), &MatchReport::default())
}

#[track_caller]
fn the(op: EditOp, target: &str, after: &Value) -> Edit {
    let all = edits();
    let found = all.iter().find(|edit| edit.op == op && edit.target == target && &edit.after == after);
    found.unwrap_or_else(|| panic!("no {op:?} at {target} to {after} among {all:#?}")).clone()
}

#[test]
fn what_the_posting_asks_for_comes_first() {
    let bullets = the(
        EditOp::Reorder,
        "/work/0/highlights",
        &json!([
            "Moved order events to Kafka, which cut delays by 40%.",
            "Tuned PostgreSQL for three million rows a day.",
            "Looked after the release notes and the changelog of the team."
        ]),
    );
    assert_eq!(bullets.order, [1, 2, 0]);
    assert_eq!(
        bullets.reason,
        "Puts the points about Kafka and PostgreSQL before the others: the posting asks for that."
    );
    the(EditOp::Reorder, "/skills", &json!(["Engineering", "Office"]));
    the(EditOp::Reorder, "/skills/1/keywords", &json!(["JS", "Python", "Docker"]));
    the(EditOp::Reorder, "/projects", &json!(["Tide charts", "Garden log"]));
}

#[test]
fn what_the_work_shows_is_listed_and_spelled_the_postings_way() {
    let inserted = the(EditOp::Insert, "/skills/1/keywords", &json!("Kafka"));
    assert_eq!(inserted.evidence.first().unwrap().item, "/work/0/highlights/1");
    the(EditOp::Insert, "/skills/1/keywords", &json!("PostgreSQL"));
    the(EditOp::Replace, "/skills/1/keywords/1", &json!("JavaScript"));
    assert!(edits().iter().all(|edit| edit.after != json!("Kubernetes")));
}

#[test]
fn a_missing_introduction_is_made_of_the_resumes_own_facts() {
    the(EditOp::Replace, "/basics/label", &json!("Backend Engineer"));
    let text = "Backend Engineer at Tidewater Parcel. Experience with Kafka, PostgreSQL and Python.";
    let summary = the(EditOp::Replace, "/basics/summary", &json!(text));
    let items: Vec<&str> = summary.evidence.iter().map(|evidence| evidence.item.as_str()).collect();
    assert!(items.contains(&"/work/0/position") && items.contains(&"/work/0/name"), "{items:?}");
}

#[test]
fn an_introduction_that_is_there_stays() {
    let mut resume = resume();
    let basics = resume.basics.as_mut().unwrap();
    (basics.label, basics.summary) = (Some("Engineer".into()), Some("I like parcels.".into()));
    let edits = propose(&resume, &posting(), &MatchReport::default());
    assert!(edits.iter().all(|edit| edit.section != "basics"), "{edits:?}");
}

#[test]
fn a_resume_in_another_language_gets_no_english_sentence() {
    let mut resume = resume();
    resume.work[0].highlights = vec![
        "Pflege der Dokumentation und der Handbücher für das Team.".into(),
        "Umzug der Ereignisse auf Kafka mit den Kollegen von der Logistik.".into(),
    ];
    resume.projects.clear();
    let edits = propose(&resume, &posting(), &MatchReport::default());
    assert!(edits.iter().all(|edit| edit.op != EditOp::Replace), "{edits:?}");
    assert!(edits.iter().any(|edit| edit.target == "/work/0/highlights"));
}

#[test]
fn bullets_that_lean_on_each_other_stay_in_place() {
    for leaning in ["This cut delays by half.", "Also wrote the manual.", "and the rest of it", "Duties:"] {
        let mut resume = resume();
        resume.work[0].highlights.insert(1, leaning.into());
        let edits = propose(&resume, &posting(), &MatchReport::default());
        assert!(edits.iter().all(|edit| edit.target != "/work/0/highlights"), "{leaning}");
    }
}

fn proposed_for(change: impl FnOnce(&mut Resume), terms: &[&str]) -> Vec<Edit> {
    let mut resume = resume();
    change(&mut resume);
    let mut posting = posting();
    posting.requirements.truncate(terms.len());
    for (requirement, term) in posting.requirements.iter_mut().zip(terms) {
        requirement.text = format!("Experience with {term}");
        requirement.terms = vec![(*term).to_owned()];
    }
    posting.text = posting.requirements.iter().map(|one| one.text.clone()).collect::<Vec<_>>().join("\n");
    propose(&resume, &posting, &MatchReport::default())
}

#[test]
fn applause_is_no_use() {
    let starred = |resume: &mut Resume| {
        resume.work[0].highlights.push("Published a parser with 900 GitHub stars.".into());
    };
    let edits = proposed_for(starred, &["GitHub"]);
    assert!(edits.iter().all(|edit| edit.section == "basics"), "{edits:?}");
}

#[test]
fn everyday_words_move_and_list_nothing() {
    let design = |resume: &mut Resume| {
        resume.work[0].highlights.push("Brought a design into the database in time.".into());
    };
    let edits = proposed_for(design, &["design", "databases"]);
    assert!(
        edits
            .iter()
            .all(|edit| edit.section == "skills" && edit.op == EditOp::Reorder || edit.section == "basics"),
        "{edits:?}"
    );
}

#[test]
fn a_list_with_marks_inside_keeps_its_order() {
    let marked = |resume: &mut Resume| resume.skills[1].keywords[0] = "Docker Familiar:".into();
    let edits = proposed_for(marked, &["Python"]);
    assert!(edits.iter().all(|edit| edit.section != "skills"), "{edits:?}");
}

#[test]
fn a_spelling_that_a_search_finds_anyway_stays() {
    let rest = |resume: &mut Resume| resume.skills[1].keywords[0] = "REST APIs".into();
    let edits = proposed_for(rest, &["REST"]);
    assert!(edits.iter().all(|edit| edit.op != EditOp::Replace || edit.section != "skills"), "{edits:?}");
}

#[test]
fn every_edit_names_its_reason_and_evidence() {
    let json = to_json(&resume());
    for edit in edits() {
        assert!(!edit.reason.is_empty() && !edit.evidence.is_empty(), "{edit:?}");
        for evidence in &edit.evidence {
            assert_eq!(json.pointer(&evidence.item).unwrap().as_str().unwrap().trim(), evidence.quote);
        }
    }
}

#[test]
fn applying_nothing_changes_nothing() {
    assert_eq!(apply(&resume(), &[]), resume());
    let rejected: Vec<Edit> =
        edits().into_iter().map(|edit| Edit { decision: Decision::Rejected, ..edit }).collect();
    assert_eq!(apply(&resume(), &rejected), resume());
}

#[test]
fn an_edit_whose_place_says_something_else_is_skipped() {
    let mut wrong = the(EditOp::Replace, "/skills/1/keywords/1", &json!("JavaScript"));
    wrong.before = json!("TypeScript");
    let gone = Edit {
        target: "/skills/7/keywords/0".into(),
        ..the(EditOp::Replace, "/basics/label", &json!("Backend Engineer"))
    };
    let odd = Edit { after: json!(7), ..the(EditOp::Insert, "/skills/1/keywords", &json!("Kafka")) };
    assert_eq!(apply(&resume(), &[wrong, gone, odd]), resume());
}

#[test]
fn inner_and_outer_orders_apply_together() {
    let tailored = apply(&resume(), &edits());
    let first = tailored.skills.first().unwrap();
    assert_eq!(first.name.as_deref(), Some("Engineering"));
    assert_eq!(first.keywords, ["JavaScript", "Python", "Docker", "Kafka", "PostgreSQL"]);
}

#[test]
fn a_moved_skill_is_named_where_the_posting_has_another_name() {
    let with = |keywords: &[&str]| {
        let mut resume = resume();
        resume.skills.truncate(1);
        resume.skills[0].keywords = keywords.iter().map(|text| (*text).to_owned()).collect();
        let edits = propose(&resume, &posting(), &MatchReport::default());
        let moved =
            edits.into_iter().find(|edit| edit.op == EditOp::Reorder && edit.target == "/skills/0/keywords");
        moved.map(|edit| edit.reason)
    };
    assert_eq!(
        with(&["Excel", "Django", "Kafka"]).as_deref(),
        Some("Puts Django and Kafka before the others: the posting asks for Python and Kafka.")
    );
    assert_eq!(
        with(&["Python", "Excel", "Kafka"]).as_deref(),
        Some("Puts the skills about Kafka before the others: the posting asks for that.")
    );
    assert_eq!(with(&["Excel", "Familiar", "Python"]), None);
    assert_eq!(with(&["Over 1000 lines:", "Java", "Python"]), None);
}

#[test]
fn no_skill_is_put_behind_a_level() {
    let mut resume = resume();
    resume.skills.truncate(1);
    resume.skills[0].keywords = vec!["Python".into(), "Familiar:".into(), "Docker".into()];
    let edits = propose(&resume, &posting(), &MatchReport::default());
    assert!(edits.iter().all(|edit| edit.section != "skills"), "{edits:#?}");
}

#[test]
fn confirmed_facts_go_where_they_belong() {
    let fact = |text: &str, item: &str, requirement: Option<&str>| ConfirmedFact {
        requirement_id: requirement.map(str::to_owned),
        text: text.into(),
        item: item.into(),
    };
    let facts = [
        fact("Ran Kubernetes for 12 depots.", "/work/0", Some("r5")),
        fact("I hold a boat licence.", "", None),
    ];
    let found: Vec<(String, String, Value)> = from_facts(&resume(), &posting(), &facts)
        .into_iter()
        .map(|edit| (edit.id, edit.target, edit.after))
        .collect();
    let expected = [
        ("f1", "/work/0/highlights", "Ran Kubernetes for 12 depots."),
        ("f1.1", "/skills/1/keywords", "Kubernetes"),
        ("f2", "/basics/summary", "I hold a boat licence."),
    ];
    assert_eq!(found, expected.map(|(id, target, after)| (id.to_owned(), target.to_owned(), json!(after))));
}

fn words_of(resume: &Resume) -> Vec<String> {
    let mut words: Vec<String> =
        crate::engine::places::places(&to_json(resume)).into_iter().map(|place| place.text).collect();
    words.sort_unstable();
    words
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_subset_applies_in_any_order_with_the_same_result(
        (accepted, turned) in (prop::collection::vec(any::<bool>(), 16), prop::collection::vec(any::<u32>(), 16)).prop_map(|pair| pair)
    ) {
        let mut edits = edits();
        for (edit, accepted) in edits.iter_mut().zip(&accepted) {
            edit.decision = if *accepted { Decision::Accepted } else { Decision::Rejected };
        }
        let once = apply(&resume(), &edits);
        let mut keyed: Vec<(u32, Edit)> = edits.iter().cloned().enumerate().map(|(at, edit)| (turned[at % 16], edit)).collect();
        keyed.sort_by_key(|(key, _)| *key);
        let shuffled: Vec<Edit> = keyed.into_iter().map(|(_, edit)| edit).collect();
        assert_eq!(apply(&resume(), &shuffled), once);
        let only_orders: Vec<Edit> = edits.into_iter().filter(|edit| edit.op == EditOp::Reorder).collect();
        assert_eq!(words_of(&apply(&resume(), &only_orders)), words_of(&resume()));
    }
}
