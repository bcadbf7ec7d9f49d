//! The JSON API, one file a route: extract, call one use case, present.

pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod me;
pub(crate) mod me_password;
pub(crate) mod refresh;
pub(crate) mod register;

use actix_web::{Resource, web};

use crate::http::problem::Problem;

/// Where each route of the API goes.
pub(crate) fn configure(api: &mut web::ServiceConfig) {
    api.service(at("/auth/register").route(web::post().to(register::register)))
        .service(at("/auth/login").route(web::post().to(login::login)))
        .service(at("/auth/refresh").route(web::post().to(refresh::refresh)))
        .service(at("/auth/logout").route(web::post().to(logout::logout)))
        .service(at("/me").route(web::get().to(me::show)).route(web::patch().to(me::change)))
        .service(at("/me/password").route(web::post().to(me_password::change)));
}

/// One path; methods that it does not take are answered with a problem.
pub(crate) fn at(path: &str) -> Resource {
    web::resource(path).default_service(web::to(|| async { Err::<&str, _>(Problem::method_not_allowed()) }))
}
