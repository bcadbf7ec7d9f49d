//! `POST /api/v1/me/password`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::http::caller::Caller;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::account::{self, PasswordChange};

/// Changes the password and ends every sign-in.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "account", request_body = PasswordChange, responses(
    (status = 204, description = "It is changed; sign in again when the access token ends."),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 422, description = "`invalid_request`: the current password is wrong, or the new one is refused."),
    (status = 429, description = "`rate_limited`")))]
pub(crate) async fn change(
    app: web::Data<App>,
    caller: Caller,
    input: Json<PasswordChange>,
) -> Result<HttpResponse, Problem> {
    account::change_password(&app, &caller.0, input.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
