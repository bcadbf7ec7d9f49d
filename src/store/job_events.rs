//! What happened to a job, in order: what the events stream shows and resumes from.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::domain::id::{JobId, UserId};
use crate::domain::job::{Job, JobStatus, Progress};
use crate::store::{Access, StoreError, Tx, jobs, now};

mod entity {
    #![expect(unreachable_pub, reason = "the derive wants the row to be pub; the module is private")]

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "job_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub job_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub status: String,
        pub percent: i16,
        pub message: String,
        pub created_at: DateTime<Utc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

/// One thing that happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobEvent {
    /// Its number within the job: always rising, never used again.
    pub seq: i64,
    /// Where the job stood then.
    pub status: JobStatus,
    /// How far it was then.
    pub progress: Progress,
    /// When it happened.
    pub created_at: DateTime<Utc>,
}

/// Notes where the job stands now, as its row says, and forgets all but the last `keep` events.
///
/// # Errors
/// When the database does not answer, or the job is gone.
pub async fn append(tx: &Tx, job: &Job, keep: u32) -> Result<i64, StoreError> {
    let seq = jobs::next_event(tx, job.user_id, job.id).await?.ok_or(StoreError::Orphan)?;
    let message = job.error_message.as_ref().filter(|_| job.status == JobStatus::Failed);
    let row = ActiveModel {
        job_id: Set(job.id.0),
        seq: Set(seq),
        status: Set(job.status.as_str().to_owned()),
        percent: Set(i16::from(job.progress.percent)),
        message: Set(message.unwrap_or(&job.progress.message).clone()),
        created_at: Set(now()),
    };
    let writes = tx.writes();
    Entity::insert(row).exec_without_returning(&writes).await?;
    Entity::delete_many()
        .filter(Column::JobId.eq(job.id.0))
        .filter(Column::Seq.lte(seq - i64::from(keep)))
        .exec(&writes)
        .await?;
    Ok(seq)
}

/// Forgets what happened before a job was asked for again; numbers go on.
///
/// # Errors
/// When the database does not answer.
pub async fn clear(tx: &Tx, job: &Job) -> Result<(), StoreError> {
    Entity::delete_many().filter(Column::JobId.eq(job.id.0)).exec(&tx.writes()).await?;
    Ok(())
}

/// The events of the owner's job with numbers above `seq`, oldest first, `limit` at most.
///
/// # Errors
/// When the database does not answer.
pub async fn since(
    db: &impl Access,
    owner: UserId,
    id: JobId,
    seq: i64,
    limit: u32,
) -> Result<Vec<JobEvent>, StoreError> {
    let rows = Entity::find()
        .filter(Column::JobId.in_subquery(jobs::own_id(owner, id)))
        .filter(Column::Seq.gt(seq))
        .order_by_asc(Column::Seq)
        .limit(u64::from(limit))
        .all(&db.reads())
        .await?;
    rows.into_iter().map(event).collect()
}

fn event(row: Model) -> Result<JobEvent, StoreError> {
    Ok(JobEvent {
        seq: row.seq,
        status: JobStatus::parse(&row.status).ok_or(StoreError::Unreadable("job_events.status"))?,
        progress: Progress { percent: u8::try_from(row.percent).unwrap_or(0), message: row.message },
        created_at: row.created_at,
    })
}
