//! `POST /api/v1/me/password`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::http::caller::Person;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::account::{self, PasswordChange};

/// Changes the password, ends every sign-in and deletes every API key.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "account", request_body = PasswordChange, responses(
    (status = 204, description = "It is changed, and this sign-in has ended like every other: sign in again."),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`person_needed`"),
    (status = 422, description = "`invalid_request`: the current password is wrong, or the new one is refused."),
    (status = 429, description = "`rate_limited`, `too_many_attempts`")))]
pub(crate) async fn change(
    app: web::Data<App>,
    person: Person,
    input: Json<PasswordChange>,
) -> Result<HttpResponse, Problem> {
    account::change_password(&app, &person.0.user, input.0, &person.0.origin).await?;
    Ok(HttpResponse::NoContent().finish())
}
