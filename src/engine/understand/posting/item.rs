//! The lines of a posting joined into headings, bullets and paragraphs.

use crate::domain::source::{LineKind, Part, SourceText};
use crate::engine::lexicon::lexicon;
use crate::engine::understand::posting::html::Mark;
use crate::engine::understand::posting::phrase::Phrases;

/// Lines of hard-wrapped text are at least this long, but for the last of a paragraph.
const MIN_WRAPPED_CHARS: usize = 55;
/// Longer lines are paragraphs.
const MAX_WRAPPED_CHARS: usize = 120;
/// Longest heading, in words; anything longer is a sentence.
const MAX_HEADING_WORDS: usize = 12;
/// Paragraphs longer than this whose sentences run together ("systemsResearching") lost their line breaks.
const GLUED_CHARS: usize = 160;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A heading, 1 the highest; 7 where only its looks tell.
    Heading(u8),
    /// An item of a list.
    Bullet,
    /// A paragraph.
    Paragraph,
}

/// A heading, bullet or paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) shape: Shape,
    pub(crate) text: String,
}

/// The level of headings that only look like headings.
pub(crate) const LOOKS_LIKE_HEADING: u8 = 7;

/// The items of a document, page headers and footers left out.
pub(crate) fn items(source: &SourceText) -> Vec<Item> {
    let mut found = Vec::new();
    let mut last_block = None;
    let is_wrapped = is_hard_wrapped(source);
    for line in source.lines.iter().filter(|line| !matches!(line.part, Part::Header | Part::Footer)) {
        let text = line.text().replace('\t', "  ");
        let (shape, text) = match line.kind {
            LineKind::Heading(level) => (Some(Shape::Heading(level.min(6))), text),
            LineKind::ListItem(_) => (Some(Shape::Bullet), text),
            LineKind::Text if line.is_bold() && looks_like_heading(&text) => {
                (Some(Shape::Heading(LOOKS_LIKE_HEADING)), text)
            }
            LineKind::Text => raw_shape(&text),
            LineKind::Continuation => (None, text),
        };
        let same_block = last_block == Some(line.block);
        let goes_on = shape.is_none()
            && (line.kind == LineKind::Continuation
                || same_block
                    && found.last().is_some_and(|last: &Item| goes_on_in(&last.text, &text, is_wrapped)));
        match found.last_mut().filter(|last| goes_on && !matches!(last.shape, Shape::Heading(_))) {
            Some(last) => {
                last.text.push(' ');
                last.text.push_str(text.trim());
            }
            None => push(&mut found, shape, text.trim()),
        }
        last_block = Some(line.block);
    }
    finished(found)
}

/// The items of lines that carry marks instead of a layout.
pub(crate) fn items_of_lines(lines: &[(Mark, String)]) -> Vec<Item> {
    let mut found = Vec::new();
    for (mark, text) in lines {
        let (shape, text) = match mark {
            Mark::Heading => (Some(Shape::Heading(3)), text.clone()),
            Mark::Bullet => (Some(Shape::Bullet), text.clone()),
            Mark::Plain => raw_shape(text),
        };
        push(&mut found, shape, text.trim());
    }
    finished(found)
}

fn push(found: &mut Vec<Item>, shape: Option<Shape>, text: &str) {
    if !text.is_empty() && !text.chars().all(|c| matches!(c, '-' | '=' | '_' | '*' | ' ')) {
        found.push(Item { shape: shape.unwrap_or(Shape::Paragraph), text: text.to_owned() });
    }
}

/// Whether a line goes on in the next one.
fn goes_on_in(line: &str, next: &str, is_wrapped: bool) -> bool {
    let is_label = next.split_whitespace().next().is_some_and(|word| word.ends_with(':'));
    if is_label {
        return false;
    }
    let ends = line.trim_end().ends_with(['.', ':', '!', '?', ';']);
    let in_sentence =
        next.trim_start().chars().next().is_some_and(|c| c.is_lowercase() || c == '(' || c == '&');
    !ends && (in_sentence || is_wrapped && line.chars().count() >= MIN_WRAPPED_CHARS)
        || is_wrapped && ends && line.chars().count() >= MIN_WRAPPED_CHARS && !line.trim_end().ends_with(':')
}

/// Whether lines were broken to a width: then most lines that have a next one in their block are nearly as
/// long as the longest. Text pasted from a page has one line per paragraph instead.
fn is_hard_wrapped(source: &SourceText) -> bool {
    let mut lengths: Vec<usize> = Vec::new();
    for pair in source.lines.windows(2) {
        if let [line, next] = pair
            && line.block == next.block
            && next.kind == LineKind::Text
        {
            lengths.push(line.text().trim().chars().count());
        }
    }
    let longest = lengths.iter().copied().max().unwrap_or(0);
    let full = lengths.iter().filter(|length| **length + 20 >= longest).count();
    (MIN_WRAPPED_CHARS..=MAX_WRAPPED_CHARS).contains(&longest) && full * 5 >= lengths.len() * 3
}

/// Marks that a plain text uses for headings and lists.
fn raw_shape(text: &str) -> (Option<Shape>, String) {
    let trimmed = text.trim();
    let hashes = trimmed.chars().take_while(|c| *c == '#').count();
    if (1..=6).contains(&hashes) {
        let level = u8::try_from(hashes).unwrap_or(6);
        return (Some(Shape::Heading(level)), trimmed.trim_matches(['#', ' ', '*']).to_owned());
    }
    if let Some(rest) =
        trimmed.strip_prefix(['•', '●', '▪', '◦', '·', '‣', '■', '➢', '✓', '✔', '○', '→', '\u{f0b7}', '⁃'])
    {
        return (Some(Shape::Bullet), unmarked(rest));
    }
    if let Some(rest) =
        ["- ", "* ", "– ", "— ", "+ ", "o "].iter().find_map(|mark| trimmed.strip_prefix(mark))
    {
        return (Some(Shape::Bullet), unmarked(rest));
    }
    if let Some(rest) = numbered(trimmed) {
        return (Some(Shape::Bullet), unmarked(rest));
    }
    let plain = unmarked(trimmed);
    let was_bold = trimmed.starts_with("**") && trimmed.trim_end_matches(':').ends_with("**");
    if looks_like_heading(&plain) && (was_bold || plain.ends_with(':') || is_shouted(&plain)) {
        return (Some(Shape::Heading(LOOKS_LIKE_HEADING)), plain);
    }
    (None, plain)
}

fn numbered(text: &str) -> Option<&str> {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let rest = text.get(digits..)?;
    let rest = rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))?;
    (1..=2).contains(&digits).then_some(rest)
}

fn unmarked(text: &str) -> String {
    let mut plain = text.trim().replace("**", "").replace("__", "");
    // [text](address) is its text.
    while let Some((before, rest)) = plain.split_once('[')
        && let Some((label, after)) = rest.split_once("](")
        && let Some((_, after)) = after.split_once(')')
    {
        plain = format!("{before}{label}{after}");
    }
    plain.trim().to_owned()
}

fn is_shouted(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    letters.len() >= 4 && letters.iter().all(|c| c.is_uppercase())
}

/// Short, no sentence, and not a list of things.
pub(crate) fn looks_like_heading(text: &str) -> bool {
    let text = text.trim();
    let words = text.split_whitespace().count();
    (1..=MAX_HEADING_WORDS).contains(&words) && !text.ends_with(['.', ';', ',']) && !text.contains(['@', '•'])
}

fn finished(found: Vec<Item>) -> Vec<Item> {
    found
        .into_iter()
        .flat_map(|item| match item.shape {
            Shape::Heading(_) => vec![item],
            Shape::Bullet | Shape::Paragraph => unglued(&item),
        })
        .collect()
}

/// A text that lost its line breaks ("… new systemsResearching blogs …") split where they stood.
fn unglued(item: &Item) -> Vec<Item> {
    if item.text.len() < GLUED_CHARS {
        return vec![item.clone()];
    }
    let cuts: Vec<usize> = glued_places(&item.text);
    if cuts.len() < 2 {
        return vec![item.clone()];
    }
    let mut parts = Vec::new();
    let mut rest = item.text.as_str();
    let mut done = 0;
    for cut in cuts {
        if let Some((part, left)) = rest.split_at_checked(cut - done) {
            parts.push(part);
            rest = left;
            done = cut;
        }
    }
    parts.push(rest);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| Item {
            shape: if is_sentence(part) { Shape::Paragraph } else { Shape::Bullet },
            text: part.to_owned(),
        })
        .collect()
}

fn is_sentence(text: &str) -> bool {
    Phrases::of(text).words().count() > 40
}

fn glued_places(text: &str) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut before = [' '; 3];
    for (at, c) in text.char_indices() {
        let [older, old, last] = before;
        let next_is_lower = text
            .get(at + c.len_utf8()..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(char::is_lowercase);
        let in_word = older.is_lowercase() && old.is_lowercase() && last.is_lowercase();
        let after_stop = old.is_lowercase() && matches!(last, '.' | ')' | '!' | '?' | ';');
        if c.is_uppercase() && next_is_lower && (in_word || after_stop) && !is_one_name(text, at) {
            cuts.push(at);
        }
        before = [old, last, c];
    }
    cuts
}

/// "JavaScript" and "PowerPoint" are names, not glued sentences.
fn is_one_name(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at..).unwrap_or_default();
    let head = before.rsplit(|c: char| !c.is_alphanumeric() && c != '.').next().unwrap_or_default();
    let tail = after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let word = format!("{head}{tail}");
    lexicon().find(&word).is_some() || head.chars().next().is_some_and(char::is_uppercase) && head.len() <= 5
}
