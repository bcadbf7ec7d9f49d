//! `GET` and `PATCH /api/v1/me`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::domain::user::User;
use crate::http::caller::Caller;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::account::{self, AccountChange};

/// The caller's account.
#[utoipa::path(get, path = "/api/v1/me", tag = "account", responses(
    (status = 200, description = "The account.", body = User),
    (status = 401, description = "`missing_token`, `invalid_token`")))]
pub(crate) async fn show(caller: Caller) -> HttpResponse {
    HttpResponse::Ok().json(caller.0)
}

/// Changes names or address; what is absent stays, `null` clears a name.
#[utoipa::path(patch, path = "/api/v1/me", tag = "account", request_body = AccountChange, responses(
    (status = 200, description = "The account as it is now.", body = User),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 409, description = "`email_taken`"),
    (status = 422, description = "`invalid_request`")))]
pub(crate) async fn change(
    app: web::Data<App>,
    caller: Caller,
    input: Json<AccountChange>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(account::change(&app, &caller.0, input.0).await?))
}
