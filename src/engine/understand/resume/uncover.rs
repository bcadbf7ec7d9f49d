//! Jobs that stand under the heading of something else: a resume without a section of work whose summary goes on with
//! positions and their dates.

use crate::engine::understand::resume::dates::find_dates;
use crate::engine::understand::resume::entries::part_sentence;
use crate::engine::understand::resume::evidence::title;
use crate::engine::understand::resume::headings::Kind;
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::sections::Chapter;

/// Cuts such a chapter before its first position, where no chapter is about work.
pub(crate) fn uncover_work(chapters: Vec<Chapter>) -> Vec<Chapter> {
    if chapters.iter().any(|chapter| chapter.kind == Kind::Work) {
        return chapters;
    }
    chapters.into_iter().flat_map(uncovered).collect()
}

fn uncovered(mut chapter: Chapter) -> Vec<Chapter> {
    if !matches!(chapter.kind, Kind::Head | Kind::Summary | Kind::Other) {
        return vec![chapter];
    }
    let names: Vec<usize> =
        chapter.rows.iter().enumerate().filter(|(_, row)| names_position(row)).map(|(at, _)| at).collect();
    let is_described = |at: &usize| chapter.rows.get(at + 1).is_some_and(|row| row.item.is_some());
    match names.first() {
        // Under the name alone there may be a position that is held now; a career has bullets.
        Some(first) if is_described(first) || (names.len() >= 2 && chapter.kind != Kind::Head) => {
            // A first position may have a title that is not known.
            let earlier =
                chapter.rows.iter().take(*first).position(is_dated).filter(|_| chapter.kind != Kind::Head);
            let rows = chapter.rows.split_off(earlier.unwrap_or(*first));
            let work = Chapter { kind: Kind::Work, heading: None, subheadings: Vec::new(), rows };
            vec![chapter, work]
        }
        _ => vec![chapter],
    }
}

/// Whether a row has a title and the time that it was held, and is no sentence about it.
fn names_position(row: &Row) -> bool {
    is_dated(row) && part_sentence(row).first().is_some_and(|name| title(&name.all()) >= 1.6)
}

/// Whether a row has a time with two ends, and is no sentence about it.
fn is_dated(row: &Row) -> bool {
    let Some(name) = part_sentence(row).into_iter().next() else {
        return false;
    };
    name.item.is_none() && !name.is_prose() && find_dates(&name.all()).iter().any(|dates| dates.range)
}
