//! Who looks at a page: the account behind the session cookie, and the token that proves a form is ours.
//!
//! The session cookie holds the refresh token of one sign-in, which no script can read. Each form carries a token
//! signed for the cookie of whoever the page was made for: the session's, or before signing in a random one.

use std::future::Future;
use std::pin::Pin;

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, HttpResponseBuilder, web};

use crate::app::App;
use crate::config::Config;
use crate::domain::user::User;
use crate::http::context;
use crate::http::form::Form;
use crate::http::problem::Problem;
use crate::service::auth::{self, Session};

/// Who looks at a page.
pub(crate) struct Visitor {
    /// The account, when somebody is signed in.
    pub(crate) user: Option<User>,
    app: web::Data<App>,
    session: Option<String>,
    visit: String,
    is_new: bool,
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let request = request.clone();
        Box::pin(async move {
            let app = app.ok_or_else(Problem::internal)?;
            let cookie =
                |kind| request.cookie(&name(kind, &app.config)).map(|cookie| cookie.value().to_owned());
            let session = cookie("session");
            let user = match &session {
                Some(token) => auth::visitor(&app, token).await?,
                None => None,
            };
            if let Some(user) = &user {
                context::note_user(user.id);
            }
            let visit = cookie("visit");
            let is_new = visit.is_none();
            let visit = visit.unwrap_or_else(auth::random_token);
            let session = session.filter(|_| user.is_some());
            Ok(Self { user, app, session, visit, is_new })
        })
    }
}

/// Who looks at a page that is for signed-in people alone. Before a form on it is read to its end, it is known
/// whether there is one.
pub(crate) struct SignedIn(pub(crate) Visitor);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visitor = Visitor::from_request(request, payload);
        let path = request.path().to_owned();
        let is_form = request.method() == Method::POST;
        Box::pin(async move {
            let visitor = visitor.await?;
            if is_form && visitor.user.is_none() {
                return Err(Problem::signed_out_meanwhile());
            }
            visitor.expect_user(&path)?;
            Ok(Self(visitor))
        })
    }
}

impl Visitor {
    /// The account; whoever is not signed in is sent to sign in, and from there back to `wanted`.
    pub(crate) fn expect_user(&self, wanted: &str) -> Result<&User, Problem> {
        self.user.as_ref().ok_or_else(|| Problem::sign_in_first(wanted))
    }

    /// A token for a form on a page for this visitor.
    pub(crate) fn form_token(&self) -> String {
        auth::form_token(self.own_cookie(), &self.app.config.auth)
    }

    /// Whether a form was on a page for this visitor.
    pub(crate) fn sent(&self, form: &Form) -> bool {
        let token = form.text("form_token").unwrap_or_default();
        auth::form_token_fits(token, self.own_cookie(), &self.app.config.auth)
    }

    /// Fails for a form that was not on a page for this visitor.
    pub(crate) fn expect_sent(&self, form: &Form) -> Result<(), Problem> {
        if self.sent(form) { Ok(()) } else { Err(Problem::stale_form()) }
    }

    /// Gives a new visitor the cookie that their forms are signed for.
    pub(crate) fn remember(&self, response: &mut HttpResponseBuilder) {
        if self.is_new {
            response.cookie(cookie("visit", self.visit.clone(), &self.app.config).finish());
        }
    }

    /// The token of the session, to end it.
    pub(crate) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    fn own_cookie(&self) -> &str {
        self.session.as_deref().unwrap_or(&self.visit)
    }
}

/// The cookie that keeps somebody signed in.
pub(crate) fn session_cookie(session: &Session, config: &Config) -> Cookie<'static> {
    let days = i64::try_from(config.auth.refresh_token_days).unwrap_or(i64::MAX / 100_000);
    cookie("session", session.refresh_token.clone(), config).max_age(Duration::days(days)).finish()
}

/// The cookie that ends it.
pub(crate) fn no_session_cookie(config: &Config) -> Cookie<'static> {
    cookie("session", String::new(), config).max_age(Duration::ZERO).finish()
}

fn cookie(kind: &str, value: String, config: &Config) -> actix_web::cookie::CookieBuilder<'static> {
    Cookie::build(name(kind, config), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(config.server.is_https())
}

/// With the prefix, browsers take the cookie from this host alone, not from its neighbours.
fn name(kind: &str, config: &Config) -> String {
    if config.server.is_https() { format!("__Host-{kind}") } else { kind.to_owned() }
}
