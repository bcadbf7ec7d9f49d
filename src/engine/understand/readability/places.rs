//! Where in a document the things stand that a check found.

use crate::domain::source::{Line, MAX_PLACES, Place, SourceText};
use crate::engine::words::fold;

/// Characters of a line from which on it can be told whether a longer text goes over it.
const TELLING: usize = 12;

/// The places of the first lines that are meant.
pub(crate) fn of_lines(source: &SourceText, is_meant: impl Fn(&Line) -> bool) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for place in source.lines.iter().filter(|line| is_meant(line)).filter_map(Line::place) {
        // Lines of one paragraph have one place.
        if !places.contains(&place) {
            places.push(place);
        }
        if places.len() >= MAX_PLACES {
            break;
        }
    }
    places
}

/// The places of entries, each known by a few of its texts: the first line that holds most of them, since a title alone
/// may also stand in a summary.
pub(crate) fn of_entries<'t>(
    source: &SourceText,
    entries: impl IntoIterator<Item = [Option<&'t str>; 3]>,
) -> Vec<Place> {
    let lines = folded(source);
    let mut places: Vec<Place> = Vec::new();
    for texts in entries {
        let texts: Vec<String> =
            texts.into_iter().flatten().map(fold).filter(|text| !text.is_empty()).collect();
        let held = |words: &str| texts.iter().filter(|text| words.contains(text.as_str())).count();
        // Of equals the last one wins a search for the greatest, so it goes from the end.
        let best = lines.iter().rev().max_by_key(|(words, _)| held(words));
        if let Some(place) = best.filter(|(words, _)| held(words) > 0).and_then(|(_, line)| line.place())
            && places.len() < MAX_PLACES
            && !places.contains(&place)
        {
            places.push(place);
        }
    }
    places
}

/// The lines as they compare.
fn folded(source: &SourceText) -> Vec<(String, &Line)> {
    source.lines.iter().map(|line| (fold(&line.text().replace('\t', " ")), line)).collect()
}

/// The places of texts: for each the first line that holds it, or that it begins on.
pub(crate) fn of_texts<'t>(source: &SourceText, texts: impl IntoIterator<Item = &'t str>) -> Vec<Place> {
    let lines = folded(source);
    let mut places: Vec<Place> = Vec::new();
    for text in texts {
        let text = fold(text);
        if text.is_empty() || places.len() >= MAX_PLACES {
            continue;
        }
        let found = lines.iter().find(|(words, line)| {
            words.contains(&text) && !places.iter().any(|place| Some(*place) == line.place())
        });
        let found = found.or_else(|| {
            lines.iter().find(|(words, _)| words.chars().count() >= TELLING && text.starts_with(words))
        });
        if let Some(place) = found.and_then(|(_, line)| line.place())
            && !places.contains(&place)
        {
            places.push(place);
        }
    }
    places
}
