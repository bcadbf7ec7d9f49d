//! Elements to lines: blocks end lines, lists and headings say what a line is.

use std::cell::LazyCell;

use scraper::ElementRef;

use crate::domain::source::{LineKind, Part, Trouble};
use crate::engine::read::Purpose;
use crate::engine::read::html::content::{is_hidden, is_noise};
use crate::engine::read::page::{Draft, Style};

/// Writes an element's visible content into a draft.
pub(crate) struct Writer<'d> {
    purpose: Purpose,
    draft: &'d mut Draft,
    kind: LineKind,
    /// Lists open inside each other.
    lists: u8,
    /// Line breaks since the last text.
    breaks: u32,
}

impl<'d> Writer<'d> {
    pub(crate) fn new(purpose: Purpose, draft: &'d mut Draft) -> Self {
        Self { purpose, draft, kind: LineKind::Text, lists: 0, breaks: 0 }
    }

    /// Writes everything inside the element.
    pub(crate) fn write(&mut self, element: ElementRef<'_>) {
        self.children(element, &Style::default());
        self.end_line();
    }

    fn children(&mut self, element: ElementRef<'_>, style: &Style) {
        let is_frame = self.purpose == Purpose::Resume && has_no_text(element);
        // Asked once for all children, and only where one of them needs it: strangers choose how many there are.
        let keywords = LazyCell::new(|| keywords(element));
        for child in element.children() {
            let is_apart = |child: ElementRef<'_>| stands_apart(child, |name| keywords.contains(&name));
            if is_frame && self.draft.is_open() && ElementRef::wrap(child).is_some_and(is_apart) {
                self.draft.push("\t", style);
            }
            if let Some(text) = child.value().as_text() {
                self.text(text, style);
            } else if let Some(child) = ElementRef::wrap(child) {
                self.element(child, style);
            }
        }
    }

    fn text(&mut self, text: &str, style: &Style) {
        if !text.trim().is_empty() {
            self.breaks = 0;
        }
        // A tab in the source of a page is a space on the page.
        self.draft.push(&text.replace('\t', " "), style);
    }

    fn element(&mut self, element: ElementRef<'_>, style: &Style) {
        if is_noise(element, self.purpose) {
            return;
        }
        if is_hidden(element) {
            let chars: usize = element.text().map(|text| text.trim().chars().count()).sum();
            let layout = &mut self.draft.source().layout;
            layout.hidden_characters =
                layout.hidden_characters.saturating_add(u32::try_from(chars).unwrap_or(u32::MAX));
            return;
        }
        let name = element.value().name();
        match name {
            "br" => {
                self.end_line();
                self.breaks += 1;
                if self.breaks > 1 {
                    self.draft.end_block();
                }
            }
            "hr" => self.gap(),
            "img" => {
                self.draft.source().layout.images += 1;
                self.draft.mark(Trouble::Picture);
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.gap();
                let level = name.as_bytes().get(1).map_or(1, |digit| digit - b'0');
                let outer = std::mem::replace(&mut self.kind, LineKind::Heading(level));
                self.children(element, style);
                self.end_line();
                self.kind = outer;
            }
            "svg" => self.drawing(element, style),
            "ul" | "ol" | "menu" => self.list(element, style),
            "li" => self.item(element, style),
            "table" => {
                self.gap();
                self.draft.source().layout.tables += 1;
                self.draft.mark(Trouble::Table);
                self.children(element, style);
                self.gap();
            }
            "td" | "th" => {
                if self.draft.is_open() {
                    self.draft.push("\t", style);
                }
                self.children(element, style);
            }
            "p" | "section" | "article" | "header" | "footer" | "aside" | "main" | "nav" | "dl"
            | "blockquote" | "figure" | "fieldset" | "pre" => {
                self.gap();
                self.children(element, style);
                self.gap();
            }
            "div" | "tr" | "dt" | "dd" | "address" | "form" | "details" | "summary" | "figcaption"
            | "tbody" | "thead" | "center" | "button" | "dialog" => {
                self.end_line();
                self.children(element, style);
                self.end_line();
            }
            _ => self.children(element, &inline_style(element, style)),
        }
    }

    /// The words that a drawing shows; what it and its parts are called is not on the page.
    fn drawing(&mut self, element: ElementRef<'_>, style: &Style) {
        let inner = element.descendants().filter_map(ElementRef::wrap);
        for text in inner.filter(|inner| inner.value().name() == "text") {
            self.end_line();
            self.children(text, style);
            self.end_line();
        }
    }

    fn list(&mut self, element: ElementRef<'_>, style: &Style) {
        self.end_line();
        if self.lists == 0 {
            self.draft.end_block();
        }
        self.lists = self.lists.saturating_add(1);
        self.children(element, style);
        self.end_line();
        self.lists -= 1;
        if self.lists == 0 {
            self.draft.end_block();
        }
    }

    fn item(&mut self, element: ElementRef<'_>, style: &Style) {
        self.end_line();
        let outer = std::mem::replace(&mut self.kind, LineKind::ListItem(self.lists.saturating_sub(1)));
        self.children(element, style);
        self.end_line();
        self.kind = outer;
    }

    fn gap(&mut self) {
        self.end_line();
        // Paragraphs inside a list item don't part the list.
        if self.lists == 0 {
            self.draft.end_block();
        }
    }

    fn end_line(&mut self) {
        if !self.draft.is_open() {
            self.draft.end_line(self.kind, Part::Body);
            return;
        }
        if self.kind == LineKind::Text && self.draft.take_bullet() {
            self.draft.end_line(LineKind::ListItem(0), Part::Body);
            return;
        }
        self.draft.end_line(self.kind, Part::Body);
        if matches!(self.kind, LineKind::ListItem(_)) {
            self.kind = LineKind::Continuation;
        }
    }
}

/// Inline elements that a page sets side by side, with no blank between them in its source.
const SIDE_BY_SIDE: &[&str] = &["span", "a", "time", "small", "strong", "b", "em", "i"];

/// Whether all of an element's text stands in elements inside it: they are set where its style says.
fn has_no_text(element: ElementRef<'_>) -> bool {
    let mut texts = element.children().filter_map(|child| child.value().as_text());
    texts.all(|text| text.trim().is_empty())
}

/// Whether an element follows another one of its kind at once, and does not go on with the word before it. `is_keyword`
/// says whether its name is that of many beside it.
fn stands_apart(element: ElementRef<'_>, is_keyword: impl Fn(&str) -> bool) -> bool {
    let is_inline = |element: &ElementRef<'_>| SIDE_BY_SIDE.contains(&element.value().name());
    let before = element.prev_sibling().and_then(ElementRef::wrap).filter(is_inline);
    let Some(before) = before.filter(|_| is_inline(&element)) else {
        return false;
    };
    let (left, right): (String, String) = (before.text().collect(), element.text().collect());
    let ends = |c: char| c.is_alphanumeric() || matches!(c, ')' | '.' | ',' | ':' | '%');
    let begins = |c: char| c.is_alphanumeric() || matches!(c, '(' | '+' | '#' | '.');
    let is_letter = |text: &str| text.chars().nth(1).is_none();
    // "W" and "eb", "Java" and "script" in two colours are one word.
    let is_word = || {
        is_letter(&left)
            || is_letter(&right)
            || right.starts_with(char::is_lowercase) && !is_keyword(element.value().name())
    };
    left.ends_with(ends) && right.starts_with(begins) && !is_word()
}

/// The names of the inline elements that an element has at least three of: keywords, each in a frame.
fn keywords(element: ElementRef<'_>) -> Vec<&'static str> {
    let is_repeated = |name: &&str| {
        let children = element.children().filter_map(ElementRef::wrap);
        children.filter(|child| child.value().name() == *name).nth(2).is_some()
    };
    SIDE_BY_SIDE.iter().copied().filter(is_repeated).collect()
}

fn inline_style(element: ElementRef<'_>, outer: &Style) -> Style {
    let mut style = outer.clone();
    match element.value().name() {
        "b" | "strong" => style.bold = true,
        "i" | "em" | "cite" => style.italic = true,
        "a" => {
            let target = element
                .value()
                .attr("href")
                .filter(|target| !target.starts_with('#') && !target.starts_with("javascript:"));
            style.link = target.map(str::to_owned).or(style.link);
        }
        _ => {}
    }
    let css: String = element.value().attr("style").unwrap_or_default().split_whitespace().collect();
    style.bold |=
        ["font-weight:bold", "font-weight:600", "font-weight:700"].iter().any(|rule| css.contains(rule));
    style
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::engine::read::html::read;
    use crate::engine::read::{Limits, Purpose};

    // Each of them once looked at all the others.
    #[test]
    fn many_inline_elements_are_looked_at_once() {
        let page = format!("<div>{}</div>", "<i>ab</i>".repeat(20_000));
        let source = read(Purpose::Resume, &page, &Limits::default()).unwrap();
        let cells: usize = source.lines.iter().map(|line| line.text().split('\t').count()).sum();
        assert_eq!(cells, 20_000);
    }
}
