//! Who works on a SQLite file works on it alone, so that whatever a predecessor left running is known to be lost.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::queue::policy::outage_pause;
use crate::queue::{Queue, Shared};
use crate::shutdown::Shutdown;
use crate::store::Backend;

/// Between two looks whether the other process has ended.
const LOOK: Duration = Duration::from_millis(500);

/// The right to work; it ends with this value, and with the process however that ends.
#[derive(Debug)]
pub struct Alone {
    _file: Option<File>,
}

impl Queue {
    /// The right to work on a SQLite file, for whoever does something to it that no worker may see; `None` while a worker
    /// has it. On PostgreSQL, which many share, everybody has it.
    ///
    /// # Errors
    /// When the system gives no lock beside the file: then nobody can say whether a worker has it.
    pub fn try_alone(&self) -> io::Result<Option<Alone>> {
        let Some(database) = self.shared().db.sqlite_path() else {
            return Ok(Some(Alone { _file: None }));
        };
        let file = open(database)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Alone { _file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Waits until no other process works on the database, and takes over what it left; `None` at the shutdown. On
/// PostgreSQL, which many share, there is nothing to wait for.
pub(in crate::queue) async fn wait(shared: &Shared, shutdown: &Shutdown) -> Option<Alone> {
    if shared.db.backend() != Backend::Sqlite {
        return Some(Alone { _file: None });
    }
    let file = lock(&shared.db.sqlite_path(), shutdown).await?;
    let mut failures = 0;
    loop {
        match shared.table.disown().await {
            Ok(0) => break,
            Ok(tasks) => {
                tracing::info!(tasks, "taking over what the process before this one left");
                break;
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(exception = %error, failures, "what was left could not be taken over; trying again");
                tokio::select! {
                    () = shutdown.tripped() => return None,
                    () = tokio::time::sleep(outage_pause(failures)) => {}
                }
            }
        }
    }
    Some(Alone { _file: file })
}

/// The lock of this database file; `Some(None)` where the system gives none.
async fn lock(database: &Option<PathBuf>, shutdown: &Shutdown) -> Option<Option<File>> {
    let Some(database) = database else {
        return Some(None);
    };
    let file = match open(database.clone()) {
        Ok(file) => file,
        Err(error) => {
            tracing::warn!(exception = %error, "no lock beside the database; start one worker alone on it");
            return Some(None);
        }
    };
    let mut waiting = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Some(Some(file)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                tracing::warn!(exception = %error, "no lock beside the database; start one worker alone on it");
                return Some(None);
            }
        }
        if !waiting {
            tracing::warn!(
                "another process works on this SQLite database; this one will when that one has ended"
            );
            waiting = true;
        }
        tokio::select! {
            () = shutdown.tripped() => return None,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// The file beside the database that is locked.
fn open(database: PathBuf) -> io::Result<File> {
    let mut path = database.into_os_string();
    path.push("-worker");
    OpenOptions::new().create(true).truncate(false).write(true).open(path)
}
