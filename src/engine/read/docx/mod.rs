//! DOCX: a package of XML parts to lines, with styles, lists, tables, text boxes, headers and notes.

mod body;
mod field;
mod package;
mod styles;
mod table;

use crate::domain::source::{Part, SourceFormat, SourceText};
use crate::engine::read::docx::body::Body;
use crate::engine::read::docx::package::Package;
use crate::engine::read::docx::styles::Styles;
use crate::engine::read::error::ReadError;
use crate::engine::read::page::Draft;
use crate::engine::read::tidy::tidy_folded;

/// Reads a DOCX file.
pub(crate) fn read(bytes: &[u8]) -> Result<SourceText, ReadError> {
    let mut package = Package::open(bytes)?;
    let main = package.main_part()?;
    let root = package.main(&main)?.ok_or_else(|| not_a_document(&package))?;
    if root.name != "document" {
        return Err(not_a_document(&package));
    }
    let relations = package.relations(&main)?;
    let part_of = |kind: &str| {
        relations.values().find(|relation| relation.kind == kind).map(|relation| relation.target.clone())
    };
    let styles = match part_of("styles") {
        Some(name) => package.xml(&name)?.map(|root| Styles::parse(&root)).unwrap_or_default(),
        None => Styles::default(),
    };

    let mut draft = Draft::new(SourceFormat::Docx);
    let others = |kinds: &[&str]| {
        let mut names: Vec<String> = relations
            .values()
            .filter(|r| kinds.contains(&r.kind.as_str()) && !r.external)
            .map(|r| r.target.clone())
            .collect();
        // Relationships come unordered; names like header1.xml give the same order on every run.
        names.sort();
        names
    };
    let mut seen = Vec::new();
    for name in others(&["header"]) {
        aside(&mut package, &name, &styles, (&mut draft, &mut seen), Part::Header)?;
    }
    Body::new(&styles, &relations, Part::Body, &mut draft).of_part(&root).read(&root);
    for name in others(&["footer", "footnotes", "endnotes"]) {
        aside(&mut package, &name, &styles, (&mut draft, &mut seen), Part::Footer)?;
    }
    draft.source().layout.images = package.images();
    draft.source().title = title(&mut package)?;
    draft.source().notes.extend(package.notes());
    Ok(draft.finish())
}

/// Reads a header, footer or notes part; the same words again (first page, even pages) are left out.
fn aside(
    package: &mut Package<'_>,
    name: &str,
    styles: &Styles,
    (draft, seen): (&mut Draft, &mut Vec<String>),
    part: Part,
) -> Result<(), ReadError> {
    let Some(root) = package.xml(name)? else { return Ok(()) };
    let text = tidy_folded(&root.text());
    if text.is_empty() || seen.contains(&text) {
        return Ok(());
    }
    seen.push(text);
    let relations = package.relations(name)?;
    draft.end_block();
    Body::new(styles, &relations, part, draft).of_part(&root).read(&root);
    draft.end_block();
    Ok(())
}

fn not_a_document(package: &Package<'_>) -> ReadError {
    if package.has_documents() {
        return ReadError::damaged("its main text is missing");
    }
    ReadError::Unsupported { looks_like: "a ZIP archive that is no Word document".to_owned() }
}

fn title(package: &mut Package<'_>) -> Result<Option<String>, ReadError> {
    let Some(core) = package.xml("docProps/core.xml")? else { return Ok(None) };
    let title = core.child("title").map(|title| tidy_folded(&title.text()));
    Ok(title.filter(|title| !title.is_empty()))
}
