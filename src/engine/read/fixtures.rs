//! Small documents written by hand, and what must hold for them however they are broken.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic; that is how it reports")]

use std::io::{Cursor, Write};

use proptest::prelude::{any, prop_assert_eq, proptest};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::domain::source::{LineKind, Part, SourceFormat, SourceText};
use crate::engine::read::{Limits, ReadError, read};

/// What the codes of `F3` stand for: Hebrew from `A` on, and one ligature of two Arabic letters.
const HEBREW: &str = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange \
    2 beginbfrange <20> <3F> <0020> <41> <5B> <05D0> endbfrange \
    2 beginbfchar <61> <06440627> <62> <FEB3> endbfchar endcmap end";

/// A PDF with one page per content stream. `F1` is Helvetica, `F2` Helvetica-Bold, `F3` has Hebrew letters.
pub(crate) fn pdf(contents: &[&str]) -> Vec<u8> {
    let kids: String = (0..contents.len()).map(|page| format!("{} 0 R ", 10 + 2 * page)).collect();
    let mut objects = vec![
        (1, "<< /Type /Catalog /Pages 2 0 R >>".to_owned()),
        (2, format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", contents.len())),
        (3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned()),
        (4, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>".to_owned()),
        (5, "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\n0\nendstream".to_owned()),
        (7, format!("<< /Length {} >>\nstream\n{HEBREW}\nendstream", HEBREW.len())),
        (8, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode 7 0 R >>".to_owned()),
        (6, "<< /Type /Annot /Subtype /Link /Rect [72 690 200 712] /A << /S /URI /URI (https://ada.example) >> >>".to_owned()),
    ];
    for (page, content) in contents.iter().enumerate() {
        let number = 10 + 2 * page;
        objects.push((
            number,
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Annots [6 0 R] /Contents {} 0 R \
                 /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 8 0 R >> /XObject << /Im 5 0 R >> >> >>",
                number + 1
            ),
        ));
        objects.push((number + 1, format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len())));
    }
    let objects: Vec<(usize, Vec<u8>)> =
        objects.into_iter().map(|(number, body)| (number, body.into_bytes())).collect();
    pdf_of(&objects)
}

/// A PDF of these objects; the first is its catalogue.
pub(crate) fn pdf_of(objects: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, body) in objects {
        places.push((*number, out.len()));
        out.extend(format!("{number} 0 obj\n").bytes());
        out.extend(body);
        out.extend(b"\nendobj\n");
    }
    let table = out.len();
    out.extend(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, place) in &places {
        out.extend(format!("{number} 1\n{place:010} 00000 n \n").bytes());
    }
    let size = places.iter().map(|(number, _)| number + 1).max().unwrap();
    let root = objects[0].0;
    out.extend(format!("trailer << /Size {size} /Root {root} 0 R >>\nstartxref\n{table}\n%%EOF\n").bytes());
    out
}

/// A stream with these entries in its dictionary beside its length.
pub(crate) fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let mut out = format!("<< {entries} /Length {} >>\nstream\n", data.len()).into_bytes();
    out.extend(data);
    out.extend(b"\nendstream");
    out
}

/// Text at a place, 12 points unless told.
pub(crate) fn at(x: u32, y: u32, text: &str) -> String {
    format!("BT /F1 12 Tf {x} {y} Td ({text}) Tj ET\n")
}

pub(crate) fn read_pdf(contents: &[&str]) -> SourceText {
    read(&pdf(contents), "resume.pdf", &Limits::default()).unwrap()
}

/// What each line says.
pub(crate) fn texts(source: &SourceText) -> Vec<String> {
    source.lines.iter().map(crate::domain::source::Line::text).collect()
}

/// A DOCX with these parts beside the ones that every DOCX has.
pub(crate) fn docx(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let base = [
        ("[Content_Types].xml", "<Types/>"),
        (
            "_rels/.rels",
            "<Relationships><Relationship Id='a' Type='x/officeDocument' Target='word/document.xml'/></Relationships>",
        ),
    ];
    for (name, text) in base.iter().chain(parts) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The archive with one bit in the middle of a part's content changed.
pub(crate) fn flipped(mut archive: Vec<u8>, part: &str) -> Vec<u8> {
    let number = |archive: &[u8], at: usize, bytes: usize| {
        (0..bytes).rev().fold(0, |sum, i| sum << 8 | usize::from(archive[at + i]))
    };
    let header = (0..archive.len())
        .find(|at| {
            archive[*at..].starts_with(b"PK\x03\x04") && archive[at + 30..].starts_with(part.as_bytes())
        })
        .unwrap();
    let (size, extra) = (number(&archive, header + 18, 4), number(&archive, header + 28, 2));
    archive[header + 30 + part.len() + extra + size / 2] ^= 0x10;
    archive
}

pub(crate) fn document(body: &str) -> String {
    format!(
        "<?xml version='1.0'?><w:document xmlns:w='w' xmlns:r='r' xmlns:mc='mc'><w:body>{body}</w:body></w:document>"
    )
}

pub(crate) fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>")
}

pub(crate) fn read_docx(body: &str, parts: &[(&str, &str)]) -> SourceText {
    let document = document(body);
    let mut all = vec![("word/document.xml", document.as_str())];
    all.extend_from_slice(parts);
    read(&docx(&all), "resume.docx", &Limits::default()).unwrap()
}

#[track_caller]
pub(crate) fn refused(bytes: &[u8], filename: &str) -> ReadError {
    read(bytes, filename, &Limits::default()).unwrap_err()
}

#[test]
fn a_page_is_read_line_by_line_with_gaps_links_and_items() {
    let page = [
        at(72, 700, "Ada Lovelace"),
        "BT /F2 12 Tf 72 640 Td (Analyst) Tj ET\n".to_owned(),
        at(480, 640, "1842 - 1843"),
        at(72, 626, "\\225 Wrote the first program"),
        at(82, 612, "and proved it by hand"),
    ]
    .concat();
    let source = read_pdf(&[&page]);
    assert_eq!(
        texts(&source),
        ["Ada Lovelace", "Analyst\t1842 - 1843", "Wrote the first program", "and proved it by hand"]
    );
    assert_eq!(source.lines[0].spans[0].link.as_deref(), Some("https://ada.example"));
    assert!(source.lines[1].spans[0].bold && !source.lines[1].spans[1].bold);
    assert_eq!(source.lines[2].kind, LineKind::ListItem(0));
    assert_eq!(source.lines[3].kind, LineKind::Continuation);
    assert_eq!(source.lines.iter().map(|line| line.block).collect::<Vec<_>>(), [0, 1, 1, 1]);
    assert_eq!(source.format, SourceFormat::Pdf);
}

#[test]
fn columns_are_read_one_after_the_other() {
    let mut page = at(72, 740, "Ada Lovelace, analyst of engines, poet of numbers and daughter of a lord");
    for row in 0..20 {
        page += &at(72, 700 - 18 * row, &format!("main {row} with quite a lot of words on it"));
        page += &at(430, 694 - 17 * row, &format!("side {row}"));
    }
    let source = read_pdf(&[&page]);
    assert_eq!(source.layout.columns, 2);
    let side = source.lines.iter().position(|line| line.text() == "side 0").unwrap();
    let main = source.lines.iter().position(|line| line.text().starts_with("main 19")).unwrap();
    assert!(main < side);
    assert!(source.lines[side..].iter().all(|line| line.part == Part::Sidebar));
}

#[test]
fn white_words_on_white_paper_are_left_out_and_counted() {
    let hidden = format!("1 g {} 0 g\n", at(72, 300, "kubernetes kubernetes"));
    let on_dark = format!("0 g 60 90 300 30 re f 1 g {} 0 g", at(72, 100, "white on black"));
    let source = read_pdf(&[&format!("{}{hidden}{on_dark}", at(72, 700, "Ada Lovelace was here before"))]);
    assert_eq!(texts(&source), ["Ada Lovelace was here before", "white on black"]);
    assert_eq!(source.layout.hidden_characters, 20);
    assert_eq!(source.notes.len(), 1);
}

#[test]
fn page_numbers_and_repeated_lines_are_margins() {
    let page = |number: u32| {
        at(72, 760, "Ada Lovelace")
            + &at(72, 400, &format!("Text of page {number} goes here"))
            + &at(300, 30, &format!("Page {number} of 2"))
    };
    let source = read_pdf(&[&page(1), &page(2)]);
    let parts: Vec<Part> = source.lines.iter().map(|line| line.part).collect();
    assert_eq!(parts, [Part::Body, Part::Body, Part::Footer, Part::Header, Part::Body, Part::Footer]);
}

#[test]
fn letters_set_wide_or_twice_are_words() {
    let spaced = "BT /F1 12 Tf 72 700 Td (S K I L L S) Tj ET\n";
    let twice = "BT /F1 12 Tf 72 600 Td (Bold) Tj ET BT /F1 12 Tf 72.3 600 Td (Bold) Tj ET\n";
    assert_eq!(texts(&read_pdf(&[&format!("{spaced}{twice}")])), ["SKILLS", "Bold"]);
}

#[test]
fn a_pdf_without_text_says_why() {
    assert_eq!(
        refused(&pdf(&["q 100 0 0 100 0 0 cm /Im Do Q"]), "a.pdf"),
        ReadError::NoText { pages: 1, images: 1 }
    );
    assert_eq!(refused(&pdf(&[""]), "a.pdf"), ReadError::NoText { pages: 1, images: 0 });
}

#[test]
fn half_a_pdf_is_refused_and_a_lost_table_is_not() {
    let page = at(72, 700, "Ada Lovelace");
    let whole = pdf(&[&page, &page, &page]);
    let table = whole.windows(5).rposition(|window| window == b"\nxref").unwrap();
    for part in [1, 2, 3, 4] {
        assert_eq!(refused(&whole[..table * part / 5], "a.pdf").code(), "unreadable_file");
    }
    let source = read(&whole[..table + 20], "a.pdf", &Limits::default()).unwrap();
    assert_eq!((source.pages.len(), source.notes.len()), (3, 1));
}

#[test]
fn too_many_pages_and_bytes_are_refused() {
    let whole = pdf(&[""; 4]);
    let limits = Limits { max_pages: 3, ..Limits::default() };
    assert_eq!(read(&whole, "a.pdf", &limits).unwrap_err(), ReadError::TooManyPages { pages: 4, limit: 3 });
    let limits = Limits { max_bytes: 10, ..Limits::default() };
    assert_eq!(read(&whole, "a.pdf", &limits).unwrap_err().code(), "file_too_large");
}

#[test]
fn other_files_are_named() {
    #[track_caller]
    fn check(bytes: &[u8], filename: &str, code: &str, says: &str) {
        let error = refused(bytes, filename);
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(says), "{error}");
    }
    check(b"", "a.pdf", "unreadable_file", "empty");
    check(b" \n ", "a.txt", "unreadable_file", "empty");
    check(b"MZ\x90\0\x03\0\0\0", "resume.pdf", "unsupported_file_type", "Windows program");
    check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.png", "unsupported_file_type", "PNG picture");
    check(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "a.doc", "unsupported_file_type", ".doc");
    check(b"this is no RTF", "a.rtf", "unreadable_file", "Rich Text");
    check(b"this is no PDF", "a.pdf", "unreadable_file", "damaged");
    check(&docx(&[("xl/workbook.xml", "<x/>")]), "a.docx", "unsupported_file_type", "Excel");
    check(&docx(&[("other.xml", "<x/>")]), "a.docx", "unsupported_file_type", "no Word document");
}

#[test]
fn a_docx_is_read_with_its_structure() {
    let styles = "<w:styles xmlns:w='w'><w:style w:type='paragraph' w:styleId='H1'><w:name w:val='heading 1'/><w:rPr><w:b/></w:rPr></w:style>\
        <w:style w:type='paragraph' w:styleId='Mine'><w:name w:val='mine'/><w:basedOn w:val='H1'/></w:style></w:styles>";
    let relations = "<Relationships><Relationship Id='s' Type='t/styles' Target='styles.xml'/>\
        <Relationship Id='h' Type='t/header' Target='header1.xml'/>\
        <Relationship Id='l' Type='t/hyperlink' Target='https://ada.example' TargetMode='External'/></Relationships>";
    let header = format!("<w:hdr xmlns:w='w'>{}</w:hdr>", paragraph("ada@example.org"));
    let body = [
        "<w:p><w:pPr><w:pStyle w:val='Mine'/></w:pPr><w:r><w:t>Work</w:t></w:r></w:p>",
        "<w:p><w:r><w:t>Acme</w:t><w:tab/><w:t>1842</w:t></w:r></w:p>",
        "<w:p><w:pPr><w:numPr><w:ilvl w:val='1'/><w:numId w:val='3'/></w:numPr></w:pPr><w:r><w:t>Wrote &amp; proved</w:t></w:r></w:p>",
        "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t>kept</w:t></w:r></w:ins></w:p>",
        "<w:p><w:hyperlink r:id='l'><w:r><w:t>site</w:t></w:r></w:hyperlink></w:p>",
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>HYPERLINK \"https://b.example\"</w:instrText></w:r>\
         <w:r><w:fldChar w:fldCharType='separate'/></w:r><w:r><w:t>field</w:t></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>",
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice>\
         <mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>left</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>right</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
    ]
    .concat();
    let source = read_docx(
        &body,
        &[
            ("word/styles.xml", styles),
            ("word/_rels/document.xml.rels", relations),
            ("word/header1.xml", &header),
        ],
    );
    assert_eq!(
        texts(&source),
        [
            "ada@example.org",
            "Work",
            "Acme\t1842",
            "Wrote & proved",
            "kept",
            "site",
            "field",
            "box",
            "left\tright"
        ]
    );
    assert_eq!(source.lines[0].part, Part::Header);
    assert_eq!(source.lines[1].kind, LineKind::Heading(1));
    assert!(source.lines[1].is_bold());
    assert_eq!(source.lines[3].kind, LineKind::ListItem(1));
    assert_eq!(source.lines[5].spans[0].link.as_deref(), Some("https://ada.example"));
    assert_eq!(source.lines[6].spans[0].link.as_deref(), Some("https://b.example"));
    assert_eq!((source.layout.tables, source.layout.floating_characters), (1, 3));
}

#[test]
fn hostile_docx_are_refused() {
    let bomb = document(&paragraph(&" ".repeat(25 << 20)));
    let deep = document(&"<w:p>".repeat(400));
    let doctype = format!("<!DOCTYPE x [<!ENTITY a 'b'>]>{}", document(""));
    for part in [bomb, deep, doctype] {
        let error = refused(&docx(&[("word/document.xml", &part)]), "a.docx");
        assert!(matches!(error, ReadError::TooComplex { .. }), "{error}");
    }
}

#[test]
fn text_in_any_usual_encoding_is_read() {
    let utf16: Vec<u8> = "\u{feff}Zoë Müller".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in ["Zoë Müller".as_bytes(), b"Zo\xeb M\xfcller", &utf16] {
        assert_eq!(texts(&read(bytes, "a.txt", &Limits::default()).unwrap()), ["Zoë Müller"]);
    }
}

/// Changes a document: cut, or some bytes replaced.
pub(crate) fn broken(mut bytes: Vec<u8>, keep: usize, changes: &[(usize, u8)]) -> Vec<u8> {
    bytes.truncate(keep % (bytes.len() + 1));
    for (place, value) in changes {
        if let Some(length) = bytes.len().checked_sub(1) {
            bytes[place % (length + 1)] = *value;
        }
    }
    bytes
}

proptest! {
    #[test]
    fn broken_files_never_panic_and_read_alike_twice(kind in 0usize..4, keep in any::<usize>(), changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..24)) {
        let page = at(72, 700, "Ada Lovelace") + &at(72, 680, "\\225 Wrote programs") + &at(400, 680, "1842");
        let whole = match kind {
            0 => pdf(&[&page]),
            1 => docx(&[("word/document.xml", &document(&paragraph("Ada")))]),
            2 => b"<html><body><h1>Ada</h1><table><tr><td>a<td>b</table><ul><li>x</ul><script type='application/ld+json'>{\"@type\":\"JobPosting\"}</script>".to_vec(),
            _ => b"---\nname: x\n---\n# Ada\n\n* one\n  * two\n\n[a](b) **bold** | t |\n".to_vec(),
        };
        // Half of the cases keep their length, so that the changes get past the first check.
        let keep = if keep % 2 == 0 { whole.len() } else { keep };
        let bytes = broken(whole, keep, &changes);
        let name = ["a.pdf", "a.docx", "a.html", "a.md"][kind];
        let (first, second) = (read(&bytes, name, &Limits::default()), read(&bytes, name, &Limits::default()));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), name in "[a-z]{1,3}\\.(txt|md|pdf|html|docx|json|odt|rtf|tex)") {
        let _ = read(&bytes, &name, &Limits::default());
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(?s).{0,400}", name in "a\\.(txt|md|html|json|tex)") {
        let _ = read(text.as_bytes(), &name, &Limits::default());
    }

    #[test]
    fn any_operators_are_read(content in "([0-9.-]{1,4} |/F1 |\\(ab\\) |\\[\\(a\\) 5\\] |Tj |TJ |Td |Tm |Tf |BT |ET |q |Q |cm |re |f |g |Do |BDC |EMC ){0,80}") {
        let _ = read(&pdf(&[&content]), "a.pdf", &Limits::default());
    }
}
