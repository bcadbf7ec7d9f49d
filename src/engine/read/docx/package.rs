//! The parts of an Office file, and the relationships between them.

use std::collections::HashMap;

use crate::engine::read::archive::Archive;
use crate::engine::read::error::ReadError;
use crate::engine::read::xml::Element;

/// An opened package.
pub(crate) struct Package<'a> {
    archive: Archive<'a>,
}

/// Where a relationship of a part leads.
#[derive(Debug, Clone)]
pub(crate) struct Relation {
    /// The last step of its type: `hyperlink`, `header`, `styles`.
    pub(crate) kind: String,
    /// A part's name inside the package, or an address outside.
    pub(crate) target: String,
    /// Whether it leads outside.
    pub(crate) external: bool,
}

/// The relationships of one part by their ids.
pub(crate) type Relations = HashMap<String, Relation>;

impl<'a> Package<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, ReadError> {
        Ok(Self { archive: Archive::open(bytes)? })
    }

    /// The XML of the part that holds the text, whole; `None` when there is no such part.
    pub(crate) fn main(&mut self, name: &str) -> Result<Option<Element>, ReadError> {
        self.archive.main(name)
    }

    /// What could not be read, each as a sentence for the person.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.archive.notes()
    }

    /// The XML of another part, as far as it can be read; `None` when there is nothing.
    pub(crate) fn xml(&mut self, name: &str) -> Result<Option<Element>, ReadError> {
        self.archive.xml(name)
    }

    /// The relationships of a part; empty when it has none.
    pub(crate) fn relations(&mut self, part: &str) -> Result<Relations, ReadError> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = if folder.is_empty() {
            format!("_rels/{file}.rels")
        } else {
            format!("{folder}/_rels/{file}.rels")
        };
        let Some(root) = self.xml(&name)? else { return Ok(Relations::new()) };
        let relation = |element: &Element| {
            let external = element.attribute("TargetMode") == Some("External");
            let target = element.attribute("Target")?;
            let target = if external { target.to_owned() } else { resolve(folder, target) };
            let kind = element.attribute("Type")?.rsplit('/').next()?.to_owned();
            Some((element.attribute("Id")?.to_owned(), Relation { kind, target, external }))
        };
        Ok(root.elements().filter_map(relation).collect())
    }

    /// The name of the main part, which writers may choose.
    pub(crate) fn main_part(&mut self) -> Result<String, ReadError> {
        let relations = self.relations("")?;
        let main = relations
            .into_values()
            .find(|relation| relation.kind == "officeDocument")
            .map(|relation| relation.target);
        Ok(main.unwrap_or_else(|| "word/document.xml".to_owned()))
    }

    /// Whether any part looks like one of a Word document.
    pub(crate) fn has_documents(&self) -> bool {
        self.archive.names().any(|name| name.starts_with(b"word/"))
    }

    /// How many pictures the package holds.
    pub(crate) fn images(&self) -> u32 {
        let media = |name: &[u8]| {
            let name = name.to_ascii_lowercase();
            name.windows(7).any(|window| window == b"/media/")
        };
        self.archive.names().filter(|name| media(name)).count().try_into().unwrap_or(u32::MAX)
    }
}

/// A relationship's target seen from the folder of its part.
fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            _ => path.push(step),
        }
    }
    path.join("/")
}
