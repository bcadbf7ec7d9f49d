//! What the files of word processors have in common: run styles, names of headings, links in fields.

use crate::engine::read::page::Style;

/// Space between paragraphs, in points, that readers see as a gap.
pub(crate) const GAP_POINTS: f32 = 5.0;

/// How text is set; `None` inherits.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RunStyle {
    pub(crate) bold: Option<bool>,
    pub(crate) italic: Option<bool>,
    /// Points.
    pub(crate) size: Option<f32>,
    /// Not shown on paper.
    pub(crate) hidden: Option<bool>,
    /// In white ink.
    pub(crate) white: Option<bool>,
    /// On a colour of its own.
    pub(crate) shaded: Option<bool>,
}

impl RunStyle {
    /// This style over the one that it inherits from.
    pub(crate) fn over(self, below: &Self) -> Self {
        Self {
            bold: self.bold.or(below.bold),
            italic: self.italic.or(below.italic),
            size: self.size.or(below.size),
            hidden: self.hidden.or(below.hidden),
            white: self.white.or(below.white),
            shaded: self.shaded.or(below.shaded),
        }
    }

    /// The style of a span, on a link or not.
    pub(crate) fn to_style(&self, link: Option<String>) -> Style {
        Style {
            bold: self.bold.unwrap_or(false),
            italic: self.italic.unwrap_or(false),
            size: self.size.unwrap_or(0.0),
            link,
        }
    }

    /// Whether the text is not shown on paper.
    pub(crate) fn is_hidden(&self) -> bool {
        self.hidden.unwrap_or(false)
    }
}

/// The heading level that a paragraph style's name says: programs keep the English names of their own styles in
/// every language's files.
pub(crate) fn heading_by_name(name: &str) -> Option<u8> {
    let name = name.trim().to_lowercase();
    if name == "title" {
        return Some(1);
    }
    let level = name.strip_prefix("heading ")?.split(' ').next()?.parse::<u8>().ok()?;
    (1..=9).contains(&level).then_some(level)
}

/// The address in a `HYPERLINK` field's code; places inside the document have none.
pub(crate) fn link_of(code: &str) -> Option<String> {
    let rest = code.trim().strip_prefix("HYPERLINK")?.trim_start();
    let address = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split_whitespace().next()?,
    };
    (!address.is_empty() && !address.starts_with('\\')).then(|| address.to_owned())
}
