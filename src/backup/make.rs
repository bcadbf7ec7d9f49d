//! Makes a backup beside the running service.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;

use crate::app::{App, secret_file};
use crate::backup::manifest::{
    self, FILES, FORMAT, FileRow, Files, MANIFEST, Manifest, Missing, SECRET, Why,
};
use crate::backup::writer::Writer;
use crate::backup::{BackupError, Progress, percent};
use crate::blobs::{BlobError, Blobs, hash_of};
use crate::config::Config;
use crate::domain::id::FileId;
use crate::shutdown::Shutdown;
use crate::store::snapshot::Snapshot;
use crate::store::{Backend, Db, files, now};

/// Bytes of rows that are handed to the archive at once.
const CHUNK: usize = 256 * 1024;
/// Files that are read ahead: they are of some megabytes, and a store over the network takes its time for each.
const READ_AHEAD: usize = 8;
/// How much of the way the tables are, of a hundred.
const TABLES: u8 = 50;

/// A backup that was made.
#[derive(Debug, Clone, Serialize)]
pub struct BackedUp {
    /// The archive.
    pub file: String,
    /// Its bytes.
    pub bytes: u64,
    /// Parts of archives that runs left when they were killed and that could not be deleted, each with the reason.
    pub parts_left: Vec<String>,
    /// What it says of itself.
    #[serde(flatten)]
    pub manifest: Manifest,
}

/// What is wanted of a backup.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// Whether an archive that is there may go.
    pub replace: bool,
    /// Whether one that lacks bytes which the database names may take the place of one that is there.
    pub incomplete: bool,
}

/// Writes everything that this installation keeps into the archive `file`. Nobody who uses the service waits for it. One
/// that lacks bytes which it should have stands beside a better one that is there, as `FILE.incomplete`.
///
/// # Errors
/// When there is nothing to back up, something is in the way, or database, files or archive do not do it. Then there is
/// no archive, or the one that was there before.
pub async fn make(
    config: Config,
    shutdown: Shutdown,
    file: &Path,
    way: Way,
    progress: &Progress,
) -> Result<BackedUp, BackupError> {
    if let Some(missing) = Db::missing_file(&config)? {
        return Err(BackupError::NoDatabase(missing.display().to_string()));
    }
    if file.is_dir() || file.file_name().is_none() {
        return Err(BackupError::Folder(file.display().to_string()));
    }
    if !way.replace && file.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(file.display().to_string()));
    }
    let secret = secret_file(&config);
    let app = App::build(config, shutdown).await?;
    let made = tokio::select! {
        made = write(&app, secret.as_deref(), file, way, progress) => made,
        // A connection that waits for somebody's lock would not let itself be closed; it ends with the process.
        () = app.shutdown.tripped() => return Err(BackupError::Stopped),
    };
    app.db.close().await;
    made
}

async fn write(
    app: &App,
    secret: Option<&Path>,
    file: &Path,
    way: Way,
    progress: &Progress,
) -> Result<BackedUp, BackupError> {
    let (mut archive, parts_left) = Writer::create(file).await?;
    let snapshot = Snapshot::begin(&app.db).await?;
    if snapshot.migrations.is_empty() {
        return Err(BackupError::NoTables);
    }
    let taken_at = now();
    let (tables, files) = write_tables(&mut archive, &snapshot, progress).await?;
    let (migrations, left_out) = (snapshot.migrations.clone(), snapshot.strangers.clone());
    // Files are copied without a transaction: on PostgreSQL it would keep others from clearing up, on SQLite the log
    // would grow.
    snapshot.end().await?;
    let (files, mut missing) = write_files(&mut archive, &app.blobs, files, progress).await?;
    tell_deleted(app, &mut missing).await?;
    let signing_secret = match secret {
        Some(secret) => write_secret(&mut archive, secret).await?,
        None => false,
    };
    let database = match app.db.backend() {
        Backend::Postgres => "postgresql",
        Backend::Sqlite => "sqlite",
    };
    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        taken_at,
        database: database.to_owned(),
        migrations,
        tables,
        files,
        missing,
        left_out,
        signing_secret,
    };
    let text =
        serde_json::to_vec_pretty(&manifest).map_err(|error| BackupError::Broken(error.to_string()))?;
    archive.add(MANIFEST.to_owned(), text.into()).await?;
    let beside = way.replace && !way.incomplete && manifest::bereft(&manifest.missing) > 0 && file.exists();
    let file = if beside { incomplete(file) } else { file.to_owned() };
    let bytes = Box::pin(archive.finish(&file, way.replace)).await?;
    progress(100, "done");
    Ok(BackedUp { file: file.display().to_string(), bytes, parts_left, manifest })
}

/// Where an archive goes that is to take nobody's place.
fn incomplete(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".incomplete");
    name.into()
}

/// The number of rows by table, and what leads to files.
async fn write_tables(
    archive: &mut Writer,
    snapshot: &Snapshot,
    progress: &Progress,
) -> Result<(BTreeMap<String, u64>, Vec<FileRow>), BackupError> {
    let (mut counts, mut files) = (BTreeMap::new(), Vec::new());
    let tables = &snapshot.shape.tables;
    for (done, table) in tables.iter().enumerate() {
        progress(percent(0, TABLES, done, tables.len()), &format!("table {}", table.name));
        archive.begin(manifest::table(&table.name)).await?;
        let (mut rows, mut text) = (0, Vec::new());
        let lines = snapshot.lines(table).await?;
        let mut lines = std::pin::pin!(lines);
        while let Some(line) = lines.try_next().await? {
            if table.name == FILES {
                // Some hundred bytes a file, as the archive's own list of its entries has.
                let row = FileRow::parse(&line)
                    .ok_or_else(|| BackupError::Broken("a row of files leads nowhere".to_owned()))?;
                files.push(row);
            }
            rows += 1;
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
            if text.len() >= CHUNK {
                archive.write(std::mem::take(&mut text)).await?;
            }
        }
        archive.write(text).await?;
        counts.insert(table.name.clone(), rows);
    }
    Ok((counts, files))
}

/// How many files were copied, and which were not there to be copied.
async fn write_files(
    archive: &mut Writer,
    blobs: &Blobs,
    mut files: Vec<FileRow>,
    progress: &Progress,
) -> Result<(Files, Vec<Missing>), BackupError> {
    files.sort_by(|one, other| one.file_path.cmp(&other.file_path));
    let whole = files.len();
    let (mut copied, mut missing, mut last) = (Files::default(), Vec::new(), String::new());
    let mut read = stream::iter(files)
        .map(|row| async move {
            let bytes = blobs.read(&row.file_path).await;
            (row, bytes)
        })
        .buffered(READ_AHEAD)
        .enumerate();
    while let Some((done, (row, bytes))) = read.next().await {
        progress(percent(TABLES, 100, done, whole), "files");
        let why = match bytes {
            Ok(bytes) => {
                let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                // The bytes are held to their name, so that is to be what the row says.
                if size == row.file_size && hash_of(&row.file_path) == row.content_hash {
                    // Two rows never lead to the same bytes; an archive could not have both.
                    if last != row.file_path {
                        archive.add(manifest::file(&row.file_path), bytes).await?;
                        copied.count += 1;
                        copied.bytes += size;
                    }
                    last = row.file_path;
                    continue;
                }
                Why::Damaged
            }
            Err(BlobError::Missing) => Why::Lost,
            Err(BlobError::Damaged) => Why::Damaged,
            Err(error) => return Err(error.into()),
        };
        missing.push(Missing { file_id: row.id, why });
    }
    Ok((copied, missing))
}

/// A file whose entry is gone by now was deleted while it was to be copied.
async fn tell_deleted(app: &App, missing: &mut [Missing]) -> Result<(), BackupError> {
    let ids: Vec<FileId> = missing.iter().map(|missing| missing.file_id).collect();
    let there = files::still_there(&app.db, &ids).await?;
    for missing in missing.iter_mut().filter(|missing| !there.contains(&missing.file_id)) {
        missing.why = Why::Deleted;
    }
    Ok(())
}

/// Whether there is a secret, which is in the archive then.
async fn write_secret(archive: &mut Writer, secret: &Path) -> Result<bool, BackupError> {
    match tokio::fs::read(secret).await {
        Ok(bytes) => archive.add(SECRET.to_owned(), bytes.into()).await.map(|()| true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(BackupError::Secret { file: secret.display().to_string(), verb: "read", source }),
    }
}
