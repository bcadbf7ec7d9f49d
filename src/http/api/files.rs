//! `GET` and `POST /api/v1/files`

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::file::File;
use crate::http::caller::Caller;
use crate::http::extract::ListQuery;
use crate::http::form::Form;
use crate::http::problem::Problem;
use crate::service::ServiceError;
use crate::service::files::{self, Kept};

/// A page of files.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileList {
    /// Newest first.
    items: Vec<File>,
    /// To be passed as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// A resume as a multipart form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used; the form is read field by field")]
pub(crate) struct FileForm {
    /// The resume: PDF, DOCX, ODT, RTF, HTML, Markdown, LaTeX, text or JSON Resume.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

/// The caller's files, newest first.
#[utoipa::path(get, path = "/api/v1/files", tag = "files", params(
    ("limit" = Option<u32>, Query, description = "How many to answer with.", minimum = 1, maximum = 100),
    ("cursor" = Option<String>, Query, description = "Where the page before ended: its `next_cursor`.")),
    responses(
        (status = 200, description = "A page of them.", body = FileList),
        (status = 401, description = "`missing_token`, `invalid_token`"),
        (status = 422, description = "`invalid_request`")))]
pub(crate) async fn list(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = ListQuery::of(&request)?;
    query.refuse_status()?;
    let (items, next_cursor) = files::list(&app, caller.user.id, query.listing()?).await?;
    Ok(HttpResponse::Ok().json(FileList { items, next_cursor }))
}

/// Uploads a resume, which is read at once. The same bytes again are the same file.
#[utoipa::path(post, path = "/api/v1/files", tag = "files",
    request_body(content = FileForm, content_type = "multipart/form-data"), responses(
    (status = 201, description = "It is kept.", body = File),
    (status = 200, description = "The same bytes were there already.", body = File),
    (status = 400, description = "`malformed_request`"),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`key_scope`: the API key may only read."),
    (status = 413, description = "`file_too_large`"),
    (status = 415, description = "`unsupported_file_type`, `unsupported_media_type`"),
    (status = 422, description = "`unreadable_file`, `invalid_request`"),
    (status = 429, description = "`quota_exceeded`, `rate_limited`")))]
pub(crate) async fn upload(
    app: web::Data<App>,
    caller: Caller,
    mut form: Form,
) -> Result<HttpResponse, Problem> {
    form.expect_only(&["file"])?;
    let (filename, bytes) = form.take_file().ok_or_else(no_file)?;
    Ok(match files::upload(&app, &caller.user, &filename, bytes).await? {
        Kept::New(file) => {
            let location = format!("/api/v1/files/{}", file.id);
            HttpResponse::Created().insert_header(("location", location)).json(file)
        }
        Kept::Same(file) => HttpResponse::Ok().json(file),
    })
}

/// What a form without a file is told.
pub(crate) fn no_file() -> ServiceError {
    ServiceError::invalid_field("file", "Send the resume as a file in the field named file.")
}
