//! The fonts of a document and what characters their glyphs stand for.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use hayro_cmap::{BfString, CMap, CidFamily};
use hayro_font::{CMapResolverFn, Font, FontCache, FontGlyph, FontQuery, FontResolverFn};
use hayro_syntax::object::Dict;

use crate::engine::read::pdf::font::FontFacts;
use crate::engine::read::pdf::weight::Weight;

/// Stands for a glyph that says nothing about which character it is.
pub(crate) const UNKNOWN: &str = "\u{fffd}";

/// The fonts of a document, loaded once.
pub(crate) struct Fonts<'a> {
    cache: FontCache<'a>,
    /// By the place of its dictionary in memory; nothing for a font that is left out.
    facts: HashMap<usize, Option<Rc<FontFacts>>>,
    standard: FontResolverFn,
    maps: CMapResolverFn,
    /// Character numbers of Asian collections to Unicode, loaded when a font needs them.
    collections: HashMap<CidFamily, Option<CMap>>,
    weight: Weight,
    /// Whether there was room for a font, by what its dictionary says.
    taken: HashMap<&'a [u8], bool>,
}

impl<'a> Fonts<'a> {
    pub(crate) fn new() -> Self {
        Self {
            cache: FontCache::new(),
            facts: HashMap::new(),
            standard: Arc::new(|query: &FontQuery| match query {
                FontQuery::Standard(font) => Some(font.get_font_data()),
                FontQuery::Fallback(font) => Some(font.pick_standard_font().get_font_data()),
            }),
            maps: Arc::new(hayro_cmap::load_embedded),
            collections: HashMap::new(),
            weight: Weight::default(),
            taken: HashMap::new(),
        }
    }

    /// Whether some fonts were more than all of them may take: their text is not read.
    pub(crate) fn are_left_out(&self) -> bool {
        self.taken.values().any(|taken| !taken)
    }

    /// The font of a dictionary; `None` when it is too broken to be used.
    pub(crate) fn load(&mut self, dict: &Dict<'a>) -> Option<(Font<'a>, Rc<FontFacts>)> {
        // Two that stand in one object have its number alike, so that a font is known by its place.
        let place = dict.data().as_ptr().addr();
        let facts = match self.facts.get(&place) {
            Some(known) => known.clone(),
            None => {
                // A copy on each page is the same font to the cache.
                let taken = *self.taken.entry(dict.data()).or_insert_with(|| self.weight.take(dict));
                let facts = taken.then(|| Rc::new(FontFacts::parse(dict)));
                self.facts.insert(place, facts.clone());
                facts
            }
        }?;
        Some((self.cache.font(dict, &self.standard, &self.maps)?, facts))
    }

    /// The characters that a code of a font stands for: empty for pictures, `UNKNOWN` where nothing tells.
    pub(crate) fn characters(&mut self, font: &Font<'a>, facts: &FontFacts, code: u32) -> String {
        if facts.icons {
            return String::new();
        }
        let unicode = match font.glyph(font.map_code(code), code) {
            FontGlyph::Outline(glyph) => glyph.as_unicode(),
            FontGlyph::Type3(glyph) => glyph.as_unicode(),
        };
        match unicode.or_else(|| self.by_collection(facts, code)) {
            Some(BfString::Char('\u{f0b7}' | '\u{f0a7}')) => "•".to_owned(),
            Some(BfString::Char(c)) if facts.symbols && ('\u{f000}'..='\u{f0ff}').contains(&c) => {
                "•".to_owned()
            }
            Some(BfString::Char(c)) => c.to_string(),
            // One glyph, written as two kinds of hyphen at once.
            Some(BfString::String(text)) if !text.is_empty() && text.chars().all(is_hyphen) => "-".to_owned(),
            Some(BfString::String(text)) => text,
            None => UNKNOWN.to_owned(),
        }
    }

    /// Fonts of Adobe's collections number their characters in a known way and may carry no map of their own.
    fn by_collection(&mut self, facts: &FontFacts, code: u32) -> Option<BfString> {
        let family = facts.collection.as_ref()?;
        let map = self.collections.entry(family.clone()).or_insert_with(|| {
            CMap::parse(hayro_cmap::load_embedded(family.ucs2_cmap()?)?, hayro_cmap::load_embedded)
        });
        map.as_ref()?.lookup_bf_string(code)
    }
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
