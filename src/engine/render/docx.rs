//! A word processor's document (Office Open XML), with real styles, list and links, written part by part.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::engine::render::document::{Block, Document, Line, Run, Weight, join};
use crate::engine::render::html::escape;
use crate::engine::render::template::{Head, Template, facts, one_line};

const CONTENT_TYPES: &str = include_str!("../../../assets/templates/docx/content_types.xml");
const PACKAGE_RELATIONSHIPS: &str = include_str!("../../../assets/templates/docx/package_rels.xml");
const NUMBERING: &str = include_str!("../../../assets/templates/docx/numbering.xml");
const STYLES: &str = include_str!("../../../assets/templates/docx/styles.xml");

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// A4 with margins of 1.9 cm, in twentieths of a point.
const PAGE: &str = "<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
    <w:pgMar w:top=\"964\" w:right=\"1077\" w:bottom=\"964\" w:left=\"1077\" w:header=\"567\" w:footer=\"567\" \
    w:gutter=\"0\"/></w:sectPr>";

pub(crate) fn write(document: &Document, template: &Template) -> ZipResult<Vec<u8>> {
    let mut links = Links::default();
    let body = body(document, template, &mut links);
    let parts = [
        ("[Content_Types].xml", CONTENT_TYPES.to_owned()),
        ("_rels/.rels", PACKAGE_RELATIONSHIPS.to_owned()),
        ("docProps/core.xml", properties(document)),
        ("word/document.xml", body),
        ("word/_rels/document.xml.rels", links.part()),
        ("word/styles.xml", styles(document, template)),
        ("word/numbering.xml", NUMBERING.to_owned()),
    ];
    // A fixed time: the same resume gives the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(name, options)?;
        archive.write_all(content.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

/// The addresses that a document links to, by their relationship's number.
#[derive(Debug, Default)]
struct Links(Vec<String>);

impl Links {
    /// `rId1` and `rId2` are styles and numbering.
    const FIRST: usize = 3;

    fn id(&mut self, address: &str) -> usize {
        let known = self.0.iter().position(|link| link == address);
        let index = known.unwrap_or_else(|| {
            self.0.push(address.to_owned());
            self.0.len() - 1
        });
        index + Self::FIRST
    }

    fn part(&self) -> String {
        let mut part = format!(
            "{XML}<Relationships xmlns=\"{PACKAGE}/relationships\">\
             <Relationship Id=\"rId1\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/>\
             <Relationship Id=\"rId2\" Type=\"{OFFICE}/numbering\" Target=\"numbering.xml\"/>"
        );
        for (index, link) in self.0.iter().enumerate() {
            let id = index + Self::FIRST;
            let target = escape(&link.replace(' ', "%20"));
            let _ = write!(
                part,
                "<Relationship Id=\"rId{id}\" Type=\"{OFFICE}/hyperlink\" Target=\"{target}\" TargetMode=\"External\"/>"
            );
        }
        part.push_str("</Relationships>");
        part
    }
}

fn body(document: &Document, template: &Template, links: &mut Links) -> String {
    let mut body = format!("{XML}<w:document xmlns:w=\"{WORD}\" xmlns:r=\"{OFFICE}\"><w:body>");
    for block in &document.blocks {
        match block {
            Block::Name(line) => paragraph(&mut body, "Title", line, links),
            Block::Label(line) => paragraph(&mut body, "Subtitle", line, links),
            Block::Contacts(lines) => {
                paragraph(&mut body, "Contact", &join(lines.iter().cloned(), " | "), links);
            }
            Block::Heading(line) => paragraph(&mut body, "Heading1", line, links),
            Block::Detail(line) => paragraph(&mut body, "EntryFacts", line, links),
            Block::Paragraph(line) => paragraph(&mut body, "Normal", line, links),
            Block::Bullet(line) => paragraph(&mut body, "ListBullet", line, links),
            Block::Entry(entry) if template.head == Head::OneLine => {
                paragraph(&mut body, "Heading2", &one_line(entry), links);
            }
            Block::Entry(entry) => {
                paragraph(&mut body, "Heading2", &entry.title, links);
                let facts = facts(entry);
                if !facts.is_empty() {
                    paragraph(&mut body, "EntryFacts", &facts, links);
                }
            }
        }
    }
    body.push_str(PAGE);
    body.push_str("</w:body></w:document>");
    body
}

fn paragraph(body: &mut String, style: &str, line: &Line, links: &mut Links) {
    let _ = write!(body, "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>");
    for run in line {
        match &run.link {
            Some(link) => {
                let _ = write!(body, "<w:hyperlink r:id=\"rId{}\">", links.id(link));
                text_run(body, run);
                body.push_str("</w:hyperlink>");
            }
            None => text_run(body, run),
        }
    }
    body.push_str("</w:p>\n");
}

fn text_run(body: &mut String, run: &Run) {
    let bold = if run.weight == Weight::Strong { "<w:b/><w:bCs/>" } else { "" };
    let style = if run.link.is_some() { "<w:rStyle w:val=\"Hyperlink\"/>" } else { "" };
    let _ = write!(
        body,
        "<w:r><w:rPr>{style}{bold}</w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>",
        escape(&run.text)
    );
}

fn properties(document: &Document) -> String {
    let title = escape(&document.title());
    let creator = escape(&document.name);
    format!(
        "{XML}<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{title}</dc:title>\
         <dc:creator>{creator}</dc:creator><dc:language>{}</dc:language></cp:coreProperties>",
        document.language
    )
}

fn styles(document: &Document, template: &Template) -> String {
    let [red, green, blue] = template.accent;
    STYLES
        .replace("TEXTFONT", template.office_text)
        .replace("HEADINGFONT", template.office_heading)
        .replace("ACCENT", &format!("{red:02X}{green:02X}{blue:02X}"))
        .replace("ALIGN", if template.centred { "center" } else { "left" })
        .replace("LANGUAGE", document.language)
}
