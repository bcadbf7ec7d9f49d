//! What is painted on a page, as far as text goes.

use std::rc::Rc;

use kurbo::Rect;

use crate::engine::read::pdf::font::FontFacts;

/// One painted character, in points from the top left of the page, y downward.
#[derive(Debug, Clone)]
pub(crate) struct Glyph {
    /// Left end of its baseline, in the frame in which its run reads left to right.
    pub(crate) x: f64,
    /// Its baseline.
    pub(crate) y: f64,
    /// Right end of its baseline.
    pub(crate) x1: f64,
    /// Type size in points.
    pub(crate) size: f64,
    /// Its characters: several for a ligature, none for a decoration.
    pub(crate) text: String,
    pub(crate) font: Rc<FontFacts>,
    /// Quarter turns of its baseline, clockwise.
    pub(crate) turn: u8,
    pub(crate) sight: Sight,
}

/// What somebody who looks at the page sees of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// The character.
    Seen,
    /// Nothing: it is set without ink. Text recognition lays such text over the picture of a page.
    Inkless,
    /// Nothing: it has the colour of the paper, is transparent, or stands beside the page.
    Hidden,
}

impl Glyph {
    /// Whether nobody can see it, although it says something.
    pub(crate) fn is_hidden_text(&self) -> bool {
        self.sight != Sight::Seen && !self.text.trim().is_empty()
    }
}

/// A link's area on the page, y downward.
#[derive(Debug, Clone)]
pub(crate) struct LinkArea {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
    pub(crate) target: String,
}

impl LinkArea {
    /// Whether a point lies in it, a little tolerance included.
    pub(crate) fn holds(&self, x: f64, y: f64) -> bool {
        x >= self.left - 0.5 && x <= self.right + 0.5 && y >= self.top - 0.5 && y <= self.bottom + 0.5
    }
}

/// The text of a page before anybody has put it in order.
#[derive(Debug, Default)]
pub(crate) struct PageGlyphs {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// In the order in which they are painted.
    pub(crate) glyphs: Vec<Glyph>,
    pub(crate) links: Vec<LinkArea>,
    pub(crate) images: u32,
    /// The places of pictures, as far as they are on the page.
    pub(crate) pictures: Vec<Rect>,
    /// A limit was reached before the end of the page.
    pub(crate) truncated: bool,
}
