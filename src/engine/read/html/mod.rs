//! HTML pages to lines, with the structured data that they carry.

mod blocks;
mod content;
mod guard;
mod json_ld;

use scraper::Html;
use serde_json::Value;

use crate::domain::source::{LineKind, Part, SourceFormat, SourceText};
use crate::engine::read::Limits;
use crate::engine::read::error::ReadError;
use crate::engine::read::html::blocks::Writer;
use crate::engine::read::page::{Draft, Style};
use crate::engine::read::tidy::tidy_folded;

/// Fewest characters of a structured description that is taken for the whole posting.
const MIN_DESCRIPTION: usize = 200;

/// Reads an HTML page.
pub(crate) fn read(text: &str, limits: &Limits) -> Result<SourceText, ReadError> {
    let size = text.len() as u64;
    if size > limits.max_html_bytes {
        return Err(ReadError::TooLarge { bytes: size, limit: limits.max_html_bytes });
    }
    guard::check(text)?;
    let page = Html::parse_document(text);
    let structured = json_ld::objects(&page);
    let root = content::root(&page);

    let mut draft = Draft::new(SourceFormat::Html);
    draft.source().title = content::first(&page, "title")
        .map(|title| tidy_folded(&title.text().collect::<String>()))
        .filter(|t| !t.is_empty());
    let seen = content::text_length(root);
    match json_ld::posting(&structured).filter(|posting| says_enough(posting, seen)) {
        Some(posting) => write_posting(&mut draft, posting)?,
        None => {
            // The heading above a known place is the posting's title.
            if let Some(heading) = content::first(&page, "h1")
                .filter(|heading| !heading.ancestors().any(|node| node.id() == root.id()))
            {
                draft.push(&heading.text().collect::<String>(), &Style::default());
                draft.end_line(LineKind::Heading(1), Part::Body);
            }
            Writer::new(&mut draft).write(root);
        }
    }
    draft.source().structured = structured;
    Ok(draft.finish())
}

/// A structured description is the cleanest text there is, unless it is only a teaser of the page.
fn says_enough(posting: &Value, seen: usize) -> bool {
    let length = json_ld::description(posting).map_or(0, str::len);
    length >= MIN_DESCRIPTION && length * 2 >= seen.min(4000)
}

fn write_posting(draft: &mut Draft, posting: &Value) -> Result<(), ReadError> {
    if let Some(title) = posting.get("title").and_then(Value::as_str) {
        draft.push(title, &Style::default());
        draft.end_line(LineKind::Heading(1), Part::Body);
    }
    for pointer in [
        "/hiringOrganization/name",
        "/jobLocation/address/addressLocality",
        "/jobLocation/0/address/addressLocality",
    ] {
        if let Some(text) = posting.pointer(pointer).and_then(Value::as_str) {
            draft.push(text, &Style::default());
            draft.end_line(LineKind::Text, Part::Body);
        }
    }
    draft.end_block();
    for field in [
        "description",
        "responsibilities",
        "qualifications",
        "skills",
        "experienceRequirements",
        "educationRequirements",
    ] {
        let Some(text) = posting.get(field).and_then(Value::as_str) else { continue };
        draft.end_block();
        write_fragment(draft, text)?;
    }
    Ok(())
}

/// Descriptions are HTML, HTML with its tags escaped, or plain text with line breaks.
fn write_fragment(draft: &mut Draft, text: &str) -> Result<(), ReadError> {
    let escaped = text.contains("&lt;") && !text.contains("</");
    let unescaped;
    let text = if escaped {
        unescaped = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&");
        unescaped.as_str()
    } else {
        text
    };
    if !text.contains('<') {
        let plain = crate::engine::read::text::read(text);
        let offset = draft.source().lines.last().map_or(0, |line| line.block + 1);
        draft.append(plain.lines, offset);
        return Ok(());
    }
    guard::check(text)?;
    let fragment = Html::parse_fragment(text);
    Writer::new(draft).write(fragment.root_element());
    Ok(())
}
