//! The document model: what a resume says, as blocks in reading order, before any format is chosen.
//!
//! It is built once and every format is written from it, so formats cannot disagree about content.

use unicode_normalization::UnicodeNormalization;

/// A resume as blocks in reading order.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// The person's name; empty when the resume has none.
    pub(crate) name: String,
    /// What such a document is called in that language: "Resume".
    pub(crate) kind: &'static str,
    /// BCP 47 tag of the language that it is written in.
    pub(crate) language: &'static str,
    /// What it says, top to bottom.
    pub(crate) blocks: Vec<Block>,
}

/// One block.
#[derive(Debug)]
pub(crate) enum Block {
    /// The person's name, the title of the document.
    Name(Line),
    /// The professional title under the name.
    Label(Line),
    /// Ways to reach the person, to be shown in a row.
    Contacts(Vec<Line>),
    /// The heading of a section.
    Heading(Line),
    /// The head of an entry: a position, a study, a project.
    Entry(Entry),
    /// A fact about the entry above that is no part of its running text.
    Detail(Line),
    /// A paragraph.
    Paragraph(Line),
    /// One item of a list.
    Bullet(Line),
}

/// The head of an entry. Its dates come last in `facts`: set on the same line of text as the title, every
/// reader finds them there, whereas dates flush right are moved below the bullets by some.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What it is: the position, the degree, the project.
    pub(crate) title: Line,
    /// Employer, place, dates: what is known, in that order.
    pub(crate) facts: Vec<Line>,
}

/// Runs of text that stand in one line or wrap as one.
pub(crate) type Line = Vec<Run>;

/// Text set in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// The words, clean and on one line.
    pub(crate) text: String,
    /// Whether it stands out.
    pub(crate) weight: Weight,
    /// Where it leads, as an absolute address.
    pub(crate) link: Option<String>,
}

/// How strongly a run is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// As its block is.
    Normal,
    /// Bold.
    Strong,
}

impl Run {
    /// Text as its block is set.
    pub(crate) fn plain(text: &str) -> Self {
        Self { text: clean(text), weight: Weight::Normal, link: None }
    }

    /// Bold text.
    pub(crate) fn strong(text: &str) -> Self {
        Self { weight: Weight::Strong, ..Self::plain(text) }
    }

    /// Punctuation between two runs, kept to the letter.
    pub(crate) fn glue(text: &str) -> Self {
        Self { text: text.to_owned(), weight: Weight::Normal, link: None }
    }

    /// The same run leading to `address`, if that is something a reader may follow.
    pub(crate) fn leading_to(mut self, address: &str) -> Self {
        self.link = target(address);
        self
    }
}

impl Document {
    /// The title of the file.
    pub(crate) fn title(&self) -> String {
        if self.name.is_empty() {
            return self.kind.to_owned();
        }
        format!("{} – {}", self.name, self.kind)
    }

    /// The words of the whole document, one text a line of the model.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for block in &self.blocks {
            match block {
                Block::Contacts(lines) => texts.extend(lines.iter().map(text)),
                Block::Entry(entry) => {
                    texts.push(text(&entry.title));
                    texts.extend(entry.facts.iter().map(text));
                }
                Block::Name(line)
                | Block::Label(line)
                | Block::Heading(line)
                | Block::Detail(line)
                | Block::Paragraph(line)
                | Block::Bullet(line) => texts.push(text(line)),
            }
        }
        texts
    }
}

/// The text of a line.
pub(crate) fn text(line: &Line) -> String {
    line.iter().map(|run| run.text.as_str()).collect()
}

/// Whether a line shows nothing.
pub(crate) fn is_blank(line: &Line) -> bool {
    line.iter().all(|run| run.text.trim().is_empty())
}

/// Lines joined into one, `glue` between those that show something.
pub(crate) fn join(lines: impl IntoIterator<Item = Line>, glue: &str) -> Line {
    let mut joined = Line::new();
    for line in lines.into_iter().filter(|line| !is_blank(line)) {
        if !joined.is_empty() {
            joined.push(Run::glue(glue));
        }
        joined.extend(line);
    }
    joined
}

/// `text` on one line: composed, white space single, without what no document may or should carry.
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.nfc() {
        if c.is_whitespace() {
            if !cleaned.is_empty() && !cleaned.ends_with(' ') {
                cleaned.push(' ');
            }
        } else if !is_forbidden(c) {
            cleaned.push(c);
        }
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// Characters without a place in a document: controls, which XML forbids; overrides of the writing
/// direction, which make a line read as what it is not; soft hyphens, which break words for searches;
/// private use, whose glyphs (icon fonts) mean nothing elsewhere and which PDF/UA forbids.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fff9}'..='\u{fffc}' | '\u{f0000}'..='\u{10ffff}')
        || u32::from(c) & 0xfffe == 0xfffe
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
}

/// The address to link to for an address as printed; `None` for what must not become a link.
///
/// Only the web, mail and telephones: `javascript:` or `file:` in a resume is nobody's wish.
fn target(address: &str) -> Option<String> {
    let address: String = clean(address).chars().filter(|c| !c.is_whitespace()).collect();
    let lower = address.to_ascii_lowercase();
    if ["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme)) {
        return Some(address);
    }
    let host = address.split(['/', '?', '#']).next().unwrap_or_default();
    let plausible = host.contains('.') && !host.contains([':', '@', '"', '<', '>', '\\']);
    plausible.then(|| format!("https://{address}"))
}

/// An address as people print it: without scheme, `www.` and closing slash.
pub(crate) fn display(address: &str) -> String {
    let address = clean(address);
    let mut shown = address.as_str();
    for prefix in ["https://", "http://", "www."] {
        shown = match shown.split_at_checked(prefix.len()) {
            Some((head, rest)) if head.eq_ignore_ascii_case(prefix) && !rest.is_empty() => rest,
            _ => shown,
        };
    }
    shown.strip_suffix('/').filter(|rest| rest.contains('.')).unwrap_or(shown).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::engine::render::document::{Run, clean, display};

    #[test]
    fn clean_text_stands_on_one_line_without_what_no_document_may_carry() {
        for (text, expected) in [
            ("  Zoë \t Łukasz\r\n中文 ", "Zoë Łukasz 中文"),
            ("a\u{0}b\u{7}c\u{1b}[31m", "abc[31m"),
            ("co\u{ad}operate \u{202e}evil\u{202c} \u{feff}", "cooperate evil"),
            ("\u{e0a1} icon \u{f0001}", "icon"),
            ("e\u{301}cole 🎉", "école 🎉"),
        ] {
            assert_eq!(clean(text), expected, "{text:?}");
        }
    }

    #[test]
    fn links_lead_to_the_web_to_mail_and_to_telephones_alone() {
        for (address, expected) in [
            ("https://example.org/a b", Some("https://example.org/ab")),
            ("example.org/x", Some("https://example.org/x")),
            ("mailto:a@example.org", Some("mailto:a@example.org")),
            ("javascript:alert(1)", None),
            ("file:///etc/passwd", None),
            ("data:text/html,x.y", None),
            ("nothing", None),
            ("", None),
        ] {
            assert_eq!(Run::plain("x").leading_to(address).link.as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn addresses_are_shown_as_people_print_them() {
        for (address, expected) in [
            ("https://www.example.org/", "example.org"),
            ("HTTP://example.org/a/", "example.org/a"),
            ("https://", "https://"),
            ("ftp://example.org", "ftp://example.org"),
        ] {
            assert_eq!(display(address), expected, "{address}");
        }
    }
}
