//! `GET /api/v1/me/export`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::http::caller::Person;
use crate::http::download::download_stream;
use crate::http::problem::Problem;
use crate::service::export;

/// Everything that the service has of the account, as a ZIP: the account, its files, jobs, results and audit log.
#[utoipa::path(get, path = "/api/v1/me/export", tag = "account", responses(
    (status = 200, description = "The archive.", body = Vec<u8>, content_type = "application/zip"),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`person_needed`"),
    (status = 503, description = "`unavailable`: others are being exported; try again in a moment.")))]
pub(crate) async fn export(app: web::Data<App>, person: Person) -> Result<HttpResponse, Problem> {
    let archive = export::archive(&app, &person.0.user, &person.0.origin).await?;
    Ok(download_stream("resume-optimizer-export.zip", "application/zip", archive))
}
