//! The JSON API, one file a route: extract, call one use case, present.

pub(crate) mod analyze;
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
pub(crate) mod me_password;
pub(crate) mod optimize;
pub(crate) mod refresh;
pub(crate) mod register;

use actix_web::{Resource, web};

use crate::http::problem::Problem;

/// Where each route of the API goes.
pub(crate) fn configure(api: &mut web::ServiceConfig) {
    let (get, post, put, delete) = (web::get, web::post, web::put, web::delete);
    api.service(at("/auth/register").route(post().to(register::register)))
        .service(at("/auth/login").route(post().to(login::login)))
        .service(at("/auth/refresh").route(post().to(refresh::refresh)))
        .service(at("/auth/logout").route(post().to(logout::logout)))
        .service(at("/me").route(get().to(me::show)).route(web::patch().to(me::change)))
        .service(at("/me/password").route(post().to(me_password::change)))
        .service(at("/files").route(get().to(files::list)).route(post().to(files::upload)))
        .service(at("/files/{file_id}").route(get().to(file::show)).route(delete().to(file::delete)))
        .service(at("/files/{file_id}/content").route(get().to(file_content::show)))
        .service(at("/files/{file_id}/resume").route(get().to(file_resume::show)))
        .service(at("/jobs").route(get().to(jobs::list)).route(post().to(jobs::create)))
        .service(at("/jobs/{job_id}").route(get().to(job::show)).route(delete().to(job::delete)))
        .service(at("/jobs/{job_id}/events").route(get().to(job_events::follow)))
        .service(at("/jobs/{job_id}/cancel").route(post().to(job_cancel::cancel)))
        .service(at("/jobs/{job_id}/retry").route(post().to(job_retry::retry)))
        .service(at("/jobs/{job_id}/result").route(get().to(job_result::show)))
        .service(at("/jobs/{job_id}/edits").route(put().to(job_edits::decide)))
        .service(at("/jobs/{job_id}/documents/{format}").route(get().to(job_document::download)))
        .service(at("/optimize").route(post().to(optimize::optimize)))
        .service(at("/analyze").route(post().to(analyze::analyze)));
}

/// One path; methods that it does not take are answered with a problem.
pub(crate) fn at(path: &str) -> Resource {
    web::resource(path).default_service(web::to(|| async { Err::<&str, _>(Problem::method_not_allowed()) }))
}
