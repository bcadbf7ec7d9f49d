//! Page headers and footers: what repeats at the edge of pages, and page numbers.
//!
//! What two pages end with is not yet a footer: two jobs of one title may close them. A footer says the same on both,
//! at the same place, and is set otherwise than the text.

use std::collections::HashMap;

use crate::domain::source::{Line, PageSize, Part};
use crate::engine::read::dates::has_range;
use crate::engine::words::numbers_alike;

/// Share of the page's height in which headers and footers stand.
const EDGE: f32 = 0.1;
/// Baselines of two pages, closer than this in points, are at the same place.
const ONE_PLACE: f32 = 2.0;
/// Distance of baselines, in type sizes, from which on a line at the edge is set apart from the text.
const APART: f32 = 2.2;
/// Share of the usual type size below which type is smaller.
const SMALLER: f32 = 0.95;
/// Pages are numbered below this, and years above.
const MAX_PAGE: i64 = 1000;
/// Lines of one edge that say the same; a page with more of them is a pattern.
const MAX_ALIKE: usize = 8;

/// A line at the edge of a page.
struct Edge {
    line: usize,
    part: Part,
    page: u32,
    /// From the top of the page to its baseline, or from its baseline to the bottom.
    distance: f32,
    numbers: Vec<i64>,
    text: String,
}

/// How a line at the edge repeats on another page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeats {
    Not,
    /// Somewhere at the same edge.
    Elsewhere,
    /// At the same place.
    InPlace,
    /// At the same place, with a number that counts the pages.
    Counting,
}

/// Marks lines as header or footer. The first page's header stays body: there it is the resume's own head.
pub(crate) fn mark(lines: &mut [Line], pages: &[PageSize]) {
    let edges: Vec<Edge> =
        lines.iter().enumerate().filter_map(|(nth, line)| edge(nth, line, pages)).collect();
    let mut alike: HashMap<(String, bool), Vec<&Edge>> = HashMap::new();
    for edge in &edges {
        let known = alike.entry((numbers_alike(&edge.text), edge.part == Part::Header)).or_default();
        if known.iter().filter(|other| other.page == edge.page).count() < MAX_ALIKE {
            known.push(edge);
        }
    }
    let repeats: Vec<(&Edge, Repeats)> = edges
        .iter()
        .map(|edge| {
            let known = alike.get(&(numbers_alike(&edge.text), edge.part == Part::Header));
            (edge, known.map_or(Repeats::Not, |known| repeats(edge, known)))
        })
        .collect();
    let name = name(lines);
    let sizes = usual_size(lines);
    let furniture: Vec<&Edge> = repeats
        .iter()
        .filter(|(edge, repeats)| *repeats != Repeats::Not || is_page_number(&edge.text))
        .map(|(edge, _)| *edge)
        .collect();
    let mut marked: Vec<(usize, Part)> = Vec::new();
    for (edge, repeats) in &repeats {
        let is_number = is_page_number(&edge.text);
        let is_head = edge.part == Part::Header && edge.page == 1;
        let is_meant = match repeats {
            Repeats::Not => false,
            _ if is_persons(&edge.text, name.as_deref()) => true,
            Repeats::Elsewhere => false,
            Repeats::Counting => true,
            Repeats::InPlace => {
                lines.get(edge.line).is_some_and(|line| line.size() < SMALLER * sizes)
                    || is_apart(edge, &furniture, lines)
            }
        };
        if is_number || is_meant && !is_head {
            marked.push((edge.line, edge.part));
        }
    }
    for (nth, part) in marked {
        if let Some(line) = lines.get_mut(nth) {
            line.part = part;
        }
    }
}

fn edge(nth: usize, line: &Line, pages: &[PageSize]) -> Option<Edge> {
    let area = line.area?;
    let height = pages.get(usize::try_from(area.page).ok()?.checked_sub(1)?)?.height;
    let (part, distance) = if area.bottom < height * EDGE {
        (Part::Header, area.bottom)
    } else if area.top > height * (1.0 - EDGE) {
        (Part::Footer, height - area.bottom)
    } else {
        return None;
    };
    let text = line.text();
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    // A number that is too long counts nothing.
    let numbers = numbers.map(|digits| digits.parse().unwrap_or(i64::MAX)).collect();
    Some(Edge { line: nth, part, page: area.page, distance, numbers, text })
}

/// How a line repeats among those that are alike but for their numbers.
fn repeats(edge: &Edge, known: &[&Edge]) -> Repeats {
    let mut found = Repeats::Not;
    for other in known.iter().filter(|other| other.page != edge.page) {
        let in_place = (other.distance - edge.distance).abs() < ONE_PLACE;
        match counts_pages(edge, other) {
            Some(true) if in_place => return Repeats::Counting,
            Some(_) if in_place => found = Repeats::InPlace,
            Some(_) if found == Repeats::Not => found = Repeats::Elsewhere,
            _ => {}
        }
    }
    found
}

/// Whether the numbers of two lines differ as their pages do; `None` where they differ otherwise.
fn counts_pages(edge: &Edge, other: &Edge) -> Option<bool> {
    let pages = i64::from(edge.page) - i64::from(other.page);
    let mut counts = false;
    for (here, there) in edge.numbers.iter().zip(&other.numbers) {
        if here == there {
            continue;
        }
        if *here >= MAX_PAGE || *there >= MAX_PAGE || here - there != pages {
            return None;
        }
        counts = true;
    }
    (counts || edge.text == other.text).then_some(counts)
}

/// Whether a text is how the person is called or reached, which pages repeat wherever they have room.
fn is_persons(text: &str, name: Option<&str>) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_address = text.contains('@') || text.contains("://") || text.contains("www.") || digits >= 7;
    name == Some(text) || is_address && !has_range(text)
}

/// What the first page says in its largest type.
fn name(lines: &[Line]) -> Option<String> {
    let first = lines.iter().filter(|line| line.area.is_some_and(|area| area.page == 1));
    let largest = first.reduce(|largest, line| if line.size() > largest.size() { line } else { largest })?;
    Some(largest.text())
}

/// The type size of most of the text.
fn usual_size(lines: &[Line]) -> f32 {
    let mut sizes: Vec<(f32, usize)> = Vec::new();
    for line in lines {
        let (size, chars) = (line.size(), line.text().chars().count());
        match sizes.iter_mut().find(|(known, _)| (known - size).abs() < 0.3) {
            Some((_, count)) => *count += chars,
            None => sizes.push((size, chars)),
        }
    }
    sizes.into_iter().max_by_key(|(_, count)| *count).map_or(0.0, |(size, _)| size)
}

/// Whether a gap parts the line from the text of its page, together with what else repeats there.
fn is_apart(edge: &Edge, furniture: &[&Edge], lines: &[Line]) -> bool {
    let Some(line) = lines.get(edge.line) else { return false };
    let Some(area) = line.area else { return false };
    let size = line.size().max(1.0);
    // From the edge inward: footers stand below the text, headers above it.
    let sign = if edge.part == Part::Header { 1.0 } else { -1.0 };
    let inward = |line: &Line| line.area.filter(|area| area.page == edge.page).map(|area| sign * area.bottom);
    let here = sign * area.bottom;
    let is_furniture = |nth: usize| furniture.iter().any(|other| other.line == nth);
    let text = lines
        .iter()
        .enumerate()
        .filter_map(|(nth, line)| Some((nth, inward(line)?)))
        .filter(|(nth, place)| *place > here + 0.5 * size && !is_furniture(*nth))
        .map(|(_, place)| place)
        .fold(f32::INFINITY, f32::min);
    let innermost = furniture
        .iter()
        .filter_map(|other| inward(lines.get(other.line)?))
        .filter(|place| *place < text)
        .fold(here, f32::max);
    text - innermost > APART * size
}

/// A line that says nothing but which page it is.
fn is_page_number(text: &str) -> bool {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let number = |word: &String| word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    let label = |word: &String| {
        matches!(word.as_str(), "page" | "of" | "seite" | "von" | "página" | "de" | "sur" | "p")
    };
    (1..=4).contains(&words.len())
        && words.iter().any(number)
        && words.iter().all(|word| number(word) || label(word))
}

#[cfg(test)]
mod tests {
    use crate::domain::source::Part;
    use crate::engine::read::fixtures::{at, read_pdf};

    /// Pages of running text, each with the same kind of line at a height, and what those lines become.
    #[track_caller]
    fn check(said: &[(u32, &str)], expected: &[Part]) {
        let text: String =
            (0..40).map(|row| at(72, 700 - 14 * row, "Wrote the first program for the engine")).collect();
        let pages: Vec<String> = said.iter().map(|(y, line)| text.clone() + &at(72, *y, line)).collect();
        let source = read_pdf(&pages.iter().map(String::as_str).collect::<Vec<_>>());
        let edges: Vec<Part> = source
            .lines
            .iter()
            .filter(|line| !line.text().starts_with("Wrote"))
            .map(|line| line.part)
            .collect();
        assert_eq!(edges, expected, "{said:?}");
    }

    #[test]
    fn what_says_the_same_apart_from_the_text_is_a_margin() {
        let footers = [Part::Footer, Part::Footer];
        check(&[(40, "Printed on 10 February 2026"), (40, "Printed on 10 February 2026")], &footers);
        check(&[(40, "Curriculum Vitae, 1 of 2"), (40, "Curriculum Vitae, 2 of 2")], &footers);
        check(&[(40, "ada@example.org"), (52, "ada@example.org")], &footers);
        check(&[(760, "Ada at Work"), (760, "Ada at Work")], &[Part::Body, Part::Header]);
    }

    #[test]
    fn what_differs_or_closes_the_text_is_body() {
        let body = [Part::Body, Part::Body];
        check(&[(40, "Engineer, 2019 - 2021"), (40, "Engineer, 2021 - 2023")], &body);
        // The years count like the pages, and are none.
        check(&[(40, "Engineer, 2020 - 2021"), (40, "Engineer, 2021 - 2022")], &body);
        check(&[(40, "Engineer at Acme"), (60, "Engineer at Acme")], &body);
        let text: String =
            (0..48).map(|row| at(72, 700 - 14 * row, "Wrote the first program for the engine")).collect();
        let close = text + &at(72, 28, "Engineer at Acme");
        let source = read_pdf(&[&(at(72, 740, "Ada Example") + &close), &close]);
        assert!(source.lines.iter().all(|line| line.part == Part::Body));
    }
}
