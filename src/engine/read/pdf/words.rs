//! Characters to words, and words to segments: runs on one baseline without a wide gap.

use std::rc::Rc;

use unicode_normalization::char::is_combining_mark;

use crate::engine::read::pdf::bidi::{as_painted, has_right_to_left};
use crate::engine::read::pdf::font::FontFacts;
use crate::engine::read::pdf::fonts::UNKNOWN;
use crate::engine::read::pdf::glyph::{Glyph, PageGlyphs, Sight};
use crate::engine::read::tidy::tidy_folded;

/// A word with where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) baseline: f64,
    pub(crate) size: f64,
    pub(crate) font: Rc<FontFacts>,
    pub(crate) link: Option<String>,
}

/// Words on one baseline, without a wide gap between them.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) words: Vec<Word>,
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) baseline: f64,
    pub(crate) size: f64,
}

impl Segment {
    /// Characters in it, spaces between words included.
    pub(crate) fn chars(&self) -> usize {
        self.words.iter().map(|word| word.text.chars().count() + 1).sum::<usize>().saturating_sub(1)
    }

    /// Whether both stand on the same line of text.
    pub(crate) fn shares_line(&self, other: &Self) -> bool {
        (self.baseline - other.baseline).abs() < 0.35 * self.size.min(other.size).max(4.0)
    }
}

/// Gaps wider than this, in ems, part two segments.
const WIDE_GAP: f64 = 1.1;
/// Words of a segment up to which another one is set before them.
const MAX_BEFORE: usize = 200;
/// How far the pen may jump within a run, in ems.
const MAX_JUMP: f64 = 3.0;
/// How far back a character painted twice (fake bold, shadow) is looked for.
const DOUBLE_LOOKBACK: usize = 64;

/// The segments of a page in the order in which they are painted, one list for each direction of text,
/// the most used one first.
pub(crate) fn segments(page: &PageGlyphs) -> Vec<Vec<Segment>> {
    let count = |turn: u8| page.glyphs.iter().filter(|glyph| glyph.turn == turn).count();
    let mut turns: Vec<u8> = (0..4).filter(|turn| count(*turn) > 0).collect();
    turns.sort_by_key(|turn| std::cmp::Reverse(count(*turn)));
    turns.into_iter().map(|turn| of_turn(page, turn)).filter(|segments| !segments.is_empty()).collect()
}

fn of_turn(page: &PageGlyphs, turn: u8) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for run in runs(page, turn) {
        for mut word in words(&run.glyphs) {
            // Annotations are placed on the unturned page.
            if turn == 0 {
                let (x, y) = ((word.left + word.right) / 2.0, word.baseline - 0.3 * word.size);
                word.link = page.links.iter().find(|link| link.holds(x, y)).map(|link| link.target.clone());
            }
            place(&mut segments, word);
        }
    }
    let mut segments = join_leftward(segments);
    for segment in &mut segments {
        join_spaced_letters(&mut segment.words);
    }
    segments
}

/// Right-to-left text that is painted word after word: each one stands before those painted so far.
fn join_leftward(segments: Vec<Segment>) -> Vec<Segment> {
    let is_turned = |segment: &Segment| segment.words.iter().any(|word| has_right_to_left(&word.text));
    let mut joined: Vec<Segment> = Vec::with_capacity(segments.len());
    for segment in segments {
        match joined.last_mut() {
            Some(last)
                if last.shares_line(&segment)
                    && last.words.len() < MAX_BEFORE
                    && (-0.5..WIDE_GAP)
                        .contains(&((last.left - segment.right) / last.size.max(segment.size)))
                    && (is_turned(last) || is_turned(&segment)) =>
            {
                last.left = segment.left;
                last.words.splice(0..0, segment.words);
            }
            _ => joined.push(segment),
        }
    }
    joined
}

fn place(segments: &mut Vec<Segment>, word: Word) {
    let last = segments.last_mut().filter(|segment| {
        segment.words.last().is_some_and(|last| {
            let size = word.size.max(last.size);
            (last.baseline - word.baseline).abs() < 0.6 * size
                && word.left - last.right < WIDE_GAP * size
                && word.left - last.right > -0.5 * word.size
                && word.left >= last.left
        })
    });
    match last {
        Some(segment) => {
            segment.right = segment.right.max(word.right);
            // The larger type carries the line, a footnote mark does not.
            if word.size > segment.size * 1.05 {
                segment.size = word.size;
                segment.baseline = word.baseline;
            }
            segment.words.push(word);
        }
        None => segments.push(Segment {
            left: word.left,
            right: word.right,
            baseline: word.baseline,
            size: word.size,
            words: vec![word],
        }),
    }
}

/// Characters that the pen paints one beside the other, from left to right.
struct Run<'g> {
    glyphs: Vec<&'g Glyph>,
    left: f64,
    right: f64,
    /// Whether it has right-to-left text, which programs paint in either direction.
    is_turned: bool,
}

impl<'g> Run<'g> {
    fn new(glyph: &'g Glyph) -> Self {
        let is_turned = has_right_to_left(&glyph.text);
        Self { glyphs: vec![glyph], left: glyph.x, right: glyph.x1, is_turned }
    }

    fn takes(&self, glyph: &Glyph) -> bool {
        let Some(last) = self.glyphs.last() else { return false };
        let size = last.size.max(glyph.size);
        let is_beside = || {
            (glyph.y - last.y).abs() <= 0.25 * size
                && self.left - glyph.x1 <= MAX_JUMP * size
                && glyph.x - self.right <= MAX_JUMP * size
        };
        continues(last, glyph) || (self.is_turned || has_right_to_left(&glyph.text)) && is_beside()
    }

    fn push(&mut self, glyph: &'g Glyph) {
        self.left = self.left.min(glyph.x);
        self.right = self.right.max(glyph.x1);
        self.is_turned |= has_right_to_left(&glyph.text);
        self.glyphs.push(glyph);
    }

    /// Puts the characters in their order on the page; marks come after what they stand on.
    fn sort(&mut self) {
        let place = |glyph: &Glyph| if is_mark(glyph) { glyph.x + 0.05 * glyph.size } else { glyph.x };
        if self.is_turned {
            self.glyphs.sort_by(|a, b| place(a).total_cmp(&place(b)));
        }
    }
}

fn is_mark(glyph: &Glyph) -> bool {
    glyph.text.chars().next().is_some_and(is_combining_mark)
}

/// Splits the stream of characters where the pen jumps: to another line, back, or far ahead.
fn runs(page: &PageGlyphs, turn: u8) -> Vec<Run<'_>> {
    let mut kept: Vec<&Glyph> = Vec::with_capacity(page.glyphs.len());
    for glyph in &page.glyphs {
        let is_seen = glyph.sight == Sight::Seen && !glyph.text.is_empty();
        if glyph.turn == turn && is_seen && !is_painted_again(&kept, glyph) {
            kept.push(glyph);
        }
    }
    let mut runs: Vec<Run<'_>> = Vec::new();
    for glyph in kept {
        match runs.last_mut() {
            Some(run) if run.takes(glyph) => run.push(glyph),
            _ => runs.push(Run::new(glyph)),
        }
    }
    runs.iter_mut().for_each(Run::sort);
    runs
}

fn is_painted_again(kept: &[&Glyph], glyph: &Glyph) -> bool {
    !glyph.text.trim().is_empty()
        && kept.iter().rev().take(DOUBLE_LOOKBACK).any(|other| {
            other.text == glyph.text
                && (other.x - glyph.x).abs() < 0.12 * glyph.size
                && (other.y - glyph.y).abs() < 0.12 * glyph.size
                && (other.size - glyph.size).abs() < 0.1 * glyph.size
        })
}

fn continues(last: &Glyph, glyph: &Glyph) -> bool {
    let size = last.size.max(glyph.size);
    let (rise, gap) = ((glyph.y - last.y).abs(), glyph.x - last.x1);
    let differs = glyph.size < 0.8 * last.size || last.size < 0.8 * glyph.size;
    let script = differs && rise < 0.55 * size && gap < 0.3 * size && glyph.x > last.x;
    (script || rise <= 0.25 * size) && glyph.x >= last.x - 0.3 * size && gap <= MAX_JUMP * size
}

fn is_space(glyph: &Glyph) -> bool {
    glyph.text.trim().is_empty()
}

fn words(run: &[&Glyph]) -> Vec<Word> {
    let spaces = run.iter().filter(|glyph| is_space(glyph)).count();
    let gap_limit = gap_limit(run, spaces * 12 >= run.len());
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    let mut end = 0.0;
    for (nth, glyph) in run.iter().enumerate() {
        let right = right_of(glyph, run.get(nth + 1).copied());
        if is_space(glyph) {
            open = false;
            continue;
        }
        if open && glyph.x - end > gap_limit * glyph.size {
            open = false;
        }
        match words.last_mut() {
            Some(word) if open => {
                word.text.push_str(&as_painted(&glyph.text));
                word.right = word.right.max(right);
            }
            _ => words.push(Word {
                text: as_painted(&glyph.text).into_owned(),
                left: glyph.x,
                right: right.max(glyph.x),
                baseline: glyph.y,
                size: glyph.size,
                font: Rc::clone(&glyph.font),
                link: None,
            }),
        }
        open = true;
        // A mark is as wide as nothing.
        if !is_mark(glyph) {
            end = right;
        }
    }
    for word in &mut words {
        if word.text != UNKNOWN {
            word.text = readable(&word.text);
        }
    }
    words.retain(|word| !word.text.is_empty());
    words
}

/// Where a character ends. A blank that stands for a letter which no typeface has may be wider than the room it is given.
fn right_of(glyph: &Glyph, next: Option<&Glyph>) -> f64 {
    match next.filter(|next| next.x > glyph.x && has_right_to_left(&glyph.text)) {
        Some(next) => glyph.x1.min(next.x),
        None => glyph.x1,
    }
}

/// Whoever paints a soft hyphen shows a hyphen; only at the end of a word may it be the end of the line.
fn readable(text: &str) -> String {
    match text.strip_suffix('\u{ad}') {
        Some(head) => tidy_folded(&head.replace('\u{ad}', "-")) + "\u{ad}",
        None => tidy_folded(&text.replace('\u{ad}', "-")),
    }
}

/// The gap, in ems, from which on two characters of this run belong to different words.
fn gap_limit(run: &[&Glyph], has_spaces: bool) -> f64 {
    let mut gaps: Vec<f64> = run
        .iter()
        .zip(run.iter().skip(1))
        .filter(|(a, b)| !is_space(a) && !is_space(b))
        .map(|(a, b)| (b.x - a.x1) / a.size.max(b.size))
        .collect();
    gaps.sort_by(f64::total_cmp);
    let Some(median) = gaps.get(gaps.len().saturating_sub(1) / 2) else {
        return if has_spaces { 0.25 } else { 0.15 };
    };
    // Letters may be tracked apart: what counts is the gap beyond that.
    let tracking = median.clamp(0.0, 1.0);
    if has_spaces {
        return tracking + 0.25;
    }
    let jump = gaps
        .iter()
        .zip(gaps.iter().skip(1))
        .find(|(a, b)| **b >= tracking + 0.08 && *b - *a >= 0.045 && **a <= tracking + 0.16);
    match jump {
        Some((a, b)) => ((a + b.min(tracking + 0.45)) / 2.0).clamp(tracking + 0.06, tracking + 0.25),
        None => tracking + 0.13,
    }
}

/// Fewest single letters in a row that are one word set wide.
const SPACED_LETTERS: usize = 4;

/// `E X P E R I E N C E` is one word; where the gaps are clearly wider, the next word begins.
fn join_spaced_letters(words: &mut Vec<Word>) {
    let is_letter = |word: &Word| {
        let mut chars = word.text.chars();
        matches!((chars.next(), chars.next()), (Some(c), None) if c.is_alphabetic() || c == '&')
    };
    if words.len() < SPACED_LETTERS
        || words.iter().filter(|word| is_letter(word)).count() * 10 < words.len() * 8
    {
        return;
    }
    let mut gaps: Vec<f64> = words.iter().zip(words.iter().skip(1)).map(|(a, b)| b.left - a.right).collect();
    gaps.sort_by(f64::total_cmp);
    let usual = gaps.get(gaps.len() / 2).copied().unwrap_or(0.0);
    let mut joined: Vec<Word> = Vec::new();
    for word in words.drain(..) {
        match joined.last_mut() {
            Some(last) if word.left - last.right <= usual * 1.5 + 0.5 => {
                last.text.push_str(&word.text);
                last.right = last.right.max(word.right);
            }
            _ => joined.push(word),
        }
    }
    *words = joined;
}
