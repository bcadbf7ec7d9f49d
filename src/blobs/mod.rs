//! The bytes of uploaded files: content-addressed, written whole or not at all, checked when they are read.
//!
//! Each account has a space of its own and each upload a name of its own within it, so that deleting can never race
//! with an upload of the same bytes. They are in a folder or in a bucket, under the same paths, so that the one can be
//! copied into the other; encrypted where there is a key. Imports config.

mod crypt;
mod disk;
mod error;
mod name;
mod s3;

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _, future, stream};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::blobs::crypt::Keys;
pub use crate::blobs::error::BlobError;
use crate::blobs::error::{MEND_AWAY, MEND_FOLDER, is_missing, of_bucket, of_folder};
pub(crate) use crate::blobs::name::hash_of;
use crate::blobs::name::{Name, SIGN_OF_LIFE, fresh};
use crate::config::{Config, StorageKind};
use crate::domain::hash::sha256;

/// Most bytes of one blob as it is kept: what `files.max_bytes` can be at most, and room for what encryption adds.
/// More are none of ours, and would fill the memory.
const MAX_BYTES: u64 = (1 << 30) + 1024;

/// Where the bytes are; clones share it.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    place: Arc<Place>,
    keys: Arc<Keys>,
}

/// What kind of store it is.
#[derive(Debug)]
enum Place {
    /// This folder.
    Folder(PathBuf),
    /// A bucket, with what its names begin with and how long a sign of life may take.
    Bucket { prefix: Path, patience: Duration },
}

/// Bytes that are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// What [`Blobs::read`] and [`Blobs::delete`] take; relative, so that the store may move.
    pub path: String,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// The whole name in the bucket, for whoever looks there; none in a folder.
    pub s3_key: Option<String>,
}

/// Bytes that were found in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What [`Blobs::read`] takes.
    pub path: String,
    /// SHA-256 of the bytes as they came, by their name.
    pub sha256: String,
    /// Whose they are.
    pub space: Uuid,
    /// How many are kept: encrypted ones are a few more than came.
    pub size: u64,
    /// When they were put there, by the store's clock.
    pub modified_at: DateTime<Utc>,
}

impl Blobs {
    /// Opens the configured store: a folder, which is made where it is missing, or a bucket, which is asked nothing yet.
    ///
    /// # Errors
    /// When the folder can't be made or is no folder, or when what is configured makes no sense.
    pub fn open(config: &Config) -> Result<Self, BlobError> {
        let storage = &config.storage;
        let keys = Arc::new(Keys::new(storage)?);
        let (store, place) = match storage.kind {
            StorageKind::Disk => {
                let folder = config.files_dir();
                (disk::open(&folder)?, Place::Folder(folder))
            }
            StorageKind::S3 => {
                let (store, prefix) = s3::open(storage)?;
                (store, Place::Bucket { prefix, patience: Duration::from_secs(storage.timeout_seconds) })
            }
        };
        Ok(Self { store, place: Arc::new(place), keys })
    }

    /// Keeps the bytes in this space, under their hash and a name that was never used before.
    ///
    /// # Errors
    /// When the store does not take them, as a full disk does not; then nothing of it is kept.
    pub async fn put(&self, space: Uuid, bytes: Bytes) -> Result<Blob, BlobError> {
        let keys = Arc::clone(&self.keys);
        let (path, sha256, sealed) = off_thread(move || {
            let sha256 = sha256(&bytes);
            let path = fresh(space, &sha256);
            let sealed = keys.seal(&path, bytes)?;
            Ok((path, sha256, sealed))
        })
        .await?;
        self.store
            .put(&Path::from(path.as_str()), sealed.into())
            .await
            .map_err(|error| self.failed(&error))?;
        let s3_key = self.s3_prefix().map(|prefix| prefix + &path);
        Ok(Blob { path, sha256, s3_key })
    }

    /// Keeps the bytes at a path that [`Blobs::put`] once gave them, in this store or in another; what is there already
    /// is written anew, with the key in force.
    ///
    /// # Errors
    /// [`BlobError::NotOurs`], [`BlobError::OtherBytes`], or when the store does not take them.
    pub async fn put_at(&self, path: &str, bytes: Bytes) -> Result<(), BlobError> {
        let (keys, whole) = (Arc::clone(&self.keys), path.to_owned());
        let sealed = off_thread(move || {
            let Some(name) = Name::parse(&whole) else {
                return Err(BlobError::NotOurs { path: whole });
            };
            if sha256(&bytes) != name.sha256 {
                return Err(BlobError::OtherBytes { path: whole });
            }
            keys.seal(&whole, bytes)
        })
        .await?;
        let kept = self.store.put(&Path::from(path), sealed.into()).await;
        kept.map(|_| ()).map_err(|error| self.failed(&error))
    }

    /// The bytes at this path, just as they came.
    ///
    /// # Errors
    /// [`BlobError::Missing`], [`BlobError::Damaged`] when they are not what their name says, [`BlobError::Locked`] when
    /// the key to them is not here, or when the store does not answer.
    pub async fn read(&self, path: &str) -> Result<Bytes, BlobError> {
        let found = match self.store.get(&Path::from(path)).await {
            Ok(found) if found.meta.size > MAX_BYTES => return Err(BlobError::Damaged),
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        let kept = match found {
            Err(error) if is_missing(&error) => return Err(BlobError::Missing),
            found => found.map_err(|error| self.failed(&error))?,
        };
        let (keys, path) = (Arc::clone(&self.keys), path.to_owned());
        off_thread(move || keys.open(&path, hash_of(&path), kept)).await
    }

    /// Whether something is at this path.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn exists(&self, path: &str) -> Result<bool, BlobError> {
        match self.store.head(&Path::from(path)).await {
            Ok(_) => Ok(true),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Everything that is kept, piece by piece and in no order that means anything. What has no name of ours is passed
    /// over: it is somebody else's.
    ///
    /// The stream ends with an error when the store does not answer.
    #[must_use]
    pub fn list(&self) -> BoxStream<'static, Result<Listed, BlobError>> {
        let blobs = self.clone();
        match &*self.place {
            Place::Folder(folder) => disk::list(folder.clone())
                .map_ok(|found| listed(found.path, found.size, found.modified.into()))
                .map_err(|error| of_folder(&error))
                .try_filter_map(future::ok)
                .boxed(),
            Place::Bucket { .. } => self
                .store
                .list(None)
                .map_ok(|meta| listed(meta.location.to_string(), meta.size, meta.last_modified))
                .map_err(move |error| blobs.failed(&error))
                .try_filter_map(future::ok)
                .boxed(),
        }
    }

    /// Deletes what is at this path; nothing there is fine.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn delete(&self, path: &str) -> Result<(), BlobError> {
        self.delete_all(vec![path.to_owned()]).await.map(|_| ())
    }

    /// Deletes what is at these paths; says how many were deleted.
    ///
    /// # Errors
    /// When the store does not answer; what was deleted until then stays deleted.
    pub async fn delete_all(&self, paths: Vec<String>) -> Result<u64, BlobError> {
        let paths = stream::iter(paths).map(|path| Ok(Path::from(path))).boxed();
        let mut deleting = self.store.delete_stream(paths);
        let mut deleted = 0;
        while let Some(gone) = deleting.next().await {
            match gone {
                Ok(_) => deleted += 1,
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(self.failed(&error)),
            }
        }
        Ok(deleted)
    }

    /// Deletes a whole space: an account that ended. Says how many blobs those were.
    ///
    /// # Errors
    /// When the store does not answer; what was deleted until then stays deleted.
    pub async fn delete_space(&self, space: Uuid) -> Result<u64, BlobError> {
        let prefix = Path::from(space.to_string());
        let listed = self.store.list(Some(&prefix)).map_ok(|meta| meta.location.to_string());
        let paths = listed.try_collect().await.map_err(|error| self.failed(&error))?;
        let deleted = self.delete_all(paths).await?;
        if let Place::Folder(folder) = &*self.place {
            // What a process was writing when it was killed has a name that is not listed.
            let folder = folder.join(space.to_string());
            off_thread(move || disk::delete_folder(&folder).map_err(|error| of_folder(&error))).await?;
        }
        Ok(deleted)
    }

    /// Whether nothing of ours is kept.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn is_empty(&self) -> Result<bool, BlobError> {
        Ok(self.list().try_next().await?.is_none())
    }

    /// Deletes everything of ours but what is at these paths; says how many blobs those were.
    ///
    /// # Errors
    /// When the store does not answer; what was deleted until then stays deleted.
    pub async fn keep_only(&self, paths: HashSet<String>) -> Result<usize, BlobError> {
        let others = self.list().try_filter(|found| future::ready(!paths.contains(&found.path)));
        let others: Vec<String> = others.map_ok(|found| found.path).try_collect().await?;
        let deleted = self.delete_all(others).await?;
        Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
    }

    /// Deletes what was being written before then by processes that were killed, until `is_over` says so; how many files
    /// those were. A bucket has none: what does not come whole, it does not keep.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn delete_half_written(
        &self,
        before: DateTime<Utc>,
        is_over: impl Fn() -> bool + Send + 'static,
    ) -> Result<u64, BlobError> {
        let Place::Folder(folder) = &*self.place else {
            return Ok(0);
        };
        let folder = folder.clone();
        off_thread(move || {
            disk::delete_half_written(&folder, before.into(), is_over).map_err(|error| of_folder(&error))
        })
        .await
    }

    /// Writes a few bytes and deletes them: a store that is away, full, read-only or closed to us shows.
    ///
    /// # Errors
    /// When it is. A disk that hangs does not answer at all: whoever asks has to bound the wait. A bucket has as long as
    /// one request to it may take.
    pub async fn ping(&self) -> Result<(), BlobError> {
        let sign = Path::from(SIGN_OF_LIFE);
        let asked = async {
            let kept = self.store.put(&sign, Bytes::from_static(b"alive").into()).await;
            kept.map_err(|error| self.failed(&error))?;
            self.delete(SIGN_OF_LIFE).await
        };
        let Place::Bucket { patience, .. } = &*self.place else {
            return asked.await;
        };
        tokio::time::timeout(*patience, asked).await.unwrap_or_else(|_| {
            let reason = format!("no answer in {} s", patience.as_secs());
            Err(BlobError::Away { reason, mend: MEND_AWAY })
        })
    }

    /// Asks a bucket whether it takes files from us; a folder was looked at when it was opened.
    ///
    /// # Errors
    /// As [`Blobs::ping`].
    pub async fn look(&self) -> Result<(), BlobError> {
        match &*self.place {
            Place::Folder(_) => Ok(()),
            Place::Bucket { .. } => self.ping().await,
        }
    }

    /// What to look at when it gives no sign of life.
    #[must_use]
    pub fn mend(&self) -> &'static str {
        match &*self.place {
            Place::Folder(_) => MEND_FOLDER,
            Place::Bucket { .. } => MEND_AWAY,
        }
    }

    /// What stands before a path in the whole name in the bucket, [`Blob::s3_key`]; none in a folder.
    #[must_use]
    pub fn s3_prefix(&self) -> Option<String> {
        match &*self.place {
            Place::Folder(_) => None,
            Place::Bucket { prefix, .. } if prefix.as_ref().is_empty() => Some(String::new()),
            Place::Bucket { prefix, .. } => Some(format!("{prefix}/")),
        }
    }

    fn failed(&self, error: &object_store::Error) -> BlobError {
        match &*self.place {
            Place::Folder(_) => of_folder(error),
            Place::Bucket { .. } => of_bucket(error),
        }
    }
}

impl fmt::Debug for Blobs {
    // The store's own would say more than anybody needs.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Blobs({})", self.store)
    }
}

fn listed(path: String, size: u64, modified_at: DateTime<Utc>) -> Option<Listed> {
    let Name { space, sha256 } = Name::parse(&path)?;
    Some(Listed { sha256: sha256.to_owned(), space, size, modified_at, path })
}

/// Hashing and encrypting megabytes takes milliseconds, and others wait on this thread.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(BlobError::Away { reason: error.to_string(), mend: "the log says more" }))
}

#[cfg(test)]
mod tests;
