//! Refresh tokens: each is spent once, and a spent one that comes again ends its whole family.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::Serialize;
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

use entity::{ActiveModel, Column, Entity, Model};

/// Most that are listed: a script that signs in all day long has thousands.
const LISTED: u64 = 10_000;

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

/// A sign-in as its owner may see it.
#[derive(Debug, Clone, Serialize)]
pub struct SignIn {
    /// When this part of it began: each refresh is one.
    pub began_at: DateTime<Utc>,
    /// Until when it goes on without another.
    pub expires_at: DateTime<Utc>,
    /// When it was refreshed.
    pub refreshed_at: Option<DateTime<Utc>>,
}

/// Every sign-in of the account that is kept, latest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &impl Access, owner: UserId) -> Result<Vec<SignIn>, StoreError> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(owner.0))
        .order_by_desc(Column::CreatedAt)
        .limit(LISTED)
        .all(&db.reads())
        .await?;
    let sign_in = |row: Model| SignIn {
        began_at: row.created_at,
        expires_at: row.expires_at,
        refreshed_at: row.spent_at,
    };
    Ok(rows.into_iter().map(sign_in).collect())
}

/// Whether that sign-in of the account goes on: it has ended when none of its tokens is kept any more.
///
/// # Errors
/// When the database does not answer.
pub async fn goes_on(db: &impl Access, owner: UserId, family: Uuid) -> Result<bool, StoreError> {
    let query = Entity::find()
        .select_only()
        .column(Column::Family)
        .filter(Column::Family.eq(family))
        .filter(Column::UserId.eq(owner.0))
        .limit(1);
    Ok(query.into_tuple::<Uuid>().one(&db.reads()).await?.is_some())
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
