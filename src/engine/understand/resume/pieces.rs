//! The head of an entry cut into pieces: where a separator stands or the typeface changes, but never inside dates.

use crate::engine::understand::resume::dates::{is_only_dates, take_dates};
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::text::{is_han, trim_marks};

/// Separators inside a cell, strongest first.
const SEPARATORS: &[&str] = &[
    " | ", "|", " · ", "·", " • ", "•", " — ", " – ", " - ", " ‒ ", " ― ", "—", " // ", " @ ", " at ",
    " bei ", " chez ", " / ", "；", " ; ",
];

/// The pieces of each cell of a row with what stands before each.
pub(crate) fn pieces(row: &Row) -> Vec<Vec<(&'static str, String)>> {
    (0..row.cells.len())
        .map(|cell| {
            let mut all: Vec<(&'static str, String)> = Vec::new();
            for text in styled(row, cell) {
                let taken = protect_dates(&text);
                let mut parts = vec![("\u{1f}", taken)];
                for separator in SEPARATORS {
                    parts =
                        parts.into_iter().flat_map(|(before, part)| cut(before, &part, separator)).collect();
                }
                all.extend(parts.into_iter().map(|(before, part)| (before, unprotect(&part))));
            }
            all.into_iter()
                .filter(|(_, part)| !trim_marks(part).is_empty())
                .map(|(before, part)| (before, trim_keeping_dates(&part)))
                .collect()
        })
        .collect()
}

fn trim_keeping_dates(part: &str) -> String {
    let trimmed = trim_marks(part);
    // "2019 –": the dash says that it goes on.
    let is_kept = trimmed.is_empty() || is_only_dates(part);
    if is_kept { part.trim().to_owned() } else { trimmed.to_owned() }
}

fn cut(before: &'static str, part: &str, separator: &'static str) -> Vec<(&'static str, String)> {
    let mut pieces = Vec::new();
    let mut depth = 0_i32;
    let mut current = String::new();
    let mut mark = before;
    let mut rest = part;
    while let Some(c) = rest.chars().next() {
        if depth == 0
            && let Some(after) = rest.strip_prefix(separator)
            && !(separator == " at " && is_school_of(&current))
        {
            pieces.push((mark, std::mem::take(&mut current)));
            mark = separator;
            rest = after;
            continue;
        }
        match c {
            '(' | '[' | '（' => depth += 1,
            ')' | ']' | '）' => depth = (depth - 1).max(0),
            _ => {}
        }
        current.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    pieces.push((mark, current));
    pieces
}

/// Whether "at" goes on with the name of a school: "University of Texas at Austin".
fn is_school_of(text: &str) -> bool {
    let text = text.trim_start().to_lowercase();
    ["university of ", "university ", "institute of ", "college of "]
        .iter()
        .any(|name| text.starts_with(name))
}

/// Dashes inside dates part nothing.
fn protect_dates(text: &str) -> String {
    let mut result = text.to_owned();
    for dates in take_dates(text).dates.into_iter().rev() {
        if let Some(inside) = text.get(dates.start_at..dates.end_at) {
            let safe: String = inside
                .chars()
                .map(|c| if c == ' ' { '\u{1e}' } else { c })
                .map(|c| if c == '—' { '\u{1d}' } else { c })
                .collect();
            if let (Some(before), Some(after)) = (result.get(..dates.start_at), result.get(dates.end_at..)) {
                result = format!("{before}{safe}{after}");
            }
        }
    }
    result
}

fn unprotect(text: &str) -> String {
    text.replace('\u{1e}', " ").replace('\u{1d}', "—")
}

/// A cell cut where its typeface changes between words.
fn styled(row: &Row, cell: usize) -> Vec<String> {
    let mut parts: Vec<(String, bool, bool)> = Vec::new();
    for run in row.runs.iter().filter(|run| run.cell == cell) {
        match parts.last_mut() {
            Some((text, bold, italic)) => {
                let wordy = |text: &str| {
                    text.chars().filter(|c| c.is_alphanumeric()).count() >= 2 || text.chars().any(is_han)
                };
                let open = text.matches(['(', '（']).count() > text.matches([')', '）']).count();
                let apart = text.ends_with(char::is_whitespace)
                    || run.text.starts_with(char::is_whitespace)
                    || run.text.starts_with([',', '|', '–', '—'])
                    || text.ends_with([',', '|']);
                if (*bold, *italic) != (run.bold, run.italic)
                    && wordy(text)
                    && wordy(&run.text)
                    && apart
                    && !open
                {
                    parts.push((run.text.clone(), run.bold, run.italic));
                } else {
                    text.push_str(&run.text);
                }
            }
            None => parts.push((run.text.clone(), run.bold, run.italic)),
        }
    }
    let squeezed = |text: &str| text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let parts: Vec<String> =
        parts.into_iter().map(|(text, _, _)| squeezed(&text)).filter(|text| !text.is_empty()).collect();
    // A date cut in two by its typeface is worse than no cut.
    let whole = row.cells.get(cell).cloned().unwrap_or_default();
    let dates = |text: &str| take_dates(text).dates.iter().filter(|dates| dates.range).count();
    if parts.is_empty() || parts.iter().map(|part| dates(part)).sum::<usize>() < dates(&whole) {
        vec![whole]
    } else {
        parts
    }
}
