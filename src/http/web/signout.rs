//! `POST /signout`: ending the session.

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::http::client::Asked;
use crate::http::form::TextForm;
use crate::http::problem::Problem;
use crate::http::web::pages::redirect;
use crate::http::web::visitor::{Visitor, no_session_cookie};
use crate::service::auth;

pub(crate) async fn submit(
    app: web::Data<App>,
    asked: Asked,
    visitor: Visitor,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    let mut response = redirect("/");
    if let Some(session) = visitor.session() {
        visitor.expect_sent(&form)?;
        auth::logout(&app, session, &asked.0).await?;
    }
    response.add_cookie(&no_session_cookie(&app.config)).map_err(|_| Problem::internal())?;
    Ok(response)
}
