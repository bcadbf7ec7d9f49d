//! Requests that carried an `Idempotency-Key`, so that a repeated one finds the job of the first.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::domain::id::{JobId, UserId};
use crate::store::{Access, StoreError, now};

mod entity {
    #![expect(unreachable_pub, reason = "the derive wants the row to be pub; the module is private")]

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub idempotency_key: String,
        pub request_hash: String,
        pub job_id: Uuid,
        pub created_at: DateTime<Utc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Hours that an answer is kept: the same key after that is a new request.
pub const KEPT_HOURS: i64 = 24;

/// A request that was answered before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// SHA-256 of what was asked for: the same key with another request is a mistake.
    pub request_hash: String,
    /// The job that it made.
    pub job_id: JobId,
}

/// What was answered to this key since then.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    db: &impl Access,
    owner: UserId,
    key: &str,
    since: DateTime<Utc>,
) -> Result<Option<Answered>, StoreError> {
    let row = Entity::find_by_id((owner.0, key.to_owned()))
        .filter(Column::CreatedAt.gte(since))
        .one(&db.reads())
        .await?;
    Ok(row.map(|row| Answered { request_hash: row.request_hash, job_id: JobId(row.job_id) }))
}

/// Keeps the answer to this key; an outdated one under the same key gives way.
///
/// # Errors
/// [`StoreError::Duplicate`] when another request with this key was answered meanwhile: find it instead.
pub async fn insert(
    db: &impl Access,
    owner: UserId,
    key: &str,
    answered: &Answered,
    since: DateTime<Utc>,
) -> Result<(), StoreError> {
    let writes = db.writes();
    Entity::delete_many()
        .filter(Column::UserId.eq(owner.0))
        .filter(Column::IdempotencyKey.eq(key))
        .filter(Column::CreatedAt.lt(since))
        .exec(&writes)
        .await?;
    let row = ActiveModel {
        user_id: Set(owner.0),
        idempotency_key: Set(key.to_owned()),
        request_hash: Set(answered.request_hash.clone()),
        job_id: Set(answered.job_id.0),
        created_at: Set(now()),
    };
    Entity::insert(row).exec_without_returning(&writes).await?;
    Ok(())
}

/// Forgets answers from before then, of every account.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_before(db: &impl Access, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let deleted = Entity::delete_many().filter(Column::CreatedAt.lt(before)).exec(&db.writes()).await?;
    Ok(deleted.rows_affected)
}
