//! Rows of tables: rows of facts become lines with gaps, page layouts made with tables are read cell by cell.

use crate::domain::source::{Line, LineKind, Part};
use crate::engine::read::page::{Draft, settle};

/// A cell with more lines than this is a column of the page and not a fact.
const MAX_FACT_LINES: usize = 4;

/// The lines of one cell, and its width in any unit where the file gives one.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) lines: Vec<Line>,
    pub(crate) width: Option<f32>,
}

/// Puts the cells of one row into the draft; empty ones count for nothing.
pub(crate) fn arrange(draft: &mut Draft, mut cells: Vec<Cell>) {
    cells.retain(|cell| !cell.lines.is_empty());
    if cells.len() > 1 && cells.iter().all(|cell| cell.lines.len() <= MAX_FACT_LINES) {
        fact_row(draft, cells);
    } else {
        layout_row(draft, cells);
    }
}

/// The first lines of all cells side by side, then the second ones.
fn fact_row(draft: &mut Draft, cells: Vec<Cell>) {
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
        draft.source().lines.push(Line { spans: settle(spans), ..first });
    }
}

/// One cell after the other; the clearly narrower of two columns is a sidebar.
fn layout_row(draft: &mut Draft, cells: Vec<Cell>) {
    let columns = u32::try_from(cells.len()).unwrap_or(u32::MAX);
    let layout = &mut draft.source().layout;
    layout.columns = layout.columns.max(columns).max(1);
    let widest = cells.iter().filter_map(|cell| cell.width).fold(0.0, f32::max);
    for cell in cells {
        let narrow = columns > 1 && cell.width.is_some_and(|width| width > 0.0 && width < widest * 0.7);
        for mut line in cell.lines {
            if narrow && line.part == Part::Body && !matches!(line.kind, LineKind::Heading(1)) {
                line.part = Part::Sidebar;
            }
            draft.source().lines.push(line);
        }
        draft.end_block();
    }
}
