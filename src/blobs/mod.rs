//! The bytes of uploaded files: content-addressed, written whole or not at all, checked when they are read.
//!
//! Each account has a space of its own and each upload a name of its own within it, so that deleting can never race
//! with an upload of the same bytes. Imports config.

use std::collections::HashSet;
use std::io;
use std::path::Path as FolderPath;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// What [`Blobs::ping`] writes and deletes; no space has such a name.
const SIGN_OF_LIFE: &str = "sign-of-life";

/// Where the bytes are; clones share it.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<LocalFileSystem>,
    folder: Arc<FolderPath>,
}

/// Bytes that are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// What [`Blobs::read`] and [`Blobs::delete`] take; relative, so that the folder may move.
    pub path: String,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
}

/// Why bytes could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The folder can't be made.
    #[error(
        "The folder {folder} for uploaded files can't be made: {source}; set data_dir to a folder that can be written."
    )]
    Folder {
        /// The folder.
        folder: String,
        /// What the system said.
        source: io::Error,
    },
    /// There are no such bytes.
    #[error("The uploaded file is not in the store any more; upload it again.")]
    Missing,
    /// The bytes are not those that were uploaded.
    #[error("The uploaded file was damaged in the store; upload it again.")]
    Damaged,
    /// The store did not do it.
    #[error("The file store did not answer: {0}")]
    Refused(#[from] object_store::Error),
}

impl BlobError {
    /// Whether the same call may succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// SHA-256 of the bytes, hexadecimal: their name.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 that the bytes at this path have, by its name.
fn named(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split('.').next().unwrap_or_default()
}

impl Blobs {
    /// Opens the store in this folder, which is made where it is missing.
    ///
    /// # Errors
    /// When the folder can't be made or is no folder.
    pub fn open(folder: &FolderPath) -> Result<Self, BlobError> {
        let failed = |source| BlobError::Folder { folder: folder.display().to_string(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        // An upload that was answered "kept" must survive a power cut.
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self { store: Arc::new(store), folder: folder.into() })
    }

    /// Keeps the bytes in this space, under their hash and a name that was never used before.
    ///
    /// # Errors
    /// When the disk is full or not writable; then nothing of it is kept.
    pub async fn put(&self, space: Uuid, bytes: Bytes) -> Result<Blob, BlobError> {
        let sha256 = sha256(&bytes);
        let (first, rest) = sha256.split_at_checked(2).unwrap_or_default();
        let (second, _) = rest.split_at_checked(2).unwrap_or_default();
        let path = format!("{space}/{first}/{second}/{sha256}.{}", Uuid::now_v7().simple());
        self.store.put(&Path::from(path.as_str()), bytes.into()).await?;
        Ok(Blob { path, sha256 })
    }

    /// The bytes at this path, just as they were kept.
    ///
    /// # Errors
    /// [`BlobError::Missing`], or [`BlobError::Damaged`] when they are not what their name says.
    pub async fn read(&self, path: &str) -> Result<Bytes, BlobError> {
        let bytes = match self.store.get(&Path::from(path)).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Err(BlobError::Missing),
            Err(error) => return Err(error.into()),
        };
        if sha256(&bytes) == named(path) { Ok(bytes) } else { Err(BlobError::Damaged) }
    }

    /// Keeps the bytes at this path, as a backup has them.
    ///
    /// # Errors
    /// [`BlobError::Damaged`] when they are not what the path's name says; or when the disk is full or not writable. Then
    /// nothing of it is kept.
    pub async fn put_at(&self, path: &str, bytes: Bytes) -> Result<(), BlobError> {
        if sha256(&bytes) != named(path) {
            return Err(BlobError::Damaged);
        }
        self.store.put(&Path::from(path), bytes.into()).await?;
        Ok(())
    }

    /// Whether something is at this path.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn exists(&self, path: &str) -> Result<bool, BlobError> {
        match self.store.head(&Path::from(path)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes what is at this path; nothing there is fine.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn delete(&self, path: &str) -> Result<(), BlobError> {
        match self.store.delete(&Path::from(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a few bytes and deletes them: a disk that is away, full or read-only shows.
    ///
    /// # Errors
    /// When it is. A disk that hangs does not answer at all: whoever asks has to bound the wait.
    pub async fn ping(&self) -> Result<(), BlobError> {
        self.store.put(&Path::from(SIGN_OF_LIFE), Bytes::from_static(b"alive").into()).await?;
        self.delete(SIGN_OF_LIFE).await
    }

    /// Whether nothing is kept.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn is_empty(&self) -> Result<bool, BlobError> {
        let mut listed = self.store.list(None);
        while let Some(meta) = listed.try_next().await? {
            if meta.location.as_ref() != SIGN_OF_LIFE {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Deletes everything but what is at these paths; says how many blobs those were.
    ///
    /// # Errors
    /// When the disk does not answer; what was deleted until then stays deleted.
    pub async fn keep_only(&self, paths: HashSet<String>) -> Result<usize, BlobError> {
        let others = self.store.list(None).try_filter_map(move |meta| {
            let kept = paths.contains(meta.location.as_ref()) || meta.location.as_ref() == SIGN_OF_LIFE;
            async move { Ok((!kept).then_some(meta.location)) }
        });
        let deleted = self.store.delete_stream(others.boxed());
        Ok(deleted.try_fold(0, |deleted, _| async move { Ok(deleted + 1) }).await?)
    }

    /// Deletes a whole space: an account that ended. Says how many blobs those were.
    ///
    /// # Errors
    /// When the disk does not answer; what was deleted until then stays deleted.
    pub async fn delete_space(&self, space: Uuid) -> Result<usize, BlobError> {
        let prefix = Path::from(space.to_string());
        let paths: Vec<Path> =
            self.store.list(Some(&prefix)).map_ok(|meta| meta.location).try_collect().await?;
        let locations = futures_util::stream::iter(paths).map(Ok).boxed();
        let deleted = self.store.delete_stream(locations).try_collect::<Vec<_>>().await?;
        // What a process was writing when it was killed has a name that is not listed.
        let folder = self.folder.join(space.to_string());
        let rest = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(folder)).await;
        match rest.map_err(io::Error::other).and_then(|rest| rest) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(object_store::Error::Generic { store: "folder", source: Box::new(error) }.into())
            }
            _ => Ok(deleted.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use bytes::Bytes;
    use uuid::Uuid;

    use crate::blobs::{BlobError, Blobs};

    #[tokio::test]
    async fn bytes_come_back_and_each_upload_is_deleted_alone() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&folder.path().join("made/now")).unwrap();
        let space = Uuid::now_v7();
        let kept = blobs.put(space, Bytes::from_static(b"resume")).await.unwrap();
        let again = blobs.put(space, Bytes::from_static(b"resume")).await.unwrap();
        assert_eq!(again.sha256, kept.sha256);
        assert!(kept.path.starts_with(&format!("{space}/")) && kept.path.contains(&kept.sha256));
        assert_eq!(blobs.read(&kept.path).await.unwrap(), "resume");
        blobs.delete(&kept.path).await.unwrap();
        blobs.delete(&kept.path).await.unwrap();
        assert!(!blobs.exists(&kept.path).await.unwrap());
        assert!(matches!(blobs.read(&kept.path).await, Err(BlobError::Missing)));
        assert_eq!(blobs.read(&again.path).await.unwrap(), "resume");
    }

    #[tokio::test]
    async fn damaged_bytes_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let kept = blobs.put(Uuid::now_v7(), Bytes::from_static(b"resume")).await.unwrap();
        std::fs::write(folder.path().join(&kept.path), "resumé").unwrap();
        assert!(matches!(blobs.read(&kept.path).await, Err(BlobError::Damaged)));
    }

    #[tokio::test]
    async fn bytes_come_back_to_where_they_were_and_the_others_go() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        assert!(blobs.is_empty().await.unwrap());
        let kept = blobs.put(Uuid::now_v7(), Bytes::from_static(b"resume")).await.unwrap();
        let other = blobs.put(Uuid::now_v7(), Bytes::from_static(b"resume")).await.unwrap();
        blobs.delete(&kept.path).await.unwrap();
        let wrong = blobs.put_at(&kept.path, Bytes::from_static(b"another")).await;
        assert!(matches!(wrong, Err(BlobError::Damaged)) && !blobs.exists(&kept.path).await.unwrap());
        blobs.put_at(&kept.path, Bytes::from_static(b"resume")).await.unwrap();
        assert!(!blobs.is_empty().await.unwrap());
        assert_eq!(blobs.keep_only([kept.path.clone()].into()).await.unwrap(), 1);
        assert_eq!(blobs.read(&kept.path).await.unwrap(), "resume");
        assert!(!blobs.exists(&other.path).await.unwrap());
    }

    #[tokio::test]
    async fn a_space_ends_alone() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let (mine, theirs) = (Uuid::now_v7(), Uuid::now_v7());
        blobs.put(mine, Bytes::from_static(b"one")).await.unwrap();
        blobs.put(mine, Bytes::from_static(b"two")).await.unwrap();
        let kept = blobs.put(theirs, Bytes::from_static(b"one")).await.unwrap();
        // As a process leaves it that is killed in the middle of an upload.
        std::fs::write(folder.path().join(mine.to_string()).join("half#1"), "resu").unwrap();
        assert_eq!(blobs.delete_space(mine).await.unwrap(), 2);
        assert!(!folder.path().join(mine.to_string()).exists());
        assert_eq!(blobs.delete_space(mine).await.unwrap(), 0);
        assert_eq!(blobs.read(&kept.path).await.unwrap(), "one");
    }
}
