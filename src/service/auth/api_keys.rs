//! Keys for scripts: made, listed, deleted, and told from other tokens by how they begin.

use chrono::{Duration, TimeDelta};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::api_key::{ApiKey, Scope};
use crate::domain::audit::{Action, Actor};
use crate::domain::id::ApiKeyId;
use crate::domain::user::User;
use crate::service::audit::{self, Origin};
use crate::service::auth::{active, client_mark, token};
use crate::service::{FieldError, ServiceError};
use crate::store::api_keys::{self, NewApiKey};
use crate::store::{now, users};

/// How every key begins: programs that look for leaked secrets can know it.
pub(crate) const PREFIX: &str = "ro_";
/// Characters of a key by which its owner tells it from others.
const SHOWN: usize = 9;
/// Longest name, in characters.
const MAX_NAME_CHARACTERS: usize = 100;
/// Longest life of a key that ends, in days.
const MAX_DAYS: u32 = 3650;
/// Between two notes that a key is in use: each one is a write.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);
/// Between two lines about it in the audit log.
const AUDITED_EVERY: TimeDelta = TimeDelta::hours(1);
/// The same when it is used from another client: two that share a key must not fill the log.
const AUDITED_ELSEWHERE_EVERY: TimeDelta = TimeDelta::minutes(5);

/// A key to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyRequest {
    /// What to call it.
    #[schema(example = "nightly import", min_length = 1, max_length = 100)]
    pub name: String,
    /// What it may do; `write` when absent.
    #[serde(default)]
    pub scope: Scope,
    /// Days until it ends; absent means that it is valid until it is deleted.
    #[serde(default)]
    #[schema(example = 90, minimum = 1, maximum = 3650)]
    pub expires_in_days: Option<u32>,
}

/// A key that was made just now.
#[derive(Clone, Serialize, ToSchema)]
pub struct NewKey {
    /// What is kept of it.
    #[serde(flatten)]
    pub api_key: ApiKey,
    /// The key itself, shown this once, to be sent as `Authorization: Bearer ro_…`.
    #[schema(example = "ro_Xk3v9a…")]
    pub key: String,
}

/// Makes a key.
///
/// # Errors
/// `invalid_request` naming each field; `quota_exceeded` when the account has too many.
pub async fn create(
    app: &App,
    user: &User,
    request: ApiKeyRequest,
    origin: &Origin,
) -> Result<NewKey, ServiceError> {
    let name = request.name.trim().to_owned();
    let problems: Vec<_> =
        [refuse_name(&name), refuse_days(request.expires_in_days)].into_iter().flatten().collect();
    if !problems.is_empty() {
        return Err(ServiceError::invalid(problems));
    }
    let key = format!("{PREFIX}{}", token::random());
    let new = NewApiKey {
        name,
        key_hash: token::hashed(&key),
        prefix: key.chars().take(SHOWN).collect(),
        scope: request.scope,
        expires_at: request.expires_in_days.map(|days| now() + Duration::days(i64::from(days))),
    };
    let tx = app.db.begin().await?;
    users::lock(&tx, user.id).await?;
    let (has, most) = (api_keys::count(&tx, user.id).await?, app.config.auth.max_api_keys);
    if has >= u64::from(most) {
        return Err(ServiceError::quota(format!(
            "This account has {has} API keys, the most allowed; delete one that is no longer used."
        )));
    }
    let api_key = api_keys::insert(&tx, user.id, new).await?;
    audit::note(app, &tx, origin, Action::ApiKeyCreated, Some(user.id), Some(api_key.id.0)).await?;
    tx.commit().await?;
    Ok(NewKey { api_key, key })
}

/// Every key of the account, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, user: &User) -> Result<Vec<ApiKey>, ServiceError> {
    Ok(api_keys::list(&app.db, user.id).await?)
}

/// Deletes a key: whoever uses it is out at once.
///
/// # Errors
/// `not_found`.
pub async fn delete(app: &App, user: &User, id: ApiKeyId, origin: &Origin) -> Result<(), ServiceError> {
    let tx = app.db.begin().await?;
    if !api_keys::delete(&tx, user.id, id).await? {
        return Err(ServiceError::NotFound { what: "API key" });
    }
    audit::note(app, &tx, origin, Action::ApiKeyDeleted, Some(user.id), Some(id.0)).await?;
    tx.commit().await?;
    Ok(())
}

/// Whose key this is, and what it may do; nobody's when it is unknown, too old, or its account may not sign in.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn holder(
    app: &App,
    key: &str,
    origin: &Origin,
) -> Result<Option<(User, Scope)>, ServiceError> {
    let Some(holder) = api_keys::holder(&app.db, &token::hashed(key)).await? else {
        return Ok(None);
    };
    let Some(user) = active(app, holder.user_id).await? else {
        return Ok(None);
    };
    let key = &holder.key;
    if key.last_used_at.is_none_or(|used| now() - used > NOTED_EVERY) {
        api_keys::note_use(&app.db, user.id, key.id).await?;
    }
    // Now and then, and whenever somebody else seems to have it.
    let client = origin.client.map(|address| client_mark(address, &app.config.auth));
    let is_told = |(at, from): &(_, Option<String>)| {
        now() - *at <= if *from == client { AUDITED_EVERY } else { AUDITED_ELSEWHERE_EVERY }
    };
    if !holder.audited.as_ref().is_some_and(is_told) && api_keys::note_audit(&app.db, &holder, client).await?
    {
        let origin = origin.by(Actor::ApiKey);
        audit::note(app, &app.db, &origin, Action::ApiKeyUsed, Some(user.id), Some(key.id.0)).await?;
    }
    Ok(Some((user, key.scope)))
}

fn refuse_name(name: &str) -> Option<FieldError> {
    let refuse = |message: String| Some(FieldError::new("name", message));
    match name.chars().count() {
        0 => refuse("Give the key a name that tells what uses it.".to_owned()),
        long if long > MAX_NAME_CHARACTERS => {
            refuse(format!("A name may have at most {MAX_NAME_CHARACTERS} characters; this one has {long}."))
        }
        _ if name.chars().any(char::is_control) => refuse("A name is one line of text.".to_owned()),
        _ => None,
    }
}

fn refuse_days(days: Option<u32>) -> Option<FieldError> {
    let days = days.filter(|days| !(1..=MAX_DAYS).contains(days))?;
    Some(FieldError::new(
        "expires_in_days",
        format!("A key lives 1 to {MAX_DAYS} days, not {days}; leave this out for one that does not end."),
    ))
}
