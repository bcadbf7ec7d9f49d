//! Shaping: lines of the model into lines of positioned glyphs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use parley::fontique::{Blob, Charmap, Collection, CollectionOptions, SourceCache};
use parley::{
    Cluster, FontContext, FontFamily, FontFamilyName, FontWeight, GlyphRun, Layout, LayoutContext,
    LineHeight, OverflowWrap, PositionedLayoutItem, Run as ShapedRun, StyleProperty,
};

use crate::engine::render::document::{Line, Weight};
use crate::engine::render::pdf::style::Setting;

/// Every typeface, embedded: the same document looks the same on any machine.
static FONTS: [&[u8]; 7] = [
    include_bytes!("../../../../assets/fonts/OpenSans-Regular.ttf"),
    include_bytes!("../../../../assets/fonts/OpenSans-Semibold.ttf"),
    include_bytes!("../../../../assets/fonts/OpenSans-Bold.ttf"),
    include_bytes!("../../../../assets/fonts/OpenSans-Italic.ttf"),
    include_bytes!("../../../../assets/fonts/RobotoSlab-Regular.otf"),
    include_bytes!("../../../../assets/fonts/RobotoSlab-Bold.otf"),
    include_bytes!("../../../../assets/fonts/DroidSansFallbackFull.ttf"),
];

/// Typefaces for what the chosen one lacks: Chinese and Japanese.
const FALLBACKS: [&str; 2] = ["Open Sans", "Droid Sans Fallback"];

/// Drawn for characters that no typeface has: a gap, since a box tells nobody anything. Its place in the
/// text keeps the characters themselves, so that they are found, copied and read aloud. An em wide: between
/// narrower ones readers see the end of a word.
const GAP: &str = "\u{2003}";

/// Colour and link of a stretch of text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Ink {
    /// Red, green, blue.
    pub(crate) color: [u8; 3],
    /// Number of the link in its text, from 1; 0 is none.
    link: usize,
}

/// A text, shaped and broken into lines.
#[derive(Debug)]
pub(crate) struct Shaped {
    /// What it says.
    pub(crate) text: String,
    /// Its lines, top to bottom.
    pub(crate) lines: Vec<ShapedLine>,
}

/// One line.
#[derive(Debug)]
pub(crate) struct ShapedLine {
    /// Its height.
    pub(crate) height: f32,
    /// From its top to its baseline.
    pub(crate) baseline: f32,
    /// What stands on it, left to right.
    pub(crate) pieces: Vec<Piece>,
}

/// Glyphs set in one way.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Left edge, from the left edge of the text.
    pub(crate) left: f32,
    /// Width.
    pub(crate) width: f32,
    /// Typeface.
    pub(crate) font: Font,
    /// Type size.
    pub(crate) size: f32,
    /// Colour.
    pub(crate) color: [u8; 3],
    /// Where it leads.
    pub(crate) link: Option<String>,
    /// The glyphs.
    pub(crate) glyphs: Vec<KrillaGlyph>,
}

/// Shapes texts with the embedded typefaces alone.
pub(crate) struct Shaper {
    fonts: FontContext,
    layouts: LayoutContext<Ink>,
    known: HashMap<u64, Font>,
    gap: Option<(Font, GlyphId)>,
}

impl Shaper {
    pub(crate) fn new() -> Self {
        let fonts = FontContext { collection: collection(), source_cache: SourceCache::default() };
        let mut shaper = Self { fonts, layouts: LayoutContext::new(), known: HashMap::new(), gap: None };
        shaper.gap = shaper.gap_glyph();
        shaper
    }

    /// Shapes a line of the model, broken to `width`.
    pub(crate) fn shape(&mut self, line: &Line, setting: &Setting, accent: [u8; 3], width: f32) -> Shaped {
        let text: String = line.iter().map(|run| run.text.as_str()).collect();
        let mut links: Vec<&str> = Vec::new();
        let family = families(setting.family);
        let mut builder = self.layouts.ranged_builder(&mut self.fonts, &text, 1.0, false);
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Borrowed(&family))));
        // Without it the default size of 16 is a strut that spreads smaller lines.
        builder.push_default(StyleProperty::FontSize(setting.size));
        builder.push_default(StyleProperty::LineHeight(LineHeight::FontSizeRelative(setting.leading)));
        builder.push_default(StyleProperty::FontWeight(FontWeight::new(setting.weight)));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        builder.push_default(StyleProperty::Brush(Ink { color: setting.color, link: 0 }));
        let mut start = 0;
        for run in line {
            let end = start + run.text.len();
            if run.weight == Weight::Strong {
                builder.push(StyleProperty::FontWeight(FontWeight::BOLD), start..end);
            }
            if let Some(link) = &run.link {
                links.push(link);
                builder.push(StyleProperty::Brush(Ink { color: accent, link: links.len() }), start..end);
            }
            start = end;
        }
        let mut layout = builder.build(&text);
        layout.break_all_lines(Some(width));
        layout.align(setting.alignment, parley::AlignmentOptions::default());
        let lines = self.lines(&layout, &links);
        Shaped { text, lines }
    }

    fn lines(&mut self, layout: &Layout<Ink>, links: &[&str]) -> Vec<ShapedLine> {
        let mut top = 0.0;
        let mut lines = Vec::new();
        for line in layout.lines() {
            let metrics = *line.metrics();
            let mut pieces = Vec::new();
            let mut seen = None;
            for item in line.items() {
                let PositionedLayoutItem::GlyphRun(glyphs) = item else {
                    continue;
                };
                // A run comes once for every style on it: taken whole at the first.
                if seen.replace(glyphs.run().index()) != Some(glyphs.run().index()) {
                    self.pieces(layout, &glyphs, links, &mut pieces);
                }
            }
            lines.push(ShapedLine { height: metrics.line_height, baseline: metrics.baseline - top, pieces });
            top += metrics.line_height;
        }
        lines
    }

    /// Cuts a run of one typeface where colour, link or, for characters that it lacks, typeface changes.
    fn pieces(
        &mut self,
        layout: &Layout<Ink>,
        glyphs: &GlyphRun<'_, Ink>,
        links: &[&str],
        pieces: &mut Vec<Piece>,
    ) {
        let run = glyphs.run();
        let Some(font) = self.font(run) else {
            return;
        };
        let size = run.font_size();
        let mut left = glyphs.offset();
        let mut ink = None;
        for cluster in run.visual_clusters() {
            if cluster.is_ligature_continuation() {
                let glyph = pieces.last_mut().and_then(|piece| piece.glyphs.last_mut());
                if let Some(glyph) = glyph {
                    glyph.text_range = union(&glyph.text_range, &cluster.text_range());
                }
                continue;
            }
            let own_ink = layout.styles().get(usize::from(cluster.style_index())).map(|style| style.brush);
            let (own_font, own_glyphs) = self.glyphs(&cluster, &font, size);
            let fits = pieces.last().is_some_and(|piece| piece.font == own_font) && ink == Some(own_ink);
            if !fits {
                let brush = own_ink.unwrap_or_default();
                let link = brush.link.checked_sub(1).and_then(|index| links.get(index));
                pieces.push(Piece {
                    left,
                    width: 0.0,
                    font: own_font,
                    size,
                    color: brush.color,
                    link: link.map(|link| (*link).to_owned()),
                    glyphs: Vec::new(),
                });
                ink = Some(own_ink);
            }
            let width: f32 = own_glyphs.iter().map(|glyph| glyph.x_advance * size).sum();
            left += width;
            if let Some(piece) = pieces.last_mut() {
                piece.width += width;
                piece.glyphs.extend(own_glyphs);
            }
        }
    }

    /// The glyphs of a cluster, a gap where the typeface has none.
    fn glyphs(&self, cluster: &Cluster<'_, Ink>, font: &Font, size: f32) -> (Font, Vec<KrillaGlyph>) {
        let range = cluster.text_range();
        if let Some((font, id)) = &self.gap
            && cluster.glyphs().any(|glyph| glyph.id == 0)
        {
            // As wide as parley counted on when it broke the line.
            let advance: f32 = cluster.glyphs().map(|glyph| glyph.advance).sum();
            let glyph = KrillaGlyph::new(*id, advance / size, 0.0, 0.0, 0.0, range, None);
            return (font.clone(), vec![glyph]);
        }
        let glyphs = cluster.glyphs().map(|glyph| {
            let id = GlyphId::new(glyph.id);
            let (x, y) = (glyph.x / size, glyph.y / size);
            KrillaGlyph::new(id, glyph.advance / size, x, y, 0.0, range.clone(), None)
        });
        (font.clone(), glyphs.collect())
    }

    fn font(&mut self, run: &ShapedRun<'_, Ink>) -> Option<Font> {
        let (data, id) = run.font().data.clone().into_raw_parts();
        if let Some(font) = self.known.get(&id) {
            return Some(font.clone());
        }
        let font = Font::new(data.into(), run.font().index)?;
        self.known.insert(id, font.clone());
        Some(font)
    }

    fn gap_glyph(&mut self) -> Option<(Font, GlyphId)> {
        let families = families("Open Sans");
        let mut builder = self.layouts.ranged_builder(&mut self.fonts, GAP, 1.0, false);
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Borrowed(&families))));
        builder.push_default(StyleProperty::FontSize(1.0));
        let mut layout: Layout<Ink> = builder.build(GAP);
        layout.break_all_lines(None);
        let line = layout.lines().next()?;
        let run = line.runs().next()?;
        let glyph = run.clusters().next()?.glyphs().next()?;
        Some((self.font(&run)?, GlyphId::new(glyph.id)))
    }
}

fn collection() -> Collection {
    let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
    for data in FONTS {
        collection.register_fonts(Blob::new(Arc::new(data)), None);
    }
    collection
}

/// The characters of the typefaces that stand in for any other: what they lack cannot be drawn.
pub(super) fn coverage() -> Vec<Charmap<'static>> {
    let mut maps = Vec::new();
    for data in FONTS {
        let mut probe = Collection::new(CollectionOptions { shared: false, system_fonts: false });
        for (family, fonts) in probe.register_fonts(Blob::new(Arc::new(data)), None) {
            let is_fallback = probe.family_name(family).is_some_and(|name| FALLBACKS.contains(&name));
            let font = fonts.first().filter(|_| is_fallback);
            maps.extend(font.and_then(|font| font.charmap_index().charmap(data)));
        }
    }
    maps
}

fn families(first: &'static str) -> Vec<FontFamilyName<'static>> {
    let all = std::iter::once(first).chain(FALLBACKS.into_iter().filter(|family| *family != first));
    all.map(|family| FontFamilyName::Named(Cow::Borrowed(family))).collect()
}

fn union(one: &Range<usize>, other: &Range<usize>) -> Range<usize> {
    one.start.min(other.start)..one.end.max(other.end)
}
