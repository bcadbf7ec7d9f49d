//! When two texts are the same: the normalisation that the corpus names, and whole phrases in it.

use unicode_normalization::UnicodeNormalization;

/// NFKC, without soft hyphens and marks of no width, all dashes equal, white space folded, case folded.
///
/// Chinese and Japanese are written without spaces, so those that a layout puts between the characters mean nothing:
/// beside such a character white space is dropped.
pub(crate) fn normal(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut space = false;
    for c in text.chars().filter(|c| !is_invisible(*c)).nfkc().flat_map(char::to_lowercase) {
        if c.is_whitespace() {
            space = true;
            continue;
        }
        if std::mem::take(&mut space)
            && !is_unspaced(c)
            && folded.chars().last().is_some_and(|last| !is_unspaced(last))
        {
            folded.push(' ');
        }
        match c {
            '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' => folded.push('-'),
            'ß' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            other => folded.push(other),
        }
    }
    folded
}

/// Soft hyphens, joiners, marks of direction and of no width.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Whether the script writes its words without spaces.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The normal form without marks at its ends: a colon after a heading, a comma after an employer.
pub(crate) fn bare(text: &str) -> String {
    normal(text).trim_matches([' ', ',', ';', ':', '.', '|', '-', '·', '•']).to_owned()
}

/// Whether both say the same, marks at the ends aside.
pub(crate) fn same(expected: &str, had: Option<&str>) -> bool {
    had.is_some_and(|had| bare(expected) == bare(had))
}

/// Whether the phrase stands in the text as whole words: no `C` in `C++`, `CSS` or `Objective-C`, no `Node` in `Node.js`.
/// Both are in normal form.
pub(crate) fn holds(text: &str, phrase: &str) -> bool {
    !phrase.is_empty()
        && text.match_indices(phrase).any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default();
            let after = text.get(at + phrase.len()..).unwrap_or_default();
            let (first, last) = (phrase.chars().next(), phrase.chars().last());
            ends_word(before.chars().rev(), first) && ends_word(after.chars(), last)
        })
}

/// Whether a word can end between `edge` and what follows outward.
fn ends_word(mut outward: impl Iterator<Item = char>, edge: Option<char>) -> bool {
    let Some(next) = outward.next() else { return true };
    if is_unspaced(next) || edge.is_some_and(is_unspaced) {
        return true;
    }
    match next {
        '+' | '#' | '_' => false,
        // Inside a word, not the end of a sentence or a dash between two.
        '.' | '-' => !outward.next().is_some_and(char::is_alphanumeric),
        other => !other.is_alphanumeric(),
    }
}
