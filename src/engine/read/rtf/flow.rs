//! One stream of text in a Rich Text file: its paragraphs and table rows become lines.
//!
//! The body is one; each header, note and text box that stands in the middle of it is another.

use crate::domain::source::{Line, LineKind, Part, SourceFormat, SourceText};
use crate::engine::read::office::GAP_POINTS;
use crate::engine::read::page::{Draft, Style};
use crate::engine::read::table::{Cell, arrange};

/// Columns whose widths are kept: a resume has a handful.
const MAX_COLUMNS: usize = 64;
/// Spaces that make a gap: that is how many people set a date to the right.
const GAP_SPACES: usize = 3;

/// How a run is set, in a form that is cheap to compare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    pub(crate) half_points: i32,
    /// Which of the file's links.
    pub(crate) link: Option<usize>,
}

/// What the paragraph's own words say of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Paragraph {
    /// The heading level that its style has.
    pub(crate) heading: Option<u8>,
    /// Its own outline level, from 0.
    pub(crate) outline: Option<u8>,
    pub(crate) is_listed: bool,
    pub(crate) level: u8,
    pub(crate) is_in_table: bool,
    /// Space above in points.
    pub(crate) before: f32,
    /// Space below in points.
    pub(crate) after: f32,
}

/// A stream of text in the making.
#[derive(Debug)]
pub(crate) struct Flow {
    draft: Draft,
    part: Part,
    /// Groups that were open when it began; with fewer it is over.
    pub(crate) depth: usize,
    pub(crate) is_floating: bool,
    run: String,
    look: Look,
    style: Style,
    /// Whether the paragraph has a list mark that the program wrote for it.
    has_mark: bool,
    /// Whether a line break stood in the paragraph's list item.
    is_continued: bool,
    space_above: f32,
    cells: Vec<Cell>,
    /// Where the open cell's lines begin.
    cell_start: usize,
    cell_number: usize,
    /// The right edges of the row's cells, in twentieths of a point.
    edges: Vec<i32>,
    is_after_row: bool,
    boxes: Vec<Vec<Line>>,
}

impl Flow {
    pub(crate) fn new(part: Part, depth: usize, is_floating: bool) -> Self {
        Self {
            draft: Draft::new(SourceFormat::Rtf),
            part,
            depth,
            is_floating,
            run: String::new(),
            look: Look::default(),
            style: Style::default(),
            has_mark: false,
            is_continued: false,
            space_above: 0.0,
            cells: Vec::new(),
            cell_start: 0,
            cell_number: 0,
            edges: Vec::new(),
            is_after_row: false,
            boxes: Vec::new(),
        }
    }

    /// The part of the page that its lines belong to.
    pub(crate) fn part(&self) -> Part {
        self.part
    }

    /// Adds text; the file's links are looked up by the number in the look.
    pub(crate) fn text(&mut self, text: &str, look: Look, links: &[String]) {
        if look != self.look {
            self.push_run();
            if look.link != self.look.link {
                self.style.link = look.link.and_then(|link| links.get(link)).cloned();
            }
            self.look = look;
        }
        self.run.push_str(text);
    }

    /// Counts text that is not shown.
    pub(crate) fn hidden(&mut self, text: &str) {
        self.draft.count_hidden(text);
    }

    /// Counts a picture.
    pub(crate) fn picture(&mut self) {
        let images = &mut self.draft.source().layout.images;
        *images = images.saturating_add(1);
    }

    /// The paragraph has a list mark.
    pub(crate) fn mark(&mut self) {
        self.has_mark = true;
    }

    /// The lines of a text box that hangs on the open paragraph.
    pub(crate) fn hang(&mut self, lines: Vec<Line>) {
        self.boxes.push(lines);
    }

    fn push_run(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let half_points = u16::try_from(self.look.half_points).unwrap_or(0);
        self.style.bold = self.look.bold;
        self.style.italic = self.look.italic;
        self.style.size = f32::from(half_points) / 2.0;
        self.draft.push(&with_gaps(&self.run), &self.style);
        self.run.clear();
    }

    fn end_line(&mut self, paragraph: &Paragraph) {
        self.push_run();
        let outline = paragraph.outline.filter(|level| *level < 9).map(|level| level + 1);
        let kind = match paragraph.heading.or(outline) {
            Some(level) => LineKind::Heading(level),
            None if self.is_continued => LineKind::Continuation,
            None if self.has_mark || paragraph.is_listed => LineKind::ListItem(paragraph.level.min(8)),
            None => LineKind::Text,
        };
        if self.is_floating && self.draft.is_open() {
            self.draft.count_floating();
        }
        self.draft.end_typed_line(kind, self.part);
    }

    /// A line break inside a paragraph: further lines of a list item stay with it.
    pub(crate) fn break_line(&mut self, paragraph: &Paragraph) {
        self.push_run();
        if self.draft.is_open() {
            self.end_line(paragraph);
            self.is_continued |= self.has_mark || paragraph.is_listed;
        }
    }

    /// The end of a paragraph.
    pub(crate) fn end_paragraph(&mut self, paragraph: &Paragraph) {
        if paragraph.is_in_table {
            self.close_paragraph(paragraph);
            return;
        }
        self.end_row();
        if std::mem::take(&mut self.is_after_row) {
            self.draft.end_block();
        }
        self.close_paragraph(paragraph);
        self.cell_start = self.draft.source().lines.len();
    }

    fn close_paragraph(&mut self, paragraph: &Paragraph) {
        self.push_run();
        let is_heading = paragraph.heading.or(paragraph.outline).is_some();
        if paragraph.before.max(self.space_above) >= GAP_POINTS || is_heading {
            self.draft.end_block();
        }
        self.space_above = paragraph.after;
        let is_blank = !self.draft.is_open();
        self.end_line(paragraph);
        if is_blank {
            self.draft.end_block();
        }
        self.has_mark = false;
        self.is_continued = false;
        for lines in std::mem::take(&mut self.boxes) {
            self.append(lines);
        }
    }

    /// Adds the finished lines of another stream.
    pub(crate) fn append(&mut self, lines: Vec<Line>) {
        let offset = self.draft.source().lines.last().map_or(0, |line| line.block + 1);
        self.draft.append(lines, offset);
    }

    /// The end of a table's cell.
    pub(crate) fn end_cell(&mut self, paragraph: &Paragraph) {
        self.close_paragraph(paragraph);
        let number = self.cell_number;
        self.cell_number += 1;
        let start = self.cell_start.min(self.draft.source().lines.len());
        let lines = self.draft.source().lines.split_off(start);
        if !lines.is_empty() {
            self.cells.push(Cell { lines, width: self.width(number) });
        }
    }

    /// The end of a table's row; nothing when no cell has ended since the last one.
    pub(crate) fn end_row(&mut self) {
        if self.cell_number > 0 {
            if !std::mem::replace(&mut self.is_after_row, true) {
                let tables = &mut self.draft.source().layout.tables;
                *tables = tables.saturating_add(1);
            }
            self.cell_number = 0;
            arrange(&mut self.draft, std::mem::take(&mut self.cells));
        }
        self.cell_start = self.draft.source().lines.len();
    }

    /// The definition of a row begins.
    pub(crate) fn begin_edges(&mut self) {
        self.edges.clear();
    }

    /// The right edge of the next cell.
    pub(crate) fn edge(&mut self, edge: i32) {
        if self.edges.len() < MAX_COLUMNS {
            self.edges.push(edge);
        }
    }

    fn width(&self, cell: usize) -> Option<f32> {
        let right = *self.edges.get(cell)?;
        let left = cell.checked_sub(1).and_then(|before| self.edges.get(before)).copied().unwrap_or(0);
        u16::try_from(right.saturating_sub(left)).ok().map(f32::from)
    }

    /// What the stream says, blocks numbered from 0.
    pub(crate) fn finish(mut self, paragraph: &Paragraph) -> SourceText {
        if self.cell_number > 0 {
            self.end_cell(paragraph);
        } else {
            self.close_paragraph(paragraph);
        }
        self.end_row();
        self.draft.finish()
    }
}

/// Wide gaps that were made with spaces, as tabs.
fn with_gaps(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut spaces = 0;
    for c in text.chars() {
        if c == ' ' {
            spaces += 1;
            continue;
        }
        push_spaces(&mut out, std::mem::take(&mut spaces));
        out.push(c);
    }
    push_spaces(&mut out, spaces);
    out
}

fn push_spaces(out: &mut String, count: usize) {
    match count {
        0 => {}
        GAP_SPACES.. => out.push('\t'),
        _ => out.push(' '),
    }
}
