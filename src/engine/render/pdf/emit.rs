//! Emission: placed lines into the bytes of a tagged PDF.

use std::num::NonZeroU16;

use krilla::action::LinkAction;
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Accessibility, Configuration, ConfigurationBuilder, PdfVersion};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::{Page, PageSettings};
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, Tag, TagGroup, TagTree,
};
use krilla::{Document as Pdf, SerializeSettings};

use crate::engine::render::document::Document;
use crate::engine::render::pdf::paginate::Placed;
use crate::engine::render::pdf::shape::{Piece, Shaped, ShapedLine};
use crate::engine::render::pdf::style::{
    BULLET_INDENT, BULLET_LEFT, MARGIN_X, MARGIN_Y, PAGE_HEIGHT, PAGE_WIDTH, Role, Setting,
};

/// A text of the document, ready to be placed.
#[derive(Debug)]
pub(crate) struct Text {
    /// What kind of text it is to the eye.
    pub(crate) role: Role,
    /// What it is to a screen reader.
    pub(crate) kind: Kind,
    /// How it is set.
    pub(crate) setting: Setting,
    /// Its lines.
    pub(crate) shaped: Shaped,
    /// The bullet before its first line.
    pub(crate) marker: Option<ShapedLine>,
}

/// What a text is to a screen reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A heading of that level from 1.
    Heading(u16),
    /// A paragraph.
    Paragraph,
    /// An item of a list.
    Item,
}

/// What a document claims to conform to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conformance {
    /// PDF/UA-1; writing fails if it does not hold.
    Accessible,
    /// Nothing; tagged all the same.
    None,
}

/// What was drawn of a text, in order.
enum Drawn {
    Marker(Identifier),
    Plain(Identifier),
    Link(Identifier, Rect, String),
}

/// What the reader of the structure finds of a text: its content and, for an item, its bullet.
#[derive(Default)]
struct Content {
    marker: Vec<Identifier>,
    children: Vec<krilla::tagging::Node>,
}

pub(crate) fn emit(
    document: &Document,
    texts: &[Text],
    pages: &[Vec<Placed>],
    folios: &[Option<Shaped>],
    conformance: Conformance,
) -> Result<Vec<u8>, String> {
    let settings = SerializeSettings { configuration: configuration(conformance)?, ..Default::default() };
    let mut pdf = Pdf::new_with(settings);
    let mut contents: Vec<Content> = texts.iter().map(|_| Content::default()).collect();
    let mut outline = Outline::new();
    let mut is_listed = false;
    for (number, placed) in pages.iter().enumerate() {
        let size = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).ok_or("page size")?;
        let mut page = pdf.start_page_with(size);
        let mut surface = page.surface();
        let mut drawn = Vec::new();
        for place in placed {
            let Some(text) = texts.get(place.slab) else {
                continue;
            };
            let top = MARGIN_Y + place.top;
            if text.role == Role::Heading && place.lines.start == 0 {
                outline.push_child(entry(&text.shaped.text, number, top));
                is_listed = true;
            }
            drawn.push((place.slab, draw_text(&mut surface, text, place, top)));
        }
        if let Some(folio) = folios.get(number).and_then(Option::as_ref) {
            draw_folio(&mut surface, folio);
        }
        surface.finish();
        for (index, drawn) in drawn {
            if let Some(content) = contents.get_mut(index) {
                drawn.into_iter().for_each(|drawn| attach(&mut page, content, drawn));
            }
        }
        page.finish();
    }
    if !is_listed {
        outline.push_child(entry(&document.title(), 0, 0.0));
    }
    pdf.set_outline(outline);
    pdf.set_tag_tree(structure(document, texts, contents));
    pdf.set_metadata(metadata(document));
    pdf.finish().map_err(|error| reason(&error))
}

/// What went wrong without the words of the resume that some errors quote.
fn reason(error: &krilla::error::KrillaError) -> String {
    use krilla::error::KrillaError;
    match error {
        KrillaError::Font(..) => "a typeface could not be embedded",
        KrillaError::Validation(_) => "the document does not conform to PDF/UA-1",
        KrillaError::Limit(_) => "a limit of the format was exceeded",
        _ => "the writer refused the document",
    }
    .to_owned()
}

fn configuration(conformance: Conformance) -> Result<Configuration, String> {
    let builder = ConfigurationBuilder::new().with_version(PdfVersion::Pdf17);
    let builder = match conformance {
        Conformance::Accessible => builder.with_accessibility_validator(Accessibility::UA1),
        Conformance::None => builder,
    };
    builder.finish().map_err(|_| "the configuration contradicts itself".to_owned())
}

fn metadata(document: &Document) -> Metadata {
    let mut metadata = Metadata::new()
        .title(document.title())
        .language(document.language.to_owned())
        .creator("resume-optimizer".to_owned());
    if !document.name.is_empty() {
        metadata = metadata.authors(vec![document.name.clone()]);
    }
    metadata
}

fn entry(text: &str, page: usize, top: f32) -> OutlineNode {
    OutlineNode::new(text.to_owned(), XyzDestination::new(page, Point::from_xy(MARGIN_X, top)))
}

fn draw_text(surface: &mut Surface<'_>, text: &Text, place: &Placed, top: f32) -> Vec<Drawn> {
    let mut drawn = Vec::new();
    let left = if text.kind == Kind::Item { MARGIN_X + BULLET_INDENT } else { MARGIN_X };
    let mut y = top;
    if place.lines.start == 0
        && let Some(marker) = &text.marker
    {
        for piece in &marker.pieces {
            let id = draw_piece(surface, piece, "•", MARGIN_X + BULLET_LEFT, y + marker.baseline);
            drawn.push(Drawn::Marker(id));
        }
    }
    for line in text.shaped.lines.get(place.lines.clone()).unwrap_or_default() {
        for piece in &line.pieces {
            let baseline = y + line.baseline;
            let id = draw_piece(surface, piece, &text.shaped.text, left, baseline);
            let x = left + piece.left;
            let area =
                Rect::from_ltrb(x, baseline - piece.size, x + piece.width, baseline + 0.3 * piece.size);
            drawn.push(match (&piece.link, area) {
                (Some(link), Some(area)) => Drawn::Link(id, area, link.clone()),
                _ => Drawn::Plain(id),
            });
        }
        y += line.height;
    }
    if text.role == Role::Heading && place.lines.end == text.shaped.lines.len() {
        draw_rule(surface, y + 1.5, text.setting.color);
    }
    drawn
}

fn draw_piece(surface: &mut Surface<'_>, piece: &Piece, text: &str, left: f32, baseline: f32) -> Identifier {
    let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
    draw_glyphs(surface, piece, text, left, baseline);
    surface.end_tagged();
    id
}

fn draw_glyphs(surface: &mut Surface<'_>, piece: &Piece, text: &str, left: f32, baseline: f32) {
    let [red, green, blue] = piece.color;
    surface.set_stroke(None);
    surface.set_fill(Some(Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }));
    let start = Point::from_xy(left + piece.left, baseline);
    surface.draw_glyphs(start, &piece.glyphs, piece.font.clone(), text, piece.size, false);
}

/// The line under a heading: decoration, so no screen reader stops at it.
fn draw_rule(surface: &mut Surface<'_>, y: f32, [red, green, blue]: [u8; 3]) {
    let mut path = PathBuilder::new();
    path.move_to(MARGIN_X, y);
    path.line_to(PAGE_WIDTH - MARGIN_X, y);
    let Some(path) = path.finish() else {
        return;
    };
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: rgb::Color::new(red, green, blue).into(),
        width: 0.6,
        ..Default::default()
    }));
    surface.draw_path(&path);
    surface.set_stroke(None);
    surface.end_tagged();
}

fn draw_folio(surface: &mut Surface<'_>, folio: &Shaped) {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::PageNumber)));
    for line in folio.lines.iter().take(1) {
        for piece in &line.pieces {
            draw_glyphs(surface, piece, &folio.text, MARGIN_X, PAGE_HEIGHT - 0.5 * MARGIN_Y);
        }
    }
    surface.end_tagged();
}

fn attach(page: &mut Page<'_>, content: &mut Content, drawn: Drawn) {
    match drawn {
        Drawn::Marker(id) => content.marker.push(id),
        Drawn::Plain(id) => content.children.push(id.into()),
        Drawn::Link(id, area, link) => {
            let action = LinkAction::new(encoded(&link));
            let link_annotation = LinkAnnotation::new(area, Target::Action(action.into()));
            let annotation = page.add_tagged_annotation(Annotation::new_link(link_annotation, Some(link)));
            let mut group = TagGroup::new(Tag::Link);
            group.push(id);
            group.push(annotation);
            content.children.push(group.into());
        }
    }
}

/// An address in the seven bits that PDF has for it.
fn encoded(link: &str) -> String {
    let mut out = String::with_capacity(link.len());
    for byte in link.bytes() {
        match byte {
            b'!'..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The structure: headings, paragraphs, and lists of the items that follow each other.
fn structure(document: &Document, texts: &[Text], contents: Vec<Content>) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(document.language.to_owned()));
    let mut list: Option<TagGroup> = None;
    for (text, content) in texts.iter().zip(contents) {
        if text.kind != Kind::Item
            && let Some(list) = list.take()
        {
            tree.push(list);
        }
        match text.kind {
            Kind::Heading(level) => {
                let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
                let tag = Tag::Hn(level, Some(text.shaped.text.clone()));
                tree.push(TagGroup::with_children(tag, content.children));
            }
            Kind::Paragraph => tree.push(TagGroup::with_children(Tag::P, content.children)),
            Kind::Item => {
                let mut label = TagGroup::new(Tag::Lbl);
                content.marker.into_iter().for_each(|id| label.push(id));
                let mut item = TagGroup::new(Tag::LI);
                item.push(label);
                item.push(TagGroup::with_children(Tag::LBody, content.children));
                list.get_or_insert_with(|| TagGroup::new(Tag::L(ListNumbering::Disc))).push(item);
            }
        }
    }
    if let Some(list) = list {
        tree.push(list);
    }
    tree
}
