//! Styles of an ODT: what a paragraph or a run is, after inheritance.

use std::collections::HashMap;

use crate::engine::read::office::{RunStyle, heading_by_name};
use crate::engine::read::xml::Element;

/// Styles inherit from each other; a chain longer than this is a circle.
const MAX_CHAIN: usize = 16;

/// What a paragraph style says, its ancestors included.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ParagraphStyle {
    /// Heading level from 1.
    pub(crate) heading: Option<u8>,
    /// How its text is set.
    pub(crate) run: RunStyle,
    /// Space above in points.
    pub(crate) before: Option<f32>,
    /// Space below in points.
    pub(crate) after: Option<f32>,
}

/// The styles that one part of the package sees.
#[derive(Debug, Default)]
pub(crate) struct Styles {
    /// By family and name: a paragraph's and a table's style may be called alike.
    by_name: HashMap<(String, String), Definition>,
    defaults: RunStyle,
}

#[derive(Debug, Default)]
struct Definition {
    name: String,
    parent: Option<String>,
    outline: Option<u8>,
    run: RunStyle,
    /// The size as a part of what the parent says.
    scale: Option<f32>,
    before: Option<f32>,
    after: Option<f32>,
    hides_section: bool,
    column_width: Option<f32>,
}

impl Styles {
    /// Reads collections of styles; those of later ones win over those of earlier ones.
    pub(crate) fn parse<'e>(collections: impl Iterator<Item = &'e Element>) -> Self {
        let mut styles = Self::default();
        for element in collections.flat_map(Element::elements) {
            let family = element.attribute("family").unwrap_or_default();
            match (element.name.as_str(), element.attribute("name")) {
                ("default-style", _) if family == "paragraph" => {
                    styles.defaults = element.child("text-properties").map(run_style).unwrap_or_default();
                }
                ("style", Some(name)) => {
                    let key = (family.to_owned(), name.to_owned());
                    styles.by_name.insert(key, Definition::parse(element, name));
                }
                _ => {}
            }
        }
        styles
    }

    /// What the paragraph style of this name says.
    pub(crate) fn paragraph(&self, name: Option<&str>) -> ParagraphStyle {
        let mut found = ParagraphStyle::default();
        let mut outline = None;
        for definition in self.chain("paragraph", name) {
            found.heading = found.heading.or_else(|| heading_by_name(&definition.name));
            outline = outline.or(definition.outline);
            found.before = found.before.or(definition.before);
            found.after = found.after.or(definition.after);
        }
        found.heading = found.heading.or(outline);
        found.run = self.run("paragraph", name).over(&self.defaults);
        found
    }

    /// What the text style of this name says, without the document's defaults.
    pub(crate) fn text(&self, name: Option<&str>) -> RunStyle {
        self.run("text", name)
    }

    /// Whether a section of this style is not shown.
    pub(crate) fn hides_section(&self, name: Option<&str>) -> bool {
        self.chain("section", name).any(|definition| definition.hides_section)
    }

    /// The width of a table's column of this style, in points.
    pub(crate) fn column_width(&self, name: Option<&str>) -> Option<f32> {
        self.chain("table-column", name).find_map(|definition| definition.column_width)
    }

    fn run(&self, family: &str, name: Option<&str>) -> RunStyle {
        let mut scale = 1.0;
        let mut found = RunStyle::default();
        for definition in self.chain(family, name) {
            let mut below = definition.run.clone();
            below.size = below.size.map(|size| size * scale);
            scale *= definition.scale.unwrap_or(1.0);
            found = found.over(&below);
        }
        if found.size.is_none() && scale != 1.0 {
            found.size = self.defaults.size.map(|size| size * scale);
        }
        found
    }

    fn chain<'a>(&'a self, family: &str, name: Option<&str>) -> impl Iterator<Item = &'a Definition> {
        let family = family.to_owned();
        let mut next = name.map(str::to_owned);
        std::iter::from_fn(move || {
            let definition = self.by_name.get(&(family.clone(), next.take()?))?;
            next.clone_from(&definition.parent);
            Some(definition)
        })
        .take(MAX_CHAIN)
    }
}

impl Definition {
    fn parse(element: &Element, name: &str) -> Self {
        let text = element.child("text-properties");
        let paragraph = element.child("paragraph-properties");
        let margin = |side: &str| paragraph.and_then(|p| p.attribute(side)).and_then(points);
        let scale = text.and_then(|text| text.attribute("font-size")).and_then(percent);
        Self {
            name: element.attribute("display-name").map_or_else(|| plain_name(name), str::to_owned),
            parent: element.attribute("parent-style-name").map(str::to_owned),
            outline: element.attribute("default-outline-level").and_then(outline_level),
            run: text.map(run_style).unwrap_or_default(),
            scale,
            before: margin("margin-top"),
            after: margin("margin-bottom"),
            hides_section: element
                .child("section-properties")
                .is_some_and(|section| section.attribute("display") == Some("none")),
            column_width: element
                .child("table-column-properties")
                .and_then(|column| column.attribute("column-width"))
                .and_then(points),
        }
    }
}

/// Reads `style:text-properties`.
fn run_style(properties: &Element) -> RunStyle {
    RunStyle {
        bold: properties.attribute("font-weight").map(is_bold),
        italic: properties.attribute("font-style").map(|style| matches!(style, "italic" | "oblique")),
        size: properties.attribute("font-size").and_then(points),
        hidden: properties.attribute("display").map(|display| display == "none"),
        ..RunStyle::default()
    }
}

fn is_bold(weight: &str) -> bool {
    weight == "bold" || weight.parse::<u16>().is_ok_and(|weight| weight >= 600)
}

/// The heading level from 1 that an outline level says; 0 and none mean body text.
pub(crate) fn outline_level(text: &str) -> Option<u8> {
    text.parse::<u8>().ok().filter(|level| *level > 0).map(|level| level.min(9))
}

/// A length in points.
fn points(text: &str) -> Option<f32> {
    let digits = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.trim().strip_prefix(digits)?;
    let in_points = match unit {
        "pt" => 1.0,
        "in" => 72.0,
        "cm" => 72.0 / 2.54,
        "mm" => 7.2 / 2.54,
        "pc" => 12.0,
        "px" => 0.75,
        _ => return None,
    };
    digits.parse::<f32>().ok().map(|number| number * in_points).filter(|size| (0.0..10_000.0).contains(size))
}

fn percent(text: &str) -> Option<f32> {
    let number = text.trim().strip_suffix('%')?.parse::<f32>().ok()?;
    (1.0..1000.0).contains(&number).then_some(number / 100.0)
}

/// Names are written with their odd characters as `_20_`.
fn plain_name(name: &str) -> String {
    name.replace("_20_", " ")
}

#[cfg(test)]
mod tests {
    use crate::engine::read::odt::styles::points;

    #[track_caller]
    fn check(text: &str, expected: Option<f32>) {
        assert_eq!(points(text).map(f32::round), expected, "{text}");
    }

    #[test]
    fn lengths_are_points_in_any_unit() {
        check("12pt", Some(12.0));
        check("1in", Some(72.0));
        check("2.54cm", Some(72.0));
        check("25.4mm", Some(72.0));
        check("120%", None);
        check("wide", None);
        check("-5pt", None);
        check("", None);
    }
}
