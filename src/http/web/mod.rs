//! The web pages, rendered here and usable without scripts: one file a page, templates in `assets/templates/web`.

pub(crate) mod pages;
mod visitor;
mod landing;
mod signup;
mod signin;
mod signout;
mod jobs;
mod job;
mod job_actions;
mod result;
mod account;
mod file_resume;

use actix_web::web;

use crate::http::api::{at, get};

/// Where each page is.
pub(crate) fn configure(pages: &mut web::ServiceConfig) {
    let post = web::post;
    pages
        .service(at("/", "GET, HEAD").route(get().to(landing::show)))
        .service(
            at("/signup", "GET, HEAD, POST").route(get().to(signup::show)).route(post().to(signup::submit)),
        )
        .service(
            at("/signin", "GET, HEAD, POST").route(get().to(signin::show)).route(post().to(signin::submit)),
        )
        .service(at("/signout", "POST").route(post().to(signout::submit)))
        .service(at("/account", "GET, HEAD").route(get().to(account::show)))
        .service(at("/account/password", "POST").route(post().to(account::change_password)))
        .service(at("/account/keys", "POST").route(post().to(account::make_key)))
        .service(at("/account/keys/{key_id}/delete", "POST").route(post().to(account::delete_key)))
        .service(at("/account/export", "GET, HEAD").route(get().to(account::export)))
        .service(at("/account/delete", "POST").route(post().to(account::delete)))
        .service(at("/jobs", "GET, HEAD, POST").route(get().to(jobs::show)).route(post().to(jobs::submit)))
        .service(
            at("/files/{file_id}/resume", "GET, HEAD, POST")
                .route(get().to(file_resume::show))
                .route(post().to(file_resume::submit)),
        )
        .service(at("/files/{file_id}/resume/delete", "POST").route(post().to(file_resume::take_back)))
        .service(at("/jobs/{job_id}", "GET, HEAD").route(get().to(job::show)))
        .service(at("/jobs/{job_id}/events", "GET").route(web::get().to(job::events)))
        .service(at("/jobs/{job_id}/documents/{format}", "GET, HEAD").route(get().to(job::document)))
        .service(at("/jobs/{job_id}/cancel", "POST").route(post().to(job_actions::cancel)))
        .service(at("/jobs/{job_id}/retry", "POST").route(post().to(job_actions::retry)))
        .service(at("/jobs/{job_id}/delete", "POST").route(post().to(job_actions::delete)))
        .service(at("/jobs/{job_id}/edits", "POST").route(post().to(job_actions::decide)));
}
