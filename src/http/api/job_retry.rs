//! `POST /api/v1/jobs/{job_id}/retry`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::domain::id::JobId;
use crate::http::api::job::JobView;
use crate::http::caller::Caller;
use crate::http::context;
use crate::http::problem::Problem;
use crate::service::jobs;

/// Asks again for a job that failed or was called off.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/retry", tag = "jobs", params(("job_id" = JobId, Path)), responses(
    (status = 202, description = "It waits again.", body = JobView),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`key_scope`: the API key may only read."),
    (status = 404, description = "`not_found`"),
    (status = 409, description = "`job_not_retryable`"),
    (status = 429, description = "`quota_exceeded`")))]
pub(crate) async fn retry(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<JobId>,
) -> Result<HttpResponse, Problem> {
    context::note_job(*id);
    let job = jobs::retry(&app, caller.user.id, *id).await?;
    Ok(HttpResponse::Accepted().json(JobView::from(job)))
}
