//! The words of a file in the file's own order, beside the lines that we put in order: what simple readers see.

use crate::domain::source::RawRun;

/// Characters kept: a long resume has twenty thousand, and a book is not compared.
const MAX_CHARACTERS: usize = 100_000;

/// The runs so far.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    runs: Vec<RawRun>,
    characters: usize,
    row: u32,
}

impl Raw {
    /// The number of the next line of the document.
    pub(crate) fn row(&self) -> u32 {
        self.row
    }

    /// Goes on at this line: further down, or back up beside what stands there already.
    pub(crate) fn go_to(&mut self, row: u32) {
        self.row = row;
    }

    /// Adds words on a line of their own, or beside others where somebody went back to their line.
    pub(crate) fn push_line(&mut self, text: &str, left: f32, aside: bool) {
        self.push(RawRun { text: text.trim().to_owned(), row: self.row, left, aside });
        self.row = self.row.saturating_add(1);
    }

    /// Adds words on a line that is known.
    pub(crate) fn push(&mut self, run: RawRun) {
        self.characters = self.characters.saturating_add(run.text.chars().count());
        if self.characters <= MAX_CHARACTERS && !run.text.is_empty() {
            self.runs.push(run);
        }
    }

    /// The runs; none when there were more than are kept: half a text would seem to have lost its other half.
    pub(crate) fn finish(self) -> Vec<RawRun> {
        if self.characters <= MAX_CHARACTERS { self.runs } else { Vec::new() }
    }
}
