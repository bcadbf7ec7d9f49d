//! `/signup`: making an account.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::http::client::Asked;
use crate::http::form::{Form, TextForm};
use crate::http::problem::Problem;
use crate::http::web::pages::{Errors, Frame, STALE, again, page, password_hint, redirect};
use crate::http::web::visitor::{Visitor, session_cookie};
use crate::service::auth::{self, Registration};

#[derive(Template)]
#[template(path = "web/signup.html")]
struct SignUp {
    frame: Frame,
    errors: Errors,
    password_hint: String,
    email: String,
    first_name: String,
    last_name: String,
}

impl SignUp {
    fn new(app: &App, visitor: &Visitor, form: &Form, errors: Errors) -> Self {
        Self {
            frame: Frame::of(visitor),
            errors,
            password_hint: password_hint(app),
            email: form.typed("email"),
            first_name: form.typed("first_name"),
            last_name: form.typed("last_name"),
        }
    }
}

pub(crate) async fn show(app: web::Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    if visitor.user.is_some() {
        return Ok(redirect("/jobs"));
    }
    page(&visitor, &SignUp::new(&app, &visitor, &Form::default(), Errors::default()))
}

pub(crate) async fn submit(
    app: web::Data<App>,
    asked: Asked,
    visitor: Visitor,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    if !visitor.sent(&form) {
        return again(&visitor, &SignUp::new(&app, &visitor, &form, Errors::say(STALE)));
    }
    let input = Registration {
        email: form.typed("email"),
        password: form.typed("password"),
        first_name: Some(form.typed("first_name")),
        last_name: Some(form.typed("last_name")),
    };
    match auth::register(&app, input, &asked.0).await {
        Ok(session) => {
            let mut response = redirect("/jobs");
            response.add_cookie(&session_cookie(&session, &app.config)).map_err(|_| Problem::internal())?;
            Ok(response)
        }
        Err(error) => {
            let errors = Errors::from_refusal(error, &["email", "password", "first_name", "last_name"])?;
            again(&visitor, &SignUp::new(&app, &visitor, &form, errors))
        }
    }
}
