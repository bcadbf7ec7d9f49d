//! The main job, once: a resume and a posting in, an outcome out.
//!
//! Documents are read in the sandbox, postings by address come through intake, the engine runs on a thread for
//! blocking work, and its stages are timed. The command line, the service and the worker all go through here, so
//! that the same input gives the same outcome wherever it is asked for. Knows no database. Imports domain, config,
//! engine, cache, intake and sandbox.

mod error;
mod order;
mod page;
mod stopwatch;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use chrono::NaiveDate;
use tokio::sync::Semaphore;
use tracing::{Instrument as _, Span};

pub use crate::pipeline::error::PipelineError;
pub use crate::pipeline::order::{Hints, Order, PostingSource, Progress, Step};

use crate::cache::Cache;
use crate::config::Config;
use crate::domain::hash::sha256;
use crate::domain::outcome::{Analysis, Outcome, Parsed};
use crate::domain::posting::Posting;
use crate::domain::resume::Resume;
use crate::domain::source::SourceText;
use crate::engine::optimize::{self, Input, Stage};
use crate::engine::read::Purpose;
use crate::engine::render::DEFAULT_TEMPLATE;
use crate::engine::understand;
use crate::engine::understand::posting::PostingHints;
use crate::engine::understand::readability::Beside;
use crate::intake::Intake;
use crate::pipeline::stopwatch::Stopwatch;
use crate::sandbox::Reader;

/// Name that a posting given as text is read under.
const TEXT_NAME: &str = "posting.txt";

/// Everything that the main job needs; clones share its bounds.
#[derive(Debug, Clone)]
pub struct Pipeline {
    reader: Reader,
    intake: Intake,
    /// Pages of postings that were read.
    cache: Cache,
    /// Engine runs at once: each keeps a core busy.
    runs: Arc<Semaphore>,
}

impl Pipeline {
    /// The pipeline within the configured bounds.
    ///
    /// # Errors
    /// When this program cannot find itself, or the client for postings cannot be made.
    pub fn new(config: &Config, cache: Cache) -> Result<Self, PipelineError> {
        let program = this_program().map_err(PipelineError::Program)?;
        Ok(Self {
            reader: Reader::new(program, &config.reader).with_max_bytes(config.files.max_bytes),
            intake: Intake::new(&config.intake)?,
            cache,
            runs: Arc::new(Semaphore::new(config.reader.slots().max(1))),
        })
    }

    /// Reads a resume's document.
    ///
    /// # Errors
    /// When nothing in it can be read, or reading it was given up.
    pub async fn read(&self, bytes: Bytes, filename: &str) -> Result<SourceText, PipelineError> {
        let reading = self.reader.read(Purpose::Resume, bytes, filename);
        reading.instrument(span(Step::Read.name())).await.map_err(PipelineError::Resume)
    }

    /// Reads a resume and says what was understood, what simple readers get from it, and what a reader of resumes
    /// would trip over. Dates after `as_of` are in the future.
    ///
    /// # Errors
    /// As [`Pipeline::read`].
    pub async fn parse(
        &self,
        bytes: Bytes,
        filename: &str,
        as_of: NaiveDate,
    ) -> Result<Parsed, PipelineError> {
        let source = self.read(bytes, filename).await?;
        let filename = filename.to_owned();
        self.run(move || {
            let _stage = span(Stage::Understand.name()).entered();
            let resume = understand::resume::understand(&source);
            let readers = understand::readers::compare(&source, &resume);
            let beside = Beside { as_of, filename: Some(&filename), readers: &readers };
            let readability = understand::readability::check(&source, &resume, &beside).findings;
            let resume = understand::resume::reading(&source, resume);
            Ok(Parsed { resume, readability, readers, notes: source.notes })
        })
        .await
    }

    /// Reads and understands a posting.
    ///
    /// # Errors
    /// When it cannot be fetched or read, or is no posting.
    pub async fn posting(&self, source: PostingSource, hints: Hints) -> Result<Posting, PipelineError> {
        self.posting_with(source, hints, ()).await
    }

    /// The same with something that goes along to wherever the work is done, and ends when it does.
    async fn posting_with(
        &self,
        source: PostingSource,
        hints: Hints,
        along: impl Send + 'static,
    ) -> Result<Posting, PipelineError> {
        self.posting_of(source, hints, along).instrument(span(Step::Posting.name())).await
    }

    async fn posting_of(
        &self,
        source: PostingSource,
        hints: Hints,
        along: impl Send + 'static,
    ) -> Result<Posting, PipelineError> {
        let (url, document) = match source {
            PostingSource::Address { url, again } => {
                let page = self.page(&url, again).await?;
                (Some(page.url), page.document)
            }
            PostingSource::Text(text) => (None, self.document(Bytes::from(text), TEXT_NAME).await?),
            PostingSource::Document { bytes, filename } => (None, self.document(bytes, &filename).await?),
        };
        self.run(move || {
            let _along = along;
            let hints = PostingHints {
                url: url.as_deref(),
                company: hints.company.as_deref(),
                title: hints.title.as_deref(),
            };
            Ok(understand::posting::understand(&document, &hints)?)
        })
        .await
    }

    async fn document(&self, bytes: Bytes, filename: &str) -> Result<SourceText, PipelineError> {
        self.reader.read(Purpose::Posting, bytes, filename).await.map_err(PipelineError::PostingDocument)
    }

    /// Optimizes a resume for a posting; `progress` hears of each step when it begins.
    ///
    /// # Errors
    /// When the resume or the posting cannot be read, the posting is none, or a document cannot be written.
    pub async fn optimize(&self, order: Order, progress: Progress) -> Result<Outcome, PipelineError> {
        let mut watch = Stopwatch::started();
        watch.begin(Step::Read.name());
        progress(Step::Read);
        let sha256 = sha256(&order.resume);
        let source = self.read(order.resume, &order.filename).await?;
        watch.begin(Step::Posting.name());
        progress(Step::Posting);
        let posting = self.posting_with(order.posting, order.hints, Arc::clone(&progress)).await?;
        watch.pause();
        let (corrected, template, as_of) = (order.corrected, order.template, order.as_of);
        self.run(move || {
            let input = Input {
                source: &source,
                resume_sha256: &sha256,
                corrected: corrected.as_ref(),
                posting: &posting,
                template: template.as_deref().unwrap_or(DEFAULT_TEMPLATE),
                confirmed: &[],
                as_of,
            };
            let mut current = None;
            let mut on_stage = |stage: Stage| {
                watch.begin(stage.name());
                // They follow each other, so the one before ends first.
                drop(current.take());
                current = Some(span(stage.name()).entered());
                progress(Step::Engine(stage));
            };
            let outcome = optimize::optimize(&input, &mut on_stage)?;
            Ok(Outcome { timings_ms: watch.stopped(), ..outcome })
        })
        .await
    }

    /// The match report alone: nothing is changed, nothing rendered.
    ///
    /// # Errors
    /// As [`Pipeline::optimize`], documents aside.
    pub async fn analyze(&self, order: Order) -> Result<Analysis, PipelineError> {
        let sha256 = sha256(&order.resume);
        let (corrected, as_of): (Option<Resume>, NaiveDate) = (order.corrected, order.as_of);
        let source = self.read(order.resume, &order.filename).await?;
        let posting = self.posting(order.posting, order.hints).await?;
        self.run(move || {
            let _stage = span(Stage::Match.name()).entered();
            let read = understand::resume::understand(&source);
            Ok(optimize::analyze(&source, &read, corrected.as_ref(), &posting, &sha256, as_of))
        })
        .await
    }

    /// Runs work of the engine on a thread for blocking work, so many at once and no more.
    ///
    /// # Errors
    /// What the work fails with, or [`PipelineError::Broken`] when it panics.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PipelineError> + Send + 'static,
    ) -> Result<T, PipelineError> {
        // Closed never; were it, that would be a defect like any other.
        let run = Arc::clone(&self.runs).acquire_owned().await.map_err(|_| PipelineError::Broken)?;
        // The permit goes along: work that nobody waits for any more still keeps a core busy. So does the span, so that what
        // breaks says for whom.
        let around = Span::current();
        let task = tokio::task::spawn_blocking(move || {
            let _run = run;
            around.in_scope(work)
        });
        task.await.map_err(|_| PipelineError::Broken)?
    }
}

/// The span of a stage, within the current one.
fn span(stage: &'static str) -> Span {
    tracing::info_span!("stage", stage)
}

/// The file of this program. On Linux by the kernel's own link, which holds even after an upgrade replaced the file
/// on disk: parent and child have to be of one version.
fn this_program() -> std::io::Result<PathBuf> {
    let own = PathBuf::from("/proc/self/exe");
    if own.exists() { Ok(own) } else { std::env::current_exe() }
}
