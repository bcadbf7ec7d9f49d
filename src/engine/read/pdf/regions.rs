//! Segments to regions: the columns and bands of a page in the order in which a person reads them.

use crate::engine::read::dates::{has_year, is_now};
use crate::engine::read::pdf::words::Segment;

/// A part of a page whose lines follow each other from top to bottom.
#[derive(Debug, Default)]
pub(crate) struct Region {
    /// Its segments; lines are still to be put together.
    pub(crate) segments: Vec<Segment>,
    /// Which column of how many; `None` outside of columns.
    pub(crate) column: Option<Column>,
}

/// A column beside others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Column {
    /// Columns side by side here.
    pub(crate) of: u32,
    /// Clearly narrower, or emptier, than the widest one.
    pub(crate) side: bool,
    /// Tall enough to be a column of the page, and not of a list or table on it.
    pub(crate) tall: bool,
}

/// Columns inside columns inside columns are tables.
const MAX_DEPTH: u32 = 4;
/// Fewest lines on each side of a gutter.
const MIN_LINES: usize = 4;
/// Share of the page's height from which on columns are columns of the page.
const TALL: f64 = 0.25;
/// Narrowest gutter in ems.
const MIN_GUTTER: f64 = 0.8;
/// Segments from which on a page is no resume any more and columns are not looked for.
const MAX_SEGMENTS: usize = 1500;

/// A segment with its place in the order of painting.
#[derive(Debug, Clone)]
struct Placed {
    segment: Segment,
    order: usize,
}

/// Splits the segments of a page, given in the order of painting.
pub(crate) fn regions(segments: Vec<Segment>, page_height: f64) -> Vec<Region> {
    let placed: Vec<Placed> =
        segments.into_iter().enumerate().map(|(order, segment)| Placed { segment, order }).collect();
    let mut found = Vec::new();
    if placed.len() > MAX_SEGMENTS {
        found.push(region(placed, None));
    } else {
        Splitter { page_height, found: &mut found }.split(placed, None, 0);
    }
    found.retain(|region| !region.segments.is_empty());
    found
}

fn region(placed: Vec<Placed>, column: Option<Column>) -> Region {
    Region { segments: placed.into_iter().map(|placed| placed.segment).collect(), column }
}

/// A gutter: a strip without text between two heights.
#[derive(Debug, Clone, Copy)]
struct Gutter {
    x: f64,
    top: f64,
    bottom: f64,
    score: usize,
}

struct Splitter<'f> {
    page_height: f64,
    found: &'f mut Vec<Region>,
}

impl Splitter<'_> {
    fn split(&mut self, placed: Vec<Placed>, column: Option<Column>, depth: u32) {
        let gutter = if depth < MAX_DEPTH { best_gutter(&placed) } else { None };
        let Some(gutter) = gutter else {
            if !placed.is_empty() {
                self.found.push(region(placed, column));
            }
            return;
        };
        let (mut above, mut left, mut right, mut below) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for item in placed {
            let segment = &item.segment;
            let side = if segment.baseline < gutter.top {
                &mut above
            } else if segment.baseline > gutter.bottom {
                &mut below
            } else if segment.right <= gutter.x {
                &mut left
            } else {
                &mut right
            };
            side.push(item);
        }
        self.split(above, column, depth + 1);
        // Authors and programs paint the column first that is to be read first.
        let first = |side: &[Placed]| side.iter().map(|item| item.order).min().unwrap_or(usize::MAX);
        let (left_side, right_side) = sides(&left, &right);
        let tall = gutter.bottom - gutter.top > TALL * self.page_height;
        let outer = column.filter(|column| column.tall);
        let of = outer.map_or(1, |column| column.of) + u32::from(tall);
        let mut columns = [(left, left_side), (right, right_side)];
        columns.sort_by_key(|(items, _)| first(items));
        for (items, side) in columns {
            let side = side && tall || outer.is_some_and(|column| column.side);
            self.split(items, Some(Column { of, side, tall: tall || outer.is_some() }), depth + 1);
        }
        self.split(below, column, depth + 1);
    }
}

/// Which of two columns is a side column: the narrower one, where it is clear.
fn sides(left: &[Placed], right: &[Placed]) -> (bool, bool) {
    let width = |side: &[Placed]| {
        let low = side.iter().map(|item| item.segment.left).fold(f64::INFINITY, f64::min);
        let high = side.iter().map(|item| item.segment.right).fold(f64::NEG_INFINITY, f64::max);
        (high - low).max(0.0)
    };
    let chars = |side: &[Placed]| side.iter().map(|item| item.segment.chars()).sum::<usize>() as f64;
    let (left, right) = ((width(left), chars(left)), (width(right), chars(right)));
    let narrower =
        |a: (f64, f64), b: (f64, f64)| a.0 < 0.8 * b.0 && a.1 < b.1 || a.0 < b.0 && a.1 < 0.5 * b.1;
    (narrower(left, right), narrower(right, left))
}

/// The gutter with the most text on both sides that really parts two columns.
fn best_gutter(placed: &[Placed]) -> Option<Gutter> {
    let median = median_size(placed)?;
    let mut rows: Vec<&Placed> = placed.iter().collect();
    rows.sort_by(|a, b| a.segment.baseline.total_cmp(&b.segment.baseline));
    let mut edges: Vec<f64> = placed.iter().map(|item| item.segment.left).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup_by(|a, b| (*a - *b).abs() < 0.5);
    let mut best: Option<Gutter> = None;
    for edge in edges {
        // The strip right before where some text starts.
        let x = edge - 0.25;
        let strip = (x - MIN_GUTTER * median, x);
        let runs: Vec<&[&Placed]> = open_runs(&rows, strip).collect();
        for (index, run) in runs.iter().enumerate() {
            let ends_at_text = index + 1 < runs.len();
            let Some(gutter) = judge(run, x, median, ends_at_text) else { continue };
            if best.is_none_or(|best| gutter.score > best.score) {
                best = Some(gutter);
            }
        }
    }
    best
}

fn median_size(placed: &[Placed]) -> Option<f64> {
    let mut sizes: Vec<f64> = placed.iter().map(|item| item.segment.size).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).copied()
}

/// The longest runs of segments, from top to bottom, of which none reaches into the strip.
fn open_runs<'r, 'p>(rows: &'r [&'p Placed], strip: (f64, f64)) -> impl Iterator<Item = &'r [&'p Placed]> {
    rows.split(move |item| item.segment.left < strip.1 && item.segment.right > strip.0)
}

/// Whether the strip before `x` parts two columns in this run, and how much text it parts.
fn judge(run: &[&Placed], x: f64, median: f64, ends_at_text: bool) -> Option<Gutter> {
    if run.len() < 2 * MIN_LINES {
        return None;
    }
    let (left, right): (Vec<&Placed>, Vec<&Placed>) =
        run.iter().copied().partition(|item| item.segment.right <= x);
    if left.len() < MIN_LINES || right.len() < MIN_LINES {
        return None;
    }
    // Where only one side has text nothing is parted: a name above the columns belongs to neither.
    let top = first_baseline(&left).max(first_baseline(&right)) - 1.6 * median;
    let lowest = |side: &[&Placed]| side.last().map_or(0.0, |item| item.segment.baseline);
    let bottom = bottom_of(run, ends_at_text, lowest(&left).min(lowest(&right)), median);
    let row = first_row_below(&left, &right, top, median).unwrap_or(f64::INFINITY);
    let (bottom, shared) = (bottom.min(row), lowest(&left).min(lowest(&right)).min(row) - top);
    let inside = |item: &&&Placed| (top..row).contains(&item.segment.baseline);
    let (left, right): (Vec<&Placed>, Vec<&Placed>) =
        (left.iter().filter(inside).copied().collect(), right.iter().filter(inside).copied().collect());
    if left.len() < MIN_LINES || right.len() < MIN_LINES || shared < 4.0 * median || are_rows(&left, &right) {
        return None;
    }
    let chars = |side: &[&Placed]| side.iter().map(|item| item.segment.chars()).sum::<usize>();
    Some(Gutter { x, top, bottom, score: chars(&left).min(chars(&right)) + left.len().min(right.len()) })
}

/// Where the columns end. Where text across both follows, what stands apart below the shorter column is
/// already part of that text.
fn bottom_of(run: &[&Placed], ends_at_text: bool, shared: f64, median: f64) -> f64 {
    let mut bottom = shared;
    for item in run {
        let baseline = item.segment.baseline;
        if ends_at_text && baseline > shared && baseline - bottom > 1.9 * median {
            break;
        }
        bottom = bottom.max(baseline);
    }
    bottom + 0.1
}

/// Right above the first date that stands at the end of a line of the left side, and apart from what is above it at the
/// right: contacts beside a name are a column, the dates below them are none of it.
fn first_row_below(left: &[&Placed], right: &[&Placed], top: f64, median: f64) -> Option<f64> {
    let ends_line = |item: &Placed| {
        left.iter().any(|mate| mate.segment.shares_line(&item.segment) && mate.order + 1 == item.order)
    };
    right.windows(2).find_map(|pair| match pair {
        [above, item] => {
            let apart = item.segment.baseline - above.segment.baseline > MIN_APART * median;
            (apart && above.segment.baseline >= top && has_date(&item.segment) && ends_line(item))
                .then_some(item.segment.baseline - 0.8 * item.segment.size)
        }
        _ => None,
    })
}

/// Ems from the contacts to the first date below them, at least.
const MIN_APART: f64 = 3.0;

fn first_baseline(side: &[&Placed]) -> f64 {
    side.first().map_or(0.0, |item| item.segment.baseline)
}

/// Whether the two sides are the ends of the same lines: titles and dates, labels and values.
fn are_rows(left: &[&Placed], right: &[&Placed]) -> bool {
    let (mut aligned_left, mut aligned_right, mut together) = (0usize, 0usize, 0usize);
    let mut rest = left;
    for item in right {
        // Both sides are sorted from top to bottom.
        let passed = rest
            .iter()
            .take_while(|other| other.segment.baseline < item.segment.baseline - item.segment.size)
            .count();
        rest = rest.get(passed..).unwrap_or_default();
        let near = rest
            .iter()
            .take_while(|other| other.segment.baseline < item.segment.baseline + item.segment.size);
        let mates: Vec<&&Placed> = near.filter(|other| other.segment.shares_line(&item.segment)).collect();
        if !mates.is_empty() {
            aligned_right += 1;
            together += usize::from(mates.iter().any(|mate| mate.order.abs_diff(item.order) <= 1));
        }
    }
    for item in left {
        aligned_left += usize::from(right.iter().any(|other| other.segment.shares_line(&item.segment)));
    }
    let chars =
        |side: &[&Placed]| side.iter().map(|item| item.segment.chars()).sum::<usize>() / side.len().max(1);
    let (left_chars, right_chars) = (chars(left), chars(right));
    let painted_together = together * 10 >= aligned_right * 5;
    let mostly = |part: usize, whole: usize, tenths: usize| part * 10 >= whole * tenths;
    let dates = mostly(right.iter().filter(|item| has_digit(&item.segment)).count(), right.len(), 4);
    let tags_along = mostly(aligned_right, right.len(), 7) && right_chars < 26 && (painted_together || dates);
    // A label of two lines, "03/2018 –" over "today", is painted before the text beside it, which has lines of its own.
    let dated = mostly(left.iter().filter(|item| is_date_label(&item.segment)).count(), left.len(), 7);
    let labels = mostly(aligned_left, left.len(), 6)
        && left_chars < 24
        && left.len() * 2 <= right.len() * 3
        && (painted_together || dated);
    let table =
        mostly(aligned_right, right.len(), 8) && mostly(aligned_left, left.len(), 8) && painted_together;
    tags_along || labels || table
}

fn has_date(segment: &Segment) -> bool {
    segment.words.iter().any(|word| has_year(&word.text))
}

/// Whether a segment is a date, or the end of one on a line of its own.
fn is_date_label(segment: &Segment) -> bool {
    let said = |text: &str| text.trim_matches(['(', ')', '-', '–', '—']).to_owned();
    let mut words = segment.words.iter().map(|word| said(&word.text)).filter(|word| !word.is_empty());
    has_date(segment) || words.next().is_some_and(|word| is_now(&word)) && words.next().is_none()
}

fn has_digit(segment: &Segment) -> bool {
    segment.words.iter().any(|word| word.text.contains(|c: char| c.is_ascii_digit()))
}
