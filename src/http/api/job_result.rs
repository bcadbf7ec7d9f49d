//! `GET /api/v1/jobs/{job_id}/result`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::domain::id::JobId;
use crate::domain::outcome::Outcome;
use crate::http::caller::Caller;
use crate::http::context;
use crate::http::problem::Problem;
use crate::service::jobs;

/// The result of a completed job.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/result", tag = "jobs", params(("job_id" = JobId, Path)), responses(
    (status = 200, description = "Scores, requirements, edits and the tailored resume.", body = Outcome),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 404, description = "`not_found`"),
    (status = 409, description = "`job_not_completed`")))]
pub(crate) async fn show(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<JobId>,
) -> Result<HttpResponse, Problem> {
    context::note_job(*id);
    Ok(HttpResponse::Ok().json(jobs::result(&app, caller.user.id, *id).await?))
}
