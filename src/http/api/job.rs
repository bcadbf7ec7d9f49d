//! `GET` and `DELETE /api/v1/jobs/{job_id}`, and how a job is presented.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::id::{FileId, JobId};
use crate::domain::job::{DocumentFormat, Job, JobStatus, Progress};
use crate::http::caller::Caller;
use crate::http::context;
use crate::http::problem::Problem;
use crate::service::jobs;

/// A job as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobView {
    /// Its identifier.
    id: JobId,
    /// Where it stands.
    status: JobStatus,
    /// How far it is.
    progress: Progress,
    /// The company, as given or as the posting says.
    company_name: Option<String>,
    /// The position, as given or as the posting says.
    job_title: Option<String>,
    /// Address of the posting, when it was given as one.
    job_url: Option<String>,
    /// The uploaded resume; null once it was deleted.
    file_id: Option<FileId>,
    /// Why it failed.
    error_message: Option<String>,
    /// How often it was started.
    attempts: u32,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    /// When it was completed, failed or cancelled.
    completed_at: Option<DateTime<Utc>>,
    /// What can be asked about it now.
    links: Links,
}

/// Addresses of what can be asked about a job now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Links {
    /// The job.
    #[serde(rename = "self")]
    own: String,
    /// What happens to it.
    events: String,
    /// Calls it off; while it waits or runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel: Option<String>,
    /// Asks for it again; after it failed or was called off.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<String>,
    /// Its result; once completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
    /// The documents that were asked for, by format; once completed. The other formats can be had as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<BTreeMap<&'static str, String>>,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        let own = format!("/api/v1/jobs/{}", job.id);
        let when = |holds: bool, part: &str| holds.then(|| format!("{own}/{part}"));
        let completed = job.status == JobStatus::Completed;
        let formats = job.options.formats.unwrap_or_else(|| DocumentFormat::USUAL.to_vec());
        let documents = formats
            .into_iter()
            .map(|format| (format.extension(), format!("{own}/documents/{}", format.extension())))
            .collect();
        let links = Links {
            events: format!("{own}/events"),
            cancel: when(!job.status.is_final(), "cancel"),
            retry: when(matches!(job.status, JobStatus::Failed | JobStatus::Cancelled), "retry"),
            result: when(completed, "result"),
            documents: completed.then_some(documents),
            own,
        };
        Self {
            id: job.id,
            status: job.status,
            progress: job.progress,
            company_name: job.company_name,
            job_title: job.job_title,
            job_url: job.job_url,
            file_id: job.file_id,
            error_message: job.error_message,
            attempts: job.attempts,
            created_at: job.created_at,
            updated_at: job.updated_at,
            completed_at: job.completed_at,
            links,
        }
    }
}

/// Where a job stands.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}", tag = "jobs", params(("job_id" = JobId, Path)), responses(
    (status = 200, description = "The job.", body = JobView),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 404, description = "`not_found`")))]
pub(crate) async fn show(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<JobId>,
) -> Result<HttpResponse, Problem> {
    context::note_job(*id);
    let job = jobs::find(&app, caller.user.id, *id).await?;
    Ok(HttpResponse::Ok().json(JobView::from(job)))
}

/// Deletes a job with its result, calling it off where it has not ended.
#[utoipa::path(delete, path = "/api/v1/jobs/{job_id}", tag = "jobs", params(("job_id" = JobId, Path)), responses(
    (status = 204, description = "It is gone."),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`key_scope`: the API key may only read."),
    (status = 404, description = "`not_found`")))]
pub(crate) async fn delete(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<JobId>,
) -> Result<HttpResponse, Problem> {
    context::note_job(*id);
    jobs::delete(&app, caller.user.id, *id, &caller.origin).await?;
    Ok(HttpResponse::NoContent().finish())
}
