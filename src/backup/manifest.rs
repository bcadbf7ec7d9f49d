//! What an archive says of itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::id::FileId;

/// The form of the archives that this program writes, and the newest that it reads.
pub(in crate::backup) const FORMAT: u32 = 1;

/// Names in an archive.
pub(in crate::backup) const MANIFEST: &str = "manifest.json";
/// The signing secret.
pub(in crate::backup) const SECRET: &str = "jwt_secret_key";
/// The table whose rows lead to files.
pub(in crate::backup) const FILES: &str = "files";

/// Where the rows of a table are.
pub(in crate::backup) fn table(name: &str) -> String {
    format!("tables/{name}.jsonl")
}

/// Where the bytes are that the file store has at this path.
pub(in crate::backup) fn file(path: &str) -> String {
    format!("files/{path}")
}

/// What an archive says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the archive.
    pub format: u32,
    /// The version of the program that wrote it.
    pub version: String,
    /// The moment that its rows show.
    pub taken_at: DateTime<Utc>,
    /// Where it comes from: `postgresql` or `sqlite`; it can go to either.
    pub database: String,
    /// The migrations that made its tables, oldest first.
    pub migrations: Vec<String>,
    /// The number of rows by table.
    pub tables: BTreeMap<String, u64>,
    /// The uploaded files.
    pub files: Files,
    /// Files whose rows are in it and whose bytes are not; a restore leaves them out.
    pub missing: Vec<Missing>,
    /// Tables that are none of ours and not in it.
    pub left_out: Vec<String>,
    /// Whether it has the signing secret that the program made.
    pub signing_secret: bool,
}

/// How many files, and how large.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// Their number.
    pub count: u64,
    /// Their bytes together.
    pub bytes: u64,
}

/// A file without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Which one.
    pub file_id: FileId,
    /// Why.
    pub why: Why,
}

/// Why the bytes of a file are not in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The file was deleted between the moment of the rows and the copy.
    Deleted,
    /// They are not in the file store, and nobody deleted the file.
    Lost,
    /// They are not what was uploaded, and nobody deleted the file.
    Damaged,
}

/// How many of them should have their bytes: nobody deleted these files.
#[must_use]
pub fn bereft(missing: &[Missing]) -> usize {
    missing.iter().filter(|missing| missing.why != Why::Deleted).count()
}

impl Manifest {
    /// The number of rows of all tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.values().sum()
    }
}

/// What leads from a row of `files` to its bytes.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::backup) struct FileRow {
    pub id: FileId,
    pub file_path: String,
    pub content_hash: String,
    pub file_size: u64,
}

impl FileRow {
    /// From a line of the table; `None` where it is none.
    pub(in crate::backup) fn parse(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}
