//! What a group of a Rich Text file inherits from the one around it, and what its words change.

use crate::engine::read::rtf::flow::{Look, Paragraph};

/// Where text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Onto the page.
    Text,
    /// Nowhere, and neither does anything inside.
    Nowhere,
    /// Nowhere, but destinations inside have theirs: shapes, objects, what stands for older programs.
    Frame,
    /// The table of fonts.
    Fonts,
    /// The table of styles.
    Styles,
    /// Facts about the document.
    Facts,
    /// The document's title, one of them.
    Title,
    /// The code of a field.
    Code,
}

/// The state of a group. It is copied with each one, so it stays small.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    pub(crate) destination: Destination,
    /// Where text went around the frame, and goes again inside what it holds.
    pub(crate) around: Destination,
    pub(crate) look: Look,
    pub(crate) is_hidden: bool,
    pub(crate) is_deleted: bool,
    pub(crate) font: i32,
    /// Bytes after a Unicode character that stand for it in older programs.
    pub(crate) fallback: u32,
    pub(crate) paragraph: Paragraph,
}

/// The size that text has unless it says another one, in half points.
const USUAL_SIZE: i32 = 24;
/// More bytes never stand for one character.
const MAX_FALLBACK: i32 = 8;

impl State {
    pub(crate) fn new() -> Self {
        Self {
            destination: Destination::Text,
            around: Destination::Text,
            look: Look { half_points: USUAL_SIZE, ..Look::default() },
            is_hidden: false,
            is_deleted: false,
            font: 0,
            fallback: 1,
            paragraph: Paragraph::default(),
        }
    }

    /// Text inside goes nowhere, what stands inside in groups of its own may go somewhere.
    pub(crate) fn frame(&mut self) {
        if self.destination != Destination::Frame {
            self.around = self.destination;
        }
        self.destination = Destination::Frame;
    }

    /// Takes a word about how text is set; `false` when it is none.
    pub(crate) fn set_look(&mut self, word: &str, number: Option<i32>, usual_font: i32) -> bool {
        let is_on = number != Some(0);
        match word {
            "b" => self.look.bold = is_on,
            "i" => self.look.italic = is_on,
            "v" => self.is_hidden = is_on,
            "deleted" | "mvf" => self.is_deleted = is_on,
            "fs" => {
                self.look.half_points = number.filter(|size| (4..4000).contains(size)).unwrap_or(USUAL_SIZE);
            }
            "f" => self.font = number.unwrap_or(0),
            "uc" => self.fallback = number.unwrap_or(1).clamp(0, MAX_FALLBACK).unsigned_abs(),
            "plain" => {
                self.look = Look { half_points: USUAL_SIZE, link: self.look.link, ..Look::default() };
                self.is_hidden = false;
                self.is_deleted = false;
                self.font = usual_font;
            }
            _ => return false,
        }
        true
    }

    /// Takes a word about the paragraph, its style aside; `false` when it is none.
    pub(crate) fn set_paragraph(&mut self, word: &str, number: Option<i32>) -> bool {
        let small = || number.and_then(|number| u8::try_from(number).ok());
        let points = || f32::from(number.and_then(|twips| i16::try_from(twips).ok()).unwrap_or(0)) / 20.0;
        match word {
            "pard" => self.paragraph = Paragraph::default(),
            "outlinelevel" => self.paragraph.outline = small(),
            "ls" => self.paragraph.is_listed = number.is_some_and(|list| list > 0),
            "ilvl" => self.paragraph.level = small().unwrap_or(0),
            "intbl" => self.paragraph.is_in_table = true,
            "sb" => self.paragraph.before = points(),
            "sa" => self.paragraph.after = points(),
            _ => return false,
        }
        true
    }
}

/// The character that a word stands for.
pub(crate) fn character(word: &str) -> Option<&'static str> {
    Some(match word {
        "tab" => "\t",
        "emdash" => "—",
        "endash" => "–",
        "emspace" | "enspace" | "qmspace" => " ",
        "bullet" => "•",
        "lquote" => "‘",
        "rquote" => "’",
        "ldblquote" => "“",
        "rdblquote" => "”",
        _ => return None,
    })
}

/// Destinations whose text is not the document's, though no `\*` says so.
pub(crate) fn goes_nowhere(word: &str) -> bool {
    matches!(
        word,
        "colortbl"
            | "filetbl"
            | "listtable"
            | "listoverridetable"
            | "revtbl"
            | "rsidtbl"
            | "generator"
            | "annotation"
            | "atnid"
            | "atnauthor"
            | "atrfstart"
            | "atrfend"
            | "bkmkstart"
            | "bkmkend"
            | "datafield"
            | "falt"
            | "nonesttables"
            | "nonshppict"
            | "shprslt"
            | "objdata"
            | "objclass"
            | "objname"
            | "objalias"
            | "picprop"
            | "sn"
            | "template"
            | "themedata"
            | "private"
            | "tc"
            | "tcn"
            | "xe"
            | "rxe"
            | "ftnsep"
            | "ftnsepc"
            | "ftncn"
            | "aftnsep"
            | "aftnsepc"
            | "aftncn"
    )
}
