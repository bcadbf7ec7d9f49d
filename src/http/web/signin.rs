//! `/signin`: signing in, and back to where somebody wanted to go.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::http::client::Asked;
use crate::http::form::TextForm;
use crate::http::problem::Problem;
use crate::http::web::pages::{Errors, Frame, STALE, again, page, redirect};
use crate::http::web::visitor::{Visitor, session_cookie};
use crate::service::auth::{self, Login};

#[derive(Template)]
#[template(path = "web/signin.html")]
struct SignIn {
    frame: Frame,
    errors: Errors,
    email: String,
    next: String,
}

pub(crate) async fn show(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let query: Vec<(String, String)> =
        web::Query::from_query(request.query_string()).map(web::Query::into_inner).unwrap_or_default();
    let next = query.into_iter().find(|(name, _)| name == "next").map(|(_, value)| value).unwrap_or_default();
    if visitor.user.is_some() {
        return Ok(redirect(own_path(&next)));
    }
    let (frame, errors) = (Frame::of(&visitor), Errors::default());
    page(&visitor, &SignIn { frame, errors, email: String::new(), next })
}

pub(crate) async fn submit(
    app: web::Data<App>,
    asked: Asked,
    visitor: Visitor,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    let (email, next) = (form.typed("email"), form.typed("next"));
    let errors = if visitor.sent(&form) {
        let login = Login { email: email.clone(), password: form.typed("password") };
        match auth::login(&app, login, &asked.0).await {
            Ok(session) => {
                let mut response = redirect(own_path(&next));
                response
                    .add_cookie(&session_cookie(&session, &app.config))
                    .map_err(|_| Problem::internal())?;
                return Ok(response);
            }
            Err(error) => Errors::from_refusal(error, &["email", "password"])?,
        }
    } else {
        Errors::say(STALE)
    };
    again(&visitor, &SignIn { frame: Frame::of(&visitor), errors, email, next })
}

/// Only to a page of ours: an address from outside would make us a signpost to anywhere.
fn own_path(next: &str) -> &str {
    let is_own = next.starts_with('/')
        && !next.starts_with("//")
        && next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if is_own { next } else { "/jobs" }
}

#[cfg(test)]
mod tests {
    use crate::http::web::signin::own_path;

    #[track_caller]
    fn check(next: &str, expected: &str) {
        assert_eq!(own_path(next), expected);
    }

    #[test]
    fn signing_in_leads_to_no_other_site() {
        check("/jobs/0190?x=1", "/jobs/0190?x=1");
        for next in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb: c", "jobs"] {
            check(next, "/jobs");
        }
    }
}
