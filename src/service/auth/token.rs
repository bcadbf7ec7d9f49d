//! Tokens: signed ones that say who asks, random ones that are only known by their hash, and form tokens.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::config::{Auth, Secret};
use crate::domain::hash::{hex, sha256};
use crate::domain::id::UserId;
use crate::service::{ServiceError, rates};

/// Bytes of a random token: 256 bits cannot be guessed, so a plain hash of it is enough to store.
const RANDOM_BYTES: usize = 32;
/// Bytes that make each form token look different, so that compressing pages gives none away.
const MASK_BYTES: usize = 16;

/// Seconds that the clocks of two replicas may differ by.
const CLOCK_SECONDS: i64 = 60;
/// Digits of a key's name.
const KEY_NAME_DIGITS: usize = 16;
/// Digits of a client's mark: enough that two clients hardly share one.
const MARK_DIGITS: usize = 16;

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    sid: Uuid,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// Who signed in, and by which of their sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signer {
    pub(crate) user: UserId,
    pub(crate) session: Uuid,
}

/// A token that says who asks, valid for `access_token_minutes` from `now` and no longer than the sign-in.
///
/// # Errors
/// [`ServiceError::Internal`] when it cannot be signed.
pub(crate) fn sign(signer: Signer, now: DateTime<Utc>, config: &Auth) -> Result<String, ServiceError> {
    let lifetime = Duration::seconds(i64::try_from(expires_in(config)).unwrap_or(i64::MAX));
    let claims = Claims {
        sub: signer.user,
        sid: signer.session,
        iat: now.timestamp(),
        exp: (now + lifetime).timestamp(),
        jti: Uuid::now_v7(),
    };
    let secret = &config.jwt_secret_key;
    let key = EncodingKey::from_secret(secret.expose().as_bytes());
    let header = Header { kid: Some(key_name(secret)), ..Header::new(Algorithm::HS256) };
    encode(&header, &claims, &key).map_err(ServiceError::internal)
}

/// Seconds that a signed token is valid.
pub(crate) fn expires_in(config: &Auth) -> u64 {
    config.access_token_minutes.saturating_mul(60)
}

/// Who signed in with this token; `None` when it is not ours, was changed, is too old or from the future. A token says by
/// its `kid` which of our secrets signed it: the present one, or the one before, whose tokens are good until they end.
/// Whether the sign-in goes on is for the database to say.
pub(crate) fn signer(token: &str, config: &Auth, at: DateTime<Utc>) -> Option<Signer> {
    let kid = decode_header(token).ok()?.kid?;
    let secret = secrets(config).find(|secret| key_name(secret) == kid)?;
    // Pinned: whoever may choose the algorithm may choose none.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = 0;
    validation.validate_nbf = true;
    validation.set_required_spec_claims(&["exp", "sub"]);
    let key = DecodingKey::from_secret(secret.expose().as_bytes());
    let claims = decode::<Claims>(token, &key, &validation).ok()?.claims;
    let signer = Signer { user: claims.sub, session: claims.sid };
    (claims.iat <= at.timestamp() + CLOCK_SECONDS).then_some(signer)
}

/// The secrets whose signatures are good; the first one signs.
fn secrets(config: &Auth) -> impl Iterator<Item = &Secret> {
    [&config.jwt_secret_key, &config.previous_jwt_secret_key].into_iter().filter(|secret| !secret.is_empty())
}

/// What a secret is called in public: part of its hash, from which nobody can tell it.
fn key_name(secret: &Secret) -> String {
    let mut name = hashed(secret.expose());
    name.truncate(KEY_NAME_DIGITS);
    name
}

/// The same for the same client, and for nobody without the secret to be traced back to its address.
pub(crate) fn client_mark(address: IpAddr, config: &Auth) -> String {
    let client = rates::household(address).to_string();
    let signature = signature(&config.jwt_secret_key, &[b"client", client.as_bytes()]);
    let mut mark = hex(&signature);
    mark.truncate(MARK_DIGITS);
    mark
}

/// The same for the same address or account, which nobody without the secret can be found by.
pub(crate) fn sign_in_mark(kind: &str, of: &str, config: &Auth) -> String {
    hex(&signature(&config.jwt_secret_key, &[kind.as_bytes(), of.as_bytes()]))
}

/// A fresh random token, to be shown once.
#[must_use]
pub fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; RANDOM_BYTES]>())
}

/// What is stored of a random token.
pub(crate) fn hashed(token: &str) -> String {
    sha256(token.as_bytes())
}

/// A token for forms of the visitor who holds this cookie value; another one each time, all of them valid.
#[must_use]
pub fn form_token(cookie: &str, config: &Auth) -> String {
    let mask = rand::random::<[u8; MASK_BYTES]>();
    let mut token = mask.to_vec();
    token.extend(form_signature(&config.jwt_secret_key, &mask, cookie));
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
    secrets(config).any(|secret| form_signature(secret, mask, cookie).ct_eq(signature).into())
}

fn form_signature(secret: &Secret, mask: &[u8], cookie: &str) -> Vec<u8> {
    signature(secret, &[b"form", mask, cookie.as_bytes()])
}

fn signature(secret: &Secret, parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of any length, so there is no error to speak of; a random answer fits no token.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return rand::random::<[u8; RANDOM_BYTES]>().to_vec();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use chrono::{Duration, Utc};
    use jsonwebtoken::{EncodingKey, Header, encode};
    use uuid::Uuid;

    use crate::config::{Auth, Config, Secret};
    use crate::domain::id::UserId;
    use crate::service::auth::token::{
        Signer, form_token, form_token_fits, hashed, key_name, random, sign, signer,
    };

    fn someone() -> Signer {
        Signer { user: UserId::new(), session: Uuid::now_v7() }
    }

    fn config(secret: &str) -> Auth {
        Auth { jwt_secret_key: Secret::new(secret.to_owned()), ..Config::defaults().unwrap().auth }
    }

    #[test]
    fn a_token_says_who_signed_in_for_half_an_hour() {
        let (user, mine) = (someone(), config("0123456789abcdef0123456789abcdef"));
        let fresh = sign(user, Utc::now(), &mine).unwrap();
        assert_eq!(signer(&fresh, &mine, Utc::now()), Some(user));
        let old = sign(user, Utc::now() - Duration::seconds(1801), &mine).unwrap();
        assert_eq!(signer(&old, &mine, Utc::now()), None);
        assert_eq!(signer(&fresh, &config("another secret of thirty-two bytes!"), Utc::now()), None);
        assert_eq!(signer(&fresh.replacen('.', ".e", 1), &mine, Utc::now()), None);
        assert_eq!(signer("", &mine, Utc::now()), None);
    }

    #[test]
    fn no_other_algorithm_is_taken() {
        let secret = "0123456789abcdef0123456789abcdef";
        let claims = serde_json::json!({"sub": UserId::new(), "iat": 0, "exp": 9_999_999_999_i64, "jti": UserId::new()});
        let key = EncodingKey::from_secret(secret.as_bytes());
        let kid = Some(key_name(&Secret::new(secret.to_owned())));
        let header = Header { kid, ..Header::new(jsonwebtoken::Algorithm::HS384) };
        let token = encode(&header, &claims, &key).unwrap();
        assert_eq!(signer(&token, &config(secret), Utc::now()), None);
        let (_, payload) = token.split_once('.').unwrap();
        let (payload, _) = payload.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"none","kid":"{}"}}"#, header.kid.unwrap()));
        assert_eq!(signer(&format!("{none}.{payload}."), &config(secret), Utc::now()), None);
    }

    #[test]
    fn tokens_of_the_secret_before_are_good_until_they_end() {
        let (user, old) = (someone(), "0123456789abcdef0123456789abcdef");
        let before = sign(user, Utc::now(), &config(old)).unwrap();
        let mut rotated = config("another secret of thirty-two bytes!");
        rotated.previous_jwt_secret_key = Secret::new(old.to_owned());
        assert_eq!(signer(&before, &rotated, Utc::now()), Some(user));
        let after = sign(user, Utc::now(), &rotated).unwrap();
        assert_eq!(signer(&after, &config(old), Utc::now()), None);
        let form = form_token("me", &config(old));
        assert!(form_token_fits(&form, "me", &rotated));
    }

    #[test]
    fn a_token_from_the_future_is_not_yet_one() {
        let mine = config("0123456789abcdef0123456789abcdef");
        let early = sign(someone(), Utc::now() + Duration::minutes(10), &mine).unwrap();
        assert_eq!(signer(&early, &mine, Utc::now()), None);
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
