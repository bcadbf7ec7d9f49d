//! `GET /api/v1/me/export`

use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::http::caller::Person;
use crate::http::client::household;
use crate::http::download::download_stream;
use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::service::export;

/// Everything that the service has of the account, as a ZIP: the account, its files, jobs, results and audit log.
#[utoipa::path(get, path = "/api/v1/me/export", tag = "account", responses(
    (status = 200, description = "The archive.", body = Vec<u8>, content_type = "application/zip"),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`person_needed`")))]
pub(crate) async fn export(
    app: web::Data<App>,
    limits: web::Data<Limits>,
    person: Person,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let turn = limits.exports().take(household(&request)).await.map_err(|_| Problem::internal())?;
    let archive = export::archive(&app, &person.0.user, &person.0.origin).await?;
    Ok(download_stream("resume-optimizer-export.zip", "application/zip", archive, turn))
}
