//! Small questions about text that every part of the resume reader asks.

use regex::Regex;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A constant pattern. Each one is compiled by the tests of the file that holds it.
#[expect(clippy::expect_used, reason = "the patterns are constants of this program, never input")]
pub(crate) fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("a constant pattern compiles")
}

/// Lower case without accents, so that `Expérience` and `EXPERIENCE` meet.
pub(crate) fn fold(text: &str) -> String {
    // Most words, and each of them again and again.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(unbarred).collect()
}

/// Whether a list of folded names with `|` between them has this text.
pub(crate) fn is_listed(list: &str, text: &str) -> bool {
    let folded = fold(text);
    list.split('|').any(|known| known == folded.trim())
}

/// Letters with a bar are letters of their own to Unicode, and do not decompose.
fn unbarred(c: char) -> char {
    match c {
        'ł' => 'l',
        'ø' => 'o',
        'đ' => 'd',
        other => other,
    }
}

/// The words of a text, folded: runs of letters and digits. Han characters count one by one.
pub(crate) fn words(text: &str) -> Vec<String> {
    word_spans(text).into_iter().map(|(_, _, word)| word).collect()
}

/// The words of a text with the byte offsets where each begins and ends.
pub(crate) fn word_spans(text: &str) -> Vec<(usize, usize, String)> {
    let mut found: Vec<(usize, usize, String)> = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (at, c) in text.char_indices() {
        let alone = is_han(c);
        if (alone || !c.is_alphanumeric())
            && !is_combining_mark(c)
            && let Some((start, word)) = open.take()
        {
            found.push((start, at, fold(&word)));
        }
        if alone {
            found.push((at, at + c.len_utf8(), fold(&c.to_string())));
        } else if c.is_alphanumeric() {
            open.get_or_insert_with(|| (at, String::new())).1.push(c);
        } else if is_combining_mark(c)
            && let Some((_, word)) = open.as_mut()
        {
            word.push(c);
        }
    }
    if let Some((start, word)) = open {
        found.push((start, text.len(), fold(&word)));
    }
    found
}

/// Chinese, Japanese and Korean ideographs, with the radicals that some fonts leave in their place.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// Whether every cased letter is upper case, with at least two letters.
pub(crate) fn is_upper(text: &str) -> bool {
    let (mut upper, mut lower) = (0, 0);
    for c in text.chars() {
        upper += usize::from(c.is_uppercase());
        lower += usize::from(c.is_lowercase());
    }
    upper >= 2 && lower == 0
}

/// Without the marks and blanks that separators leave at the ends. Brackets stay when they are balanced.
pub(crate) fn trim_marks(text: &str) -> &str {
    let marks = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | ';'
                    | '|'
                    | '·'
                    | '•'
                    | '–'
                    | '—'
                    | '-'
                    | ':'
                    | '/'
                    | '\u{ad}'
                    | '，'
                    | '、'
                    | '；'
                    | '：'
                    | '‧'
                    | '∙'
                    | '⋅'
            )
    };
    let mut text = text.trim_matches(marks);
    for (open, close) in [('(', ')'), ('[', ']'), ('（', '）')] {
        let opened = text.chars().filter(|c| *c == open).count();
        let closed = text.chars().filter(|c| *c == close).count();
        if opened > closed {
            text = text.trim_end_matches(|c| c == open || marks(c));
            text = if opened == closed + 1 { text.strip_prefix(open).unwrap_or(text) } else { text };
        } else if closed > opened {
            text = text.trim_start_matches(|c| c == close || marks(c));
        }
        text = text
            .strip_prefix(open)
            .and_then(|inner| inner.strip_suffix(close))
            .filter(|inner| !inner.contains([open, close]))
            .unwrap_or(text);
    }
    text.trim_matches(marks)
}

/// `text` with what stands between the two byte offsets taken out, or as it was when they fit no characters.
pub(crate) fn without(text: &str, start: usize, end: usize) -> String {
    match (text.get(..start), text.get(end..)) {
        (Some(before), Some(after)) => format!("{before} {after}"),
        _ => text.to_owned(),
    }
}

/// Parts of a text between separators, none of which is looked for inside brackets.
pub(crate) fn split_outside_brackets(text: &str, is_separator: impl Fn(char) -> bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    let closes = text.chars().filter(|c| matches!(c, ')' | ']' | '）')).count();
    let opens = text.chars().filter(|c| matches!(c, '(' | '[' | '（')).count();
    for c in text.chars() {
        match c {
            '(' | '[' | '（' => depth += 1,
            ')' | ']' | '）' => depth = depth.saturating_sub(1),
            _ => {}
        }
        // A bracket that never closes would swallow the rest of the list.
        if is_separator(c) && (depth == 0 || opens != closes) {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Two pieces of running text that a line break parted.
pub(crate) fn join_wrapped(first: &str, second: &str) -> String {
    let (first, second) = (first.trim_end(), second.trim_start());
    if let Some(stem) = first.strip_suffix('\u{ad}') {
        return format!("{stem}{second}");
    }
    let glued = first.is_empty()
        || second.is_empty()
        || first.chars().last().is_some_and(|c| is_han(c) || matches!(c, '，' | '。' | '、' | '；'))
            && second.chars().next().is_some_and(is_han)
        || first.ends_with('-') && !first.ends_with(" -") && second.starts_with(char::is_lowercase);
    if glued { format!("{first}{second}") } else { format!("{first} {second}") }
}

/// `text` appended as a paragraph of its own; nothing happens to an empty one.
pub(crate) fn add_paragraph(target: &mut Option<String>, text: &str) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    match target {
        Some(existing) => {
            existing.push('\n');
            existing.push_str(text);
        }
        None => *target = Some(text.to_owned()),
    }
}

/// `None` for an empty text, the trimmed text otherwise.
pub(crate) fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
