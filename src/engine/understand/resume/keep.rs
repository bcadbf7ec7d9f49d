//! Nothing that was read may be lost: what the fields did not take is found here, to be kept as text.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use crate::domain::resume::{Resume, SectionHeading};
use crate::engine::places::{places, to_json};
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
    cells.filter_map(|cell| missing_text(cell, bag)).collect()
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
    found.into_iter().filter_map(|(start, end)| text.get(start..end)).map(str::to_owned).collect()
}

/// The stretch of one text from its first to its last word that the bag does not hold.
pub(crate) fn missing_text(text: &str, bag: &mut Bag) -> Option<String> {
    let mut stretch: Option<(usize, usize)> = None;
    for (start, end, word) in word_spans(text) {
        if !bag.take(&word) && !MARKUP.split(' ').any(|known| known == word) {
            stretch = Some((stretch.map_or(start, |(first, _)| first), end));
        }
    }
    let (start, mut end) = stretch?;
    // "Electronics (EE)" ends with its bracket.
    let open =
        text.get(start..end).is_some_and(|found| found.matches('(').count() > found.matches(')').count());
    if open && text.get(end..).is_some_and(|rest| rest.starts_with(')')) {
        end += 1;
    }
    text.get(start..end).map(str::to_owned)
}
