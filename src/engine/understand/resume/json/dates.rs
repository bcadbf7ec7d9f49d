//! The dates of an entry: those that can be told as the schema writes them, and all of them as printed where one cannot.

use serde_json::{Map, Value};

use crate::domain::resume::PartialDate;
use crate::domain::resume_fields::{Field, Takes};
use crate::engine::understand::resume::dates::{Dates, find_dates};
use crate::engine::understand::resume::json::{joined, text_of};

/// The field for dates as printed.
const PRINTED: &str = "x-dates";

/// Adds an entry's dates to its fields.
pub(crate) fn add_dates(clean: &mut Map<String, Value>, given: &Map<String, Value>, fields: &[Field]) {
    let names = fields.iter().filter(|(_, takes)| matches!(takes, Takes::Date)).map(|(name, _)| *name);
    let mut printed: Vec<String> = Vec::new();
    let mut is_whole = true;
    for name in names {
        let Some(text) = given.get(name).and_then(written) else { continue };
        let told = Told::of(&text);
        if let Some(date) = told.date {
            clean.insert(name.to_owned(), Value::String(date.to_string()));
        }
        is_whole &= told.is_whole;
        printed.push(text);
    }
    if is_whole {
        return;
    }
    let printed = printed.join(" – ");
    let text = match clean.get(PRINTED).and_then(Value::as_str) {
        Some(known) if known == printed => return,
        Some(known) => format!("{known}, {printed}"),
        None => printed,
    };
    clean.insert(PRINTED.to_owned(), Value::String(text));
}

/// A date as it is written: as a text, a number, or its parts.
fn written(value: &Value) -> Option<String> {
    let Value::Object(parts) = value else { return joined(value) };
    let part = |name: &str| parts.get(name).and_then(text_of).and_then(|text| text.parse::<u16>().ok());
    let named = [part("year"), part("month"), part("day")];
    let count = parts.values().filter(|part| !part.is_null()).count();
    match named {
        [Some(year), None, None] if count == 1 => Some(format!("{year:04}")),
        [Some(year), Some(month), None] if count == 2 => Some(format!("{year:04}-{month:02}")),
        [Some(year), Some(month), Some(day)] if count == 3 => Some(format!("{year:04}-{month:02}-{day:02}")),
        _ => joined(value),
    }
}

/// What a text tells of a date.
struct Told {
    date: Option<PartialDate>,
    /// Whether the date says all that the text says.
    is_whole: bool,
}

impl Told {
    fn of(text: &str) -> Self {
        let exact = |text: &str| text.parse::<PartialDate>().ok().filter(|date| date.to_string() == text);
        if let Some(date) = exact(text) {
            return Self { date: Some(date), is_whole: true };
        }
        // The hour of a timestamp is the machine's.
        let day = text.split_once(['T', ' ']).filter(|(_, hour)| is_hour(hour)).map(|(day, _)| day);
        if let Some(date) = day.and_then(exact) {
            return Self { date: Some(date), is_whole: true };
        }
        match find_dates(text).as_slice() {
            // "Present" as an end says what an absent end says.
            [] if is_present(text) => Self { date: None, is_whole: true },
            [only] => Self { date: only.first(), is_whole: is_told_by(text, only) },
            found => Self { date: found.first().and_then(Dates::first), is_whole: false },
        }
    }
}

fn is_hour(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.contains(':')
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | '+' | '-' | 'Z'))
}

/// A word that ends a range without a date: one in a range is still open.
fn is_present(text: &str) -> bool {
    let range = format!("2000 – {text}");
    matches!(find_dates(&range).as_slice(), [only] if only.open && only.end_at == range.len())
}

/// Whether a month and a year is all that the text has: "March 2020", "03/2020".
fn is_told_by(text: &str, dates: &Dates) -> bool {
    let Some(PartialDate { month: Some(_), day: None, .. }) = dates.first() else { return false };
    let words = || text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let numbers = words().filter(|word| word.chars().all(|c| c.is_ascii_digit())).count();
    let others = words().count() - numbers;
    !dates.range && matches!((numbers, others), (2, 0) | (1, 1))
}
