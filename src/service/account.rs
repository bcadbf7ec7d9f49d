//! The account: seeing it, changing it, erasing it.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::audit::Action;
use crate::domain::task::EraseTask;
use crate::domain::user::User;
use crate::queue::NewTask;
use crate::service::audit::{self, Origin};
use crate::service::auth::{password, refuse_email, refuse_name, throttle, tidy};
use crate::service::{FieldError, ServiceError, cached};
use crate::store::{api_keys, refresh_tokens, users};

/// How often an account is tried to be erased while others are at its rows.
const ERASE_TRIES: u32 = 3;

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
    #[schema(format = "password", min_length = 8, max_length = 1024)]
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
pub async fn change(
    app: &App,
    user: &User,
    change: AccountChange,
    origin: &Origin,
) -> Result<User, ServiceError> {
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
        problems.extend(known(app, user, given, origin).await?.err());
    }
    if !problems.is_empty() {
        return Err(ServiceError::invalid(problems));
    }
    let tx = app.db.begin().await?;
    if let Some(email) = email {
        users::set_email(&tx, user.id, email).await?;
        audit::note(app, &tx, origin, Action::EmailChanged, Some(user.id), None).await?;
    }
    let changed = users::set_names(&tx, user.id, first_name, last_name).await?;
    tx.commit().await?;
    changed.ok_or(ServiceError::NotFound { what: "account" })
}

/// Changes the password, ends every sign-in and deletes every API key: whoever knew the old one is out.
///
/// # Errors
/// `invalid_request` naming `current_password` or `new_password`; `too_many_attempts`.
pub async fn change_password(
    app: &App,
    user: &User,
    change: PasswordChange,
    origin: &Origin,
) -> Result<(), ServiceError> {
    let context = [
        user.email.as_str(),
        user.first_name.as_deref().unwrap_or_default(),
        user.last_name.as_deref().unwrap_or_default(),
    ];
    let refused = password::refuse(&change.new_password, "new_password", &context, &app.config.auth).await?;
    let mut problems: Vec<_> = refused.into_iter().collect();
    let known = known(app, user, &change.current_password, origin)
        .await?
        .map_err(|problem| problems.push(problem))
        .ok();
    if !problems.is_empty() {
        return Err(ServiceError::invalid(problems));
    }
    let hash = password::hash(&change.new_password, &app.config.auth).await?;
    let tx = app.db.begin().await?;
    users::lock(&tx, user.id).await?;
    if users::find_credentials(&tx, user.id).await?.map(|found| found.password_hash) != known {
        // An operator, or another change, was faster.
        return Err(ServiceError::invalid(vec![not_this()]));
    }
    users::set_password_hash(&tx, user.id, hash).await?;
    refresh_tokens::revoke_all(&tx, user.id).await?;
    api_keys::delete_all(&tx, user.id).await?;
    audit::note(app, &tx, origin, Action::PasswordChanged, Some(user.id), None).await?;
    tx.commit().await?;
    Ok(())
}

/// Erases the account: its rows, its tasks, what is kept of its documents, and the bytes of its files. The last two are
/// deleted by the queue as well, however often that takes, so that no power cut leaves any behind.
///
/// # Errors
/// When the database does not answer; then nothing is gone, or all of it will be.
pub async fn erase(app: &App, user: &User, origin: &Origin) -> Result<(), ServiceError> {
    let mut tries = 1;
    // A worker may be at one of the tasks.
    while let Err(error) = remove(app, user, origin).await {
        if tries == ERASE_TRIES || !matches!(error, ServiceError::Unavailable { .. }) {
            return Err(error);
        }
        tries += 1;
    }
    app.queue.ring_cancel();
    app.queue.ring();
    if let Err(error) = app.blobs.delete_space(user.id.0).await {
        tracing::warn!(exception = %error, "the bytes of an erased account are left to the queue");
    }
    // Last, and when nobody can ask for any of it any more: what was asked for meanwhile would be kept again.
    app.cache.forget_all(cached::of_account(user.id).prefix());
    if let Err(error) = throttle::forget(app, user).await {
        tracing::warn!(exception = %error, "what is known of an erased account's sign-ins ends by itself");
    }
    Ok(())
}

async fn remove(app: &App, user: &User, origin: &Origin) -> Result<(), ServiceError> {
    let payload = serde_json::to_value(EraseTask { user_id: user.id }).map_err(ServiceError::internal)?;
    let tx = app.db.begin().await?;
    users::lock(&tx, user.id).await?;
    app.queue.delete_group(&tx, &user.id.to_string()).await?;
    users::delete(&tx, user.id).await?;
    app.queue.enqueue(&tx, NewTask::new(EraseTask::KIND, payload).unique(&user.id)).await?;
    audit::note(app, &tx, origin, Action::AccountDeleted, Some(user.id), None).await?;
    tx.commit().await?;
    Ok(())
}

/// Refuses whoever does not know the account's password.
///
/// # Errors
/// `invalid_request` naming `field`; `too_many_attempts`.
pub async fn confirm(
    app: &App,
    user: &User,
    field: &str,
    given: &str,
    origin: &Origin,
) -> Result<(), ServiceError> {
    match known(app, user, given, origin).await? {
        Ok(_) => Ok(()),
        Err(problem) => Err(ServiceError::invalid_field(field, problem.message)),
    }
}

/// What the password that was given is checked against, if it is the account's.
async fn known(
    app: &App,
    user: &User,
    given: &str,
    origin: &Origin,
) -> Result<Result<String, FieldError>, ServiceError> {
    let attempt = throttle::begin(app, throttle::Who::Account(user.id), origin).await?;
    let stored = users::find_credentials(&app.db, user.id).await?.map(|found| found.password_hash);
    let fits = password::verify(given, stored.as_deref(), &app.config.auth).await;
    let fits = attempt.answered(app, fits).await?;
    Ok(stored.filter(|_| fits).ok_or_else(not_this))
}

fn not_this() -> FieldError {
    FieldError::new("current_password", "This is not the password of the account.")
}
