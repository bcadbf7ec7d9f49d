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

use actix_web::web;

use crate::http::api::at;

/// Where each page is.
pub(crate) fn configure(pages: &mut web::ServiceConfig) {
    let (get, post) = (web::get, web::post);
    pages
        .service(at("/").route(get().to(landing::show)))
        .service(at("/signup").route(get().to(signup::show)).route(post().to(signup::submit)))
        .service(at("/signin").route(get().to(signin::show)).route(post().to(signin::submit)))
        .service(at("/signout").route(post().to(signout::submit)))
        .service(at("/jobs").route(get().to(jobs::show)).route(post().to(jobs::submit)))
        .service(at("/jobs/{job_id}").route(get().to(job::show)))
        .service(at("/jobs/{job_id}/events").route(get().to(job::events)))
        .service(at("/jobs/{job_id}/documents/{format}").route(get().to(job::document)))
        .service(at("/jobs/{job_id}/cancel").route(post().to(job_actions::cancel)))
        .service(at("/jobs/{job_id}/retry").route(post().to(job_actions::retry)))
        .service(at("/jobs/{job_id}/delete").route(post().to(job_actions::delete)))
        .service(at("/jobs/{job_id}/edits").route(post().to(job_actions::decide)));
}
