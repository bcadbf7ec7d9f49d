//! OpenDocument texts written by hand, and what must hold for them however they are broken.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic; that is how it reports")]

use std::io::{Cursor, Write};

use proptest::prelude::{any, prop_assert_eq, proptest};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::domain::source::{LineKind, Part, SourceFormat, SourceText};
use crate::engine::read::fixtures::{broken, flipped, texts};
use crate::engine::read::tests::ada::is_adas_resume;
use crate::engine::read::{Limits, ReadError, read};

const TEXT: &str = "application/vnd.oasis.opendocument.text";

/// An OpenDocument with these parts after the one that says what it is.
fn odt_of(kind: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("mimetype", SimpleFileOptions::default().compression_method(CompressionMethod::Stored))
        .unwrap();
    zip.write_all(kind.as_bytes()).unwrap();
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn odt(parts: &[(&str, &str)]) -> Vec<u8> {
    odt_of(TEXT, parts)
}

fn content(styles: &str, body: &str) -> String {
    format!(
        "<?xml version='1.0'?><office:document-content xmlns:office='o' xmlns:text='t' xmlns:style='s' xmlns:fo='f' \
         xmlns:table='b' xmlns:draw='d' xmlns:xlink='x'><office:automatic-styles>{styles}</office:automatic-styles>\
         <office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
}

fn read_odt(styles: &str, body: &str) -> SourceText {
    read(&odt(&[("content.xml", &content(styles, body))]), "resume.odt", &Limits::default()).unwrap()
}

#[track_caller]
fn check(body: &str, expected: &[(&str, LineKind)]) {
    let source = read_odt("", body);
    let lines: Vec<(String, LineKind)> = source.lines.iter().map(|line| (line.text(), line.kind)).collect();
    let lines: Vec<(&str, LineKind)> = lines.iter().map(|(text, kind)| (text.as_str(), *kind)).collect();
    assert_eq!(lines, expected);
}

#[track_caller]
fn refused(bytes: &[u8]) -> ReadError {
    read(bytes, "resume.odt", &Limits::default()).unwrap_err()
}

#[test]
fn headings_lists_gaps_and_breaks_are_kept() {
    check(
        "<text:h text:outline-level='2'>Work</text:h>\
         <text:p>Acme<text:tab/>2019<text:s text:c='9'/>Berlin<text:line-break/>Engineer <text:s/>I</text:p>\
         <text:list><text:list-item><text:p>Led a team</text:p><text:p>of five</text:p>\
         <text:list><text:list-item><text:p>and its budget</text:p></text:list-item></text:list></text:list-item>\
         <text:list-item><text:p>Wrote<text:line-break/>code</text:p></text:list-item></text:list>\
         <text:p>• Typed item</text:p>",
        &[
            ("Work", LineKind::Heading(2)),
            ("Acme\t2019\tBerlin", LineKind::Text),
            ("Engineer I", LineKind::Text),
            ("Led a team", LineKind::ListItem(0)),
            ("of five", LineKind::Continuation),
            ("and its budget", LineKind::ListItem(1)),
            ("Wrote", LineKind::ListItem(0)),
            ("code", LineKind::Continuation),
            ("Typed item", LineKind::ListItem(0)),
        ],
    );
}

#[test]
fn what_is_deleted_commented_or_hidden_is_not_read() {
    let source = read_odt(
        "<style:style style:name='Gone' style:family='text'><style:text-properties text:display='none'/></style:style>\
         <style:style style:name='Away' style:family='section'><style:section-properties text:display='none'/></style:style>",
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>deleted</text:p></text:deletion></text:changed-region></text:tracked-changes>\
         <text:p>kept<office:annotation><text:p>comment</text:p></office:annotation><text:span text:style-name='Gone'>abc</text:span></text:p>\
         <text:section text:style-name='Away'><text:p>hidden</text:p></text:section>\
         <text:section text:display='none'><text:p>too</text:p></text:section>\
         <text:p>also<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>a note</text:p></text:note-body></text:note></text:p>",
    );
    assert_eq!(texts(&source), ["kept", "also", "a note"]);
    assert_eq!(source.layout.hidden_characters, 12);
    assert_eq!(source.lines[2].part, Part::Footer);
}

#[test]
fn styles_are_inherited_from_both_parts() {
    let shared = "<office:document-styles xmlns:office='o' xmlns:style='s' xmlns:fo='f' xmlns:text='t'><office:styles>\
         <style:default-style style:family='paragraph'><style:text-properties fo:font-size='10pt'/></style:default-style>\
         <style:style style:name='Heading_20_1' style:display-name='Heading 1' style:family='paragraph'>\
         <style:text-properties fo:font-weight='bold' fo:font-size='150%'/></style:style>\
         <style:style style:name='Big' style:family='paragraph'><style:text-properties fo:font-size='0.5in' fo:font-style='italic'/></style:style>\
         </office:styles><office:master-styles><style:master-page style:name='Standard'>\
         <style:header><text:p>ada@example.org</text:p></style:header><style:header-first><text:p>ada@example.org</text:p></style:header-first>\
         <style:footer><text:p>Page <text:page-number>1</text:page-number></text:p></style:footer>\
         <style:footer-left style:display='false'><text:p>never shown</text:p></style:footer-left></style:master-page></office:master-styles>\
         </office:document-styles>";
    let automatic = "<style:style style:name='P1' style:family='paragraph' style:parent-style-name='Heading_20_1'/>\
         <style:style style:name='P2' style:family='paragraph' style:parent-style-name='Big'/>\
         <style:style style:name='T1' style:family='text'><style:text-properties fo:font-weight='700'/></style:style>";
    let body = "<text:p text:style-name='P1'>Work</text:p>\
         <text:p text:style-name='P2'>large <text:span text:style-name='T1'>bold</text:span></text:p>\
         <text:p><text:a xlink:href='https://ada.example'>site</text:a> <text:a xlink:href='#top'>top</text:a></text:p>";
    let meta = "<office:document-meta xmlns:office='o' xmlns:dc='d'><office:meta><dc:title>My resume</dc:title></office:meta></office:document-meta>";
    let parts = [
        ("content.xml", content(automatic, body)),
        ("styles.xml", shared.to_owned()),
        ("meta.xml", meta.to_owned()),
    ];
    let parts = parts.each_ref().map(|(name, text)| (*name, text.as_str()));
    let source = read(&odt(&parts), "resume.odt", &Limits::default()).unwrap();
    assert_eq!(source.format, SourceFormat::Odt);
    assert_eq!(source.title.as_deref(), Some("My resume"));
    assert_eq!(texts(&source), ["ada@example.org", "Work", "large bold", "site top", "Page 1"]);
    let parts: Vec<Part> = source.lines.iter().map(|line| line.part).collect();
    assert_eq!(parts, [Part::Header, Part::Body, Part::Body, Part::Body, Part::Footer]);
    assert_eq!((source.lines[1].kind, source.lines[1].size()), (LineKind::Heading(1), 15.0));
    assert!(source.lines[1].is_bold());
    let large = &source.lines[2].spans;
    assert_eq!((large[0].bold, large[0].italic, large[0].size), (false, true, 36.0));
    assert_eq!((large[1].bold, large[1].italic, large[1].size), (true, true, 36.0));
    assert_eq!(source.lines[3].spans[0].link.as_deref(), Some("https://ada.example"));
    assert!(source.lines[3].spans[1].link.is_none());
}

#[test]
fn tables_boxes_and_pictures_are_read_as_in_other_formats() {
    let side = (0..6).map(|number| format!("<text:p>side {number}</text:p>")).collect::<String>();
    let source = read_odt(
        "<style:style style:name='N' style:family='table-column'><style:table-column-properties style:column-width='4cm'/></style:style>\
         <style:style style:name='W' style:family='table-column'><style:table-column-properties style:column-width='12cm'/></style:style>",
        &format!(
            "<table:table><table:table-column table:number-columns-repeated='2'/><table:table-row>\
             <table:table-cell><text:p>left</text:p></table:table-cell><table:table-cell><text:p>right</text:p></table:table-cell>\
             </table:table-row></table:table>\
             <table:table><table:table-column table:style-name='N'/><table:table-column table:style-name='W'/><table:table-header-rows><table:table-row>\
             <table:table-cell>{side}</table:table-cell><table:table-cell><text:p>main</text:p></table:table-cell>\
             </table:table-row></table:table-header-rows></table:table>\
             <text:p>before<draw:frame><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame>\
             <draw:frame><draw:image xlink:href='Pictures/a.png'/><svg:desc>A photo</svg:desc></draw:frame> after</text:p>"
        ),
    );
    assert_eq!(texts(&source)[0], "left\tright");
    assert_eq!(source.lines[1].part, Part::Sidebar);
    assert_eq!((source.lines[7].text().as_str(), source.lines[7].part), ("main", Part::Body));
    assert_eq!(texts(&source)[8..], ["before after", "box"]);
    let layout = &source.layout;
    assert_eq!((layout.tables, layout.columns, layout.images, layout.floating_characters), (2, 2, 1, 3));
}

#[test]
fn a_whole_resume_is_understood() {
    let styles = "<style:style style:name='B' style:family='text'><style:text-properties fo:font-weight='bold'/></style:style>\
         <style:style style:name='N' style:family='paragraph'><style:text-properties fo:font-size='20pt' fo:font-weight='bold'/></style:style>";
    let item = |text: &str| format!("<text:list-item><text:p>{text}</text:p></text:list-item>");
    let body = [
        "<text:p text:style-name='N'>Ada Müller</text:p>",
        "<text:p>ada@example.org | +49 30 1234567 | <text:a xlink:href='https://github.com/ada'>github.com/ada</text:a></text:p>",
        "<text:h text:outline-level='1'>Experience</text:h>",
        "<text:p><text:span text:style-name='B'>Senior Engineer</text:span>, Vireo Labs<text:tab/>Jan 2019 – Mar 2023</text:p>",
        &format!("<text:list>{}{}</text:list>", item("Led a team of five engineers"), item("Cut costs by 30% &amp; more")),
        "<text:p><text:span text:style-name='B'>Data Engineer</text:span>, Coral Systems<text:tab/>Feb 2016 – Jan 2019</text:p>",
        &format!("<text:list>{}</text:list>", item("Moved two pipelines to streams")),
        "<text:h text:outline-level='1'>Education</text:h>",
        "<text:p>BSc in Computer Science, Ridge University<text:tab/>2016</text:p>",
        "<text:h text:outline-level='1'>Skills</text:h>",
        "<text:p>Languages: Rust, Python, PostgreSQL</text:p>",
    ]
    .concat();
    is_adas_resume(&read_odt(styles, &body));
}

#[test]
fn other_kinds_and_protected_files_are_refused_with_the_mend() {
    let body = content("", "<text:p>Ada</text:p>");
    let protected =
        "<manifest><file-entry full-path='content.xml'><encryption-data/></file-entry></manifest>";
    assert_eq!(
        refused(&odt(&[("META-INF/manifest.xml", protected), ("content.xml", "\u{1}\u{2}")])),
        ReadError::Encrypted
    );
    assert_eq!(refused(&odt(&[("encrypted-package", "x")])), ReadError::Encrypted);
    assert_eq!(refused(&odt(&[("other.xml", &body)])).code(), "unreadable_file");
    let sheet = refused(&odt_of("application/vnd.oasis.opendocument.spreadsheet", &[("content.xml", &body)]));
    assert!(sheet.to_string().contains("spreadsheet"), "{sheet}");
    let inside = body.replace("office:text", "office:spreadsheet");
    assert_eq!(refused(&odt(&[("content.xml", &inside)])).code(), "unsupported_file_type");
    let whole = odt(&[("content.xml", &body)]);
    assert_eq!(refused(&whole[..whole.len() / 2]).code(), "unreadable_file");
}

#[test]
fn a_main_text_that_breaks_off_is_refused_and_other_parts_are_noted() {
    let body: String = (0..60).map(|year| format!("<text:p>Year {year} at sea</text:p>")).collect();
    let content = content("", &body);
    let whole = odt(&[("content.xml", &content), ("styles.xml", "<styles><a/><b/></styles>")]);
    let half = content.split_at(content.len() / 2).0;
    for damaged in [flipped(whole.clone(), "content.xml"), odt(&[("content.xml", half)])] {
        assert!(refused(&damaged).to_string().contains("main text cannot be read to its end"));
    }
    let source = read(&flipped(whole, "styles.xml"), "resume.odt", &Limits::default()).unwrap();
    assert_eq!((source.lines.len(), source.notes.len()), (60, 1));
}

#[test]
fn hostile_files_are_refused() {
    let bomb = content("", &format!("<text:p>{}</text:p>", " ".repeat(25 << 20)));
    let deep = content("", &"<text:p>".repeat(400));
    let doctype = format!("<!DOCTYPE x [<!ENTITY a 'b'>]>{}", content("", ""));
    for part in [bomb, deep, doctype] {
        let error = refused(&odt(&[("content.xml", &part)]));
        assert!(matches!(error, ReadError::TooComplex { .. }), "{error}");
    }
}

#[test]
fn one_long_link_on_many_words_stays_one_link() {
    let spans = "<text:span>a</text:span><text:line-break/>".repeat(5_000);
    let source = read_odt(
        "",
        &format!(
            "<text:p><text:a xlink:href='https://a.example/{}'>{spans}</text:a></text:p>",
            "x".repeat(2000)
        ),
    );
    let bytes: usize = source
        .lines
        .iter()
        .flat_map(|line| &line.spans)
        .filter_map(|span| span.link.as_ref())
        .map(String::len)
        .sum();
    assert!(bytes <= 8 << 20, "{bytes}");
    assert_eq!(source.lines.len(), 5_000);
}

proptest! {
    #[test]
    fn broken_files_never_panic_and_read_alike_twice(keep in any::<usize>(), changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..24)) {
        let whole = odt(&[("content.xml", &content("", "<text:h>Ada</text:h><text:list><text:list-item><text:p>x<text:tab/>y</text:p></text:list-item></text:list>"))]);
        let keep = if keep % 2 == 0 { whole.len() } else { keep };
        let bytes = broken(whole, keep, &changes);
        let (first, second) = (read(&bytes, "a.odt", &Limits::default()), read(&bytes, "a.odt", &Limits::default()));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn any_elements_are_read(body in "(<text:(p|h|list|list-item|span|a|note|note-body|section|s|tab)>|<table:(table|table-row|table-cell|table-column)>|<draw:(frame|text-box|image)/?>|</x>|Ada |• ){0,60}") {
        let _ = read(&odt(&[("content.xml", &content("", &body))]), "a.odt", &Limits::default());
    }
}
