//! Names of what is kept in the cache: by account first, so that everything of an account is forgotten at once.

use crate::domain::id::UserId;

/// How the keys of everything of an account begin.
pub(in crate::service) fn of_account(owner: UserId) -> String {
    format!("account/{owner}/")
}
