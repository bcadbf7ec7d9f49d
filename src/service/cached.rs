//! Whose what is kept in the cache is: by account, so that everything of an account is forgotten at once.

use crate::cache::Space;
use crate::domain::id::UserId;

/// Everything of an account.
pub(in crate::service) fn of_account(owner: UserId) -> Space {
    Space::of_account(owner.0)
}
