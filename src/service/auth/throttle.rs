//! Guessing passwords is slowed for each account, more with each failure, wherever the guesses come from.
//!
//! An attempt is counted before the password is looked at: of five hundred at once, only the first few are. Addresses
//! without an account are slowed as well, or the difference would show which ones have one.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::config::Auth;
use crate::domain::id::UserId;
use crate::domain::user::User;
use crate::service::ServiceError;
use crate::service::auth::token;
use crate::store::throttles::{self, Tried};
use crate::store::{now, users};

/// Whose password is tried.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Who<'a> {
    /// That of whoever has this address, by somebody who is not signed in.
    Address(&'a str),
    /// That of an account, by somebody who is signed in to it: strangers who guess keep nobody out here.
    Account(UserId),
}

impl Who<'_> {
    /// What is kept of it: nobody without the secret can tell from it which address it was.
    fn key(self, config: &Auth) -> String {
        match self {
            Who::Address(email) => token::sign_in_mark("address", &users::email_key(email), config),
            Who::Account(id) => token::sign_in_mark("account", &id.to_string(), config),
        }
    }
}

/// An attempt that may be made.
#[derive(Debug)]
pub(crate) struct Attempt {
    key: String,
    before: Tried,
    counted: Tried,
}

/// Counts an attempt.
///
/// # Errors
/// [`ServiceError::TooSoon`] when it has to wait.
pub(crate) async fn begin(app: &App, who: Who<'_>) -> Result<Attempt, ServiceError> {
    let key = who.key(&app.config.auth);
    let tx = app.db.begin().await?;
    let at = now();
    let tried = throttles::lock(&tx, &key, at - TimeDelta::hours(throttles::KEPT_HOURS)).await?;
    if at < tried.blocked_until {
        tx.rollback().await?;
        return Err(ServiceError::TooSoon { seconds: seconds_until(tried.blocked_until, at) });
    }
    let failures = tried.failures.saturating_add(1);
    let blocked_until = at + delay(failures, &app.config.auth);
    let counted = Tried { failures, blocked_until };
    throttles::set(&tx, &key, counted).await?;
    tx.commit().await?;
    Ok(Attempt { key, before: tried, counted })
}

/// Forgets what was tried with this address and with this account.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn forget(app: &App, user: &User) -> Result<(), ServiceError> {
    for who in [Who::Address(&user.email), Who::Account(user.id)] {
        throttles::forget(&app.db, &who.key(&app.config.auth)).await?;
    }
    Ok(())
}

impl Attempt {
    /// Passes on whether it was the right password. If so, earlier failures are forgotten; if the password was never
    /// looked at, it was no attempt.
    pub(crate) async fn answered(
        self,
        app: &App,
        fits: Result<bool, ServiceError>,
    ) -> Result<bool, ServiceError> {
        match &fits {
            Ok(true) => throttles::forget(&app.db, &self.key).await?,
            Ok(false) => {}
            Err(_) => self.take_back(app).await?,
        }
        fits
    }

    async fn take_back(&self, app: &App) -> Result<(), ServiceError> {
        let tx = app.db.begin().await?;
        let tried = throttles::lock(&tx, &self.key, now() - TimeDelta::hours(throttles::KEPT_HOURS)).await?;
        // Others may have tried meanwhile: their pause stays.
        let nobody_since = tried == self.counted;
        let blocked_until = if nobody_since { self.before.blocked_until } else { tried.blocked_until };
        let failures = tried.failures.saturating_sub(1);
        throttles::set(&tx, &self.key, Tried { failures, blocked_until }).await?;
        tx.commit().await?;
        Ok(())
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
