//! PDF: real text in one column, tagged for screen readers, with outline, links and metadata.
//!
//! In steps: `spelling` writes what no typeface has in other characters, `style` says how each kind of text is set,
//! `shape` turns it into lines of glyphs, `paginate` places the lines on pages, `emit` writes the file.

mod emit;
mod paginate;
mod shape;
pub(in crate::engine::render) mod spelling;
mod style;

use unicode_bidi::{BidiClass, bidi_class};

use crate::engine::render::document::{Block, Document, Entry, Line, Run, join, text};
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
    let mut sheet = Sheet { texts: Vec::new(), template, shaper };
    let heads_on_one_line = sheet.fits_heads(document);
    // Headings may not skip a level, and a resume may lack a name.
    let top = if document.name.is_empty() { 1 } else { 2 };
    for block in &document.blocks {
        match block {
            Block::Name(line) => sheet.add(Role::Name, Kind::Heading(1), line),
            Block::Label(line) => sheet.add(Role::Label, Kind::Paragraph, line),
            Block::Contacts(contacts) => sheet.add_contacts(contacts),
            Block::Heading(line) => sheet.add(Role::Heading, Kind::Heading(top), line),
            Block::Entry(entry) if heads_on_one_line => {
                sheet.add(Role::Title, Kind::Heading(top + 1), &one_line(entry));
            }
            Block::Entry(entry) => sheet.add_head(entry, top + 1),
            Block::Detail(line) => sheet.add(Role::Detail, Kind::Paragraph, line),
            Block::Paragraph(line) => sheet.add(Role::Paragraph, Kind::Paragraph, line),
            Block::Bullet(line) => sheet.add(Role::Bullet, Kind::Item, line),
        }
    }
    sheet.texts
}

/// The texts of a document, as they are set.
struct Sheet<'a> {
    texts: Vec<Text>,
    template: &'a Template,
    shaper: &'a mut Shaper,
}

impl Sheet<'_> {
    fn add(&mut self, role: Role, kind: Kind, line: &Line) {
        let setting = setting(self.template, role);
        let shaped = self.shape(role, line);
        let marker = match role {
            Role::Bullet => {
                let mark = vec![Run::glue("•")];
                self.shaper.shape(&mark, &setting, self.template.accent, BULLET_INDENT).lines
            }
            _ => Vec::new(),
        };
        self.texts.push(Text { role, kind, setting, shaped, marker: marker.into_iter().next() });
    }

    fn shape(&mut self, role: Role, line: &Line) -> Shaped {
        let width = if role == Role::Bullet { TEXT_WIDTH - BULLET_INDENT } else { TEXT_WIDTH };
        self.shaper.shape(line, &setting(self.template, role), self.template.accent, width)
    }

    /// Whether the heads of the entries go on one line each. Broken where the width ends, a head could part a date or an
    /// employer, which neither people nor readers put together again; an employer in Arabic after a title in English is
    /// read as well before it, as the one who reads takes the line; and heads of both kinds in one document are read as
    /// something that differs.
    fn fits_heads(&mut self, document: &Document) -> bool {
        self.template.head == Head::OneLine
            && document.blocks.iter().all(|block| match block {
                Block::Entry(entry) => {
                    let line = one_line(entry);
                    runs_one_way(&text(&line)) && self.shape(Role::Title, &line).lines.len() <= 1
                }
                _ => true,
            })
    }

    /// Adds the head of an entry on two lines, its title a heading of that level.
    fn add_head(&mut self, entry: &Entry, level: u16) {
        self.add(Role::Title, Kind::Heading(level), &entry.title);
        let facts = facts(entry);
        if !facts.is_empty() {
            self.add(Role::Facts, Kind::Paragraph, &facts);
        }
    }

    /// Adds the ways to reach the person, as many on a line as fit there whole: half an address leads nowhere.
    fn add_contacts(&mut self, contacts: &[Line]) {
        let joined = |contacts: &[Line]| join(contacts.iter().cloned(), "  |  ");
        let mut row: Vec<Line> = Vec::new();
        for contact in contacts {
            let longer: Vec<Line> = row.iter().chain([contact]).cloned().collect();
            let fits = row.is_empty() || self.shape(Role::Contacts, &joined(&longer)).lines.len() <= 1;
            if fits {
                row = longer;
            } else {
                self.add(Role::Contacts, Kind::Paragraph, &joined(&row));
                row = vec![contact.clone()];
            }
        }
        self.add(Role::Contacts, Kind::Paragraph, &joined(&row));
    }
}

/// Whether all letters of a text are written in the same direction.
fn runs_one_way(text: &str) -> bool {
    let has = |classes: &[BidiClass]| text.chars().any(|c| classes.contains(&bidi_class(c)));
    !(has(&[BidiClass::L]) && has(&[BidiClass::R, BidiClass::AL]))
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
