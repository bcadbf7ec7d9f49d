//! Writes an archive: aside, for its owner alone, and put in place whole.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::backup::{BackupError, part};

/// Bytes of an entry beyond which a ZIP wants to know before that it is large.
const LARGE: usize = u32::MAX as usize / 2;

type Zip = ZipWriter<BufWriter<Aside>>;

/// The file that is written aside. Once something failed it takes everything and writes nothing: an archive that is given
/// up ends itself when it is dropped, and would say on the standard error, in its own words, that this failed.
#[derive(Debug)]
struct Aside {
    file: NamedTempFile,
    failed: bool,
}

impl Aside {
    fn unless_failed<T>(
        &mut self,
        done: T,
        work: impl FnOnce(&mut NamedTempFile) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.failed {
            return Ok(done);
        }
        let worked = work(&mut self.file);
        self.failed = worked.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        worked
    }
}

impl io::Write for Aside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_failed(bytes.len(), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_failed((), io::Write::flush)
    }
}

impl io::Seek for Aside {
    /// Always the file's own: it needs no room, and an archive that is given up reckons with its place.
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// An archive that is being written.
#[derive(Debug)]
pub(in crate::backup) struct Writer {
    file: PathBuf,
    zip: Option<Zip>,
}

impl Writer {
    /// Begins one that will be `file`, and clears away what earlier runs for the same one left when they were killed; says
    /// what of that could not be deleted, and why.
    pub(in crate::backup) async fn create(file: &Path) -> Result<(Self, Vec<String>), BackupError> {
        let to = file.to_owned();
        // In the same folder, so that putting it in place is one step.
        let made =
            spawn_blocking(move || part::create(folder(&to), to.file_name().unwrap_or_default())).await;
        let (aside, left) = made
            .map_err(io::Error::other)
            .and_then(|made| made)
            .map_err(|source| not_written(file, source))?;
        let aside = Aside { file: aside, failed: false };
        Ok((Self { file: file.to_owned(), zip: Some(ZipWriter::new(BufWriter::new(aside))) }, left))
    }

    /// Begins an entry whose bytes follow, and are worth to be compressed.
    pub(in crate::backup) async fn begin(&mut self, name: String) -> Result<(), BackupError> {
        self.change(move |zip| {
            zip.start_file(name, options(CompressionMethod::Deflated).large_file(true))
                .map_err(io::Error::from)
        })
        .await
    }

    /// Adds bytes to the entry that was begun.
    pub(in crate::backup) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), BackupError> {
        self.change(move |zip| zip.write_all(&bytes)).await
    }

    /// Adds a whole entry as it is: uploaded files are compressed in themselves.
    pub(in crate::backup) async fn add(&mut self, name: String, bytes: Bytes) -> Result<(), BackupError> {
        self.change(move |zip| {
            let large = bytes.len() > LARGE;
            zip.start_file(name, options(CompressionMethod::Stored).large_file(large))
                .map_err(io::Error::from)?;
            zip.write_all(&bytes)
        })
        .await
    }

    /// Ends it, sees it on the disk and puts it in place as `to`, in the folder of what it was begun as; says how many bytes
    /// it has.
    pub(in crate::backup) async fn finish(mut self, to: &Path, replace: bool) -> Result<u64, BackupError> {
        let zip = self.zip.take().ok_or_else(|| not_written(&self.file, broken_off()))?;
        self.file = to.to_owned();
        let file = to.to_owned();
        let written = spawn_blocking(move || {
            let aside = zip.finish().map_err(io::Error::from)?.into_inner().map_err(io::Error::from)?;
            if aside.failed {
                return Err(broken_off());
            }
            let aside = aside.file;
            aside.as_file().sync_all()?;
            let bytes = aside.as_file().metadata()?.len();
            let placed = if replace { aside.persist(&file) } else { aside.persist_noclobber(&file) };
            placed.map_err(|error| error.error)?;
            // The name has to survive a power cut as well.
            File::open(folder(&file))?.sync_all()?;
            Ok(bytes)
        });
        match written.await.map_err(io::Error::other).and_then(|written| written) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(BackupError::Exists(self.file.display().to_string()))
            }
            Err(error) => Err(not_written(&self.file, error)),
        }
    }

    async fn change(
        &mut self,
        change: impl FnOnce(&mut Zip) -> io::Result<()> + Send + 'static,
    ) -> Result<(), BackupError> {
        let mut zip = self.zip.take().ok_or_else(|| not_written(&self.file, broken_off()))?;
        let changed = spawn_blocking(move || change(&mut zip).map(|()| zip)).await;
        let zip = changed.map_err(io::Error::other).and_then(|changed| changed);
        self.zip = Some(zip.map_err(|source| not_written(&self.file, source))?);
        Ok(())
    }
}

/// The folder that a file is in.
pub(in crate::backup) fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).unix_permissions(0o600)
}

fn not_written(file: &Path, source: io::Error) -> BackupError {
    BackupError::Write { file: file.display().to_string(), source }
}

fn broken_off() -> io::Error {
    io::Error::other("an earlier part of it broke off")
}
