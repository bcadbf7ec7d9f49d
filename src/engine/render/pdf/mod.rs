//! PDF: real text in one column, tagged for screen readers, with outline, links and metadata.
//!
//! In steps: `spelling` writes what no typeface has in other characters, `style` says how each kind of text is set, `shape` turns it into lines of glyphs, `paginate`
//! places the lines on pages, `emit` writes the file.

mod emit;
mod paginate;
mod shape;
pub(in crate::engine::render) mod spelling;
mod style;

use crate::engine::render::document::{Block, Document, Line, Run, join};
use crate::engine::render::pdf::emit::{Conformance, Kind, Text};
use crate::engine::render::pdf::paginate::{Placed, Slab};
use crate::engine::render::pdf::shape::{Shaped, Shaper};
use crate::engine::render::pdf::style::{BULLET_INDENT, MARGIN_Y, PAGE_HEIGHT, Role, TEXT_WIDTH, setting};
use crate::engine::render::template::{Head, Template, facts, one_line};

/// Most pages of a document; our own reader takes no more either.
pub(crate) const MAX_PAGES: usize = 100;

/// Why no PDF was written.
#[derive(Debug)]
pub(crate) enum PdfError {
    /// It would have more than [`MAX_PAGES`] pages.
    TooManyPages,
    /// The writer failed.
    Writer(String),
}

pub(crate) fn write(document: &Document, template: &Template) -> Result<Vec<u8>, PdfError> {
    let mut shaper = Shaper::new();
    let drawable = spelling::document(document);
    let texts = texts(&drawable, template, &mut shaper);
    let slabs: Vec<Slab> = texts.iter().map(slab).collect();
    let pages = paginate::paginate(&slabs, PAGE_HEIGHT - 2.0 * MARGIN_Y);
    if pages.len() > MAX_PAGES {
        return Err(PdfError::TooManyPages);
    }
    let folios = folios(&drawable, template, &pages, &mut shaper);
    // The standard refuses characters that a strict writer cannot vouch for. A document that is tagged all
    // the same, without the claim, serves the person better than none.
    emit::emit(document, &texts, &pages, &folios, Conformance::Accessible)
        .or_else(|_| emit::emit(document, &texts, &pages, &folios, Conformance::None))
        .map_err(PdfError::Writer)
}

/// The blocks as texts, shaped.
fn texts(document: &Document, template: &Template, shaper: &mut Shaper) -> Vec<Text> {
    let mut texts = Vec::new();
    // Headings may not skip a level, and a resume may lack a name.
    let top = if document.name.is_empty() { 1 } else { 2 };
    let mut add = |role: Role, kind: Kind, line: &Line| {
        let width = if role == Role::Bullet { TEXT_WIDTH - BULLET_INDENT } else { TEXT_WIDTH };
        let setting = setting(template, role);
        let shaped = shaper.shape(line, &setting, template.accent, width);
        let marker = match role {
            Role::Bullet => {
                shaper.shape(&vec![Run::glue("•")], &setting, template.accent, BULLET_INDENT).lines
            }
            _ => Vec::new(),
        };
        texts.push(Text { role, kind, setting, shaped, marker: marker.into_iter().next() });
    };
    for block in &document.blocks {
        match block {
            Block::Name(line) => add(Role::Name, Kind::Heading(1), line),
            Block::Label(line) => add(Role::Label, Kind::Paragraph, line),
            Block::Contacts(lines) => {
                add(Role::Contacts, Kind::Paragraph, &join(lines.iter().cloned(), "  |  "));
            }
            Block::Heading(line) => add(Role::Heading, Kind::Heading(top), line),
            Block::Entry(entry) if template.head == Head::OneLine => {
                add(Role::Title, Kind::Heading(top + 1), &one_line(entry));
            }
            Block::Entry(entry) => {
                add(Role::Title, Kind::Heading(top + 1), &entry.title);
                let facts = facts(entry);
                if !facts.is_empty() {
                    add(Role::Facts, Kind::Paragraph, &facts);
                }
            }
            Block::Detail(line) => add(Role::Detail, Kind::Paragraph, line),
            Block::Paragraph(line) => add(Role::Paragraph, Kind::Paragraph, line),
            Block::Bullet(line) => add(Role::Bullet, Kind::Item, line),
        }
    }
    texts
}

fn slab(text: &Text) -> Slab {
    Slab {
        before: text.setting.before,
        lines: text.shaped.lines.iter().map(|line| line.height).collect(),
        after: text.setting.after,
        keeps_next: matches!(
            text.role,
            Role::Name | Role::Label | Role::Heading | Role::Title | Role::Facts | Role::Detail
        ),
    }
}

/// The page numbers, `Name — 2/3`: none on the first page, which shows the name anyway.
fn folios(
    document: &Document,
    template: &Template,
    pages: &[Vec<Placed>],
    shaper: &mut Shaper,
) -> Vec<Option<Shaped>> {
    let setting = setting(template, Role::Folio);
    let total = pages.len();
    // A name can be as long as a page; its beginning tells whose page it is.
    let name: String = document.name.chars().take(60).collect();
    let mut folio = |number: usize| {
        let number = format!("{number}/{total}");
        let line = vec![Run::plain(&name), Run::plain(&number)];
        shaper.shape(
            &join(line.into_iter().map(|run| vec![run]), " — "),
            &setting,
            template.accent,
            TEXT_WIDTH,
        )
    };
    (1..=total).map(|number| (number > 1).then(|| folio(number))).collect()
}
