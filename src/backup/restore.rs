//! Puts the content of an archive where there is nothing, or in the place of what there is.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::app::{App, secret_file};
use crate::backup::archive::{Archive, why};
use crate::backup::check::{Checked, check};
use crate::backup::manifest::{FileRow, Files, Missing};
use crate::backup::writer::folder;
use crate::backup::{BackupError, Progress, percent};
use crate::blobs::Blobs;
use crate::config::Config;
use crate::domain::audit::{Action, Actor};
use crate::queue::Registry;
use crate::shutdown::Shutdown;
use crate::store::audit::{self, NewEvent};
use crate::store::refill::{Filled, Refill};
use crate::store::shape::{Shape, filled};
use crate::store::{Row, files, migrate, presence};

/// How far each part of the way leads, of a hundred.
const CHECKED: u8 = 40;
const FILES_PUT: u8 = 70;
/// Files that are written at once: they are of some megabytes, and each waits for the disk or the network.
const FILES_AT_ONCE: usize = 8;
/// Rows that go to the database at once, and their bytes.
const ROWS_AT_ONCE: usize = 1000;
const BYTES_AT_ONCE: usize = 1 << 20;
/// Parts that are read ahead of whoever writes them.
const READ_AHEAD: usize = 2;

/// What is to be restored.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The archive.
    pub file: PathBuf,
    /// Whether what is there may go.
    pub replace: bool,
}

/// What was restored.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    /// The archive.
    pub file: String,
    /// The version of the program that wrote it.
    pub version: String,
    /// The moment that its rows show.
    pub taken_at: DateTime<Utc>,
    /// The number of rows by table, as they were put in.
    pub tables: BTreeMap<String, u64>,
    /// The uploaded files.
    pub files: Files,
    /// Files whose bytes the archive does not have: they are left out, and jobs that used them have none.
    pub missing: Vec<Missing>,
    /// Migrations that were applied to them afterwards.
    pub migrated: usize,
    /// Tasks that were running, and wait again.
    pub released_tasks: u64,
    /// Files that were in the store before and are deleted.
    pub deleted_files: usize,
    /// Whether the signing secret of the archive is in force: else everybody has to sign in again.
    pub signing_secret: bool,
}

/// Restores it. `registry` notes what becomes of tasks that were running.
///
/// # Errors
/// When the archive is damaged or too new, or there is something where it should go, or somebody works there: then
/// nothing is changed. When database or files do not do it, the database is as it was, and files may be there that
/// nothing refers to: it can be run again with `replace`.
pub async fn restore(
    config: Config,
    shutdown: Shutdown,
    wanted: Wanted,
    registry: &Registry,
    progress: &Progress,
) -> Result<Restored, BackupError> {
    let file = wanted.file.clone();
    let archive = blocking(move || Archive::open(&file)).await?;
    let shape = Shape::after(archive.manifest.migrations.len()).await?;
    if presence::is_open_elsewhere(&config).await? {
        return Err(BackupError::InUse("Another process has the database open.".to_owned()));
    }
    let secret = secret_file(&config);
    let app = App::build(config, shutdown).await?;
    let (replace, changed) = (wanted.replace, Mutex::new(Changed::Nothing));
    let restore = Restore { app: &app, shape, replace, secret, registry, progress, changed };
    let restored = tokio::select! {
        restored = restore.carry_out(archive) => restored.map_err(|error| restore.so_far(error)),
        // A connection that waits for somebody's lock would not let itself be closed; it ends with the process.
        () = app.shutdown.tripped() => return Err(restore.so_far(BackupError::Stopped)),
    };
    app.db.close().await;
    Ok(Restored { file: wanted.file.display().to_string(), ..restored? })
}

/// One restore with what it needs.
struct Restore<'a> {
    app: &'a App,
    shape: Shape,
    replace: bool,
    secret: Option<PathBuf>,
    registry: &'a Registry,
    progress: &'a Progress,
    /// How much is changed by now; who is told what went wrong may not be who restored.
    changed: Mutex<Changed>,
}

/// How much a restore has changed.
#[derive(Debug, Clone, Copy)]
enum Changed {
    Nothing,
    /// Files may be in the store to which no row leads.
    Files,
    /// The database is asked to change, and has not answered.
    Asked,
    /// The database is changed, for good.
    Database,
}

impl Restore<'_> {
    async fn carry_out(&self, archive: Archive) -> Result<Restored, BackupError> {
        let lock = self.app.queue.try_alone().map_err(|error| {
            BackupError::InUse(format!("Whether a worker runs cannot be told ({error})."))
        })?;
        let Some(_alone) = lock else {
            return Err(BackupError::InUse("A worker works on the database.".to_owned()));
        };
        self.refuse_company().await?;
        if let Some(newest) = migrate::newer(&migrate::status(&self.app.db).await?) {
            return Err(BackupError::NewerThere(newest.name.clone()));
        }
        if !self.replace {
            refuse_rows(&filled(&self.app.db).await?)?;
            if !self.app.blobs.is_empty().await? {
                return Err(BackupError::NotEmpty("There are files in the file store.".to_owned()));
            }
        }
        let (archive, checked) = self.check(archive).await?;
        // The archive was read for long, and somebody may have come.
        self.refuse_company().await?;
        let kept: HashSet<String> = checked.files.iter().map(|row| row.file_path.clone()).collect();
        let mut restored = self.change(archive, checked).await?;
        if self.replace {
            restored.deleted_files = self.app.blobs.keep_only(kept).await?;
        }
        (self.progress)(100, "done");
        Ok(restored)
    }

    /// What went wrong, with what is changed by now.
    fn so_far(&self, error: BackupError) -> BackupError {
        match *self.changed() {
            Changed::Nothing => error,
            Changed::Files if matches!(error, BackupError::Overtaken(_)) => error,
            Changed::Files => BackupError::Halfway(Box::new(error)),
            Changed::Asked => BackupError::Unknown(Box::new(error)),
            Changed::Database => BackupError::NotCleared(Box::new(error)),
        }
    }

    fn changed(&self) -> MutexGuard<'_, Changed> {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the files into the store, and everything else into the database, which nobody sees before all of it is there.
    async fn change(&self, archive: Archive, checked: Checked) -> Result<Restored, BackupError> {
        let manifest = archive.manifest.clone();
        *self.changed() = Changed::Files;
        let archive = put_files(archive, &self.app.blobs, &checked.files, self.progress).await?;
        let Filled { tx, migrated } = self.fill(archive).await?;
        // By the rules of the schema itself: what belongs to such a file goes with it, jobs stay without one.
        files::delete_lost(&tx, &checked.missing).await?;
        // The archive may come from a folder and go into a bucket, or the other way round.
        files::name_in_bucket(&tx, self.app.blobs.s3_prefix()).await?;
        let released_tasks = self.app.queue.release_all(&tx, self.registry).await?;
        audit::append(&tx, note()).await?;
        let laid = self.lay_secret(checked.secret).await?;
        *self.changed() = Changed::Asked;
        tx.commit().await?;
        *self.changed() = Changed::Database;
        // Not before: a commit that failed would leave the old accounts with a secret that is not theirs.
        let signing_secret = self.put_secret(laid).await?;
        Ok(Restored {
            file: String::new(),
            version: manifest.version,
            taken_at: manifest.taken_at,
            tables: manifest.tables,
            files: manifest.files,
            missing: manifest.missing,
            migrated,
            released_tasks,
            deleted_files: 0,
            signing_secret,
        })
    }

    async fn refuse_company(&self) -> Result<(), BackupError> {
        match self.app.db.other_sessions().await? {
            0 => Ok(()),
            others => Err(BackupError::InUse(format!(
                "Other processes of resume-optimizer have {others} connections to the database."
            ))),
        }
    }

    async fn check(&self, mut archive: Archive) -> Result<(Archive, Checked), BackupError> {
        let (shape, shutdown) = (self.shape.clone(), self.app.shutdown.clone());
        let progress = self.progress.clone();
        blocking(move || {
            let checked = check(&mut archive, &shape, CHECKED, &shutdown, &progress)?;
            Ok((archive, checked))
        })
        .await
    }

    /// Everything that the archive has of tables, in a transaction that is not yet committed.
    async fn fill(&self, mut archive: Archive) -> Result<Filled, BackupError> {
        // Checking and putting files took long, and somebody may have come. Who is at the database is asked while this holds
        // no connection: there may be just one.
        self.refuse_company().await.map_err(BackupError::late)?;
        let refill = Refill::begin(&self.app.db).await?;
        if !self.replace {
            refuse_rows(&refill.filled().await?).map_err(BackupError::late)?;
        }
        let refill = refill.clear(archive.manifest.migrations.len(), &self.shape).await?;
        let whole = self.shape.tables.len();
        let (sender, mut rows) = mpsc::channel(READ_AHEAD);
        let shape = self.shape.clone();
        let reading = spawn_blocking(move || send_rows(&mut archive, &shape, &sender));
        while let Some((index, rows)) = rows.recv().await {
            let Some(table) = self.shape.tables.get(index) else {
                continue;
            };
            (self.progress)(percent(FILES_PUT, 100, index, whole), &format!("table {}", table.name));
            refill.insert(table, rows).await?;
        }
        joined(reading.await)?;
        Ok(refill.finish().await?)
    }

    /// Writes the archive's secret beside its place: what may fail, fails while nothing is changed.
    async fn lay_secret(&self, secret: Option<Vec<u8>>) -> Result<Option<NamedTempFile>, BackupError> {
        let (Some(secret), Some(file)) = (secret, self.secret.clone()) else {
            return Ok(None);
        };
        blocking(move || {
            let laid = || {
                let mut aside = NamedTempFile::new_in(folder(&file))?;
                aside.write_all(&secret)?;
                aside.as_file().sync_all()?;
                Ok(aside)
            };
            laid().map(Some).map_err(|source| not_written(&file, source))
        })
        .await
    }

    /// Whether the archive's secret signs from here on.
    async fn put_secret(&self, laid: Option<NamedTempFile>) -> Result<bool, BackupError> {
        let (Some(laid), Some(file)) = (laid, self.secret.clone()) else {
            return Ok(false);
        };
        blocking(move || match laid.persist(&file) {
            Ok(_) => Ok(true),
            Err(error) => Err(not_written(&file, error.error)),
        })
        .await
    }
}

fn not_written(secret: &Path, source: io::Error) -> BackupError {
    BackupError::Secret { file: secret.display().to_string(), verb: "written", source }
}

fn refuse_rows(filled: &[String]) -> Result<(), BackupError> {
    if filled.is_empty() {
        return Ok(());
    }
    Err(BackupError::NotEmpty(format!("There are rows in the database ({}).", filled.join(", "))))
}

/// Puts the files into the store. Those that were there stay until the rows are in: nothing refers to the new ones yet.
async fn put_files(
    mut archive: Archive,
    blobs: &Blobs,
    files: &[FileRow],
    progress: &Progress,
) -> Result<Archive, BackupError> {
    let (sender, received) = mpsc::channel(READ_AHEAD);
    let paths: Vec<String> = files.iter().map(|row| row.file_path.clone()).collect();
    let whole = paths.len();
    let reading = spawn_blocking(move || {
        for path in paths {
            let bytes = archive.file(&path)?;
            // Whoever does not take it has failed, and says why.
            if sender.blocking_send((path, Bytes::from(bytes))).is_err() {
                break;
            }
        }
        Ok(archive)
    });
    let received = futures_util::stream::unfold(received, |mut received| async move {
        let part: (String, Bytes) = received.recv().await?;
        Some((part, received))
    });
    received
        .enumerate()
        .map(Ok::<_, BackupError>)
        .try_for_each_concurrent(FILES_AT_ONCE, |(done, (path, bytes))| async move {
            progress(percent(CHECKED, FILES_PUT, done, whole), "files");
            Ok(blobs.put_at(&path, bytes).await?)
        })
        .await?;
    joined(reading.await)
}

/// Reads the rows in parts, each with the place of its table.
fn send_rows(
    archive: &mut Archive,
    shape: &Shape,
    sender: &mpsc::Sender<(usize, Vec<Row>)>,
) -> Result<(), BackupError> {
    for (index, table) in shape.tables.iter().enumerate() {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        let mut bad = None;
        archive.lines(table, |line| {
            match table.parse(line) {
                Ok(row) => rows.push(row),
                Err(error) => bad = Some(why(&error)),
            }
            bytes += line.len();
            if rows.len() >= ROWS_AT_ONCE || bytes >= BYTES_AT_ONCE {
                bytes = 0;
                send(sender, index, std::mem::take(&mut rows))?;
            }
            Ok(())
        })?;
        if let Some(what) = bad {
            return Err(archive.damaged(what));
        }
        send(sender, index, rows)?;
    }
    Ok(())
}

fn send(sender: &mpsc::Sender<(usize, Vec<Row>)>, index: usize, rows: Vec<Row>) -> Result<(), BackupError> {
    // Whoever does not take them has failed, and says why.
    sender.blocking_send((index, rows)).map_err(|_| BackupError::Stopped)
}

fn note() -> NewEvent {
    NewEvent {
        action: Action::BackupRestored,
        actor: Actor::Operator,
        user_id: None,
        subject_id: None,
        client: None,
        trace_id: None,
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    joined(spawn_blocking(work).await)
}

fn joined<T>(done: Result<Result<T, BackupError>, tokio::task::JoinError>) -> Result<T, BackupError> {
    done.map_err(|error| BackupError::Broken(error.to_string())).and_then(|done| done)
}
