//! `POST /api/v1/optimize`

use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::job::JobOptions;
use crate::http::api::files::no_file;
use crate::http::api::job::JobView;
use crate::http::api::jobs::accepted;
use crate::http::caller::Caller;
use crate::http::extract::{idempotency_key, parse_json_field};
use crate::http::form::Form;
use crate::http::problem::Problem;
use crate::service::jobs::{self, Upload};

/// A resume and a posting as a multipart form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used; the form is read field by field")]
pub(crate) struct OptimizeForm {
    /// The resume: PDF, DOCX, ODT, RTF, HTML, Markdown, LaTeX, text or JSON Resume.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
    /// Address of the posting's page; this or `posting_text`.
    job_url: Option<String>,
    /// Text of the posting; this or `job_url`.
    posting_text: Option<String>,
    /// The hiring organization.
    company_name: Option<String>,
    /// The title of the position.
    job_title: Option<String>,
    /// How it is to be done, as JSON.
    options: Option<JobOptions>,
}

/// Uploads a resume and asks for a job with it: both, or neither.
#[utoipa::path(post, path = "/api/v1/optimize", tag = "jobs", params(
    ("Idempotency-Key" = Option<String>, Header, description = "The same request under the same key within 24 hours \
     is answered with the same job.")),
    request_body(content = OptimizeForm, content_type = "multipart/form-data"), responses(
    (status = 202, description = "It waits for a worker.", body = JobView,
     headers(("location" = String, description = "Address of the job."))),
    (status = 400, description = "`malformed_request`"),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`key_scope`: the API key may only read."),
    (status = 413, description = "`file_too_large`"),
    (status = 415, description = "`unsupported_file_type`, `unsupported_media_type`"),
    (status = 422, description = "`unreadable_file`, `invalid_request`, `posting_too_short`, \
     `posting_is_login_page`, `posting_unreadable`, `idempotency_key_reused`"),
    (status = 429, description = "`quota_exceeded`, `rate_limited`")))]
pub(crate) async fn optimize(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
    mut form: Form,
) -> Result<HttpResponse, Problem> {
    form.expect_only(&["job_url", "posting_text", "company_name", "job_title", "options"])?;
    let key = idempotency_key(&request)?;
    let options: JobOptions = match form.text("options") {
        Some(text) => parse_json_field::<Option<JobOptions>>("options", text)?.unwrap_or_default(),
        None => JobOptions::default(),
    };
    let (filename, bytes) = form.take_file().ok_or_else(no_file)?;
    let upload = Upload { filename, bytes };
    let job = jobs::optimize(&app, &caller.user, upload, form.advert(), options, key.as_deref()).await?;
    Ok(accepted(job))
}
