//! Jobs: what was asked for, how far it is, what came out.
//!
//! Every change of status names the statuses that it may start from, so that of a cancellation, a result and a
//! rescue that race exactly one happens. The result is a column that only [`result`] reads: it is large.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, Select, UpdateMany,
    sea_query::{Expr, ExprTrait as _, LockBehavior, LockType, SelectStatement},
};

use crate::domain::id::{FileId, JobId, UserId};
use crate::domain::job::{Job, JobOptions, JobStatus, Progress};
use crate::domain::outcome::Outcome;
use crate::store::{Access, Page, PageRequest, StoreError, Tx, now};

mod entity {
    #![expect(unreachable_pub, reason = "the derive wants the row to be pub; the module is private")]

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Uuid,
        pub file_id: Option<Uuid>,
        pub job_url: Option<String>,
        pub posting_text: Option<String>,
        pub company_name: Option<String>,
        pub job_title: Option<String>,
        #[sea_orm(column_type = "JsonBinary")]
        pub options: Json,
        pub status: String,
        pub progress: String,
        pub progress_percent: i16,
        pub error_message: Option<String>,
        pub attempts: i32,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub completed_at: Option<DateTime<Utc>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

const RESULT: &str = "result";
const EVENT_SEQ: &str = "event_seq";
/// What a person is told before the first attempt.
const WAITING: &str = "Waiting for a worker";

/// A job to be done.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// The uploaded resume.
    pub file_id: FileId,
    /// Where the posting is, when it was given as an address.
    pub job_url: Option<String>,
    /// The posting's text, when it was given as text.
    pub posting_text: Option<String>,
    /// The company, as given.
    pub company_name: Option<String>,
    /// The position, as given.
    pub job_title: Option<String>,
    /// How the person wants it done.
    pub options: JobOptions,
}

/// What a posting told that the person had not.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    /// The company; kept only where none was given.
    pub company_name: Option<String>,
    /// The position; kept only where none was given.
    pub job_title: Option<String>,
}

/// Jobs of an account that are not at their end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open {
    /// Waiting.
    pub queued: u64,
    /// Running.
    pub running: u64,
}

/// Keeps a job, queued.
///
/// # Errors
/// When the database does not answer, or the account or the file is gone.
pub async fn insert(db: &impl Access, owner: UserId, new: NewJob) -> Result<Job, StoreError> {
    let at = now();
    let options = serde_json::to_value(&new.options).map_err(|_| StoreError::Unreadable("jobs.options"))?;
    let row = ActiveModel {
        id: Set(JobId::new().0),
        user_id: Set(owner.0),
        file_id: Set(Some(new.file_id.0)),
        job_url: Set(new.job_url),
        // PostgreSQL keeps no NUL in a text; in a posting it means nothing.
        posting_text: Set(new.posting_text.map(|text| text.replace('\0', ""))),
        company_name: Set(new.company_name),
        job_title: Set(new.job_title),
        options: Set(options),
        status: Set(JobStatus::Queued.as_str().to_owned()),
        progress: Set(WAITING.to_owned()),
        progress_percent: Set(0),
        error_message: Set(None),
        attempts: Set(0),
        created_at: Set(at),
        updated_at: Set(at),
        completed_at: Set(None),
    };
    job(Entity::insert(row).exec_with_returning(&db.writes()).await?)
}

/// The job of that identifier.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Access, owner: UserId, id: JobId) -> Result<Option<Job>, StoreError> {
    own(owner, id).one(&db.reads()).await?.map(job).transpose()
}

/// The job of that identifier without the posting's text, for whoever looks at it often.
///
/// # Errors
/// When the database does not answer.
pub async fn find_brief(db: &impl Access, owner: UserId, id: JobId) -> Result<Option<Job>, StoreError> {
    brief(own(owner, id)).one(&db.reads()).await?.map(job).transpose()
}

/// The account's jobs, newest first, those of one status or all; without the posting's text, which is long.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &impl Access,
    owner: UserId,
    status: Option<JobStatus>,
    request: PageRequest,
) -> Result<Page<Job>, StoreError> {
    let mut query = brief(Entity::find()).filter(Column::UserId.eq(owner.0));
    if let Some(status) = status {
        query = query.filter(Column::Status.eq(status.as_str()));
    }
    let rows = request.apply(query, Column::CreatedAt, Column::Id).all(&db.reads()).await?;
    let jobs = rows.into_iter().map(job).collect::<Result<Vec<_>, _>>()?;
    Ok(request.page(jobs, |job| (job.created_at, job.id.0)))
}

/// Every job of the account, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn ids(db: &impl Access, owner: UserId) -> Result<Vec<JobId>, StoreError> {
    let query = Entity::find().select_only().column(Column::Id).filter(Column::UserId.eq(owner.0));
    let ids = query.order_by_asc(Column::Id).into_tuple::<uuid::Uuid>().all(&db.reads()).await?;
    Ok(ids.into_iter().map(JobId).collect())
}

/// How many jobs of the account wait and run.
///
/// # Errors
/// When the database does not answer.
pub async fn count_open(db: &impl Access, owner: UserId) -> Result<Open, StoreError> {
    let of = |status: JobStatus| {
        Entity::find().filter(Column::UserId.eq(owner.0)).filter(Column::Status.eq(status.as_str()))
    };
    let queued = of(JobStatus::Queued).count(&db.reads()).await?;
    let running = of(JobStatus::Running).count(&db.reads()).await?;
    Ok(Open { queued, running })
}

/// Whether a job of the owner refers to that file.
///
/// # Errors
/// When the database does not answer.
pub async fn uses_file(db: &impl Access, owner: UserId, file_id: FileId) -> Result<bool, StoreError> {
    let query = Entity::find().filter(Column::UserId.eq(owner.0)).filter(Column::FileId.eq(file_id.0));
    Ok(query.count(&db.reads()).await? > 0)
}

/// How many jobs of everyone are running, for the metrics.
///
/// # Errors
/// When the database does not answer.
pub async fn count_running(db: &impl Access) -> Result<u64, StoreError> {
    let query = Entity::find().filter(Column::Status.eq(JobStatus::Running.as_str()));
    Ok(query.count(&db.reads()).await?)
}

/// Deletes a job with its result and events; says whether it was there.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &impl Access, owner: UserId, id: JobId) -> Result<bool, StoreError> {
    let deleted = Entity::delete_many()
        .filter(Column::UserId.eq(owner.0))
        .filter(Column::Id.eq(id.0))
        .exec(&db.writes())
        .await?;
    Ok(deleted.rows_affected > 0)
}

/// Deletes jobs of every account that ended before then, with their results and events, `limit` at most; says how many
/// those were. Fewer than `limit` is the end, but for jobs that somebody else has hold of at this moment.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_ended_before(tx: &Tx, before: DateTime<Utc>, limit: u64) -> Result<u64, StoreError> {
    let ended = JobStatus::ALL.into_iter().filter(|status| status.is_final()).map(JobStatus::as_str);
    let old = Condition::all()
        .add(Column::Status.is_in(ended))
        .add(Expr::col(Column::CompletedAt).if_null(Expr::col(Column::UpdatedAt)).lt(before));
    let found: Vec<uuid::Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        // Says nothing new, as none ends before it is made, but there is an index on it.
        .filter(Column::CreatedAt.lt(before))
        .filter(old.clone())
        .order_by_asc(Column::CreatedAt)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_tuple()
        .all(&tx.writes())
        .await?;
    // Said again: one that is asked for again meanwhile is neither ended nor old any more, and stays.
    let deleted =
        Entity::delete_many().filter(Column::Id.is_in(found)).filter(old).exec(&tx.writes()).await?;
    Ok(deleted.rows_affected)
}

/// Queued or running becomes running from the start, one start more; `None` when it is neither, or gone.
///
/// # Errors
/// When the database does not answer.
pub async fn start(db: &impl Access, owner: UserId, id: JobId) -> Result<Option<Job>, StoreError> {
    let update = change(owner, id, &[JobStatus::Queued, JobStatus::Running], JobStatus::Running)
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::Progress, Expr::value("Starting"))
        .col_expr(Column::ProgressPercent, Expr::value(0_i16))
        .col_expr(Column::ErrorMessage, Expr::value(Option::<String>::None));
    first(db, update).await
}

/// Notes how far a running job is; `None` when it does not run, or was further already.
///
/// # Errors
/// When the database does not answer.
pub async fn progress(
    db: &impl Access,
    owner: UserId,
    id: JobId,
    progress: &Progress,
) -> Result<Option<Job>, StoreError> {
    let update = change(owner, id, &[JobStatus::Running], JobStatus::Running)
        .col_expr(Column::Progress, Expr::value(progress.message.as_str()))
        .col_expr(Column::ProgressPercent, Expr::value(i16::from(progress.percent)))
        .filter(Column::ProgressPercent.lte(i16::from(progress.percent)));
    first(db, update).await
}

/// Running becomes completed, with its result; `None` when it does not run any more.
///
/// # Errors
/// When the database does not answer.
pub async fn complete(
    db: &impl Access,
    owner: UserId,
    id: JobId,
    outcome: &Outcome,
    learned: Learned,
) -> Result<Option<Job>, StoreError> {
    let given = |column: Column, learned: Option<String>| {
        Expr::col(column).if_null(Expr::value(learned.map(|text| text.replace('\0', ""))))
    };
    let update = change(owner, id, &[JobStatus::Running], JobStatus::Completed)
        .col_expr(RESULT, Expr::value(document(outcome)?))
        .col_expr(Column::Progress, Expr::value("Done"))
        .col_expr(Column::ProgressPercent, Expr::value(100_i16))
        .col_expr(Column::CompanyName, given(Column::CompanyName, learned.company_name))
        .col_expr(Column::JobTitle, given(Column::JobTitle, learned.job_title))
        .col_expr(Column::CompletedAt, Expr::value(now()));
    first(db, update).await
}

/// Queued or running becomes failed, with the reason as a sentence for the person; `None` when it is neither.
///
/// # Errors
/// When the database does not answer.
pub async fn fail(
    db: &impl Access,
    owner: UserId,
    id: JobId,
    reason: &str,
) -> Result<Option<Job>, StoreError> {
    let update = change(owner, id, &[JobStatus::Queued, JobStatus::Running], JobStatus::Failed)
        .col_expr(Column::ErrorMessage, Expr::value(reason.replace('\0', "")))
        .col_expr(Column::CompletedAt, Expr::value(now()));
    first(db, update).await
}

/// Running becomes queued again, with what it waits for; `None` when it does not run.
///
/// # Errors
/// When the database does not answer.
pub async fn requeue(
    db: &impl Access,
    owner: UserId,
    id: JobId,
    why: &str,
) -> Result<Option<Job>, StoreError> {
    let update = change(owner, id, &[JobStatus::Running], JobStatus::Queued)
        .col_expr(Column::Progress, Expr::value(why));
    first(db, update).await
}

/// Queued or running becomes cancelled; `None` when it is neither. Its task has to be cancelled as well.
///
/// # Errors
/// When the database does not answer.
pub async fn cancel(db: &impl Access, owner: UserId, id: JobId) -> Result<Option<Job>, StoreError> {
    let update = change(owner, id, &[JobStatus::Queued, JobStatus::Running], JobStatus::Cancelled)
        .col_expr(Column::CompletedAt, Expr::value(now()));
    first(db, update).await
}

/// Failed or cancelled becomes queued, from the start; `None` when it is neither. It needs a new task.
///
/// # Errors
/// When the database does not answer.
pub async fn retry(db: &impl Access, owner: UserId, id: JobId) -> Result<Option<Job>, StoreError> {
    let update = change(owner, id, &[JobStatus::Failed, JobStatus::Cancelled], JobStatus::Queued)
        .col_expr(Column::Progress, Expr::value(WAITING))
        .col_expr(Column::ProgressPercent, Expr::value(0_i16))
        .col_expr(Column::ErrorMessage, Expr::value(Option::<String>::None))
        .col_expr(Column::CompletedAt, Expr::value(Option::<DateTime<Utc>>::None));
    first(db, update).await
}

/// The result of a completed job.
///
/// # Errors
/// When the database does not answer, or the result was written by a version that this one can't read.
pub async fn result(db: &impl Access, owner: UserId, id: JobId) -> Result<Option<Outcome>, StoreError> {
    let found = own(owner, id)
        .select_only()
        .column_as(Expr::col(RESULT), RESULT)
        .into_tuple::<Option<serde_json::Value>>()
        .one(&db.reads())
        .await?;
    found
        .flatten()
        .map(|value| serde_json::from_value(value).map_err(|_| StoreError::Unreadable("jobs.result")))
        .transpose()
}

/// Puts another result in the place of a completed job's, unless its row changed since `seen_at`; says whether it did.
///
/// # Errors
/// When the database does not answer.
pub async fn set_result(
    db: &impl Access,
    owner: UserId,
    id: JobId,
    outcome: &Outcome,
    seen_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let update = change(owner, id, &[JobStatus::Completed], JobStatus::Completed)
        .filter(Column::UpdatedAt.eq(seen_at))
        .col_expr(RESULT, Expr::value(document(outcome)?));
    Ok(first(db, update).await?.is_some())
}

/// The number of the job's next event; keeps whoever else wants one waiting until the transaction ends.
pub(in crate::store) async fn next_event(
    db: &impl Access,
    owner: UserId,
    id: JobId,
) -> Result<Option<i64>, StoreError> {
    let writes = db.writes();
    let counted = Entity::update_many()
        .col_expr(EVENT_SEQ, Expr::col(EVENT_SEQ).add(1))
        .filter(Column::UserId.eq(owner.0))
        .filter(Column::Id.eq(id.0))
        .exec(&writes)
        .await?;
    if counted.rows_affected == 0 {
        return Ok(None);
    }
    let seq = own(owner, id)
        .select_only()
        .column_as(Expr::col(EVENT_SEQ), EVENT_SEQ)
        .into_tuple::<i64>()
        .one(&writes)
        .await?;
    Ok(seq)
}

/// All columns but the posting's text, which is long.
fn brief(query: Select<Entity>) -> Select<Entity> {
    query
        .select_only()
        .columns(
            <Column as sea_orm::Iterable>::iter().filter(|column| !matches!(column, Column::PostingText)),
        )
        .column_as(Expr::cust("CAST(NULL AS TEXT)"), "posting_text")
}

fn own(owner: UserId, id: JobId) -> Select<Entity> {
    Entity::find_by_id(id.0).filter(Column::UserId.eq(owner.0))
}

/// The identifier of the owner's job, as a query inside another one.
pub(in crate::store) fn own_id(owner: UserId, id: JobId) -> SelectStatement {
    own(owner, id).select_only().column(Column::Id).into_query()
}

/// The identifiers of the jobs, of whomever, that refer to that file, as a query inside one of files.
pub(in crate::store) fn of_file(file_id: Expr) -> SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Expr::col((Entity, Column::FileId)).eq(file_id))
        .into_query()
}

/// An update of the owner's job from one of these statuses to that one.
fn change(owner: UserId, id: JobId, from: &[JobStatus], to: JobStatus) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(to.as_str()))
        .col_expr(Column::UpdatedAt, Expr::value(now()))
        .filter(Column::UserId.eq(owner.0))
        .filter(Column::Id.eq(id.0))
        .filter(Column::Status.is_in(from.iter().map(|status| status.as_str())))
}

async fn first(db: &impl Access, update: UpdateMany<Entity>) -> Result<Option<Job>, StoreError> {
    update.exec_with_returning(&db.writes()).await?.into_iter().next().map(job).transpose()
}

/// The result as a document that both databases keep.
fn document(outcome: &Outcome) -> Result<serde_json::Value, StoreError> {
    let mut value = serde_json::to_value(outcome).map_err(|_| StoreError::Unreadable("jobs.result"))?;
    strip_nul(&mut value);
    Ok(value)
}

/// PostgreSQL's JSON keeps no NUL, and one in a resume must not cost the whole result.
fn strip_nul(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) if text.contains('\0') => *text = text.replace('\0', ""),
        serde_json::Value::Array(items) => items.iter_mut().for_each(strip_nul),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(strip_nul),
        _ => {}
    }
}

fn job(row: Model) -> Result<Job, StoreError> {
    Ok(Job {
        id: JobId(row.id),
        user_id: UserId(row.user_id),
        file_id: row.file_id.map(FileId),
        job_url: row.job_url,
        posting_text: row.posting_text,
        company_name: row.company_name,
        job_title: row.job_title,
        options: serde_json::from_value(row.options).map_err(|_| StoreError::Unreadable("jobs.options"))?,
        status: JobStatus::parse(&row.status).ok_or(StoreError::Unreadable("jobs.status"))?,
        progress: Progress {
            percent: u8::try_from(row.progress_percent).unwrap_or(0),
            message: row.progress,
        },
        error_message: row.error_message,
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        created_at: row.created_at,
        updated_at: row.updated_at,
        completed_at: row.completed_at,
    })
}
