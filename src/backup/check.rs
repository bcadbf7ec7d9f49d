//! Reads a whole archive before anything is changed: every row, every file, every checksum.

use std::collections::HashSet;

use crate::backup::archive::{Archive, why};
use crate::backup::manifest::{FILES, FileRow, Files, SECRET};
use crate::backup::{BackupError, Progress, percent};
use crate::domain::hash::sha256;
use crate::domain::id::FileId;
use crate::shutdown::Shutdown;
use crate::store::shape::Shape;

/// Bytes of a signing secret that are read: one has sixty-four.
const MAX_SECRET: u64 = 4096;

/// What an archive holds, as far as it is needed at once.
#[derive(Debug)]
pub(in crate::backup) struct Checked {
    /// The files whose bytes are in it.
    pub files: Vec<FileRow>,
    /// Those whose bytes are not.
    pub missing: Vec<FileId>,
    /// The signing secret.
    pub secret: Option<Vec<u8>>,
}

/// Reads it, from a thread that may block; `to` is how much of the way that is.
pub(in crate::backup) fn check(
    archive: &mut Archive,
    shape: &Shape,
    to: u8,
    shutdown: &Shutdown,
    progress: &Progress,
) -> Result<Checked, BackupError> {
    archive.hold_together()?;
    let rows = check_tables(archive, shape, to / 2, shutdown, progress)?;
    let missing: HashSet<FileId> = archive.manifest.missing.iter().map(|missing| missing.file_id).collect();
    let (lost, files): (Vec<FileRow>, Vec<FileRow>) =
        rows.into_iter().partition(|row| missing.contains(&row.id));
    check_files(archive, &files, (to / 2, to), shutdown, progress)?;
    let secret =
        if archive.manifest.signing_secret { Some(archive.bytes(SECRET, MAX_SECRET)?) } else { None };
    Ok(Checked { files, missing: lost.into_iter().map(|row| row.id).collect(), secret })
}

/// Every row of every table; what leads to files.
fn check_tables(
    archive: &mut Archive,
    shape: &Shape,
    to: u8,
    shutdown: &Shutdown,
    progress: &Progress,
) -> Result<Vec<FileRow>, BackupError> {
    // A table that is not in the archive is missed below; one too many would be lost in silence.
    let strange = archive.manifest.tables.keys().find(|name| shape.table(name).is_none());
    if let Some(name) = strange {
        return Err(archive.damaged(format!("its migrations make no table {name}")));
    }
    let mut files = Vec::new();
    for (done, table) in shape.tables.iter().enumerate() {
        progress(percent(0, to, done, shape.tables.len()), "reading the archive");
        let mut bad = None;
        let rows = archive.lines(table, |line| {
            stop_if_asked(shutdown)?;
            if let Err(error) = table.parse(line) {
                bad.get_or_insert_with(|| why(&error));
            } else if table.name == FILES {
                files.extend(FileRow::parse(line));
            }
            Ok(())
        })?;
        if let Some(what) = bad {
            return Err(archive.damaged(what));
        }
        let said = archive.manifest.tables.get(&table.name).copied();
        if said != Some(rows) {
            let said = said.map_or_else(|| "none".to_owned(), |said| said.to_string());
            return Err(archive.damaged(format!("it has {rows} rows of {} and says {said}", table.name)));
        }
    }
    Ok(files)
}

/// The bytes of every file, held to its row.
fn check_files(
    archive: &mut Archive,
    files: &[FileRow],
    (from, to): (u8, u8),
    shutdown: &Shutdown,
    progress: &Progress,
) -> Result<(), BackupError> {
    let mut found = Files::default();
    let mut seen = HashSet::new();
    for (done, row) in files.iter().enumerate() {
        stop_if_asked(shutdown)?;
        progress(percent(from, to, done, files.len()), "reading the archive");
        let bytes = archive.file(&row.file_path)?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size != row.file_size || sha256(&bytes) != row.content_hash {
            return Err(archive.damaged(format!("the file {} is not what its row says", row.id)));
        }
        if seen.insert(row.file_path.as_str()) {
            found.count += 1;
            found.bytes += size;
        }
    }
    if found == archive.manifest.files {
        Ok(())
    } else {
        let said = archive.manifest.files.count;
        Err(archive.damaged(format!("its rows lead to {} files, and it says {said}", found.count)))
    }
}

fn stop_if_asked(shutdown: &Shutdown) -> Result<(), BackupError> {
    if shutdown.is_tripped() { Err(BackupError::Stopped) } else { Ok(()) }
}
