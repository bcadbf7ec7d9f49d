//! The words of a page in the order of painting, each with the line of the page that it stands on.

use crate::domain::source::RawRun;
use crate::engine::read::pdf::bidi::{Direction, text_in_order};
use crate::engine::read::pdf::fonts::UNKNOWN;
use crate::engine::read::pdf::words::Segment;
use crate::engine::read::raw::Raw;

/// Baselines closer than this, in ems of the smaller type, are one line to whoever knows no columns.
const ONE_LINE: f64 = 0.5;

/// Notes the segments of one turn of text, given in the order of painting.
pub(crate) fn note(segments: &[Segment], direction: Direction, raw: &mut Raw) {
    for (segment, row) in segments.iter().zip(rows(segments, raw.row())) {
        let words: Vec<&str> =
            segment.words.iter().map(|word| word.text.as_str()).filter(|text| *text != UNKNOWN).collect();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "places on a page are far below the limits of f32"
        )]
        let left = segment.left as f32;
        // Whoever paints a soft hyphen shows a hyphen.
        let text = text_in_order(&words.join(" ").replace('\u{ad}', "-"), direction);
        raw.push(RawRun { text, row, left, aside: false });
        raw.go_to(raw.row().max(row.saturating_add(1)));
    }
}

/// The line of each segment, counted from `first` at the top of the page.
fn rows(segments: &[Segment], first: u32) -> Vec<u32> {
    let mut by_height: Vec<(usize, &Segment)> = segments.iter().enumerate().collect();
    by_height.sort_by(|(_, a), (_, b)| a.baseline.total_cmp(&b.baseline));
    let mut rows = vec![first; segments.len()];
    let mut row = first;
    let mut opener: Option<&Segment> = None;
    for (index, segment) in by_height {
        // Held against the first of a line: against the last one, a flight of steps would be one line.
        let same = opener.is_none_or(|opener| {
            segment.baseline - opener.baseline < ONE_LINE * segment.size.min(opener.size)
        });
        if !same {
            row = row.saturating_add(1);
        }
        if !same || opener.is_none() {
            opener = Some(segment);
        }
        if let Some(found) = rows.get_mut(index) {
            *found = row;
        }
    }
    rows
}
