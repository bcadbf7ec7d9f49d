//! A folder of blobs: made where it is missing, written so that it survives a power cut, walked piece by piece.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use futures_util::{Stream, TryStreamExt as _, stream};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use tokio::task::spawn_blocking;

use crate::blobs::error::{BlobError, of_folder};
use crate::blobs::name::is_half_written;
use crate::config::folder::make_private;

/// Files that one step of a walk finds: what is in memory of a folder of any size.
const STEP: usize = 1000;

/// A file that a walk came to.
pub(in crate::blobs) struct Found {
    /// Within the folder, its parts apart by `/`.
    pub(in crate::blobs) path: String,
    /// Bytes as they are kept.
    pub(in crate::blobs) size: u64,
    /// When they were written.
    pub(in crate::blobs) modified: SystemTime,
}

/// Opens the store in this folder.
pub(in crate::blobs) fn open(folder: &Path) -> Result<Arc<dyn ObjectStore>, BlobError> {
    let failed = |source| BlobError::Folder { folder: folder.display().to_string(), source };
    make_private(folder).map_err(failed)?;
    let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| of_folder(&error))?;
    // An upload that was answered "kept" must survive a power cut.
    Ok(Arc::new(store.with_fsync(true).with_automatic_cleanup(true)))
}

/// Every file in the folder.
pub(in crate::blobs) fn list(folder: PathBuf) -> impl Stream<Item = io::Result<Found>> + Send + 'static {
    // Not by the store: that lists no half-written files, and fails as a whole where it may not look into one folder.
    let begun = stream::once(off_thread(move || Walk::new(folder)));
    let steps = begun.map_ok(|walk| {
        stream::try_unfold(walk, |mut walk| {
            off_thread(move || {
                let step: Vec<Found> = walk.by_ref().take(STEP).collect::<io::Result<_>>()?;
                Ok((!step.is_empty()).then_some((step, walk)))
            })
        })
    });
    steps.try_flatten().map_ok(|step| stream::iter(step.into_iter().map(Ok))).try_flatten()
}

/// Deletes what was being written before then by processes that were killed; how many files those were.
pub(in crate::blobs) fn delete_half_written(
    folder: &Path,
    before: SystemTime,
    is_over: impl Fn() -> bool,
) -> io::Result<u64> {
    let mut deleted = 0;
    for found in Walk::new(folder.to_owned())? {
        let found = found?;
        if is_over() {
            break;
        }
        if is_half_written(&found.path) && found.modified < before {
            let path = folder.join(&found.path);
            let gone = fs::remove_file(&path);
            absent(gone)?;
            deleted += 1;
            let folders = path.ancestors().skip(1).take_while(|parent| *parent != folder);
            // Those that are not empty stay.
            let _ = folders.map(fs::remove_dir).find(Result::is_err);
        }
    }
    Ok(deleted)
}

/// Deletes a folder with all that is in it; none is fine.
pub(in crate::blobs) fn delete_folder(folder: &Path) -> io::Result<()> {
    absent(fs::remove_dir_all(folder)).map(|_| ())
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

/// What somebody else deleted meanwhile is nothing to fail for.
fn absent<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Every file below a folder, of which only the folders on the way to the present one are open.
struct Walk {
    folder: PathBuf,
    open: Vec<fs::ReadDir>,
}

impl Walk {
    fn new(folder: PathBuf) -> io::Result<Self> {
        let open = vec![fs::read_dir(&folder)?];
        Ok(Self { folder, open })
    }

    /// The file that an entry is; nothing for a folder, which is walked next, and for what is neither.
    fn look(&mut self, entry: &fs::DirEntry) -> io::Result<Option<Found>> {
        let kind = entry.file_type()?;
        let path = entry.path();
        // No name of ours is anything but letters.
        let Some(within) = path.strip_prefix(&self.folder).ok().and_then(Path::to_str) else {
            return Ok(None);
        };
        if kind.is_dir() {
            match absent(fs::read_dir(&path)) {
                Ok(inner) => self.open.extend(inner),
                // A folder of the system's own, such as `lost+found`.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied && !within.contains('/') => {}
                Err(error) => return Err(error),
            }
        }
        if !kind.is_file() {
            return Ok(None);
        }
        let Some(facts) = absent(entry.metadata())? else {
            return Ok(None);
        };
        Ok(Some(Found { path: within.to_owned(), size: facts.len(), modified: facts.modified()? }))
    }
}

impl Iterator for Walk {
    type Item = io::Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let found = match self.open.last_mut()?.next() {
                None => {
                    self.open.pop();
                    continue;
                }
                Some(Ok(entry)) => self.look(&entry),
                Some(Err(error)) => Err(error),
            };
            match found {
                Ok(None) => {}
                Ok(Some(found)) => return Some(Ok(found)),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
