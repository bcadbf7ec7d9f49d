//! Tables of an ODT, row by row.

use crate::engine::read::odt::body::Body;
use crate::engine::read::table::{Cell, arrange};
use crate::engine::read::xml::Element;

/// Columns whose widths are kept: a resume has a handful.
const MAX_COLUMNS: usize = 64;

impl<'e> Body<'_, 'e> {
    /// Reads a table.
    pub(crate) fn table(&mut self, table: &'e Element) {
        self.draft.source().layout.tables += 1;
        let mut widths = Vec::new();
        self.column_widths(table, &mut widths);
        let mut rows = Vec::new();
        collect(table, &["table-row"], &mut rows);
        for row in rows {
            let mut elements = Vec::new();
            // A covered cell is the rest of one that spans several columns.
            collect(row, &["table-cell", "covered-table-cell"], &mut elements);
            let mut cells = Vec::new();
            for (index, cell) in elements.into_iter().enumerate() {
                let spanned = number(cell, "number-columns-spanned");
                let width = widths.iter().skip(index).take(spanned).copied().sum::<Option<f32>>();
                cells.push(self.cell(cell, width));
            }
            arrange(self.draft, cells);
        }
        self.draft.end_block();
    }

    /// Reads a cell's lines away from the draft, so that they can be arranged.
    fn cell(&mut self, cell: &'e Element, width: Option<f32>) -> Cell {
        let start = self.draft.source().lines.len();
        self.read(cell);
        let lines = self.draft.source().lines.split_off(start);
        Cell { lines, width }
    }

    fn column_widths(&self, table: &Element, widths: &mut Vec<Option<f32>>) {
        let mut columns = Vec::new();
        collect(table, &["table-column"], &mut columns);
        for column in columns {
            let width = self.styles.column_width(column.attribute("style-name"));
            for _ in 0..number(column, "number-columns-repeated") {
                if widths.len() < MAX_COLUMNS {
                    widths.push(width);
                }
            }
        }
    }
}

fn number(element: &Element, name: &str) -> usize {
    element.attribute(name).and_then(|text| text.parse().ok()).unwrap_or(1).clamp(1, MAX_COLUMNS)
}

/// The rows of a table, its columns, or the cells of a row, also inside the groups that headers make.
fn collect<'e>(element: &'e Element, names: &[&str], found: &mut Vec<&'e Element>) {
    for child in element.elements() {
        if names.contains(&child.name.as_str()) {
            found.push(child);
        } else if child.name.starts_with("table-header-")
            || child.name.ends_with("-group")
            || matches!(child.name.as_str(), "table-rows" | "table-columns")
        {
            collect(child, names, found);
        }
    }
}
