//! Tables of a DOCX: rows of facts become lines with gaps, page layouts made with tables are read cell by cell.

use crate::domain::source::{Line, LineKind, Part, Trouble};
use crate::engine::read::docx::body::Body;
use crate::engine::read::docx::xml::Element;
use crate::engine::read::page::settle;

/// A cell with more lines than this is a column of the page and not a fact.
const MAX_FACT_LINES: usize = 4;

/// The lines of one cell, and its width in twentieths of a point where the file gives one.
struct Cell {
    lines: Vec<Line>,
    width: Option<f32>,
}

impl Body<'_> {
    /// Reads a table.
    pub(crate) fn table(&mut self, table: &Element) {
        self.draft.source().layout.tables += 1;
        self.draft.mark(Trouble::Table);
        // The style of a table may colour any of its cells.
        let paper = std::mem::replace(&mut self.on_paper, false);
        let mut rows = Vec::new();
        collect(table, "tr", &mut rows);
        for row in rows {
            let mut cells = Vec::new();
            collect(row, "tc", &mut cells);
            let cells: Vec<Cell> = self.cells(&cells);
            if cells.len() > 1 && cells.iter().all(|cell| cell.lines.len() <= MAX_FACT_LINES) {
                self.fact_row(cells);
            } else {
                self.layout_row(cells);
            }
        }
        self.on_paper = paper;
        self.draft.end_block();
    }

    /// Reads the cells of a row that have text; on the page they begin on one line.
    fn cells(&mut self, elements: &[&Element]) -> Vec<Cell> {
        let (top, outer) = (self.draft.raw().row(), self.column);
        let mut bottom = top;
        let mut cells = Vec::new();
        for element in elements {
            self.draft.raw().go_to(top);
            cells.push(self.cell(element));
            self.column = self.column.saturating_add(1);
            bottom = bottom.max(self.draft.raw().row());
        }
        self.draft.raw().go_to(bottom);
        self.column = outer;
        cells.retain(|cell| !cell.lines.is_empty());
        cells
    }

    /// Reads a cell's lines away from the draft, so that they can be arranged.
    fn cell(&mut self, cell: &Element) -> Cell {
        let start = self.draft.source().lines.len();
        self.read(cell);
        let lines = self.draft.source().lines.split_off(start);
        let width =
            cell.child("tcPr").and_then(|p| p.child("tcW")).and_then(|w| w.attribute("w")?.parse().ok());
        Cell { lines, width }
    }

    /// The first lines of all cells side by side, then the second ones.
    fn fact_row(&mut self, cells: Vec<Cell>) {
        let mut columns: Vec<std::vec::IntoIter<Line>> =
            cells.into_iter().map(|cell| cell.lines.into_iter()).collect();
        loop {
            let row: Vec<Option<Line>> = columns.iter_mut().map(Iterator::next).collect();
            let Some(first) = row.iter().flatten().next().cloned() else { break };
            let mut spans = Vec::new();
            for line in row.into_iter().flatten() {
                for (index, mut span) in line.spans.into_iter().enumerate() {
                    if index == 0 && !spans.is_empty() {
                        span.text.insert(0, '\t');
                    }
                    spans.push(span);
                }
            }
            let spans = settle(spans);
            self.draft.source().lines.push(Line { spans, ..first });
        }
    }

    /// One cell after the other; the clearly narrower of two columns is a sidebar.
    fn layout_row(&mut self, cells: Vec<Cell>) {
        let columns = u32::try_from(cells.len()).unwrap_or(u32::MAX);
        let layout = &mut self.draft.source().layout;
        layout.columns = layout.columns.max(columns).max(1);
        let widest = cells.iter().filter_map(|cell| cell.width).fold(0.0, f32::max);
        for cell in cells {
            let narrow = columns > 1 && cell.width.is_some_and(|width| width > 0.0 && width < widest * 0.7);
            for mut line in cell.lines {
                if narrow && line.part == Part::Body && !matches!(line.kind, LineKind::Heading(1)) {
                    line.part = Part::Sidebar;
                }
                self.draft.source().lines.push(line);
            }
            self.draft.end_block();
        }
    }
}

/// The rows of a table or the cells of a row, also inside content controls and tracked insertions.
fn collect<'e>(element: &'e Element, name: &str, found: &mut Vec<&'e Element>) {
    for child in element.elements() {
        if child.name == name {
            found.push(child);
        } else if matches!(child.name.as_str(), "sdt" | "sdtContent" | "ins" | "customXml" | "moveTo") {
            collect(child, name, found);
        }
    }
}
