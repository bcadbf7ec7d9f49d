//! `GET` and `POST /api/v1/me/api-keys`, `DELETE /api/v1/me/api-keys/{key_id}`

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::api_key::ApiKey;
use crate::domain::id::ApiKeyId;
use crate::http::caller::Person;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::auth::api_keys::{self, ApiKeyRequest, NewKey};

/// All keys of the account; they are few, so that there is but one page.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyPage {
    /// Newest first.
    items: Vec<ApiKey>,
    /// Always null.
    next_cursor: Option<String>,
}

/// The account's API keys, without their secret parts.
#[utoipa::path(get, path = "/api/v1/me/api-keys", tag = "account", responses(
    (status = 200, description = "All of them.", body = ApiKeyPage),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`person_needed`")))]
pub(crate) async fn list(app: web::Data<App>, person: Person) -> Result<HttpResponse, Problem> {
    let items = api_keys::list(&app, &person.0.user).await?;
    Ok(HttpResponse::Ok().json(ApiKeyPage { items, next_cursor: None }))
}

/// Makes a key for scripts. It is shown this once.
#[utoipa::path(post, path = "/api/v1/me/api-keys", tag = "account", request_body = ApiKeyRequest, responses(
    (status = 201, description = "The key.", body = NewKey),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`person_needed`"),
    (status = 422, description = "`invalid_request`"),
    (status = 429, description = "`quota_exceeded`, `rate_limited`")))]
pub(crate) async fn create(
    app: web::Data<App>,
    person: Person,
    input: Json<ApiKeyRequest>,
) -> Result<HttpResponse, Problem> {
    let made = api_keys::create(&app, &person.0.user, input.0, &person.0.origin).await?;
    Ok(HttpResponse::Created().json(made))
}

/// Deletes a key; whoever uses it is out at once.
#[utoipa::path(delete, path = "/api/v1/me/api-keys/{key_id}", tag = "account", params(("key_id" = ApiKeyId, Path)), responses(
    (status = 204, description = "It is gone."),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`person_needed`"),
    (status = 404, description = "`not_found`")))]
pub(crate) async fn delete(
    app: web::Data<App>,
    person: Person,
    id: web::Path<ApiKeyId>,
) -> Result<HttpResponse, Problem> {
    api_keys::delete(&app, &person.0.user, *id, &person.0.origin).await?;
    Ok(HttpResponse::NoContent().finish())
}
