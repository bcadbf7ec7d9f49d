//! `POST /api/v1/auth/login`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::http::client::Asked;
use crate::http::context;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::auth::{self, Login, Session};

/// Signs an account in.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", security(()), request_body = Login, responses(
    (status = 200, description = "The account, signed in.", body = Session),
    (status = 401, description = "`invalid_credentials`"),
    (status = 429, description = "`rate_limited`; `too_many_attempts` with this address, wherever from")))]
pub(crate) async fn login(
    app: web::Data<App>,
    asked: Asked,
    input: Json<Login>,
) -> Result<HttpResponse, Problem> {
    let session = auth::login(&app, input.0, &asked.0).await?;
    context::note_user(session.user.id);
    Ok(HttpResponse::Ok().json(session))
}
