//! What pages repeat at their edges: kept once, and without the number of the page.

use std::collections::HashMap;

use crate::domain::resume::Resume;
use crate::domain::source::{Part, SourceText};
use crate::engine::understand::resume::header::is_page_number;
use crate::engine::understand::resume::keep::{Bag, unsaid};
use crate::engine::understand::resume::row::{Row, rows};
use crate::engine::understand::resume::text::trim_marks;
use crate::engine::words::numbers_alike;

/// Pages have numbers below this, and years above.
const MAX_PAGE: u64 = 1000;

/// The rows with each page header and footer once, whatever page they say to be on.
pub(crate) fn once(rows: Vec<Row>) -> Vec<Row> {
    let mut seen: HashMap<String, Vec<u64>> = HashMap::new();
    rows.into_iter().filter_map(|row| if is_edge(&row) { first(row, &mut seen) } else { Some(row) }).collect()
}

/// What the document prints and no field of the resume has: see `Reading::furniture`.
pub(crate) fn furniture(source: &SourceText, resume: &Resume) -> Vec<String> {
    // A resume that came as data was not taken from the lines.
    if !source.structured.is_empty() {
        return Vec::new();
    }
    let mut bag = Bag::printed(resume);
    let numbers = source.lines.iter().filter_map(|line| line.number.clone());
    rows(source).iter().flat_map(|row| unsaid(&row.all(), &mut bag)).chain(numbers).collect()
}

/// Whether a row says nothing but whose page it is: "Ada Example — 2/3". A document of two pages has it once, where it
/// cannot be told by being there again.
pub(crate) fn is_folio(row: &Row, name: &str) -> bool {
    let text = row.all();
    let beside = |rest: &str| {
        let rest = trim_marks(rest);
        !rest.is_empty() && is_page_number(rest)
    };
    text.strip_prefix(name).is_some_and(beside) || text.strip_suffix(name).is_some_and(beside)
}

fn is_edge(row: &Row) -> bool {
    matches!(row.part, Part::Header | Part::Footer)
}

fn first(row: Row, seen: &mut HashMap<String, Vec<u64>>) -> Option<Row> {
    let words: Vec<&str> =
        row.cells.iter().map(String::as_str).filter(|cell| !is_page_number(cell)).collect();
    if words.is_empty() {
        return None;
    }
    let text = words.join(" ");
    let numbers = numbers(&text);
    let before = seen.insert(numbers_alike(&text), numbers.clone());
    if before.is_some_and(|before| is_next_page(&before, &numbers)) {
        return None;
    }
    // Untouched where it can be: cells and links of its own are worth more than one text.
    Some(if words.len() == row.cells.len() { row } else { row.with_text(&text) })
}

fn numbers(text: &str) -> Vec<u64> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.map(|digits| digits.parse().unwrap_or(u64::MAX)).collect()
}

/// Whether one number at most has grown, and could be that of a page. Other numbers are what the line is about.
fn is_next_page(before: &[u64], numbers: &[u64]) -> bool {
    let mut changed = before.iter().zip(numbers).filter(|(old, new)| old != new);
    let grows = changed.next().is_none_or(|(old, new)| old < new && *new < MAX_PAGE);
    grows && changed.next().is_none()
}

#[cfg(test)]
mod tests {
    use crate::domain::source::{
        Area, Layout, Line, LineKind, PageSize, Part, SourceFormat, SourceText, Span,
    };
    use crate::engine::understand::resume::understand;

    fn line(text: &str, page: u32, part: Part) -> Line {
        let span = Span { text: text.to_owned(), bold: false, italic: false, size: 10.0, link: None };
        let area = Area { page, left: 50.0, top: 50.0, right: 500.0, bottom: 60.0 };
        Line {
            spans: vec![span],
            kind: LineKind::Text,
            number: None,
            block: page,
            area: Some(area),
            paragraph: 0,
            part,
        }
    }

    fn understood(lines: Vec<Line>) -> String {
        let source = SourceText {
            format: SourceFormat::Pdf,
            lines,
            raw: Vec::new(),
            pages: vec![PageSize { width: 595.0, height: 842.0 }; 3],
            layout: Layout::default(),
            structured: Vec::new(),
            notes: Vec::new(),
            title: None,
        };
        serde_json::to_string(&understand(&source)).unwrap_or_default()
    }

    #[test]
    fn a_footer_of_every_page_is_said_once_and_without_the_page() {
        let mut lines = vec![
            line("Ada Example", 1, Part::Body),
            line("ada@example.org", 1, Part::Body),
            line("Experience", 1, Part::Body),
        ];
        for page in 1..=3 {
            lines.push(line(
                &format!("February 10, 2026\tAda Example · Curriculum Vitae\t{page}"),
                page,
                Part::Footer,
            ));
        }
        let text = understood(lines);
        assert_eq!(text.matches("Curriculum Vitae").count(), 1, "{text}");
        assert_eq!(text.matches("February 10, 2026").count(), 1, "{text}");
    }

    #[test]
    fn footers_whose_numbers_are_no_pages_are_all_kept() {
        let mut lines = vec![line("Ada Example", 1, Part::Body), line("ada@example.org", 1, Part::Body)];
        for (page, years) in [(1, "2019 – 2021"), (2, "2021 – 2023"), (3, "2021 – 2024")] {
            lines.push(line(&format!("Software Engineer {years}, sheet {page}"), page, Part::Footer));
        }
        let text = understood(lines);
        for year in ["2019", "2023", "2024"] {
            assert!(text.contains(year), "{year} is lost: {text}");
        }
    }
}
