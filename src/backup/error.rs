//! Why a backup or a restore did not happen; each a sentence for the operator.

use std::io;

use crate::app::AppError;
use crate::blobs::BlobError;
use crate::queue::QueueError;
use crate::store::StoreError;

/// Why a backup or a restore did not happen.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// What the process shares cannot be opened.
    #[error(transparent)]
    App(#[from] AppError),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file store did not do it.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The queue did not do it.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// There is nothing to back up.
    #[error(
        "There is no database {0}: run this where the service runs, or set data_dir or database.url as it has them."
    )]
    NoDatabase(String),
    /// There is a database without tables.
    #[error("The database has no tables yet: there is nothing to back up before the service ran once.")]
    NoTables,
    /// Somebody's file is in the way.
    #[error("{0} exists already: choose another name, or put the new archive in its place with --force.")]
    Exists(String),
    /// A folder is named where a file should be.
    #[error("{0} is a folder: name the archive to write, such as backup.zip in it.")]
    Folder(String),
    /// The archive cannot be written.
    #[error(
        "The archive {file} cannot be written: {source}; make its folder, free room there, or choose another place."
    )]
    Write {
        /// The archive.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The signing secret cannot be read or written.
    #[error(
        "The signing secret {file} cannot be {verb}: {source}; run this as the user that the service runs as."
    )]
    Secret {
        /// Its file.
        file: String,
        /// `read` or `written`.
        verb: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The archive cannot be read at all.
    #[error("The archive {file} cannot be read: {source}; name a file that `backup` wrote.")]
    Read {
        /// The archive.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The archive is not whole, or not ours.
    #[error(
        "The archive {file} is damaged: {what}. Nothing was changed; take another copy of it, or an earlier one."
    )]
    Damaged {
        /// The archive.
        file: String,
        /// What is wrong with it.
        what: String,
    },
    /// The archive has a form that this program does not know.
    #[error(
        "The archive {file} has the form {format}, of version {version}; this is version {ours}, which reads up to \
         {known}. Nothing was changed; restore it with version {version} or newer."
    )]
    NewerFormat {
        /// The archive.
        file: String,
        /// Its form.
        format: u32,
        /// The version that wrote it.
        version: String,
        /// The newest form that this program reads.
        known: u32,
        /// The version of this program.
        ours: &'static str,
    },
    /// The archive has tables that this program does not know.
    #[error(
        "The archive {file} has the schema {migration}, of version {version}; this is version {ours}, whose newest is \
         {newest}. Nothing was changed; restore it with version {version} or newer."
    )]
    NewerSchema {
        /// The archive.
        file: String,
        /// The first migration of it that this program does not know.
        migration: String,
        /// The version that wrote it.
        version: String,
        /// The newest migration that this program knows.
        newest: String,
        /// The version of this program.
        ours: &'static str,
    },
    /// There is something where the archive should go.
    #[error(
        "{0} Nothing was changed; with --replace everything that is there is deleted, and the archive takes its place."
    )]
    NotEmpty(String),
    /// A newer version has been at the database.
    #[error(
        "A newer version of the program migrated the database ({0}), and this one cannot take that away. Nothing was \
         changed; restore with that version, or with this one into an empty database, as the page on operations says."
    )]
    NewerThere(String),
    /// Somebody works with the database.
    #[error(
        "{0} Nothing was changed; stop the service everywhere, and whatever else uses the database, and run this again."
    )]
    InUse(String),
    /// The process was asked to stop.
    #[error("Stopped when asked to.")]
    Stopped,
    /// A restore came to its end before the database was changed.
    #[error(
        "{0} The database is as it was, but files of the archive may be in the file store already: run it again with \
         --replace."
    )]
    Halfway(Box<BackupError>),
    /// Somebody came to the database while the archive was read.
    #[error(
        "{0} That was not so when the restore began: whoever came has what they did, and the archive's rows are not in. Its \
         files may be in the file store, and the nightly clean-up takes them. Stop the service everywhere, see what was \
         done meanwhile, and run this again."
    )]
    Overtaken(String),
    /// A restore was at its commit.
    #[error("{0} Whether the database is the archive's by now is not known: run it again with --replace.")]
    Unknown(Box<BackupError>),
    /// A restore is done, but for what comes after the commit.
    #[error(
        "{0} The database is the archive's by now, but files that were there before may be left, or its signing secret is \
         not in place: run it again with --replace."
    )]
    NotCleared(Box<BackupError>),
    /// A part of it broke down.
    #[error("It broke off inside ({0}); this is a bug.")]
    Broken(String),
}

impl BackupError {
    /// What stands in the way, found when files of the archive are in the store already.
    pub(in crate::backup) fn late(self) -> Self {
        match self {
            Self::NotEmpty(what) | Self::InUse(what) => Self::Overtaken(what),
            other => other,
        }
    }
}
