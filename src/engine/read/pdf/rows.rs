//! Segments of a region to rows: what a person sees as one line, with its gaps.

use crate::engine::read::pdf::bidi::{Direction, in_reading_order};
use crate::engine::read::pdf::fonts::UNKNOWN;
use crate::engine::read::pdf::rails;
use crate::engine::read::pdf::regions::Region;
use crate::engine::read::pdf::words::{Segment, Word};

/// Edges closer than this, in points, are one edge.
const ONE_EDGE: f64 = 2.0;
/// Room in points that a row must leave at one side to be set against the other.
const ROOM: f64 = 20.0;
/// Segments of one row; more is a drawing made of letters.
const MAX_IN_ROW: usize = 100;

/// One visual line.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its words in the order of reading, each with whether a wide gap stands before it.
    pub(crate) words: Vec<(Gap, Word)>,
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) baseline: f64,
    pub(crate) size: f64,
    /// The way in which its page is read.
    pub(crate) direction: Direction,
}

/// What stands between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Nothing: a raised letter, a change of type inside a word.
    None,
    /// A space.
    Space,
    /// More than a space: a tab stop, the other end of the line.
    Wide,
}

impl Row {
    /// Where it begins to be read; it grows in the direction of reading.
    pub(crate) fn start(&self) -> f64 {
        match self.direction {
            Direction::LeftToRight => self.left,
            Direction::RightToLeft => -self.right,
        }
    }

    /// Where it ends to be read.
    pub(crate) fn end(&self) -> f64 {
        match self.direction {
            Direction::LeftToRight => self.right,
            Direction::RightToLeft => -self.left,
        }
    }

    /// Where one of its words begins to be read.
    pub(crate) fn start_of(&self, word: &Word) -> f64 {
        match self.direction {
            Direction::LeftToRight => word.left,
            Direction::RightToLeft => -word.right,
        }
    }

    /// The words with plain gaps between them.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        for (gap, word) in &self.words {
            if !out.is_empty() {
                out.push_str(match gap {
                    Gap::None => "",
                    Gap::Space => " ",
                    Gap::Wide => "\t",
                });
            }
            out.push_str(&word.text);
        }
        out
    }
}

/// The rows of a region from top to bottom.
pub(crate) fn rows(region: Region, direction: Direction) -> Vec<Row> {
    let mut segments = region.segments;
    segments.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut groups: Vec<Vec<Segment>> = Vec::new();
    for segment in segments {
        let mate = groups.iter_mut().rev().take(3).find(|group| belongs(group, &segment));
        match mate {
            Some(group) => group.push(segment),
            None => groups.push(vec![segment]),
        }
    }
    let mut rows: Vec<Row> = groups.into_iter().filter_map(|group| row(group, direction)).collect();
    // Labels at the right are told from what is read after them only by what they say.
    if direction == Direction::LeftToRight {
        rails::mark(&mut rows);
    }
    let left = rows.iter().map(|row| row.left).fold(f64::INFINITY, f64::min);
    let right = rows.iter().map(|row| row.right).fold(f64::NEG_INFINITY, f64::max);
    for row in &mut rows {
        let lean = lean(row, (left, right));
        row.words = in_reading_order(std::mem::take(&mut row.words), lean);
    }
    rows
}

/// The way in which a row was probably written: text is set against the side where it begins.
fn lean(row: &Row, (left, right): (f64, f64)) -> Direction {
    let (before, after) = (row.left - left, right - row.right);
    if row.words.iter().skip(1).any(|(gap, _)| *gap == Gap::Wide) {
        row.direction
    } else if after < ONE_EDGE && before > ROOM {
        Direction::RightToLeft
    } else if before < ONE_EDGE && after > ROOM {
        Direction::LeftToRight
    } else {
        row.direction
    }
}

/// A segment belongs to a row whose baseline it shares and where it covers nothing that is there already.
fn belongs(group: &[Segment], segment: &Segment) -> bool {
    if group.len() >= MAX_IN_ROW {
        return false;
    }
    let near = group.iter().any(|other| {
        let script = segment.size.min(other.size) < 0.8 * segment.size.max(other.size);
        let touches =
            segment.left - other.right < 0.3 * other.size && other.left - segment.right < 0.3 * other.size;
        other.shares_line(segment)
            || script
                && touches
                && (other.baseline - segment.baseline).abs() < 0.5 * other.size.max(segment.size)
    });
    let covers = |other: &Segment| {
        segment.left < other.right - 0.3 * other.size && other.left < segment.right - 0.3 * segment.size
    };
    near && !group.iter().any(covers)
}

fn row(mut group: Vec<Segment>, direction: Direction) -> Option<Row> {
    group.sort_by(|a, b| a.left.total_cmp(&b.left));
    let largest = group.iter().max_by(|a, b| a.size.total_cmp(&b.size))?;
    let (baseline, size) = (largest.baseline, largest.size);
    let left = group.iter().map(|segment| segment.left).fold(f64::INFINITY, f64::min);
    let right = group.iter().map(|segment| segment.right).fold(f64::NEG_INFINITY, f64::max);
    let mut words: Vec<(Gap, Word)> = Vec::new();
    for segment in group {
        for (index, word) in segment.words.into_iter().enumerate() {
            let gap = match words.last() {
                None => Gap::None,
                Some((_, last)) if index == 0 => gap_between(last, &word),
                Some((_, last))
                    if last.right - word.left > -0.05 * word.size && last.size > 1.2 * word.size =>
                {
                    Gap::None
                }
                Some(_) => Gap::Space,
            };
            words.push((gap, word));
        }
    }
    // A mark of an unknown font in front of a line is a bullet; elsewhere it says nothing.
    let opens = words.len() > 1;
    let first = match direction {
        Direction::LeftToRight => words.first_mut(),
        Direction::RightToLeft => words.last_mut(),
    };
    if let Some((_, first)) = first.filter(|(_, word)| opens && word.text == UNKNOWN) {
        first.text = "•".to_owned();
    }
    words.retain(|(_, word)| word.text != UNKNOWN);
    let count = words.len();
    for (_, word) in words.iter_mut().take(count.saturating_sub(1)) {
        if word.text.ends_with('\u{ad}') {
            word.text = word.text.replace('\u{ad}', "-");
        }
    }
    (count > 0).then_some(Row { words, left, right, baseline, size, direction })
}

fn gap_between(last: &Word, word: &Word) -> Gap {
    let gap = (word.left - last.right) / word.size.max(last.size);
    if gap > 1.1 {
        Gap::Wide
    } else if gap > 0.08 {
        Gap::Space
    } else {
        Gap::None
    }
}
