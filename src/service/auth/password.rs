//! Passwords: what is accepted, and hashing that neither truncates nor starves the rest of the service.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::config::Auth;
use crate::service::{FieldError, ServiceError};

/// Longest password in characters: far beyond any passphrase, and a bound on what is hashed.
const MAX_CHARACTERS: usize = 1024;
/// Bytes that bcrypt takes in beside its closing zero; it would silently ignore what comes after.
const BCRYPT_BYTES: usize = 71;
/// Characters that the strength estimate looks at: its time grows with the square of the length, and with each sign that
/// may stand for a letter. A tenth of a second for the worst that was found of so many, and a whole one for 72.
const ESTIMATED_CHARACTERS: usize = 32;

/// Waiting for a turn here is what keeps a burst of sign-ins from taking every core.
static TURNS: OnceLock<Arc<Semaphore>> = OnceLock::new();
/// Places of those who wait for one or have one.
static PLACES: OnceLock<Arc<Semaphore>> = OnceLock::new();

/// What is wrong with a new password, or nothing.
///
/// Length and guessability alone, as NIST SP 800-63B has it; no rules on kinds of characters. `context` is
/// what an attacker would try first: the e-mail address and the names.
///
/// # Errors
/// [`ServiceError::Unavailable`] when too many others wait for theirs to be looked at.
pub(crate) async fn refuse(
    password: &str,
    field: &str,
    context: &[&str],
    config: &Auth,
) -> Result<Option<FieldError>, ServiceError> {
    let characters = password.chars().count();
    if characters < config.password_min_length {
        let least = config.password_min_length;
        return Ok(Some(FieldError::new(
            field,
            format!("A password needs at least {least} characters; this one has {characters}."),
        )));
    }
    if characters > MAX_CHARACTERS {
        return Ok(Some(FieldError::new(
            field,
            format!("A password may have at most {MAX_CHARACTERS} characters; this one has {characters}."),
        )));
    }
    let head: String = password.chars().take(ESTIMATED_CHARACTERS).collect();
    let context: Vec<String> = context.iter().map(|word| (*word).to_owned()).collect();
    let is_guessable = in_turn(config, move || {
        let context: Vec<&str> = context.iter().map(String::as_str).collect();
        zxcvbn::zxcvbn(&head, &context).score() <= zxcvbn::Score::One
    });
    Ok(is_guessable.await?.then(|| {
        FieldError::new(
            field,
            "This password is among the first that anyone would try; a few unrelated words make a good one.",
        )
    }))
}

/// The hash to store.
///
/// # Errors
/// [`ServiceError::Internal`] when no randomness is to be had.
pub(crate) async fn hash(password: &str, config: &Auth) -> Result<String, ServiceError> {
    let (input, cost) = (digestible(password).into_owned(), config.bcrypt_cost);
    in_turn(config, move || bcrypt::non_truncating_hash(input, cost)).await?.map_err(ServiceError::internal)
}

/// Whether the password belongs to the stored hash. Without one it takes the same time and says no, so that
/// nobody can tell from the time whether an account exists.
///
/// # Errors
/// [`ServiceError::Internal`] when the stored hash is none.
pub(crate) async fn verify(
    password: &str,
    stored: Option<&str>,
    config: &Auth,
) -> Result<bool, ServiceError> {
    let input = digestible(password).into_owned();
    let known = stored.is_some();
    let hash = stored.map_or_else(|| nobodys_hash(config.bcrypt_cost), str::to_owned);
    let matches = in_turn(config, move || bcrypt::non_truncating_verify(input, &hash)).await?;
    Ok(known && matches.map_err(ServiceError::internal)?)
}

/// Longer passwords go in as the Base64 of their SHA-256, so that every character counts; so do those with the zero that
/// ends a password for bcrypt.
fn digestible(password: &str) -> Cow<'_, [u8]> {
    if password.len() <= BCRYPT_BYTES && !password.contains('\0') {
        return Cow::Borrowed(password.as_bytes());
    }
    Cow::Owned(STANDARD.encode(Sha256::digest(password.as_bytes())).into_bytes())
}

/// A well-formed hash of the same cost that is no password's.
fn nobodys_hash(cost: u32) -> String {
    // 22 characters of salt and 31 of hash.
    format!("$2b${cost:02}${}", ".".repeat(53))
}

async fn in_turn<T: Send + 'static>(
    config: &Auth,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ServiceError> {
    let slots = config.hashing_slots();
    let places = PLACES.get_or_init(|| Arc::new(Semaphore::new(slots.saturating_add(config.bcrypt_waiting))));
    let Ok(place) = Arc::clone(places).try_acquire_owned() else {
        return Err(ServiceError::Unavailable {
            detail: "Too many people sign in right now; try again in a few seconds.".to_owned(),
            source: None,
        });
    };
    let turns = TURNS.get_or_init(|| Arc::new(Semaphore::new(slots)));
    let turn = Arc::clone(turns).acquire_owned().await.map_err(ServiceError::internal)?;
    let work = spawn_blocking(move || {
        // With the work, which goes on when whoever asked for it is gone.
        let _held = (place, turn);
        work()
    });
    work.await.map_err(ServiceError::internal)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::config::{Auth, Config};
    use crate::service::auth::password::{digestible, hash, nobodys_hash, refuse, verify};

    fn config() -> Auth {
        Auth { bcrypt_cost: 4, bcrypt_concurrency: 1, ..Config::defaults().unwrap().auth }
    }

    async fn check(password: &str, expected: Option<&str>) {
        let refused = refuse(password, "password", &["jane.doe@example.org"], &config()).await.unwrap();
        assert_eq!(refused.is_some(), expected.is_some(), "{password}: {refused:?}");
        let message = refused.map(|error| error.message).unwrap_or_default();
        assert!(message.contains(expected.unwrap_or_default()), "{message}");
    }

    #[tokio::test]
    async fn length_and_guessability_decide() {
        check("kurz", Some("at least 8 characters; this one has 4")).await;
        check("password", Some("first that anyone would try")).await;
        check("12345678", Some("first that anyone would try")).await;
        check("barcelona", Some("first that anyone would try")).await;
        check("drpepper", Some("first that anyone would try")).await;
        check("123qwe123", Some("first that anyone would try")).await;
        check("orange bicycle seventeen", None).await;
        check("пароль из слов", None).await;
        check(&"long words and ".repeat(60), None).await;
        check(&"x".repeat(1025), Some("at most 1024")).await;
    }

    #[tokio::test]
    async fn every_character_of_a_long_password_counts() {
        let long = "a passphrase that goes on and on ".repeat(4);
        let stored = hash(&long, &config()).await.unwrap();
        assert!(verify(&long, Some(&stored), &config()).await.unwrap());
        let other = long.trim_end().to_owned() + "!";
        assert!(!verify(&other, Some(&stored), &config()).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_the_hash_of_unknown_accounts() {
        assert!(!verify("anything at all", None, &config()).await.unwrap());
        let unknown = nobodys_hash(4);
        assert!(!verify("anything at all", Some(&unknown), &config()).await.unwrap());
    }

    #[test]
    fn seventy_one_bytes_go_in_as_they_are() {
        assert_eq!(digestible(&"x".repeat(71)).len(), 71);
        assert_eq!(digestible(&"x".repeat(72)).len(), 44);
        assert_eq!(digestible("a\0b").len(), 44, "bcrypt ends at the zero");
    }
}
