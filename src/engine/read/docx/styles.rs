//! Styles and numbering of a DOCX: what a paragraph or a run is, after inheritance.

use std::collections::HashMap;

use crate::engine::read::office::{RunStyle, heading_by_name};
use crate::engine::read::xml::Element;

/// Styles inherit from each other; a chain longer than this is a circle.
const MAX_CHAIN: usize = 16;
/// The colour of paper.
const WHITE: &str = "FFFFFF";

/// What a paragraph style says, its ancestors included.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ParagraphStyle {
    /// Heading level from 1.
    pub(crate) heading: Option<u8>,
    /// List depth from 0.
    pub(crate) list: Option<u8>,
    /// How its text is set.
    pub(crate) run: RunStyle,
    /// Space above in points.
    pub(crate) before: Option<f32>,
    /// Space below in points.
    pub(crate) after: Option<f32>,
    /// Whether it stands on a colour.
    pub(crate) shaded: bool,
}

/// Reads `w:rPr`.
pub(crate) fn run_style(properties: &Element) -> RunStyle {
    RunStyle {
        bold: properties.switch("b"),
        italic: properties.switch("i"),
        size: properties.value("sz").and_then(half_points),
        hidden: properties.switch("vanish"),
        white: properties.value("color").map(|colour| colour.eq_ignore_ascii_case(WHITE)),
        shaded: is_shaded(properties).then_some(true),
    }
}

/// Whether the properties of a run or a paragraph put a colour under it.
pub(crate) fn is_shaded(properties: &Element) -> bool {
    let fill = properties.child("shd").and_then(|shading| shading.attribute("fill"));
    fill.is_some_and(|fill| fill != "auto" && !fill.eq_ignore_ascii_case(WHITE))
        || properties.child("highlight").is_some()
}

fn half_points(text: &str) -> Option<f32> {
    text.parse::<f32>().ok().filter(|size| (2.0..2000.0).contains(size)).map(|size| size / 2.0)
}

/// All styles of a document.
#[derive(Debug, Default)]
pub(crate) struct Styles {
    by_id: HashMap<String, Definition>,
    default_paragraph: Option<String>,
    defaults: RunStyle,
}

#[derive(Debug, Default)]
struct Definition {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    numbered: Option<Option<u8>>,
    run: RunStyle,
    before: Option<f32>,
    after: Option<f32>,
    shaded: bool,
}

impl Styles {
    /// Reads the styles part.
    pub(crate) fn parse(root: &Element) -> Self {
        let mut styles = Self::default();
        for element in root.elements() {
            match element.name.as_str() {
                "docDefaults" => {
                    let run = element.child("rPrDefault").and_then(|default| default.child("rPr"));
                    styles.defaults = run.map(run_style).unwrap_or_default();
                }
                "style" => {
                    let Some(id) = element.attribute("styleId") else { continue };
                    let is_default = matches!(element.attribute("default"), Some("1" | "true"));
                    if is_default && element.attribute("type") == Some("paragraph") {
                        styles.default_paragraph = Some(id.to_owned());
                    }
                    styles.by_id.insert(id.to_owned(), Definition::parse(element));
                }
                _ => {}
            }
        }
        styles
    }

    /// What the paragraph style of this id says; the default style without one.
    pub(crate) fn paragraph(&self, id: Option<&str>) -> ParagraphStyle {
        let mut found = ParagraphStyle::default();
        let mut list = None;
        let mut outline = None;
        for definition in self.chain(id.or(self.default_paragraph.as_deref())) {
            found.heading = found.heading.or_else(|| definition.heading());
            list = list.or(definition.numbered).or_else(|| definition.list_by_name().map(Some));
            outline = outline.or(definition.outline);
            found.run = found.run.over(&definition.run);
            found.before = found.before.or(definition.before);
            found.after = found.after.or(definition.after);
            found.shaded |= definition.shaded;
        }
        found.heading = found.heading.or(outline);
        found.list = list.flatten();
        found.run = found.run.over(&self.defaults);
        found
    }

    /// What the character style of this id says, without the document's defaults.
    pub(crate) fn character(&self, id: &str) -> RunStyle {
        self.chain(Some(id)).fold(RunStyle::default(), |style, definition| style.over(&definition.run))
    }

    fn chain<'a>(&'a self, id: Option<&'a str>) -> impl Iterator<Item = &'a Definition> {
        let mut next = id;
        std::iter::from_fn(move || {
            let definition = self.by_id.get(next?)?;
            next = definition.based_on.as_deref();
            Some(definition)
        })
        .take(MAX_CHAIN)
    }
}

impl Definition {
    fn parse(element: &Element) -> Self {
        let paragraph = element.child("pPr");
        Self {
            name: element.value("name").unwrap_or_default().to_lowercase(),
            based_on: element.value("basedOn").map(str::to_owned),
            outline: paragraph.and_then(|p| p.value("outlineLvl")).and_then(outline_level),
            numbered: paragraph.and_then(numbering),
            run: element.child("rPr").map(run_style).unwrap_or_default(),
            before: paragraph.and_then(|p| spacing(p, "before")),
            after: paragraph.and_then(|p| spacing(p, "after")),
            shaded: paragraph.is_some_and(is_shaded),
        }
    }

    fn heading(&self) -> Option<u8> {
        heading_by_name(&self.name)
    }

    fn list_by_name(&self) -> Option<u8> {
        let rest = self.name.strip_prefix("list bullet").or_else(|| self.name.strip_prefix("list number"))?;
        Some(rest.trim().parse::<u8>().map_or(0, |number| number.saturating_sub(1)))
    }
}

/// The list depth that `w:numPr` gives: `Some(None)` switches an inherited list off.
pub(crate) fn numbering(paragraph: &Element) -> Option<Option<u8>> {
    let properties = paragraph.child("numPr")?;
    if properties.value("numId") == Some("0") {
        return Some(None);
    }
    let level = properties.value("ilvl").and_then(|level| level.parse::<u8>().ok()).unwrap_or(0);
    Some(Some(level.min(8)))
}

/// The heading level from 1 that `w:outlineLvl` gives; 9 means body text.
pub(crate) fn outline_level(text: &str) -> Option<u8> {
    text.parse::<u8>().ok().filter(|level| *level < 9).map(|level| level + 1)
}

/// The space above or below a paragraph in points, which files give in twentieths.
pub(crate) fn spacing(paragraph: &Element, side: &str) -> Option<f32> {
    let twips = paragraph.child("spacing")?.attribute(side)?.parse::<f32>().ok()?;
    Some(twips / 20.0)
}
