//! Uploaded resumes: keeping, listing, reading and deleting them.

use std::sync::Arc;

use bytes::Bytes;
use chrono::Utc;
use tracing::Instrument as _;

use crate::app::App;
use crate::blobs::BlobError;
use crate::cache::{Computed, Key, Kind};
use crate::config::Tier as Quota;
use crate::domain::audit::Action;
use crate::domain::file::File;
use crate::domain::id::{FileId, UserId};
use crate::domain::outcome::Parsed;
use crate::domain::user::{Tier, User};
use crate::service::audit::{self, Origin};
use crate::service::listing::Listing;
use crate::service::{ServiceError, cached};
pub use crate::store::files::Kept;
use crate::store::files::NewFile;
use crate::store::{Access, files, jobs, users};

/// Longest file name that is kept, in characters; its end, which has the extension.
const MAX_NAME_CHARACTERS: usize = 200;
/// Version of how files are understood; another one makes what is kept of them stale, and tags of another state. It is
/// a hash of the engine's sources, made when the program is built: nobody has to think of it, replicas of one image agree,
/// and while an update rolls each image keeps its own readings beside those of the other.
pub(in crate::service) const READING: &str = concat!("resume/", env!("ENGINE_SOURCES"));
/// Bytes of the megabyte that quotas are in.
const MEGABYTE: u64 = 1_000_000;

/// A file with its bytes, as uploaded.
#[derive(Debug)]
pub struct Content {
    /// Its facts.
    pub file: File,
    /// Its bytes.
    pub bytes: Bytes,
}

/// An upload that can be read, and is not kept yet.
#[derive(Debug)]
pub(in crate::service) enum Checked {
    /// The account has a file of these bytes.
    Known { file: File, bytes: Bytes },
    /// It has none.
    New { filename: String, content_type: String, bytes: Bytes },
}

/// Keeps an upload that can be read; the same bytes again are the same file.
///
/// # Errors
/// `file_too_large`, `unsupported_file_type`, `unreadable_file`, `quota_exceeded`; nothing is kept then.
pub async fn upload(app: &App, user: &User, filename: &str, bytes: Bytes) -> Result<Kept, ServiceError> {
    let checked = check(app, user, filename, bytes).await?;
    let (app, user) = (app.clone(), user.clone());
    // To its end, also when whoever sent it hangs up: bytes without a row would count for nobody until they are swept.
    to_the_end(async move { keep(&app, &user, checked).await }).await
}

/// Does what must not be left half done, whoever still waits for it.
pub(in crate::service) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
) -> Result<T, ServiceError> {
    tokio::spawn(work.in_current_span()).await.map_err(ServiceError::internal)?
}

/// Reads an upload now, so that whoever sent it hears at once what is wrong with it.
pub(in crate::service) async fn check(
    app: &App,
    user: &User,
    filename: &str,
    bytes: Bytes,
) -> Result<Checked, ServiceError> {
    let hash = crate::domain::hash::sha256(&bytes);
    if let Some(file) = files::find_by_hash(&app.db, user.id, &hash).await? {
        return Ok(Checked::Known { file, bytes });
    }
    refuse_over_quota(app, &app.db, user, bytes.len() as u64).await?;
    let filename = tidy_name(filename);
    let source = app.pipeline.read(bytes.clone(), &filename).await?;
    Ok(Checked::New { filename, content_type: source.format.content_type().to_owned(), bytes })
}

/// Keeps it. This is to be done [to its end](to_the_end).
pub(in crate::service) async fn keep(app: &App, user: &User, upload: Checked) -> Result<Kept, ServiceError> {
    let (filename, content_type, bytes) = match upload {
        Checked::Known { file, bytes } => {
            put_back(app, user.id, file.id, bytes).await?;
            return Ok(Kept::Same(file));
        }
        Checked::New { filename, content_type, bytes } => (filename, content_type, bytes),
    };
    let file_size = bytes.len() as u64;
    let blob = app.blobs.put(user.id.0, bytes).await?;
    let new = NewFile {
        filename,
        content_hash: blob.sha256,
        file_path: blob.path.clone(),
        s3_key: blob.s3_key,
        file_size,
        content_type,
    };
    let kept = insert(app, user, new).await;
    if !matches!(kept, Ok(Kept::New(_)))
        && let Err(error) = app.discard(user.id, &blob.path).await
    {
        tracing::warn!(exception = %error, "the bytes of an upload that was not kept are left to the clean-up");
    }
    kept
}

/// Gives a file whose bytes the store has lost or damaged these bytes again: to upload it once more is what its owner was
/// told to do.
async fn put_back(app: &App, owner: UserId, id: FileId, bytes: Bytes) -> Result<(), ServiceError> {
    let Some(path) = files::find_path(&app.db, owner, id).await? else { return Ok(()) };
    // Anything else that is wrong with the store is not mended by these bytes.
    if let Err(BlobError::Missing | BlobError::Damaged) = app.blobs.read(&path).await {
        app.blobs.put_at(&path, bytes).await?;
        tracing::info!(file_id = %id, "the bytes of a file that the store had lost are there again");
    }
    Ok(())
}

async fn insert(app: &App, user: &User, new: NewFile) -> Result<Kept, ServiceError> {
    let tx = app.db.begin().await?;
    // Whoever else uploads for this account waits, so that the quota holds.
    users::lock(&tx, user.id).await?;
    refuse_over_quota(app, &tx, user, new.file_size).await?;
    let kept = files::insert(&tx, user.id, new).await?;
    tx.commit().await?;
    Ok(kept)
}

/// The account's files, newest first.
///
/// # Errors
/// `invalid_request` for a cursor that is none of ours.
pub async fn list(
    app: &App,
    owner: UserId,
    request: Listing<'_>,
) -> Result<(Vec<File>, Option<String>), ServiceError> {
    let page = files::list(&app.db, owner, request.page()?).await?;
    Ok((page.items, page.next.map(|cursor| cursor.as_text())))
}

/// A file's facts.
///
/// # Errors
/// `not_found`.
pub async fn find(app: &App, owner: UserId, id: FileId) -> Result<File, ServiceError> {
    files::find(&app.db, owner, id).await?.ok_or(ServiceError::NotFound { what: "file" })
}

/// A file as it was uploaded.
///
/// # Errors
/// `not_found`.
pub async fn content(app: &App, owner: UserId, id: FileId) -> Result<Content, ServiceError> {
    let file = find(app, owner, id).await?;
    let path = files::find_path(&app.db, owner, id).await?.ok_or(ServiceError::NotFound { what: "file" })?;
    Ok(Content { file, bytes: app.blobs.read(&path).await? })
}

/// What is understood of a file, and what an applicant tracking system would trip over.
///
/// # Errors
/// `not_found`; `unreadable_file` when it was readable for an earlier version alone.
pub async fn resume(app: &App, owner: UserId, id: FileId) -> Result<Parsed, ServiceError> {
    // What is kept of a file is nobody's once that is gone.
    find(app, owner, id).await?;
    // However often and by how many it is asked for at once, one reader reads it.
    let key = of_file(owner, id);
    let read = app.cache.get_or_compute(&key, async {
        let parsed = parse(app, owner, id).await?;
        // Reading takes its time: of what was deleted meanwhile nothing is kept.
        find(app, owner, id).await?;
        let bytes = serde_json::to_vec(&parsed).map_err(ServiceError::internal)?;
        Ok::<_, ServiceError>(Computed::Value(bytes.into()))
    });
    match read.await {
        Ok(kept) => serde_json::from_slice(&kept).map_err(|error| {
            // Whoever comes next has it made anew.
            app.cache.forget(&key);
            ServiceError::internal(error)
        }),
        Err(shared) => match Arc::try_unwrap(shared) {
            Ok(error) => Err(error),
            // An error has one owner: the others hear their own.
            Err(_) => parse(app, owner, id).await,
        },
    }
}

async fn parse(app: &App, owner: UserId, id: FileId) -> Result<Parsed, ServiceError> {
    let content = content(app, owner, id).await?;
    let today = Utc::now().date_naive();
    Ok(app.pipeline.parse(content.bytes, &content.file.filename, today).await?)
}

fn of_file(owner: UserId, id: FileId) -> Key {
    cached::of_account(owner).key(Kind::Reading, READING, &id.to_string())
}

/// Deletes a file; jobs that used it keep their results.
///
/// # Errors
/// `not_found`.
pub async fn delete(app: &App, owner: UserId, id: FileId, origin: &Origin) -> Result<(), ServiceError> {
    let tx = app.db.begin().await?;
    let path = files::delete(&tx, owner, id).await?.ok_or(ServiceError::NotFound { what: "file" })?;
    audit::note(app, &tx, origin, Action::FileDeleted, Some(owner), Some(id.0)).await?;
    tx.commit().await?;
    app.cache.forget(&of_file(owner, id));
    // The row is gone: what stays is nobody's, and is swept.
    if let Err(error) = app.blobs.delete(&path).await {
        tracing::warn!(exception = %error, "the bytes of a deleted file are left to the clean-up");
    }
    Ok(())
}

/// Deletes a file that no job refers to; another request may have found a use for it meanwhile.
pub(crate) async fn delete_unused(app: &App, owner: UserId, id: FileId) -> Result<(), ServiceError> {
    let tx = app.db.begin().await?;
    users::lock(&tx, owner).await?;
    if jobs::uses_file(&tx, owner, id).await? {
        return Ok(());
    }
    let path = files::delete(&tx, owner, id).await?;
    tx.commit().await?;
    if let Some(path) = path {
        app.blobs.delete(&path).await?;
    }
    Ok(())
}

/// What the account's tier allows.
pub(crate) fn quota(app: &App, user: &User) -> Quota {
    let tiers = &app.config.tiers;
    match user.subscription_tier {
        Tier::Free => tiers.free,
        Tier::Pro => tiers.pro,
        Tier::Enterprise => tiers.enterprise,
    }
}

async fn refuse_over_quota(app: &App, db: &impl Access, user: &User, size: u64) -> Result<(), ServiceError> {
    let usage = files::usage(db, user.id).await?;
    let most = app.config.files.max_per_user;
    if usage.files >= u64::from(most) {
        return Err(ServiceError::quota(format!(
            "An account may have {most} files; delete one that you no longer need."
        )));
    }
    let megabytes = quota(app, user).storage_mb;
    let allowed = megabytes.saturating_mul(MEGABYTE);
    if megabytes > 0 && usage.bytes.saturating_add(size) > allowed {
        return Err(ServiceError::quota(format!(
            "The files of this account may have {megabytes} MB; {used} bytes are used and this one has {size}. \
             Delete one that you no longer need.",
            used = usage.bytes
        )));
    }
    Ok(())
}

/// The last part of a path, on one line, of a bearable length.
fn tidy_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: Vec<char> = last.trim().chars().filter(|c| !c.is_control()).collect();
    let kept: String = clean.iter().skip(clean.len().saturating_sub(MAX_NAME_CHARACTERS)).collect();
    if kept.is_empty() { "resume".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use crate::service::files::tidy_name;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(tidy_name(name), expected);
    }

    #[test]
    fn a_name_is_kept_without_folders_and_tricks() {
        check("Jane Doe.pdf", "Jane Doe.pdf");
        check("../../etc/passwd", "passwd");
        check("C:\\Users\\jane\\cv.docx", "cv.docx");
        check("a\r\nb\0.txt", "ab.txt");
        check("  ", "resume");
        check(&format!("{}.pdf", "x".repeat(500)), &format!("{}.pdf", "x".repeat(196)));
    }
}
