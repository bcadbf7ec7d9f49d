//! Who asks over the API: the account behind the access token or the API key.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};

use crate::app::App;
use crate::domain::api_key::Scope;
use crate::domain::audit::Actor;
use crate::domain::user::User;
use crate::http::client::origin;
use crate::http::context;
use crate::http::problem::Problem;
use crate::service::audit::Origin;
use crate::service::{ServiceError, auth};

/// The account that a person is signed in to, or that a key acts for within its scope.
#[derive(Debug)]
pub(crate) struct Caller {
    /// The account.
    pub(crate) user: User,
    /// Where the request comes from.
    pub(crate) origin: Origin,
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (caller, key) = identify(&request).await?;
            if key == Some(Scope::Read) && !request.method().is_safe() {
                return Err(ServiceError::Forbidden {
                    code: "key_scope",
                    detail: "This API key may only read; use one with the scope write.",
                }
                .into());
            }
            Ok(caller)
        })
    }
}

/// The account that a person is signed in to. What is done to the account itself takes more than a key that lies in some
/// script.
#[derive(Debug)]
pub(crate) struct Person(pub(crate) Caller);

impl FromRequest for Person {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match identify(&request).await? {
                (caller, None) => Ok(Self(caller)),
                (_, Some(_)) => Err(ServiceError::Forbidden {
                    code: "person_needed",
                    detail: "An API key cannot do this; sign in and send the access token.",
                }
                .into()),
            }
        })
    }
}

async fn identify(request: &HttpRequest) -> Result<(Caller, Option<Scope>), Problem> {
    let app = request.app_data::<web::Data<App>>().cloned().ok_or_else(Problem::internal)?;
    let token = bearer(request).map(str::to_owned).ok_or(ServiceError::Unauthorized {
        code: "missing_token",
        detail: "This needs an access token: send Authorization: Bearer … with one from /auth/login.",
    })?;
    let origin = origin(request);
    let auth::Caller { user, key } = auth::caller(&app, &token, &origin).await?;
    context::note_user(user.id);
    let actor = if key.is_some() { Actor::ApiKey } else { Actor::Person };
    Ok((Caller { user, origin: origin.by(actor) }, key))
}

/// The token that the request carries.
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
