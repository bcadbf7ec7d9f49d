//! Nothing that was read may be lost: what the fields did not take is found here, to be kept as text.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use crate::domain::resume::{Resume, SectionHeading};
use crate::engine::places::{places, to_json};
use crate::engine::understand::resume::entry_labels::labelled;
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::text::{word_spans, words};

/// Words that only join or label what a field's own name says: `at`, `in`, `E-mail:`, `Coursework:`.
const MARKUP: &str = "at in of and the on und im bei en y e et a email mail e mailto tel phone telephone telefon mobile mobil cell fax www http https location address linkedin github com coursework courses relevant cursos kurse";

/// A bag of words to take from.
#[derive(Debug, Default)]
pub(crate) struct Bag(HashMap<String, usize>);

impl Bag {
    /// The words of every text inside a value, field names left out.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        let mut bag = Self::default();
        if let Ok(value) = serde_json::to_value(value) {
            bag.add_value(&value);
        }
        bag
    }

    fn add_value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.add(text),
            Value::Array(items) => items.iter().for_each(|item| self.add_value(item)),
            Value::Object(fields) => fields.values().for_each(|field| self.add_value(field)),
            _ => {}
        }
    }

    /// The words that stand in the document: without the names of sections, and of dates those that are printed.
    pub(crate) fn printed(resume: &Resume) -> Self {
        let mut bag = Self::default();
        let json = to_json(resume);
        for place in places(&json) {
            let beside = |field: &str| {
                place
                    .pointer
                    .rsplit_once('/')
                    .and_then(|(entry, _)| json.pointer(&format!("{entry}/{field}")))
            };
            let told_twice = match place.pointer.rsplit('/').next() {
                Some("startDate" | "endDate" | "date" | "releaseDate") => beside("x-dates").is_some(),
                _ => false,
            };
            if !told_twice {
                bag.add(&place.text);
            }
        }
        // The heading of an `x-` section stands there as well, and one within the skills is the name of a group.
        let is_kept_there = |heading: &&SectionHeading| {
            let name = heading.section.as_deref().unwrap_or_default();
            name.starts_with("x-") || heading.level.is_some() && matches!(name, "skills" | "interests")
        };
        let headings = resume.section_order.iter().filter(|heading| !is_kept_there(heading));
        headings.filter_map(|heading| heading.heading.as_deref()).for_each(|heading| bag.add(heading));
        bag
    }

    /// Adds the words of a text.
    pub(crate) fn add(&mut self, text: &str) {
        for word in words(text) {
            *self.0.entry(word).or_default() += 1;
        }
    }

    /// Takes one word out; whether it was there.
    fn take(&mut self, word: &str) -> bool {
        match self.0.get_mut(word) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

/// The stretches of the rows whose words the bag does not hold, as printed.
pub(crate) fn missing(rows: &[Row], bag: &mut Bag) -> Vec<String> {
    let cells = rows.iter().flat_map(|row| row.cells.iter().chain(&row.asides));
    // "Client" of a line whose name has found its field: the field says it.
    let is_said = |cell: &str, left: &str| labelled(cell).is_some_and(|found| found.label == left);
    cells.filter_map(|cell| missing_text(cell, bag).filter(|left| !is_said(cell, left))).collect()
}

/// Every stretch of one text whose words the bag does not hold, as printed, words that only join or label among them.
pub(crate) fn unsaid(text: &str, bag: &mut Bag) -> Vec<String> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut goes_on = false;
    for (start, end, word) in word_spans(text) {
        let is_missing = !bag.take(&word);
        match found.last_mut() {
            Some(last) if is_missing && goes_on => last.1 = end,
            _ if is_missing => found.push((start, end)),
            _ => {}
        }
        goes_on = is_missing;
    }
    found.into_iter().filter_map(|(start, end)| with_signs(text, start, end)).map(str::to_owned).collect()
}

/// The stretch of one text from its first to its last word that the bag does not hold.
pub(crate) fn missing_text(text: &str, bag: &mut Bag) -> Option<String> {
    let mut stretch: Option<(usize, usize)> = None;
    for (start, end, word) in word_spans(text) {
        if !bag.take(&word) && !MARKUP.split(' ').any(|known| known == word) {
            stretch = Some((stretch.map_or(start, |(first, _)| first), end));
        }
    }
    let (start, end) = stretch?;
    with_signs(text, start, end).map(str::to_owned)
}

/// Signs that belong to the word before them: "C++", "40%", "9 M€".
const AFTER: &[char] = &['+', '#', '%', '‰', '€', '$', '£', '¥', '₹', '°', '*', '.', '!', '?', '…', '。'];
/// Those of them that may stand apart: "40 %".
const APART: &[char] = &['%', '‰', '€', '$', '£', '¥', '₹', '°'];
/// Signs that belong to the word after them: "$3M", "~40", "#1", ".NET".
const BEFORE: &[char] = &['$', '€', '£', '¥', '₹', '#', '+', '~', '≈', '<', '>', '≤', '≥', '@', '.'];
/// What opens and what closes: of such a pair both stay or both go.
const PAIRS: [(char, char); 6] = [('(', ')'), ('[', ']'), ('（', '）'), ('“', '”'), ('„', '“'), ('«', '»')];

/// Words of the shortest stretch that is a sentence wherever it stands.
const SENTENCE_WORDS: usize = 5;

/// A stretch of words with the signs at its ends: without them it would say something else than what was printed.
fn with_signs(text: &str, start: usize, end: usize) -> Option<&str> {
    let inside = text.get(start..end)?;
    let (before, after) = (text.get(..start)?, text.get(end..)?);
    // Counted once, not at each bracket: strangers choose how many stand beside a stretch, and how long it is.
    let count = |c: char| inside.matches(c).count();
    let counts = PAIRS.map(|(open, close)| (open, close, count(open), count(close)));
    let closes = |c: char| counts.iter().any(|(_, close, opened, closed)| c == *close && opened > closed);
    let opens = |c: char| counts.iter().any(|(open, _, opened, closed)| c == *open && closed > opened);
    // A point ends a sentence or an abbreviation; behind the last name of a list it is neither.
    let is_sentence =
        start == 0 || inside.contains('.') || inside.split_whitespace().count() >= SENTENCE_WORDS;
    let belongs = |c: &char| (AFTER.contains(c) && (*c != '.' || is_sentence)) || closes(*c);
    let mut tail: usize = after.chars().take_while(belongs).map(char::len_utf8).sum();
    let rest = after.get(tail..)?;
    let mut apart = rest.trim_start().chars();
    if let Some(sign) = apart.next().filter(|c| APART.contains(c))
        && apart.next().is_none_or(|next| !next.is_alphanumeric())
    {
        tail += rest.len() - rest.trim_start().len() + sign.len_utf8();
    }
    let mut lead: usize =
        before.chars().rev().take_while(|c| BEFORE.contains(c) || opens(*c)).map(char::len_utf8).sum();
    // The point of another word's end is none of this word's beginning.
    if before.get(..before.len() - lead)?.ends_with(char::is_alphanumeric) {
        lead = 0;
    }
    text.get(start - lead..end + tail)
}

#[cfg(test)]
mod tests {
    use super::{Bag, missing_text, unsaid};

    #[track_caller]
    fn check(text: &str, said: &str, expected: &str) {
        let mut bag = Bag::default();
        bag.add(said);
        assert_eq!(missing_text(text, &mut bag).as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn signs_at_the_ends_of_what_is_kept_stay() {
        check("Wrote the core in C++", "", "Wrote the core in C++");
        check("Cut the bill by 40%", "", "Cut the bill by 40%");
        check("Cut the bill by 40 %, twice", "twice", "Cut the bill by 40 %");
        check("Handled budgets up to 9 M€", "", "Handled budgets up to 9 M€");
        check("Acme – $3M+ raised", "Acme raised", "$3M+");
        check(".NET, Rust", "Rust", ".NET");
        check("Moved the fleet. Acme", "Acme", "Moved the fleet.");
        check("Acme, Oslo, Grade.", "Acme Oslo", "Grade");
    }

    #[test]
    fn brackets_stay_in_pairs() {
        check("Electronics (EE)", "", "Electronics (EE)");
        check("(Oslo) Acme", "Acme", "Oslo");
        check("Acme (Oslo), 5th floor", "Acme Oslo", "5th floor");
        check("(EE) Electronics, Acme", "Acme", "(EE) Electronics");
    }

    // A hundred thousand brackets each way once took minutes.
    #[test]
    fn many_brackets_are_counted_once() {
        let (opened, closed) = ("(".repeat(50_000), ")".repeat(50_000));
        check(&format!("Oslo {opened} Bergen{closed}"), "", &format!("Oslo {opened} Bergen{closed}"));
    }

    #[test]
    fn every_stretch_is_found_with_its_signs() {
        let mut bag = Bag::default();
        bag.add("and Go");
        assert_eq!(unsaid("C++ and 40% Go", &mut bag), ["C++", "40%"]);
    }
}
