//! Guessing passwords is slowed for each account, more with each failure, wherever the guesses come from.
//!
//! An attempt is counted before the password is looked at: of five hundred at once, only the first few are. Addresses
//! without an account are slowed as well, or the difference would show which ones have one.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::config::Auth;
use crate::service::ServiceError;
use crate::service::auth::token;
use crate::store::throttles::{self, Tried};
use crate::store::{now, users};

/// An attempt that may be made.
#[derive(Debug)]
pub(crate) struct Attempt {
    key: String,
}

/// Counts an attempt to sign in with this address.
///
/// # Errors
/// [`ServiceError::TooSoon`] when it has to wait.
pub(crate) async fn begin(app: &App, email: &str) -> Result<Attempt, ServiceError> {
    let key = token::hashed(&users::email_key(email));
    let tx = app.db.begin().await?;
    let at = now();
    let tried = throttles::lock(&tx, &key, at - TimeDelta::hours(throttles::KEPT_HOURS)).await?;
    if at < tried.blocked_until {
        tx.rollback().await?;
        return Err(ServiceError::TooSoon { seconds: seconds_until(tried.blocked_until, at) });
    }
    let failures = tried.failures.saturating_add(1);
    let blocked_until = at + delay(failures, &app.config.auth);
    throttles::set(&tx, &key, Tried { failures, blocked_until }).await?;
    tx.commit().await?;
    Ok(Attempt { key })
}

/// Forgets what was tried with an address.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn forget(app: &App, email: &str) -> Result<(), ServiceError> {
    Ok(throttles::forget(&app.db, &token::hashed(&users::email_key(email))).await?)
}

impl Attempt {
    /// It was the right password: earlier failures are forgotten.
    pub(crate) async fn succeeded(self, app: &App) -> Result<(), ServiceError> {
        Ok(throttles::forget(&app.db, &self.key).await?)
    }
}

/// Nothing for the first failures, then a second, doubling with each further one up to a bound: who knows the password
/// waits for no longer, and who guesses has no more than so many guesses a day.
fn delay(failures: u32, config: &Auth) -> TimeDelta {
    let Some(doublings) = failures.checked_sub(config.sign_in_free_failures) else {
        return TimeDelta::zero();
    };
    let seconds = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX).min(config.sign_in_max_delay_seconds);
    TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::MAX / 1000))
}

fn seconds_until(until: DateTime<Utc>, at: DateTime<Utc>) -> u64 {
    let left = (until - at).num_milliseconds();
    u64::try_from(left).unwrap_or(0).div_ceil(1000).max(1)
}
