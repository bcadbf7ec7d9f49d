//! Signing up, in and out, and telling from a token who asks.

pub mod api_keys;
pub(crate) mod password;
pub(crate) mod throttle;
pub(crate) mod token;

use chrono::{Duration, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub(in crate::service) use crate::service::auth::token::client_mark;
pub use crate::service::auth::token::{form_token, form_token_fits, random as random_token};

use crate::app::App;
use crate::domain::api_key::Scope;
use crate::domain::audit::{Action, Actor};
use crate::domain::id::UserId;
use crate::domain::user::{Role, User};
use crate::service::audit::{self, Origin};
use crate::service::auth::token::Signer;
use crate::service::{FieldError, ServiceError};
use crate::store::refresh_tokens::{NewRefreshToken, Spent};
use crate::store::users::NewUser;
use crate::store::{Access, refresh_tokens, users};

/// Longest address that mail systems take (RFC 5321).
const MAX_EMAIL_BYTES: usize = 254;
/// Longest given or family name, in characters.
const MAX_NAME_CHARACTERS: usize = 100;

/// What a person gives to sign up.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Unique without regard to case.
    #[schema(example = "jane.doe@example.org", format = "email", max_length = 254)]
    pub email: String,
    /// 8 characters or more; any characters count, and all of them.
    #[schema(example = "orange bicycle seventeen", format = "password", min_length = 8, max_length = 1024)]
    pub password: String,
    /// Given name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default)]
    pub last_name: Option<String>,
}

/// What a person gives to sign in.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The address that they signed up with, in any case.
    #[schema(example = "jane.doe@example.org")]
    pub email: String,
    /// The password.
    #[schema(example = "orange bicycle seventeen", format = "password")]
    pub password: String,
}

/// A signed-in account with its tokens.
#[derive(Clone, Serialize, ToSchema)]
pub struct Session {
    /// The account.
    pub user: User,
    /// To be sent as `Authorization: Bearer …`.
    pub access_token: String,
    /// Good for one `POST /auth/refresh`.
    pub refresh_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token is refused.
    #[schema(example = 1800)]
    pub expires_in: u64,
}

/// Makes an account and signs it in.
///
/// # Errors
/// `invalid_request` naming each field; `email_taken`.
pub async fn register(app: &App, input: Registration, origin: &Origin) -> Result<Session, ServiceError> {
    let new = checked(app, input, Role::User).await?;
    let tx = app.db.begin().await?;
    let user = users::create(&tx, new).await?;
    let session = open(app, &tx, user, Uuid::now_v7()).await?;
    let origin = origin.by(Actor::Person);
    audit::note(app, &tx, &origin, Action::SignedUp, Some(session.user.id), None).await?;
    tx.commit().await?;
    Ok(session)
}

/// An account that may be made, its password hashed.
///
/// # Errors
/// `invalid_request` naming each field.
pub(in crate::service) async fn checked(
    app: &App,
    input: Registration,
    role: Role,
) -> Result<NewUser, ServiceError> {
    let email = input.email.trim().to_owned();
    let first_name = tidy(input.first_name);
    let last_name = tidy(input.last_name);
    let local_part = email.split('@').next().unwrap_or_default();
    let context =
        [email.as_str(), local_part, first_name.as_deref().unwrap_or(""), last_name.as_deref().unwrap_or("")];
    let problems: Vec<_> = [
        refuse_email(&email),
        password::refuse(&input.password, "password", &context, &app.config.auth).await?,
        refuse_name(first_name.as_deref(), "first_name"),
        refuse_name(last_name.as_deref(), "last_name"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !problems.is_empty() {
        return Err(ServiceError::invalid(problems));
    }
    let password_hash = password::hash(&input.password, &app.config.auth).await?;
    Ok(NewUser { email, password_hash, first_name, last_name, role })
}

/// Signs an account in.
///
/// # Errors
/// `invalid_credentials`, in the same words and time whether the account exists or not; `too_many_attempts` after
/// too many of them, until some time has passed.
pub async fn login(app: &App, input: Login, origin: &Origin) -> Result<Session, ServiceError> {
    let attempt = throttle::begin(app, throttle::Who::Address(&input.email), origin).await?;
    let found = users::find_by_email(&app.db, &input.email).await?;
    let stored = found.as_ref().map(|found| found.password_hash.as_str());
    let fits =
        attempt.answered(app, password::verify(&input.password, stored, &app.config.auth).await).await?;
    let known = found.as_ref().map(|found| found.user.id);
    let signed_in = match found.filter(|found| fits && found.user.is_active) {
        Some(found) => sign_in(app, &found, origin).await?,
        None => None,
    };
    if signed_in.is_none() {
        audit::note(app, &app.db, origin, Action::SignInFailed, known, None).await?;
    }
    signed_in.ok_or(ServiceError::Unauthorized {
        code: "invalid_credentials",
        detail: "The e-mail address or the password is not right.",
    })
}

/// Opens a session for whoever knew the password, unless that is another one by now, or the account may not sign in.
async fn sign_in(
    app: &App,
    found: &users::Credentials,
    origin: &Origin,
) -> Result<Option<Session>, ServiceError> {
    let tx = app.db.begin().await?;
    users::lock(&tx, found.user.id).await?;
    let present = users::find_credentials(&tx, found.user.id).await?;
    let Some(user) = present
        .filter(|present| present.password_hash == found.password_hash && present.user.is_active)
        .map(|present| present.user)
    else {
        return Ok(None);
    };
    let session = open(app, &tx, user, Uuid::now_v7()).await?;
    let origin = origin.by(Actor::Person);
    audit::note(app, &tx, &origin, Action::SignedIn, Some(session.user.id), None).await?;
    tx.commit().await?;
    Ok(Some(session))
}

/// Opens a session for a person who has just shown that they know the password.
///
/// # Errors
/// `invalid_token` when the account may not sign in any more.
pub async fn sign_in_again(app: &App, id: UserId, origin: &Origin) -> Result<Session, ServiceError> {
    let known = users::find_credentials(&app.db, id).await?.ok_or(INVALID_TOKEN)?;
    sign_in(app, &known, origin).await?.ok_or(INVALID_TOKEN)
}

/// Trades a refresh token for a new pair. One that was traded before ends every session that came from it,
/// because one of its two holders is a thief.
///
/// # Errors
/// `invalid_refresh_token`.
pub async fn refresh(app: &App, refresh_token: &str, origin: &Origin) -> Result<Session, ServiceError> {
    let hash = token::hashed(refresh_token);
    let tx = app.db.begin().await?;
    // Whoever ends the account's sign-ins at the same moment either comes first, or ends the new pair as well.
    if let Some((owner, _)) = refresh_tokens::family(&tx, &hash).await? {
        users::lock(&tx, owner).await?;
    }
    match refresh_tokens::spend(&tx, &hash).await? {
        Spent::Now { user_id, family } => {
            let user = users::find(&tx, user_id).await?.filter(|user| user.is_active);
            let session = open(app, &tx, user.ok_or(INVALID_REFRESH_TOKEN)?, family).await?;
            tx.commit().await?;
            Ok(session)
        }
        Spent::Before { user_id, family } => {
            refresh_tokens::revoke_family(&tx, user_id, family).await?;
            audit::note(app, &tx, origin, Action::TokenReused, Some(user_id), None).await?;
            tx.commit().await?;
            tracing::warn!(user_id = %user_id, "a spent refresh token came again; its sessions are ended");
            Err(INVALID_REFRESH_TOKEN)
        }
        Spent::Unknown => Err(INVALID_REFRESH_TOKEN),
    }
}

/// Ends the sign-in that a refresh token belongs to. An unknown one has none to end.
///
/// # Errors
/// When the database does not answer.
pub async fn logout(app: &App, refresh_token: &str, origin: &Origin) -> Result<(), ServiceError> {
    let hash = token::hashed(refresh_token);
    let Some((owner, family)) = refresh_tokens::family(&app.db, &hash).await? else {
        return Ok(());
    };
    let tx = app.db.begin().await?;
    users::lock(&tx, owner).await?;
    refresh_tokens::revoke_family(&tx, owner, family).await?;
    let origin = origin.by(Actor::Person);
    audit::note(app, &tx, &origin, Action::SignedOut, Some(owner), None).await?;
    tx.commit().await?;
    Ok(())
}

/// Who asks, and what they may do.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub user: User,
    /// What its key may do; nothing where the person is signed in, who may do everything.
    pub key: Option<Scope>,
}

/// Who asks, by an access token or an API key.
///
/// # Errors
/// `invalid_token` when it is not ours, is too old, its sign-in has ended, or its account is gone or deactivated.
pub async fn caller(app: &App, token: &str, origin: &Origin) -> Result<Caller, ServiceError> {
    if token.starts_with(api_keys::PREFIX) {
        let (user, scope) = api_keys::holder(app, token, origin).await?.ok_or(INVALID_TOKEN)?;
        return Ok(Caller { user, key: Some(scope) });
    }
    let Signer { user, session } = token::signer(token, &app.config.auth, Utc::now()).ok_or(INVALID_TOKEN)?;
    if !refresh_tokens::goes_on(&app.db, user, session).await? {
        return Err(INVALID_TOKEN);
    }
    let user = active(app, user).await?.ok_or(INVALID_TOKEN)?;
    Ok(Caller { user, key: None })
}

/// Who asks, by the session token in a browser's cookie; nobody when it has ended.
///
/// A browser's session is a sign-in whose refresh token is never traded: two tabs that traded it at once
/// would look like a theft. It ends with the sign-in: by signing out, by time, by a new password.
///
/// # Errors
/// When the database does not answer.
pub async fn visitor(app: &App, session_token: &str) -> Result<Option<User>, ServiceError> {
    match refresh_tokens::holder(&app.db, &token::hashed(session_token)).await? {
        Some(id) => active(app, id).await,
        None => Ok(None),
    }
}

async fn active(app: &App, id: UserId) -> Result<Option<User>, ServiceError> {
    Ok(users::find(&app.db, id).await?.filter(|user| user.is_active))
}

const INVALID_TOKEN: ServiceError = ServiceError::Unauthorized {
    code: "invalid_token",
    detail: "This access token is not valid or no longer so; sign in or refresh it.",
};

const INVALID_REFRESH_TOKEN: ServiceError = ServiceError::Unauthorized {
    code: "invalid_refresh_token",
    detail: "This refresh token is spent, expired or unknown; sign in again.",
};

async fn open(app: &App, db: &impl Access, user: User, family: Uuid) -> Result<Session, ServiceError> {
    let auth = &app.config.auth;
    // In whole microseconds, as both databases keep it.
    let now = crate::store::now();
    let refresh_token = token::random();
    let days = Duration::days(i64::try_from(auth.refresh_token_days).unwrap_or(i64::MAX));
    let new = NewRefreshToken { token_hash: token::hashed(&refresh_token), family, expires_at: now + days };
    refresh_tokens::insert(db, user.id, new).await?;
    Ok(Session {
        access_token: token::sign(Signer { user: user.id, session: family }, now, auth)?,
        refresh_token,
        token_type: "Bearer",
        expires_in: token::expires_in(auth),
        user,
    })
}

/// What is wrong with an e-mail address, or nothing: one `@` with something that can be a host behind it. Only
/// a mail that arrives proves more.
pub(crate) fn refuse_email(email: &str) -> Option<FieldError> {
    let refuse = |message: &str| Some(FieldError::new("email", message));
    if email.len() > MAX_EMAIL_BYTES {
        return refuse("An e-mail address may have at most 254 bytes.");
    }
    let well_formed = email.rsplit_once('@').is_some_and(|(name, host)| {
        let labels_fit = host.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
        !name.is_empty() && !name.contains('@') && labels_fit && host.contains('.')
    });
    if !well_formed || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return refuse("This is not an e-mail address; it should look like name@example.org.");
    }
    None
}

/// What is wrong with a name, or nothing.
pub(crate) fn refuse_name(name: Option<&str>, field: &str) -> Option<FieldError> {
    let name = name?;
    if name.chars().count() > MAX_NAME_CHARACTERS {
        return Some(FieldError::new(
            field,
            format!("A name may have at most {MAX_NAME_CHARACTERS} characters."),
        ));
    }
    if name.chars().any(char::is_control) {
        return Some(FieldError::new(field, "A name is one line of text."));
    }
    None
}

/// Without white space around it; an empty name is none.
pub(crate) fn tidy(name: Option<String>) -> Option<String> {
    name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use crate::service::auth::refuse_email;

    #[track_caller]
    fn check(email: &str, accepted: bool) {
        assert_eq!(refuse_email(email).is_none(), accepted, "{email}");
    }

    #[test]
    fn what_can_be_an_address_is_taken() {
        check("jane.doe@example.org", true);
        check("jane+jobs@mail.example.co.uk", true);
        check("käthe@bücher.example", true);
        for text in
            ["", "jane", "jane@", "@example.org", "jane@localhost", "a b@example.org", "jane@@example.org"]
        {
            check(text, false);
        }
        check("jane@example..org", false);
        check("jane@-example.org", false);
        check(&format!("{}@example.org", "j".repeat(250)), false);
    }
}
