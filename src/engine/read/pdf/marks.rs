//! Where on a page a reader of resumes trips: boxes around hidden and unknown characters, columns and pictures.

use kurbo::Rect;

use crate::domain::source::{Area, Layout, Place, Trouble};
use crate::engine::read::pdf::fonts::UNKNOWN;
use crate::engine::read::pdf::glyph::{Glyph, PageGlyphs, Sight};
use crate::engine::read::pdf::regions::Region;

/// Share of a page from which on pictures are the page, and not on it.
const MOSTLY: f64 = 0.5;
/// Characters below which a page of pictures is a scan: page numbers, a stamp, a line that a scanner adds.
const STRAY_CHARACTERS: usize = 80;
/// Characters below which a page of pictures has little text: a full page has three thousand.
const LITTLE_TEXT: usize = 500;

/// What a page is, by its pictures and its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    /// Nothing to read and no picture that fills it.
    Blank,
    /// A picture of a page, with stray characters at most.
    Scan,
    /// Text, whatever else.
    Written,
}

/// Tells scans and pages of pictures from written ones, and notes them.
pub(crate) fn judge(page: &PageGlyphs, number: u32, layout: &mut Layout) -> PageKind {
    let characters = characters(page, Sight::Seen);
    for picture in &page.pictures {
        layout.mark(Trouble::Picture, place(*picture, number));
    }
    let mostly = is_mostly_picture(page);
    if mostly && characters < LITTLE_TEXT {
        layout.picture_pages = layout.picture_pages.saturating_add(1);
        let largest = page.pictures.iter().max_by(|a, b| a.area().total_cmp(&b.area()));
        if let Some(largest) = largest {
            layout.mark(Trouble::PicturePage, place(*largest, number));
        }
    }
    if mostly && characters < STRAY_CHARACTERS {
        PageKind::Scan
    } else if characters == 0 {
        PageKind::Blank
    } else {
        PageKind::Written
    }
}

/// Whether the text without ink on a page is what recognition found in the picture of that page. Under words that
/// can be read it is nobody's text, whatever picture lies below them.
pub(crate) fn is_recognized(page: &PageGlyphs) -> bool {
    let (seen, inkless) = (characters(page, Sight::Seen), characters(page, Sight::Inkless));
    is_mostly_picture(page) && seen < LITTLE_TEXT && seen < inkless
}

fn is_mostly_picture(page: &PageGlyphs) -> bool {
    let covered: f64 = page.pictures.iter().map(Rect::area).sum();
    covered >= MOSTLY * page.width * page.height && !page.pictures.is_empty()
}

fn characters(page: &PageGlyphs, sight: Sight) -> usize {
    let told = page.glyphs.iter().filter(|glyph| glyph.sight == sight && glyph.text != UNKNOWN);
    told.map(|glyph| glyph.text.chars().filter(|c| c.is_alphanumeric()).count()).sum()
}

/// Notes where the glyphs stand that nobody can see, or that say nothing.
pub(crate) fn glyphs(
    page: &PageGlyphs,
    number: u32,
    layout: &mut Layout,
    (trouble, is_meant): (Trouble, fn(&Glyph) -> bool),
) {
    let mut open: Option<(Rect, f64)> = None;
    // Turned glyphs are measured on the turned page, which is no place that a person can look up.
    for glyph in page.glyphs.iter().filter(|glyph| glyph.turn == 0 && is_meant(glyph)) {
        let (top, bottom) = (glyph.y - 0.8 * glyph.size, glyph.y + 0.2 * glyph.size);
        let frame = Rect::new(glyph.x, top, glyph.x1.max(glyph.x), bottom);
        open = match open {
            Some((run, baseline))
                if (baseline - glyph.y).abs() < 0.3 * glyph.size && glyph.x - run.x1 < 2.0 * glyph.size =>
            {
                Some((run.union(frame), baseline))
            }
            Some((run, _)) => {
                mark_inside(run, page, number, layout, trouble);
                Some((frame, glyph.y))
            }
            None => Some((frame, glyph.y)),
        };
    }
    if let Some((run, _)) = open {
        mark_inside(run, page, number, layout, trouble);
    }
}

/// Text beside the page has no place on it.
fn mark_inside(run: Rect, page: &PageGlyphs, number: u32, layout: &mut Layout, trouble: Trouble) {
    let inside = run.intersect(Rect::new(0.0, 0.0, page.width, page.height));
    if inside.area() > 0.0 {
        layout.mark(trouble, place(inside, number));
    }
}

/// Notes where a column stands.
pub(crate) fn column(region: &Region, number: u32, layout: &mut Layout) {
    let boxes = region.segments.iter().map(|segment| {
        let (top, bottom) = (segment.baseline - 0.8 * segment.size, segment.baseline + 0.2 * segment.size);
        Rect::new(segment.left, top, segment.right, bottom)
    });
    if let Some(all) = boxes.reduce(|all, one| all.union(one)) {
        layout.mark(Trouble::Column, place(all, number));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "places on a page are far below the limits of f32")]
fn place(area: Rect, page: u32) -> Place {
    Place::page(Area {
        page,
        left: area.x0 as f32,
        top: area.y0 as f32,
        right: area.x1 as f32,
        bottom: area.y1 as f32,
    })
}
