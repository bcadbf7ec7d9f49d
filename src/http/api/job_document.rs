//! `GET /api/v1/jobs/{job_id}/documents/{format}`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::domain::id::JobId;
use crate::domain::job::DocumentFormat;
use crate::http::caller::Caller;
use crate::http::context;
use crate::http::download::download as as_download;
use crate::http::problem::Problem;
use crate::service::jobs;

/// The tailored resume as a download, named after the person and the company.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/documents/{format}", tag = "jobs",
    params(("job_id" = JobId, Path), ("format" = DocumentFormat, Path)), responses(
    (status = 200, description = "The document.", content(
        (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (String = "text/markdown"),
        (String = "text/plain"),
        (String = "text/html"),
        (serde_json::Value = "application/json"))),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 404, description = "`not_found`"),
    (status = 409, description = "`job_not_completed`")))]
pub(crate) async fn download(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<(JobId, DocumentFormat)>,
) -> Result<HttpResponse, Problem> {
    let (id, format) = path.into_inner();
    context::note_job(id);
    let document = jobs::document(&app, caller.user.id, id, format).await?;
    Ok(as_download(&document.filename, document.content_type, document.bytes))
}
