//! Uploaded files: their facts; the bytes are in `blobs`.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
    sea_query::{BinOper, Expr, ExprTrait as _, LockBehavior, LockType, OnConflict},
};

use crate::domain::file::File;
use crate::domain::id::{FileId, UserId};
use crate::store::{Access, Page, PageRequest, StoreError, Tx, jobs, now};

mod entity {
    #![expect(unreachable_pub, reason = "the derive wants the row to be pub; the module is private")]

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "files")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Uuid,
        pub filename: String,
        pub content_hash: String,
        pub file_path: String,
        pub s3_key: Option<String>,
        pub file_size: i64,
        pub content_type: String,
        pub created_at: DateTime<Utc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

/// Identifiers in one statement.
const LOST_AT_ONCE: usize = 1000;

/// An upload to be kept.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// The name it was uploaded under, without folders.
    pub filename: String,
    /// SHA-256 of the bytes, hexadecimal.
    pub content_hash: String,
    /// Where `blobs` put the bytes.
    pub file_path: String,
    /// Their whole name where that is a bucket: for whoever looks there, since only the path is read.
    pub s3_key: Option<String>,
    /// Size in bytes.
    pub file_size: u64,
    /// By content, not by name.
    pub content_type: String,
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is new.
    New(File),
    /// The same bytes were there already, under this entry.
    Same(File),
}

/// What an account has uploaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Number of files.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
}

/// A file whose entry was deleted because nobody used it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// Whose it was.
    pub user_id: UserId,
    /// Where `blobs` has its bytes.
    pub file_path: String,
}

/// What one step of deleting unused files did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// The files whose entries are gone.
    pub unused: Vec<Unused>,
    /// After which file to go on; `None` at the end.
    pub next: Option<FileId>,
}

/// Keeps an upload, or finds the entry that has the same bytes.
///
/// # Errors
/// When the database does not answer, or the account is gone.
pub async fn insert(db: &impl Access, owner: UserId, new: NewFile) -> Result<Kept, StoreError> {
    let id = FileId::new();
    let hash = new.content_hash.clone();
    let row = ActiveModel {
        id: Set(id.0),
        user_id: Set(owner.0),
        filename: Set(new.filename),
        content_hash: Set(new.content_hash),
        file_path: Set(new.file_path),
        s3_key: Set(new.s3_key),
        file_size: Set(i64::try_from(new.file_size).unwrap_or(i64::MAX)),
        content_type: Set(new.content_type),
        created_at: Set(now()),
    };
    let writes = db.writes();
    Entity::insert(row)
        .on_conflict(OnConflict::columns([Column::UserId, Column::ContentHash]).do_nothing().to_owned())
        .try_insert()
        .exec_without_returning(&writes)
        .await?;
    let kept = by_hash(owner, &hash).one(&writes).await?.map(file).ok_or(StoreError::Orphan)?;
    Ok(if kept.id == id { Kept::New(kept) } else { Kept::Same(kept) })
}

/// The file of that identifier.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Access, owner: UserId, id: FileId) -> Result<Option<File>, StoreError> {
    Ok(own(owner, id).one(&db.reads()).await?.map(file))
}

/// The file with these bytes.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_hash(db: &impl Access, owner: UserId, hash: &str) -> Result<Option<File>, StoreError> {
    Ok(by_hash(owner, hash).one(&db.reads()).await?.map(file))
}

/// Where `blobs` has the bytes of that file.
///
/// # Errors
/// When the database does not answer.
pub async fn find_path(db: &impl Access, owner: UserId, id: FileId) -> Result<Option<String>, StoreError> {
    Ok(own(owner, id).one(&db.reads()).await?.map(|row| row.file_path))
}

/// The account's files, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &impl Access, owner: UserId, request: PageRequest) -> Result<Page<File>, StoreError> {
    let query = Entity::find().filter(Column::UserId.eq(owner.0));
    let rows = request.apply(query, Column::CreatedAt, Column::Id).all(&db.reads()).await?;
    Ok(request.page(rows.into_iter().map(file).collect(), |file| (file.created_at, file.id.0)))
}

/// Deletes a file's entry and says where its bytes are; jobs that used it stay.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &impl Access, owner: UserId, id: FileId) -> Result<Option<String>, StoreError> {
    let deleted = Entity::delete_many()
        .filter(Column::UserId.eq(owner.0))
        .filter(Column::Id.eq(id.0))
        .exec_with_returning(&db.writes())
        .await?;
    Ok(deleted.into_iter().next().map(|row| row.file_path))
}

/// Deletes entries of files, of whomever, whose bytes are lost; jobs that used them stay. Says how many those were.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_lost(tx: &Tx, lost: &[FileId]) -> Result<u64, StoreError> {
    let mut deleted = 0;
    for some in lost.chunks(LOST_AT_ONCE) {
        let ids = some.iter().map(|id| id.0);
        deleted +=
            Entity::delete_many().filter(Column::Id.is_in(ids)).exec(&tx.writes()).await?.rows_affected;
    }
    Ok(deleted)
}

/// Lets every file, of whomever, be called in the bucket by this prefix and its path, or not at all where it is in none.
///
/// # Errors
/// When the database does not answer.
pub async fn name_in_bucket(tx: &Tx, prefix: Option<String>) -> Result<(), StoreError> {
    let name = match prefix {
        Some(prefix) => Expr::value(prefix).binary(BinOper::Custom("||"), Expr::col(Column::FilePath)),
        None => Expr::value(Option::<String>::None),
    };
    Entity::update_many().col_expr(Column::S3Key, name).exec(&tx.writes()).await?;
    Ok(())
}

/// Those of these files, of whomever, that still have an entry.
///
/// # Errors
/// When the database does not answer.
pub async fn still_there(db: &impl Access, files: &[FileId]) -> Result<HashSet<FileId>, StoreError> {
    let mut there = HashSet::new();
    for some in files.chunks(LOST_AT_ONCE) {
        let ids = some.iter().map(|id| id.0);
        let query = Entity::find().select_only().column(Column::Id).filter(Column::Id.is_in(ids));
        let found: Vec<uuid::Uuid> = query.into_tuple().all(&db.reads()).await?;
        there.extend(found.into_iter().map(FileId));
    }
    Ok(there)
}

/// Whether the bytes at this path are those of a file of the owner.
///
/// # Errors
/// When the database does not answer.
pub async fn uses_path(db: &impl Access, owner: UserId, path: &str) -> Result<bool, StoreError> {
    let query = Entity::find().filter(Column::UserId.eq(owner.0)).filter(Column::FilePath.eq(path));
    Ok(query.count(&db.reads()).await? > 0)
}

/// Of these bytes of every account, by hash and path, the paths that a file has.
///
/// # Errors
/// When the database does not answer.
pub async fn paths_in_use(
    db: &impl Access,
    hashes: impl IntoIterator<Item = &str>,
    paths: impl IntoIterator<Item = &str>,
) -> Result<HashSet<String>, StoreError> {
    // By the hash as well, which has an index as paths have none: a row and the path in it always have the same.
    let used: Vec<String> = Entity::find()
        .select_only()
        .column(Column::FilePath)
        .filter(Column::ContentHash.is_in(hashes))
        .filter(Column::FilePath.is_in(paths))
        .into_tuple()
        .all(&db.reads())
        .await?;
    Ok(used.into_iter().collect())
}

/// How many files there are of every account.
///
/// # Errors
/// When the database does not answer.
pub async fn count(db: &impl Access) -> Result<u64, StoreError> {
    Ok(Entity::find().count(&db.reads()).await?)
}

/// Deletes entries of files of every account that were uploaded before then and that no job refers to, `limit` at most,
/// those after `last` in the order of their identifiers. Those that a job is being made for at this moment stay.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_unused_before(
    tx: &Tx,
    before: DateTime<Utc>,
    last: Option<FileId>,
    limit: u64,
) -> Result<Swept, StoreError> {
    let unused = || {
        let used = Expr::exists(jobs::of_file(Expr::col((Entity, Column::Id))));
        Condition::all().add(Column::CreatedAt.lt(before)).add(used.not())
    };
    let writes = tx.writes();
    let found: Vec<uuid::Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(unused())
        .filter(Column::Id.gt(last.map_or(uuid::Uuid::nil(), |last| last.0)))
        .order_by_asc(Column::Id)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_tuple()
        .all(&writes)
        .await?;
    let is_full = u64::try_from(found.len()).is_ok_and(|len| len >= limit);
    let next = found.last().filter(|_| is_full).map(|id| FileId(*id));
    // Asked again now that the rows are held: a job may have been made between the look and the hold. Whoever makes one
    // from here on waits, and then finds no file.
    let deleted = Entity::delete_many()
        .filter(Column::Id.is_in(found))
        .filter(unused())
        .exec_with_returning(&writes)
        .await?;
    let unused = deleted
        .into_iter()
        .map(|row| Unused { user_id: UserId(row.user_id), file_path: row.file_path })
        .collect();
    Ok(Swept { unused, next })
}

/// How much the account has uploaded.
///
/// # Errors
/// When the database does not answer.
pub async fn usage(db: &impl Access, owner: UserId) -> Result<Usage, StoreError> {
    let own = Entity::find().filter(Column::UserId.eq(owner.0));
    let files = own.clone().count(&db.reads()).await?;
    // PostgreSQL sums big integers as numeric, which would not decode as one.
    let sum = Expr::col(Column::FileSize).sum().cast_as("BIGINT");
    let bytes =
        own.select_only().column_as(sum, "bytes").into_tuple::<Option<i64>>().one(&db.reads()).await?;
    let bytes = bytes.flatten().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0);
    Ok(Usage { files, bytes })
}

fn own(owner: UserId, id: FileId) -> sea_orm::Select<Entity> {
    Entity::find_by_id(id.0).filter(Column::UserId.eq(owner.0))
}

fn by_hash(owner: UserId, hash: &str) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::UserId.eq(owner.0)).filter(Column::ContentHash.eq(hash))
}

fn file(row: Model) -> File {
    File {
        id: FileId(row.id),
        user_id: UserId(row.user_id),
        filename: row.filename,
        content_hash: row.content_hash,
        file_size: u64::try_from(row.file_size).unwrap_or(0),
        content_type: row.content_type,
        created_at: row.created_at,
    }
}
