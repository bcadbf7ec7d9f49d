//! What simple readers get from a file: on the command line and over HTTP.

use serde_json::Value;
use tempfile::tempdir;

use crate::support::documents::POSTING;
use crate::support::program::Program;

/// The facts on the left of the page, a line each.
const SIDE: [&str; 12] = [
    "Contact",
    "mira.holm@example.org",
    "+47 22 55 51 23",
    "Tromsdal",
    "Skills",
    "Kubernetes",
    "Terraform",
    "Rust",
    "Prometheus",
    "Ansible",
    "Go",
    "Bash",
];
/// What stands beside them.
const MAIN: [&str; 12] = [
    "Experience",
    "Platform Engineer, Fjordline Systems",
    "Jan 2019 - Dec 2023",
    "\\225 Moved forty services of three teams to clusters that",
    "mend themselves, without a night of downtime",
    "\\225 Cut the cost of the fleet by a third with schedules that",
    "follow the tides of its traffic",
    "\\225 Taught eleven colleagues to run it",
    "Administrator, Nordlys Data",
    "Feb 2015 - Dec 2018",
    "\\225 Kept two hundred servers in three towns awake",
    "\\225 Wrote the handbook of the night shift",
];

/// A PDF of one page with two columns, painted one after the other.
fn two_columns() -> Vec<u8> {
    let line = |(x, y): (u32, u32), text: &str| format!("BT /F 12 Tf {x} {y} Td ({text}) Tj ET\n");
    let mut content = line((72, 750), "Mira Holm");
    for (x, column) in [(72, SIDE), (250, MAIN)] {
        for (row, text) in (0..).zip(column) {
            content += &line(
                (x + if text.starts_with(char::is_lowercase) && x > 72 { 10 } else { 0 }, 700 - 19 * row),
                text,
            );
        }
    }
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let (mut file, mut table) = ("%PDF-1.7\n".to_owned(), "xref\n0 6\n0000000000 65535 f \n".to_owned());
    for (number, object) in (1..).zip(&objects) {
        table += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let start = file.len();
    (file + &table + &format!("trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n")).into_bytes()
}

fn reader<'a>(parsed: &'a Value, name: &str) -> &'a Value {
    parsed["readers"].as_array().unwrap().iter().find(|view| view["reader"] == name).unwrap()
}

fn finding<'a>(parsed: &'a Value, code: &str) -> &'a Value {
    parsed["readability"].as_array().unwrap().iter().find(|finding| finding["code"] == code).unwrap()
}

#[track_caller]
fn shows(parsed: &Value) {
    let (layout, merging) = (reader(parsed, "layout"), reader(parsed, "line_merging"));
    assert_eq!(layout["lost"], Value::Array(Vec::new()));
    assert_eq!((&layout["kept"], &layout["asked"]), (&layout["asked"], &merging["asked"]));
    let lost = &merging["lost"][0];
    assert_eq!(lost["field"], "work[0].highlights[0]", "{merging:#}");
    assert!(lost["value"].as_str().unwrap().starts_with("Moved forty services"), "{merging:#}");
    assert!(lost["reason"].as_str().unwrap().ends_with('.'), "{merging:#}");
    assert!(merging["text"].as_str().unwrap().contains("Skills mend themselves"), "{merging:#}");
    assert_eq!(finding(parsed, "readers_disagree")["passed"], false);
    let columns = &finding(parsed, "two_columns")["places"];
    assert_eq!(
        (&columns[0]["page"], columns[0]["left"].as_f64()),
        (&Value::from(1), Some(72.0)),
        "{columns:#}"
    );
    assert_eq!(finding(parsed, "missing_email").get("places"), None, "what passed has no place");
}

#[test]
fn parse_says_what_each_reader_gets_and_loses() {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join("Mira_Holm.pdf"), two_columns()).unwrap();
    let parse = || Program::new(dir.path()).args(["parse", "Mira_Holm.pdf"]);
    shows(&parse().arg("--json").run().json());
    let said = parse().run().done().stdout;
    let row = said.lines().find(|line| line.contains("line_merging")).unwrap();
    assert!(row.starts_with("reader") && row.contains("fields, loses work[0].highlights[0]"), "{said}");
}

#[test]
fn places_and_readers_are_described() {
    let dir = tempdir().unwrap();
    let document = Program::new(dir.path()).arg("openapi").run().json();
    let schemas = &document["components"]["schemas"];
    assert!(schemas["Finding"]["properties"]["places"].is_object(), "{:#}", schemas["Finding"]);
    for name in ["Place", "Area", "ReaderView", "ReaderKind", "LostField"] {
        assert!(schemas[name].is_object(), "{name} is not described");
    }
    assert!(schemas["FileResume"]["properties"]["readers"].is_object());
}

on_both! {
    async fn a_file_shows_what_readers_get_of_it(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload("/files", "Mira_Holm.pdf", &two_columns(), &[]).await.expect(201).json();
        let id = file["id"].as_str().unwrap();
        let parsed = api.get(&format!("/files/{id}/resume")).await.expect(200).json();
        shows(&parsed);
        let again = api.get(&format!("/files/{id}/resume")).await.expect(200).json();
        assert_eq!(again, parsed, "what is kept of it is the same");
        let body = serde_json::json!({ "file_id": id, "posting_text": POSTING });
        let analysis = api.post("/analyze", &body).await.expect(200).json();
        assert_eq!(finding(&analysis, "two_columns"), finding(&parsed, "two_columns"));
    }
}
