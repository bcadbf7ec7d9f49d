//! Deletes bytes of files that no row refers to: what killed processes left, and what could not be deleted in its time.
//!
//! Only what has a name of ours is looked at, only when it is old, and nothing goes whose row could not be asked for.
//! The store is walked piece by piece; what is in memory of it is what is to go, and that has a bound.

use std::mem;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;

use crate::app::App;
use crate::blobs::{BlobError, Listed};
use crate::queue::{Context, TaskError};
use crate::store::{files, now};
use crate::worker::cleanup::go_on;

/// Paths that are asked for at once, and deleted at once: a statement of some 30 KB.
const AT_ONCE: usize = 200;
/// Most that one clean-up deletes, and so has in memory: two megabytes. The next one goes on.
const MOST: usize = 10_000;
/// As many as these may go whatever else is there: crashes and outages leave a few.
const FEW: u64 = 10;

/// Deletes the bytes that nothing refers to, counting them.
pub(in crate::worker) async fn sweep(
    app: &App,
    context: &Context,
    deleted: &mut u64,
) -> Result<(), TaskError> {
    let hours = app.config.storage.orphan_hours;
    if hours == 0 {
        return Ok(());
    }
    go_on(context)?;
    let before = now() - TimeDelta::hours(i64::from(hours));
    let attempt = context.clone();
    let half_written = app.blobs.delete_half_written(before, move || attempt.stop().is_some());
    *deleted += half_written.await.map_err(|error| not_done(&error))?;
    let found = look(app, context, before).await?;
    if are_somebody_elses(app, &found).await? {
        return Ok(());
    }
    for batch in found.orphans.chunks(AT_ONCE) {
        go_on(context)?;
        // Asked once more: a backup that is restored meanwhile may have brought their rows.
        let paths = unused(app, batch).await?.into_iter().map(|blob| blob.path.clone()).collect();
        *deleted +=
            unless_stopped(context, app.blobs.delete_all(paths)).await?.map_err(|error| not_done(&error))?;
    }
    Ok(())
}

/// What is in the store from before then.
#[derive(Default)]
struct Found {
    /// How many there are.
    seen: u64,
    /// How many of them nothing refers to.
    unused: u64,
    /// Of those, as many as may go at once.
    orphans: Vec<Listed>,
}

/// Looks at all of it, also where more is to go than may: how much that is decides whether any of it goes.
async fn look(app: &App, context: &Context, before: DateTime<Utc>) -> Result<Found, TaskError> {
    let mut listed = app.blobs.list();
    let (mut batch, mut found) = (Vec::new(), Found::default());
    loop {
        go_on(context)?;
        let next =
            unless_stopped(context, listed.next()).await?.transpose().map_err(|error| not_done(&error))?;
        let is_end = next.is_none();
        batch.extend(next.filter(|blob| blob.modified_at < before));
        if batch.len() >= AT_ONCE || is_end {
            let looked_at = mem::take(&mut batch);
            let unused = unused(app, &looked_at).await?;
            found.seen += looked_at.len() as u64;
            found.unused += unused.len() as u64;
            let room = MOST.saturating_sub(found.orphans.len());
            found.orphans.extend(unused.into_iter().take(room).cloned());
        }
        if is_end {
            return Ok(found);
        }
    }
}

/// Those of these that no row refers to.
async fn unused<'a>(app: &App, batch: &'a [Listed]) -> Result<Vec<&'a Listed>, TaskError> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let hashes = batch.iter().map(|blob| blob.sha256.as_str());
    let used = files::paths_in_use(&app.db, hashes, batch.iter().map(|blob| blob.path.as_str())).await?;
    Ok(batch.iter().filter(|blob| !used.contains(&blob.path)).collect())
}

/// Whether these are rather the files of another database: of the one before, or of one whose backup is yet to be
/// restored. They would be lost in one night.
async fn are_somebody_elses(app: &App, found: &Found) -> Result<bool, TaskError> {
    let Found { seen, unused, .. } = *found;
    if unused == 0 {
        return Ok(false);
    }
    let known = files::count(&app.db).await?;
    let are_theirs = known == 0 || (unused > FEW && unused.saturating_mul(2) > seen);
    if are_theirs {
        tracing::error!(
            unused,
            seen,
            known,
            "most stored files belong to no row of this database, so none was deleted; check that database.url and the \
             store belong together, and delete the files by hand where they should go"
        );
    }
    Ok(are_theirs)
}

/// What comes of it, unless the task is asked to stop before.
async fn unless_stopped<T>(context: &Context, work: impl Future<Output = T>) -> Result<T, TaskError> {
    tokio::select! {
        done = work => Ok(done),
        () = context.stopped() => Err(TaskError::Stopped),
    }
}

fn not_done(error: &BlobError) -> TaskError {
    TaskError::Retry(error.to_string())
}
