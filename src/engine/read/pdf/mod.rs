//! PDF: painted characters to lines in reading order.

mod bidi;
mod annotations;
mod contents;
mod font;
mod fonts;
mod glyph;
mod guard;
mod hyphens;
mod interpret;
mod lines;
mod margins;
mod marks;
mod paint;
mod rails;
mod raw;
mod regions;
mod rows;
mod string;
mod unpack;
mod value;
mod weight;
mod words;

use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use crate::domain::source::{Layout, Line, PageSize, Part, SourceFormat, SourceText, Trouble};
use crate::engine::read::Limits;
use crate::engine::read::error::ReadError;
use crate::engine::read::pdf::bidi::Direction;
use crate::engine::read::pdf::contents::contents;
use crate::engine::read::pdf::fonts::{Fonts, UNKNOWN};
use crate::engine::read::pdf::glyph::{Glyph, PageGlyphs, Sight};
use crate::engine::read::pdf::hyphens::Habits;
use crate::engine::read::pdf::interpret::read_page;
use crate::engine::read::pdf::lines::Stretch;
use crate::engine::read::pdf::marks::PageKind;
use crate::engine::read::raw::Raw;
use crate::engine::read::tidy::tidy_folded;

/// Characters of a document: a hundred pages of small print have half a million.
const MAX_GLYPHS: usize = 1_000_000;

/// Reads a PDF.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<SourceText, ReadError> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(refusal)?;
    // Half a resume reads well, and half a career would be left out of whatever is made of it.
    let end = end_of(bytes);
    if end == End::Missing {
        return Err(ReadError::damaged("its end is missing"));
    }
    guard::check(&pdf)?;
    let pages = pdf.pages();
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    if count > limits.max_pages {
        return Err(ReadError::TooManyPages { pages: count, limit: limits.max_pages });
    }
    let mut fonts = Fonts::new();
    let mut text = Text::default();
    for (number, page) in (1..).zip(pages.iter()) {
        let content = contents(page)?;
        text.missing += u32::from(page.raw().contains_key("Contents") && content.is_none());
        let room = MAX_GLYPHS.saturating_sub(text.glyphs);
        text.add(read_page(page, &content.unwrap_or_default(), &mut fonts, room), number);
    }
    text.fonts_left_out = fonts.are_left_out();
    if count == 0 || text.missing == count {
        return Err(ReadError::damaged("no page of it can be read"));
    }
    // A number on each page of a scan is no text that anybody could work with.
    if text.scans > 0 && text.written == 0 {
        return Err(ReadError::NoText { pages: count, images: text.layout.images });
    }
    let title = pdf.metadata().title.as_ref().map(|title| tidy_folded(&string::decode(title)));
    let producer =
        [&pdf.metadata().producer, &pdf.metadata().creator].map(|name| name.as_deref().map(string::decode));
    // TeX and its kind part words; browsers and word processors leave that to the author.
    let parts_words = producer.iter().flatten().any(|name| is_tex(name));
    let mut lines = lines::lines(&text.stretches);
    hyphens::join(&mut lines, Habits { parts_words, soft_as_hard: text.soft_as_hard });
    Ok(text.finish(lines, end, title.filter(|title| !title.is_empty())))
}

fn refusal(error: LoadPdfError) -> ReadError {
    match error {
        LoadPdfError::Decryption(DecryptionError::MissingIDEntry | DecryptionError::InvalidEncryption) => {
            ReadError::damaged("its encryption is broken")
        }
        LoadPdfError::Decryption(_) => ReadError::Encrypted,
        LoadPdfError::Invalid => ReadError::damaged("it is no complete PDF"),
    }
}

/// Whether a program's name is one of TeX and its drivers.
fn is_tex(program: &str) -> bool {
    let program = program.to_ascii_lowercase();
    program.contains("tex") || program.contains("dvipdf")
}

/// How much of the end of a file is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    /// All objects are there, the table of their places at the very end is not.
    WithoutTable,
    Missing,
}

/// A whole PDF ends with a mark; anything may follow it.
fn end_of(bytes: &[u8]) -> End {
    let last = |needle: &[u8]| bytes.windows(needle.len()).rposition(|window| window == needle);
    let tail = bytes.get(bytes.len().saturating_sub(4096)..).unwrap_or(bytes);
    if tail.windows(5).any(|window| window == b"%%EOF")
        || tail.windows(9).any(|window| window == b"startxref")
    {
        return End::Whole;
    }
    let table = last(b"\nxref").max(last(b"\rxref")).max(last(b"/XRef"));
    if table > last(b"endobj") { End::WithoutTable } else { End::Missing }
}

/// The document's text while its pages are read.
#[derive(Default)]
struct Text {
    stretches: Vec<Stretch>,
    raw: Raw,
    pages: Vec<PageSize>,
    layout: Layout,
    notes: Vec<String>,
    /// Pages whose content is lost.
    missing: u32,
    /// Pages that are pictures of pages.
    scans: u32,
    /// Pages that have text.
    written: u32,
    /// Soft hyphens stand inside lines.
    soft_as_hard: bool,
    /// Characters so far.
    glyphs: usize,
    fonts_left_out: bool,
}

impl Text {
    fn add(&mut self, mut page: PageGlyphs, number: u32) {
        self.glyphs = self.glyphs.saturating_add(page.glyphs.len());
        #[expect(clippy::cast_possible_truncation, reason = "the sizes were f32 before")]
        self.pages.push(PageSize { width: page.width as f32, height: page.height as f32 });
        self.layout.images = self.layout.images.saturating_add(page.images);
        let unknown = page.glyphs.iter().filter(|glyph| glyph.text == UNKNOWN).count();
        self.layout.unmapped_glyphs =
            self.layout.unmapped_glyphs.saturating_add(u32::try_from(unknown).unwrap_or(u32::MAX));
        // Soft hyphens are for the ends of lines; a page with more of them uses them as hyphens.
        self.soft_as_hard |= page.glyphs.iter().zip(page.glyphs.iter().skip(1)).any(|(glyph, next)| {
            glyph.text == "\u{ad}" && (glyph.y - next.y).abs() < 0.3 * glyph.size && next.x > glyph.x
        });
        if page.truncated {
            self.notes.push(format!("Page {number} has more text than is read; its end is left out."));
        }
        marks::glyphs(
            &page,
            number,
            &mut self.layout,
            (Trouble::UnmappedGlyphs, |glyph| glyph.text == UNKNOWN),
        );
        self.settle_hidden(&mut page, number);
        match marks::judge(&page, number, &mut self.layout) {
            PageKind::Scan => self.scans += 1,
            PageKind::Written => self.written += 1,
            PageKind::Blank => {}
        }
        let seen = page.glyphs.iter().filter(|glyph| glyph.sight == Sight::Seen);
        let direction = Direction::of(seen.map(|glyph| glyph.text.as_str()));
        for (turn, segments) in words::segments(&page).into_iter().enumerate() {
            raw::note(&segments, direction, &mut self.raw);
            for region in regions::regions(segments, page.height) {
                let column = region.column.filter(|column| column.tall);
                if turn == 0 && column.is_some() {
                    marks::column(&region, number, &mut self.layout);
                }
                self.layout.columns = self.layout.columns.max(column.map_or(1, |column| column.of));
                // Text turned by a quarter stands in the margin of what the page says.
                let side = turn > 0 || column.is_some_and(|column| column.side);
                let part = if side { Part::Sidebar } else { Part::Body };
                self.stretches.push(Stretch { rows: rows::rows(region, direction), page: number, part });
            }
        }
    }

    /// Text without ink counts where it is the page's text: the invisible layer that text recognition adds. Any other
    /// text that nobody can see is none, however much of it there is.
    fn settle_hidden(&mut self, page: &mut PageGlyphs, number: u32) {
        if marks::is_recognized(page) {
            for glyph in page.glyphs.iter_mut().filter(|glyph| glyph.sight == Sight::Inkless) {
                glyph.sight = Sight::Seen;
            }
        }
        marks::glyphs(page, number, &mut self.layout, (Trouble::HiddenText, Glyph::is_hidden_text));
        let hidden = page.glyphs.iter().filter(|glyph| glyph.is_hidden_text()).count();
        let hidden = u32::try_from(hidden).unwrap_or(u32::MAX);
        self.layout.hidden_characters = self.layout.hidden_characters.saturating_add(hidden);
    }

    fn finish(mut self, mut lines: Vec<Line>, end: End, title: Option<String>) -> SourceText {
        margins::mark(&mut lines, &self.pages);
        if end == End::WithoutTable {
            self.notes.push("The end of the file is missing: what is read may not be all of it.".to_owned());
        }
        if self.missing > 0 {
            self.notes.push(format!(
                "The content of {} of its pages is damaged and could not be read.",
                self.missing
            ));
        }
        if self.scans > 0 {
            self.notes.push(format!(
                "{} of its pages are pictures with hardly any text; the words in them are not read.",
                self.scans
            ));
        }
        if self.layout.hidden_characters > 0 {
            self.notes.push(format!(
                "{} characters are painted so that nobody can see them; they are left out.",
                self.layout.hidden_characters,
            ));
        }
        if self.fonts_left_out {
            self.notes.push(
                "Some of its fonts are larger than any document needs; text in them is not read.".to_owned(),
            );
        }
        if self.layout.unmapped_glyphs > 0 {
            self.notes.push(format!(
                "{} characters have no meaning as text and are missing.",
                self.layout.unmapped_glyphs
            ));
        }
        SourceText {
            format: SourceFormat::Pdf,
            lines,
            raw: self.raw.finish(),
            pages: self.pages,
            layout: self.layout,
            structured: Vec::new(),
            notes: self.notes,
            title,
        }
    }
}
