//! What is read beside the lines: the file's own order, the places of what readers trip over, and what is no text.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic; that is how it reports")]

pub(crate) mod ada;
mod damage;
mod lists;
mod pdf_bounds;
mod pdf_fields;
mod right_to_left;

use crate::domain::source::{Area, Line, Part, Place, RawRun, SourceText, Trouble};
use crate::engine::read::fixtures::{
    at, document, docx, paragraph, pdf, pdf_of, read_docx, read_pdf, refused, stream, texts,
};
use crate::engine::read::{Limits, ReadError, read};
use crate::engine::understand::resume::understand;

/// A picture as large as the page.
const FULL_PICTURE: &str = "q 612 0 0 792 0 0 cm /Im Do Q\n";

fn rows(source: &SourceText) -> Vec<(&str, u32)> {
    source.raw.iter().map(|run: &RawRun| (run.text.as_str(), run.row)).collect()
}

fn places(source: &SourceText, trouble: Trouble) -> Vec<Place> {
    source.layout.places(trouble)
}

fn paragraphs(source: &SourceText, trouble: Trouble) -> Vec<u32> {
    let number = |place: Place| match place {
        Place::Paragraph { paragraph } => paragraph,
        Place::Page(area) => panic!("{area:?} in a format without pages"),
    };
    places(source, trouble).into_iter().map(number).collect()
}

#[test]
fn a_pdf_keeps_the_order_of_painting_and_the_lines_of_the_page() {
    let page = [
        at(300, 700, "right one"),
        at(300, 680, "right two"),
        at(72, 701, "left one"),
        at(72, 620, "left two"),
    ];
    let source = read_pdf(&[&page.concat(), &at(72, 700, "next page")]);
    assert_eq!(
        rows(&source),
        [("right one", 0), ("right two", 1), ("left one", 0), ("left two", 2), ("next page", 3)]
    );
    assert!(source.raw.iter().all(|run| !run.aside));
}

#[test]
fn fonts_that_stand_in_one_object_are_told_apart() {
    let font = |name: &str| format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} >>");
    let fonts = format!("/F1 {} /F2 {}", font("Helvetica"), font("Helvetica-Bold"));
    let page = format!("{}BT /F2 12 Tf 72 600 Td (Analyst) Tj ET", at(72, 700, "Ada Lovelace"));
    let bytes = pdf_of(&[
        (1, b"<< /Type /Catalog /Pages 2 0 R >>".to_vec()),
        (2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec()),
        (3, format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << {fonts} >> >> >>").into_bytes()),
        (4, stream("", page.as_bytes())),
    ]);
    let source = read(&bytes, "a.pdf", &Limits::default()).unwrap();
    let bold: Vec<bool> = source.lines.iter().map(Line::is_bold).collect();
    assert_eq!(bold, [false, true]);
}

#[test]
fn a_text_that_is_too_long_to_be_compared_keeps_no_order() {
    let page: String = (0..60).map(|row| at(20, 780 - 12 * row, &"words ".repeat(14))).collect();
    let source = read_pdf(&vec![page.as_str(); 25]);
    assert!(source.raw.is_empty());
    assert_eq!(source.lines.len(), 1500);
}

#[test]
fn a_docx_keeps_the_order_of_the_file_and_what_stands_aside() {
    let relations =
        "<Relationships><Relationship Id='h' Type='t/header' Target='header1.xml'/></Relationships>";
    let header = format!("<w:hdr xmlns:w='w'>{}</w:hdr>", paragraph("ada@example.org"));
    let cell = |texts: &[&str]| {
        let inner: String = texts.iter().map(|text| paragraph(text)).collect();
        format!("<w:tc>{inner}</w:tc>")
    };
    let table = format!(
        "<w:tbl><w:tr>{}{}</w:tr></w:tbl>",
        cell(&["side 1", "side 2"]),
        cell(&["main 1", "main 2", "main 3", "main 4", "main 5"])
    );
    let text_box = "<w:p><w:r><w:drawing><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></w:drawing></w:r></w:p>";
    let source = read_docx(
        &format!("{}{table}{text_box}", paragraph("Ada")),
        &[("word/_rels/document.xml.rels", relations), ("word/header1.xml", &header)],
    );
    let runs: Vec<(&str, u32, bool)> =
        source.raw.iter().map(|run| (run.text.as_str(), run.row, run.aside)).collect();
    assert_eq!(
        runs,
        [
            ("ada@example.org", 0, true),
            ("Ada", 1, false),
            ("side 1", 2, false),
            ("side 2", 3, false),
            ("main 1", 2, false),
            ("main 2", 3, false),
            ("main 3", 4, false),
            ("main 4", 5, false),
            ("main 5", 6, false),
            ("boxed", 7, true),
        ]
    );
    assert_eq!(paragraphs(&source, Trouble::Table), [3]);
    assert_eq!(paragraphs(&source, Trouble::FloatingText), [10]);
    let numbers: Vec<u32> = source.lines.iter().map(|line| line.paragraph).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<u32>>());
}

#[test]
fn white_words_of_a_docx_are_hidden_unless_they_may_stand_on_a_colour() {
    #[track_caller]
    fn check(run: &str, around: impl Fn(&str) -> String, hidden: u32) {
        let source = read_docx(&(paragraph("Ada") + &around(run)), &[]);
        assert_eq!(source.layout.hidden_characters, hidden, "{:?}", texts(&source));
        assert_eq!(texts(&source).len(), if hidden > 0 { 1 } else { 2 });
        let places = paragraphs(&source, Trouble::HiddenText);
        assert_eq!(places.is_empty(), hidden == 0);
    }
    let white = "<w:r><w:rPr><w:color w:val='ffffff'/></w:rPr><w:t>kubernetes</w:t></w:r>";
    let black = white.replace("ffffff", "000000");
    let marked = white.replace("<w:color", "<w:highlight w:val='black'/><w:color");
    let plain = |run: &str| format!("<w:p>{run}</w:p>");
    check(white, plain, 10);
    check(&black, plain, 0);
    check(&marked, plain, 0);
    check(white, |run| format!("<w:p><w:pPr><w:shd w:fill='102030'/></w:pPr>{run}</w:p>"), 0);
    check(white, |run| format!("<w:tbl><w:tr><w:tc><w:p>{run}</w:p></w:tc></w:tr></w:tbl>"), 0);
    check(white, |run| format!("<w:p><w:r><w:drawing><w:anchor/></w:drawing></w:r>{run}</w:p>"), 0);
}

/// Rows of running text from the top of a page on, fifty letters each.
fn prose(rows: u32) -> String {
    let words = "Ada wrote the first program for the engine of Mister Babbage";
    (0..rows).map(|row| at(72, 740 - 20 * row, words)).collect()
}

#[test]
fn words_that_nobody_can_see_are_left_out_however_many_they_are() {
    #[track_caller]
    fn check(before: &str, stuffed: &str, words_seen: u32) {
        let stuffing: String =
            (0..30).map(|row| at(72, 650 - 20 * row, "kubernetes terraform golang rust")).collect();
        let source = read_pdf(&[&format!("{before}{}q {stuffed}{stuffing}Q\n", prose(words_seen))]);
        assert!(
            texts(&source).iter().all(|text| !text.contains("kubernetes")),
            "{stuffed}: {:?}",
            texts(&source)
        );
        assert_eq!(source.lines.len(), words_seen as usize, "{stuffed}");
        // Spaces are no words.
        assert_eq!(source.layout.hidden_characters, 30 * 29, "{stuffed}");
        assert!(!places(&source, Trouble::HiddenText).is_empty());
        assert!(source.notes.iter().any(|note| note.contains("nobody can see")), "{:?}", source.notes);
    }
    check("", "1 g ", 3);
    check("", "3 Tr ", 3);
    check("", "7 Tr ", 3);
    // A picture behind words that can be read is decoration, and no scan.
    check(FULL_PICTURE, "3 Tr ", 12);
}

#[test]
fn jobs_that_close_two_pages_are_jobs() {
    let job = |y: u32, years: &str| at(72, y, "Software Engineer") + &at(480, y, years);
    let items: String = (0..38)
        .map(|row| at(72, 620 - 14 * row, "\\225 Wrote a program for the engine of Mister Babbage"))
        .collect();
    let head = at(72, 750, "Ada Example")
        + &at(72, 734, "ada@example.org")
        + "BT /F2 12 Tf 72 700 Td (EXPERIENCE) Tj ET\n";
    let first =
        head + &job(670, "2023 - 2024") + &at(72, 656, "Vireo Labs GmbH") + &items + &job(60, "2021 - 2023");
    let second = at(72, 740, "Coral Systems GmbH") + &items + &job(60, "2019 - 2021");
    let third = at(72, 740, "Fjordline Systems GmbH") + &items;
    let source = read_pdf(&[&first, &second, &third]);
    assert!(source.lines.iter().all(|line| line.part == Part::Body), "{:?}", texts(&source));
    let jobs: Vec<_> = understand(&source)
        .work
        .iter()
        .map(|job| (job.name.clone().unwrap_or_default(), job.start_date.map(|date| date.year)))
        .collect();
    let job = |name: &str, year: u16| (name.to_owned(), Some(year));
    assert_eq!(
        jobs,
        [job("Vireo Labs GmbH", 2023), job("Coral Systems GmbH", 2021), job("Fjordline Systems GmbH", 2019)]
    );
}

#[test]
fn what_recognition_found_in_the_picture_of_a_page_is_its_text() {
    let layer = format!("{FULL_PICTURE}3 Tr {}", prose(20));
    let source = read_pdf(&[&layer]);
    assert_eq!((source.lines.len(), source.layout.hidden_characters), (20, 0));
    // A number that somebody stamped on the scan changes nothing.
    let source = read_pdf(&[&format!("{layer}0 Tr {}", at(300, 30, "Page 1"))]);
    assert_eq!((source.lines.len(), source.layout.hidden_characters), (21, 0));
    // White words are hidden on a scan as well.
    let source = read_pdf(&[&format!("q 1 g {} Q\n{layer}", at(72, 60, "kubernetes"))]);
    assert_eq!((source.lines.len(), source.layout.hidden_characters), (20, 10));
}

#[test]
fn what_readers_trip_over_has_its_place_on_the_page() {
    let hidden = format!("1 g {} 0 g\n", at(72, 300, "kubernetes"));
    let picture = "q 100 0 0 50 400 600 cm /Im Do Q\n";
    let source = read_pdf(&[&format!("{}{hidden}{picture}", at(72, 700, "Ada Lovelace was here before"))]);
    let place = places(&source, Trouble::HiddenText).into_iter().next().unwrap();
    let Place::Page(area) = place else { panic!("{place:?} is on no page") };
    assert_eq!((area.page, area.left, area.top, area.bottom), (1, 72.0, 482.0, 495.0));
    assert!((110.0..150.0).contains(&area.right), "{area:?}");
    let picture = Area { page: 1, left: 400.0, top: 142.0, right: 500.0, bottom: 192.0 };
    assert_eq!(places(&source, Trouble::Picture), [Place::Page(picture)]);
    assert_eq!((source.layout.picture_pages, source.notes.len()), (0, 1));
}

#[test]
fn no_more_than_a_few_places_are_kept() {
    let pictures: String =
        (0..40).map(|step| format!("q 9 0 0 9 {} 600 cm /Im Do Q\n", 20 + 12 * step)).collect();
    let source = read_pdf(&[&format!("{}{pictures}", at(72, 700, "Ada Lovelace"))]);
    assert_eq!((source.layout.images, places(&source, Trouble::Picture).len()), (40, 5));
}

#[test]
fn a_scan_is_refused_with_its_reason_whatever_number_stands_on_its_pages() {
    #[track_caller]
    fn check(pages: &[&str], images: u32) {
        let error = refused(&pdf(pages), "a.pdf");
        assert_eq!(error, ReadError::NoText { pages: u32::try_from(pages.len()).unwrap(), images });
        assert!(error.to_string().contains("scan"), "{error}");
    }
    check(&[FULL_PICTURE], 1);
    check(&[FULL_PICTURE, FULL_PICTURE], 2);
    check(&[&format!("{FULL_PICTURE}{}", at(300, 30, "1"))], 1);
    let numbered = |number: u32| format!("{FULL_PICTURE}{}", at(300, 30, &format!("Page {number} of 2")));
    check(&[&numbered(1), &numbered(2)], 2);
    // Scanners cut a page into strips, and leave the backs of sheets empty.
    let strips: String = (0..8).map(|strip| format!("q 612 0 0 99 0 {} cm /Im Do Q\n", 99 * strip)).collect();
    check(&[&strips, ""], 8);
}

#[test]
fn a_blank_file_is_no_scan() {
    let blank = refused(&pdf(&["", ""]), "a.pdf").to_string();
    assert!(blank.contains("2 pages") && blank.contains("blank") && !blank.contains("scan"), "{blank}");
    let blank = refused(&docx(&[("word/document.xml", &document(&paragraph("")))]), "a.docx").to_string();
    assert!(blank.contains("no text in it"), "{blank}");
}

#[test]
fn a_page_of_pictures_among_written_ones_is_noted() {
    let source = read_pdf(&[&at(72, 700, "Ada Lovelace"), &format!("{FULL_PICTURE}{}", at(300, 30, "2"))]);
    assert_eq!(source.layout.picture_pages, 1);
    let page = Area { page: 2, left: 0.0, top: 0.0, right: 612.0, bottom: 792.0 };
    assert_eq!(places(&source, Trouble::PicturePage), [Place::Page(page)]);
    assert!(source.notes.iter().any(|note| note.contains("pictures")), "{:?}", source.notes);
}

#[test]
fn a_picture_behind_a_full_page_of_text_is_a_background() {
    let bytes = pdf(&[&format!("{FULL_PICTURE}{}", prose(30))]);
    let source = read(&bytes, "a.pdf", &Limits::default()).unwrap();
    assert_eq!((source.layout.picture_pages, source.layout.images), (0, 1));
}

#[test]
fn contacts_beside_a_name_make_no_column_of_the_dates_below() {
    let mut page = [
        at(60, 740, "Ada Lovelace"),
        at(60, 722, "Developer"),
        at(420, 748, "ada@example.org"),
        at(420, 734, "+44 20 7946 0000"),
        at(420, 720, "London, UK"),
        at(420, 706, "example.org/ada"),
        at(60, 650, "Experience"),
    ]
    .concat();
    for (nth, years) in ["2019 - 2023", "2015 - 2019", "2011 - 2015"].iter().enumerate() {
        let top = 630 - 60 * u32::try_from(nth).unwrap();
        page += &at(60, top, "Developer of engines");
        page += &at(420, top, years);
        page += &at(60, top - 15, "Example Works");
        page += &at(60, top - 30, "Wrote the programs of an engine that was never built");
    }
    let source = read_pdf(&[&page]);
    let lines = texts(&source);
    for line in ["Developer of engines\t2019 - 2023", "Developer of engines\t2011 - 2015"] {
        assert!(lines.iter().any(|found| found == line), "{line}: {lines:?}");
    }
}

#[test]
fn a_date_of_two_lines_at_the_left_is_the_label_of_its_text() {
    let mut page = at(60, 740, "Ada Lovelace") + &at(60, 715, "Experience of an engineer");
    for (nth, (from, to)) in [("03/2018 -", "today"), ("09/2011 -", "02/2018")].iter().enumerate() {
        let top = 690 - 80 * u32::try_from(nth).unwrap();
        page += &at(60, top, from);
        page += &at(60, top - 15, to);
        page += &at(160, top, "Writer of programs");
        page += &at(160, top - 15, "Example Works Ltd");
        page += &at(160, top - 30, "Wrote the first program for it");
        page += &at(160, top - 45, "Proved that it ends");
    }
    page += &(at(60, 520, "2005 - 2010") + &at(160, 520, "Studies of mathematics"));
    let lines = texts(&read_pdf(&[&page]));
    for line in ["03/2018 - today\tWriter of programs", "09/2011 - 02/2018\tWriter of programs"] {
        assert!(lines.iter().any(|found| found == line), "{line}: {lines:?}");
    }
}
