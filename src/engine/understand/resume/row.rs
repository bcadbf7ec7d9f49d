//! Rows: the lines of a document made whole, wrapped lines joined and right-hand notes told apart.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::source::{Line, LineKind, Part, SourceText};
use crate::engine::understand::resume::dates::{Dates, find_dates, is_duration, is_only_dates};
use crate::engine::understand::resume::places::is_place;
use crate::engine::understand::resume::text::{is_upper, join_wrapped, pattern};

/// Text set in one way, inside one cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    /// The cell of the row that it stands in.
    pub(crate) cell: usize,
    /// Its text, blanks at the ends kept.
    pub(crate) text: String,
    /// Set in a bold face.
    pub(crate) bold: bool,
    /// Set in an italic face.
    pub(crate) italic: bool,
}

/// What ends in a point and ends no sentence: legal forms, degrees.
const ABBREVIATIONS: &[&str] = &[
    "inc.", "ltd.", "corp.", "co.", "llc.", "jr.", "sr.", "s.a.", "s.l.", "b.v.", "hons.", "ph.d.", "m.d.",
    "j.d.", "d.d.s.", "esq.", "m.sc.", "b.sc.", "m.a.", "b.a.", "ll.m.", "r.n.", "p.e.",
];

/// One logical line.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What stands between wide gaps, left to right, none empty.
    pub(crate) cells: Vec<String>,
    /// The same by typeface.
    pub(crate) runs: Vec<Run>,
    /// Dates, durations and places that stood to the right of running text: they belong to the entry.
    pub(crate) asides: Vec<String>,
    /// Every visible character is bold.
    pub(crate) bold: bool,
    /// Largest type size, 0 when unknown.
    pub(crate) size: f32,
    /// Depth of the list item that it is.
    pub(crate) item: Option<u8>,
    /// Level of the heading that the document says it is.
    pub(crate) heading: Option<u8>,
    /// A gap stood before it.
    pub(crate) gap: bool,
    /// Which part of the page it belongs to.
    pub(crate) part: Part,
    /// Words and where they lead.
    pub(crate) links: Vec<(String, String)>,
}

impl Row {
    /// The text of the row, asides left out.
    pub(crate) fn text(&self) -> String {
        self.cells.join(" ")
    }

    /// Everything that stood on the row.
    pub(crate) fn all(&self) -> String {
        let mut all = self.text();
        for aside in &self.asides {
            all.push(' ');
            all.push_str(aside);
        }
        all
    }

    /// Where the row's first link leads.
    pub(crate) fn link(&self) -> Option<String> {
        self.links.iter().map(|(_, target)| target).find(|target| target.starts_with("http")).cloned()
    }

    /// The row reduced to one of its texts, typeface forgotten.
    pub(crate) fn with_text(&self, text: &str) -> Self {
        let run = Run { cell: 0, text: text.to_owned(), bold: self.bold, italic: false };
        Self { cells: vec![text.to_owned()], runs: vec![run], asides: Vec::new(), ..self.clone() }
    }

    /// Whether it reads as running text: long, or a sentence.
    pub(crate) fn is_prose(&self) -> bool {
        let text = self.text();
        let count = text.split_whitespace().count();
        let han = text.chars().filter(|c| crate::engine::understand::resume::text::is_han(*c)).count();
        let ends = text.trim_end().ends_with(['.', '!', '?', ';', '。', '；', '！']);
        let abbreviated = ABBREVIATIONS.iter().any(|short| text.to_lowercase().trim_end().ends_with(short));
        self.cells.len() == 1
            && !self.bold
            && (count >= 16 || han >= 30 || (ends && !abbreviated && (count >= 5 || han >= 10)))
    }

    /// Whether it is set in capitals.
    pub(crate) fn is_caps(&self) -> bool {
        is_upper(&self.text())
    }
}

/// The rows of a document, in its order.
pub(crate) fn rows(source: &SourceText) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut block = None;
    for line in &source.lines {
        let Some(mut row) = row(line) else {
            continue;
        };
        row.gap = block != Some(line.block);
        block = Some(line.block);
        match rows.last_mut() {
            Some(last) if continues(last, &row, line.kind) => join(last, row),
            _ => rows.push(row),
        }
    }
    rows
}

/// Dots that lead the eye to what stands at the right, as in a table of contents: a wide gap.
static LEADER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s*(?:\.{5,}|…{3,}|(?:\.\s){5,})\s*"));

fn clean(text: &str) -> String {
    let text = if text.contains("....") || text.contains('…') || text.contains(". . .") {
        LEADER.replace_all(text, "\t")
    } else {
        Cow::Borrowed(text)
    };
    text.chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{0}'..='\u{8}'))
        .map(|c| if c != '\t' && c.is_whitespace() { ' ' } else { c })
        .collect()
}

/// Cells after which a wide gap parts no more: what is compared cell by cell costs their square.
const MAX_CELLS: usize = 200;

fn row(line: &Line) -> Option<Row> {
    let mut runs: Vec<Run> = Vec::new();
    let mut cell = 0;
    for span in &line.spans {
        for (nth, piece) in clean(&span.text).split('\t').enumerate() {
            if nth > 0 && cell < MAX_CELLS {
                cell += 1;
            } else if let Some(last) = runs.last_mut().filter(|_| nth > 0) {
                last.text.push(' ');
            }
            match runs.last_mut() {
                Some(last) if last.cell == cell && last.bold == span.bold && last.italic == span.italic => {
                    last.text.push_str(piece);
                }
                _ => runs.push(Run { cell, text: piece.to_owned(), bold: span.bold, italic: span.italic }),
            }
        }
    }
    let mut item = match line.kind {
        LineKind::ListItem(depth) => Some(depth),
        _ => None,
    };
    if strip_bullet(&mut runs) {
        item = item.or(Some(0));
    }
    let (cells, runs) = with_whole_dates(number_cells(&runs));
    if cells.is_empty() {
        return None;
    }
    let links = line
        .spans
        .iter()
        .filter_map(|span| Some((clean(&span.text).trim().to_owned(), span.link.clone()?)))
        .collect();
    let mut row = Row {
        cells,
        runs,
        asides: Vec::new(),
        bold: line.is_bold(),
        size: line.size(),
        item,
        heading: if let LineKind::Heading(level) = line.kind { Some(level) } else { None },
        gap: false,
        part: line.part,
        links,
    };
    set_asides(&mut row, line.kind);
    Some(row)
}

/// A bullet that the reader left in the text.
fn strip_bullet(runs: &mut [Run]) -> bool {
    let Some(first) = runs.iter_mut().find(|run| !run.text.trim().is_empty()) else {
        return false;
    };
    let text = first.text.trim_start();
    let bullets = [
        '•', '●', '▪', '■', '◦', '○', '‣', '∙', '►', '▸', '➤', '➢', '✓', '✔', '❖', '♦', '◆', '\u{f0b7}',
        '\u{f0a7}', '·', '⁃', '*', '-', '–', '—', 'Ø',
    ];
    let Some(mark) = text.chars().next().filter(|c| bullets.contains(c)) else {
        return false;
    };
    let rest = text.get(mark.len_utf8()..).unwrap_or_default();
    let plain = matches!(mark, '*' | '-' | '–' | '—' | 'Ø');
    if rest.trim().is_empty() || (plain && !rest.starts_with(' ')) {
        return false;
    }
    first.text = rest.trim_start().to_owned();
    true
}

/// Cells that hold something, numbered anew.
fn number_cells(runs: &[Run]) -> (Vec<String>, Vec<Run>) {
    let mut cells: Vec<String> = Vec::new();
    let mut kept = Vec::new();
    for inside in runs.chunk_by(|run, next| run.cell == next.cell) {
        let text: String = inside.iter().map(|run| run.text.as_str()).collect();
        let text = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        // "Languages", and at a tab stop ": C, Java".
        let colon = !cells.is_empty() && text.starts_with(": ");
        let text = if colon { text.trim_start_matches([':', ' ']).to_owned() } else { text };
        if text.is_empty() {
            continue;
        }
        let runs = inside.iter().filter(|run| !run.text.trim().is_empty()).enumerate().map(|(nth, run)| {
            let text = if colon && nth == 0 { run.text.trim_start_matches([':', ' ']) } else { &run.text };
            Run { cell: cells.len(), text: text.to_owned(), ..run.clone() }
        });
        kept.extend(runs.filter(|run| !run.text.trim().is_empty()));
        cells.push(text);
    }
    (cells, kept)
}

/// "03/2018 –" and "05/2020" in a cell each are one time, and the dash alone does not say that it goes on.
fn with_whole_dates((cells, runs): (Vec<String>, Vec<Run>)) -> (Vec<String>, Vec<Run>) {
    let mut whole: Vec<String> = Vec::new();
    // Where each of the cells is now.
    let mut moved = Vec::new();
    for cell in cells {
        match whole.last_mut() {
            Some(last) if last.ends_with(['-', '–', '—']) && dates_go_on(last, &cell) => {
                last.push(' ');
                last.push_str(&cell);
            }
            _ => whole.push(cell),
        }
        moved.push(whole.len() - 1);
    }
    let mut kept: Vec<Run> = Vec::new();
    let mut before = None;
    for run in runs {
        let cell = moved.get(run.cell).copied().unwrap_or_default();
        if let Some(last) = kept.last_mut().filter(|last| last.cell == cell && before != Some(run.cell)) {
            last.text.push(' ');
        }
        before = Some(run.cell);
        kept.push(Run { cell, ..run });
    }
    (whole, kept)
}

fn set_asides(row: &mut Row, kind: LineKind) {
    let running = row.item.is_some()
        || kind == LineKind::Continuation
        || row.cells.first().is_some_and(|cell| cell.split_whitespace().count() >= 12);
    if !running {
        return;
    }
    let is_aside = |cell: &&String| is_only_dates(cell) || is_duration(cell) || is_place(cell);
    let asides = row.cells.iter().skip(1).rev().take_while(is_aside).count();
    let kept = row.cells.len() - asides;
    row.asides = row.cells.split_off(kept);
    row.runs.retain(|run| run.cell < kept);
}

/// Bytes of a paragraph to which no further line is joined: it is none any more, and each line costs as much as all of
/// those before it.
const MAX_PARAGRAPH: usize = 20_000;

/// Whether a row goes on with the text of the row before it.
fn continues(last: &Row, row: &Row, kind: LineKind) -> bool {
    if last.cells.iter().map(String::len).sum::<usize>() > MAX_PARAGRAPH {
        return false;
    }
    let text = row.text();
    if row.cells.len() > 1
        || row.item.is_some()
        || row.heading.is_some()
        || last.part != row.part
        || last.heading.is_some()
    {
        return false;
    }
    if last.item.is_none() && (dates_go_on(&last.text(), &text) || address_goes_on(&last.text(), &text)) {
        return true;
    }
    if kind == LineKind::Continuation {
        // A column of words is no paragraph, whatever the reader believed.
        return !(last.cells.len() > 2 && last.item.is_none());
    }
    let before = last.text();
    let running = last.item.is_some() || before.split_whitespace().count() >= 9;
    let open = !before.trim_end().ends_with(['.', ':', ';', '!', '?', '。']);
    let goes_on = text.starts_with(char::is_lowercase)
        && !text.contains('@')
        && !text.contains("://")
        && !text.contains("www.");
    running && open && goes_on && !row.gap && (last.bold == row.bold)
}

/// Most words of the end of a date that stands on a line of its own.
const DATE_WORDS: usize = 6;

/// Characters of the end of a line that hold the dates it ends in: what stands before them need not be looked at again for
/// each piece that may follow.
const DATE_CHARACTERS: usize = 120;

/// The last characters of a text.
fn tail(text: &str) -> &str {
    let start = text.char_indices().rev().nth(DATE_CHARACTERS).map_or(0, |(at, _)| at);
    text.get(start..).unwrap_or(text)
}

/// "… | Mar 2021 –" over "Present": a line that ended in the middle of its dates.
fn dates_go_on(before: &str, text: &str) -> bool {
    let before = tail(before.trim_end());
    let is_open = before.ends_with(['-', '–', '—'])
        || before.ends_with(char::is_alphabetic) && text.starts_with(|c: char| c.is_ascii_digit());
    if !is_open || text.split_whitespace().count() > DATE_WORDS {
        return false;
    }
    let joined = format!("{before} {text}");
    // "2018 –" over "2012 – 2018": the next entry begins before this one.
    let spans = |dates: &Dates| {
        dates.range
            && dates.start_at < before.len()
            && dates.end_at > before.len() + 1
            && dates.end.is_none_or(|end| dates.start.is_none_or(|start| start <= end))
    };
    find_dates(&joined).iter().any(spans)
}

/// "ada.example@" over "mail.example.org": a narrow column broke the address.
fn address_goes_on(before: &str, text: &str) -> bool {
    let is_host = |text: &str| {
        text.contains('.') && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
    };
    before.ends_with('@') && !before.ends_with(" @") && is_host(text.trim())
}

fn join(last: &mut Row, row: Row) {
    let cell = last.cells.len().saturating_sub(1);
    if let (Some(end), Some(text)) = (last.cells.last_mut(), row.cells.first()) {
        *end = join_wrapped(end, text);
    }
    for mut run in row.runs {
        run.cell = cell;
        match last.runs.last_mut() {
            Some(before) if before.bold == run.bold && before.italic == run.italic => {
                before.text = join_wrapped(&before.text, &run.text);
            }
            Some(before) => {
                before.text.push(' ');
                last.runs.push(run);
            }
            None => last.runs.push(run),
        }
    }
    last.bold &= row.bold;
    last.asides.extend(row.asides);
    last.links.extend(row.links);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::domain::source::{Line, LineKind, Part, Span};
    use crate::engine::understand::resume::row::{MAX_CELLS, Row, address_goes_on, dates_go_on};

    fn row(text: &str, kind: LineKind) -> Option<Row> {
        let span = Span { text: text.to_owned(), bold: false, italic: false, size: 10.0, link: None };
        let (spans, part) = (vec![span], Part::Body);
        super::row(&Line { spans, kind, number: None, block: 0, area: None, paragraph: 0, part })
    }

    #[test]
    fn dates_in_cells_of_their_own_are_whole() {
        let found = row("Clerk\t03/2018 –\t05/2020\tOslo", LineKind::Text).unwrap();
        assert_eq!(found.cells, ["Clerk", "03/2018 – 05/2020", "Oslo"]);
        let runs: Vec<_> = found.runs.iter().map(|run| (run.cell, run.text.as_str())).collect();
        assert_eq!(runs, [(0, "Clerk"), (1, "03/2018 – "), (1, "05/2020"), (2, "Oslo")]);
    }

    #[test]
    fn dates_and_places_beside_a_bullet_are_asides() {
        let found = row("Kept the books\tOslo\t2018 – 2020", LineKind::ListItem(0)).unwrap();
        assert_eq!(found.cells, ["Kept the books"]);
        assert_eq!(found.asides, ["Oslo", "2018 – 2020"]);
        assert!(found.runs.iter().all(|run| run.cell == 0));
    }

    // A line of 50,000 dates once took seconds.
    #[test]
    fn a_line_has_a_most_number_of_cells() {
        for kind in [LineKind::Text, LineKind::ListItem(0)] {
            let found = row(&"2018 –\t2020\t".repeat(25_000), kind).unwrap();
            assert!(found.cells.len() <= MAX_CELLS + 1);
            assert_eq!(found.all().matches("2020").count(), 25_000);
        }
    }

    #[test]
    fn dates_and_addresses_go_on_below() {
        for (before, text, expected) in [
            ("Clerk | Mar 2021 –", "Present", true),
            ("03/2018 –", "05/2020", true),
            ("2018 –", "2012 – 2018", false),
            ("Clerk –", "2012 – 2018", false),
        ] {
            assert_eq!(dates_go_on(before, text), expected, "{before} / {text}");
        }
        assert!(address_goes_on("ada.example@", "mail.example.org"));
        assert!(!address_goes_on("Engineer @", "example.org"));
        assert!(!address_goes_on("ada@example.org", "example.org"));
    }
}
