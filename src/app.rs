//! What a process shares, built once.
//!
//! `App` is cloned into every handler and worker; each field is a handle. What takes two of them and is wanted by
//! service and worker alike is here too. Imports domain, config, shutdown, store, cache, blobs, queue and pipeline.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::blobs::{BlobError, Blobs};
use crate::cache::{Cache, CacheError};
use crate::config::{Config, ConfigError, Secret, StorageKind, folder};
use crate::domain::hash::hex;
use crate::domain::id::UserId;
use crate::pipeline::{Pipeline, PipelineError};
use crate::queue::Queue;
use crate::shutdown::Shutdown;
use crate::store::{Db, StoreError, files};

/// Name of the generated signing secret in `data_dir`.
const SECRET_FILE: &str = "jwt_secret_key";
/// Bytes of entropy of a generated signing secret: as many as the hash behind it has.
const SECRET_BYTES: usize = 32;

/// Handles to everything that the process shares.
#[derive(Debug, Clone)]
pub struct App {
    /// The configuration in force; its signing secret is never empty.
    pub config: Arc<Config>,
    /// The wish to stop.
    pub shutdown: Shutdown,
    /// The database.
    pub db: Db,
    /// What is to be done in the background.
    pub queue: Queue,
    /// The bytes of uploaded files.
    pub blobs: Blobs,
    /// What is dear to compute again.
    pub cache: Cache,
    /// The main job.
    pub pipeline: Pipeline,
}

/// Why the process cannot start; each a sentence for its operator.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration is not enough to serve.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database is not there.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store of uploaded files is not usable.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The cache cannot be set up.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// Documents or postings could not be read.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The folder of everything is not usable.
    #[error(
        "the data folder {dir} cannot be used: {source}; set data_dir to a folder that this user may write"
    )]
    DataDir {
        /// The folder.
        dir: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Why bytes that were to go are still there.
#[derive(Debug, thiserror::Error)]
pub enum DiscardError {
    /// Whether a row refers to them is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They were not deleted.
    #[error(transparent)]
    Blobs(#[from] BlobError),
}

impl App {
    /// Opens everything that the process shares.
    ///
    /// # Errors
    /// When the configuration is not enough to serve, or the folder or the database cannot be used.
    pub async fn build(mut config: Config, shutdown: Shutdown) -> Result<Self, AppError> {
        config.ready_to_serve()?;
        let dir = config.data_dir.clone();
        let no_data_dir = |source| AppError::DataDir { dir: dir.display().to_string(), source };
        // With files in a bucket and a secret from elsewhere, nothing of ours is in it, and it need not be there.
        if config.auth.jwt_secret_key.is_empty() || config.storage.kind == StorageKind::Disk {
            folder::make_private(&dir).map_err(no_data_dir)?;
        }
        if config.auth.jwt_secret_key.is_empty() {
            config.auth.jwt_secret_key = signing_secret(&dir).map_err(no_data_dir)?;
        }
        let blobs = Blobs::open(&config)?;
        let cache = Cache::new(&config.cache, &config.redis)?;
        let pipeline = Pipeline::new(&config, cache.clone())?;
        let db = Db::connect(&config).await?;
        let queue = Queue::new(&db, &config.queue);
        Ok(Self { config: Arc::new(config), shutdown, db, queue, blobs, cache, pipeline })
    }

    /// Deletes bytes of an account that no row refers to; those that one refers to stay. A commit whose answer was lost
    /// may have happened all the same, so the row is looked for. Hold no transaction meanwhile.
    ///
    /// # Errors
    /// When the database or the store does not answer: bytes too many are better than a file without its bytes.
    pub async fn discard(&self, owner: UserId, path: &str) -> Result<(), DiscardError> {
        if !files::uses_path(&self.db, owner, path).await? {
            self.blobs.delete(path).await?;
        }
        Ok(())
    }
}

/// The file of the signing secret that the program makes for itself; `None` where one is configured. Ask with the
/// configuration as it was read: that of an [`App`] always has one.
#[must_use]
pub fn secret_file(config: &Config) -> Option<PathBuf> {
    config.auth.jwt_secret_key.is_empty().then(|| config.data_dir.join(SECRET_FILE))
}

/// The secret of this data folder, made when there is none; only its owner may read the file.
fn signing_secret(dir: &Path) -> io::Result<Secret> {
    let path = dir.join(SECRET_FILE);
    if !path.exists() {
        // Written aside and put in place whole: of two processes that start at once, both read the same one.
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        let bytes: [u8; SECRET_BYTES] = rand::random();
        file.write_all(hex(&bytes).as_bytes())?;
        file.as_file().sync_all()?;
        if let Err(error) = file.persist_noclobber(&path)
            && error.error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error.error);
        }
    }
    read_secret(&path)
}

/// The file of the signing secret that the program made, once it can be read; `None` where one is configured, or none is
/// made yet.
///
/// # Errors
/// When it cannot be read, or is too short to be one.
pub fn kept_secret(config: &Config) -> io::Result<Option<PathBuf>> {
    match secret_file(config) {
        None => Ok(None),
        Some(file) => match read_secret(&file) {
            Ok(_) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        },
    }
}

fn read_secret(path: &Path) -> io::Result<Secret> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(named)?.trim().to_owned();
    if text.len() < SECRET_BYTES {
        let what = format!(
            "{} holds fewer than {SECRET_BYTES} bytes: delete it to have a new one made",
            path.display()
        );
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use crate::app::signing_secret;

    #[test]
    fn a_signing_secret_is_made_once_and_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let first = signing_secret(dir.path()).unwrap();
        assert_eq!(first.expose().len(), 64);
        assert_eq!(signing_secret(dir.path()).unwrap(), first);
        let mode = fs::metadata(dir.path().join("jwt_secret_key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_spoilt_signing_secret_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("jwt_secret_key"), "short").unwrap();
        assert!(signing_secret(dir.path()).unwrap_err().to_string().contains("delete it"));
    }
}
