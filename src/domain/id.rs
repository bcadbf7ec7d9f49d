//! Identifiers: UUID version 7, one type per kind of thing so that they cannot be swapped.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh identifier, ordered by its time of making (RFC 9562, version 7).
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default identifier would be a new one each time")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(out)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

identifiers! {
    /// An account.
    UserId;
    /// An uploaded file.
    FileId;
    /// One optimization that a user asked for.
    JobId;
    /// One unit of work in the queue.
    TaskId;
    /// A key for scripts.
    ApiKeyId;
}
