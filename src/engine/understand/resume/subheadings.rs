//! Headings within a section: "International Awards" under "Honors", "Vocational" under "Experience".

use crate::engine::understand::resume::headings::{Fit, Kind, classify};
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::sections::{Chapter, may_be_heading};

/// Most words of a heading within a section that the tables do not know.
const MAX_WORDS: usize = 4;

/// Notes the headings within a chapter. Where they would be taken for entries they leave its rows, and what follows
/// stands apart.
pub(crate) fn note_subheadings(chapter: &mut Chapter) {
    let found: Vec<usize> = (0..chapter.rows.len()).filter(|at| is_subheading(chapter, *at)).collect();
    // One line in bold may be anything, unless the tables know it.
    let known = |at: &usize| chapter.rows.get(*at).is_some_and(is_known);
    let found: Vec<usize> = if found.len() >= 2 { found } else { found.into_iter().filter(known).collect() };
    let is_kept = matches!(chapter.kind, Kind::Skills | Kind::Other | Kind::Interests);
    let mut opens = false;
    for (at, mut row) in std::mem::take(&mut chapter.rows).into_iter().enumerate() {
        if found.binary_search(&at).is_ok() {
            chapter.subheadings.push(row.text().trim_end_matches(['.', ' ', ':']).to_owned());
            if !is_kept {
                opens = true;
                continue;
            }
        }
        row.gap |= std::mem::take(&mut opens);
        chapter.rows.push(row);
    }
}

fn is_known(row: &Row) -> bool {
    matches!(classify(&row.text()), Some((_, Fit::Exact)))
}

fn is_subheading(chapter: &Chapter, at: usize) -> bool {
    let (Some(row), Some(next)) = (chapter.rows.get(at), chapter.rows.get(at + 1)) else {
        return false;
    };
    let text = row.text();
    if !may_be_heading(row) || text.trim_end().ends_with([':', '：']) {
        return false;
    }
    let stands_out = |row: &Row| (row.bold, row.is_caps(), row.heading.is_some());
    let is_set_off = stands_out(row) != stands_out(next) && stands_out(row) != (false, false, false)
        || row.size > next.size + 0.4;
    let found = classify(&text).filter(|(_, fit)| *fit == Fit::Exact).map(|(kind, _)| kind);
    match chapter.kind {
        // Under a heading of its own a list of entries begins at once; a label within an entry has bullets after it.
        Kind::Work | Kind::Volunteer => {
            found.is_some_and(|kind| matches!(kind, Kind::Work | Kind::Volunteer | Kind::Other))
                && next.item.is_none()
        }
        Kind::Awards | Kind::Certificates | Kind::Publications => found.is_some() && is_set_off,
        Kind::Skills | Kind::Other | Kind::Interests => {
            is_set_off && text.split_whitespace().count() <= MAX_WORDS
        }
        _ => false,
    }
}
