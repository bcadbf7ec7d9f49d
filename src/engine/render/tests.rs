//! What holds for every format and template.

#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test may panic; that is how it reports")]

use std::io::{Cursor, Read, Write};
use std::process::{Command, Stdio};

use proptest::prelude::*;

use crate::domain::job::DocumentFormat;
use crate::domain::resume::{Basics, Resume, Skill, Work};
use crate::domain::source::{Layout, Line, LineKind, Part, SourceFormat, SourceText, Span};
use crate::engine::render::{RenderError, TEMPLATES, read_back, render};

const FULL: &str = include_str!("../../../tests/fixtures/render/full.json");

fn full() -> Resume {
    serde_json::from_str(FULL).unwrap()
}

/// What `pdftotext` finds in a PDF, in its default mode.
fn pdftotext(pdf: &[u8]) -> String {
    let mut child = Command::new("pdftotext")
        .args(["-enc", "UTF-8", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let pdf = pdf.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&pdf));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The text of a document by the simplest reader that there is for its format.
fn read(format: DocumentFormat, bytes: &[u8]) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    match format {
        DocumentFormat::Pdf => pdftotext(bytes),
        DocumentFormat::Docx => {
            let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            let mut xml = String::new();
            archive.by_name("word/document.xml").unwrap().read_to_string(&mut xml).unwrap();
            let mut reader = quick_xml::Reader::from_str(&xml);
            let mut out = String::new();
            loop {
                match reader.read_event().unwrap() {
                    quick_xml::events::Event::Text(part) => out.push_str(&part.xml10_content()),
                    quick_xml::events::Event::GeneralRef(name) => {
                        out.push_str(match name.as_ref() {
                            "amp" => "&",
                            "lt" => "<",
                            "gt" => ">",
                            "quot" => "\"",
                            _ => "'",
                        });
                    }
                    quick_xml::events::Event::End(end) if end.name().as_ref() == "w:p" => out.push('\n'),
                    quick_xml::events::Event::Eof => return out,
                    _ => {}
                }
            }
        }
        DocumentFormat::Html => {
            let page = scraper::Html::parse_document(&text(bytes));
            let main = scraper::Selector::parse("main").unwrap();
            page.select(&main).flat_map(|main| main.text()).collect::<Vec<_>>().join("")
        }
        DocumentFormat::Md => pulldown_cmark::Parser::new(&text(bytes))
            .map(|event| match event {
                pulldown_cmark::Event::Text(text) => text.to_string(),
                pulldown_cmark::Event::End(pulldown_cmark::TagEnd::Link | pulldown_cmark::TagEnd::Strong) => {
                    String::new()
                }
                pulldown_cmark::Event::End(_) => "\n".to_owned(),
                _ => String::new(),
            })
            .collect(),
        DocumentFormat::Txt | DocumentFormat::Json => text(bytes),
    }
}

fn source(text: &str) -> SourceText {
    let span = |text: &str| Span { text: text.to_owned(), bold: false, italic: false, size: 0.0, link: None };
    let line = |text| Line {
        spans: vec![span(text)],
        kind: LineKind::Text,
        number: None,
        block: 0,
        area: None,
        paragraph: 0,
        part: Part::Body,
    };
    SourceText {
        format: SourceFormat::Text,
        lines: text.lines().map(line).collect(),
        raw: vec![],
        pages: vec![],
        layout: Layout::default(),
        structured: vec![],
        notes: vec![],
        title: None,
    }
}

/// Renders, reads and compares; the words that were lost.
fn lost(resume: &Resume, format: DocumentFormat, template: &str) -> Vec<String> {
    let bytes = render(resume, format, template).unwrap();
    let text = match format {
        DocumentFormat::Json => {
            let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            let mut source = source("");
            source.structured.push(value);
            return read_back(resume, format, &bytes, &source).lost;
        }
        _ => read(format, &bytes),
    };
    read_back(resume, format, &bytes, &source(&text)).lost
}

fn every() -> impl Iterator<Item = (DocumentFormat, &'static str)> {
    DocumentFormat::ALL
        .into_iter()
        .flat_map(|format| TEMPLATES.iter().map(move |template| (format, *template)))
}

#[test]
fn every_format_carries_every_word() {
    for (format, template) in every() {
        assert_eq!(lost(&full(), format, template), Vec::<String>::new(), "{format:?} {template}");
    }
}

/// Every text of the fixture that is a person's words, read out of the JSON itself and not of our model.
#[test]
fn no_field_is_left_out() {
    let value: serde_json::Value = serde_json::from_str(FULL).unwrap();
    let mut texts = Vec::new();
    fn collect(path: &str, value: &serde_json::Value, texts: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => {
                let is_date =
                    ["startDate", "endDate", "date", "releaseDate"].iter().any(|key| path.ends_with(key));
                let is_skipped =
                    path.ends_with("image") || path.contains("/meta") || path.ends_with("section");
                if !is_date && !is_skipped && text != "Ignored second heading" && text != "Nothing" {
                    texts.push(text.trim_start_matches("https://").trim_start_matches("www.").to_owned());
                }
            }
            serde_json::Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| collect(&format!("{path}/{at}"), item, texts));
            }
            serde_json::Value::Object(fields) => {
                fields.iter().for_each(|(key, field)| collect(&format!("{path}/{key}"), field, texts));
            }
            _ => {}
        }
    }
    collect("", &value, &mut texts);
    let squeeze =
        |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    for (format, template) in every().filter(|(format, _)| *format != DocumentFormat::Json) {
        let found = squeeze(&read(format, &render(&full(), format, template).unwrap()));
        for text in &texts {
            for line in text.lines() {
                assert!(found.contains(&squeeze(line)), "{format:?} {template} lacks {line:?}");
            }
        }
    }
}

#[test]
fn pdftotext_finds_title_employer_and_dates_of_an_entry_together_and_in_order() {
    for template in TEMPLATES {
        let text = pdftotext(&render(&full(), DocumentFormat::Pdf, template).unwrap());
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let flat = lines.join(" ");
        let mut from = 0;
        for part in [
            "Zoë Łukasz-Ñuñez",
            "zoe@zoe.example",
            "Profile",
            "Professional Experience",
            "Staff Platform Engineer",
            "Nordwind Payments GmbH",
            "Mar 2021 – Present",
            "Moved 230 services",
            "Senior Software Engineer",
            "Harbour & Sons Logistics",
            "Sep 2016 – Feb 2021",
            "Designed the event log",
            "Software Developer",
            "Kleinwerk",
            "Summer 2013 - Aug. 2016",
            "Built the C++ and C# firmware",
            "Talks & Workshops",
            "Skills",
            "Side projects",
            "Education",
        ] {
            let at = flat[from..].find(part);
            assert!(at.is_some(), "{template}: {part:?} is missing or out of order in {text}");
            from += at.unwrap();
        }
    }
}

#[test]
fn a_head_of_letters_that_run_both_ways_goes_on_two_lines() {
    let head = |employer: &str| {
        let mut resume = resume("Nour Haddad", &[]);
        resume.work.iter_mut().for_each(|job| job.name = Some(employer.to_owned()));
        let text = pdftotext(&render(&resume, DocumentFormat::Pdf, "classic").unwrap());
        text.lines().filter(|line| line.contains("Engineer")).map(str::to_owned).collect::<String>()
    };
    assert_eq!(head("شركة النور").trim(), "Engineer");
    assert!(head("Nordwind").contains("Nordwind"));
}

#[test]
fn the_same_resume_gives_the_same_bytes() {
    for (format, template) in every() {
        let one = render(&full(), format, template).unwrap();
        // Another document in between: what was shaped before must not matter.
        render(&resume("Somebody Else", &["other words"]), format, template).unwrap();
        assert!(one == render(&full(), format, template).unwrap(), "{format:?} {template}");
    }
}

fn resume(name: &str, bullets: &[&str]) -> Resume {
    let basics = Basics { name: Some(name.to_owned()), ..Basics::default() };
    let highlights = bullets.iter().map(|bullet| (*bullet).to_owned()).collect();
    let work = Work { position: Some("Engineer".to_owned()), highlights, ..Work::default() };
    Resume { basics: Some(basics), work: vec![work], ..Resume::default() }
}

/// The claim stands in the file only when the writer vouched for it.
fn claims_accessibility(pdf: &[u8]) -> bool {
    String::from_utf8_lossy(pdf).contains("pdfuaid:part")
}

#[test]
fn a_pdf_is_accessible_whatever_characters_it_shows() {
    for bullets in [
        &["plain"][..],
        &["🎉 party 👩‍👩‍👧‍👦 family 🇩🇪"],
        &["العربية مكتوبة هنا", "עברית", "हिन्दी में", "ไทย"],
        &["a\u{0}b \u{e001} \u{fffe} \u{feff} \u{202e}x"],
        &["→ ✓ ● ■ ☎ ﬁ ﬂ ½ € ₹"],
        &["e\u{301}\u{301}\u{301}\u{301} z\u{351}\u{350}"],
        &[],
    ] {
        for template in TEMPLATES {
            let pdf = render(&resume("Ann", bullets), DocumentFormat::Pdf, template).unwrap();
            assert!(claims_accessibility(&pdf), "{template} {bullets:?}");
        }
    }
    let pdf = render(&full(), DocumentFormat::Pdf, "modern").unwrap();
    assert!(claims_accessibility(&pdf));
    assert!(claims_accessibility(&render(&Resume::default(), DocumentFormat::Pdf, "modern").unwrap()));
}

#[test]
fn characters_without_a_glyph_stay_in_the_text() {
    for text in ["नमस्ते दुनिया", "ไทย", "한국어 mixed", "twice ไ ไ"] {
        let pdf = render(&resume("Ann", &[text]), DocumentFormat::Pdf, "modern").unwrap();
        let found = pdftotext(&pdf);
        let squeeze = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert!(squeeze(&found).contains(&squeeze(text)), "{text} in {found}");
    }
}

/// Signs that no typeface has, and what stands for them on paper.
#[test]
fn other_formats_keep_the_signs_that_a_pdf_writes_otherwise() {
    let signs = "Kafka → model ✓ ₹5 ★ ☎ 🎉";
    let resume = resume("Ann", &[signs, "🎉"]);
    for (format, template) in every() {
        let found = read(format, &render(&resume, format, template).unwrap());
        let expected = if format == DocumentFormat::Pdf { "Kafka -> model √ INR 5 *" } else { signs };
        assert!(found.contains(expected), "{format:?} {template}: {found}");
        assert_eq!(lost(&resume, format, template), Vec::<String>::new(), "{format:?} {template}");
    }
}

#[test]
fn a_pdf_loses_the_words_that_its_pages_cannot_show() {
    let resume = resume("Ann", &["Speaks 한국어, Go → C++ and ไทย-English ∈ ✓", "plain"]);
    for (format, template) in every() {
        let expected: &[&str] =
            if format == DocumentFormat::Pdf { &["한국어", "ไทย", "∈"] } else { &[] };
        assert_eq!(lost(&resume, format, template), expected, "{format:?} {template}");
    }
}

#[test]
fn a_resume_beyond_all_measure_is_refused_and_a_long_one_is_not() {
    let bullet = "Did one more thing that was worth a line of its own in this resume";
    let long = resume("Ann", &vec![bullet; 3000]);
    assert!(render(&long, DocumentFormat::Pdf, "modern").is_ok());
    let longer = resume("Ann", &vec![bullet; 7000]);
    assert_eq!(render(&longer, DocumentFormat::Pdf, "modern"), Err(RenderError::TooManyPages { limit: 100 }));
    let longest = resume("Ann", &vec![bullet; 20_000]);
    for format in [DocumentFormat::Pdf, DocumentFormat::Docx, DocumentFormat::Txt] {
        assert!(matches!(render(&longest, format, "modern"), Err(RenderError::TooLong { .. })));
    }
    let wall = "x".repeat(10_000);
    assert!(render(&resume(&wall, &[&wall]), DocumentFormat::Pdf, "modern").is_ok());
}

#[test]
fn an_unknown_template_is_named_with_the_known_ones() {
    let error = render(&Resume::default(), DocumentFormat::Pdf, "fancy").unwrap_err();
    assert_eq!(error.to_string(), "There is no template \"fancy\"; choose one of: classic, modern.");
}

#[test]
fn no_page_runs_a_script_or_loads_anything() {
    let basics = Basics {
        name: Some("<script>alert(1)</script>".to_owned()),
        url: Some("javascript:alert(1)".to_owned()),
        email: Some("a\"onmouseover=alert(1)@example.org".to_owned()),
        ..Basics::default()
    };
    let hostile = Resume { basics: Some(basics), ..Resume::default() };
    let page = String::from_utf8(render(&hostile, DocumentFormat::Html, "modern").unwrap()).unwrap();
    let parsed = scraper::Html::parse_document(&page);
    for selector in ["script", "img", "link", "iframe", "[onmouseover]", "a[href^='javascript']"] {
        assert_eq!(parsed.select(&scraper::Selector::parse(selector).unwrap()).count(), 0, "{selector}");
    }
}

fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z]{1,12}",
        "[a-z]{300}",
        Just("<b>&amp;</b>".to_owned()),
        Just("*star* _under_ #1 $5 ~x~ `code` [a](b) \\ \"quoted\" 'single'".to_owned()),
        Just("- 1. 2) > = + |".to_owned()),
        Just("C++ C# .NET R&D 50%".to_owned()),
        Just("中文 日本語 カタカナ".to_owned()),
        Just("Ελλάδα Київ Đặng Łódź".to_owned()),
        Just("\u{0}\u{7}\u{1b}\t\r\n".to_owned()),
        Just("https://example.org/a_b?c=d&e=f#g".to_owned()),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.join(" "))
}

prop_compose! {
    fn nasty_resume()(
        name in nasty(), email in nasty(), summary in nasty(),
        jobs in proptest::collection::vec((nasty(), nasty(), nasty(), proptest::collection::vec(nasty(), 0..4)), 0..3),
        skills in proptest::collection::vec((nasty(), proptest::collection::vec(nasty(), 0..4)), 0..3),
    ) -> Resume {
        let basics = Basics { name: Some(name), email: Some(email), summary: Some(summary), ..Basics::default() };
        let work = jobs.into_iter().map(|(name, position, dates, highlights)| Work {
            name: Some(name), position: Some(position), dates: Some(dates), highlights, ..Work::default()
        });
        let skills = skills.into_iter().map(|(name, keywords)| Skill { name: Some(name), level: None, keywords });
        Resume { basics: Some(basics), work: work.collect(), skills: skills.collect(), ..Resume::default() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_resume_says_every_format_says(resume in nasty_resume()) {
        for (format, template) in every() {
            prop_assert_eq!(lost(&resume, format, template), Vec::<String>::new(), "{:?} {}", format, template);
        }
    }

    #[test]
    fn no_text_whatever_breaks_a_format(text in any::<String>(), other in any::<String>()) {
        let resume = resume(&text, &[&other, &text]);
        for (format, template) in every() {
            prop_assert!(render(&resume, format, template).is_ok(), "{:?} {}", format, template);
        }
    }
}
