//! How often an address was tried in vain of late, and until when it may not be tried again.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    sea_query::OnConflict,
};

use crate::store::{Access, StoreError, Tx, now};

mod entity {
    #![expect(unreachable_pub, reason = "the derive wants the row to be pub; the module is private")]

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_throttles")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub failures: i32,
        pub blocked_until: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Stands between the key of an address or account and the mark of a client.
pub const OF_CLIENT: char = '/';
/// Looks at a key that others forget at the same time.
const LOOKS: usize = 5;
/// Hours without an attempt after which earlier failures are forgotten.
pub const KEPT_HOURS: i64 = 24;

/// What is known of an address that somebody tries to sign in with, from one client or from all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// Attempts that have not succeeded.
    pub failures: u32,
    /// No attempt before that.
    pub blocked_until: DateTime<Utc>,
}

/// What is known of this key, locked until the transaction ends; those tried longest before `forgotten` start afresh.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &Tx, key: &str, forgotten: DateTime<Utc>) -> Result<Tried, StoreError> {
    for _ in 0..LOOKS {
        if let Some(tried) = lock_once(tx, key, forgotten).await? {
            return Ok(tried);
        }
    }
    Err(StoreError::Unreadable("sign_in_throttles"))
}

/// Nothing when the key was forgotten while this waited for it.
async fn lock_once(tx: &Tx, key: &str, forgotten: DateTime<Utc>) -> Result<Option<Tried>, StoreError> {
    let at = now();
    let fresh = ActiveModel {
        key: Set(key.to_owned()),
        failures: Set(0),
        blocked_until: Set(at - TimeDelta::seconds(1)),
        updated_at: Set(at),
    };
    Entity::insert(fresh)
        .on_conflict(OnConflict::column(Column::Key).do_nothing().to_owned())
        .exec_without_returning(&tx.writes())
        .await?;
    // SQLite has one writer, which the transaction is already; the clause is not written there.
    let query = Entity::find_by_id(key).lock_exclusive();
    Ok(query.one(&tx.writes()).await?.map(|row| {
        let failures = if row.updated_at < forgotten { 0 } else { u32::try_from(row.failures).unwrap_or(0) };
        Tried { failures, blocked_until: row.blocked_until }
    }))
}

/// Writes what is known of a key that is locked.
///
/// # Errors
/// When the database does not answer.
pub async fn set(tx: &Tx, key: &str, tried: Tried) -> Result<(), StoreError> {
    let row = ActiveModel {
        failures: Set(i32::try_from(tried.failures).unwrap_or(i32::MAX)),
        blocked_until: Set(tried.blocked_until),
        updated_at: Set(now()),
        ..ActiveModel::default()
    };
    Entity::update_many().set(row).filter(Column::Key.eq(key)).exec(&tx.writes()).await?;
    Ok(())
}

/// Forgets a key and those of all its clients.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_all(db: &impl Access, key: &str) -> Result<(), StoreError> {
    // One after the other, as whoever tries locks them: together, each could wait for what the other has.
    Entity::delete_by_id(key).exec(&db.writes()).await?;
    let of_clients = Column::Key.starts_with(format!("{key}{OF_CLIENT}"));
    Entity::delete_many().filter(of_clients).exec(&db.writes()).await?;
    Ok(())
}

/// Forgets all that were not tried since then.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_before(db: &impl Access, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let deleted = Entity::delete_many().filter(Column::UpdatedAt.lt(before)).exec(&db.writes()).await?;
    Ok(deleted.rows_affected)
}
