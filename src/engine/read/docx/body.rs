//! Paragraphs and runs of a DOCX part to lines.

use crate::domain::source::{LineKind, Part, Trouble};
use crate::engine::read::docx::field::Fields;
use crate::engine::read::docx::package::Relations;
use crate::engine::read::docx::styles::{
    ParagraphStyle, Styles, is_shaded, numbering, outline_level, run_style, spacing,
};
use crate::engine::read::office::{GAP_POINTS, RunStyle, link_of};
use crate::engine::read::page::Draft;
use crate::engine::read::xml::{Element, Node};

/// Reads one part of the package into the draft.
pub(crate) struct Body<'a> {
    pub(crate) styles: &'a Styles,
    relations: &'a Relations,
    pub(crate) part: Part,
    pub(crate) draft: &'a mut Draft,
    fields: Fields,
    /// Space below the paragraph before, in points.
    space_above: f32,
    /// Whether this is inside a text box.
    floating: bool,
    /// Whether what is under the text is sure to be white.
    pub(crate) on_paper: bool,
    /// The cell of a table's row that this is in, from the left; 0 outside of tables.
    pub(crate) column: u16,
}

/// What a paragraph is while its runs are read.
struct Paragraph<'a> {
    kind: LineKind,
    run: RunStyle,
    boxes: Vec<&'a Element>,
    shaded: bool,
}

impl<'a> Body<'a> {
    pub(crate) fn new(
        styles: &'a Styles,
        relations: &'a Relations,
        part: Part,
        draft: &'a mut Draft,
    ) -> Self {
        Self {
            styles,
            relations,
            part,
            draft,
            fields: Fields::default(),
            space_above: 0.0,
            floating: false,
            on_paper: false,
            column: 0,
        }
    }

    /// The body of a part that this element is the root of.
    pub(crate) fn of_part(mut self, root: &Element) -> Self {
        self.on_paper = !is_painted(root);
        self
    }

    /// Reads all paragraphs and tables inside an element.
    pub(crate) fn read(&mut self, element: &Element) {
        for child in element.elements() {
            match child.name.as_str() {
                "p" => self.paragraph(child),
                "tbl" => self.table(child),
                // Notes that only draw the line above the notes.
                "footnote" | "endnote" if child.attribute("type").is_some() => {}
                name if is_removed(name) => {}
                "AlternateContent" => {
                    if let Some(choice) = chosen(child) {
                        self.read(choice);
                    }
                }
                _ => self.read(child),
            }
        }
    }

    fn paragraph(&mut self, element: &Element) {
        let properties = element.child("pPr");
        let style = self.styles.paragraph(properties.and_then(|p| p.value("pStyle")));
        let kind = kind_of(properties, &style);
        let space = |side: &str, inherited: Option<f32>| {
            properties.and_then(|p| spacing(p, side)).or(inherited).unwrap_or(0.0)
        };
        let apart = space("before", style.before).max(self.space_above) >= GAP_POINTS;
        self.space_above = space("after", style.after);
        if apart || matches!(kind, LineKind::Heading(_)) {
            self.draft.end_block();
        }
        let shaded = style.shaded || properties.is_some_and(is_shaded);
        let mut paragraph = Paragraph { kind, run: style.run, boxes: Vec::new(), shaded };
        self.runs(element, &mut paragraph, None);
        if self.draft.is_open() {
            self.end_line(&paragraph);
        } else {
            self.draft.end_line(kind, self.part);
            self.draft.end_block();
        }
        for content in paragraph.boxes {
            let outer = std::mem::replace(&mut self.floating, true);
            let paper = std::mem::replace(&mut self.on_paper, false);
            self.draft.end_block();
            self.read(content);
            self.draft.end_block();
            (self.floating, self.on_paper) = (outer, paper);
        }
    }

    fn end_line(&mut self, paragraph: &Paragraph<'_>) {
        if self.floating {
            self.draft.count_floating();
        }
        let aside = self.floating || matches!(self.part, Part::Header | Part::Footer);
        self.draft.push_raw(f32::from(self.column), aside);
        let kind = self.draft.typed(paragraph.kind);
        self.draft.end_line(kind, self.part);
    }

    fn runs<'e>(&mut self, element: &'e Element, paragraph: &mut Paragraph<'e>, link: Option<&str>) {
        for child in element.elements() {
            match child.name.as_str() {
                "r" => self.run(child, paragraph, link),
                "hyperlink" => {
                    let target = child
                        .attribute("id")
                        .and_then(|id| self.relations.get(id))
                        .filter(|relation| relation.external);
                    let target = target.map(|relation| relation.target.clone());
                    self.runs(child, paragraph, target.as_deref().or(link));
                }
                "fldSimple" => {
                    let target = child.attribute("instr").and_then(link_of);
                    self.runs(child, paragraph, target.as_deref().or(link));
                }
                "pPr" => {}
                name if is_removed(name) => {}
                "AlternateContent" => {
                    if let Some(choice) = chosen(child) {
                        self.runs(choice, paragraph, link);
                    }
                }
                _ => self.runs(child, paragraph, link),
            }
        }
    }

    fn run<'e>(&mut self, run: &'e Element, paragraph: &mut Paragraph<'e>, link: Option<&str>) {
        let properties = run.child("rPr");
        let direct = properties.map(run_style).unwrap_or_default();
        let named = properties
            .and_then(|p| p.value("rStyle"))
            .map(|id| self.styles.character(id))
            .unwrap_or_default();
        let set = direct.over(&named).over(&paragraph.run);
        let white = self.on_paper && !paragraph.shaded && !set.shaded.unwrap_or(false);
        let hidden = set.is_hidden() || white && set.white.unwrap_or(false);
        for child in run.elements() {
            let text = match child.name.as_str() {
                "t" => child.text(),
                "tab" | "ptab" => "\t".to_owned(),
                "noBreakHyphen" => "\u{2011}".to_owned(),
                "sym" => symbol(child),
                "br" | "cr" => {
                    self.break_line(paragraph);
                    continue;
                }
                "fldChar" => {
                    self.fields.mark(child.attribute("fldCharType"));
                    continue;
                }
                "instrText" => {
                    self.fields.code(&child.text());
                    continue;
                }
                "drawing" | "pict" | "object" | "AlternateContent" => {
                    if holds(child, &["blip", "imagedata"]) {
                        self.draft.mark(Trouble::Picture);
                    }
                    find_boxes(child, &mut paragraph.boxes);
                    continue;
                }
                _ => continue,
            };
            if hidden {
                self.draft.count_hidden(&text);
            } else if !self.fields.hides_text() {
                let link = link.map(str::to_owned).or_else(|| self.fields.link());
                self.draft.push(&text, &set.to_style(link));
            }
        }
    }

    /// A line break inside a paragraph: further lines of a list item stay with it.
    fn break_line(&mut self, paragraph: &mut Paragraph<'_>) {
        if self.draft.is_open() {
            self.end_line(paragraph);
            if matches!(paragraph.kind, LineKind::ListItem(_)) {
                paragraph.kind = LineKind::Continuation;
            }
        }
    }
}

fn kind_of(properties: Option<&Element>, style: &ParagraphStyle) -> LineKind {
    let outline = properties.and_then(|p| p.value("outlineLvl")).and_then(outline_level);
    if let Some(level) = outline.or(style.heading) {
        return LineKind::Heading(level);
    }
    match properties.and_then(numbering).unwrap_or(style.list) {
        Some(depth) => LineKind::ListItem(depth),
        None => LineKind::Text,
    }
}

/// Deleted and moved-away text, and what stands for it in older programs.
fn is_removed(name: &str) -> bool {
    matches!(
        name,
        "del"
            | "moveFrom"
            | "Fallback"
            | "delText"
            | "commentRangeStart"
            | "sectPr"
            | "tblPr"
            | "tcPr"
            | "trPr"
    )
}

/// Of several forms of the same content, the first: reading all would read text boxes twice.
fn chosen(alternatives: &Element) -> Option<&Element> {
    alternatives.child("Choice").or_else(|| alternatives.child("Fallback"))
}

/// Whether anything may be painted under the text: shapes that are anchored to the page, or a coloured page.
fn is_painted(root: &Element) -> bool {
    holds(root, &["anchor", "pict", "background"])
}

/// Whether an element of one of these names is inside.
fn holds(element: &Element, names: &[&str]) -> bool {
    element.elements().any(|child| names.contains(&child.name.as_str()) || holds(child, names))
}

/// The contents of text boxes inside a drawing, outermost only.
fn find_boxes<'e>(element: &'e Element, found: &mut Vec<&'e Element>) {
    for node in &element.children {
        let Node::Element(child) = node else { continue };
        match child.name.as_str() {
            "txbxContent" => found.push(child),
            "Fallback" if element.child("Choice").is_some() => {}
            _ => find_boxes(child, found),
        }
    }
}

/// A character by its code in a symbol font: bullets become bullets, pictures go.
fn symbol(element: &Element) -> String {
    let code = element
        .attribute("char")
        .and_then(|code| u32::from_str_radix(code, 16).ok())
        .and_then(char::from_u32);
    match code {
        Some('\u{f000}'..='\u{f0ff}') => "•".to_owned(),
        Some(c) => c.to_string(),
        None => String::new(),
    }
}
