//! `GET` and `POST /api/v1/jobs`

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::job::{Job, JobStatus};
use crate::http::api::job::JobView;
use crate::http::caller::Caller;
use crate::http::context;
use crate::http::extract::{Json, ListQuery, idempotency_key};
use crate::http::problem::Problem;
use crate::service::jobs::{self, JobRequest};

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobList {
    /// Newest first.
    items: Vec<JobView>,
    /// To be passed as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// The caller's jobs, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", params(
    ("limit" = Option<u32>, Query, description = "How many to answer with.", minimum = 1, maximum = 100),
    ("cursor" = Option<String>, Query, description = "Where the page before ended: its `next_cursor`."),
    ("status" = Option<JobStatus>, Query, description = "Only jobs of this status.")), responses(
    (status = 200, description = "A page of them.", body = JobList),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 422, description = "`invalid_request`")))]
pub(crate) async fn list(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = ListQuery::of(&request)?;
    let (items, next_cursor) = jobs::list(&app, caller.user.id, query.status()?, query.listing()?).await?;
    let items = items.into_iter().map(JobView::from).collect();
    Ok(HttpResponse::Ok().json(JobList { items, next_cursor }))
}

/// Asks for a job with a resume that was uploaded before.
#[utoipa::path(post, path = "/api/v1/jobs", tag = "jobs", params(
    ("Idempotency-Key" = Option<String>, Header, description = "The same request under the same key within 24 hours \
     is answered with the same job.")), request_body = JobRequest, responses(
    (status = 202, description = "It waits for a worker.", body = JobView,
     headers(("location" = String, description = "Address of the job."))),
    (status = 400, description = "`malformed_request`"),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`key_scope`: the API key may only read."),
    (status = 404, description = "`not_found`: the file."),
    (status = 413, description = "`request_too_large`"),
    (status = 415, description = "`unsupported_media_type`"),
    (status = 422, description = "`invalid_request`, `posting_too_short`, `posting_is_login_page`, \
     `posting_unreadable`, `idempotency_key_reused`"),
    (status = 429, description = "`quota_exceeded`, `rate_limited`")))]
pub(crate) async fn create(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
    input: Json<JobRequest>,
) -> Result<HttpResponse, Problem> {
    let key = idempotency_key(&request)?;
    let job = jobs::create(&app, &caller.user, input.0, key.as_deref()).await?;
    Ok(accepted(job))
}

/// The answer to whoever asked for a job.
pub(crate) fn accepted(job: Job) -> HttpResponse {
    context::note_job(job.id);
    let location = format!("/api/v1/jobs/{}", job.id);
    HttpResponse::Accepted().insert_header(("location", location)).json(JobView::from(job))
}
