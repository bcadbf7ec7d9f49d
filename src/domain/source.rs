//! What a document says and where: the lines of a file in reading order, before anybody has interpreted them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// The format of a file, decided by its content and never by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFormat {
    /// Portable Document Format.
    Pdf,
    /// Office Open XML text document.
    Docx,
    /// OpenDocument text.
    Odt,
    /// Rich Text.
    Rtf,
    /// HTML page.
    Html,
    /// CommonMark text.
    Markdown,
    /// LaTeX source.
    Latex,
    /// Plain text.
    Text,
    /// A JSON Resume document.
    JsonResume,
}

impl SourceFormat {
    /// The media type to store and send such a file with.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Rtf => "application/rtf",
            Self::Html => "text/html",
            Self::Markdown => "text/markdown",
            Self::Latex => "application/x-tex",
            Self::Text => "text/plain",
            Self::JsonResume => "application/json",
        }
    }
}

/// A document as read: lines in reading order with where each one stood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceText {
    /// What kind of file it was.
    pub format: SourceFormat,
    /// The lines in reading order. Empty lines are left out; `Line::block` tells where a gap stood.
    pub lines: Vec<Line>,
    /// The same words in the file's own order. Empty where that is the order of the lines, and for a text too long
    /// to be compared.
    #[serde(default)]
    pub raw: Vec<RawRun>,
    /// Page sizes in points, in order; empty for formats without pages.
    pub pages: Vec<PageSize>,
    /// Facts of the layout that a reader of resumes trips over.
    pub layout: Layout,
    /// Structured data that came along: a JSON Resume document, or a page's JSON-LD objects.
    pub structured: Vec<Value>,
    /// What the reader could not read or had to guess, each a sentence for the person.
    pub notes: Vec<String>,
    /// The document's own title, where it names one (`<title>`, the metadata of a PDF, DOCX, ODT or RTF).
    pub title: Option<String>,
}

/// Width and height of a page in points (1/72 inch).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageSize {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
}

/// One line as a person would read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Runs of equally set text, left to right. A wide horizontal gap (a tab stop, a right-aligned
    /// date, the next table cell) is a `'\t'` at the start of the span after it.
    pub spans: Vec<Span>,
    /// What the document says that this line is.
    pub kind: LineKind,
    /// What somebody typed to number this item of a list, as printed: `1.`, `(a)`; the spans go without it.
    #[serde(default)]
    pub number: Option<String>,
    /// Lines of one block stand close together; the number grows in reading order.
    pub block: u32,
    /// Where it stood; `None` for formats without pages.
    pub area: Option<Area>,
    /// Which paragraph of the file it belongs to, from 1, a row of a table being one; 0 for formats with pages.
    #[serde(default)]
    pub paragraph: u32,
    /// Which part of the page it belongs to.
    pub part: Part,
}

impl Line {
    /// Where the line stands; `None` when its reader did not tell.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match self.area {
            Some(area) => Some(Place::page(area)),
            None => (self.paragraph > 0).then_some(Place::Paragraph { paragraph: self.paragraph }),
        }
    }

    /// The text of the line: its spans joined, wide gaps as `'\t'`.
    #[must_use]
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// Whether every visible character is bold.
    #[must_use]
    pub fn is_bold(&self) -> bool {
        let mut visible = self.spans.iter().filter(|span| !span.text.trim().is_empty()).peekable();
        visible.peek().is_some() && visible.all(|span| span.bold)
    }

    /// The largest type size on the line, in points; 0 where the format has none.
    #[must_use]
    pub fn size(&self) -> f32 {
        self.spans.iter().map(|span| span.size).fold(0.0, f32::max)
    }
}

/// A run of text set in one way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The text, NFC, with ligatures and soft hyphens resolved and icons removed.
    pub text: String,
    /// Set in a bold face.
    pub bold: bool,
    /// Set in an italic face.
    pub italic: bool,
    /// Type size in points; 0 where the format has none.
    pub size: f32,
    /// Where a link on this text leads.
    pub link: Option<String>,
}

/// What the document itself says about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Running text, or unknown.
    Text,
    /// A heading by the document's own structure (style, tag, `#`), 1 being the highest.
    Heading(u8),
    /// The first line of a list item, at this depth from 0; the bullet itself is not in the text.
    ListItem(u8),
    /// A further line of the paragraph or list item before it (wrapped by the layout).
    Continuation,
}

/// The part of a page that a line stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The body; the only or the main column.
    Body,
    /// A side column of the body.
    Sidebar,
    /// Repeated or declared page header.
    Header,
    /// Repeated or declared page footer, foot- and endnotes.
    Footer,
}

/// Words that stand together in a file, as a reader finds them that puts nothing in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RawRun {
    /// The words.
    pub text: String,
    /// The line of the page that they stand on, whatever column that is in: runs of one number share their baseline.
    /// It grows from the top of the document to its end.
    pub row: u32,
    /// What orders the runs of a line from left to right.
    pub left: f32,
    /// Whether they stand where many readers do not look: a header or footer part, a note, a text box.
    pub aside: bool,
}

/// Where something stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Place {
    /// A box on a page.
    Page(Area),
    /// A paragraph, in formats without pages.
    Paragraph {
        /// Its number from 1; empty ones are not counted, a row of a table is one, and a line broken by hand begins one.
        paragraph: u32,
    },
}

impl Place {
    /// A box in whole points that holds the area: fractions of a point are noise to whoever looks for it.
    #[must_use]
    pub fn page(area: Area) -> Self {
        Self::Page(Area {
            page: area.page,
            left: area.left.floor(),
            top: area.top.floor(),
            right: area.right.ceil(),
            bottom: area.bottom.ceil(),
        })
    }
}

/// A rectangle on a page, in points from the top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Area {
    /// Page number from 1.
    pub page: u32,
    /// Left edge.
    pub left: f32,
    /// Top edge.
    pub top: f32,
    /// Right edge.
    pub right: f32,
    /// Bottom edge.
    pub bottom: f32,
}

/// Layout facts for the readability report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// The most columns of running text found side by side on a page; 1 for plain documents, 0 when unknown.
    pub columns: u32,
    /// Tables used (DOCX, ODT, RTF, HTML, Markdown); 0 when unknown.
    pub tables: u32,
    /// Pictures in the file.
    pub images: u32,
    /// Glyphs that have no Unicode meaning.
    pub unmapped_glyphs: u32,
    /// Characters painted invisibly or in the colour of the paper.
    pub hidden_characters: u32,
    /// Characters taken from text boxes and other floats, which simple readers skip.
    pub floating_characters: u32,
    /// Pages that are mostly picture, with little text beside it.
    #[serde(default)]
    pub picture_pages: u32,
    /// Where some of this stands.
    #[serde(default)]
    pub marks: Vec<Mark>,
}

/// Places of one kind of trouble that are kept: a person who mends the first few finds the others.
pub const MAX_PLACES: usize = 5;

impl Layout {
    /// Notes where something stands, unless enough places of its kind are known.
    pub fn mark(&mut self, trouble: Trouble, place: Place) {
        let known = self.marks.iter().filter(|mark| mark.trouble == trouble);
        let mut count = 0;
        for mark in known {
            count += 1;
            if count >= MAX_PLACES || mark.place == place {
                return;
            }
        }
        self.marks.push(Mark { trouble, place });
    }

    /// The places of one kind of trouble, in the order in which they were found.
    #[must_use]
    pub fn places(&self, trouble: Trouble) -> Vec<Place> {
        self.marks.iter().filter(|mark| mark.trouble == trouble).map(|mark| mark.place).collect()
    }
}

/// A place where a reader of resumes trips.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Over what.
    pub trouble: Trouble,
    /// Where.
    pub place: Place,
}

/// What a reader of resumes trips over, as far as it has a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// A column beside others.
    Column,
    /// A table.
    Table,
    /// A picture.
    Picture,
    /// A page that is mostly picture, with little text beside it.
    PicturePage,
    /// Glyphs without a meaning as text.
    UnmappedGlyphs,
    /// Characters that nobody can see.
    HiddenText,
    /// A text box.
    FloatingText,
}
