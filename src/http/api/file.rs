//! `GET` and `DELETE /api/v1/files/{file_id}`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::domain::file::File;
use crate::domain::id::FileId;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::service::files;

/// Facts of an uploaded file.
#[utoipa::path(get, path = "/api/v1/files/{file_id}", tag = "files", params(("file_id" = FileId, Path)), responses(
    (status = 200, description = "Its facts.", body = File),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 404, description = "`not_found`")))]
pub(crate) async fn show(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<FileId>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(files::find(&app, caller.user.id, *id).await?))
}

/// Deletes an uploaded file; jobs that used it keep their results.
#[utoipa::path(delete, path = "/api/v1/files/{file_id}", tag = "files", params(("file_id" = FileId, Path)), responses(
    (status = 204, description = "It is gone."),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`key_scope`: the API key may only read."),
    (status = 404, description = "`not_found`")))]
pub(crate) async fn delete(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<FileId>,
) -> Result<HttpResponse, Problem> {
    files::delete(&app, caller.user.id, *id, &caller.origin).await?;
    Ok(HttpResponse::NoContent().finish())
}
