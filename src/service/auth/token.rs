//! Tokens: signed ones that say who asks, random ones that are only known by their hash, and form tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::config::Auth;
use crate::domain::id::UserId;
use crate::service::ServiceError;

/// Bytes of a random token: 256 bits cannot be guessed, so a plain hash of it is enough to store.
const RANDOM_BYTES: usize = 32;
/// Bytes that make each form token look different, so that compressing pages gives none away.
const MASK_BYTES: usize = 16;

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// A token that says who asks, valid for `access_token_minutes` from `now`.
///
/// # Errors
/// [`ServiceError::Internal`] when it cannot be signed.
pub(crate) fn sign(user: UserId, now: DateTime<Utc>, config: &Auth) -> Result<String, ServiceError> {
    let lifetime = Duration::seconds(i64::try_from(expires_in(config)).unwrap_or(i64::MAX));
    let claims =
        Claims { sub: user, iat: now.timestamp(), exp: (now + lifetime).timestamp(), jti: Uuid::now_v7() };
    let key = EncodingKey::from_secret(config.jwt_secret_key.expose().as_bytes());
    encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(ServiceError::internal)
}

/// Seconds that a signed token is valid.
pub(crate) fn expires_in(config: &Auth) -> u64 {
    config.access_token_minutes.saturating_mul(60)
}

/// Who signed in with this token; `None` when it is not ours, was changed, or is too old.
pub(crate) fn signer(token: &str, config: &Auth) -> Option<UserId> {
    // Pinned: whoever may choose the algorithm may choose none.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = 0;
    validation.set_required_spec_claims(&["exp", "sub"]);
    let key = DecodingKey::from_secret(config.jwt_secret_key.expose().as_bytes());
    decode::<Claims>(token, &key, &validation).ok().map(|token| token.claims.sub)
}

/// A fresh random token, to be shown once.
#[must_use]
pub fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; RANDOM_BYTES]>())
}

/// What is stored of a random token.
pub(crate) fn hashed(token: &str) -> String {
    hexadecimal(&Sha256::digest(token.as_bytes()))
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A token for forms of the visitor who holds this cookie value; another one each time, all of them valid.
#[must_use]
pub fn form_token(cookie: &str, config: &Auth) -> String {
    let mask = rand::random::<[u8; MASK_BYTES]>();
    let mut token = mask.to_vec();
    token.extend(form_signature(&mask, cookie, config));
    URL_SAFE_NO_PAD.encode(token)
}

/// Whether a form token was made for the visitor who holds this cookie value.
#[must_use]
pub fn form_token_fits(token: &str, cookie: &str, config: &Auth) -> bool {
    let Ok(token) = URL_SAFE_NO_PAD.decode(token) else {
        return false;
    };
    let Some((mask, signature)) = token.split_at_checked(MASK_BYTES) else {
        return false;
    };
    form_signature(mask, cookie, config).ct_eq(signature).into()
}

fn form_signature(mask: &[u8], cookie: &str, config: &Auth) -> Vec<u8> {
    // HMAC takes keys of any length, so there is no error to speak of; an empty answer fits no token.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(config.jwt_secret_key.expose().as_bytes()) else {
        return vec![0; RANDOM_BYTES];
    };
    mac.update(b"form");
    mac.update(mask);
    mac.update(cookie.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use chrono::{Duration, Utc};
    use jsonwebtoken::{EncodingKey, Header, encode};

    use crate::config::{Auth, Secret};
    use crate::domain::id::UserId;
    use crate::service::auth::token::{form_token, form_token_fits, hashed, random, sign, signer};

    fn config(secret: &str) -> Auth {
        Auth {
            jwt_secret_key: Secret::new(secret.to_owned()),
            access_token_minutes: 30,
            refresh_token_days: 30,
            bcrypt_cost: 4,
            bcrypt_concurrency: 1,
            password_min_length: 8,
        }
    }

    #[test]
    fn a_token_says_who_signed_in_for_half_an_hour() {
        let (user, mine) = (UserId::new(), config("0123456789abcdef0123456789abcdef"));
        let fresh = sign(user, Utc::now(), &mine).unwrap();
        assert_eq!(signer(&fresh, &mine), Some(user));
        let old = sign(user, Utc::now() - Duration::seconds(1801), &mine).unwrap();
        assert_eq!(signer(&old, &mine), None);
        assert_eq!(signer(&fresh, &config("another secret of thirty-two bytes!")), None);
        assert_eq!(signer(&fresh.replacen('.', ".e", 1), &mine), None);
        assert_eq!(signer("", &mine), None);
    }

    #[test]
    fn no_other_algorithm_is_taken() {
        let secret = "0123456789abcdef0123456789abcdef";
        let claims = serde_json::json!({"sub": UserId::new(), "iat": 0, "exp": 9_999_999_999_i64, "jti": UserId::new()});
        let key = EncodingKey::from_secret(secret.as_bytes());
        let header = Header::new(jsonwebtoken::Algorithm::HS384);
        let token = encode(&header, &claims, &key).unwrap();
        assert_eq!(signer(&token, &config(secret)), None);
        // {"alg":"none"}
        let (_, payload) = token.split_once('.').unwrap();
        let (payload, _) = payload.split_once('.').unwrap();
        assert_eq!(signer(&format!("eyJhbGciOiJub25lIn0.{payload}."), &config(secret)), None);
    }

    #[test]
    fn a_form_token_fits_its_visitor_alone() {
        let (mine, me) = (config("0123456789abcdef0123456789abcdef"), random());
        let (one, two) = (form_token(&me, &mine), form_token(&me, &mine));
        assert_ne!(one, two);
        assert!(form_token_fits(&one, &me, &mine) && form_token_fits(&two, &me, &mine));
        assert!(!form_token_fits(&one, &random(), &mine));
        assert!(!form_token_fits("", &me, &mine));
        assert!(!form_token_fits(&one, &me, &config("another secret of thirty-two bytes!")));
    }

    #[test]
    fn what_is_stored_is_not_what_is_shown() {
        let token = random();
        assert_eq!(token.len(), 43);
        assert_eq!(hashed(&token).len(), 64);
        assert_ne!(random(), token);
    }
}
