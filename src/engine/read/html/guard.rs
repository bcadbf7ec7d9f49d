//! Refuses pages on which the HTML parser would take quadratic time: endless nesting, endless attributes.

use crate::engine::read::error::ReadError;

/// Elements open inside each other.
const MAX_DEPTH: i32 = 512;
/// Attributes of one tag.
const MAX_ATTRIBUTES: usize = 256;

/// Elements without content, and those that close themselves when the next one opens.
const FLAT: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr", "p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "optgroup",
    "colgroup", "html", "head", "body",
];

/// Elements whose content is text and holds no tags.
const RAW: &[&str] = &["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"];

/// Looks over the page once, without building anything.
pub(crate) fn check(page: &str) -> Result<(), ReadError> {
    let mut depth = 0i32;
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let closes = rest.starts_with('/');
        let name = tag_name(rest.strip_prefix('/').unwrap_or(rest));
        if name.is_empty() {
            continue;
        }
        let (tag, after) = rest.split_once('>').unwrap_or((rest, ""));
        if attributes(tag) > MAX_ATTRIBUTES {
            return Err(ReadError::too_complex("one of its tags has more than 256 attributes"));
        }
        rest = after;
        if RAW.contains(&name.as_str()) && !closes {
            rest = skip_raw(rest, &name);
        } else if !FLAT.contains(&name.as_str()) && !tag.ends_with('/') {
            depth = (depth + if closes { -1 } else { 1 }).max(0);
        }
        if depth > MAX_DEPTH {
            return Err(ReadError::too_complex("its elements are nested more than 512 levels deep"));
        }
    }
    Ok(())
}

fn tag_name(tag: &str) -> String {
    let name = tag.chars().take(16).take_while(char::is_ascii_alphanumeric).collect::<String>();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.to_ascii_lowercase()
    } else {
        String::new()
    }
}

/// Counts generously: words of unquoted text count as attributes.
fn attributes(tag: &str) -> usize {
    let mut quote = None;
    let mut words = 0;
    let mut inside = false;
    for c in tag.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() || c == '/' => inside = false,
            None if !inside => {
                inside = true;
                words += 1;
            }
            Some(_) | None => {}
        }
    }
    words
}

/// Everything up to the end tag of a raw element.
fn skip_raw<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("</") {
        if after.get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name)) {
            return after;
        }
        rest = after;
    }
    ""
}
