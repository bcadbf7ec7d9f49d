//! Characters to lines: what the reader of LaTeX writes, with lists and tables around it.

use crate::domain::source::{LineKind, Part, SourceFormat, SourceText};
use crate::engine::read::page::{Draft, Style};
use crate::engine::read::table::{Cell, arrange};

/// Deeper lists are no lists of a resume; LaTeX itself allows four.
const MAX_LIST_DEPTH: usize = 64;

/// How text is set, in a form that is cheap to compare.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Look {
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    pub(crate) size: f32,
    /// Which of the document's links.
    pub(crate) link: Option<usize>,
}

/// The lines in the making.
#[derive(Debug)]
pub(crate) struct Writer {
    draft: Draft,
    run: String,
    look: Look,
    style: Style,
    kind: LineKind,
    part: Part,
    /// The open lists, each with whether its items have marks.
    lists: Vec<bool>,
    tables: Vec<Table>,
    links: Vec<String>,
}

/// A table whose row is being read.
#[derive(Debug, Default)]
struct Table {
    cells: Vec<Cell>,
    /// Where the open cell's lines begin.
    start: usize,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self {
            draft: Draft::new(SourceFormat::Latex),
            run: String::new(),
            look: Look::default(),
            style: Style::default(),
            kind: LineKind::Text,
            part: Part::Body,
            lists: Vec::new(),
            tables: Vec::new(),
            links: Vec::new(),
        }
    }

    /// The document so far, for facts beside its lines.
    pub(crate) fn source(&mut self) -> &mut SourceText {
        self.draft.source()
    }

    /// Keeps an address; the number is for looks.
    pub(crate) fn add_link(&mut self, address: String) -> usize {
        self.links.push(address);
        self.links.len() - 1
    }

    /// Adds a character of running text; dashes and quotes are joined as LaTeX joins them.
    pub(crate) fn character(&mut self, c: char, look: Look) {
        self.set_look(look);
        let joined = match (self.run.chars().next_back(), c) {
            (Some('-'), '-') => '–',
            (Some('–'), '-') => '—',
            (Some('‘'), '`') => '“',
            (Some('\''), '\'') => '”',
            (_, '`') => {
                self.run.push('‘');
                return;
            }
            _ => {
                self.run.push(c);
                return;
            }
        };
        self.run.pop();
        self.run.push(joined);
    }

    /// Adds text as it is.
    pub(crate) fn text(&mut self, text: &str, look: Look) {
        self.set_look(look);
        self.run.push_str(text);
    }

    fn set_look(&mut self, look: Look) {
        if look == self.look {
            return;
        }
        self.push_run();
        if look.link != self.look.link {
            self.style.link = look.link.and_then(|link| self.links.get(link)).cloned();
        }
        self.style.bold = look.bold;
        self.style.italic = look.italic;
        self.style.size = look.size;
        self.look = look;
    }

    fn push_run(&mut self) {
        if !self.run.is_empty() {
            self.draft.push(&self.run, &self.style);
            self.run.clear();
        }
    }

    /// Whether the open line has text.
    pub(crate) fn is_open(&mut self) -> bool {
        self.push_run();
        self.draft.is_open()
    }

    /// The text of the open line.
    pub(crate) fn open_text(&mut self) -> String {
        self.push_run();
        self.draft.open_text()
    }

    /// Ends the line; further lines of a list item stay with it.
    pub(crate) fn end_line(&mut self) {
        if self.is_open() {
            self.draft.end_typed_line(self.kind, self.part);
            if matches!(self.kind, LineKind::ListItem(_)) {
                self.kind = LineKind::Continuation;
            }
        } else {
            // Spaces alone would otherwise wait for the next line.
            self.draft.end_line(self.kind, self.part);
        }
    }

    /// Ends the line, which is of this kind.
    pub(crate) fn end_line_as(&mut self, kind: LineKind) {
        let outer = std::mem::replace(&mut self.kind, kind);
        self.end_line();
        self.kind = outer;
    }

    /// Ends a paragraph.
    pub(crate) fn end_paragraph(&mut self) {
        self.end_line();
        if !self.is_in_item() {
            self.draft.end_block();
            self.kind = LineKind::Text;
        }
    }

    /// The next line stands apart.
    pub(crate) fn end_block(&mut self) {
        self.end_line();
        self.draft.end_block();
    }

    /// What follows belongs to this part of the page.
    pub(crate) fn enter(&mut self, part: Part) {
        self.end_block();
        self.kind = LineKind::Text;
        self.part = part;
    }

    fn is_in_item(&self) -> bool {
        self.lists.iter().any(|has_marks| *has_marks)
    }

    pub(crate) fn begin_list(&mut self, has_marks: bool) {
        self.end_line();
        if !self.is_in_item() {
            self.draft.end_block();
        }
        if self.lists.len() < MAX_LIST_DEPTH {
            self.lists.push(has_marks);
        }
    }

    pub(crate) fn end_list(&mut self) {
        self.end_line();
        self.lists.pop();
        if self.is_in_item() {
            self.kind = LineKind::Continuation;
        } else {
            self.kind = LineKind::Text;
            self.draft.end_block();
        }
    }

    /// A list item begins; one of a list without marks is a paragraph.
    pub(crate) fn begin_item(&mut self) {
        self.end_line();
        if self.lists.last() == Some(&false) {
            self.draft.end_block();
            self.kind = LineKind::Text;
            return;
        }
        let marked = self.lists.iter().filter(|has_marks| **has_marks).count();
        self.kind = LineKind::ListItem(u8::try_from(marked.saturating_sub(1)).unwrap_or(u8::MAX));
    }

    /// A list item that no list stands around is over.
    pub(crate) fn end_item(&mut self) {
        self.end_line();
        self.kind = if self.is_in_item() { LineKind::Continuation } else { LineKind::Text };
    }

    pub(crate) fn begin_table(&mut self) {
        self.end_line();
        let start = self.draft.source().lines.len();
        self.tables.push(Table { cells: Vec::new(), start });
    }

    pub(crate) fn end_table(&mut self) {
        self.end_row();
        self.tables.pop();
    }

    /// The end of a cell; outside of tables it is a gap.
    pub(crate) fn end_cell(&mut self, look: Look) {
        if self.tables.is_empty() {
            self.text("\t", look);
        } else {
            self.close_cell();
        }
    }

    fn close_cell(&mut self) {
        self.end_line();
        let Some(table) = self.tables.last_mut() else { return };
        let start = table.start.min(self.draft.source().lines.len());
        let lines = self.draft.source().lines.split_off(start);
        if !lines.is_empty() {
            table.cells.push(Cell { lines, width: None });
        }
    }

    /// The end of a table's row, or of a line outside of tables.
    pub(crate) fn end_row(&mut self) {
        self.close_cell();
        let Some(table) = self.tables.last_mut() else { return };
        let cells = std::mem::take(&mut table.cells);
        arrange(&mut self.draft, cells);
        let start = self.draft.source().lines.len();
        if let Some(table) = self.tables.last_mut() {
            table.start = start;
        }
    }

    pub(crate) fn finish(mut self) -> SourceText {
        while !self.tables.is_empty() {
            self.end_table();
        }
        self.end_line();
        self.draft.finish()
    }
}
