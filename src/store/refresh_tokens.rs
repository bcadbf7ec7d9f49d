//! Refresh tokens: each is spent once, and a spent one that comes again ends its whole family.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use crate::domain::id::UserId;
use crate::store::{Access, StoreError, now};

mod entity {
    #![expect(unreachable_pub, reason = "the derive wants the row to be pub; the module is private")]

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "refresh_tokens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token_hash: String,
        pub user_id: Uuid,
        pub family: Uuid,
        pub created_at: DateTime<Utc>,
        pub expires_at: DateTime<Utc>,
        pub spent_at: Option<DateTime<Utc>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// A token to be kept: its hash, never itself.
#[derive(Debug, Clone)]
pub struct NewRefreshToken {
    /// SHA-256 of the token, hexadecimal.
    pub token_hash: String,
    /// The sign-in that it descends from.
    pub family: Uuid,
    /// Until when it is valid.
    pub expires_at: DateTime<Utc>,
}

/// What became of a token that someone presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// It was good, and is spent now.
    Now {
        /// Whose it is.
        user_id: UserId,
        /// The sign-in that its successor belongs to.
        family: Uuid,
    },
    /// It had been spent before: either copy may be the thief's.
    Before {
        /// Whose it is.
        user_id: UserId,
        /// The sign-in to be ended.
        family: Uuid,
    },
    /// Nobody's, or no longer valid.
    Unknown,
}

/// Keeps a token of this account.
///
/// # Errors
/// When the database does not answer, or the account is gone.
pub async fn insert(db: &impl Access, owner: UserId, new: NewRefreshToken) -> Result<(), StoreError> {
    let row = ActiveModel {
        token_hash: Set(new.token_hash),
        user_id: Set(owner.0),
        family: Set(new.family),
        created_at: Set(now()),
        expires_at: Set(new.expires_at),
        spent_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(&db.writes()).await?;
    Ok(())
}

/// Spends a token: of several who present it at once, exactly one gets [`Spent::Now`].
///
/// # Errors
/// When the database does not answer.
pub async fn spend(db: &impl Access, token_hash: &str) -> Result<Spent, StoreError> {
    let at = now();
    let spent = Entity::update_many()
        .set(ActiveModel { spent_at: Set(Some(at)), ..ActiveModel::default() })
        .filter(Column::TokenHash.eq(token_hash))
        .filter(Column::SpentAt.is_null())
        .filter(Column::ExpiresAt.gt(at))
        .exec_with_returning(&db.writes())
        .await?;
    if let Some(row) = spent.into_iter().next() {
        return Ok(Spent::Now { user_id: UserId(row.user_id), family: row.family });
    }
    let row = Entity::find_by_id(token_hash).one(&db.writes()).await?;
    Ok(match row {
        Some(row) if row.spent_at.is_some() => {
            Spent::Before { user_id: UserId(row.user_id), family: row.family }
        }
        _ => Spent::Unknown,
    })
}

/// The sign-in that a token belongs to, for signing out.
///
/// # Errors
/// When the database does not answer.
pub async fn family(db: &impl Access, token_hash: &str) -> Result<Option<(UserId, Uuid)>, StoreError> {
    let row = Entity::find_by_id(token_hash).one(&db.reads()).await?;
    Ok(row.map(|row| (UserId(row.user_id), row.family)))
}

/// Whose token it is while it is neither spent nor too old.
///
/// # Errors
/// When the database does not answer.
pub async fn holder(db: &impl Access, token_hash: &str) -> Result<Option<UserId>, StoreError> {
    let row = Entity::find_by_id(token_hash)
        .filter(Column::SpentAt.is_null())
        .filter(Column::ExpiresAt.gt(now()))
        .one(&db.reads())
        .await?;
    Ok(row.map(|row| UserId(row.user_id)))
}

/// Ends one sign-in: none of its tokens is known any more.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_family(db: &impl Access, owner: UserId, family: Uuid) -> Result<u64, StoreError> {
    let deleted = Entity::delete_many()
        .filter(Column::UserId.eq(owner.0))
        .filter(Column::Family.eq(family))
        .exec(&db.writes())
        .await?;
    Ok(deleted.rows_affected)
}

/// Ends every sign-in of the account.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_all(db: &impl Access, owner: UserId) -> Result<u64, StoreError> {
    let deleted = Entity::delete_many().filter(Column::UserId.eq(owner.0)).exec(&db.writes()).await?;
    Ok(deleted.rows_affected)
}

/// Forgets tokens that were no longer valid at `before`, of every account.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_expired(db: &impl Access, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let deleted = Entity::delete_many().filter(Column::ExpiresAt.lt(before)).exec(&db.writes()).await?;
    Ok(deleted.rows_affected)
}
