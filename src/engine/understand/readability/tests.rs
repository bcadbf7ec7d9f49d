//! Each check, met and failed, with the place that it names.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic; that is how it reports")]

use chrono::NaiveDate;

use crate::domain::report::{CheckReport, Finding, Severity};
use crate::domain::source::{Area, Layout, Line, Place, SourceText, Trouble};
use crate::engine::read::fixtures::{at, paragraph, read_docx, read_pdf};
use crate::engine::read::{Limits, read};
use crate::engine::understand::readability::{Beside, check};
use crate::engine::understand::{readers, resume};

/// A resume in which nothing is wrong.
const GOOD: &str = "\
Ada Lovelace
ada@example.org | +44 20 7946 0958 | London, UK

SUMMARY

Analyst of calculating machines who writes programs, explains them to readers of every kind, and proves that they do
what they are meant to do before anybody has built the machine that could run them.

EXPERIENCE

Analyst, Engine Works, London      Jan 2015 - Dec 2019
- Wrote the first program for the engine and proved by hand that it yields the numbers of Bernoulli
- Explained to the learned world what a machine can do beyond mere numbers, in notes longer than the paper
- Found four faults in the drawings of the mill, and saw to it that they were mended before brass was cut

Translator, Scientific Memoirs, London      Feb 2012 - Dec 2014
- Translated papers on machines from the French into English for the readers of the journal
- Corrected the tables of three older papers, with the consent of those who had written them

EDUCATION

BSc Mathematics, University of London      2008 - 2011

SKILLS

Mathematics, Mechanics, Programming, French, Italian
";

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 15).unwrap()
}

fn text(text: &str) -> SourceText {
    read(text.as_bytes(), "a.txt", &Limits::default()).unwrap()
}

fn report(source: &SourceText, filename: Option<&str>) -> CheckReport {
    let resume = resume::understand(source);
    let readers = readers::compare(source, &resume);
    check(source, &resume, &Beside { as_of: as_of(), filename, readers: &readers })
}

fn found(source: &SourceText, code: &str) -> Finding {
    let report = report(source, Some("Ada_Lovelace_Resume.txt"));
    report.findings.into_iter().find(|finding| finding.code == code).unwrap()
}

/// Holds a document with a fault against one without.
#[track_caller]
fn fails(bad: &SourceText, code: &str, says: &str, places: &[Place]) {
    let met = found(&text(GOOD), code);
    assert!(met.passed && met.mend.is_empty() && met.places.is_empty(), "{met:#?}");
    let failed = found(bad, code);
    assert!(!failed.passed && !failed.mend.is_empty(), "{failed:#?}");
    assert!(failed.message.contains(says), "{failed:#?}");
    assert_eq!(failed.places, places, "{failed:#?}");
}

fn with(change: impl FnOnce(&mut Layout)) -> SourceText {
    let mut source = text(GOOD);
    change(&mut source.layout);
    source
}

fn without(part: &str, instead: &str) -> SourceText {
    assert!(GOOD.contains(part));
    text(&GOOD.replace(part, instead))
}

fn paragraph_of(number: u32) -> Place {
    Place::Paragraph { paragraph: number }
}

/// The place of the line that begins like this.
fn line_of(source: &SourceText, start: &str) -> Place {
    source.lines.iter().find(|line| line.text().starts_with(start)).and_then(Line::place).unwrap()
}

#[test]
fn a_resume_in_which_nothing_is_wrong_has_the_full_score() {
    let report = report(&text(GOOD), Some("Ada_Lovelace_Resume.txt"));
    let failed: Vec<&Finding> = report.findings.iter().filter(|finding| !finding.passed).collect();
    assert_eq!(failed, Vec::<&Finding>::new());
    assert!(report.score > 99.9);
    let mut codes: Vec<&str> = report.findings.iter().map(|finding| finding.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), report.findings.len(), "each check once");
}

#[test]
fn the_layout_is_judged_by_what_was_noted_while_reading() {
    let place = Place::page(Area { page: 1, left: 72.4, top: 80.0, right: 200.2, bottom: 300.0 });
    let noted = |trouble: Trouble, count: fn(&mut Layout)| {
        with(|layout| {
            count(layout);
            layout.mark(trouble, place);
        })
    };
    fails(&noted(Trouble::Column, |layout| layout.columns = 2), "two_columns", "2 columns", &[place]);
    fails(&noted(Trouble::Table, |layout| layout.tables = 1), "tables", "1 table holds", &[place]);
    fails(&noted(Trouble::Picture, |layout| layout.images = 3), "images", "3 pictures", &[place]);
    fails(
        &noted(Trouble::PicturePage, |layout| layout.picture_pages = 1),
        "text_in_pictures",
        "1 page",
        &[place],
    );
    fails(
        &noted(Trouble::FloatingText, |layout| layout.floating_characters = 9),
        "floating_text",
        "9",
        &[place],
    );
    fails(
        &noted(Trouble::UnmappedGlyphs, |layout| layout.unmapped_glyphs = 9),
        "unmapped_glyphs",
        "9",
        &[place],
    );
    fails(&noted(Trouble::HiddenText, |layout| layout.hidden_characters = 9), "hidden_text", "9", &[place]);
}

#[test]
fn contacts_and_sections_are_missed() {
    fails(&without("ada@example.org | ", ""), "missing_email", "No e-mail", &[]);
    fails(&without("+44 20 7946 0958 | ", ""), "missing_phone", "No telephone", &[]);
    fails(&without(" | London, UK", ""), "missing_location", "No place", &[]);
    fails(
        &without("SKILLS\n\nMathematics, Mechanics, Programming, French, Italian\n", ""),
        "missing_skills",
        "No section",
        &[],
    );
    fails(
        &without("EDUCATION\n\nBSc Mathematics, University of London      2008 - 2011\n", ""),
        "missing_education",
        "No section",
        &[],
    );
    fails(
        &text("Ada Lovelace\nada@example.org\nmany words on engines\n"),
        "missing_experience",
        "No section",
        &[],
    );
    fails(
        &text("Ada Lovelace\nada@example.org\nmany words on engines\n"),
        "missing_headings",
        "No heading",
        &[],
    );
    fails(&text("Ada Lovelace\nada@example.org\nmany words on engines\n"), "no_bullets", "No bullets", &[]);
    fails(&text("Ada Lovelace\nada@example.org\nmany words on engines\n"), "length", "words", &[]);
}

#[test]
fn odd_headings_are_named_with_their_place() {
    let source = without("SUMMARY", "HORSES AND OTHER BEASTS");
    fails(&source, "odd_headings", "HORSES", &[line_of(&source, "HORSES")]);
}

#[test]
fn positions_without_a_word_on_what_was_done_are_named() {
    let bare = "Analyst, Engine Works, London      Jan 2015 - Dec 2019\n\nTranslator, Scientific Memoirs, London      Feb 2012 - Dec 2014\n";
    let source = text(&format!("Ada Lovelace\nada@example.org\n\nEXPERIENCE\n\n{bare}"));
    let places = [line_of(&source, "Analyst,"), line_of(&source, "Translator")];
    fails(&source, "missing_highlights", "2 of 2", &places);
}

#[test]
fn dates_that_are_missing_run_backward_or_lie_ahead_are_named() {
    let source = without("Jan 2015 - Dec 2019", "Dec 2019 - Jan 2015");
    fails(&source, "reversed_dates", "1 entry", &[line_of(&source, "Analyst,")]);
    let source = without("Jan 2015 - Dec 2019", "Jul 2026 - present");
    fails(&source, "future_dates", "1 entry", &[line_of(&source, "Analyst,")]);
    assert!(found(&without("Jan 2015 - Dec 2019", "Jun 2026 - present"), "future_dates").passed);
    assert!(found(&without("Jan 2015 - Dec 2019", "2026 - present"), "future_dates").passed);
    let source = without("London      Jan 2015 - Dec 2019", "London");
    fails(&source, "unparseable_dates", "1 position", &[line_of(&source, "Analyst,")]);
}

#[test]
fn small_type_is_named_where_it_stands() {
    let large = at(72, 700, "Ada Lovelace");
    let small = "BT /F1 7 Tf 72 600 Td (so many words in type that nobody can read without a glass) Tj ET\n";
    let source = read_pdf(&[&format!("{large}{small}")]);
    let Some(Place::Page(area)) = found(&source, "small_type").places.first().copied() else {
        panic!("no place on a page")
    };
    assert_eq!((area.page, area.left, area.top, area.bottom), (1, 72.0, 186.0, 194.0));
}

#[test]
fn contacts_in_the_header_of_a_docx_are_lost_to_some_and_the_place_is_named() {
    let relations =
        "<Relationships><Relationship Id='h' Type='t/header' Target='header1.xml'/></Relationships>";
    let header = format!(
        "<w:hdr xmlns:w='w'>{}{}</w:hdr>",
        paragraph("London, UK"),
        paragraph("ada@example.org | +44 20 7946 0958")
    );
    let body =
        ["Ada Lovelace", "Experience", "Analyst, Engine Works, Jan 2015 - Dec 2019"].map(paragraph).concat();
    let parts = [("word/_rels/document.xml.rels", relations), ("word/header1.xml", header.as_str())];
    let source = read_docx(&body, &parts);
    fails(&source, "header_footer_contact", "only in the page header", &[paragraph_of(2)]);
    let disagree = found(&source, "readers_disagree");
    assert!(!disagree.passed && disagree.message.contains("follow the order of the file"), "{disagree:#?}");
    assert_eq!(disagree.severity, Severity::Warning);
    assert!(disagree.places.contains(&paragraph_of(2)), "{disagree:#?}");

    let repeated = read_docx(&(body + &paragraph("ada@example.org | +44 20 7946 0958")), &parts);
    assert!(found(&repeated, "header_footer_contact").passed);
}

#[test]
fn what_readers_disagree_on_and_the_name_of_the_file_cost_nothing() {
    let source = text(GOOD);
    let plain = report(&source, None);
    assert!(plain.findings.iter().all(|finding| finding.code != "file_name"));
    let named = report(&source, Some("resume (1).pdf"));
    assert_eq!(named.findings.last().map(|finding| finding.passed), Some(false));
    assert!((named.score - plain.score).abs() < f32::EPSILON);
}

#[test]
fn a_file_is_named_after_its_owner_in_plain_characters() {
    #[track_caller]
    fn named(name: &str, says: Option<&str>) {
        let report = report(&text(GOOD), Some(name));
        let finding = report.findings.into_iter().find(|finding| finding.code == "file_name").unwrap();
        assert_eq!(finding.passed, says.is_none(), "{finding:#?}");
        assert!(finding.message.contains(says.unwrap_or("whose it is")), "{finding:#?}");
        assert_eq!(finding.severity, Severity::Info);
    }
    named("Ada_Lovelace_Resume.pdf", None);
    named("Ada Lovelace - CV (2026).pdf", None);
    named("lovelace", None);
    named("resume.pdf", Some("does not say"));
    named("CV_final_v2 (1).docx", Some("does not say"));
    named("2026-01-01.pdf", Some("does not say"));
    named("Ada Lovelace #1.pdf", Some("over: #"));
    named("Zoë.pdf", Some("over: ë"));
    named("", Some("does not say"));
}

#[test]
fn a_penalty_is_what_a_failure_costs() {
    let score = |source: &SourceText| report(source, None).score;
    assert!((score(&with(|layout| layout.images = 1)) - 97.0).abs() < 0.01);
    assert!((score(&with(|layout| layout.tables = 1)) - 92.0).abs() < 0.01);
    assert!((score(&with(|layout| layout.hidden_characters = 50)) - 80.0).abs() < 0.01);
}
