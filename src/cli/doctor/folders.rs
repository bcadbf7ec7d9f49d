//! The folders that the service writes to, and the secret that it keeps in one.

use std::io::Write as _;
use std::path::Path;

use tokio::task::spawn_blocking;

use crate::app;
use crate::cli::doctor::Finding;
use crate::cli::doctor::checks::PATIENCE;
use crate::config::{Config, StorageKind};
use crate::worker::in_time;

/// Bytes that are written to see whether there is room for some.
const TRIED: usize = 64 * 1024;

/// Where the log goes besides the standard output; nothing where it goes nowhere else.
pub(in crate::cli::doctor) async fn log(config: &Config) -> Option<Finding> {
    let dir = Path::new(&config.log.dir);
    if dir.as_os_str().is_empty() {
        return None;
    }
    Some(match tried(dir).await {
        Ok(found) => Finding::ok("log.dir", found),
        Err(error) => Finding::failed(
            "log.dir",
            error,
            "set log.dir to a folder that the service's user may write, or to nothing; free room where its disk is full",
        ),
    })
}

/// The folder of the database, the files and the secret; nothing where all of them are elsewhere.
pub(in crate::cli::doctor) async fn data(config: &Config) -> Option<Finding> {
    let keeps_something = !config.is_postgres()
        || config.storage.kind == StorageKind::Disk
        || config.auth.jwt_secret_key.is_empty();
    if !keeps_something {
        return None;
    }
    Some(match tried(&config.data_dir).await {
        Ok(found) => Finding::ok("data_dir", found),
        Err(error) => Finding::failed(
            "data_dir",
            error,
            "mount it, free room where its disk is full, or set data_dir to a folder that the service's user may write",
        ),
    })
}

/// The signing secret that the program made; nothing where one is configured or none is made yet.
pub(in crate::cli::doctor) async fn secret(config: &Config) -> Option<Finding> {
    let config = config.clone();
    let read = in_time(PATIENCE, spawn_blocking(move || app::kept_secret(&config)));
    let mend = "run this, and the service, as the user who made it; let its owner alone read it (mode 0600)";
    match read.await {
        Ok(Ok(None)) => None,
        Ok(Ok(Some(file))) => Some(Finding::ok("secret", format!("{} can be read", file.display()))),
        Ok(Err(error)) => Some(Finding::failed("secret", error.to_string(), mend)),
        Err(error) => Some(Finding::failed("secret", error, mend)),
    }
}

/// As [`try_folder`], from a thread of its own: a disk over the network may not answer at all.
pub(in crate::cli::doctor) async fn tried(folder: &Path) -> Result<String, String> {
    let folder = folder.to_owned();
    in_time(PATIENCE, spawn_blocking(move || try_folder(&folder))).await?
}

/// Whether a folder can be written, or made where it is not there yet. Looking must not make it: it would be whose who
/// looks.
fn try_folder(folder: &Path) -> Result<String, String> {
    let name = folder.display();
    let whole = std::path::absolute(folder).map_err(|error| error.to_string())?;
    let there = whole.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    let tried = tempfile::tempfile_in(there).and_then(|mut file| {
        // A disk that is full takes new files as long as they are empty.
        file.write_all(&[0; TRIED])?;
        file.sync_data()
    });
    tried.map_err(|error| format!("{name} cannot be written: {error}"))?;
    Ok(if there == whole {
        format!("{name} can be written")
    } else {
        format!("{name} is not there yet: the first start makes it")
    })
}
