//! Guessing passwords is slowed for each account, more with each failure: soon for each client that guesses, and after
//! many failures for all clients together that the account was never signed in from. Of each client only the first few
//! failures count for all: who guesses from one place keeps nobody out, and who guesses from thousands gets no further
//! than from a few dozen.
//!
//! An attempt is counted before the password is looked at: of five hundred at once, only the first few are. Addresses
//! without an account are slowed as well, or the difference would show which ones have one.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::app::App;
use crate::config::Auth;
use crate::domain::audit::Action;
use crate::domain::id::UserId;
use crate::domain::user::User;
use crate::service::ServiceError;
use crate::service::audit::Origin;
use crate::service::auth::token;
use crate::store::throttles::{self, Tried};
use crate::store::{Access, Tx, audit, now, users};

/// Days that a client from which an account was signed in to is known to be a place of its owner.
const KNOWN_DAYS: i64 = 90;
/// Times that a client waits its pause, however many others guess.
const MOST_PAUSES: u32 = 60;

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

    /// The account, where there is one.
    async fn account(self, db: &impl Access) -> Result<Option<UserId>, ServiceError> {
        Ok(match self {
            Who::Address(email) => users::find_by_email(db, email).await?.map(|found| found.user.id),
            Who::Account(id) => Some(id),
        })
    }
}

/// An attempt that may be made.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// What all clients together tried.
    together: Count,
    /// What this one tried; locked after the other, always.
    alone: Count,
}

/// Attempts that are counted under one key, before and with this one.
#[derive(Debug)]
struct Count {
    key: String,
    before: Tried,
    with: Tried,
}

/// Counts an attempt.
///
/// # Errors
/// [`ServiceError::TooSoon`] when it has to wait.
pub(crate) async fn begin(app: &App, who: Who<'_>, origin: &Origin) -> Result<Attempt, ServiceError> {
    let config = &app.config.auth;
    let client = origin.client.map(|address| token::client_mark(address, config)).unwrap_or_default();
    let together = who.key(config);
    let alone = format!("{together}{}{client}", throttles::OF_CLIENT);
    let tx = app.db.begin().await?;
    let at = now();
    let mut together = Count::lock(&tx, together, config.sign_in_free_failures_together, at, config).await?;
    let mut alone = Count::lock(&tx, alone, config.sign_in_free_failures, at, config).await?;
    // What one client adds for all is bounded: else it would keep everybody out alone, in time.
    if alone.with.failures > config.sign_in_free_failures {
        together.with = together.before;
        // It waits the longer the more of them there are: else a thousand would guess a thousand times as often.
        let crowd = together.before.failures / config.sign_in_free_failures_together.max(1);
        let pause = alone.with.blocked_until - at;
        alone.with.blocked_until = at + pause * i32::try_from(crowd.clamp(1, MOST_PAUSES)).unwrap_or(1);
    }
    let mut until = alone.before.blocked_until;
    if until <= at && at < together.before.blocked_until && !is_known(&tx, who, client).await? {
        until = together.before.blocked_until;
    }
    if at < until {
        tx.rollback().await?;
        return Err(ServiceError::TooSoon { seconds: seconds_until(until, at) });
    }
    // Also what is as before: as long as somebody goes on guessing, nothing of it is forgotten.
    for count in [&together, &alone] {
        throttles::set(&tx, &count.key, count.with).await?;
    }
    tx.commit().await?;
    Ok(Attempt { together, alone })
}

/// Whether the account was signed in to from this client of late.
async fn is_known(db: &impl Access, who: Who<'_>, client: String) -> Result<bool, ServiceError> {
    // Asked for nobody as well: the time must not tell whether there is an account.
    let account = who.account(db).await?.unwrap_or(UserId(Uuid::nil()));
    let since = now() - TimeDelta::days(KNOWN_DAYS);
    Ok(audit::was_done_from(db, account, &[Action::SignedUp, Action::SignedIn], client, since).await?)
}

/// Forgets what was tried with this address and with this account, from wherever.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn forget(app: &App, user: &User) -> Result<(), ServiceError> {
    for who in [Who::Address(&user.email), Who::Account(user.id)] {
        throttles::forget_all(&app.db, &who.key(&app.config.auth)).await?;
    }
    Ok(())
}

impl Attempt {
    /// Passes on whether it was the right password. If so, what this client tried before is forgotten; if the password
    /// was never looked at, it was no attempt.
    pub(crate) async fn answered(
        self,
        app: &App,
        fits: Result<bool, ServiceError>,
    ) -> Result<bool, ServiceError> {
        match &fits {
            Ok(true) => {
                // Others may be guessing: what they tried stays.
                self.take_back(app, self.alone.with.failures).await?;
            }
            Ok(false) => {}
            Err(_) => self.take_back(app, 1).await?,
        }
        fits
    }

    /// Takes so many attempts from what this client tried, and from what all tried together as many of them as counted
    /// there.
    async fn take_back(&self, app: &App, less: u32) -> Result<(), ServiceError> {
        let free = app.config.auth.sign_in_free_failures;
        let tx = app.db.begin().await?;
        let together = throttles::lock(&tx, &self.together.key, forgotten_before(now())).await?;
        let alone = throttles::lock(&tx, &self.alone.key, forgotten_before(now())).await?;
        // Those of the row as it is now: others of this client may have been taken back meanwhile.
        let left = alone.failures.saturating_sub(less);
        let counted = alone.failures.min(free).saturating_sub(left.min(free));
        for (count, tried, less) in [(&self.together, together, counted), (&self.alone, alone, less)] {
            // Others may have tried meanwhile: their pause stays.
            let nobody_since = tried == count.with;
            let blocked_until = if nobody_since { count.before.blocked_until } else { tried.blocked_until };
            let failures = tried.failures.saturating_sub(less);
            throttles::set(&tx, &count.key, Tried { failures, blocked_until }).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

impl Count {
    async fn lock(
        tx: &Tx,
        key: String,
        free: u32,
        at: DateTime<Utc>,
        config: &Auth,
    ) -> Result<Self, ServiceError> {
        let before = throttles::lock(tx, &key, forgotten_before(at)).await?;
        let failures = before.failures.saturating_add(1);
        let blocked_until = at + delay(failures, free, config);
        Ok(Self { key, before, with: Tried { failures, blocked_until } })
    }
}

fn forgotten_before(at: DateTime<Utc>) -> DateTime<Utc> {
    at - TimeDelta::hours(throttles::KEPT_HOURS)
}

/// Nothing for the free failures, then a second, doubling with each further one up to a bound: who knows the password
/// waits for no longer, and who guesses has no more than so many guesses a day.
fn delay(failures: u32, free: u32, config: &Auth) -> TimeDelta {
    let Some(doublings) = failures.checked_sub(free) else {
        return TimeDelta::zero();
    };
    let seconds = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX).min(config.sign_in_max_delay_seconds);
    TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::MAX / 1000))
}

fn seconds_until(until: DateTime<Utc>, at: DateTime<Utc>) -> u64 {
    let left = (until - at).num_milliseconds();
    u64::try_from(left).unwrap_or(0).div_ceil(1000).max(1)
}
