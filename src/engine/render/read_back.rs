//! The certificate: whether a reader finds every word of the resume in a document that we rendered.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::hash::sha256;
use crate::domain::job::DocumentFormat;
use crate::domain::outcome::ReadBack;
use crate::domain::resume::Resume;
use crate::domain::source::{self, SourceText};
use crate::engine::render::compose::compose;
use crate::engine::render::pdf::spelling;

/// Most lost words to name; a document that loses more is broken anyway.
const MAX_LOST: usize = 50;

/// Looks for every word of `resume` in `text`, which is what a reader found in `bytes`.
///
/// Words are compared without regard to case, composition and punctuation, each as often as it stands in
/// the resume; a word that a line end broke counts as found. A PDF also loses what its pages cannot show,
/// whatever its text says: people see the pages. For JSON the words are those of its strings,
/// for the other formats those of the document model.
#[must_use]
pub fn read_back(resume: &Resume, format: DocumentFormat, bytes: &[u8], text: &SourceText) -> ReadBack {
    let wanted = match format {
        DocumentFormat::Json => {
            let mut strings = Vec::new();
            collect(&serde_json::to_value(resume).unwrap_or_default(), &mut strings);
            strings
        }
        _ => compose(resume).texts(),
    };
    // On paper a sign may be written in other characters; that is no loss, so both sides are.
    let spell = |text: String| if format == DocumentFormat::Pdf { spelling::text(&text) } else { text };
    let mut found: Vec<String> = text.lines.iter().map(source::Line::text).collect();
    for value in &text.structured {
        collect(value, &mut found);
    }
    let found: Vec<String> = found.into_iter().map(spell).collect();
    let is_unseen = |c: char| format == DocumentFormat::Pdf && spelling::is_lost(c);
    let mut wanted: Vec<Vec<String>> =
        wanted.into_iter().map(|line| words(&spell(line), is_unseen)).collect();
    let count: usize = wanted.iter().map(Vec::len).sum();
    let mut lost: Vec<String> = Vec::new();
    for words in &mut wanted {
        lost.extend(words.extract_if(.., |word| word.contains(is_unseen)));
    }
    lost.extend(Finder::new(&found).lost(&wanted));
    lost.truncate(MAX_LOST);
    ReadBack {
        format: format.extension().to_owned(),
        sha256: sha256(bytes),
        words: u32::try_from(count).unwrap_or(u32::MAX),
        lost,
    }
}

fn collect(value: &Value, strings: &mut Vec<String>) {
    match value {
        Value::String(text) => strings.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, strings)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, strings)),
        _ => {}
    }
}

/// Runs of letters and digits, compatible forms and cases folded; anything else that is visible and no
/// punctuation (an emoji, a currency, one that `counts`) is a word of its own.
fn words(text: &str, counts: impl Fn(char) -> bool) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.nfkc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || (is_combining_mark(c) && !word.is_empty()) {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if is_symbol(c) || counts(c) {
            words.push(c.to_string());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Symbols that mean something; readers take bullets, arrows and marks that join others for decoration.
fn is_symbol(c: char) -> bool {
    matches!(c, '+' | '#' | '%' | '$' | '€' | '£' | '¥' | '₹') || matches!(c, '\u{1f000}'..='\u{1faff}')
}

/// What a reader found, used up as words are found in it.
struct Finder {
    /// All words with nothing between them, so that it does not matter where a line broke.
    squeezed: String,
    /// Where each word starts in `squeezed`, and where the last one ends.
    bounds: Vec<usize>,
    /// Whether the word was found already.
    used: Vec<bool>,
    /// The places of each word.
    places: HashMap<String, Vec<usize>>,
    /// The word to look from: texts mostly come in order.
    next: usize,
}

impl Finder {
    fn new(texts: &[String]) -> Self {
        let mut finder =
            Self { squeezed: String::new(), bounds: vec![0], used: vec![], places: HashMap::new(), next: 0 };
        for word in texts.iter().flat_map(|text| words(text, |_| false)) {
            finder.squeezed.push_str(&word);
            finder.bounds.push(finder.squeezed.len());
            finder.places.entry(word).or_default().push(finder.used.len());
            finder.used.push(false);
        }
        finder
    }

    /// The words that are missing, at most [`MAX_LOST`]. Whole texts are looked for first: what is left
    /// over then can only have been taken apart, by the end of a page for one.
    fn lost(mut self, texts: &[Vec<String>]) -> Vec<String> {
        let apart: Vec<&Vec<String>> = texts.iter().filter(|words| !self.take_run(&words.concat())).collect();
        let mut lost = Vec::new();
        for words in apart {
            let mut rest = words.iter().peekable();
            while let Some(word) = rest.next() {
                if self.take_word(word) {
                    continue;
                }
                let joined = rest.peek().map(|next| format!("{word}{next}"));
                if joined.is_some_and(|joined| self.take_word(&joined)) {
                    rest.next();
                } else if lost.len() >= MAX_LOST {
                    return lost;
                } else if !self.take_run(word) {
                    lost.push(word.clone());
                }
            }
        }
        lost
    }

    /// Uses up one place of `word`.
    fn take_word(&mut self, word: &str) -> bool {
        let Some(places) = self.places.get_mut(word) else {
            return false;
        };
        while let Some(place) = places.pop() {
            if let Some(used) = self.used.get_mut(place).filter(|used| !**used) {
                *used = true;
                return true;
            }
        }
        false
    }

    /// Uses up the words that together read `text`.
    fn take_run(&mut self, text: &str) -> bool {
        if text.is_empty() {
            return true;
        }
        let start = self.bounds.get(self.next).copied().unwrap_or_default();
        for from in [start, 0] {
            let rest = self.squeezed.get(from..).unwrap_or_default();
            // Few tries: a text that stands there that often is short and found word by word as well.
            let runs = rest.match_indices(text).take(8).filter_map(|(at, _)| self.run(from + at, text.len()));
            let free =
                runs.into_iter().find(|run| self.used.get(run.clone()).is_some_and(|u| !u.contains(&true)));
            if let Some(run) = free {
                self.next = run.end;
                self.used.iter_mut().skip(run.start).take(run.len()).for_each(|used| *used = true);
                return true;
            }
        }
        false
    }

    /// The words between two offsets of `squeezed`, if both are ends of words.
    fn run(&self, start: usize, length: usize) -> Option<Range<usize>> {
        let first = self.bounds.binary_search(&start).ok()?;
        let last = self.bounds.binary_search(&(start + length)).ok()?;
        Some(first..last)
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::render::read_back::{Finder, words};

    fn check(wanted: &[&str], found: &[&str], expected: &[&str]) {
        let wanted: Vec<Vec<String>> = wanted.iter().map(|text| words(text, |_| false)).collect();
        let found: Vec<String> = found.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(Finder::new(&found).lost(&wanted), expected, "{wanted:?} in {found:?}");
    }

    #[test]
    fn words_are_found_whatever_their_case_form_and_punctuation() {
        check(&["Zoë — R&D", "C++ ﬁle"], &["ZOE\u{308} | r&d, c++", "file"], &[]);
    }

    #[test]
    fn a_word_broken_by_the_end_of_a_line_is_found() {
        check(&["state-of-the-art optimization"], &["state-of-theart opti", "mization"], &[]);
        check(
            &["an optimization of pages"],
            &["an optimi", "Jane — 2/3", "zation of pages"],
            &["optimization"],
        );
    }

    #[test]
    fn a_word_counts_as_often_as_it_stands_there() {
        check(&["Rust", "Rust", "Go"], &["Rust", "google"], &["rust", "go"]);
        check(&["the art", "art"], &["start the art"], &["art"]);
    }

    #[test]
    fn few_of_many_lost_words_are_named() {
        let many: Vec<String> = (0..5000).map(|number| format!("word{number}")).collect();
        let wanted: Vec<Vec<String>> = many.iter().map(|text| words(text, |_| false)).collect();
        assert_eq!(Finder::new(&[]).lost(&wanted).len(), 50);
    }
}
