//! Numbers at the start of lines, in whatever format: marks of lists, or words of what the line says.

#![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

use crate::domain::source::{LineKind, SourceText};
use crate::engine::read::fixtures::{at, paragraph, read_docx, read_pdf, texts};
use crate::engine::read::{Limits, read};
use crate::engine::understand::resume::understand;

/// The lines as a document of each format, one below the other.
fn in_every_format(lines: &[&str]) -> Vec<SourceText> {
    let plain = |name: &str, text: &str| read(text.as_bytes(), name, &Limits::default()).unwrap();
    let html: String = lines.iter().map(|line| format!("<p>{line}</p>")).collect();
    let docx: String = lines.iter().map(|line| paragraph(line)).collect();
    let rtf: String = lines.iter().map(|line| format!("{line}\\par ")).collect();
    let latin = |line: &str| line.replace('ö', "\\366").replace('ä', "\\344").replace('–', "\\226");
    let pdf: String = (0..).zip(lines).map(|(row, line)| at(72, 700 - 14 * row, &latin(line))).collect();
    let escaped = |text: &str| text.replace('ö', "\\'f6").replace('ä', "\\'e4").replace('–', "\\endash ");
    vec![
        plain("a.txt", &lines.join("\n")),
        plain("a.html", &format!("<html><body>{html}</body></html>")),
        plain("a.rtf", &format!("{{\\rtf1\\ansi {}}}", escaped(&rtf))),
        plain(
            "a.tex",
            &format!("\\documentclass{{article}}\\begin{{document}}{}\\end{{document}}", lines.join("\n\n")),
        ),
        read_docx(&docx, &[]),
        read_pdf(&[&pdf]),
    ]
}

#[track_caller]
fn check(lines: &[&str], expected: &[(&str, &str)]) {
    for source in in_every_format(lines) {
        let shown: Vec<(String, String)> =
            source.lines.iter().map(|line| (line.number.clone().unwrap_or_default(), line.text())).collect();
        let shown: Vec<(&str, &str)> =
            shown.iter().map(|(number, text)| (number.as_str(), text.as_str())).collect();
        assert_eq!(shown, expected, "{:?}", source.format);
        for line in &source.lines {
            let is_item = matches!(line.kind, LineKind::ListItem(_));
            assert_eq!(is_item, line.number.is_some(), "{:?} {}", source.format, line.text());
        }
    }
}

#[test]
fn numbers_that_count_on_are_the_marks_of_a_list() {
    check(
        &["Publications", "1. On engines", "2. On numbers", "3. On music"],
        &[("", "Publications"), ("1.", "On engines"), ("2.", "On numbers"), ("3.", "On music")],
    );
}

#[test]
fn ordinals_and_dates_stay_in_their_lines() {
    for line in ["1. FC Köln, Trainer, 2019 – 2021", "2. Staatsexamen, Jura", "3. März 2020", "1. Something"]
    {
        check(&["Work", line, "Berlin"], &[("", "Work"), ("", line), ("", "Berlin")]);
    }
    check(
        &["2. Staatsexamen, Jura, 2019", "1. Staatsexamen, Jura, 2017"],
        &[("", "2. Staatsexamen, Jura, 2019"), ("", "1. Staatsexamen, Jura, 2017")],
    );
}

#[test]
fn a_list_goes_on_from_one_page_to_the_next() {
    let source = read_pdf(&[
        &(at(72, 120, "1. On engines") + &at(72, 106, "2. On numbers")),
        &(at(72, 600, "3. On music") + &at(72, 586, "Berlin")),
    ]);
    assert_eq!(texts(&source), ["On engines", "On numbers", "On music", "Berlin"]);
}

#[test]
fn a_job_at_a_club_with_a_number_is_a_job() {
    let text = "Ada Example\nada@example.org\n\nEXPERIENCE\n\nVireo Labs GmbH, Trainer, 2021 – 2023\n• Led the first team\n\
                1. FC Köln, Trainer, 2019 – 2021\n• Led the second team\n\nEDUCATION\n\n2. Staatsexamen, Jura, 2017\nRidge University\n";
    let resume = understand(&read(text.as_bytes(), "a.txt", &Limits::default()).unwrap());
    let jobs: Vec<_> = resume
        .work
        .iter()
        .map(|job| (job.name.as_deref().unwrap_or_default(), job.highlights.len()))
        .collect();
    assert_eq!(jobs, [("Vireo Labs GmbH", 1), ("1. FC Köln", 1)]);
    let degree = resume.education.first().unwrap().study_type.as_deref();
    assert_eq!(degree, Some("2. Staatsexamen"));
}
