//! The person's name among the pieces of the head: by size, place, words and the e-mail address.

use crate::engine::understand::resume::dates::find_dates;
use crate::engine::understand::resume::evidence::{company, school, title};
use crate::engine::understand::resume::header::Piece;
use crate::engine::understand::resume::headings::classify;
use crate::engine::understand::resume::places::is_address;
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::sections::Chapter;
use crate::engine::understand::resume::text::{fold, is_han, trim_marks, words};

/// What documents like this call themselves, folded.
const DOCUMENT: &[&str] = &[
    "curriculum vitae",
    "curriculum",
    "vitae",
    "resume",
    "cv",
    "lebenslauf",
    "hoja de vida",
    "curriculo",
    "zyciorys",
    "tabellarischer lebenslauf",
    "个人简历",
    "简历",
    "personal resume",
];

/// Takes the name out of the pieces. `local` is the part of the e-mail address before the `@`.
pub(crate) fn choose_name(pieces: &mut Vec<Piece>, local: &str) -> Option<String> {
    for piece in pieces.iter_mut() {
        piece.text = without_document(&piece.text);
    }
    pieces.retain(|piece| !piece.text.is_empty());
    let largest = pieces.iter().map(|piece| piece.size).fold(0.0, f32::max);
    let scored =
        pieces.iter().enumerate().filter_map(|(at, piece)| Some((at, score(piece, at, largest, local)?)));
    let (at, score) = scored.reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    if score < 1.5 {
        return None;
    }
    let first = pieces.remove(at);
    let mut name = close_spacing(&first.text, local);
    // A name broken over two lines of the same large type.
    if let Some(next) = pieces.get(at)
        && next.size > 0.0
        && (next.size - first.size).abs() < 0.3
        && next.row == first.row + 1
        && (first.size - largest).abs() < 0.3
        && first.size
            > pieces.iter().filter(|piece| piece.row > next.row).map(|piece| piece.size).fold(0.0, f32::max)
                + 1.0
        && next.text.split_whitespace().count() <= 2
        && first.text.split_whitespace().count() <= 2
        && title(&next.text) < 1.5
        && find_dates(&next.text).is_empty()
        && next.text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '.' | '\''))
    {
        name = format!("{name} {}", next.text);
        pieces.remove(at);
    }
    Some(name)
}

fn without_document(text: &str) -> String {
    let folded = fold(text);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    if DOCUMENT.contains(&bare) {
        return String::new();
    }
    for start in [
        "curriculum vitae of ",
        "curriculum vitae - ",
        "curriculum vitae: ",
        "resume of ",
        "resume - ",
        "resume: ",
        "cv of ",
        "cv - ",
        "cv: ",
        "lebenslauf von ",
        "lebenslauf - ",
        "lebenslauf: ",
        "curriculum vitae ",
    ] {
        if folded.starts_with(start) {
            let count = start.chars().count();
            return text.chars().skip(count).collect::<String>().trim().to_owned();
        }
    }
    for end in
        [" - resume", " - cv", " resume", " cv", " - curriculum vitae", " curriculum vitae", " - lebenslauf"]
    {
        if folded.ends_with(end) {
            let count = text.chars().count().saturating_sub(end.chars().count());
            return trim_marks(&text.chars().take(count).collect::<String>()).to_owned();
        }
    }
    text.to_owned()
}

/// How much a piece looks like the name; `None` when it cannot be one.
fn score(piece: &Piece, at: usize, largest: f32, local: &str) -> Option<f32> {
    let text = without_titles(piece.text.trim());
    let count = text.split_whitespace().count();
    let spaced = is_spaced(text);
    let han = text.chars().filter(|c| is_han(*c)).count();
    let known =
        classify(text).is_some_and(|(_, fit)| fit == crate::engine::understand::resume::headings::Fit::Exact);
    let foreign = text.chars().any(|c| {
        c.is_ascii_digit()
            || matches!(c, '@' | '/' | ':' | '?' | '!' | '+' | '=' | '%' | '$' | '_' | '<' | '>' | '[' | '#')
    });
    if piece.prose
        || known
        || foreign
        || has_loose_quote(text)
        || text.chars().count() > 60
        || (count > 6 && !spaced)
        || han > 8
        || !text.chars().any(char::is_alphabetic)
    {
        return None;
    }
    let mut score = 1.0;
    if largest > 0.0 && piece.size >= largest - 0.2 {
        score += 2.5;
    }
    score += match at {
        0 => 1.5,
        1 => 0.8,
        2 => 0.3,
        _ => -0.2 * f32::from(u8::try_from(at.min(10)).unwrap_or(10)),
    };
    if piece.bold {
        score += 0.4;
    }
    let begins_upper = text.split_whitespace().all(|word| {
        let small = matches!(
            word,
            "de" | "da"
                | "van"
                | "von"
                | "der"
                | "den"
                | "la"
                | "le"
                | "el"
                | "bin"
                | "al"
                | "dos"
                | "di"
                | "del"
                | "du"
                | "y"
                | "ten"
                | "ter"
                | "zu"
        );
        small || word.chars().next().is_some_and(|c| !c.is_lowercase())
    });
    score += if begins_upper { 0.6 } else { -1.5 };
    if (2..=4).contains(&count) || (2..=5).contains(&han) || spaced {
        score += 0.5;
    }
    let address: String = local.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let mine = words(text)
        .iter()
        .filter(|word| word.chars().count() >= 3 && address.contains(word.as_str()))
        .count();
    score += match mine {
        0 => 0.0,
        1 => 1.5,
        _ => 2.5,
    };
    score -= title(text) * 1.3 + company(text).max(school(text)).min(1.5);
    if is_address(text) && mine == 0 {
        score -= 2.0;
    }
    if text.contains(',') && count > 4 || text.ends_with('.') && count > 3 {
        score -= 1.5;
    }
    Some(score)
}

/// A name without the degrees behind it: "Ada Example, Ph.D., CPA".
fn without_titles(text: &str) -> &str {
    let is_title = |part: &str| {
        let part = part.trim();
        let capitals = part.chars().filter(|c| c.is_uppercase()).count();
        !part.contains(' ') && part.chars().count() <= MAX_TITLE && (capitals >= 2 || part.ends_with('.'))
    };
    match text.split_once(',') {
        Some((name, rest)) if name.contains(' ') && rest.split(',').all(is_title) => name.trim_end(),
        _ => text,
    }
}

/// Letters and points of the longest degree behind a name.
const MAX_TITLE: usize = 8;

/// Quotes are part of a name only around what somebody is called: `William "Bill" Example`.
fn has_loose_quote(text: &str) -> bool {
    let is_quote = |c: char| matches!(c, '"' | '“' | '”' | '„');
    let count = text.chars().filter(|c| is_quote(*c)).count();
    count > 0 && (count != 2 || text.starts_with(is_quote) || text.ends_with(is_quote))
}

/// The name where the head has none: what stands in the largest type of the document, taken out of the section that it was
/// read into. `local` as in `choose_name`.
pub(crate) fn take_largest(chapters: &mut [Chapter], local: &str) -> Option<String> {
    let rows = || chapters.iter().flat_map(|chapter| &chapter.rows);
    let largest = rows().map(|row| row.size).fold(0.0, f32::max);
    let is_large = |row: &Row| row.size > 0.0 && row.size >= largest - 0.2;
    if rows().filter(|row| is_large(row)).count() > MAX_LARGE {
        return None;
    }
    let scored = |row: &Row| {
        let text = row.text();
        let piece = Piece { text, row: 0, size: row.size, bold: row.bold, prose: row.is_prose() };
        let is_alone = row.cells.len() == 1 && row.item.is_none() && is_large(row);
        score(&piece, MAX_LARGE, largest, local).filter(|score| is_alone && *score >= MIN_LARGE)
    };
    let mut best: Option<(f32, usize, usize)> = None;
    for (chapter, rows) in chapters.iter().map(|chapter| &chapter.rows).enumerate() {
        for (at, row) in rows.iter().enumerate() {
            if let Some(score) = scored(row).filter(|score| best.is_none_or(|(before, _, _)| *score > before))
            {
                best = Some((score, chapter, at));
            }
        }
    }
    let (_, chapter, at) = best?;
    Some(chapters.get_mut(chapter)?.rows.remove(at).text())
}

/// Most rows in the largest type among which a name is looked for: more of them are the text.
const MAX_LARGE: usize = 3;
/// The least score of a name that does not stand in the head.
const MIN_LARGE: f32 = 3.8;

fn is_spaced(text: &str) -> bool {
    let parts: Vec<&str> = text.split_whitespace().collect();
    parts.len() >= 4 && parts.iter().all(|part| part.chars().count() == 1) && !text.chars().any(is_han)
}

/// "J A N E D O E" closed up; the e-mail address tells where the words part.
fn close_spacing(text: &str, local: &str) -> String {
    if !is_spaced(text) {
        return text.trim().to_owned();
    }
    let letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let first = local.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().chars().count();
    let matches = letters.iter().take(first).collect::<String>().to_lowercase()
        == local.chars().take(first).collect::<String>().to_lowercase();
    if matches && first > 1 && first < letters.len() {
        let (given, family): (String, String) =
            (letters.iter().take(first).collect(), letters.iter().skip(first).collect());
        return format!("{given} {family}");
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    #[track_caller]
    fn check(head: &str, name: &str, label: &str) {
        let text = format!(
            "{head}\nzz81@example.org\n\nEXPERIENCE\n\nClerk, Vireo Labs, 2012 – 2014\n- Kept the books\n"
        );
        let basics =
            understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap()).basics.unwrap();
        let shown = [&basics.name, &basics.label].map(|field| field.clone().unwrap_or_default());
        assert_eq!(shown, [name, label], "{head}");
    }

    #[test]
    fn names_hold_degrees_and_what_somebody_is_called() {
        for name in [
            "Dr. María José O'Neill-Ortiz, Ph.D.",
            "WILLIAM \"BILL\" HALVORSEN",
            "Robert “Bob” Lindqvist III",
            "Marshall Bishop, CPA",
            "Ada Halvorsen, M.D., MPH",
        ] {
            check(name, name, "");
        }
    }

    #[test]
    fn what_somebody_is_stands_behind_a_dash() {
        check("Jane Doe - Product Manager", "Jane Doe", "Product Manager");
        check("Jane Doe – Product Manager", "Jane Doe", "Product Manager");
        check("Ada Halvorsen\nBack-end Engineer - Platform", "Ada Halvorsen", "Back-end Engineer - Platform");
    }
}
