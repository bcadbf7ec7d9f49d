//! `/account`: the password, keys for scripts, one's data, and the end of it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::domain::api_key::{ApiKey, Scope};
use crate::domain::audit::Actor;
use crate::domain::id::ApiKeyId;
use crate::domain::user::User;
use crate::http::client::{Asked, household};
use crate::http::download::download_stream;
use crate::http::form::TextForm;
use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::http::web::pages::{Errors, Frame, STALE, again, page, password_hint, redirect};
use crate::http::web::visitor::{SignedIn, Visitor, no_session_cookie, session_cookie};
use crate::service::account::{self, PasswordChange};
use crate::service::audit::Origin;
use crate::service::auth;
use crate::service::auth::api_keys::{self, ApiKeyRequest};
use crate::service::{ServiceError, export};

/// Where the page is.
const PATH: &str = "/account";

#[derive(Template)]
#[template(path = "web/account.html")]
struct Account {
    frame: Frame,
    errors: Errors,
    said: Option<&'static str>,
    new_key: Option<String>,
    keys: Vec<ApiKey>,
    name: String,
    password_hint: String,
}

impl Account {
    async fn of(app: &App, visitor: &Visitor, errors: Errors) -> Result<Self, Problem> {
        Ok(Self {
            frame: Frame::of(visitor),
            errors,
            said: None,
            new_key: None,
            keys: api_keys::list(app, visitor.expect_user(PATH)?).await?,
            name: String::new(),
            password_hint: password_hint(app),
        })
    }
}

/// The page again, with what is wrong on it.
async fn refused(app: &App, visitor: &Visitor, errors: Errors) -> Result<HttpResponse, Problem> {
    again(visitor, &Account::of(app, visitor, errors).await?)
}

/// Who sent a form of the page, and from where.
fn sender<'a>(visitor: &'a Visitor, asked: &Asked) -> Result<(&'a User, Origin), Problem> {
    Ok((visitor.expect_user(PATH)?, asked.0.by(Actor::Person)))
}

pub(crate) async fn show(app: web::Data<App>, visitor: SignedIn) -> Result<HttpResponse, Problem> {
    page(&visitor.0, &Account::of(&app, &visitor.0, Errors::default()).await?)
}

/// Changes the password and goes on with a new session, since every other one has ended.
pub(crate) async fn change_password(
    app: web::Data<App>,
    asked: Asked,
    visitor: SignedIn,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    let visitor = visitor.0;
    if !visitor.sent(&form) {
        return refused(&app, &visitor, Errors::say(STALE)).await;
    }
    let (user, origin) = sender(&visitor, &asked)?;
    let (current_password, new_password) = (form.typed("current_password"), form.typed("new_password"));
    let change = PasswordChange { current_password, new_password };
    if let Err(error) = account::change_password(&app, user, change, &origin).await {
        let errors = Errors::from_refusal(error, &["current_password", "new_password"])?;
        return refused(&app, &visitor, errors).await;
    }
    let session = auth::sign_in_again(&app, user.id, &origin).await?;
    let mut response = redirect(PATH);
    response.add_cookie(&session_cookie(&session, &app.config)).map_err(|_| Problem::internal())?;
    Ok(response)
}

/// Makes a key and shows it, this once.
pub(crate) async fn make_key(
    app: web::Data<App>,
    asked: Asked,
    visitor: SignedIn,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    let visitor = visitor.0;
    if !visitor.sent(&form) {
        return refused(&app, &visitor, Errors::say(STALE)).await;
    }
    let (user, origin) = sender(&visitor, &asked)?;
    let name = form.typed("name");
    let scope = form.text("scope").and_then(Scope::parse).unwrap_or(Scope::Read);
    let request = ApiKeyRequest { name: name.clone(), scope, expires_in_days: None };
    match api_keys::create(&app, user, request, &origin).await {
        Ok(made) => {
            let shown = Account::of(&app, &visitor, Errors::default()).await?;
            page(&visitor, &Account { new_key: Some(made.key), ..shown })
        }
        Err(error) => {
            let errors = Errors::from_refusal(error, &["name"])?;
            again(&visitor, &Account { name, ..Account::of(&app, &visitor, errors).await? })
        }
    }
}

pub(crate) async fn delete_key(
    app: web::Data<App>,
    asked: Asked,
    visitor: SignedIn,
    id: web::Path<ApiKeyId>,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    let visitor = visitor.0;
    visitor.expect_sent(&form)?;
    let (user, origin) = sender(&visitor, &asked)?;
    match api_keys::delete(&app, user, *id, &origin).await {
        // Pressed twice: it is gone, as was wished.
        Ok(()) | Err(ServiceError::NotFound { .. }) => {
            let shown = Account::of(&app, &visitor, Errors::default()).await?;
            page(&visitor, &Account { said: Some("The key is deleted."), ..shown })
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn export(
    app: web::Data<App>,
    limits: web::Data<Limits>,
    asked: Asked,
    visitor: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (user, origin) = sender(&visitor.0, &asked)?;
    let turn = limits.exports().take(household(&request)).await.map_err(|_| Problem::internal())?;
    let archive = export::archive(&app, user, &origin).await?;
    Ok(download_stream("resume-optimizer-export.zip", "application/zip", archive, turn))
}

/// Erases the account of whoever knows its password: somebody at an open screen does not.
pub(crate) async fn delete(
    app: web::Data<App>,
    asked: Asked,
    visitor: SignedIn,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    let visitor = visitor.0;
    if !visitor.sent(&form) {
        return refused(&app, &visitor, Errors::say(STALE)).await;
    }
    let (user, origin) = sender(&visitor, &asked)?;
    if let Err(error) = account::confirm(&app, user, "password", &form.typed("password"), &origin).await {
        let errors = Errors::from_refusal(error, &["password"])?;
        return refused(&app, &visitor, errors).await;
    }
    account::erase(&app, user, &origin).await?;
    let mut response = redirect("/");
    response.add_cookie(&no_session_cookie(&app.config)).map_err(|_| Problem::internal())?;
    Ok(response)
}
