//! Right-to-left writing: what stands on a page from left to right, put in the order in which it is read.
//!
//! The rules of Unicode (UAX 9) lead from the order of reading to the page. Taken on the row from its reading end on
//! they lead back: stretches of one direction are turned, numbers and words of the other direction stay as they are.

use std::borrow::Cow;

use unicode_bidi::{BidiClass, Level, ParagraphBidiInfo, bidi_class};
use unicode_normalization::char::is_combining_mark;

use crate::engine::read::pdf::rows::Gap;
use crate::engine::read::pdf::words::Word;
use crate::engine::read::tidy::tidy;

/// The first character that is written from right to left.
const FIRST: char = '\u{590}';
/// Signs that stand right behind a word, and before a space.
const TRAILING: &str = ",:;،؛";
/// Brackets and their mirror images.
const MIRRORED: &[(char, char)] = &[('(', ')'), ('[', ']'), ('{', '}'), ('<', '>'), ('«', '»'), ('‹', '›')];

/// Which way a text is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Direction {
    /// As Latin is.
    #[default]
    LeftToRight,
    /// As Hebrew and Arabic are.
    RightToLeft,
}

impl Direction {
    /// The way in which most letters are written.
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let (mut right_to_left, mut others) = (0_usize, 0_usize);
        for c in texts.flat_map(str::chars).filter(|c| c.is_alphabetic()) {
            if is_right_to_left(c) {
                right_to_left += 1;
            } else {
                others += 1;
            }
        }
        if right_to_left > others { Self::RightToLeft } else { Self::LeftToRight }
    }

    fn level(self) -> Level {
        match self {
            Self::LeftToRight => Level::ltr(),
            Self::RightToLeft => Level::rtl(),
        }
    }
}

/// Whether a text has characters that are written from right to left.
pub(crate) fn has_right_to_left(text: &str) -> bool {
    text.chars().any(is_right_to_left)
}

fn is_right_to_left(c: char) -> bool {
    c >= FIRST && matches!(bidi_class(c), BidiClass::R | BidiClass::AL)
}

/// The characters of one glyph as if each had been painted for itself, from left to right. A ligature has its letters
/// in the order of reading, and so do the letters that a form for typesetting stands for.
pub(crate) fn as_painted(text: &str) -> Cow<'_, str> {
    if !has_right_to_left(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(units(&tidy(text), None).into_iter().rev().map(|unit| unit.text).collect())
}

/// The words of a row, given from left to right, in the order in which they are read. `lean` decides where the row
/// does not show which way it was written.
pub(crate) fn in_reading_order(words: Vec<(Gap, Word)>, lean: Direction) -> Vec<(Gap, Word)> {
    let is_turned = words.iter().any(|(_, word)| has_right_to_left(&word.text));
    if !is_turned && lean == Direction::LeftToRight {
        return words;
    }
    let mut cells: Vec<Vec<(Gap, Word)>> = Vec::new();
    for (gap, word) in words {
        match cells.last_mut() {
            Some(cell) if gap != Gap::Wide => cell.push((gap, word)),
            _ => cells.push(vec![(Gap::Wide, word)]),
        }
    }
    if lean == Direction::RightToLeft {
        cells.reverse();
    }
    let mut words: Vec<(Gap, Word)> = cells.into_iter().flat_map(|cell| cell_in_order(&cell, lean)).collect();
    if let Some((gap, _)) = words.first_mut() {
        *gap = Gap::None;
    }
    words
}

/// A text without wide gaps, given from left to right, in the order in which it is read.
pub(crate) fn text_in_order(text: &str, lean: Direction) -> String {
    if !has_right_to_left(text) && lean == Direction::LeftToRight {
        return text.to_owned();
    }
    in_order(units(text, None), lean).into_iter().map(|unit| unit.text).collect()
}

fn cell_in_order(cell: &[(Gap, Word)], lean: Direction) -> Vec<(Gap, Word)> {
    let mut all: Vec<Unit> = Vec::new();
    for (nth, (gap, word)) in cell.iter().enumerate() {
        if *gap == Gap::Space {
            all.extend(units(" ", None));
        }
        all.extend(units(&word.text, Some(nth)));
    }
    let mut words: Vec<(Gap, Word)> = Vec::new();
    let (mut gap, mut last) = (Gap::Wide, None);
    for unit in in_order(all, lean) {
        let Some((_, word)) = unit.word.and_then(|nth| cell.get(nth)) else {
            (gap, last) = (Gap::Space, None);
            continue;
        };
        match words.last_mut() {
            Some((_, open)) if last == unit.word => open.text.push_str(&unit.text),
            _ => words.push((gap, Word { text: unit.text, ..word.clone() })),
        }
        (gap, last) = (Gap::None, unit.word);
    }
    words
}

/// A character with the marks on it, which never leave it.
#[derive(Debug)]
struct Unit {
    text: String,
    /// The word that it belongs to; `None` for a space between words.
    word: Option<usize>,
    /// The character whose direction it has.
    like: char,
    /// How deep it is inside text of other directions: odd from right to left.
    level: u8,
}

impl Unit {
    fn first(&self) -> char {
        self.text.chars().next().unwrap_or(' ')
    }

    fn is_space(&self) -> bool {
        self.first() == ' '
    }

    fn class(&self) -> BidiClass {
        bidi_class(self.first())
    }

    fn is_right_to_left(&self) -> bool {
        is_right_to_left(self.first())
    }
}

fn units(text: &str, word: Option<usize>) -> Vec<Unit> {
    let mut all: Vec<Unit> = Vec::new();
    for c in text.chars() {
        match all.last_mut() {
            Some(unit) if is_combining_mark(c) => unit.text.push(c),
            _ => all.push(Unit { text: c.to_string(), word, like: c, level: 0 }),
        }
    }
    all
}

fn in_order(mut all: Vec<Unit>, lean: Direction) -> Vec<Unit> {
    let base = base(&all, lean);
    if base == Direction::RightToLeft {
        keep_numbers(&mut all);
        all.reverse();
    }
    let text: String = all.iter().map(|unit| unit.like).collect();
    let info = ParagraphBidiInfo::new(&text, Some(base.level()));
    for (unit, level) in all.iter_mut().zip(info.reordered_levels_per_char(0..text.len())) {
        unit.level = level.number();
    }
    let lowest = base.level().number();
    let highest = all.iter().map(|unit| unit.level).max().unwrap_or(lowest);
    for level in (lowest + 1..=highest).rev() {
        for stretch in all.chunk_by_mut(|a, b| (a.level >= level) == (b.level >= level)) {
            if stretch.first().is_some_and(|unit| unit.level >= level) {
                stretch.reverse();
            }
        }
    }
    mirror(&mut all);
    all
}

/// Numbers go on with the Latin words at their left, as in `Sep 2016 – Feb 2021`: the rules go by what was written
/// before a number, and on the page that may stand at either side. Years that fall were written after a word at the right.
fn keep_numbers(all: &mut [Unit]) {
    let is_strong = |unit: &Unit| unit.is_right_to_left() || unit.class() == BidiClass::L;
    for stretch in all.chunk_by_mut(|_, unit| !is_strong(unit)) {
        if stretch.first().is_some_and(|unit| unit.class() == BidiClass::L) && !years_fall(stretch) {
            stretch.iter_mut().filter(|unit| unit.class() == BidiClass::EN).for_each(|unit| unit.like = 'a');
        }
    }
}

/// Which way a text was written that is given from left to right.
fn base(all: &[Unit], lean: Direction) -> Direction {
    let right_to_left = all.iter().any(Unit::is_right_to_left);
    let left_to_right = all.iter().any(|unit| unit.class() == BidiClass::L);
    match (right_to_left, left_to_right) {
        (true, false) => Direction::RightToLeft,
        (false, false) if lean == Direction::RightToLeft && years_fall(all) => Direction::RightToLeft,
        (false, _) => Direction::LeftToRight,
        (true, true) => match punctuation(all) + i32::from(years_fall(all)) {
            0 => lean,
            votes if votes > 0 => Direction::RightToLeft,
            _ => Direction::LeftToRight,
        },
    }
}

/// Time runs forward in the order of reading.
fn years_fall(all: &[Unit]) -> bool {
    let text: String = all.iter().map(Unit::first).collect();
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 4);
    let years: Vec<u32> = numbers.filter_map(|digits| digits.parse().ok()).collect();
    years.first() > years.last()
}

/// On which side of their words the commas beside right-to-left text stand: above 0 on the left.
fn punctuation(all: &[Unit]) -> i32 {
    let mut votes = 0;
    for (nth, _) in all.iter().enumerate().filter(|(_, unit)| TRAILING.contains(unit.first())) {
        let before = nth.checked_sub(1).and_then(|nth| all.get(nth));
        let after = all.get(nth + 1);
        let near = all.get(nth.saturating_sub(2)..(nth + 3).min(all.len())).unwrap_or_default();
        if !near.iter().any(Unit::is_right_to_left) {
            continue;
        }
        let (opens, closes) = (before.is_none_or(Unit::is_space), after.is_none_or(Unit::is_space));
        votes += i32::from(opens && !closes) - i32::from(closes && !opens);
    }
    votes
}

/// Turns brackets inside right-to-left text. Some programs say which bracket was written, others which one is seen:
/// whichever way they match is the right one.
fn mirror(all: &mut [Unit]) {
    let turned = |unit: &Unit| {
        let c = unit.first();
        let pair = MIRRORED.iter().find(|(open, close)| *open == c || *close == c);
        pair.filter(|_| unit.level % 2 == 1)
            .map_or(c, |(open, close)| if *open == c { *close } else { *open })
    };
    let (plain, mirrored) = (unmatched(all.iter().map(Unit::first)), unmatched(all.iter().map(turned)));
    if plain == 0 || mirrored > plain {
        return;
    }
    for unit in all {
        let c = turned(unit);
        if c != unit.first() {
            unit.text = c.to_string();
        }
    }
}

/// Brackets that have no counterpart.
fn unmatched(text: impl Iterator<Item = char>) -> usize {
    let (mut open, mut alone): (Vec<char>, usize) = (Vec::new(), 0);
    for c in text {
        if let Some((_, close)) = MIRRORED.iter().find(|(open, _)| *open == c) {
            open.push(*close);
        } else if MIRRORED.iter().any(|(_, close)| *close == c) {
            if open.last() == Some(&c) {
                open.pop();
            } else {
                alone += 1;
            }
        }
    }
    open.len() + alone
}

#[cfg(test)]
mod tests {
    use crate::engine::read::pdf::bidi::{Direction, as_painted, text_in_order};
    use unicode_bidi::{Level, ParagraphBidiInfo};

    /// A text goes to the page by Unicode's rules and comes back.
    #[track_caller]
    fn check(written: &str, base: Direction, lean: Direction) {
        let info = ParagraphBidiInfo::new(written, Some(base.level()));
        let painted = info.reorder_line(0..written.len());
        assert_eq!(text_in_order(&painted, lean), written, "painted as {painted}");
    }

    #[test]
    fn what_is_written_from_right_to_left_comes_back() {
        use Direction::{LeftToRight, RightToLeft};
        for lean in [LeftToRight, RightToLeft] {
            check("דוד כהן", RightToLeft, lean);
            check("محمد عبد الله", RightToLeft, lean);
            check("עבדתי 12 שנים, מתוכן 3 בחו\"ל", RightToLeft, lean);
            check("מהנדס תוכנה, Acme Inc.", RightToLeft, lean);
            check("Engineer at חברה, Berlin", LeftToRight, lean);
            check("Engineer, 2019 – 2021", LeftToRight, lean);
            check("+972 50 123-4567", LeftToRight, lean);
        }
        check("מהנדס | 01/2010 – 12/2011 | Acme", RightToLeft, LeftToRight);
        check("מהנדס | Harbour & Sons | Sep 2016 – Feb 2021", RightToLeft, RightToLeft);
        check("מהנדס | Acme | 2019 – 2021", RightToLeft, RightToLeft);
        check("2019 – 2021", RightToLeft, RightToLeft);
        check("2019 – היום", RightToLeft, LeftToRight);
        check("Acme חברה", LeftToRight, LeftToRight);
        check("חברה Acme", RightToLeft, RightToLeft);
        assert_eq!(Level::rtl(), RightToLeft.level());
    }

    #[test]
    fn brackets_match_whichever_of_them_the_file_names() {
        // As seen: the one at the right opens what is read.
        assert_eq!(text_in_order("(הרבח) דוד", Direction::RightToLeft), "דוד (חברה)");
        assert_eq!(text_in_order(")הרבח( דוד", Direction::RightToLeft), "דוד (חברה)");
    }

    #[test]
    fn letters_of_one_glyph_are_painted_one_by_one() {
        assert_eq!(as_painted("fi"), "fi");
        assert_eq!(as_painted("لا"), "ال");
        assert_eq!(as_painted("\u{fefb}"), "ال");
        assert_eq!(as_painted("\u{fb2a}"), "ש\u{5c1}");
    }
}
