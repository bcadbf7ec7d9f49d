//! The documents of a completed job, rendered when they are asked for and kept for a while.

use bytes::Bytes;

use crate::app::App;
use crate::cache::{Computed, Key, Kind};
use crate::domain::hash::sha256;
use crate::domain::id::{JobId, UserId};
use crate::domain::job::DocumentFormat;
use crate::domain::resume::Resume;
use crate::engine::optimize::OptimizeError;
use crate::engine::render;
use crate::pipeline::PipelineError;
use crate::service::jobs::result::{completed, template};
use crate::service::{ServiceError, cached};

/// Version of how documents are written; another one makes kept documents stale. A hash of the engine's sources, as for
/// what is read of files.
const RENDERING: &str = env!("ENGINE_SOURCES");

/// A rendered document.
#[derive(Debug)]
pub struct Document {
    /// The name to save it under: the person and the company.
    pub filename: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Bytes,
}

/// The tailored resume in a format.
///
/// # Errors
/// `not_found`; `job_not_completed`.
pub async fn document(
    app: &App,
    owner: UserId,
    id: JobId,
    format: DocumentFormat,
) -> Result<Document, ServiceError> {
    let (job, outcome) = completed(app, owner, id).await?;
    let company = job.company_name.clone().or(outcome.posting.company);
    let resume = outcome.resume;
    let stem = render::file_stem(&resume, company.as_deref());
    let template = template(&job);
    let (content, extension) = (content(&resume)?, format.extension());
    let key = of_job(owner, id, &format!("{template}/{extension}/{content}"));
    let written = app.pipeline.run(move || {
        let bytes = render::render(&resume, format, &template).map_err(OptimizeError::from)?;
        Ok(Computed::Value(Bytes::from(bytes)))
    });
    let bytes = app.cache.get_or_compute(&key, written).await.map_err(|error| not_written(&error))?;
    let filename = format!("{stem}.{}", format.extension());
    Ok(Document { filename, content_type: format.content_type(), bytes })
}

/// Forgets the documents of a result that is gone: what a person deletes is not kept elsewhere.
pub(in crate::service::jobs) fn forget(app: &App, owner: UserId, id: JobId) {
    app.cache.forget_all(of_job(owner, id, "").as_text());
}

/// The key of one of a job's documents; without a name, how those of all begin.
fn of_job(owner: UserId, id: JobId, name: &str) -> Key {
    cached::of_account(owner).key(Kind::Document, RENDERING, &format!("{id}/{name}"))
}

fn content(resume: &Resume) -> Result<String, ServiceError> {
    Ok(sha256(&serde_json::to_vec(resume).map_err(ServiceError::internal)?))
}

/// Everybody who waited for the same document gets the same error, which none of them owns.
fn not_written(error: &PipelineError) -> ServiceError {
    ServiceError::internal(error.to_string())
}
