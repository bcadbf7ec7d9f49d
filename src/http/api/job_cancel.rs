//! `POST /api/v1/jobs/{job_id}/cancel`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::domain::id::JobId;
use crate::http::api::job::JobView;
use crate::http::caller::Caller;
use crate::http::context;
use crate::http::problem::Problem;
use crate::service::jobs;

/// Calls a job off that waits or runs.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/cancel", tag = "jobs", params(("job_id" = JobId, Path)), responses(
    (status = 202, description = "It is called off.", body = JobView),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`key_scope`: the API key may only read."),
    (status = 404, description = "`not_found`"),
    (status = 409, description = "`job_not_cancellable`")))]
pub(crate) async fn cancel(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<JobId>,
) -> Result<HttpResponse, Problem> {
    context::note_job(*id);
    let job = jobs::cancel(&app, caller.user.id, *id).await?;
    Ok(HttpResponse::Accepted().json(JobView::from(job)))
}
