//! `POST /api/v1/auth/logout`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::http::api::refresh::RefreshToken;
use crate::http::client::Asked;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::auth;

/// Ends the sign-in that a refresh token belongs to.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", security(()), request_body = RefreshToken, responses(
    (status = 204, description = "It has ended, or there was none.")))]
pub(crate) async fn logout(
    app: web::Data<App>,
    asked: Asked,
    input: Json<RefreshToken>,
) -> Result<HttpResponse, Problem> {
    auth::logout(&app, &input.0.refresh_token, &asked.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
