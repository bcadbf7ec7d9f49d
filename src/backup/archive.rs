//! Reads an archive; all of it blocks, so that it runs on a thread for that.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::read::ZipFile;

use crate::backup::BackupError;
use crate::backup::manifest::{self, FORMAT, MANIFEST, Manifest};
use crate::store::shape::Table;
use crate::store::{StoreError, migrate};

/// Bytes of a row that are read: a result has some hundred thousand, and more than this is none of ours.
const MAX_LINE: u64 = 256 << 20;
/// Bytes of the manifest that are read: it has a line a table, and one a file that is missing.
const MAX_MANIFEST: u64 = 64 << 20;
/// Bytes of one file that are read: uploads may have some megabytes.
const MAX_FILE: u64 = 1 << 30;

/// An archive whose manifest was read and whose form and schema this program knows.
#[derive(Debug)]
pub(in crate::backup) struct Archive {
    name: String,
    zip: ZipArchive<BufReader<File>>,
    /// What it says of itself.
    pub manifest: Manifest,
}

impl Archive {
    /// Opens it.
    pub(in crate::backup) fn open(file: &Path) -> Result<Self, BackupError> {
        let name = file.display().to_string();
        let opened = File::open(file).map_err(|source| BackupError::Read { file: name.clone(), source })?;
        let damaged = |what: String| BackupError::Damaged { file: name.clone(), what };
        let mut zip = ZipArchive::new(BufReader::new(opened))
            .map_err(|error| damaged(format!("it is no whole ZIP ({error})")))?;
        let text = read(&mut zip, MANIFEST, MAX_MANIFEST).map_err(damaged)?;
        let form: Form = serde_json::from_slice(&text)
            .map_err(|error| damaged(format!("{MANIFEST} is none of ours ({error})")))?;
        if form.format > FORMAT {
            return Err(BackupError::NewerFormat {
                file: name,
                format: form.format,
                version: form.version,
                known: FORMAT,
                ours: env!("CARGO_PKG_VERSION"),
            });
        }
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|error| damaged(format!("{MANIFEST} is none of ours ({error})")))?;
        let archive = Self { name, zip, manifest };
        archive.refuse_newer()?;
        Ok(archive)
    }

    /// The complaint that it is damaged in this way.
    pub(in crate::backup) fn damaged(&self, what: impl Into<String>) -> BackupError {
        BackupError::Damaged { file: self.name.clone(), what: what.into() }
    }

    /// Refuses an archive whose list of entries and whose entries say different things.
    pub(in crate::backup) fn hold_together(&mut self) -> Result<(), BackupError> {
        self.zip
            .validate_header_consistency()
            .map_err(|error| self.damaged(format!("its entries are not those of its list ({error})")))
    }

    /// Calls `each` with the rows of a table, line by line, and says how many those were.
    pub(in crate::backup) fn lines(
        &mut self,
        table: &Table,
        mut each: impl FnMut(&str) -> Result<(), BackupError>,
    ) -> Result<u64, BackupError> {
        let (archive, entry) = (self.name.clone(), manifest::table(&table.name));
        let damaged =
            |what: &str| BackupError::Damaged { file: archive.clone(), what: format!("{entry} {what}") };
        let found = self.zip.by_name(&entry).map_err(|error| damaged(&format!("is not there ({error})")))?;
        let mut reader = BufReader::new(found);
        let (mut line, mut lines) = (Vec::new(), 0);
        loop {
            line.clear();
            // At the end the checksum is compared.
            (&mut reader)
                .take(MAX_LINE)
                .read_until(b'\n', &mut line)
                .map_err(|error| damaged(&format!("cannot be read ({error})")))?;
            if line.is_empty() {
                return Ok(lines);
            }
            let text = std::str::from_utf8(&line).ok().and_then(|line| line.strip_suffix('\n'));
            each(text.ok_or_else(|| damaged("ends within a row, or is no text"))?)?;
            lines += 1;
        }
    }

    /// The bytes of the file that the store has at this path.
    pub(in crate::backup) fn file(&mut self, path: &str) -> Result<Vec<u8>, BackupError> {
        self.bytes(&manifest::file(path), MAX_FILE)
    }

    /// The bytes of an entry, `limit` at most.
    pub(in crate::backup) fn bytes(&mut self, entry: &str, limit: u64) -> Result<Vec<u8>, BackupError> {
        read(&mut self.zip, entry, limit).map_err(|what| self.damaged(what))
    }

    /// Refuses the tables of a version that this one cannot know.
    fn refuse_newer(&self) -> Result<(), BackupError> {
        let known = migrate::names();
        let theirs = &self.manifest.migrations;
        if let Some(migration) = theirs.iter().find(|migration| !known.contains(migration)) {
            return Err(BackupError::NewerSchema {
                file: self.name.clone(),
                migration: migration.clone(),
                version: self.manifest.version.clone(),
                newest: known.last().cloned().unwrap_or_default(),
                ours: env!("CARGO_PKG_VERSION"),
            });
        }
        if theirs.is_empty() || !known.starts_with(theirs) {
            return Err(self.damaged("its migrations are not the first of ours, in their order"));
        }
        Ok(())
    }
}

/// What every archive says of itself, whatever its form.
#[derive(Debug, serde::Deserialize)]
struct Form {
    format: u32,
    version: String,
}

fn read(zip: &mut ZipArchive<BufReader<File>>, entry: &str, limit: u64) -> Result<Vec<u8>, String> {
    let mut found: ZipFile<'_, _> =
        zip.by_name(entry).map_err(|error| format!("{entry} is not there ({error})"))?;
    let size = found.size();
    if size > limit {
        return Err(format!("{entry} has {size} bytes, and no more than {limit} are ours"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    found.read_to_end(&mut bytes).map_err(|error| format!("{entry} cannot be read ({error})"))?;
    Ok(bytes)
}

/// What is wrong with a line, for the sentence about its archive.
pub(in crate::backup) fn why(error: &StoreError) -> String {
    error.to_string().trim_end_matches('.').to_owned()
}
