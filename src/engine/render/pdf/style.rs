//! How each kind of text is set in a PDF, by template: sizes and distances in points.

use parley::Alignment;

use crate::engine::render::template::{Head, Template};

/// Width of an A4 page.
pub(crate) const PAGE_WIDTH: f32 = 595.28;
/// Height of an A4 page.
pub(crate) const PAGE_HEIGHT: f32 = 841.89;
/// Left and right margin.
pub(crate) const MARGIN_X: f32 = 54.0;
/// Top and bottom margin; the page number stands in the lower one.
pub(crate) const MARGIN_Y: f32 = 50.0;
/// Width of the text.
pub(crate) const TEXT_WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN_X;
/// How far the text of a list item stands in.
pub(crate) const BULLET_INDENT: f32 = 13.0;
/// Where its bullet stands.
pub(crate) const BULLET_LEFT: f32 = 3.0;

const BLACK: [u8; 3] = [0x1f, 0x1f, 0x1f];
const GREY: [u8; 3] = [0x55, 0x55, 0x55];

/// Kinds of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The person's name.
    Name,
    /// The professional title.
    Label,
    /// Ways to reach the person.
    Contacts,
    /// Heading of a section.
    Heading,
    /// First line of an entry.
    Title,
    /// Employer, place and dates of an entry, where they have a line of their own.
    Facts,
    /// A fact about an entry.
    Detail,
    /// A paragraph.
    Paragraph,
    /// An item of a list.
    Bullet,
    /// The page number.
    Folio,
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// Typeface.
    pub(crate) family: &'static str,
    /// Type size.
    pub(crate) size: f32,
    /// Line height as a multiple of the size.
    pub(crate) leading: f32,
    /// Weight, 400 being regular and 700 bold.
    pub(crate) weight: f32,
    /// Colour.
    pub(crate) color: [u8; 3],
    /// Alignment.
    pub(crate) alignment: Alignment,
    /// Distance to the text above.
    pub(crate) before: f32,
    /// Distance to the text below, beyond its own `before`.
    pub(crate) after: f32,
}

const SANS: &str = "Open Sans";
const SLAB: &str = "Roboto Slab";

/// The setting of a role in a template.
pub(crate) fn setting(template: &Template, role: Role) -> Setting {
    let (text, display) = if template.centred { (SANS, SLAB) } else { (SANS, SANS) };
    let alignment = if template.centred { Alignment::Center } else { Alignment::Start };
    let body = Setting {
        family: text,
        size: 9.6,
        leading: 1.38,
        weight: 400.0,
        color: BLACK,
        alignment: Alignment::Start,
        before: 2.0,
        after: 0.0,
    };
    let head = Setting { family: display, weight: 700.0, color: template.accent, ..body };
    match role {
        Role::Name => Setting { size: 23.0, leading: 1.2, before: 0.0, alignment, ..head },
        Role::Label => Setting { size: 11.5, leading: 1.3, before: 1.0, color: GREY, alignment, ..body },
        Role::Contacts => Setting { size: 9.2, leading: 1.45, before: 4.0, alignment, ..body },
        Role::Heading => Setting { size: 11.6, leading: 1.3, before: 13.0, after: 5.0, ..head },
        Role::Title if template.head == Head::OneLine => Setting { before: 7.0, ..body },
        Role::Title => Setting { size: 10.2, before: 7.0, ..body },
        Role::Facts | Role::Detail => Setting { size: 9.2, before: 0.5, color: GREY, ..body },
        Role::Paragraph => Setting { before: 2.5, ..body },
        Role::Bullet => body,
        Role::Folio => Setting { size: 8.0, color: GREY, alignment: Alignment::End, ..body },
    }
}
