//! When an account's jobs were asked for, whether they still are there or not: what quotas count.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::domain::id::{JobId, UserId};
use crate::store::{Access, StoreError, now};

mod entity {
    #![expect(unreachable_pub, reason = "the derive wants the row to be pub; the module is private")]

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "job_starts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub job_id: Uuid,
        pub user_id: Uuid,
        pub started_at: DateTime<Utc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Hours that a start is kept: what quotas by the day look back on.
pub const KEPT_HOURS: i64 = 24;

/// Notes that a job of this account was asked for now; once more, under an identifier of its own, when it is asked for
/// again.
///
/// # Errors
/// When the database does not answer, or the account is gone.
pub async fn insert(db: &impl Access, owner: UserId, job: JobId) -> Result<(), StoreError> {
    let row = ActiveModel { job_id: Set(job.0), user_id: Set(owner.0), started_at: Set(now()) };
    Entity::insert(row).exec_without_returning(&db.writes()).await?;
    Ok(())
}

/// When the account asked for its latest jobs, newest first: so many of those since then.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(
    db: &impl Access,
    owner: UserId,
    since: DateTime<Utc>,
    most: u64,
) -> Result<Vec<DateTime<Utc>>, StoreError> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(owner.0))
        .filter(Column::StartedAt.gte(since))
        .order_by_desc(Column::StartedAt)
        .limit(most)
        .all(&db.reads())
        .await?;
    Ok(rows.into_iter().map(|row| row.started_at).collect())
}

/// Forgets what no quota counts any more.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_before(db: &impl Access, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let deleted = Entity::delete_many().filter(Column::StartedAt.lt(before)).exec(&db.writes()).await?;
    Ok(deleted.rows_affected)
}
