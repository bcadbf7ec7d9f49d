//! `GET /api/v1/files/{file_id}/content`

use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::domain::id::FileId;
use crate::http::caller::Caller;
use crate::http::client::household;
use crate::http::download::download_in_pieces;
use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::service::files;

/// An uploaded file as it came.
#[utoipa::path(get, path = "/api/v1/files/{file_id}/content", tag = "files", params(("file_id" = FileId, Path)), responses(
    (status = 200, description = "Its bytes, as a download under its own name.", content(
        (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (Vec<u8> = "application/vnd.oasis.opendocument.text"),
        (Vec<u8> = "application/rtf"),
        (String = "text/html"),
        (String = "text/markdown"),
        (String = "application/x-tex"),
        (String = "text/plain"),
        (serde_json::Value = "application/json"))),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 404, description = "`not_found`"),
    (status = 409, description = "`file_damaged`")))]
pub(crate) async fn show(
    app: web::Data<App>,
    limits: web::Data<Limits>,
    caller: Caller,
    id: web::Path<FileId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let turn = limits.downloads().take(household(&request)).await.map_err(|_| Problem::internal())?;
    let content = files::content(&app, caller.user.id, *id).await?;
    Ok(download_in_pieces(&content.file.filename, &content.file.content_type, content.bytes, turn))
}
