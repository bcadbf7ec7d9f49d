//! Paragraphs, lists and text boxes of an ODT to lines.

use crate::domain::source::{LineKind, Part};
use crate::engine::read::odt::styles::{ParagraphStyle, Styles, outline_level};
use crate::engine::read::office::{GAP_POINTS, RunStyle};
use crate::engine::read::page::Draft;
use crate::engine::read::xml::{Element, Node};

/// Spaces after the first one from which on they make a gap: that is how many people set a date to the right.
const GAP_SPACES: u32 = 2;

/// Reads one part of the package into the draft.
pub(crate) struct Body<'a, 'e> {
    pub(crate) styles: &'a Styles,
    part: Part,
    pub(crate) draft: &'a mut Draft,
    /// Foot- and endnotes found on the way.
    pub(crate) notes: Vec<&'e Element>,
    /// Lists open inside each other.
    lists: u8,
    /// What the next paragraph of the open list item is.
    item: Option<LineKind>,
    /// Space below the paragraph before, in points.
    space_above: f32,
    /// Whether this is inside a text box.
    floating: bool,
}

/// What a paragraph is while its spans are read.
struct Paragraph<'e> {
    kind: LineKind,
    boxes: Vec<&'e Element>,
}

impl<'a, 'e> Body<'a, 'e> {
    pub(crate) fn new(styles: &'a Styles, part: Part, draft: &'a mut Draft) -> Self {
        Self {
            styles,
            part,
            draft,
            notes: Vec::new(),
            lists: 0,
            item: None,
            space_above: 0.0,
            floating: false,
        }
    }

    /// Reads all paragraphs, lists and tables inside an element.
    pub(crate) fn read(&mut self, element: &'e Element) {
        for child in element.elements() {
            match child.name.as_str() {
                "p" | "h" => self.paragraph(child),
                "list" => self.list(child),
                "numbered-paragraph" => self.numbered(child),
                "table" => self.table(child),
                "section" if self.is_hidden(child) => self.draft.count_hidden(child.text().trim()),
                "frame" | "custom-shape" | "rect" | "ellipse" | "circle" | "polygon" | "a" | "g" => {
                    let mut boxes = Vec::new();
                    self.find_boxes(child, &mut boxes);
                    self.boxes(&boxes);
                }
                name if is_aside(name) => {}
                _ => self.read(child),
            }
        }
    }

    fn is_hidden(&self, section: &Element) -> bool {
        section.attribute("display") == Some("none")
            || self.styles.hides_section(section.attribute("style-name"))
    }

    fn list(&mut self, element: &'e Element) {
        let outer = self.item.take();
        self.lists = self.lists.saturating_add(1);
        for child in element.elements() {
            self.item = match child.name.as_str() {
                "list-item" => Some(LineKind::ListItem(self.lists.saturating_sub(1))),
                "list-header" => Some(LineKind::Continuation),
                _ => continue,
            };
            self.read(child);
        }
        self.lists = self.lists.saturating_sub(1);
        self.item = outer.map(|_| LineKind::Continuation);
    }

    fn numbered(&mut self, element: &'e Element) {
        let level = element.attribute("level").and_then(outline_level).unwrap_or(1);
        let outer = self.item.replace(LineKind::ListItem(level.saturating_sub(1)));
        self.read(element);
        self.item = outer;
    }

    fn paragraph(&mut self, element: &'e Element) {
        let style = self.styles.paragraph(element.attribute("style-name"));
        let kind = self.kind_of(element, &style);
        let apart = style.before.unwrap_or(0.0).max(self.space_above) >= GAP_POINTS;
        self.space_above = style.after.unwrap_or(0.0);
        if apart || matches!(kind, LineKind::Heading(_)) {
            self.draft.end_block();
        }
        let mut paragraph = Paragraph { kind, boxes: Vec::new() };
        if is_hidden_paragraph(element) {
            self.draft.count_hidden(element.text().trim());
        } else {
            self.runs(element, &mut paragraph, &style.run, None);
        }
        if self.draft.is_open() {
            self.end_line(paragraph.kind);
            if self.item.is_some() {
                self.item = Some(LineKind::Continuation);
            }
        } else {
            self.draft.end_line(paragraph.kind, self.part);
            self.draft.end_block();
        }
        self.boxes(&paragraph.boxes);
    }

    fn kind_of(&self, element: &Element, style: &ParagraphStyle) -> LineKind {
        let level = match element.name.as_str() {
            "h" => element.attribute("outline-level").and_then(outline_level).or(Some(1)),
            _ => style.heading,
        };
        match level {
            Some(level) => LineKind::Heading(level),
            None => self.item.unwrap_or(LineKind::Text),
        }
    }

    fn end_line(&mut self, kind: LineKind) {
        if self.floating {
            self.draft.count_floating();
        }
        self.draft.end_typed_line(kind, self.part);
    }

    fn boxes(&mut self, boxes: &[&'e Element]) {
        for &content in boxes {
            let outer = (std::mem::replace(&mut self.floating, true), self.item.take(), self.lists);
            self.lists = 0;
            self.draft.end_block();
            self.read(content);
            self.draft.end_block();
            (self.floating, self.item, self.lists) = outer;
        }
    }

    fn runs(
        &mut self,
        element: &'e Element,
        paragraph: &mut Paragraph<'e>,
        run: &RunStyle,
        link: Option<&str>,
    ) {
        for node in &element.children {
            let child = match node {
                // A tab or a line end in the XML itself is a space on paper.
                Node::Text(text) => {
                    self.push(&text.replace('\t', " "), run, link);
                    continue;
                }
                Node::Element(child) => child,
            };
            match child.name.as_str() {
                "s" => self.push(spaces(child), run, link),
                "tab" => self.push("\t", run, link),
                "line-break" => self.break_line(paragraph),
                "span" => {
                    let named = self.styles.text(child.attribute("style-name")).over(run);
                    self.runs(child, paragraph, &named, link);
                }
                "a" => {
                    let target = child.attribute("href").filter(|target| !target.starts_with('#'));
                    self.runs(child, paragraph, run, target.or(link));
                }
                "note" => self.notes.extend(child.child("note-body")),
                "hidden-text" if child.attribute("is-hidden") != Some("false") => {
                    self.draft.count_hidden(child.attribute("string-value").unwrap_or_default());
                }
                "frame" | "custom-shape" | "rect" | "ellipse" | "circle" | "polygon" | "g" => {
                    self.find_boxes(child, &mut paragraph.boxes);
                }
                "ruby-text" | "hidden-paragraph" => {}
                name if is_aside(name) => {}
                _ => self.runs(child, paragraph, run, link),
            }
        }
    }

    fn push(&mut self, text: &str, run: &RunStyle, link: Option<&str>) {
        if run.is_hidden() {
            self.draft.count_hidden(text);
        } else {
            self.draft.push(text, &run.to_style(link.map(str::to_owned)));
        }
    }

    /// A line break inside a paragraph: further lines of a list item stay with it.
    fn break_line(&mut self, paragraph: &mut Paragraph<'_>) {
        if self.draft.is_open() {
            self.end_line(paragraph.kind);
            if matches!(paragraph.kind, LineKind::ListItem(_)) {
                paragraph.kind = LineKind::Continuation;
            }
        }
    }

    /// The text boxes and shapes with text inside a drawing, outermost only; pictures are counted.
    fn find_boxes(&mut self, element: &'e Element, found: &mut Vec<&'e Element>) {
        if element.child("image").is_some() {
            let images = &mut self.draft.source().layout.images;
            *images = images.saturating_add(1);
        }
        if element.elements().any(|child| matches!(child.name.as_str(), "p" | "h" | "list" | "table")) {
            found.push(element);
            return;
        }
        for child in element.elements() {
            // The words of a picture's description are not on the page.
            if !matches!(child.name.as_str(), "title" | "desc" | "object" | "object-ole" | "image") {
                self.find_boxes(child, found);
            }
        }
    }
}

/// What is no text of the page: deletions, comments, forms, and where an index takes its words from.
fn is_aside(name: &str) -> bool {
    matches!(
        name,
        "tracked-changes" | "annotation" | "annotation-end" | "forms" | "note-citation" | "scripts"
    ) || name.ends_with("-source")
        || name.ends_with("-decls")
}

fn is_hidden_paragraph(element: &Element) -> bool {
    element.child("hidden-paragraph").is_some_and(|field| field.attribute("is-hidden") == Some("true"))
}

fn spaces(element: &Element) -> &'static str {
    let count = element.attribute("c").and_then(|count| count.parse::<u32>().ok()).unwrap_or(1);
    if count >= GAP_SPACES { "\t" } else { " " }
}
