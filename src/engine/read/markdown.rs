//! Markdown: headings, list items and links by CommonMark.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::domain::source::{Line, LineKind, Part, SourceFormat, SourceText, Trouble};
use crate::engine::read::bullet::numbered;
use crate::engine::read::counting;
use crate::engine::read::page::{Draft, Style};

/// Characters from which on a line ended because it was full.
const WRAPPED: usize = 50;

/// Reads Markdown.
pub(crate) fn read(text: &str) -> SourceText {
    let (front, body) = front_matter(text);
    let mut draft = Draft::new(SourceFormat::Markdown);
    for line in front.lines() {
        draft.push(line.trim(), &Style::default());
        draft.end_line(LineKind::Text, Part::Body);
    }
    draft.end_block();
    let mut writer = Writer {
        draft,
        style: Style::default(),
        bold: 0,
        italic: 0,
        links: Vec::new(),
        lists: Vec::new(),
        number: None,
        kind: LineKind::Text,
        cells: 0,
    };
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_DEFINITION_LIST;
    for event in Parser::new_ext(body, options) {
        writer.take(event);
    }
    writer.end_line();
    let mut source = writer.draft.finish();
    counting::settle(&mut source.lines);
    unlist(&mut source.lines);
    source
}

/// `2. Staatsexamen` is a list to Markdown, of one item. Where a number did not count the item is a line as it stands.
fn unlist(lines: &mut [Line]) {
    let mut is_outside = false;
    for line in lines {
        match line.kind {
            LineKind::ListItem(depth) if line.number.is_none() && numbered(&line.text()).is_some() => {
                line.kind = depth.checked_sub(1).map_or(LineKind::Text, LineKind::ListItem);
                is_outside = line.kind == LineKind::Text;
            }
            LineKind::Continuation if is_outside => line.kind = LineKind::Text,
            _ => is_outside = false,
        }
    }
}

/// Splits off a YAML head between `---` lines; it is kept as plain lines.
fn front_matter(text: &str) -> (&str, &str) {
    let Some(rest) =
        text.trim_start_matches('\u{feff}').strip_prefix("---").filter(|rest| rest.starts_with(['\n', '\r']))
    else {
        return ("", text);
    };
    let mut end = 0;
    for line in rest.split_inclusive('\n') {
        let start = end;
        end += line.len();
        if start > 0 && matches!(line.trim_end(), "---" | "...") {
            return (rest.get(..start).unwrap_or_default(), rest.get(end..).unwrap_or_default());
        }
    }
    ("", text)
}

struct Writer {
    draft: Draft,
    style: Style,
    bold: u32,
    italic: u32,
    links: Vec<String>,
    /// Lists that are open inside each other, with the number of the next item of those that count.
    lists: Vec<Option<u64>>,
    /// The number of the item that begins.
    number: Option<u64>,
    /// What the next line is.
    kind: LineKind,
    /// Cells of the open table row so far.
    cells: u32,
}

impl Writer {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text(&text);
            }
            Event::Html(html) | Event::InlineHtml(html) => self.html(&html),
            Event::SoftBreak | Event::HardBreak => self.break_line(),
            Event::Rule => self.draft.end_block(),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    /// Authors of resumes break lines where they want new lines; a long line was broken by its editor.
    fn break_line(&mut self) {
        let wrapped = self.draft.open_text().chars().count() >= WRAPPED;
        self.end_line();
        if wrapped && self.kind == LineKind::Text || matches!(self.kind, LineKind::ListItem(_)) {
            self.kind = LineKind::Continuation;
        }
    }

    fn text(&mut self, text: &str) {
        self.style = Style {
            bold: self.bold > 0,
            italic: self.italic > 0,
            size: 0.0,
            link: self.links.last().cloned(),
        };
        if let Some(number) = self.number.take() {
            self.draft.push(&format!("{number}. "), &self.style);
        }
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.end_line();
            }
            self.draft.push(line, &self.style);
        }
    }

    /// Of HTML inside Markdown only its text and its line breaks count.
    fn html(&mut self, html: &str) {
        if html.trim_start().starts_with("<!--") {
            return;
        }
        for (index, piece) in html.split('<').enumerate() {
            let text = match piece.split_once('>') {
                Some((tag, text)) if index > 0 => {
                    if tag.trim_start_matches('/').to_ascii_lowercase().starts_with("br") {
                        self.end_line();
                    }
                    text
                }
                _ if index > 0 => "",
                _ => piece,
            };
            self.text(text);
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.end_line();
                self.draft.end_block();
                self.kind = LineKind::Heading(depth_of(level));
            }
            Tag::Paragraph if self.lists.is_empty() => {
                self.end_line();
                self.draft.end_block();
                self.kind = LineKind::Text;
            }
            Tag::List(first) => {
                self.end_line();
                if self.lists.is_empty() {
                    self.draft.end_block();
                }
                self.lists.push(first);
            }
            Tag::Item => {
                self.end_line();
                let depth = u8::try_from(self.lists.len().saturating_sub(1)).unwrap_or(u8::MAX);
                self.kind = LineKind::ListItem(depth);
                let next = self.lists.last_mut().and_then(Option::as_mut);
                self.number = next.as_deref().copied();
                if let Some(next) = next {
                    *next = next.saturating_add(1);
                }
            }
            Tag::CodeBlock(_) | Tag::BlockQuote(_) | Tag::Table(_) => {
                self.end_line();
                self.draft.end_block();
                self.kind = LineKind::Text;
            }
            Tag::DefinitionListTitle | Tag::DefinitionListDefinition => {
                self.end_line();
                self.kind = LineKind::Text;
            }
            Tag::TableHead => {
                self.draft.mark(Trouble::Table);
                self.cells = 0;
            }
            Tag::TableRow => self.cells = 0,
            Tag::TableCell => {
                if self.cells > 0 {
                    self.draft.push("\t", &Style::default());
                }
                self.cells += 1;
            }
            Tag::Strong => self.bold += 1,
            Tag::Emphasis => self.italic += 1,
            Tag::Link { dest_url, .. } => self.links.push(dest_url.into_string()),
            Tag::Image { .. } => {
                self.draft.source().layout.images += 1;
                self.draft.mark(Trouble::Picture);
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Link => {
                self.links.pop();
            }
            TagEnd::List(_) => {
                self.end_line();
                self.lists.pop();
                if self.lists.is_empty() {
                    self.draft.end_block();
                    self.kind = LineKind::Text;
                }
            }
            TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::BlockQuote(_) | TagEnd::Paragraph => {
                self.end_line();
                self.kind = if self.lists.is_empty() { LineKind::Text } else { LineKind::Continuation };
            }
            TagEnd::Item => {
                self.end_line();
                self.number = None;
            }
            TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::TableRow
            | TagEnd::TableHead => self.end_line(),
            TagEnd::Table => {
                self.draft.source().layout.tables += 1;
                self.draft.end_block();
            }
            _ => {}
        }
    }

    fn end_line(&mut self) {
        self.draft.end_line(self.kind, Part::Body);
    }
}

fn depth_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::source::LineKind;
    use crate::engine::read::markdown::read;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, LineKind)]) {
        let source = read(text);
        let lines: Vec<(String, LineKind)> =
            source.lines.iter().map(|line| (line.text(), line.kind)).collect();
        let lines: Vec<(&str, LineKind)> = lines.iter().map(|(text, kind)| (text.as_str(), *kind)).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn structure_is_kept_and_marks_are_not() {
        check(
            "# Ada\n\n**Engineer**, [mail](mailto:ada@example.org)\nLondon\n\n- one\n  - two\n- three\n\n| Acme | 1842 |\n|---|---|\n| Beta | 1843 |\n",
            &[
                ("Ada", LineKind::Heading(1)),
                ("Engineer, mail", LineKind::Text),
                ("London", LineKind::Text),
                ("one", LineKind::ListItem(0)),
                ("two", LineKind::ListItem(1)),
                ("three", LineKind::ListItem(0)),
                ("Acme\t1842", LineKind::Text),
                ("Beta\t1843", LineKind::Text),
            ],
        );
    }

    #[test]
    fn numbers_that_count_are_marks_and_others_are_words() {
        check(
            "1. one\n1. two\n   1. deep\n   2. deeper\n2. three\n\nStudied\n\n2. Staatsexamen, Jura\n   Köln\n\n* 3. März 2020\n",
            &[
                ("one", LineKind::ListItem(0)),
                ("two", LineKind::ListItem(0)),
                ("deep", LineKind::ListItem(1)),
                ("deeper", LineKind::ListItem(1)),
                ("three", LineKind::ListItem(0)),
                ("Studied", LineKind::Text),
                ("2. Staatsexamen, Jura", LineKind::Text),
                ("Köln", LineKind::Text),
                ("3. März 2020", LineKind::ListItem(0)),
            ],
        );
        let numbers = read("1. one\n2. two\n").lines.into_iter().map(|line| line.number.unwrap_or_default());
        assert_eq!(numbers.collect::<Vec<_>>(), ["1.", "2."]);
    }

    #[test]
    fn links_lead_where_they_lead() {
        let source = read("[Ada][1]\n\n[1]: https://ada.example\n");
        let links: Vec<_> = source
            .lines
            .iter()
            .flat_map(|line| &line.spans)
            .filter_map(|span| span.link.as_deref())
            .collect();
        assert_eq!(links, ["https://ada.example"]);
    }

    #[test]
    fn a_yaml_head_is_lines() {
        check(
            "---\nname: Ada\n---\n# Work\n",
            &[("name: Ada", LineKind::Text), ("Work", LineKind::Heading(1))],
        );
    }
}
