//! Word documents that are damaged: refused where text would be missing, noted where it may be, read where none is.

use crate::engine::read::fixtures::{document, docx, flipped, paragraph, refused, texts};
use crate::engine::read::{Limits, read};

const MAIN: &str = "word/document.xml";
const HEADER: &str = "word/header1.xml";
const RELATIONS: &str =
    "<Relationships><Relationship Id='h' Type='t/header' Target='header1.xml'/></Relationships>";

fn career() -> String {
    document(
        &(0..60).map(|year| paragraph(&format!("Year {year} at sea, port {}", year * 7))).collect::<String>(),
    )
}

#[track_caller]
fn is_refused(archive: &[u8]) {
    let error = refused(archive, "a.docx");
    assert_eq!(error.code(), "unreadable_file");
    assert!(error.to_string().contains("main text cannot be read to its end"), "{error}");
}

#[test]
fn a_main_text_that_breaks_off_is_refused() {
    let career = career();
    is_refused(&flipped(docx(&[(MAIN, &career)]), MAIN));
    let half = career.split_at(career.len() / 2);
    for broken in [
        half.0.to_owned(),
        career.replace("</w:body>", "<w:p"),
        format!("{}</w:p></w:body></w:document>{}", half.0, half.1),
    ] {
        is_refused(&docx(&[(MAIN, &broken)]));
    }
}

#[test]
fn another_part_that_is_broken_is_a_note() {
    let header =
        format!("<w:hdr xmlns:w='w'>{}{}</w:hdr>", paragraph("ada@example.org"), paragraph("London"));
    let broken = header.replace("London</w:t>", "");
    let (career, relations) = (career(), ("word/_rels/document.xml.rels", RELATIONS));
    let whole = docx(&[(MAIN, &career), relations, (HEADER, &header)]);
    let cut = docx(&[(MAIN, &career), relations, (HEADER, &broken)]);
    let empty = docx(&[(MAIN, &career), relations, (HEADER, "")]);
    for (archive, notes) in [(whole.clone(), 0), (flipped(whole, HEADER), 1), (cut, 1), (empty, 1)] {
        let source = read(&archive, "a.docx", &Limits::default()).unwrap();
        assert!(texts(&source).contains(&"Year 59 at sea, port 413".to_owned()));
        assert_eq!(
            source.notes.iter().filter(|note| note.contains(HEADER)).count(),
            notes,
            "{:?}",
            source.notes
        );
    }
}

#[test]
fn what_does_no_harm_is_read() {
    let odd = document(&(paragraph("R & D; more & more") + &paragraph("a&nbsp;b") + &paragraph("Ada")));
    let source =
        read(&docx(&[(MAIN, &format!("{odd}<!-- end --> \n<"))]), "a.docx", &Limits::default()).unwrap();
    assert_eq!(texts(&source), ["R & D; more & more", "a b", "Ada"]);
    assert!(source.notes.is_empty());
}
