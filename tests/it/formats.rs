//! The same resume as OpenDocument, Rich Text and LaTeX: through the command line and over HTTP.

use std::io::{Cursor, Write};

use serde_json::Value;
use tempfile::tempdir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::support::program::Program;

const RTF: &[u8] = include_bytes!("../fixtures/resume.rtf");
const LATEX: &[u8] = include_bytes!("../fixtures/resume.tex");
const ODT_CONTENT: &[u8] = include_bytes!("../fixtures/resume.odt.xml");

fn odt() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("mimetype", stored).unwrap();
    zip.write_all(b"application/vnd.oasis.opendocument.text").unwrap();
    zip.start_file("content.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(ODT_CONTENT).unwrap();
    zip.finish().unwrap().into_inner()
}

/// The documents by their names, with what they are stored and sent as.
fn documents() -> [(&'static str, Vec<u8>, &'static str); 3] {
    [
        ("resume.odt", odt(), "application/vnd.oasis.opendocument.text"),
        ("resume.rtf", RTF.to_vec(), "application/rtf"),
        ("resume.tex", LATEX.to_vec(), "application/x-tex"),
    ]
}

#[track_caller]
fn is_miras(resume: &Value, name: &str) {
    assert_eq!(resume["basics"]["name"], "Mira Holm", "{name}: {resume:#}");
    assert_eq!(resume["basics"]["email"], "mira.holm@example.org", "{name}: {resume:#}");
    assert_eq!(resume["basics"]["phone"], "+47 555 01 23", "{name}: {resume:#}");
    let jobs = resume["work"].as_array().unwrap();
    let found: Vec<_> = jobs.iter().map(|job| (job["name"].as_str(), job["position"].as_str())).collect();
    let expected = [
        (Some("Fjordline Systems"), Some("Platform Engineer")),
        (Some("Nordlys Data"), Some("Backend Developer")),
    ];
    assert_eq!(found, expected, "{name}: {resume:#}");
    assert_eq!(
        jobs[0]["highlights"][1], "Cut the time of the build pipeline from 50 to 12 minutes",
        "{name}"
    );
    assert_eq!(jobs[1]["highlights"][0], "Built a billing service in Python for cafés", "{name}");
    assert_eq!(jobs[1]["startDate"], "2016-08", "{name}");
    assert_eq!(resume["education"][0]["institution"], "University of Tromsdal", "{name}: {resume:#}");
    assert!(resume["skills"].to_string().contains("Python"), "{name}: {resume:#}");
}

#[test]
fn the_command_line_reads_every_format_alike() {
    let dir = tempdir().unwrap();
    for (name, bytes, _) in documents() {
        std::fs::write(dir.path().join(name), bytes).unwrap();
        let parsed = Program::new(dir.path()).args(["parse", name, "--json"]).run().json();
        is_miras(&parsed["resume"], name);
    }
}

on_both! {
    async fn an_upload_in_any_format_is_kept_as_what_it_is(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        for (name, bytes, kind) in documents() {
            let file = api.upload("/files", name, &bytes, &[]).await.expect(201).json();
            assert_eq!(file["content_type"], kind);
            let id = file["id"].as_str().unwrap();
            let read = api.get(&format!("/files/{id}/resume")).await.expect(200).json();
            is_miras(&read["resume"], name);
            let content = api.get(&format!("/files/{id}/content")).await.expect(200);
            assert!(content.bytes == bytes, "{name} came back changed");
            assert_eq!(content.header("content-type"), kind);
            assert_eq!(content.header("content-disposition"), format!("attachment; filename=\"{name}\""));
        }
    }
}
