//! A text that must not be printed: debug output masks it, and only `expose` hands it out.

use std::fmt;

use serde::Deserialize;

/// A password, a key, or an address that carries one.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes the text in.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself; every caller of this is a place to look at in a review.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What may be shown of it: an address without its password, otherwise only whether it is set.
    #[must_use]
    pub fn masked(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        match url::Url::parse(&self.0) {
            Ok(mut url) if url.has_host() || url.scheme() == "sqlite" => {
                if url.password().is_some() {
                    // Cannot fail: an address that has a password can have another one.
                    let _ = url.set_password(Some("***"));
                }
                if url.query().is_some() {
                    url.set_query(Some("***"));
                }
                url.to_string()
            }
            _ => "***".to_owned(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Secret;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let secret = Secret::new(text.to_owned());
        assert_eq!(secret.masked(), expected);
        assert_eq!(secret.expose(), text);
    }

    #[test]
    fn only_what_is_no_secret_is_shown() {
        check("", "");
        check("correct horse battery staple", "***");
        check("postgres://me:hunter2@db:5432/x", "postgres://me:***@db:5432/x");
        check("postgres://me@db/x?password=hunter2", "postgres://me@db/x?***");
        check("redis://:hunter2@cache/0", "redis://:***@cache/0");
        check("sqlite://data/x.db", "sqlite://data/x.db");
        check("data:hunter2", "***");
    }
}
