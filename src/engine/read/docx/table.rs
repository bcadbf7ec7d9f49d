//! Tables of a DOCX, row by row.

use crate::domain::source::Trouble;
use crate::engine::read::docx::body::Body;
use crate::engine::read::table::{Cell, arrange};
use crate::engine::read::xml::Element;

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
            let cells = self.cells(&cells);
            arrange(self.draft, cells);
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
