//! The main job on the command line: documents and results out, one sentence for what cannot be done.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::support::documents::{
    FORMATS, JSON_RESUME, POSTING, RESUME, STEM, expected, timeless, wrong_documents,
};
use crate::support::program::Program;

/// Keys of a result, as the contract has them.
const RESULT: [&str; 13] = [
    "scores",
    "posting",
    "requirements",
    "keywords",
    "readability",
    "edits",
    "refused",
    "gaps",
    "resume",
    "certificate",
    "receipt",
    "engine",
    "timings_ms",
];

/// A folder with `resume.md` and `posting.txt`.
fn desk() -> TempDir {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join("resume.md"), RESUME).unwrap();
    std::fs::write(dir.path().join("posting.txt"), POSTING).unwrap();
    dir
}

fn optimize(dir: &Path, args: &[&str]) -> Program {
    Program::new(dir).args(["optimize", "resume.md", "--posting", "posting.txt"]).args(args)
}

/// Names of what is in a folder; none where there is no folder.
fn names(dir: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn documents(formats: &[&str]) -> BTreeSet<String> {
    formats.iter().map(|format| format!("{STEM}.{format}")).collect()
}

#[track_caller]
fn has_keys(value: &Value, keys: &[&str]) {
    for key in keys {
        assert!(value.get(key).is_some(), "{key} is missing in: {value:#}");
    }
}

#[test]
fn the_documents_asked_for_are_written_and_the_result_is_printed() {
    let dir = desk();
    let result =
        optimize(dir.path(), &["--format", "docx,txt", "--out", "new/folder", "--json"]).run().json();
    assert_eq!(names(&dir.path().join("new/folder")), documents(&["docx", "txt"]));
    has_keys(&result, &RESULT);
    for score in ["readable", "match", "writing"] {
        for side in ["before", "after"] {
            let number = result["scores"][score][side].as_f64().unwrap();
            assert!((0.0..=100.0).contains(&number), "{score} {side}: {number}");
        }
    }
    has_keys(&result["scores"]["match"]["parts"][0], &["name", "weight", "before", "after", "explanation"]);
    has_keys(&result["requirements"][0], &["id", "text", "kind", "category", "terms", "status", "evidence"]);
    has_keys(&result["requirements"][0]["evidence"][0], &["section", "item", "quote"]);
    has_keys(&result["readability"][0], &["code", "severity", "passed", "message", "mend"]);
    let edit = ["id", "op", "section", "before", "after", "reason", "evidence", "decision"];
    has_keys(&result["edits"][0], &edit);
    has_keys(&result["gaps"][0], &["requirement_id", "question"]);
    has_keys(&result["engine"], &["name", "version"]);
    assert_eq!(result["posting"]["title"], "Senior Platform Engineer");
    assert_eq!(result["posting"]["company"], "Havbris Energy");
    assert_eq!(result["resume"]["basics"]["name"], "Mira Holm");
    assert_eq!(result["certificate"]["passed"], true);
}

#[test]
fn without_more_words_there_are_three_documents_here_and_a_summary() {
    let dir = desk();
    let before = names(dir.path());
    let said = optimize(dir.path(), &[]).run().done();
    let new: BTreeSet<String> = names(dir.path()).difference(&before).cloned().collect();
    assert_eq!(new, documents(&["pdf", "docx", "md"]));
    for part in ["match", "readable", "writing", "3 edits", "wrote", "Mira_Holm_Havbris_Energy.pdf"] {
        assert!(said.stdout.contains(part), "{part:?} is missing in: {}", said.stdout);
    }
    assert_eq!(said.stderr, "", "no bar where nobody looks");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = expected();
    for formats in [FORMATS.join(","), "pdf".to_owned()] {
        let dir = desk();
        let again = optimize(dir.path(), &["--format", &formats, "--out", "out", "--json"]).run().json();
        assert_eq!(timeless(again), timeless(once.result.clone()));
        for format in formats.split(',') {
            let bytes = std::fs::read(dir.path().join(format!("out/{STEM}.{format}"))).unwrap();
            assert!(bytes == once.documents[format], "the {format} differs");
        }
    }
}

#[test]
fn every_template_makes_every_document() {
    let dir = desk();
    for template in ["classic", "modern"] {
        optimize(dir.path(), &["--template", template, "--format", &FORMATS.join(","), "--out", template])
            .run()
            .done();
        assert_eq!(names(&dir.path().join(template)), documents(&FORMATS));
    }
}

#[test]
fn what_is_written_is_read_again() {
    let dir = tempdir().unwrap();
    for (format, bytes) in &expected().documents {
        let name = format!("again.{format}");
        std::fs::write(dir.path().join(&name), bytes).unwrap();
        let parsed = Program::new(dir.path()).args(["parse", &name, "--json"]).run().json();
        has_keys(&parsed, &["resume", "readability", "notes"]);
        let resume = &parsed["resume"];
        assert_eq!(resume["basics"]["name"], "Mira Holm", "{format}");
        assert_eq!(resume["basics"]["email"], "mira.holm@example.org", "{format}");
        assert_eq!(resume["work"].as_array().unwrap().len(), 2, "{format}: {resume:#}");
        assert_eq!(resume["work"][0]["name"], "Fjordline Systems", "{format}: {resume:#}");
        assert_eq!(resume["education"][0]["institution"], "University of Tromsdal", "{format}");
    }
}

#[test]
fn a_json_resume_is_a_resume() {
    let dir = desk();
    std::fs::write(dir.path().join("jonas.json"), JSON_RESUME).unwrap();
    let said = Program::new(dir.path()).args(["parse", "jonas.json"]).run().done().stdout;
    for part in ["Jonas Aldrin", "Kornmark Foods", "Østerby University", "Airflow"] {
        assert!(said.contains(part), "{part:?} is missing in: {said}");
    }
}

#[test]
fn an_analysis_is_printed_and_nothing_is_written() {
    let dir = desk();
    let before = names(dir.path());
    let analyze = || Program::new(dir.path()).args(["analyze", "resume.md", "--posting", "posting.txt"]);
    let analysis = analyze().arg("--json").run().json();
    has_keys(&analysis, &["posting", "match", "readable", "writing", "readability", "receipt"]);
    assert_eq!(analysis["match"]["score"], expected().result["scores"]["match"]["before"]);
    let said = analyze().run().done().stdout;
    for part in ["match", "missing", "Knowledge of AWS", "question:"] {
        assert!(said.contains(part), "{part:?} is missing in: {said}");
    }
    assert_eq!(names(dir.path()), before);
}

#[test]
fn a_posting_may_come_on_the_standard_input() {
    let dir = desk();
    let result = Program::new(dir.path())
        .args(["optimize", "resume.md", "--posting", "-", "--json", "--format", "txt"])
        .input(POSTING)
        .run()
        .json();
    assert_eq!(timeless(result), timeless(expected().result.clone()));
}

#[test]
fn what_the_person_says_about_the_posting_wins() {
    let dir = desk();
    let args = ["--company", "Another / Name", "--title", "Harbour Pilot", "--json", "--format", "md"];
    let result = optimize(dir.path(), &args).run().json();
    assert_eq!(result["posting"]["company"], "Another / Name");
    assert_eq!(result["posting"]["title"], "Harbour Pilot");
    assert!(names(dir.path()).contains("Mira_Holm_Another_Name.md"), "{:?}", names(dir.path()));
}

#[test]
fn what_was_given_is_never_overwritten() {
    let dir = desk();
    let (resume, posting) = (format!("{STEM}.md"), format!("{STEM}.txt"));
    std::fs::rename(dir.path().join("resume.md"), dir.path().join(&resume)).unwrap();
    std::fs::rename(dir.path().join("posting.txt"), dir.path().join(&posting)).unwrap();
    let before = names(dir.path());
    let run = |formats: &str| {
        Program::new(dir.path()).args(["optimize", &resume, "--posting", &posting, "--format", formats]).run()
    };
    run("pdf,md").refused(1, &[&resume, "overwritten", "--out"]);
    run("pdf,txt").refused(1, &[&posting, "overwritten", "--out"]);
    assert_eq!(names(dir.path()), before);
    assert_eq!(std::fs::read_to_string(dir.path().join(&resume)).unwrap(), RESUME);
}

/// Every command that reads a resume says the same of it, and leaves nothing behind.
#[track_caller]
fn check_resume(dir: &Path, resume: &str, says: &[&str]) {
    let before = names(dir);
    let posting = ["--posting", "posting.txt"];
    let run = |args: &[&str]| Program::new(dir).args(args).run();
    run(&[&["optimize", resume], posting.as_slice(), &["--out", "out", "--json"]].concat()).refused(1, says);
    run(&[&["analyze", resume], posting.as_slice()].concat()).refused(1, says);
    run(&["parse", resume]).refused(1, says);
    assert_eq!(names(dir), before);
}

#[test]
fn a_resume_that_cannot_be_read_is_one_sentence_with_its_name() {
    let dir = desk();
    check_resume(dir.path(), "nowhere.pdf", &["nowhere.pdf", "cannot be read"]);
    std::fs::create_dir(dir.path().join("folder.pdf")).unwrap();
    check_resume(dir.path(), "folder.pdf", &["folder.pdf", "folder"]);
    for wrong in wrong_documents() {
        std::fs::write(dir.path().join(wrong.name), &wrong.bytes).unwrap();
        check_resume(dir.path(), wrong.name, &[wrong.name, wrong.says]);
    }
    check_resume(dir.path(), "large.txt", &["30000000 bytes"]);
}

#[test]
fn a_posting_that_says_nothing_is_one_sentence_with_its_name() {
    let dir = desk();
    let noise: Vec<u8> = (0..4000_u32).map(|number| (number * 7919 % 251) as u8).collect();
    for (name, bytes) in [
        ("short.txt", b"Engineer wanted now".as_slice()),
        ("blank.txt", b" \n\n "),
        ("noise.bin", &noise),
        ("half.pdf", &expected().documents["pdf"][..2000]),
    ] {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let before = names(dir.path());
    let check = |posting: &str, says: &[&str]| {
        for command in [["optimize", "--out=out"], ["analyze", "--json"]] {
            Program::new(dir.path())
                .args(command)
                .args(["resume.md", "--posting", posting])
                .input("three words only")
                .run()
                .refused(1, says);
        }
    };
    check("short.txt", &["short.txt", "25 words", "has 3"]);
    check("-", &["standard input", "25 words", "has 3"]);
    check("blank.txt", &["blank.txt", "empty"]);
    check("noise.bin", &["noise.bin", "binary"]);
    check("half.pdf", &["half.pdf", "damaged"]);
    check("nowhere.txt", &["nowhere.txt", "cannot be read"]);
    check(".", &["folder"]);
    assert_eq!(names(dir.path()), before);
}

#[test]
fn what_does_not_exist_cannot_be_asked_for() {
    let dir = desk();
    let before = names(dir.path());
    let check = |args: &[&str], known: &str| {
        let ended = optimize(dir.path(), args).run();
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        assert!(ended.stderr.contains(known) && ended.stdout.is_empty(), "{ended:#?}");
    };
    check(&["--template", "baroque"], "classic, modern");
    check(&["--format", "pdf,odt"], "pdf, docx, md, txt, html, json");
    check(&["--colour"], "--colour");
    assert_eq!(Program::new(dir.path()).args(["optimize", "resume.md"]).run().code, Some(2));
    assert_eq!(names(dir.path()), before);
}

#[test]
fn the_api_is_described_route_by_route() {
    let dir = tempdir().unwrap();
    let document = Program::new(dir.path()).arg("openapi").run().json();
    assert_eq!(document["openapi"], "3.1.0");
    let check = |methods: &[&str], path: &str| {
        for method in methods {
            assert!(document["paths"][path][method].is_object(), "{method} {path} is not described");
        }
    };
    for path in ["register", "login", "refresh", "logout"] {
        check(&["post"], &format!("/api/v1/auth/{path}"));
    }
    check(&["get", "patch"], "/api/v1/me");
    check(&["post"], "/api/v1/me/password");
    check(&["get", "post"], "/api/v1/files");
    check(&["get", "delete"], "/api/v1/files/{file_id}");
    check(&["get"], "/api/v1/files/{file_id}/content");
    check(&["get"], "/api/v1/files/{file_id}/resume");
    check(&["get", "post"], "/api/v1/jobs");
    check(&["get", "delete"], "/api/v1/jobs/{job_id}");
    for (method, part) in
        [("get", "events"), ("get", "result"), ("post", "cancel"), ("post", "retry"), ("put", "edits")]
    {
        check(&[method], &format!("/api/v1/jobs/{{job_id}}/{part}"));
    }
    check(&["get"], "/api/v1/jobs/{job_id}/documents/{format}");
    check(&["post"], "/api/v1/optimize");
    check(&["post"], "/api/v1/analyze");
    for path in ["/health", "/ready", "/metrics"] {
        check(&["get"], path);
    }
}
