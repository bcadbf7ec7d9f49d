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
}

impl<'a> Archive<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|_| ReadError::damaged("its archive cannot be opened, its end may be missing"))?;
        if zip.len() > MAX_ENTRIES {
            return Err(ReadError::too_complex("it has more than 4000 parts"));
        }
        Ok(Self { zip, inflated: 0 })
    }

    /// The bytes of a part; `None` when there is no such part.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let name = name.trim_start_matches('/');
        let file = match self.zip.by_name(name) {
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

    /// The names of all parts, as they are written.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.zip.file_names_raw()
    }
}
