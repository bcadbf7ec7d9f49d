//! Building a `SourceText` line by line, for the formats whose lines have no place on a page.

use crate::domain::source::{Layout, Line, LineKind, Part, Place, SourceFormat, SourceText, Span, Trouble};
use crate::engine::read::bullet::bullet;
use crate::engine::read::raw::Raw;
use crate::engine::read::tidy::{fold_spaces, tidy};

/// Bytes of one address; longer ones are data and lead nowhere.
const MAX_LINK: usize = 2048;
/// Bytes of all addresses together: one long link on a million spans would be gigabytes.
const MAX_LINKS: usize = 8 << 20;

/// Lines in the making: spans are pushed, `end_line` closes the line, `end_block` marks a gap.
#[derive(Debug)]
pub(crate) struct Draft {
    source: SourceText,
    raw: Raw,
    spans: Vec<Span>,
    /// The number of the open line in its list.
    number: Option<String>,
    block: u32,
    paragraph: u32,
    gap: bool,
    /// Bytes of addresses so far.
    links: usize,
}

/// How a run of text is set.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Style {
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    pub(crate) size: f32,
    pub(crate) link: Option<String>,
}

impl Draft {
    pub(crate) fn new(format: SourceFormat) -> Self {
        let source = SourceText {
            format,
            lines: Vec::new(),
            raw: Vec::new(),
            pages: Vec::new(),
            layout: Layout::default(),
            structured: Vec::new(),
            notes: Vec::new(),
            title: None,
        };
        Self {
            source,
            raw: Raw::default(),
            spans: Vec::new(),
            number: None,
            block: 0,
            paragraph: 0,
            gap: false,
            links: 0,
        }
    }

    /// The document so far, for facts beside its lines.
    pub(crate) fn source(&mut self) -> &mut SourceText {
        &mut self.source
    }

    /// The words in the file's own order, for formats whose lines are not in it.
    pub(crate) fn raw(&mut self) -> &mut Raw {
        &mut self.raw
    }

    /// Notes that readers trip at the open line, or at the next one when none is open.
    pub(crate) fn mark(&mut self, trouble: Trouble) {
        let place = Place::Paragraph { paragraph: self.paragraph.saturating_add(1) };
        self.source.layout.mark(trouble, place);
    }

    /// Adds text to the open line; a `'\t'` in it is a wide gap.
    pub(crate) fn push(&mut self, text: &str, style: &Style) {
        for (index, piece) in text.split('\t').enumerate() {
            if index > 0 {
                self.push_span("\t", style);
            }
            let piece = tidy(piece);
            if !piece.is_empty() {
                self.push_span(&piece, style);
            }
        }
    }

    fn push_span(&mut self, text: &str, style: &Style) {
        let bytes = style.link.as_ref().map_or(0, String::len);
        let is_bearable = bytes <= MAX_LINK && self.links + bytes <= MAX_LINKS;
        let link = if is_bearable { style.link.clone() } else { None };
        self.links += link.as_ref().map_or(0, String::len);
        self.spans.push(Span {
            text: text.to_owned(),
            bold: style.bold,
            italic: style.italic,
            size: style.size,
            link,
        });
    }

    /// Whether the open line has text.
    pub(crate) fn is_open(&self) -> bool {
        self.spans.iter().any(|span| !span.text.trim().is_empty())
    }

    /// The text of the open line.
    pub(crate) fn open_text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// Takes the bullet off the start of the open line where somebody typed one.
    pub(crate) fn take_bullet(&mut self) -> bool {
        let text = self.open_text();
        let Some(found) = bullet(&text) else { return false };
        let mut chars = found.width;
        for span in &mut self.spans {
            let here = span.text.chars().count().min(chars);
            span.text = span.text.chars().skip(here).collect();
            chars -= here;
        }
        true
    }

    /// Gives the open line its number in a list.
    pub(crate) fn number_line(&mut self, number: Option<&str>) {
        self.number = number.map(str::to_owned);
    }

    /// Closes the open line; a line without text is left out.
    pub(crate) fn end_line(&mut self, kind: LineKind, part: Part) {
        let spans = settle(std::mem::take(&mut self.spans));
        let number = self.number.take();
        if spans.is_empty() {
            return;
        }
        if std::mem::take(&mut self.gap) && !self.source.lines.is_empty() {
            self.block += 1;
        }
        if kind != LineKind::Continuation || self.paragraph == 0 {
            self.paragraph = self.paragraph.saturating_add(1);
        }
        let (block, paragraph) = (self.block, self.paragraph);
        self.source.lines.push(Line { spans, kind, number, block, area: None, paragraph, part });
    }

    /// Closes the open line; a bullet that somebody typed at its start makes it a list item.
    pub(crate) fn end_typed_line(&mut self, kind: LineKind, part: Part) {
        self.push_raw(0.0, matches!(part, Part::Header | Part::Footer));
        let kind = self.typed(kind);
        self.end_line(kind, part);
    }

    /// What the open line is when a bullet that somebody typed at its start counts; the bullet goes.
    pub(crate) fn typed(&mut self, kind: LineKind) -> LineKind {
        let takes_marks = matches!(kind, LineKind::Text | LineKind::ListItem(_));
        if takes_marks && self.take_bullet() && kind == LineKind::Text {
            return LineKind::ListItem(0);
        }
        kind
    }

    /// Keeps the open line as a simple reader finds it: in which column, and whether many pass it by.
    pub(crate) fn push_raw(&mut self, column: f32, aside: bool) {
        let text = self.open_text();
        self.raw.push_line(&text, column, aside);
    }

    /// Counts text that is not shown on paper.
    pub(crate) fn count_hidden(&mut self, text: &str) {
        let count = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let layout = &mut self.source.layout;
        layout.hidden_characters = layout.hidden_characters.saturating_add(count);
        if !text.trim().is_empty() {
            self.mark(Trouble::HiddenText);
        }
    }

    /// Counts the open line as text of a box beside the running text.
    pub(crate) fn count_floating(&mut self) {
        let count = u32::try_from(self.open_text().trim().chars().count()).unwrap_or(u32::MAX);
        let layout = &mut self.source.layout;
        layout.floating_characters = layout.floating_characters.saturating_add(count);
        self.mark(Trouble::FloatingText);
    }

    /// The next line stands apart from those before it.
    pub(crate) fn end_block(&mut self) {
        self.gap = true;
    }

    /// Adds finished lines whose blocks are numbered from 0, and paragraphs from 1.
    pub(crate) fn append(&mut self, lines: Vec<Line>, offset: u32) {
        let before = self.paragraph;
        for mut line in lines {
            line.block += offset;
            line.paragraph = line.paragraph.saturating_add(before);
            self.block = line.block;
            self.paragraph = line.paragraph;
            self.source.lines.push(line);
        }
        self.gap = true;
    }

    pub(crate) fn finish(self) -> SourceText {
        SourceText { raw: self.raw.finish(), ..self.source }
    }
}

/// Joins equally set runs, folds white space across them, trims the line.
pub(crate) fn settle(spans: Vec<Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for mut next in spans {
        let tab = next.text.starts_with('\t');
        let inner = next.text.trim_start_matches('\t');
        let (leads, trails) = (inner.starts_with(' '), inner.ends_with(' '));
        let words = fold_spaces(inner);
        let ended = out.last().is_none_or(|last| last.text.ends_with([' ', '\t']));
        let mut text = String::new();
        if tab && !out.is_empty() && !out.last().is_some_and(|last| last.text.ends_with('\t')) {
            trim_end(&mut out);
            text.push('\t');
        } else if leads && !ended {
            text.push(' ');
        }
        text.push_str(&words);
        if trails && !words.is_empty() {
            text.push(' ');
        }
        if text.is_empty() {
            continue;
        }
        match out.last_mut() {
            Some(last)
                if same_style(last, &next) && !text.starts_with('\t') || text == " " && out_has(last) =>
            {
                last.text.push_str(&text);
            }
            // A gap without text yet belongs to whatever comes after it.
            Some(last) if last.text == "\t" => {
                text.insert(0, '\t');
                next.text = text;
                *last = next;
            }
            _ => {
                next.text = text;
                out.push(next);
            }
        }
    }
    while out.last().is_some_and(|last| last.text.trim().is_empty()) {
        out.pop();
    }
    trim_end(&mut out);
    out
}

fn out_has(span: &Span) -> bool {
    !span.text.trim().is_empty()
}

fn trim_end(spans: &mut [Span]) {
    if let Some(last) = spans.last_mut() {
        last.text.truncate(last.text.trim_end_matches(' ').len());
    }
}

fn same_style(a: &Span, b: &Span) -> bool {
    a.bold == b.bold && a.italic == b.italic && a.link == b.link && (a.size - b.size).abs() < 0.3
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may panic; that is how it reports"
    )]

    use crate::domain::source::{LineKind, Part, SourceFormat};
    use crate::engine::read::page::{Draft, Style};

    fn check(pieces: &[(&str, bool)], expected: &[&str]) {
        let mut draft = Draft::new(SourceFormat::Text);
        for (text, bold) in pieces {
            draft.push(text, &Style { bold: *bold, ..Style::default() });
        }
        draft.end_line(LineKind::Text, Part::Body);
        let source = draft.finish();
        let spans: Vec<&str> = source
            .lines
            .first()
            .map(|line| line.spans.iter().map(|span| span.text.as_str()).collect())
            .unwrap_or_default();
        assert_eq!(spans, expected);
    }

    #[test]
    fn a_line_is_its_words_with_gaps_as_tabs() {
        check(&[("Acme  Inc ", true), (" Berlin", false)], &["Acme Inc ", "Berlin"]);
        check(&[("Acme\t2019", true)], &["Acme", "\t2019"]);
        check(&[("Acme", true), ("\t\t", false), ("2019", true)], &["Acme", "\t2019"]);
        check(&[("\tAcme ", false), ("  ", true)], &["Acme"]);
        check(&[("Acme", true), (" ", false), ("2019", false)], &["Acme ", "2019"]);
        check(&[(" ", true), ("\t", false)], &[]);
    }

    #[test]
    fn a_gap_starts_a_block() {
        let mut draft = Draft::new(SourceFormat::Text);
        for text in ["one", "two", "", "three"] {
            if text.is_empty() {
                draft.end_block();
            }
            draft.push(text, &Style::default());
            draft.end_line(LineKind::Text, Part::Body);
        }
        let blocks: Vec<u32> = draft.finish().lines.iter().map(|line| line.block).collect();
        assert_eq!(blocks, [0, 0, 1]);
        assert_eq!(*blocks.last().unwrap(), blocks[2]);
    }
}
