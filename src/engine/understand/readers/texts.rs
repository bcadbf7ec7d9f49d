//! The text of a file as each kind of reader puts it together.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::domain::source::{Line, Part, RawRun, SourceText};
use crate::engine::words::numbers_alike;

/// The texts, a line each for what a reader takes for a line.
#[derive(Debug)]
pub(crate) struct Texts {
    /// In reading order, what pages repeat said once.
    pub(crate) layout: String,
    /// In the file's own order, without what stands aside.
    pub(crate) raw: String,
    /// From line to line of the page, each from left to right.
    pub(crate) merged: String,
    /// In the file's own order, with what stands aside.
    pub(crate) everything: String,
    /// Page headers, footers and notes.
    pub(crate) margins: String,
}

impl Texts {
    pub(crate) fn of(source: &SourceText) -> Self {
        let runs = if source.raw.is_empty() {
            Cow::Owned(runs_of_lines(&source.lines))
        } else {
            Cow::Borrowed(source.raw.as_slice())
        };
        let mut by_row: Vec<&RawRun> = runs.iter().collect();
        by_row.sort_by(|a, b| a.row.cmp(&b.row).then(a.left.total_cmp(&b.left)));
        Self {
            layout: layout(&source.lines),
            raw: joined(runs.iter().filter(|run| !run.aside)),
            merged: joined(by_row.into_iter()),
            everything: joined(runs.iter()),
            margins: margins(&source.lines, Part::Header) + &margins(&source.lines, Part::Footer),
        }
    }
}

/// Headers first and footers last: in between they would part what goes on over the end of a page.
fn layout(lines: &[Line]) -> String {
    let mut text = margins(lines, Part::Header);
    for line in lines.iter().filter(|line| !is_margin(line)) {
        add_line(&mut text, &line.text());
    }
    text + &margins(lines, Part::Footer)
}

/// What stands in one margin of the pages, what repeats said once.
fn margins(lines: &[Line], part: Part) -> String {
    let mut seen = HashSet::new();
    let mut text = String::new();
    for line in lines.iter().filter(|line| line.part == part) {
        let words = line.text();
        if seen.insert(numbers_alike(&words)) {
            add_line(&mut text, &words);
        }
    }
    text
}

fn is_margin(line: &Line) -> bool {
    matches!(line.part, Part::Header | Part::Footer)
}

fn add_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Where no other order is known, the lines are in the file's own.
fn runs_of_lines(lines: &[Line]) -> Vec<RawRun> {
    (0..)
        .zip(lines)
        .map(|(row, line)| RawRun { text: line.text(), row, left: 0.0, aside: is_margin(line) })
        .collect()
}

/// Runs one after the other: a new line wherever the next one stands on another line of the page.
fn joined<'r>(runs: impl Iterator<Item = &'r RawRun>) -> String {
    let mut text = String::new();
    let mut row = None;
    for run in runs {
        if let Some(last) = row {
            text.push(if last == run.row { ' ' } else { '\n' });
        }
        text.push_str(&run.text);
        row = Some(run.row);
    }
    text
}
