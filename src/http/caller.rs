//! Who asks over the API: the account behind the access token.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};

use crate::app::App;
use crate::domain::user::User;
use crate::http::context;
use crate::http::problem::Problem;
use crate::service::{ServiceError, auth};

/// The signed-in account.
#[derive(Debug)]
pub(crate) struct Caller(pub(crate) User);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let token = bearer(request).map(str::to_owned);
        Box::pin(async move {
            let app = app.ok_or_else(Problem::internal)?;
            let token = token.ok_or(ServiceError::Unauthorized {
                code: "missing_token",
                detail: "This needs an access token: send Authorization: Bearer … with one from /auth/login.",
            })?;
            let user = auth::caller(&app, &token).await?;
            context::note_user(user.id);
            Ok(Self(user))
        })
    }
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
