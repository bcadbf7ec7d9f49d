//! A key by which a script acts for an account.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::ApiKeyId;

/// A key for scripts, without its secret part, which was shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    /// Its identifier.
    pub id: ApiKeyId,
    /// What its owner calls it.
    #[schema(example = "nightly import")]
    pub name: String,
    /// Its first letters.
    #[schema(example = "ro_Xk3v9a")]
    pub prefix: String,
    /// What it may do.
    pub scope: Scope,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it is valid; `null` means until it is deleted.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a key may do; never anything to the account itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See files, jobs and results.
    Read,
    /// Also upload files, start and change jobs, and delete them.
    #[default]
    Write,
}

impl Scope {
    /// The name in the database and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// The scope of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Read, Self::Write].into_iter().find(|scope| scope.as_str() == name)
    }
}
