//! Signing up, in and out, and telling from a token who asks.

pub(crate) mod password;
pub(crate) mod token;

use chrono::{Duration, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use crate::service::auth::token::{form_token, form_token_fits, random as random_token};

use crate::app::App;
use crate::domain::id::UserId;
use crate::domain::user::{Role, User};
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
    #[schema(example = "orange bicycle seventeen", format = "password")]
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
pub async fn register(app: &App, input: Registration) -> Result<Session, ServiceError> {
    let email = input.email.trim().to_owned();
    let first_name = tidy(input.first_name);
    let last_name = tidy(input.last_name);
    let local_part = email.split('@').next().unwrap_or_default();
    let context =
        [email.as_str(), local_part, first_name.as_deref().unwrap_or(""), last_name.as_deref().unwrap_or("")];
    let problems: Vec<_> = [
        refuse_email(&email),
        password::refuse(&input.password, "password", &context, &app.config.auth),
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
    let tx = app.db.begin().await?;
    let new = NewUser { email, password_hash, first_name, last_name, role: Role::User };
    let user = users::create(&tx, new).await?;
    let session = open(app, &tx, user, Uuid::now_v7()).await?;
    tx.commit().await?;
    Ok(session)
}

/// Signs an account in.
///
/// # Errors
/// `invalid_credentials`, in the same words and time whether the account exists or not.
pub async fn login(app: &App, input: Login) -> Result<Session, ServiceError> {
    let found = users::find_by_email(&app.db, &input.email).await?;
    let stored = found.as_ref().map(|found| found.password_hash.as_str());
    let fits = password::verify(&input.password, stored, &app.config.auth).await?;
    let Some(found) = found.filter(|found| fits && found.user.is_active) else {
        return Err(ServiceError::Unauthorized {
            code: "invalid_credentials",
            detail: "The e-mail address or the password is not right.",
        });
    };
    open(app, &app.db, found.user, Uuid::now_v7()).await
}

/// Trades a refresh token for a new pair. One that was traded before ends every session that came from it,
/// because one of its two holders is a thief.
///
/// # Errors
/// `invalid_refresh_token`.
pub async fn refresh(app: &App, refresh_token: &str) -> Result<Session, ServiceError> {
    let tx = app.db.begin().await?;
    match refresh_tokens::spend(&tx, &token::hashed(refresh_token)).await? {
        Spent::Now { user_id, family } => {
            let user = users::find(&tx, user_id).await?.filter(|user| user.is_active);
            let session = open(app, &tx, user.ok_or(INVALID_REFRESH_TOKEN)?, family).await?;
            tx.commit().await?;
            Ok(session)
        }
        Spent::Before { user_id, family } => {
            refresh_tokens::revoke_family(&tx, user_id, family).await?;
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
pub async fn logout(app: &App, refresh_token: &str) -> Result<(), ServiceError> {
    if let Some((owner, family)) = refresh_tokens::family(&app.db, &token::hashed(refresh_token)).await? {
        refresh_tokens::revoke_family(&app.db, owner, family).await?;
    }
    Ok(())
}

/// Who asks, by an access token.
///
/// # Errors
/// `invalid_token` when it is not ours, is too old, or its account is gone or deactivated.
pub async fn caller(app: &App, access_token: &str) -> Result<User, ServiceError> {
    let id = token::signer(access_token, &app.config.auth).ok_or(INVALID_TOKEN)?;
    active(app, id).await?.ok_or(INVALID_TOKEN)
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
    let now = Utc::now();
    let refresh_token = token::random();
    let days = Duration::days(i64::try_from(auth.refresh_token_days).unwrap_or(i64::MAX));
    let new = NewRefreshToken { token_hash: token::hashed(&refresh_token), family, expires_at: now + days };
    refresh_tokens::insert(db, user.id, new).await?;
    Ok(Session {
        access_token: token::sign(user.id, now, auth)?,
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
