//! Runs a job: file, correction and posting in, result into its row, documents on demand.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use metrics::{gauge, histogram};
use tokio::sync::mpsc;
use tracing::Instrument as _;

use crate::app::App;
use crate::blobs::BlobError;
use crate::domain::job::Job;
use crate::domain::outcome::Outcome;
use crate::domain::task::OptimizeTask;
use crate::pipeline::{Hints, Order, PipelineError, PostingSource};
use crate::queue::{Context, Ended, Handler, QueueError, TaskError};
use crate::store::jobs::Learned;
use crate::store::{StoreError, Tx, corrections, files, job_events, jobs};
use crate::telemetry::metrics::{ACTIVE_JOBS, RESUME_PROCESSING};
use crate::worker::notes::{Notes, OUR_FAULT};
use crate::worker::progress::{self, STEPS};

/// What a person is told when the resume was deleted before the job came to it.
const NO_FILE: &str = "The resume of this job was deleted before it was read; upload it again.";

/// The handler of [`OptimizeTask`].
#[derive(Debug)]
pub(in crate::worker) struct Optimize {
    app: App,
    notes: Notes,
}

#[async_trait]
impl Handler for Optimize {
    async fn run(&self, context: &Context) -> Result<(), TaskError> {
        let task: OptimizeTask = context.payload()?;
        let span = tracing::info_span!("job", user_id = %task.user_id, job_id = %task.job_id);
        self.attempt(context, task).instrument(span).await
    }

    async fn ended(&self, tx: &Tx, ended: &Ended) -> Result<(), StoreError> {
        self.notes.ended(tx, ended).await
    }

    async fn revived(&self, tx: &Tx, revived: &Ended) -> Result<bool, StoreError> {
        self.notes.revived(tx, revived).await
    }
}

impl Optimize {
    pub(in crate::worker) fn new(app: App) -> Self {
        Self { notes: Notes::new(&app.config), app }
    }

    async fn attempt(&self, context: &Context, task: OptimizeTask) -> Result<(), TaskError> {
        let _active = Active::begin();
        let Some(job) = self.start(context, task).await? else {
            // Called off, deleted or completed by an attempt whose end was not written.
            return Ok(());
        };
        let began = Instant::now();
        let outcome = self.outcome(context, &job).await?;
        if !self.complete(context, task, &outcome).await? {
            // Called off or deleted meanwhile: the result is nobody's.
            return Ok(());
        }
        histogram!(RESUME_PROCESSING, "job_type" => OptimizeTask::KIND).record(began.elapsed());
        tracing::info!("a job was completed");
        Ok(())
    }

    async fn start(&self, context: &Context, task: OptimizeTask) -> Result<Option<Job>, TaskError> {
        let started = async {
            let tx = self.app.db.begin().await?;
            context.guard(&tx).await?;
            let job = jobs::start(&tx, task.user_id, task.job_id).await?;
            if let Some(job) = &job {
                job_events::append(&tx, job, self.app.config.jobs.max_events).await?;
            }
            tx.commit().await?;
            Ok::<_, QueueError>(job)
        };
        started.await.map_err(not_written)
    }

    async fn outcome(&self, context: &Context, job: &Job) -> Result<Outcome, TaskError> {
        let order = self.order(job).await?;
        let (sender, mut steps) = mpsc::channel(STEPS);
        // It goes along with the work on a thread, which outlives whoever waits for it.
        let attempt = context.clone();
        let heard = Arc::new(move |step| {
            if attempt.stop().is_some() {
                return;
            }
            // A full channel means that the database is slow; the steps after this one tell enough.
            let _ = sender.try_send(step);
        });
        let task = OptimizeTask { user_id: job.user_id, job_id: job.id };
        let work = async {
            let (outcome, ()) = tokio::join!(
                self.app.pipeline.optimize(order, heard),
                progress::report(&self.app, context, task, &mut steps),
            );
            outcome
        };
        tokio::select! {
            outcome = work => outcome.map_err(failed),
            () = context.stopped() => Err(TaskError::Stopped),
        }
    }

    async fn order(&self, job: &Job) -> Result<Order, TaskError> {
        let Some(file_id) = job.file_id else {
            return Err(TaskError::Refuse(NO_FILE.to_owned()));
        };
        let db = &self.app.db;
        let found = async {
            let file = files::find(db, job.user_id, file_id).await?;
            let path = files::find_path(db, job.user_id, file_id).await?;
            let correction = corrections::find(db, job.user_id, file_id).await?;
            Ok::<_, StoreError>((file.zip(path), correction))
        };
        let (found, correction) = found.await.map_err(on_our_side)?;
        let (file, path) = found.ok_or_else(|| TaskError::Refuse(NO_FILE.to_owned()))?;
        let resume = self.app.blobs.read(&path).await.map_err(not_read)?;
        let posting = match (&job.job_url, &job.posting_text) {
            // A second attempt has a reason to hope for more: somebody mended the page, or asks for it by hand.
            (Some(url), _) => PostingSource::Address { url: url.clone(), again: job.attempts > 1 },
            (None, text) => PostingSource::Text(text.clone().unwrap_or_default()),
        };
        Ok(Order {
            resume,
            filename: file.filename,
            // As it stands now: what its owner corrects from here on is another job's.
            corrected: correction.map(|correction| correction.resume),
            posting,
            hints: Hints { company: job.company_name.clone(), title: job.job_title.clone() },
            template: job.options.template.clone(),
            // Not today: an attempt after midnight says what the first one would have said.
            as_of: job.created_at.date_naive(),
        })
    }

    async fn complete(
        &self,
        context: &Context,
        task: OptimizeTask,
        outcome: &Outcome,
    ) -> Result<bool, TaskError> {
        let learned = Learned {
            company_name: outcome.posting.company.clone(),
            job_title: outcome.posting.title.clone(),
        };
        let completed = async {
            let tx = self.app.db.begin().await?;
            context.guard(&tx).await?;
            let job = jobs::complete(&tx, task.user_id, task.job_id, outcome, learned).await?;
            if let Some(job) = &job {
                job_events::append(&tx, job, self.app.config.jobs.max_events).await?;
            }
            tx.commit().await?;
            Ok::<_, QueueError>(job.is_some())
        };
        completed.await.map_err(not_written)
    }
}

fn failed(error: PipelineError) -> TaskError {
    if error.is_internal() {
        return on_our_side(error);
    }
    let sentence = error.to_string();
    if error.is_transient() { TaskError::Retry(sentence) } else { TaskError::Refuse(sentence) }
}

/// What is not in the store any more never comes back; what cannot be had now may, also when somebody has to mend that.
fn not_read(error: BlobError) -> TaskError {
    if error.is_for_operator() {
        tracing::error!(exception = %error, "a stored file cannot be opened");
        return TaskError::Retry(OUR_FAULT.to_owned());
    }
    if error.is_transient() { on_our_side(error) } else { TaskError::Refuse(error.to_string()) }
}

/// Tried again; the cause is the operator's, its owner is told no more than that.
fn on_our_side(error: impl std::fmt::Display) -> TaskError {
    tracing::warn!(exception = %error, "an attempt failed on our side");
    TaskError::Retry(OUR_FAULT.to_owned())
}

/// The same for what is written under the lease, whose loss is nobody's fault.
fn not_written(error: QueueError) -> TaskError {
    match error {
        QueueError::LeaseLost => TaskError::Stopped,
        error => on_our_side(error),
    }
}

/// Counts a job as active while it lives, however its attempt ends.
struct Active;

impl Active {
    fn begin() -> Self {
        gauge!(ACTIVE_JOBS).increment(1.0);
        Self
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        gauge!(ACTIVE_JOBS).decrement(1.0);
    }
}
