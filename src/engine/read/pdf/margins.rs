//! Page headers and footers: what repeats at the edge of pages, and page numbers.

use std::collections::HashMap;

use crate::domain::source::{Line, PageSize, Part};
use crate::engine::words::numbers_alike;

/// Share of the page's height in which headers and footers stand.
const EDGE: f32 = 0.1;

/// Marks lines as header or footer. The first page's header stays body: there it is the resume's own head.
pub(crate) fn mark(lines: &mut [Line], pages: &[PageSize]) {
    let mut seen: HashMap<(String, bool), Vec<u32>> = HashMap::new();
    for line in lines.iter() {
        if let (Some(edge), Some(area)) = (edge(line, pages), line.area) {
            let on = seen.entry((numbers_alike(&line.text()), edge == Part::Header)).or_default();
            if !on.contains(&area.page) {
                on.push(area.page);
            }
        }
    }
    for line in lines {
        let (Some(edge), Some(area)) = (edge(line, pages), line.area) else { continue };
        let repeated = seen
            .get(&(numbers_alike(&line.text()), edge == Part::Header))
            .is_some_and(|pages| pages.len() > 1);
        let first_head = edge == Part::Header && area.page == 1 && !is_page_number(&line.text());
        if (repeated && !first_head) || is_page_number(&line.text()) {
            line.part = edge;
        }
    }
}

fn edge(line: &Line, pages: &[PageSize]) -> Option<Part> {
    let area = line.area?;
    let height = pages.get(usize::try_from(area.page).ok()?.checked_sub(1)?)?.height;
    if area.bottom < height * EDGE {
        Some(Part::Header)
    } else if area.top > height * (1.0 - EDGE) {
        Some(Part::Footer)
    } else {
        None
    }
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
