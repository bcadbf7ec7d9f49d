//! A column of labels beside the text: dates or names at the left, what they belong to at the right.

use crate::engine::read::dates::{has_year, is_now};
use crate::engine::read::pdf::rows::{Gap, Row};
use crate::engine::read::pdf::words::Word;

/// Fewest rows that have a label.
const MIN_LABELS: usize = 3;

/// Words from which on a page is no resume any more and labels are not looked for.
const MAX_WORDS: usize = 3000;

/// A column of labels.
#[derive(Debug, Clone, Copy)]
struct Rail {
    /// The left edge of the text beside the labels.
    edge: f64,
    /// The labels are dates: a row without one only happens to have a word there.
    is_dated: bool,
}

/// Sets a wide gap between labels and text, and makes dates whole that the narrow column broke in two.
pub(crate) fn mark(rows: &mut [Row]) {
    if rows.iter().map(|row| row.words.len()).sum::<usize>() > MAX_WORDS {
        return;
    }
    let Some(Rail { edge, is_dated }) = find(rows) else { return };
    for row in rows.iter_mut().filter(|row| !is_dated || has_dated_label(row, edge)) {
        let at = label_words(row, edge);
        if at > 0
            && let Some((gap, _)) = row.words.get_mut(at)
        {
            *gap = Gap::Wide;
        }
    }
    let mut rest = rows;
    while let Some((row, following)) = rest.split_first_mut() {
        if let Some(next) = following.first_mut() {
            mend(row, next, edge);
        }
        rest = following;
    }
}

fn find(rows: &[Row]) -> Option<Rail> {
    let mut edges: Vec<f64> =
        rows.iter().flat_map(|row| row.words.iter().skip(1)).map(|(_, word)| word.left).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup_by(|a, b| (*a - *b).abs() < 1.0);
    edges.iter().find_map(|edge| rail(rows, *edge))
}

fn rail(rows: &[Row], edge: f64) -> Option<Rail> {
    let labelled = rows.iter().filter(|row| label_words(row, edge) > 0).count();
    let bare = rows.iter().filter(|row| (row.left - edge).abs() < 1.0).count();
    if labelled < MIN_LABELS || bare < 2 || (labelled + bare) * 2 < rows.len() {
        return None;
    }
    // Running text would cross any edge, but has no dates before it; rows without a label start right at it.
    let crossing = rows.iter().filter(|row| row.words.iter().any(|(_, word)| crosses(word, edge))).count();
    let dated = rows.iter().filter(|row| has_dated_label(row, edge)).count();
    let may_be_dated = dated >= MIN_LABELS && dated * 10 >= labelled * 6;
    let is_clear = crossing * 3 <= labelled + bare;
    let is_rail = is_clear || may_be_dated && crossing <= labelled + bare;
    is_rail.then_some(Rail { edge, is_dated: !is_clear })
}

fn has_dated_label(row: &Row, edge: f64) -> bool {
    let label: Vec<&str> =
        row.words.iter().take(label_words(row, edge)).map(|(_, word)| word.text.as_str()).collect();
    label.iter().any(|word| is_now(word)) || has_year(&label.join(" "))
}

fn crosses(word: &Word, edge: f64) -> bool {
    word.left < edge - 1.0 && word.right > edge + 1.0
}

/// How many words stand before the edge, where text starts right at it.
fn label_words(row: &Row, edge: f64) -> usize {
    let at = row.words.iter().position(|(_, word)| (word.left - edge).abs() < 1.0).unwrap_or(0);
    if row.words.iter().take(at).all(|(_, word)| word.right <= edge + 0.5) { at } else { 0 }
}

/// `2019 –` above `Present` is one label.
fn mend(row: &mut Row, next: &mut Row, edge: f64) {
    let (at, taken) = (label_words(row, edge), label_words(next, edge));
    let open = at > 0 && row.words.get(at - 1).is_some_and(|(_, word)| word.text.ends_with(['-', '–', '—']));
    let near = next.baseline - row.baseline < 2.2 * row.size;
    if !open || !near || taken == 0 || taken > 3 {
        return;
    }
    let moved: Vec<(Gap, Word)> = next.words.drain(..taken).map(|(_, word)| (Gap::Space, word)).collect();
    let tail = row.words.split_off(at);
    row.words.extend(moved);
    row.words.extend(tail);
    if let Some((gap, word)) = next.words.first_mut() {
        *gap = Gap::None;
        next.left = word.left;
    }
}
