//! What simple readers get from a resume's file, and which fields of the resume they lose.
//!
//! Three readers are asked: ours, which understands columns; one that takes the words in the file's own order; one that
//! joins whatever stands on one line of the page. A field is kept where its words stand together, in their order, in
//! the text that a reader gets. Fields that no reader gets are not asked for: they were put together by us.

mod fields;
mod letters;
mod texts;

use crate::domain::report::{LostField, ReaderKind, ReaderView};
use crate::domain::resume::Resume;
use crate::domain::source::{SourceFormat, SourceText};
use crate::engine::understand::readers::fields::{Field, fields};
use crate::engine::understand::readers::letters::Letters;
use crate::engine::understand::readers::texts::Texts;
use crate::engine::words::words;

/// Characters beyond which a text is a book, and nobody compares what is read of it.
const MAX_CHARACTERS: usize = 100_000;
/// Characters of a reader's text that are shown: three times what three full pages have.
const MAX_TEXT: usize = 20_000;
/// Characters of a lost field that are shown: enough to find it.
const MAX_VALUE: usize = 120;
/// Words of a field that are looked for one by one, to tell why it is lost.
const MAX_WORDS: usize = 40;

/// What each kind of reader gets from the file; `resume` is what was understood of `source`. Empty for a JSON Resume,
/// whose words have no order that could be mistaken, and for a text that is too long.
#[must_use]
pub fn compare(source: &SourceText, resume: &Resume) -> Vec<ReaderView> {
    let characters: usize =
        source.lines.iter().flat_map(|line| &line.spans).map(|span| span.text.chars().count()).sum();
    if source.format == SourceFormat::JsonResume || !(1..=MAX_CHARACTERS).contains(&characters) {
        return Vec::new();
    }
    let texts = Texts::of(source);
    let readers = [
        Reader::new(ReaderKind::Layout, &texts.layout),
        Reader::new(ReaderKind::RawOrder, &texts.raw),
        Reader::new(ReaderKind::LineMerging, &texts.merged),
    ];
    let asked: Vec<(Field, [bool; 3])> = fields(resume)
        .into_iter()
        .map(|field| {
            let kept = readers.each_ref().map(|reader| reader.letters.hold(&field.letters));
            (field, kept)
        })
        .filter(|(_, kept)| kept.contains(&true))
        .collect();
    let asides = Asides { everything: Letters::of(&texts.everything), margins: Letters::of(&texts.margins) };
    readers
        .iter()
        .enumerate()
        .map(|(index, reader)| {
            let lost = asked.iter().filter(|(_, kept)| kept.get(index) == Some(&false));
            reader.view(lost.map(|(field, _)| field), asked.len(), &asides)
        })
        .collect()
}

/// A reader with what it gets.
struct Reader<'t> {
    kind: ReaderKind,
    text: &'t str,
    letters: Letters,
}

/// What the reader in the file's own order passes by.
struct Asides {
    /// All words in the file's own order, nothing passed by.
    everything: Letters,
    /// Page headers, footers and notes.
    margins: Letters,
}

impl<'t> Reader<'t> {
    fn new(kind: ReaderKind, text: &'t str) -> Self {
        Self { kind, text, letters: Letters::of(text) }
    }

    fn view<'f>(&self, lost: impl Iterator<Item = &'f Field>, asked: usize, asides: &Asides) -> ReaderView {
        let lost: Vec<LostField> = lost
            .map(|field| LostField {
                field: field.path.clone(),
                value: cut(&field.value, MAX_VALUE),
                reason: self.reason(field, asides).to_owned(),
            })
            .collect();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        ReaderView {
            reader: self.kind,
            text: cut(self.text.trim_end(), MAX_TEXT),
            kept: count(asked.saturating_sub(lost.len())),
            asked: count(asked),
            lost,
        }
    }

    fn reason(&self, field: &Field, asides: &Asides) -> &'static str {
        if self.kind == ReaderKind::RawOrder && asides.everything.hold(&field.letters) {
            return if asides.margins.hold(&field.letters) {
                "It stands in a page header, a footer or a note, which this reader passes by."
            } else {
                "It stands in a text box, which this reader passes by."
            };
        }
        let words = words(&field.value);
        let mut looked_for = words.iter().take(MAX_WORDS);
        if !looked_for.all(|word| self.letters.hold(&Letters::of(word.text))) {
            return "Not all of its words reach this reader.";
        }
        match self.kind {
            ReaderKind::Layout => "Its words are here, but parted or in another order.",
            ReaderKind::RawOrder => {
                "In the file its words are parted by others, or stand in another order than on the page."
            }
            ReaderKind::LineMerging => "What stands beside it on the same lines comes between its words.",
        }
    }
}

/// The first characters of a text, with a mark where something was left out.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
