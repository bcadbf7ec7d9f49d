//! `POST /api/v1/auth/refresh`

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::client::Asked;
use crate::http::context;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::auth::{self, Session};

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshToken {
    /// As answered by register, login or refresh.
    pub(crate) refresh_token: String,
}

/// Trades a refresh token for a new pair. One that was traded before ends its whole sign-in.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", security(()), request_body = RefreshToken, responses(
    (status = 200, description = "A new pair; the old refresh token is spent.", body = Session),
    (status = 401, description = "`invalid_refresh_token`")))]
pub(crate) async fn refresh(
    app: web::Data<App>,
    asked: Asked,
    input: Json<RefreshToken>,
) -> Result<HttpResponse, Problem> {
    let session = auth::refresh(&app, &input.0.refresh_token, &asked.0).await?;
    context::note_user(session.user.id);
    Ok(HttpResponse::Ok().json(session))
}
