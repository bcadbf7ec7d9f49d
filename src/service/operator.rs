//! What an operator does to accounts, on the command line.

use crate::app::App;
use crate::domain::audit::Action;
use crate::domain::user::{Role, Tier, User};
use crate::service::ServiceError;
use crate::service::audit::{self, Origin};
use crate::service::auth::{self, Registration, password, throttle};
use crate::service::files::quota;
use crate::store::{PageRequest, Tx, api_keys, refresh_tokens, users};

const NO_SUCH_USER: ServiceError = ServiceError::NotFound { what: "account" };
/// Accounts of one look at the list.
const PAGE: u32 = 100;

/// Makes an account.
///
/// # Errors
/// `invalid_request` naming each field; `email_taken`.
pub async fn create(app: &App, input: Registration, role: Role) -> Result<User, ServiceError> {
    let new = auth::checked(app, input, role).await?;
    let tx = app.db.begin().await?;
    let user = users::create(&tx, new).await?;
    audit::note(app, &tx, &Origin::operator(), Action::SignedUp, Some(user.id), None).await?;
    tx.commit().await?;
    Ok(user)
}

/// Every account, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App) -> Result<Vec<User>, ServiceError> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = users::list(&app.db, PageRequest { limit: PAGE, after }).await?;
        found.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// Gives an account another tier: its quotas hold at once, also for jobs that wait already.
///
/// # Errors
/// `not_found`.
pub async fn set_tier(app: &App, email: &str, tier: Tier) -> Result<User, ServiceError> {
    let (tx, user) = found(app, email).await?;
    let user = users::set_tier(&tx, user.id, tier).await?.ok_or(NO_SUCH_USER)?;
    let limit = Some(quota(app, &user).concurrent_jobs).filter(|limit| *limit > 0);
    app.queue.limit_group(&tx, &user.id.to_string(), limit).await?;
    audit::note(app, &tx, &Origin::operator(), Action::TierSet, Some(user.id), None).await?;
    tx.commit().await?;
    app.queue.ring();
    Ok(user)
}

/// Lets an account sign in again.
///
/// # Errors
/// `not_found`.
pub async fn activate(app: &App, email: &str) -> Result<User, ServiceError> {
    let (tx, user) = found(app, email).await?;
    let user = users::activate(&tx, user.id).await?.ok_or(NO_SUCH_USER)?;
    audit::note(app, &tx, &Origin::operator(), Action::Activated, Some(user.id), None).await?;
    tx.commit().await?;
    Ok(user)
}

/// Keeps an account out, at once: its sign-ins end, its keys are refused.
///
/// # Errors
/// `not_found`.
pub async fn deactivate(app: &App, email: &str) -> Result<User, ServiceError> {
    let (tx, user) = found(app, email).await?;
    let user = users::deactivate(&tx, user.id).await?.ok_or(NO_SUCH_USER)?;
    refresh_tokens::revoke_all(&tx, user.id).await?;
    audit::note(app, &tx, &Origin::operator(), Action::Deactivated, Some(user.id), None).await?;
    tx.commit().await?;
    Ok(user)
}

/// Gives an account another password; its sign-ins end, its keys are gone, and nothing is held against it any more.
///
/// # Errors
/// `not_found`; `invalid_request` for a password that is refused.
pub async fn reset_password(app: &App, email: &str, new: &str) -> Result<User, ServiceError> {
    if let Some(problem) = password::refuse(new, "password", &[email], &app.config.auth).await? {
        return Err(ServiceError::invalid(vec![problem]));
    }
    let hash = password::hash(new, &app.config.auth).await?;
    let (tx, user) = found(app, email).await?;
    users::set_password_hash(&tx, user.id, hash).await?;
    refresh_tokens::revoke_all(&tx, user.id).await?;
    api_keys::delete_all(&tx, user.id).await?;
    audit::note(app, &tx, &Origin::operator(), Action::PasswordReset, Some(user.id), None).await?;
    tx.commit().await?;
    throttle::forget(app, &user).await?;
    Ok(user)
}

async fn found(app: &App, email: &str) -> Result<(Tx, User), ServiceError> {
    let tx = app.db.begin().await?;
    let user = users::find_by_email(&tx, email).await?.ok_or(NO_SUCH_USER)?.user;
    users::lock(&tx, user.id).await?;
    Ok((tx, user))
}
