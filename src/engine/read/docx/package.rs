//! The parts of an Office file: a guarded ZIP archive with relationships between its parts.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::engine::read::docx::xml::{Element, parse};
use crate::engine::read::encoding;
use crate::engine::read::error::ReadError;

/// Bytes of one part after inflating; the size that the archive claims is never believed.
const MAX_PART: u64 = 24 << 20;
/// Bytes of all parts together.
const MAX_TOTAL: u64 = 64 << 20;
/// Entries of the archive.
const MAX_ENTRIES: usize = 4000;

/// An opened package.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    inflated: u64,
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
        let archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|_| ReadError::damaged("its archive cannot be opened, its end may be missing"))?;
        if archive.len() > MAX_ENTRIES {
            return Err(ReadError::too_complex("it has more than 4000 parts"));
        }
        Ok(Self { archive, inflated: 0 })
    }

    /// The bytes of a part; `None` when there is no such part.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let name = name.trim_start_matches('/');
        let file = match self.archive.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(what)) if what == ZipError::PASSWORD_REQUIRED => {
                return Err(ReadError::Encrypted);
            }
            Err(_) => return Err(ReadError::damaged("one of its parts cannot be opened")),
        };
        let mut bytes = Vec::new();
        // A wrong checksum at the end leaves what was inflated before it, which is worth a try.
        let _ = file.take(MAX_PART + 1).read_to_end(&mut bytes);
        self.inflated += bytes.len() as u64;
        if bytes.len() as u64 > MAX_PART || self.inflated > MAX_TOTAL {
            return Err(ReadError::too_complex("one of its parts grows beyond all measure when unpacked"));
        }
        Ok(Some(bytes))
    }

    /// The XML of a part; `None` when there is no such part.
    pub(crate) fn xml(&mut self, name: &str) -> Result<Option<Element>, ReadError> {
        let Some(bytes) = self.part(name)? else { return Ok(None) };
        let text =
            encoding::decode(&bytes).ok_or_else(|| ReadError::damaged("one of its parts is no text"))?;
        parse(&text).map(Some)
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
        self.archive.file_names_raw().any(|name| name.starts_with(b"word/"))
    }

    /// How many pictures the package holds.
    pub(crate) fn images(&self) -> u32 {
        let media = |name: &[u8]| {
            let name = name.to_ascii_lowercase();
            name.windows(7).any(|window| window == b"/media/")
        };
        self.archive.file_names_raw().filter(|name| media(name)).count().try_into().unwrap_or(u32::MAX)
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
