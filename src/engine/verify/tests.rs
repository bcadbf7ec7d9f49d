//! The gate, told by planted faults: each must be refused for its own reason, and each honest edit must pass.

#![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

use serde_json::{Value, json};

use crate::domain::report::Evidence;
use crate::domain::resume::{Basics, Certificate, Education, Language, Resume, Skill, Work};
use crate::domain::tailoring::{ConfirmedFact, Decision, Edit, EditOp};
use crate::engine::places::{places, section, to_json};
use crate::engine::verify::verify;

fn resume() -> Resume {
    let work = |name: &str, position: &str, highlights: &[&str]| Work {
        name: Some(name.into()),
        position: Some(position.into()),
        start_date: Some("2019-03".parse().unwrap()),
        highlights: highlights.iter().map(|text| (*text).to_owned()).collect(),
        ..Work::default()
    };
    Resume {
        basics: Some(Basics {
            name: Some("Mira Holt".into()),
            email: Some("mira.holt@example.org".into()),
            summary: Some("Backend engineer with 6 years in logistics. Familiar with Kubernetes.".into()),
            ..Basics::default()
        }),
        work: vec![
            work(
                "Tidewater Parcel",
                "Backend Engineer",
                &[
                    "Built order events on Kafka for 3 million parcels a day, which cut delays by 40%.",
                    "Helped lead the move from Oracle to Postgres with Priya Nair.",
                    "Answered up to 30 calls a week; no experience with Terraform was needed.",
                ],
            ),
            work(
                "Northgate Bank",
                "Senior Data Analyst",
                &[
                    "Managed a team of 5 analysts and wrote reports in Tableau.",
                    "Assisted the director of risk with Python scripts.",
                ],
            ),
        ],
        education: vec![Education {
            institution: Some("Harbour College".into()),
            study_type: Some("Bachelor of Science".into()),
            area: Some("Mathematics".into()),
            ..Education::default()
        }],
        certificates: vec![Certificate { name: Some("PRINCE2 Foundation".into()), ..Certificate::default() }],
        skills: vec![Skill {
            name: Some("Tools".into()),
            keywords: vec!["JS".into(), "Docker".into(), "Java".into(), "React".into(), "HTML".into()],
            ..Skill::default()
        }],
        languages: vec![Language { language: Some("German".into()), fluency: Some("B1".into()) }],
        ..Resume::default()
    }
}

fn evidence(pointers: &[&str]) -> Vec<Evidence> {
    let all = places(&to_json(&resume()));
    let of = |pointer: &&str| {
        let place = all.iter().find(|place| place.pointer == **pointer).unwrap();
        Evidence { section: section(pointer).into(), item: place.pointer.clone(), quote: place.text.clone() }
    };
    pointers.iter().map(of).collect()
}

fn edit(op: EditOp, target: &str, after: Value, at: &[&str]) -> Edit {
    let before = match op {
        EditOp::Insert => Value::Null,
        EditOp::Replace | EditOp::Reorder => to_json(&resume()).pointer(target).cloned().unwrap_or_default(),
    };
    Edit {
        id: "e1".into(),
        op,
        section: section(target).into(),
        target: target.into(),
        before,
        after,
        order: Vec::new(),
        reason: "The posting asks for it.".into(),
        evidence: evidence(at),
        decision: Decision::Accepted,
    }
}

fn replace(target: &str, after: &str, at: &[&str]) -> Edit {
    edit(EditOp::Replace, target, json!(after), at)
}

fn insert(target: &str, after: &str, at: &[&str]) -> Edit {
    edit(EditOp::Insert, target, json!(after), at)
}

#[track_caller]
fn passes(edit: Edit) {
    let verified = verify(&resume(), &[], vec![edit]);
    assert!(verified.refused.is_empty(), "{:#?}", verified.refused);
    assert_eq!(verified.edits.len(), 1);
}

#[track_caller]
fn refused(edit: Edit, why: &str) {
    let verified = verify(&resume(), &[], vec![edit]);
    assert!(verified.edits.is_empty(), "got through: {:?}", verified.edits);
    let found = &verified.refused.first().unwrap().why;
    assert!(found.contains(why), "refused, but because: {found}");
}

const KAFKA: &str = "/work/0/highlights/0";
const MOVE: &str = "/work/0/highlights/1";
const CALLS: &str = "/work/0/highlights/2";
const TEAM: &str = "/work/1/highlights/0";
const RISK: &str = "/work/1/highlights/1";

#[test]
fn honest_edits_pass() {
    passes(replace(
        KAFKA,
        "Cut delays by 40% by building order events on Apache Kafka for 3M parcels a day.",
        &[KAFKA],
    ));
    passes(replace(MOVE, "Helped lead the move from Oracle to PostgreSQL with Priya Nair.", &[MOVE]));
    passes(replace(TEAM, "Managed a team of five analysts; wrote reports in Tableau.", &[TEAM]));
    passes(replace("/skills/0/keywords/0", "JavaScript", &["/skills/0/keywords/0"]));
    passes(insert("/skills/0/keywords", "Kafka", &[KAFKA]));
    passes(insert("/skills/0/keywords", "PostgreSQL", &[MOVE]));
    passes(insert("/skills/0/keywords", "SQL", &[MOVE]));
    passes(replace("/basics/label", "Backend Engineer", &["/work/0/position"]));
    passes(replace("/basics/label", "Backend Engineer | Kafka", &["/work/0/position", KAFKA]));
    passes(replace(
        "/basics/summary",
        "Backend engineer with 6 years in logistics. Familiar with Kubernetes. Backend Engineer at Tidewater Parcel. \
         Experience with Kafka, Tableau and Python.",
        &["/work/0/position", "/work/0/name", KAFKA, TEAM, RISK],
    ));
    passes(edit(
        EditOp::Insert,
        "/skills",
        json!({"name": "Tools", "keywords": ["Kafka", "Tableau"]}),
        &[KAFKA, TEAM, "/skills/0/name"],
    ));
    passes(replace("/basics/name", "MIRA HOLT", &["/basics/name"]));
}

#[test]
fn invented_numbers_are_refused() {
    let text = |from: &str, to: &str| {
        "Built order events on Kafka for 3 million parcels a day, which cut delays by 40%.".replace(from, to)
    };
    refused(replace(KAFKA, &text("40%", "45%"), &[KAFKA]), "40");
    refused(replace(KAFKA, &format!("{} Saved 20 hours.", text("", "")), &[KAFKA]), "20");
    refused(replace(KAFKA, &text("3 million", "4 million"), &[KAFKA]), "3");
    refused(replace(KAFKA, &text("40%", "over 40%"), &[KAFKA]), "40");
    refused(replace(KAFKA, &text("40%", "40 hours"), &[KAFKA]), "40");
    refused(replace(KAFKA, &text("parcels", "parcels in 2021"), &[KAFKA]), "2021");
    refused(
        replace(
            TEAM,
            "Managed a team of fifteen, 5 analysts among them, and wrote reports in Tableau.",
            &[TEAM],
        ),
        "fifteen",
    );
    refused(
        replace(CALLS, "Answered 30 calls a week; no experience with Terraform was needed.", &[CALLS]),
        "30",
    );
    refused(
        replace(
            "/basics/summary",
            "Backend engineer with 8 years in logistics, 6 of them here. Familiar with Kubernetes.",
            &["/work/0/position"],
        ),
        "8",
    );
}

#[test]
fn invented_skills_are_refused() {
    refused(insert("/skills/0/keywords", "Rust", &[KAFKA]), "Rust");
    refused(insert("/skills/0/keywords", "Terraform", &[CALLS]), "Terraform");
    refused(insert("/skills/0/keywords", "MySQL", &[MOVE]), "MySQL");
    refused(insert("/skills/0/keywords", "Kafka administration", &[KAFKA]), "administration");
    refused(insert("/skills/0/keywords", "Team leadership", &[TEAM]), "");
    refused(
        replace(
            KAFKA,
            "Built order events on Kafka and RabbitMQ for 3 million parcels a day, which cut delays by 40%.",
            &[KAFKA],
        ),
        "RabbitMQ",
    );
    refused(replace("/skills/0/keywords/2", "JavaScript", &["/skills/0/keywords/2"]), "Java");
    refused(replace("/skills/0/keywords/3", "React Native", &["/skills/0/keywords/3"]), "");
    refused(replace("/skills/0/keywords/1", "Docker expert", &["/skills/0/keywords/1"]), "expert");
    refused(edit(EditOp::Insert, "/skills", json!({"keywords": ["Kafka", "Spark"]}), &[KAFKA]), "Spark");
}

#[test]
fn versions_are_claims() {
    refused(replace("/skills/0/keywords/4", "HTML5", &["/skills/0/keywords/4"]), "HTML5");
    refused(replace("/skills/0/keywords/2", "Java 17", &["/skills/0/keywords/2"]), "17");
}

#[test]
fn a_skill_does_not_move_to_another_employer() {
    refused(
        replace(TEAM, "Managed a team of 5 analysts and wrote reports in Tableau and Kafka.", &[TEAM, KAFKA]),
        "Kafka",
    );
    refused(insert("/work/1/highlights", "Built order events on Kafka.", &[KAFKA]), "Kafka");
    refused(
        replace(RISK, "Assisted the director of risk with Python scripts on Postgres.", &[RISK, MOVE]),
        "Postgres",
    );
    let mixed = |sentence: &str| {
        format!("Backend engineer with 6 years in logistics. Familiar with Kubernetes. {sentence}")
    };
    let at = &["/work/0/position", KAFKA, TEAM];
    refused(replace("/basics/summary", &mixed("Worked with Kafka at Northgate Bank."), at), "Kafka");
    refused(replace("/basics/summary", &mixed("Senior Data Analyst at Tidewater Parcel."), at), "Senior");
    refused(replace("/basics/summary", &mixed("Managed 5 analysts at Tidewater Parcel."), at), "5");
}

#[test]
fn invented_names_titles_and_ranks_are_refused() {
    refused(
        replace(
            KAFKA,
            "Built order events on Kafka for Amazon, 3 million parcels a day, which cut delays by 40%.",
            &[KAFKA],
        ),
        "Amazon",
    );
    refused(
        replace("/work/0/position", "Senior Backend Engineer", &["/work/0/position"]),
        "stay as they are",
    );
    refused(replace("/work/0/name", "Tidewater Parcel Group", &["/work/0/name"]), "stay as they are");
    refused(replace("/education/0/studyType", "Master of Science", &["/education/0/studyType"]), "");
    refused(replace("/work/0/startDate", "2017-03", &["/work/0/startDate"]), "");
    refused(replace("/basics/email", "mira@example.org", &["/basics/email"]), "");
    refused(replace("/languages/0/fluency", "C1", &["/languages/0/fluency"]), "");
    refused(replace("/certificates/0/name", "PRINCE2 Practitioner", &["/certificates/0/name"]), "");
    refused(
        replace("/basics/label", "Senior Backend Engineer", &["/work/0/position", "/work/1/position"]),
        "Senior Backend Engineer",
    );
    refused(replace("/basics/label", "Chief Technology Officer", &["/work/0/position"]), "Chief");
    refused(
        edit(
            EditOp::Insert,
            "/certificates",
            json!({"name": "AWS Certified Developer"}),
            &["/certificates/0/name"],
        ),
        "AWS",
    );
    refused(
        edit(EditOp::Insert, "/languages", json!({"language": "French"}), &["/languages/0/language"]),
        "French",
    );
    refused(edit(EditOp::Insert, "/work", json!({"name": "Acme"}), &["/work/0/name"]), "");
    refused(edit(EditOp::Insert, "/education", json!({"studyType": "PhD"}), &["/education/0/area"]), "");
}

#[test]
fn inflated_claims_are_refused() {
    refused(replace(MOVE, "Led the move from Oracle to Postgres with Priya Nair.", &[MOVE]), "Helped");
    refused(replace(RISK, "Directed risk with Python scripts.", &[RISK]), "Assisted");
    refused(replace(RISK, "Assisted as director, managed risk with Python scripts.", &[RISK]), "managed");
    refused(
        replace(
            KAFKA,
            "Architected order events on Kafka for 3 million parcels a day, which cut delays by 40%.",
            &[KAFKA],
        ),
        "Architected",
    );
    refused(
        replace(
            KAFKA,
            "Built award-winning order events on Kafka for 3 million parcels a day, which cut delays by 40%.",
            &[KAFKA],
        ),
        "award",
    );
    refused(
        replace(
            KAFKA,
            "Built order events on Kafka for 3 million parcels a day for hospitals, which cut delays by 40%.",
            &[KAFKA],
        ),
        "hospitals",
    );
    refused(
        replace(
            KAFKA,
            "Built order events on Kafka for 3 million parcels a day, which raised delays by 40%.",
            &[KAFKA],
        ),
        "raised",
    );
    refused(
        replace(
            "/basics/summary",
            "Backend engineer with 6 years in logistics. Expert in Kubernetes.",
            &["/basics/summary"],
        ),
        "Familiar",
    );
    refused(
        replace(
            "/basics/summary",
            "Backend engineer with 6 years in logistics and a PhD. Familiar with Kubernetes.",
            &["/basics/summary"],
        ),
        "PhD",
    );
    refused(
        replace(CALLS, "Answered up to 30 calls a week; experience with Terraform was needed.", &[CALLS]),
        "no",
    );
}

#[test]
fn lost_facts_are_refused() {
    refused(replace(KAFKA, "Built order events on Kafka for 3 million parcels a day.", &[KAFKA]), "40");
    refused(
        replace(KAFKA, "Built order events for 3 million parcels a day, which cut delays by 40%.", &[KAFKA]),
        "Kafka",
    );
    refused(replace(MOVE, "Helped lead the move from Oracle to Postgres.", &[MOVE]), "Priya");
    refused(replace(KAFKA, " ", &[KAFKA]), "empty");
    refused(replace("/skills/0/keywords/1", "Java", &["/skills/0/keywords/2"]), "Docker");
}

#[test]
fn evidence_must_stand_where_it_says() {
    let mut none = insert("/skills/0/keywords", "Kafka", &[]);
    refused(none.clone(), "names no evidence");
    none.evidence =
        vec![Evidence { section: "work".into(), item: KAFKA.into(), quote: "Built Kafka pipelines".into() }];
    refused(none.clone(), "does not stand where it says");
    none.evidence =
        vec![Evidence { section: "work".into(), item: "/work/7/highlights/0".into(), quote: "Kafka".into() }];
    refused(none.clone(), "does not stand where it says");
    none.evidence = vec![Evidence { section: "skills".into(), item: KAFKA.into(), quote: "Kafka".into() }];
    refused(none.clone(), "does not stand where it says");
    none.evidence = vec![Evidence {
        section: "confirmed_facts".into(),
        item: "/confirmed_facts/0".into(),
        quote: "Kafka".into(),
    }];
    refused(none, "among the confirmed facts");
    refused(insert("/skills/0/keywords", "Kafka", &[TEAM]), "Kafka");
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let mut changed = replace(KAFKA, "Built order events.", &[KAFKA]);
    changed.before = json!("Something else");
    refused(changed, "Something else stands");
    refused(replace("/work/9/highlights/0", "Built order events on Kafka.", &[KAFKA]), "not in the resume");
    refused(edit(EditOp::Replace, KAFKA, json!(["a"]), &[KAFKA]), "only be replaced by a text");
    refused(edit(EditOp::Replace, "/work", json!("x"), &[KAFKA]), "Only a text");
    refused(edit(EditOp::Insert, "/skills/0/keywords", json!({"name": "Kafka"}), &[KAFKA]), "shape");
    refused(edit(EditOp::Insert, "/skills", json!({"name": "Kafka", "level": "Master"}), &[KAFKA]), "fields");
    refused(insert("/skills/0/keywords", "docker", &["/skills/0/keywords/1"]), "already");
    refused(insert("/skills/0/keywords", "Kaf\u{200b}ka", &[KAFKA]), "invisible");
    let mut moved = insert("/skills/0/keywords", "Kafka", &[KAFKA]);
    moved.section = "work".into();
    refused(moved, "section");
    refused(replace("/meta", "x", &[KAFKA]), "may be edited");
}

fn reorder(target: &str, order: &[usize]) -> Edit {
    let json = to_json(&resume());
    let items = json.pointer(target).and_then(Value::as_array).unwrap();
    let labels: Vec<Value> = items.iter().map(|item| json!(crate::engine::places::label(item))).collect();
    let mut edit = edit(EditOp::Reorder, target, Value::Null, &[KAFKA]);
    edit.after = order.iter().filter_map(|index| labels.get(*index).cloned()).collect();
    edit.before = Value::Array(labels);
    edit.order = order.to_vec();
    edit
}

#[test]
fn orders_must_be_permutations_and_leave_time_alone() {
    passes(reorder("/work/0/highlights", &[1, 0, 2]));
    passes(reorder("/skills/0/keywords", &[3, 2, 1, 0, 4]));
    refused(reorder("/work/0/highlights", &[1, 0]), "leaves elements out");
    refused(reorder("/work/0/highlights", &[1, 1, 2]), "leaves elements out");
    refused(reorder("/work/0/highlights", &[0, 1, 3]), "leaves elements out");
    refused(reorder("/work", &[1, 0]), "order in time");
    let mut lying = reorder("/work/0/highlights", &[1, 0, 2]);
    lying.after = json!(["Led everything", "Built everything", "Won everything"]);
    refused(lying, "not what its order leads to");
}

#[test]
fn two_edits_of_one_place_do_not_both_pass() {
    let first = replace(MOVE, "Helped lead the move from Oracle to PostgreSQL with Priya Nair.", &[MOVE]);
    let mut second = replace(MOVE, "With Priya Nair, helped lead the move from Oracle to Postgres.", &[MOVE]);
    second.id = "e2".into();
    let verified = verify(&resume(), &[], vec![first, second]);
    assert_eq!((verified.edits.len(), verified.refused.len()), (1, 1));
}

#[test]
fn what_the_owner_confirmed_counts_where_it_belongs() {
    let facts = [
        ConfirmedFact {
            requirement_id: None,
            text: "Ran Terraform for 12 accounts.".into(),
            item: "/work/0".into(),
        },
        ConfirmedFact { requirement_id: None, text: "French, C1".into(), item: String::new() },
    ];
    let at = |number: usize| {
        vec![Evidence {
            section: "confirmed_facts".into(),
            item: format!("/confirmed_facts/{number}"),
            quote: facts.get(number).unwrap().text.clone(),
        }]
    };
    let with = |edit: Edit, number: usize| Edit { evidence: at(number), ..edit };
    let count = |edit: Edit| verify(&resume(), &facts, vec![edit]).edits.len();
    assert_eq!(count(with(insert("/work/0/highlights", "Ran Terraform for 12 accounts.", &[]), 0)), 1);
    assert_eq!(count(with(insert("/work/1/highlights", "Ran Terraform for 12 accounts.", &[]), 0)), 0);
    assert_eq!(count(with(insert("/work/0/highlights", "Ran Terraform for 15 accounts.", &[]), 0)), 0);
    assert_eq!(count(with(insert("/skills/0/keywords", "Terraform", &[]), 0)), 1);
    let french = json!({"language": "French", "fluency": "C1"});
    assert_eq!(count(with(edit(EditOp::Insert, "/languages", french, &[]), 1)), 1);
    let native = json!({"language": "French", "fluency": "Native"});
    assert_eq!(count(with(edit(EditOp::Insert, "/languages", native, &[]), 1)), 0);
}
