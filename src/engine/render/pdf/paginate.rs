//! Pagination: which lines stand on which page, and where.

use std::ops::Range;

/// A text as pagination sees it.
#[derive(Debug)]
pub(crate) struct Slab {
    /// Distance to the text above; nothing at the top of a page.
    pub(crate) before: f32,
    /// Height of each of its lines.
    pub(crate) lines: Vec<f32>,
    /// Distance to the text below.
    pub(crate) after: f32,
    /// Whether it belongs to what follows.
    pub(crate) keeps_next: bool,
}

/// Some lines of a text on a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placed {
    /// Number of the text.
    pub(crate) slab: usize,
    /// Which of its lines.
    pub(crate) lines: Range<usize>,
    /// Top of the first of them, from the top of the type area.
    pub(crate) top: f32,
}

/// Fewest lines of a paragraph that may stand alone at the foot or the head of a page.
const FEWEST: usize = 2;

/// Places every line on pages of `height`, in order. What belongs together (a heading and what it heads, an
/// entry and its first bullet) stays together as long as it fits on one page.
pub(crate) fn paginate(slabs: &[Slab], height: f32) -> Vec<Vec<Placed>> {
    let mut pages = Pages { pages: vec![Vec::new()], y: 0.0, height };
    let mut chained = 0;
    for (index, slab) in slabs.iter().enumerate() {
        if index >= chained {
            let (end, needed) = chain(slabs, index);
            chained = end;
            if needed > pages.left() && needed <= height && !pages.is_fresh() {
                pages.turn();
            }
        }
        place(&mut pages, index, slab);
    }
    pages.pages
}

/// Where the chain that starts at `first` ends, and the height that it needs: all texts that keep the next
/// one, and the first lines of the one after them.
fn chain(slabs: &[Slab], first: usize) -> (usize, f32) {
    let mut needed = 0.0;
    for (index, slab) in slabs.iter().enumerate().skip(first) {
        needed += slab.before;
        if slab.keeps_next && index + 1 < slabs.len() {
            needed += slab.lines.iter().sum::<f32>() + slab.after;
            continue;
        }
        needed += slab.lines.iter().take(head_lines(slab.lines.len())).sum::<f32>();
        return (index + 1, needed);
    }
    (slabs.len(), needed)
}

/// How many first lines of a paragraph must stand together; three lines are not worth a break.
fn head_lines(lines: usize) -> usize {
    if lines < 2 * FEWEST { lines } else { FEWEST }
}

fn place(pages: &mut Pages, index: usize, slab: &Slab) {
    let mut from = 0;
    while from < slab.lines.len() {
        let before = if from == 0 && !pages.is_fresh() { slab.before } else { 0.0 };
        let rest = slab.lines.get(from..).unwrap_or_default();
        let mut count = fitting(rest, pages.left() - before);
        let remaining = rest.len() - count;
        if remaining > 0 && remaining < FEWEST {
            count = count.saturating_sub(FEWEST - remaining);
        }
        if count < rest.len() && count < FEWEST {
            count = 0;
        }
        if count == 0 && !pages.is_fresh() {
            pages.turn();
            continue;
        }
        // A line higher than a page still has to stand somewhere.
        let count = if count == 0 { fitting(rest, pages.left()).max(1) } else { count };
        let to = from + count;
        let used: f32 = rest.iter().take(count).sum();
        pages.put(Placed { slab: index, lines: from..to, top: pages.y + before }, before + used);
        from = to;
        if from < slab.lines.len() {
            pages.turn();
        }
    }
    pages.y += slab.after;
}

fn fitting(lines: &[f32], room: f32) -> usize {
    let mut used = 0.0;
    lines
        .iter()
        .take_while(|line| {
            used += **line;
            // Sums of the same heights differ in their last digits.
            used <= room + 0.01
        })
        .count()
}

struct Pages {
    pages: Vec<Vec<Placed>>,
    y: f32,
    height: f32,
}

impl Pages {
    fn left(&self) -> f32 {
        self.height - self.y
    }

    fn is_fresh(&self) -> bool {
        self.pages.last().is_none_or(Vec::is_empty)
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = 0.0;
    }

    fn put(&mut self, placed: Placed, used: f32) {
        self.y += used;
        if let Some(page) = self.pages.last_mut() {
            page.push(placed);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::render::pdf::paginate::{Slab, paginate};

    const HEADING: Slab = Slab { before: 5.0, lines: vec![], after: 0.0, keeps_next: true };

    fn text(lines: usize) -> Slab {
        Slab { before: 0.0, lines: vec![10.0; lines], after: 0.0, keeps_next: false }
    }

    fn heading() -> Slab {
        Slab { lines: vec![10.0], ..HEADING }
    }

    /// Pages of ten lines; expected is `slab:lines` by page.
    fn check(slabs: &[Slab], expected: &[&str]) {
        let pages: Vec<String> = paginate(slabs, 100.0)
            .iter()
            .map(|page| {
                let placed = page.iter().map(|placed| format!("{}:{:?}", placed.slab, placed.lines));
                placed.collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(pages, expected);
    }

    #[test]
    fn a_heading_moves_with_what_it_heads() {
        check(&[text(8), heading(), heading(), text(1)], &["0:0..8", "1:0..1 2:0..1 3:0..1"]);
        check(&[text(6), heading(), text(5)], &["0:0..6 1:0..1 2:0..2", "2:2..5"]);
        check(&[text(9), heading()], &["0:0..9", "1:0..1"]);
    }

    #[test]
    fn no_line_of_a_paragraph_stands_alone() {
        check(&[text(9), text(4)], &["0:0..9", "1:0..4"]);
        check(&[text(7), text(4)], &["0:0..7 1:0..2", "1:2..4"]);
        check(&[text(8), text(3)], &["0:0..8", "1:0..3"]);
        check(&[text(10), text(1)], &["0:0..10", "1:0..1"]);
    }

    #[test]
    fn what_is_higher_than_a_page_goes_on_over_pages() {
        check(&[text(25)], &["0:0..10", "0:10..20", "0:20..25"]);
        check(&[text(21)], &["0:0..10", "0:10..19", "0:19..21"]);
        let giant = Slab { lines: vec![500.0, 10.0], ..text(0) };
        check(&[text(1), giant, text(1)], &["0:0..1", "1:0..1", "1:1..2 2:0..1"]);
        let many: Vec<Slab> = (0..30).map(|_| heading()).collect();
        assert_eq!(paginate(&many, 100.0).iter().flatten().count(), 30);
    }

    #[test]
    fn a_document_without_lines_has_one_page() {
        check(&[], &[""]);
        check(&[text(0)], &[""]);
    }
}
