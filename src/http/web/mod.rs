//! The web pages, rendered here and usable without scripts: one file a page, templates in `assets/templates/web`.

pub(crate) mod pages;
mod visitor;
mod landing;
mod signup;
mod signin;
mod signout;

use actix_web::web;

use crate::http::api::at;

/// Where each page is.
pub(crate) fn configure(pages: &mut web::ServiceConfig) {
    let (get, post) = (web::get, web::post);
    pages
        .service(at("/").route(get().to(landing::show)))
        .service(at("/signup").route(get().to(signup::show)).route(post().to(signup::submit)))
        .service(at("/signin").route(get().to(signin::show)).route(post().to(signin::submit)))
        .service(at("/signout").route(post().to(signout::submit)));
}
