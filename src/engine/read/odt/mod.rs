//! OpenDocument text: a package of XML parts to lines, with styles, lists, tables, text boxes, headers and notes.

mod body;
mod styles;
mod table;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use crate::domain::source::{Part, SourceFormat, SourceText};
use crate::engine::read::archive::Archive;
use crate::engine::read::error::ReadError;
use crate::engine::read::odt::body::Body;
use crate::engine::read::odt::styles::Styles;
use crate::engine::read::page::Draft;
use crate::engine::read::tidy::tidy_folded;
use crate::engine::read::xml::Element;

/// The part that newer programs put a whole protected package into.
const PROTECTED: &[u8] = b"encrypted-package";
/// What the list of parts says of each one that is protected by itself.
const PROTECTED_PART: &[u8] = b"encryption-data";

/// Reads an ODT file.
pub(crate) fn read(bytes: &[u8]) -> Result<SourceText, ReadError> {
    let mut archive = Archive::open(bytes)?;
    if is_protected(&mut archive)? {
        return Err(ReadError::Encrypted);
    }
    let content =
        archive.main("content.xml")?.ok_or_else(|| ReadError::damaged("its main text is missing"))?;
    let Some(text) = content.child("body").and_then(|body| body.child("text")) else {
        return Err(not_a_text(&content));
    };
    let shared = archive.xml("styles.xml")?;
    let common = shared.as_ref().and_then(|root| root.child("styles"));

    let mut draft = Draft::new(SourceFormat::Odt);
    let page_styles = styles_of(common, shared.as_ref());
    let mut seen = HashSet::new();
    for header in margins(shared.as_ref(), "header") {
        aside(header, &page_styles, (&mut draft, &mut seen), Part::Header);
    }
    let styles = styles_of(common, Some(&content));
    let mut body = Body::new(&styles, Part::Body, &mut draft);
    body.read(text);
    let notes = body.notes;
    for footer in margins(shared.as_ref(), "footer") {
        aside(footer, &page_styles, (&mut draft, &mut seen), Part::Footer);
    }
    for note in notes {
        aside(note, &styles, (&mut draft, &mut seen), Part::Footer);
    }
    draft.source().title = title(&mut archive)?;
    draft.source().notes.extend(archive.notes());
    Ok(draft.finish())
}

/// The styles that a part sees: its own over those of the whole document.
fn styles_of<'e>(common: Option<&'e Element>, root: Option<&'e Element>) -> Styles {
    Styles::parse(common.into_iter().chain(root.and_then(|root| root.child("automatic-styles"))))
}

/// Old lists of parts declare a document type, so this one is searched and not parsed.
fn is_protected(archive: &mut Archive<'_>) -> Result<bool, ReadError> {
    if archive.names().any(|name| name == PROTECTED) {
        return Ok(true);
    }
    let manifest = archive.part("META-INF/manifest.xml")?.unwrap_or_default();
    Ok(manifest.windows(PROTECTED_PART.len()).any(|window| window == PROTECTED_PART))
}

fn not_a_text(content: &Element) -> ReadError {
    let kind = content.child("body").and_then(|body| body.elements().next()).map(|kind| kind.name.as_str());
    let looks_like = match kind {
        Some("spreadsheet") => "an OpenDocument spreadsheet",
        Some("presentation") => "an OpenDocument presentation",
        Some("drawing") => "an OpenDocument drawing",
        _ => return ReadError::damaged("its main text is missing"),
    };
    ReadError::Unsupported { looks_like: looks_like.to_owned() }
}

/// The headers or footers of all kinds of pages: first, left and right ones too.
fn margins<'e>(styles: Option<&'e Element>, kind: &'static str) -> impl Iterator<Item = &'e Element> {
    let masters = styles.and_then(|root| root.child("master-styles"));
    let pages = masters.into_iter().flat_map(Element::elements).filter(|page| page.name == "master-page");
    pages
        .flat_map(Element::elements)
        .filter(move |margin| {
            margin.name.strip_prefix(kind).is_some_and(|rest| matches!(rest, "" | "-left" | "-first"))
        })
        .filter(|margin| margin.attribute("display") != Some("false"))
}

/// Reads a header, footer or note; the same words again (first page, left pages) are left out.
fn aside(element: &Element, styles: &Styles, (draft, seen): (&mut Draft, &mut HashSet<String>), part: Part) {
    let text = tidy_folded(&element.text());
    if text.is_empty() || !seen.insert(text) {
        return;
    }
    draft.end_block();
    Body::new(styles, part, draft).read(element);
    draft.end_block();
}

fn title(archive: &mut Archive<'_>) -> Result<Option<String>, ReadError> {
    let Some(root) = archive.xml("meta.xml")? else { return Ok(None) };
    let title = root.child("meta").and_then(|meta| meta.child("title"));
    Ok(title.map(|title| tidy_folded(&title.text())).filter(|title| !title.is_empty()))
}
