//! The reader of a Rich Text file: it follows groups and words, and sends text to where it belongs.

use std::collections::{HashMap, HashSet};

use crate::domain::source::{Layout, Line, Part, SourceFormat, SourceText};
use crate::engine::read::error::ReadError;
use crate::engine::read::office::{heading_by_name, link_of};
use crate::engine::read::page::Draft;
use crate::engine::read::rtf::charset::{Charset, without_symbols};
use crate::engine::read::rtf::flow::{Flow, Paragraph};
use crate::engine::read::rtf::state::{Destination, State, character, goes_nowhere};
use crate::engine::read::rtf::tokens::Token;
use crate::engine::read::tidy::tidy_folded;

/// Deeper nesting holds no text that a person wrote.
const MAX_DEPTH: usize = 256;
/// Words and groups; a long resume has some hundred thousand, and each may begin a run of its own.
const MAX_WORDS: usize = 1_000_000;
/// Bytes of a field's code, of a style's name and of a title that are kept.
const MAX_ASIDE: usize = 2048;

/// The reader between two tokens.
pub(crate) struct Machine {
    words: usize,
    /// The open groups, innermost last.
    states: Vec<State>,
    state: State,
    /// The streams of text that are open inside each other; the first one is the body.
    flows: Vec<Flow>,
    charset: Charset,
    usual_font: i32,
    fonts: HashMap<i32, Charset>,
    /// The headings among the paragraph styles.
    headings: HashMap<i32, u8>,
    style: StyleEntry,
    links: Vec<String>,
    code: String,
    title: String,
    /// Bytes of text that wait for the rest of their character.
    bytes: Vec<u8>,
    /// The first half of a character beyond the first 65,536.
    surrogate: Option<u16>,
    /// Bytes to leave out after a Unicode character.
    skipped: u32,
    /// Whether `\*` stood before this word: unknown destinations are then left out.
    is_optional: bool,
    headers: Vec<Line>,
    footers: Vec<Line>,
    seen: HashSet<String>,
    layout: Layout,
}

/// The style that the table of styles is at.
#[derive(Default)]
struct StyleEntry {
    number: i32,
    outline: Option<u8>,
    name: String,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            words: 0,
            states: Vec::new(),
            state: State::new(),
            flows: vec![Flow::new(Part::Body, 0, false)],
            charset: Charset::ANSI,
            usual_font: 0,
            fonts: HashMap::new(),
            headings: HashMap::new(),
            style: StyleEntry::default(),
            links: Vec::new(),
            code: String::new(),
            title: String::new(),
            bytes: Vec::new(),
            surrogate: None,
            skipped: 0,
            is_optional: false,
            headers: Vec::new(),
            footers: Vec::new(),
            seen: HashSet::new(),
            layout: Layout::default(),
        }
    }

    /// Takes the next token.
    pub(crate) fn take(&mut self, token: Token<'_>) -> Result<(), ReadError> {
        if matches!(token, Token::Word(..) | Token::Open) {
            self.words += 1;
            if self.words > MAX_WORDS {
                return Err(ReadError::too_complex("it has more than 1,000,000 control words and groups"));
            }
        }
        match token {
            Token::Text(text) => {
                let skipped = text.len().min(usize::try_from(self.skipped).unwrap_or(usize::MAX));
                self.skipped -= u32::try_from(skipped).unwrap_or(0);
                self.add_bytes(text.get(skipped..).unwrap_or_default());
            }
            Token::Hex(_) if self.skipped > 0 => self.skipped -= 1,
            Token::Hex(byte) => self.add_bytes(&[byte]),
            Token::Open => self.open()?,
            Token::Close => self.close(),
            Token::Word(word, number) => {
                self.decode();
                self.skipped = 0;
                let is_optional = std::mem::take(&mut self.is_optional);
                self.word(word, number, is_optional);
            }
            Token::Symbol(symbol) => {
                self.decode();
                self.symbol(symbol);
            }
        }
        Ok(())
    }

    /// Whether the document's outermost group has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.states.is_empty()
    }

    /// The document: headers first, footers and notes last.
    pub(crate) fn finish(mut self) -> SourceText {
        self.decode();
        while self.flows.len() > 1 {
            self.end_flow();
        }
        let mut draft = Draft::new(SourceFormat::Rtf);
        let mut parts = vec![std::mem::take(&mut self.headers)];
        if let Some(body) = self.flows.pop() {
            let body = body.finish(&self.state.paragraph);
            self.add_layout(&body.layout);
            parts.push(body.lines);
        }
        parts.push(std::mem::take(&mut self.footers));
        for lines in parts {
            let offset = draft.source().lines.last().map_or(0, |line| line.block + 1);
            draft.append(lines, offset);
        }
        let title = tidy_folded(&self.title);
        let source = draft.source();
        source.layout = self.layout;
        source.title = Some(title).filter(|title| !title.is_empty());
        draft.finish()
    }

    fn open(&mut self) -> Result<(), ReadError> {
        self.decode();
        self.skipped = 0;
        if self.states.len() > MAX_DEPTH {
            return Err(ReadError::too_complex("its groups are nested more than 256 levels deep"));
        }
        self.states.push(self.state);
        Ok(())
    }

    fn close(&mut self) {
        self.decode();
        self.skipped = 0;
        let Some(outer) = self.states.pop() else { return };
        if self.flows.last().is_some_and(|flow| flow.depth > self.states.len()) && self.flows.len() > 1 {
            self.end_flow();
        }
        let inner = std::mem::replace(&mut self.state, outer);
        match inner.destination {
            // Each style has a group of its own inside that of the table.
            Destination::Styles if self.is_style_table() => self.end_style(),
            // The code stands in a group beside the field's text, inside that of the field.
            Destination::Code if outer.destination != Destination::Code => {
                if let Some(address) = link_of(&std::mem::take(&mut self.code)) {
                    self.links.push(address);
                    self.state.look.link = Some(self.links.len() - 1);
                }
            }
            _ => {}
        }
    }

    /// Whether this is the group of the table of styles, and neither one around nor inside it.
    fn is_style_table(&self) -> bool {
        self.state.destination == Destination::Styles
            && self.states.last().is_some_and(|outer| outer.destination != Destination::Styles)
    }

    fn end_style(&mut self) {
        let style = std::mem::take(&mut self.style);
        let name = style.name.split(';').next().unwrap_or_default();
        if let Some(level) =
            heading_by_name(name).or(style.outline.filter(|level| *level < 9).map(|level| level + 1))
        {
            self.headings.insert(style.number, level);
        }
    }

    fn begin_flow(&mut self, part: Part, is_floating: bool) {
        self.flows.push(Flow::new(part, self.states.len(), is_floating));
        self.state.destination = Destination::Text;
        self.state.paragraph = Paragraph::default();
        self.state.look.link = None;
    }

    fn end_flow(&mut self) {
        let Some(flow) = self.flows.pop() else { return };
        let (part, is_floating) = (flow.part(), flow.is_floating);
        let ended = flow.finish(&self.state.paragraph);
        self.add_layout(&ended.layout);
        if is_floating {
            if let Some(flow) = self.flows.last_mut() {
                flow.hang(ended.lines);
            }
            return;
        }
        // First pages and left pages mostly repeat the words of the others.
        let text: String = ended.lines.iter().map(|line| line.text() + "\n").collect();
        if text.is_empty() || !self.seen.insert(text) {
            return;
        }
        let margin = if part == Part::Header { &mut self.headers } else { &mut self.footers };
        let offset = margin.last().map_or(0, |line| line.block + 1);
        margin.extend(ended.lines.into_iter().map(|line| Line { block: line.block + offset, ..line }));
    }

    fn add_layout(&mut self, layout: &Layout) {
        let own = &mut self.layout;
        own.columns = own.columns.max(layout.columns);
        own.tables = own.tables.saturating_add(layout.tables);
        own.images = own.images.saturating_add(layout.images);
        own.hidden_characters = own.hidden_characters.saturating_add(layout.hidden_characters);
        own.floating_characters = own.floating_characters.saturating_add(layout.floating_characters);
    }

    fn add_bytes(&mut self, bytes: &[u8]) {
        if !matches!(
            self.state.destination,
            Destination::Nowhere | Destination::Frame | Destination::Fonts | Destination::Facts
        ) {
            self.bytes.extend_from_slice(bytes);
        }
    }

    fn decode(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let charset = self.fonts.get(&self.state.font).copied().unwrap_or(self.charset);
        let text = charset.decode(&self.bytes);
        self.bytes.clear();
        self.text(&text);
    }

    fn text(&mut self, text: &str) {
        match self.state.destination {
            Destination::Text => {
                let Some(flow) = self.flows.last_mut() else { return };
                match self.state {
                    State { is_deleted: true, .. } => {}
                    State { is_hidden: true, .. } => flow.hidden(text),
                    State { look, .. } => flow.text(text, look, &self.links),
                }
            }
            Destination::Styles => keep(&mut self.style.name, text),
            Destination::Code => keep(&mut self.code, text),
            Destination::Title => keep(&mut self.title, text),
            Destination::Nowhere | Destination::Frame | Destination::Fonts | Destination::Facts => {}
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'*' => self.is_optional = true,
            b'~' => self.text("\u{a0}"),
            b'_' => self.text("\u{2011}"),
            b'\\' | b'{' | b'}' if self.skipped > 0 => self.skipped -= 1,
            b'\\' => self.text("\\"),
            b'{' => self.text("{"),
            b'}' => self.text("}"),
            b'\n' | b'\r' => self.word("par", None, false),
            b'\t' => self.text("\t"),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>, is_optional: bool) {
        match self.state.destination {
            Destination::Nowhere => {}
            Destination::Fonts => self.font(word, number, is_optional),
            Destination::Styles => self.style_word(word, number, is_optional),
            Destination::Facts => match word {
                "title" => self.state.destination = Destination::Title,
                _ if is_optional => self.state.destination = Destination::Nowhere,
                _ => {}
            },
            Destination::Code | Destination::Title => match word {
                "u" => self.unicode(number),
                "datafield" => self.state.destination = Destination::Nowhere,
                "fldinst" => {}
                _ if is_optional => self.state.destination = Destination::Nowhere,
                _ => {}
            },
            Destination::Frame if word == "nestrow" => self.page_word(word, number),
            Destination::Frame | Destination::Text => {
                if !self.enter(word) {
                    if is_optional {
                        self.state.destination = Destination::Nowhere;
                    } else if self.state.destination == Destination::Text {
                        self.page_word(word, number);
                    }
                }
            }
        }
    }

    fn font(&mut self, word: &str, number: Option<i32>, is_optional: bool) {
        let charset = match word {
            "f" => {
                self.state.font = number.unwrap_or(0);
                None
            }
            "fcharset" => number.and_then(Charset::by_font),
            "cpg" => number.and_then(Charset::by_page),
            _ => {
                if is_optional || goes_nowhere(word) {
                    self.state.destination = Destination::Nowhere;
                }
                None
            }
        };
        if let Some(charset) = charset {
            self.fonts.insert(self.state.font, charset);
        }
    }

    fn style_word(&mut self, word: &str, number: Option<i32>, is_optional: bool) {
        match word {
            "s" => self.style.number = number.unwrap_or(0),
            "outlinelevel" => self.style.outline = number.and_then(|level| u8::try_from(level).ok()),
            "u" => self.unicode(number),
            // Character and table styles.
            _ if is_optional => self.state.destination = Destination::Nowhere,
            _ => {}
        }
    }

    /// Takes a word that says where the text of its group belongs; `false` when it is none.
    fn enter(&mut self, word: &str) -> bool {
        match word {
            "fonttbl" => self.state.destination = Destination::Fonts,
            "stylesheet" => self.state.destination = Destination::Styles,
            "info" => self.state.destination = Destination::Facts,
            "fldinst" => self.state.destination = Destination::Code,
            "header" | "headerl" | "headerr" | "headerf" => self.begin_flow(Part::Header, false),
            "footer" | "footerl" | "footerr" | "footerf" | "footnote" => self.begin_flow(Part::Footer, false),
            "shptxt" | "dptxbxtext" => {
                let part = self.flows.last().map_or(Part::Body, Flow::part);
                self.begin_flow(part, true);
            }
            "pntext" | "listtext" => {
                self.state.destination = Destination::Nowhere;
                if let Some(flow) = self.flows.last_mut() {
                    flow.mark();
                }
            }
            "pict" => {
                self.state.destination = Destination::Nowhere;
                if let Some(flow) = self.flows.last_mut() {
                    flow.picture();
                }
            }
            "shp" | "shpinst" | "shpgrp" | "shppict" | "do" | "sp" | "sv" | "object" | "upr"
            | "nesttableprops" => {
                self.state.frame();
            }
            // What an object shows, and the text of `\upr` in Unicode.
            "result" | "ud" if self.state.destination == Destination::Frame => {
                self.state.destination = self.state.around;
            }
            "fldrslt" | "field" => {}
            _ if goes_nowhere(word) => self.state.destination = Destination::Nowhere,
            _ => return false,
        }
        true
    }

    /// Takes a word of the running text.
    fn page_word(&mut self, word: &str, number: Option<i32>) {
        if self.state.set_look(word, number, self.usual_font) || self.state.set_paragraph(word, number) {
            return;
        }
        if let Some(text) = character(word) {
            self.text(text);
            return;
        }
        let paragraph = self.state.paragraph;
        let Some(flow) = self.flows.last_mut() else { return };
        match word {
            "par" | "sect" | "page" | "column" => flow.end_paragraph(&paragraph),
            "line" | "lbr" | "nestrow" => flow.break_line(&paragraph),
            "nestcell" => self.text("\t"),
            "cell" => flow.end_cell(&paragraph),
            "row" => flow.end_row(),
            "trowd" => flow.begin_edges(),
            "cellx" => flow.edge(number.unwrap_or(0)),
            "s" => self.state.paragraph.heading = number.and_then(|style| self.headings.get(&style)).copied(),
            "u" => self.unicode(number),
            "ansicpg" => self.charset = number.and_then(Charset::by_page).unwrap_or(self.charset),
            "mac" | "pc" | "pca" => self.charset = Charset::by_word(word),
            "deff" => {
                self.usual_font = number.unwrap_or(0);
                self.state.font = self.usual_font;
            }
            _ => {}
        }
    }

    /// A character by its number, which files give as a signed half of UTF-16, and newer ones as a whole.
    fn unicode(&mut self, number: Option<i32>) {
        self.skipped = self.state.fallback;
        let Some(number) = number else { return };
        let code =
            u32::try_from(if number < 0 { number.saturating_add(0x1_0000) } else { number }).unwrap_or(0);
        let unit = u16::try_from(code).ok();
        let first = self.surrogate.take();
        match unit {
            Some(half @ 0xd800..=0xdbff) => self.surrogate = Some(half),
            Some(half @ 0xdc00..=0xdfff) => {
                let pair = first.and_then(|first| char::decode_utf16([first, half]).next()?.ok());
                self.text(pair.map_or(String::new(), String::from).as_str());
            }
            _ => {
                let text = char::from_u32(code).map(without_symbols).map_or(String::new(), String::from);
                self.text(&text);
            }
        }
    }
}

fn keep(aside: &mut String, text: &str) {
    if aside.len() + text.len() <= MAX_ASIDE {
        aside.push_str(text);
    }
}
