//! `GET`, `PATCH` and `DELETE /api/v1/me`

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::domain::user::User;
use crate::http::caller::{Caller, Person};
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::account::{self, AccountChange};

/// The caller's account.
#[utoipa::path(get, path = "/api/v1/me", tag = "account", responses(
    (status = 200, description = "The account.", body = User),
    (status = 401, description = "`missing_token`, `invalid_token`")))]
pub(crate) async fn show(caller: Caller) -> HttpResponse {
    HttpResponse::Ok().json(caller.user)
}

/// Changes names or address; what is absent stays, `null` clears a name.
#[utoipa::path(patch, path = "/api/v1/me", tag = "account", request_body = AccountChange, responses(
    (status = 200, description = "The account as it is now.", body = User),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`person_needed`"),
    (status = 409, description = "`email_taken`"),
    (status = 422, description = "`invalid_request`"),
    (status = 429, description = "`rate_limited`, `too_many_attempts`")))]
pub(crate) async fn change(
    app: web::Data<App>,
    person: Person,
    input: Json<AccountChange>,
) -> Result<HttpResponse, Problem> {
    let Caller { user, origin } = person.0;
    Ok(HttpResponse::Ok().json(account::change(&app, &user, input.0, &origin).await?))
}

/// Erases the account and everything that is its own: jobs, results, files, keys, tasks. It cannot be undone.
#[utoipa::path(delete, path = "/api/v1/me", tag = "account", responses(
    (status = 204, description = "It is gone, and so is every sign-in."),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`person_needed`")))]
pub(crate) async fn erase(app: web::Data<App>, person: Person) -> Result<HttpResponse, Problem> {
    account::erase(&app, &person.0.user, &person.0.origin).await?;
    Ok(HttpResponse::NoContent().finish())
}
