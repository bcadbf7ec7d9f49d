//! Rows to lines: list marks understood, wrapped lines joined to what they continue, blocks told apart.

use crate::domain::source::{Area, Line, LineKind, Part, Span};
use crate::engine::read::bullet::{Bullet, bullet, is_bullet_alone, numbered};
use crate::engine::read::counting::{Opening, counted, opens_entry};
use crate::engine::read::dates::{are_dated_alike, has_range};
use crate::engine::read::page::settle;
use crate::engine::read::pdf::rows::{Gap, Row};

/// Wider than this many usual line gaps, and a new block begins.
const BLOCK_GAP: f64 = 1.4;

/// The rows of one region of a page.
#[derive(Debug)]
pub(crate) struct Stretch {
    pub(crate) rows: Vec<Row>,
    pub(crate) page: u32,
    pub(crate) part: Part,
}

/// Turns the rows of all regions of a document into lines, one region after the other.
pub(crate) fn lines(stretches: &[Stretch]) -> Vec<Line> {
    let mut lines = Lines { widths: stretches.iter().map(width).collect(), ..Lines::default() };
    // A list goes on from one page to the next.
    let mut counts = numbers(stretches).into_iter();
    for stretch in stretches {
        lines.add(stretch, &mut counts);
    }
    lines.lines
}

/// For each row of the document, whether its number counts the items of a list.
fn numbers(stretches: &[Stretch]) -> Vec<bool> {
    let openings: Vec<(String, (f64, f64))> = stretches
        .iter()
        .flat_map(|stretch| &stretch.rows)
        .map(|row| {
            let skip = mark_of(row, numbered).map_or(0, |(skip, _)| skip.words);
            (
                mark_text(row),
                (row.start(), row.words.get(skip).map_or(row.start(), |(_, word)| row.start_of(word))),
            )
        })
        .collect();
    let openings: Vec<Opening<'_>> =
        openings.iter().map(|(text, edges)| Opening { text, edges: *edges }).collect();
    counted(&openings)
}

/// The lines so far.
#[derive(Debug, Default)]
struct Lines {
    lines: Vec<Line>,
    block: u32,
    /// Where the rows of each region begin and where the longest of them ends.
    widths: Vec<(f64, f64)>,
}

/// Regions whose rows begin as far apart as this, in points, are of one column.
const SAME_START: f64 = 2.0;

fn width(stretch: &Stretch) -> (f64, f64) {
    let start = stretch.rows.iter().map(Row::start).fold(f64::INFINITY, f64::min);
    (start, stretch.rows.iter().map(Row::end).fold(f64::NEG_INFINITY, f64::max))
}

/// The list items that are open in a region, for depth and for further lines.
#[derive(Debug, Default)]
struct Open {
    /// Where the marks of nested items begin.
    marks: Vec<f64>,
    /// Where the text of the innermost item begins; `None` outside of lists.
    text: Option<f64>,
}

/// What is known of a region as a whole.
#[derive(Debug, Clone, Copy)]
struct Measure {
    page: u32,
    part: Part,
    /// Usual distance of baselines, in ems.
    leading: f64,
    /// Where the longest row of its column ends.
    end: f64,
}

impl Lines {
    /// Adds a region's rows; `counts` has for each of them whether its number is the mark of a list.
    fn add(&mut self, stretch: &Stretch, counts: &mut impl Iterator<Item = bool>) {
        let Stretch { rows, page, part } = stretch;
        // Of the column on every page: of two rows that close the last one, the longer is no full line.
        let (start, own) = width(stretch);
        let column = self.widths.iter().filter(|(other, _)| (other - start).abs() < SAME_START);
        let end = column.map(|(_, end)| *end).fold(own, f64::max);
        let measure = Measure { page: *page, part: *part, leading: usual_leading(rows), end };
        let mut open = Open::default();
        let mut last: Option<&Row> = None;
        let mut mark_alone: Option<&Row> = None;
        for row in rows {
            let is_counted = counts.next().unwrap_or(false);
            if is_bullet_alone(&row.text()) {
                mark_alone = Some(row);
                continue;
            }
            let apart = last.is_none_or(|last| is_apart(last, row, &measure));
            if apart && !self.lines.is_empty() {
                self.block += 1;
            }
            let mark = mark_alone.take();
            let kind = match mark_of(row, if is_counted { numbered } else { bullet }) {
                Some((skip, number)) => open.marked(row, skip, number),
                None => self.unmarked(row, mark, last.filter(|_| !apart), &mut open, &measure),
            };
            self.lines.push(line(row, kind, self.block, &measure));
            last = Some(row);
        }
    }

    /// What a row is that opens with no mark; `mark` is a row above it that is nothing else.
    fn unmarked(
        &self,
        row: &Row,
        mark: Option<&Row>,
        above: Option<&Row>,
        open: &mut Open,
        measure: &Measure,
    ) -> Kind {
        let kind = if let Some(mark) = mark {
            LineKind::ListItem(open.item(mark.start().min(row.start()), Some(row.start())))
        } else if above.is_some_and(|above| self.continues(above, row, open, measure)) {
            LineKind::Continuation
        } else {
            *open = Open::default();
            LineKind::Text
        };
        Kind { kind, skip: Skip::default(), number: None }
    }

    /// Whether a row goes on with the sentence above it, where that is sure.
    fn continues(&self, above: &Row, row: &Row, open: &Open, measure: &Measure) -> bool {
        let Some((_, first)) = row.words.first() else { return false };
        let alike = (above.size - row.size).abs() < 0.6;
        let gapped = |row: &Row| row.words.iter().skip(1).any(|(gap, _)| *gap == Gap::Wide);
        if !alike || gapped(row) || opens_entry(&row.text()) {
            return false;
        }
        // The row above ended because the next word would not have fitted.
        let full = above.end() + 0.2 * row.size + (first.right - first.left) > measure.end - 0.5 * row.size;
        if let Some(text) = open.text {
            let hangs = (row.start() - text).abs() < 0.35 * row.size.max(8.0);
            return hangs
                || full
                    && row.start() > open.marks.last().copied().unwrap_or(row.start()) - 1.0
                    && opens_small(&first.text);
        }
        let parted =
            above.words.last().is_some_and(|(_, word)| word.text.ends_with(['-', '\u{ad}', '\u{2010}']));
        let style = |row: &Row| row.words.iter().all(|(_, word)| word.font.bold);
        let long = above.words.len() >= 5 && !gapped(above);
        let aligned = (above.start() - row.start()).abs() < 0.1 * row.size;
        // Beside a narrow column of dates or labels the text wraps in its own.
        if let Some((start, words)) = last_cell(above) {
            let under = (start - row.start()).abs() < 0.1 * row.size;
            return full && under && words >= 5 && above.words.len() - words <= 5;
        }
        // Two lines with a range of dates each, or with a year at the same end, are the heads of two entries, however full
        // the first one is.
        let (before, after) = (above.text(), row.text());
        let is_next = has_range(&before) && has_range(&after) || are_dated_alike(&before, &after);
        full && aligned
            && !is_next
            && style(above) == style(row)
            && (long || parted && opens_small(&first.text))
    }
}

/// Where the second of two cells begins, and its words; `None` for a row of one cell or of more than two.
fn last_cell(row: &Row) -> Option<(f64, usize)> {
    let gaps: Vec<usize> = row
        .words
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, (gap, _))| *gap == Gap::Wide)
        .map(|(at, _)| at)
        .collect();
    let [at] = gaps.as_slice() else {
        return None;
    };
    Some((row.start_of(&row.words.get(*at)?.1), row.words.len() - at))
}

/// A line's kind, how much of its row is the list mark, and the mark where it counts.
struct Kind {
    kind: LineKind,
    skip: Skip,
    number: Option<String>,
}

/// Words, then characters of the next word, that are a list mark.
#[derive(Debug, Default, Clone, Copy)]
struct Skip {
    words: usize,
    chars: usize,
}

impl Open {
    /// What a row is that opens with a mark.
    fn marked(&mut self, row: &Row, skip: Skip, number: Option<String>) -> Kind {
        let text = row.words.get(skip.words).map_or(row.start(), |(_, word)| row.start_of(word));
        let depth = self.item(row.start(), Some(text).filter(|_| skip.words > 0));
        Kind { kind: LineKind::ListItem(depth), skip, number }
    }

    /// Opens an item at this mark and returns its depth.
    fn item(&mut self, mark: f64, text: Option<f64>) -> u8 {
        while self.marks.last().is_some_and(|last| *last > mark + 2.0) {
            self.marks.pop();
        }
        if self.marks.last().is_none_or(|last| *last < mark - 2.0) {
            self.marks.push(mark);
        }
        self.text = Some(text.unwrap_or(mark));
        u8::try_from(self.marks.len() - 1).unwrap_or(u8::MAX)
    }
}

fn opens_small(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_lowercase() || c.is_numeric() || c == '(')
}

fn mark_text(row: &Row) -> String {
    row.text().replace('\t', " ")
}

/// How much of a row is a list mark of this kind, and the mark where it counts.
fn mark_of(row: &Row, kind: fn(&str) -> Option<Bullet<'_>>) -> Option<(Skip, Option<String>)> {
    let text = mark_text(row);
    let found = kind(&text)?;
    let mut drop = found.width;
    for (index, (_, word)) in row.words.iter().enumerate() {
        let chars = word.text.chars().count();
        if drop == 0 || chars > drop {
            return Some((Skip { words: index, chars: drop }, found.number.map(str::to_owned)));
        }
        drop = drop.saturating_sub(chars + 1);
    }
    None
}

/// The usual distance from one baseline to the next, in ems, where lines follow closely.
fn usual_leading(rows: &[Row]) -> f64 {
    let mut leads: Vec<f64> = rows
        .iter()
        .zip(rows.iter().skip(1))
        .map(|(a, b)| (b.baseline - a.baseline) / b.size.max(a.size))
        .filter(|lead| (0.8..2.2).contains(lead))
        .collect();
    leads.sort_by(f64::total_cmp);
    // Below the middle: gaps between entries are counted among the distances too.
    leads.get(leads.len() * 2 / 5).copied().unwrap_or(1.3).clamp(1.0, 1.8)
}

fn is_apart(last: &Row, row: &Row, measure: &Measure) -> bool {
    let distance = row.baseline - last.baseline;
    // Larger type needs more room without being set apart.
    let usual = measure.leading * (0.25 * last.size + 0.75 * row.size);
    distance > BLOCK_GAP * usual
}

fn line(row: &Row, kind: Kind, block: u32, measure: &Measure) -> Line {
    let mut spans: Vec<Span> = Vec::new();
    for (index, (gap, word)) in row.words.iter().enumerate().skip(kind.skip.words) {
        let first = index == kind.skip.words;
        let text: String = word.text.chars().skip(if first { kind.skip.chars } else { 0 }).collect();
        let lead = match gap {
            _ if first => "",
            Gap::None => "",
            Gap::Space => " ",
            Gap::Wide => "\t",
        };
        let (bold, italic, link) = (word.font.bold, word.font.italic, word.link.clone());
        let like_last = spans.last().is_some_and(|last: &Span| {
            last.bold == bold
                && last.italic == italic
                && last.link == link
                && (f64::from(last.size) - word.size).abs() < 0.3
        });
        match spans.last_mut() {
            // A space belongs to the run before it, so that runs join cleanly.
            Some(last) if lead == " " => last.text.push(' '),
            _ => {}
        }
        let text = if lead == "\t" { format!("\t{text}") } else { text };
        match spans.last_mut() {
            Some(last) if like_last && lead != "\t" => last.text.push_str(&text),
            _ => spans.push(Span { text, bold, italic, size: points(word.size), link }),
        }
    }
    let area = Area {
        page: measure.page,
        left: points(row.left),
        top: points(row.baseline - 0.8 * row.size),
        right: points(row.right),
        bottom: points(row.baseline + 0.2 * row.size),
    };
    let (part, number) = (measure.part, kind.number);
    Line { spans: settle(spans), kind: kind.kind, number, block, area: Some(area), paragraph: 0, part }
}

/// Hundredths of a point are noise of the fonts' units.
#[expect(clippy::cast_possible_truncation, reason = "places on a page are far below the limits of f32")]
fn points(value: f64) -> f32 {
    ((value * 100.0).round() / 100.0) as f32
}
