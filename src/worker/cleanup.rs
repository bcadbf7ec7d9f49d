//! Deletes what was kept for its time: ended jobs, files that nobody uses, keys, tokens, finished tasks; and bytes that
//! nothing refers to.
//!
//! Careers are not kept for ever. Whatever is deleted in one transaction is little, so that nobody waits for long and a
//! stop is soon heard; done twice or taken up in the middle, it comes to the same.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::queue::{Context, Handler, TaskError, TaskState};
use crate::store::files::Swept;
use crate::store::{Tx, audit, files, idempotency, job_starts, jobs, now, refresh_tokens, throttles};
use crate::worker::orphans;

/// Rows that one transaction deletes: more would keep the one writer of SQLite from those who wait for an answer.
const AT_ONCE: u64 = 200;
/// Seconds of a day.
const DAY: u64 = 86_400;

/// The handler of [`crate::domain::task::CleanupTask`].
#[derive(Debug)]
pub(in crate::worker) struct Cleanup {
    app: App,
}

/// How much was deleted.
#[derive(Debug, Default)]
struct Deleted {
    jobs: u64,
    files: u64,
    keys: u64,
    tokens: u64,
    tasks: u64,
    notes: u64,
    orphans: u64,
}

#[async_trait]
impl Handler for Cleanup {
    async fn run(&self, context: &Context) -> Result<(), TaskError> {
        let mut deleted = Deleted::default();
        let cleaned = self.clean(context, &mut deleted).await;
        // Said however it ended: what is deleted is deleted.
        let Deleted { jobs, files, keys, tokens, tasks, notes, orphans } = deleted;
        tracing::info!(
            jobs,
            files,
            keys,
            tokens,
            tasks,
            notes,
            orphans,
            "deleted what was kept for its time"
        );
        cleaned
    }
}

impl Cleanup {
    pub(in crate::worker) fn new(app: App) -> Self {
        Self { app }
    }

    async fn clean(&self, context: &Context, deleted: &mut Deleted) -> Result<(), TaskError> {
        let before = now() - TimeDelta::days(i64::from(self.app.config.jobs.keep_days));
        // Jobs first: their files are then nobody's.
        self.jobs(context, before, deleted).await?;
        self.files(context, before, deleted).await?;
        self.leftovers(context, deleted).await?;
        self.tasks(context, deleted).await?;
        // Last: a store that is away keeps nothing else from being done.
        orphans::sweep(&self.app, context, &mut deleted.orphans).await
    }

    async fn jobs(
        &self,
        context: &Context,
        before: DateTime<Utc>,
        deleted: &mut Deleted,
    ) -> Result<(), TaskError> {
        loop {
            let tx = self.begin(context).await?;
            let gone = jobs::delete_ended_before(&tx, before, AT_ONCE).await?;
            tx.commit().await?;
            deleted.jobs += gone;
            if gone < AT_ONCE {
                return Ok(());
            }
        }
    }

    async fn files(
        &self,
        context: &Context,
        before: DateTime<Utc>,
        deleted: &mut Deleted,
    ) -> Result<(), TaskError> {
        let mut last = None;
        loop {
            let tx = self.begin(context).await?;
            let swept = files::delete_unused_before(&tx, before, last, AT_ONCE).await?;
            let committed = tx.commit().await;
            // Also when the answer to the commit was lost: it may have happened.
            self.discard(&swept).await;
            committed?;
            deleted.files += u64::try_from(swept.unused.len()).unwrap_or(u64::MAX);
            last = swept.next;
            if last.is_none() {
                return Ok(());
            }
        }
    }

    /// Deletes the bytes of files whose entries are gone. What stays is swept with whatever else nothing refers to.
    async fn discard(&self, swept: &Swept) {
        for (done, file) in swept.unused.iter().enumerate() {
            if let Err(error) = self.app.discard(file.user_id, &file.file_path).await {
                let left = swept.unused.len() - done;
                tracing::warn!(exception = %error, left, "the bytes of deleted files are left to the next clean-up");
                return;
            }
        }
    }

    /// What is no longer valid and that nobody can use any more.
    async fn leftovers(&self, context: &Context, deleted: &mut Deleted) -> Result<(), TaskError> {
        let tx = self.begin(context).await?;
        let before = now() - TimeDelta::hours(idempotency::KEPT_HOURS);
        deleted.keys = idempotency::delete_before(&tx, before).await?;
        tx.commit().await?;
        let tx = self.begin(context).await?;
        deleted.tokens = refresh_tokens::delete_expired(&tx, now()).await?;
        tx.commit().await?;
        let tx = self.begin(context).await?;
        deleted.notes +=
            job_starts::delete_before(&tx, now() - TimeDelta::hours(job_starts::KEPT_HOURS)).await?;
        deleted.notes +=
            throttles::delete_before(&tx, now() - TimeDelta::hours(throttles::KEPT_HOURS)).await?;
        tx.commit().await?;
        let tx = self.begin(context).await?;
        let days = i64::from(self.app.config.auth.keep_audit_days);
        deleted.notes += audit::delete_before(&tx, now() - TimeDelta::days(days)).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn tasks(&self, context: &Context, deleted: &mut Deleted) -> Result<(), TaskError> {
        let limits = &self.app.config.queue;
        let ends = [
            (TaskState::Completed, limits.keep_completed_days),
            (TaskState::Cancelled, limits.keep_completed_days),
            (TaskState::Dead, limits.keep_dead_days),
        ];
        for (end, days) in ends {
            go_on(context)?;
            let age = Duration::from_secs(u64::from(days) * DAY);
            deleted.tasks += self.app.queue.prune(end, age).await?;
        }
        Ok(())
    }

    /// Begins the next step, unless there shall be none.
    async fn begin(&self, context: &Context) -> Result<Tx, TaskError> {
        go_on(context)?;
        let tx = self.app.db.begin().await?;
        context.guard(&tx).await?;
        Ok(tx)
    }
}

pub(in crate::worker) fn go_on(context: &Context) -> Result<(), TaskError> {
    // What follows is the queue's to decide; another attempt goes on where this one stopped.
    if context.stop().is_some() { Err(TaskError::Stopped) } else { Ok(()) }
}
