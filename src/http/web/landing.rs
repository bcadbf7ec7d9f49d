//! `GET /`: what it is, or straight to the jobs of who is signed in.

use actix_web::HttpResponse;
use askama::Template;

use crate::http::problem::Problem;
use crate::http::web::pages::{Frame, page, redirect};
use crate::http::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "web/landing.html")]
struct Landing {
    frame: Frame,
}

pub(crate) async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    if visitor.user.is_some() {
        return Ok(redirect("/jobs"));
    }
    page(&visitor, &Landing { frame: Frame::of(&visitor) })
}
