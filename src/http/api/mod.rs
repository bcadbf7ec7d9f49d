//! The JSON API, one file a route: extract, call one use case, present.

pub(crate) mod analyze;
pub(crate) mod api_keys;
pub(crate) mod file;
pub(crate) mod file_content;
pub(crate) mod file_resume;
pub(crate) mod files;
pub(crate) mod job;
pub(crate) mod job_cancel;
pub(crate) mod job_document;
pub(crate) mod job_edits;
pub(crate) mod job_events;
pub(crate) mod job_result;
pub(crate) mod job_retry;
pub(crate) mod jobs;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod me;
pub(crate) mod me_export;
pub(crate) mod me_password;
pub(crate) mod optimize;
pub(crate) mod refresh;
pub(crate) mod register;

use actix_web::{Resource, Route, guard, web};

use crate::http::problem::Problem;

/// Where each route of the API goes.
pub(crate) fn configure(api: &mut web::ServiceConfig) {
    let (post, put, delete) = (web::post, web::put, web::delete);
    api.service(at("/auth/register", "POST").route(post().to(register::register)))
        .service(at("/auth/login", "POST").route(post().to(login::login)))
        .service(at("/auth/refresh", "POST").route(post().to(refresh::refresh)))
        .service(at("/auth/logout", "POST").route(post().to(logout::logout)))
        .service(
            at("/me", "GET, HEAD, PATCH, DELETE")
                .route(get().to(me::show))
                .route(web::patch().to(me::change))
                .route(delete().to(me::erase)),
        )
        .service(at("/me/export", "GET, HEAD").route(get().to(me_export::export)))
        .service(
            at("/me/api-keys", "GET, HEAD, POST")
                .route(get().to(api_keys::list))
                .route(post().to(api_keys::create)),
        )
        .service(at("/me/api-keys/{key_id}", "DELETE").route(delete().to(api_keys::delete)))
        .service(at("/me/password", "POST").route(post().to(me_password::change)))
        .service(at("/files", "GET, HEAD, POST").route(get().to(files::list)).route(post().to(files::upload)))
        .service(
            at("/files/{file_id}", "GET, HEAD, DELETE")
                .route(get().to(file::show))
                .route(delete().to(file::delete)),
        )
        .service(at("/files/{file_id}/content", "GET, HEAD").route(get().to(file_content::show)))
        .service(
            at("/files/{file_id}/resume", "GET, HEAD, PUT, DELETE")
                .route(get().to(file_resume::show))
                .route(put().to(file_resume::correct))
                .route(delete().to(file_resume::delete)),
        )
        .service(at("/jobs", "GET, HEAD, POST").route(get().to(jobs::list)).route(post().to(jobs::create)))
        .service(
            at("/jobs/{job_id}", "GET, HEAD, DELETE")
                .route(get().to(job::show))
                .route(delete().to(job::delete)),
        )
        .service(at("/jobs/{job_id}/events", "GET").route(web::get().to(job_events::follow)))
        .service(at("/jobs/{job_id}/cancel", "POST").route(post().to(job_cancel::cancel)))
        .service(at("/jobs/{job_id}/retry", "POST").route(post().to(job_retry::retry)))
        .service(at("/jobs/{job_id}/result", "GET, HEAD").route(get().to(job_result::show)))
        .service(at("/jobs/{job_id}/edits", "PUT").route(put().to(job_edits::decide)))
        .service(at("/jobs/{job_id}/documents/{format}", "GET, HEAD").route(get().to(job_document::download)))
        .service(at("/optimize", "POST").route(post().to(optimize::optimize)))
        .service(at("/analyze", "POST").route(post().to(analyze::analyze)));
}

/// A GET, and the HEAD that asks for all of its answer but the body (RFC 9110, 9.3.2), as probes do. What follows
/// somebody's events takes the GET of the framework: a HEAD would hold their stream open for nothing.
pub(crate) fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// One path and the methods that it takes; others are answered with a problem that names these (RFC 9110, 15.5.6).
pub(crate) fn at(path: &str, methods: &'static str) -> Resource {
    web::resource(path)
        .default_service(web::to(move || async move { Err::<&str, _>(Problem::method_not_allowed(methods)) }))
}
