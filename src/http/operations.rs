//! For operators and tools: liveness, readiness, metrics, the OpenAPI document and its browser.

use std::sync::{Arc, LazyLock};

use actix_web::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::openapi;
use crate::http::problem::Problem;
use crate::service::health;
use crate::telemetry;

/// Swagger UI writes its own style elements and inline pictures; scripts still come from us alone.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'";

/// The process lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`: a process that does not live does not answer.
    #[schema(example = "ok")]
    status: &'static str,
    /// Version of the program.
    version: &'static str,
}

/// Whether this process takes requests.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// `ready` or `not_ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// What is in the way, one sentence each.
    reasons: Vec<String>,
}

/// Whether the process lives.
#[utoipa::path(get, path = "/health", tag = "operations", security(()),
    responses((status = 200, description = "It does.", body = Health)))]
pub(crate) async fn live() -> HttpResponse {
    let health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };
    HttpResponse::Ok().json(health)
}

/// Whether the process takes requests: database and schema are fine and it is not shutting down.
#[utoipa::path(get, path = "/ready", tag = "operations", security(()), responses(
    (status = 200, description = "It does.", body = Readiness),
    (status = 503, description = "It does not, with the reasons.", body = Readiness)))]
pub(crate) async fn ready(app: web::Data<App>) -> HttpResponse {
    let reasons = health::obstacles(&app).await;
    let (mut response, status) = if reasons.is_empty() {
        (HttpResponse::Ok(), "ready")
    } else {
        (HttpResponse::ServiceUnavailable(), "not_ready")
    };
    response.json(Readiness { status, reasons })
}

/// Metrics in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "All metrics.", body = String, content_type = "text/plain")))]
pub(crate) async fn metrics() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(telemetry::metrics::render())
}

/// `GET /openapi.json`
pub(crate) async fn document() -> HttpResponse {
    static DOCUMENT: LazyLock<web::Bytes> = LazyLock::new(|| openapi::document().into());
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT.clone())
}

/// `GET /docs`
pub(crate) async fn docs_entry() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// `GET /docs/{file}`
pub(crate) async fn docs(file: web::Path<String>) -> Result<HttpResponse, Problem> {
    static CONFIG: LazyLock<Arc<utoipa_swagger_ui::Config<'static>>> =
        LazyLock::new(|| Arc::new(utoipa_swagger_ui::Config::from("/openapi.json")));
    match utoipa_swagger_ui::serve(&file, CONFIG.clone()) {
        Ok(Some(found)) => Ok(HttpResponse::Ok()
            .insert_header((CONTENT_SECURITY_POLICY, DOCS_POLICY))
            .content_type(found.content_type)
            .body(found.bytes.into_owned())),
        Ok(None) => Err(Problem::not_found("There is no such page.")),
        Err(error) => {
            tracing::error!(exception = %error, "the API browser could not be set up");
            Err(Problem::internal())
        }
    }
}
