//! A document that is a ZIP archive of XML parts, unpacked within bounds.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::engine::read::encoding;
use crate::engine::read::error::ReadError;
use crate::engine::read::xml::{Element, parse};

/// Bytes of one part after inflating; the size that the archive claims is never believed.
const MAX_PART: u64 = 24 << 20;
/// Bytes of all parts together.
const MAX_TOTAL: u64 = 64 << 20;
/// Entries of the archive.
const MAX_ENTRIES: usize = 4000;

/// An opened archive.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    inflated: u64,
    /// Parts that were read as far as they go.
    broken: Vec<String>,
}

/// A part, unpacked as far as it can be.
struct Unpacked {
    bytes: Vec<u8>,
    /// Whether the archive vouches for it, by its length and its checksum.
    is_whole: bool,
}

impl<'a> Archive<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|_| ReadError::damaged("its archive cannot be opened, its end may be missing"))?;
        if zip.len() > MAX_ENTRIES {
            return Err(ReadError::too_complex("it has more than 4000 parts"));
        }
        Ok(Self { zip, inflated: 0, broken: Vec::new() })
    }

    fn unpack(&mut self, name: &str) -> Result<Option<Unpacked>, ReadError> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(what)) if what == ZipError::PASSWORD_REQUIRED => {
                return Err(ReadError::Encrypted);
            }
            Err(_) => return Ok(Some(Unpacked { bytes: Vec::new(), is_whole: false })),
        };
        let mut bytes = Vec::new();
        let is_whole = file.take(MAX_PART + 1).read_to_end(&mut bytes).is_ok();
        self.inflated += bytes.len() as u64;
        if bytes.len() as u64 > MAX_PART || self.inflated > MAX_TOTAL {
            return Err(ReadError::too_complex("one of its parts grows beyond all measure when unpacked"));
        }
        Ok(Some(Unpacked { bytes, is_whole }))
    }

    /// The bytes of a part as far as they can be read; `None` when there is no such part.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.unpack(name)?.map(|part| part.bytes))
    }

    /// The XML of the part that holds the text; `None` when there is no such part. One that breaks off or was changed on the
    /// way is refused: half a career would be left out, and nobody would know.
    pub(crate) fn main(&mut self, name: &str) -> Result<Option<Element>, ReadError> {
        let damaged = || {
            ReadError::damaged("its main text cannot be read to its end, so that some of it would be missing")
        };
        let Some(part) = self.unpack(name.trim_start_matches('/'))? else { return Ok(None) };
        let text = encoding::decode(&part.bytes).filter(|_| part.is_whole).ok_or_else(damaged)?;
        let parsed = parse(&text)?.filter(|parsed| parsed.is_whole).ok_or_else(damaged)?;
        Ok(Some(parsed.root))
    }

    /// The XML of another part as far as it can be read; `None` when there is nothing. A note says of a broken one that it is.
    pub(crate) fn xml(&mut self, name: &str) -> Result<Option<Element>, ReadError> {
        let name = name.trim_start_matches('/');
        let Some(part) = self.unpack(name)? else { return Ok(None) };
        let parsed = match encoding::decode(&part.bytes) {
            Some(text) => parse(&text)?,
            None => None,
        };
        let is_whole = part.is_whole && parsed.as_ref().is_some_and(|parsed| parsed.is_whole);
        if !is_whole && !self.broken.iter().any(|known| known == name) {
            self.broken.push(name.to_owned());
        }
        Ok(parsed.map(|parsed| parsed.root))
    }

    /// What could not be read, each as a sentence for the person.
    pub(crate) fn notes(&self) -> Vec<String> {
        let note = |name: &String| {
            format!(
                "A part of the file is damaged ({name}): what it says may be missing. Save or download the file again to \
                 be sure."
            )
        };
        self.broken.iter().map(note).collect()
    }

    /// The names of all parts, as they are written.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.zip.file_names_raw()
    }
}
