//! Words: which of a text's words are missing from the resume, counted as often as they stand there.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::Command;

use crate::normal::{is_unspaced, normal};

/// The most pieces that a word is put together from: a heading set with wide spaces has one for each letter.
const MAX_PIECES: usize = 24;

/// What became of a text's words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loss {
    /// How many words there are.
    pub(crate) asked: usize,
    /// Those that the resume has too few of, in the order of the text.
    pub(crate) lost: Vec<String>,
    /// Those of them that it has none of.
    pub(crate) nowhere: Vec<String>,
}

/// A word: letters and digits in a row, in normal form. A Chinese or Japanese character is a word.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut goes_on = false;
    for c in normal(text).chars() {
        match found.last_mut() {
            Some(word) if goes_on && c.is_alphanumeric() && !is_unspaced(c) => word.push(c),
            _ if c.is_alphanumeric() => found.push(c.into()),
            _ => {}
        }
        goes_on = c.is_alphanumeric() && !is_unspaced(c);
    }
    found
}

/// Compares the words of a text with those of the resume's strings.
///
/// Each word of the resume stands for one of the text. Where a layout breaks a word (a hyphen at the end of a line, wide
/// spaces between letters) or leaves out a space, the same letters in a row are the same words.
pub(crate) fn loss(text: &str, ours: &[&str]) -> Loss {
    let mut pool = Pool::new(ours);
    let (text, breaks) = pieces(text);
    let mut is_found = vec![false; text.len()];
    for at in breaks {
        let joined: String = text.iter().skip(at).take(2).map(String::as_str).collect();
        if pool.take(&joined) {
            is_found.iter_mut().skip(at).take(2).for_each(|found| *found = true);
        }
    }
    // Before their parts are used up by the same words elsewhere.
    for (word, found) in text.iter().zip(&mut is_found) {
        *found = *found || (!pool.known.contains(word) && pool.take_pieces(word));
    }
    for (word, found) in text.iter().zip(&mut is_found) {
        *found = *found || pool.take(word);
    }
    for at in 0..text.len() {
        let free = is_found.iter().skip(at).take_while(|found| !**found).count();
        let mut joined = String::new();
        for (more, word) in text.iter().skip(at).take(free.min(MAX_PIECES)).enumerate() {
            joined.push_str(word);
            if more > 0 && pool.take(&joined) {
                is_found.iter_mut().skip(at).take(more + 1).for_each(|found| *found = true);
                break;
            }
        }
    }
    for (word, found) in text.iter().zip(&mut is_found) {
        *found = *found || pool.take_pieces(word);
    }
    let lost: Vec<String> =
        text.iter().zip(&is_found).filter(|(_, found)| !**found).map(|(word, _)| word.clone()).collect();
    let nowhere = lost.iter().filter(|word| !pool.known.contains(*word)).cloned().collect();
    Loss { asked: text.len(), lost, nowhere }
}

/// The words of a text, and which of them end a line with a hyphen. A soft hyphen is a hyphen here: some programs print
/// every hyphen as one.
fn pieces(text: &str) -> (Vec<String>, Vec<usize>) {
    let (mut all, mut breaks) = (Vec::new(), Vec::new());
    for line in text.replace('\u{ad}', "-").lines() {
        all.extend(words(line));
        if !all.is_empty() && normal(line).ends_with('-') {
            breaks.push(all.len() - 1);
        }
    }
    (all, breaks)
}

/// The words of the resume that stand for none of the text's yet.
struct Pool {
    /// In order; none between two strings, and none where it is used up.
    words: Vec<Option<String>>,
    /// Where each word stands.
    places: HashMap<String, Vec<usize>>,
    /// Every word, used up or not.
    known: HashSet<String>,
}

impl Pool {
    fn new(texts: &[&str]) -> Self {
        let split = |text: &&str| {
            let dashed = text.replace('\u{ad}', "-");
            words(&dashed).into_iter().map(Some).chain([None]).collect::<Vec<_>>()
        };
        let words: Vec<Option<String>> = texts.iter().flat_map(split).collect();
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, word) in words.iter().enumerate() {
            if let Some(word) = word {
                places.entry(word.clone()).or_default().push(at);
            }
        }
        let known = places.keys().cloned().collect();
        Self { words, places, known }
    }

    /// Uses the word up.
    fn take(&mut self, word: &str) -> bool {
        while let Some(at) = self.places.get_mut(word).and_then(Vec::pop) {
            if self.words.get_mut(at).and_then(Option::take).is_some() {
                return true;
            }
        }
        false
    }

    /// Uses up words in a row that have the word's letters.
    fn take_pieces(&mut self, word: &str) -> bool {
        let found = (0..self.words.len()).find_map(|start| {
            let mut rest = word;
            for (at, piece) in self.words.iter().enumerate().skip(start) {
                rest = rest.strip_prefix(piece.as_ref()?.as_str())?;
                if rest.is_empty() {
                    return Some(start..=at);
                }
            }
            None
        });
        if let Some(range) = &found {
            self.words
                .iter_mut()
                .skip(*range.start())
                .take(range.end() - range.start() + 1)
                .for_each(|used| *used = None);
        }
        found.is_some()
    }
}

/// What `pdftotext` reads from the file, where the program is there and can.
pub(crate) fn pdftotext(path: &Path) -> Option<String> {
    let output = Command::new("pdftotext").args(["-enc", "UTF-8"]).arg(path).arg("-").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
