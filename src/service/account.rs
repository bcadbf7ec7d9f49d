//! The account: seeing it, changing it, erasing it.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::user::User;
use crate::service::auth::{password, refuse_email, refuse_name, tidy};
use crate::service::{FieldError, ServiceError};
use crate::store::{refresh_tokens, users};

/// What is to be changed; what is absent stays, `null` clears.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccountChange {
    /// Another address; needs `current_password`, because whoever has the address has the account.
    #[schema(format = "email")]
    pub email: Option<String>,
    /// Given name.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub first_name: Option<Option<String>>,
    /// Family name.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub last_name: Option<Option<String>>,
    /// The password, to change the address.
    #[schema(format = "password")]
    pub current_password: Option<String>,
}

/// A new password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The one that is valid now.
    #[schema(format = "password")]
    pub current_password: String,
    /// The one that shall be.
    #[schema(format = "password")]
    pub new_password: String,
}

/// Tells `null` from absent.
fn given<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(input).map(Some)
}

/// Changes names and address.
///
/// # Errors
/// `invalid_request` naming each field; `email_taken`.
pub async fn change(app: &App, user: &User, change: AccountChange) -> Result<User, ServiceError> {
    let first_name = change.first_name.map_or_else(|| user.first_name.clone(), tidy);
    let last_name = change.last_name.map_or_else(|| user.last_name.clone(), tidy);
    let email = change.email.map(|email| email.trim().to_owned()).filter(|email| *email != user.email);
    let mut problems: Vec<_> = [
        email.as_deref().and_then(refuse_email),
        refuse_name(first_name.as_deref(), "first_name"),
        refuse_name(last_name.as_deref(), "last_name"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if email.is_some() {
        let given = change.current_password.as_deref().unwrap_or_default();
        problems.extend(refuse_current(app, user, given).await?);
    }
    if !problems.is_empty() {
        return Err(ServiceError::invalid(problems));
    }
    let tx = app.db.begin().await?;
    if let Some(email) = email {
        users::set_email(&tx, user.id, email).await?;
    }
    let changed = users::set_names(&tx, user.id, first_name, last_name).await?;
    tx.commit().await?;
    changed.ok_or(ServiceError::NotFound { what: "account" })
}

/// Changes the password and ends every sign-in: whoever knew the old one is out.
///
/// # Errors
/// `invalid_request` naming `current_password` or `new_password`.
pub async fn change_password(app: &App, user: &User, change: PasswordChange) -> Result<(), ServiceError> {
    let context = [
        user.email.as_str(),
        user.first_name.as_deref().unwrap_or_default(),
        user.last_name.as_deref().unwrap_or_default(),
    ];
    let refused = password::refuse(&change.new_password, "new_password", &context, &app.config.auth);
    let mut problems: Vec<_> = refused.into_iter().collect();
    problems.extend(refuse_current(app, user, &change.current_password).await?);
    if !problems.is_empty() {
        return Err(ServiceError::invalid(problems));
    }
    let hash = password::hash(&change.new_password, &app.config.auth).await?;
    let tx = app.db.begin().await?;
    users::set_password_hash(&tx, user.id, hash).await?;
    refresh_tokens::revoke_all(&tx, user.id).await?;
    tx.commit().await?;
    Ok(())
}

async fn refuse_current(app: &App, user: &User, given: &str) -> Result<Option<FieldError>, ServiceError> {
    let stored = users::find_credentials(&app.db, user.id).await?.map(|found| found.password_hash);
    let fits = password::verify(given, stored.as_deref(), &app.config.auth).await?;
    Ok((!fits).then(|| FieldError::new("current_password", "This is not the password of the account.")))
}
