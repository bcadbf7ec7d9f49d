//! What each reader gets of files with columns, headers and text boxes, and what must hold for any text.

#![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use crate::domain::report::{ReaderKind, ReaderView};
use crate::domain::resume::{Basics, Resume, Skill};
use crate::domain::source::{Layout, Line, LineKind, Part, RawRun, SourceFormat, SourceText, Span};
use crate::engine::read::fixtures::{at, paragraph, read_docx, read_pdf};
use crate::engine::read::{Limits, read};
use crate::engine::understand::readers::compare;
use crate::engine::understand::resume::understand;

fn views(source: &SourceText) -> Vec<ReaderView> {
    compare(source, &understand(source))
}

fn view(views: &[ReaderView], reader: ReaderKind) -> &ReaderView {
    views.iter().find(|view| view.reader == reader).unwrap()
}

fn lost(view: &ReaderView) -> Vec<&str> {
    view.lost.iter().map(|lost| lost.field.as_str()).collect()
}

/// A page with a column of facts beside one of positions, painted column by column.
fn two_columns() -> SourceText {
    let side = [
        "Contact",
        "ada@example.org",
        "+44 20 7946 0958",
        "London",
        "Skills",
        "Mathematics",
        "Mechanics",
        "Poetry",
        "Programming",
        "French",
        "Music",
        "Horses",
    ];
    let main = [
        "Experience",
        "Analyst, Engine Works",
        "Jan 2015 - Dec 2019",
        "\\225 Wrote the first program for the engine, and proved by",
        "  hand that it yields the numbers of Bernoulli",
        "\\225 Explained to the learned world what a machine can do",
        "  beyond mere numbers, in notes longer than the paper",
        "Translator, Scientific Memoirs",
        "Feb 2012 - Dec 2014",
        "\\225 Translated papers on machines from the French into",
        "  English for the readers of the journal",
        "\\225 Corrected the tables of three older papers",
    ];
    let mut page = at(72, 750, "Ada Lovelace");
    for (row, text) in (0..).zip(side) {
        page += &at(72, 700 - 18 * row, text);
    }
    for (row, text) in (0..).zip(main) {
        let x = if text.starts_with(' ') { 240 } else { 230 };
        page += &at(x, 700 - 18 * row, text.trim_start());
    }
    read_pdf(&[&page])
}

#[test]
fn a_reader_that_merges_lines_loses_what_goes_on_beside_another_column() {
    let views = views(&two_columns());
    assert_eq!(lost(view(&views, ReaderKind::Layout)), Vec::<&str>::new(), "{views:#?}");
    assert_eq!(lost(view(&views, ReaderKind::RawOrder)), Vec::<&str>::new(), "painted column by column");
    let merging = view(&views, ReaderKind::LineMerging);
    assert_eq!(
        lost(merging),
        ["work[0].highlights[0]", "work[0].highlights[1]", "work[1].highlights[0]"],
        "{views:#?}"
    );
    assert!(merging.lost.iter().all(|lost| lost.reason.contains("beside it")), "{:#?}", merging.lost);
    assert!(merging.text.contains("London \u{2022} Wrote the first program"), "{}", merging.text);
    assert_eq!(merging.kept + 3, merging.asked);
}

#[test]
fn a_reader_that_follows_the_file_loses_what_is_painted_in_pieces() {
    let page = [
        at(72, 750, "Ada Lovelace"),
        at(72, 730, "ada@example.org"),
        at(72, 690, "Experience"),
        at(72, 660, "\\225 Wrote the first program for the engine, and proved by hand that it yields"),
        at(72, 670, "Analyst, Engine Works, Jan 2015 - Dec 2019"),
        at(82, 648, "the numbers of Bernoulli"),
    ];
    // The second line of the point is painted last, after the line of the position.
    let source = read_pdf(&[&page.concat()]);
    let views = views(&source);
    assert_eq!(lost(view(&views, ReaderKind::RawOrder)), ["work[0].highlights[0]"], "{views:#?}");
    assert!(view(&views, ReaderKind::RawOrder).lost.iter().all(|lost| lost.reason.contains("order")));
    assert_eq!(view(&views, ReaderKind::LineMerging).lost, [], "{views:#?}");
}

#[test]
fn a_reader_that_passes_by_headers_loses_the_contacts_in_them() {
    let relations =
        "<Relationships><Relationship Id='h' Type='t/header' Target='header1.xml'/></Relationships>";
    let header = format!("<w:hdr xmlns:w='w'>{}</w:hdr>", paragraph("ada@example.org | +44 20 7946 0958"));
    let text_box = "<w:p><w:r><w:drawing><w:txbxContent><w:p><w:r><w:t>Skills: Mathematics, Mechanics</w:t></w:r></w:p></w:txbxContent></w:drawing></w:r></w:p>";
    let body =
        ["Ada Lovelace", "Experience", "Analyst, Engine Works, Jan 2015 - Dec 2019"].map(paragraph).concat();
    let source = read_docx(
        &format!("{body}{text_box}"),
        &[("word/_rels/document.xml.rels", relations), ("word/header1.xml", &header)],
    );
    let views = views(&source);
    let raw = view(&views, ReaderKind::RawOrder);
    assert_eq!(
        raw.lost.first().map(|lost| (lost.field.as_str(), lost.value.as_str())),
        Some(("basics.email", "ada@example.org")),
        "{views:#?}"
    );
    assert!(lost(raw).contains(&"basics.phone"), "{views:#?}");
    let reason = |field: &str| {
        raw.lost.iter().find(|lost| lost.field == field).map_or("", |lost| lost.reason.as_str())
    };
    assert!(reason("basics.email").contains("header"), "{views:#?}");
    assert!(raw.lost.iter().any(|lost| lost.reason.contains("text box")), "{views:#?}");
    assert!(!raw.text.contains("ada@example.org"));
    assert_eq!(lost(view(&views, ReaderKind::Layout)), Vec::<&str>::new());
}

#[test]
fn a_plain_text_is_the_same_to_every_reader() {
    let text = "Ada Lovelace\nada@example.org\n\nEXPERIENCE\n\nAnalyst, Engine Works, Jan 2015 - Dec 2019\n- Wrote the\n  first program\n";
    let views = views(&read(text.as_bytes(), "a.txt", &Limits::default()).unwrap());
    assert_eq!(views.len(), 3);
    assert!(views.iter().all(|view| view.lost.is_empty() && view.asked > 4), "{views:#?}");
}

#[test]
fn a_json_resume_and_a_book_are_not_compared() {
    let json = br#"{"basics": {"name": "Ada Lovelace", "email": "ada@example.org"}}"#;
    assert_eq!(views(&read(json, "a.json", &Limits::default()).unwrap()), []);
    let book = "Ada Lovelace\n\n".to_owned() + &"many words on the engines of today\n".repeat(4_900);
    assert_eq!(views(&read(book.as_bytes(), "a.txt", &Limits::default()).unwrap()), []);
}

#[test]
fn long_texts_and_values_are_cut() {
    let text = format!("Ada Lovelace\n\nSUMMARY\n\n{}\n", "many words on engines ".repeat(1500));
    let source = read(text.as_bytes(), "a.txt", &Limits::default()).unwrap();
    for view in views(&source) {
        assert_eq!(view.text.chars().count(), 20_001);
        assert!(view.text.ends_with('…'));
    }
}

fn line(text: &str, part: Part) -> Line {
    let span = Span { text: text.to_owned(), bold: false, italic: false, size: 0.0, link: None };
    Line { spans: vec![span], kind: LineKind::Text, number: None, block: 0, area: None, paragraph: 1, part }
}

fn source(lines: Vec<Line>, raw: Vec<RawRun>) -> SourceText {
    SourceText {
        format: SourceFormat::Docx,
        lines,
        raw,
        pages: Vec::new(),
        layout: Layout::default(),
        structured: Vec::new(),
        notes: Vec::new(),
        title: None,
    }
}

fn words() -> impl Strategy<Value = String> {
    "[a-zäÉß精+#@. \u{ad}\u{301}ﬁ-]{0,24}"
}

proptest! {
    #[test]
    fn any_text_is_compared_and_every_field_is_kept_or_lost(
        lines in proptest::collection::vec((words(), any::<bool>()), 0..12),
        runs in proptest::collection::vec((words(), 0u32..6, any::<f32>(), any::<bool>()), 0..12),
        values in proptest::collection::vec(words(), 0..8),
    ) {
        let part = |margin: bool| if margin { Part::Header } else { Part::Body };
        let lines = lines.iter().map(|(text, margin)| line(text, part(*margin))).collect();
        let raw = runs.into_iter().map(|(text, row, left, aside)| RawRun { text, row, left, aside }).collect();
        let resume = Resume {
            basics: Some(Basics { name: values.first().cloned(), ..Basics::default() }),
            skills: vec![Skill { keywords: values, ..Skill::default() }],
            ..Resume::default()
        };
        for view in compare(&source(lines, raw), &resume) {
            prop_assert_eq!(view.kept + u32::try_from(view.lost.len()).unwrap(), view.asked);
            prop_assert!(view.lost.iter().all(|lost| !lost.reason.is_empty()));
        }
    }
}
