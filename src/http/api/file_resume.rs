//! `GET /api/v1/files/{file_id}/resume`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::domain::id::FileId;
use crate::domain::outcome::Parsed;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::service::files;

/// What is understood of an uploaded file, what simple readers lose of it, and what applicant tracking systems would
/// trip over.
#[utoipa::path(get, path = "/api/v1/files/{file_id}/resume", tag = "files", params(("file_id" = FileId, Path)), responses(
    (status = 200, description = "The resume as read.", body = Parsed),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 404, description = "`not_found`"),
    (status = 409, description = "`file_damaged`"),
    (status = 422, description = "`unreadable_file`")))]
pub(crate) async fn show(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<FileId>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(files::resume(&app, caller.user.id, *id).await?))
}
