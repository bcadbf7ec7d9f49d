//! `POST /api/v1/auth/register`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::http::client::Asked;
use crate::http::context;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::auth::{self, Registration, Session};

/// Makes an account and signs it in.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "auth", security(()), request_body = Registration, responses(
    (status = 201, description = "The account, signed in.", body = Session),
    (status = 409, description = "`email_taken`"),
    (status = 422, description = "`invalid_request`: each field that needs another look is named."),
    (status = 429, description = "`rate_limited`")))]
pub(crate) async fn register(
    app: web::Data<App>,
    asked: Asked,
    input: Json<Registration>,
) -> Result<HttpResponse, Problem> {
    let session = auth::register(&app, input.0, &asked.0).await?;
    context::note_user(session.user.id);
    Ok(HttpResponse::Created().insert_header(("location", "/api/v1/me")).json(session))
}
