//! What a folder of blobs promises, whatever is in it. A bucket is tested with a server, in `tests/it/storage.rs`.

#![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use futures_util::TryStreamExt as _;
use tempfile::TempDir;
use uuid::Uuid;

use crate::blobs::name::fresh;
use crate::blobs::{BlobError, Blobs, Listed};
use crate::config::{Config, Secret, StorageKind};
use crate::domain::hash::sha256;

/// A store in a folder, with this key.
fn store(folder: &Path, key: &str) -> Blobs {
    let mut config = Config::defaults().unwrap();
    folder.clone_into(&mut config.data_dir);
    config.storage.encryption_key = Secret::new(key.repeat(64));
    Blobs::open(&config).unwrap()
}

/// A folder with a store in it, and where that has its files.
fn opened() -> (TempDir, Blobs, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = store(&folder.path().join("made/now"), "");
    let files = folder.path().join("made/now/files");
    (folder, blobs, files)
}

async fn all(blobs: &Blobs) -> Vec<Listed> {
    blobs.list().try_collect().await.unwrap()
}

#[tokio::test]
async fn bytes_come_back_and_each_upload_is_deleted_alone() {
    let (_folder, blobs, _) = opened();
    let space = Uuid::now_v7();
    let kept = blobs.put(space, Bytes::from_static(b"resume")).await.unwrap();
    let again = blobs.put(space, Bytes::from_static(b"resume")).await.unwrap();
    assert_eq!((&again.sha256, &again.s3_key), (&kept.sha256, &None));
    assert!(kept.path.starts_with(&format!("{space}/")) && kept.path.contains(&kept.sha256));
    assert_eq!(blobs.read(&kept.path).await.unwrap(), "resume");
    blobs.delete(&kept.path).await.unwrap();
    blobs.delete(&kept.path).await.unwrap();
    assert!(!blobs.exists(&kept.path).await.unwrap());
    assert!(matches!(blobs.read(&kept.path).await, Err(BlobError::Missing)));
    assert_eq!(blobs.read(&again.path).await.unwrap(), "resume");
}

#[tokio::test]
async fn damaged_bytes_are_refused() {
    let (_folder, blobs, files) = opened();
    let kept = blobs.put(Uuid::now_v7(), Bytes::from_static(b"resume")).await.unwrap();
    fs::write(files.join(&kept.path), "resumé").unwrap();
    assert!(matches!(blobs.read(&kept.path).await, Err(BlobError::Damaged)));
}

#[tokio::test]
async fn a_space_ends_alone() {
    let (_folder, blobs, files) = opened();
    let (mine, theirs) = (Uuid::now_v7(), Uuid::now_v7());
    blobs.put(mine, Bytes::from_static(b"one")).await.unwrap();
    blobs.put(mine, Bytes::from_static(b"two")).await.unwrap();
    let kept = blobs.put(theirs, Bytes::from_static(b"one")).await.unwrap();
    // As a process leaves it that is killed in the middle of an upload.
    fs::write(files.join(mine.to_string()).join("half#1"), "resu").unwrap();
    assert_eq!(blobs.delete_space(mine).await.unwrap(), 2);
    assert!(!files.join(mine.to_string()).exists());
    assert_eq!(blobs.delete_space(mine).await.unwrap(), 0);
    assert_eq!(blobs.read(&kept.path).await.unwrap(), "one");
}

#[tokio::test]
async fn what_is_listed_can_be_kept_elsewhere_under_the_same_path() {
    let (_folder, blobs, files) = opened();
    assert!(all(&blobs).await.is_empty());
    let blob = blobs.put(Uuid::now_v7(), Bytes::from_static(b"resume 0")).await.unwrap();
    // More than one step of a walk finds.
    let (space, hash) = (Uuid::now_v7(), sha256(b"another"));
    fs::create_dir_all(files.join(fresh(space, &hash)).parent().unwrap()).unwrap();
    for _ in 1..1100 {
        fs::write(files.join(fresh(space, &hash)), "another").unwrap();
    }
    fs::write(files.join("notes.txt"), "somebody else's").unwrap();
    fs::create_dir(files.join("lost+found")).unwrap();
    let listed = all(&blobs).await;
    assert_eq!(listed.len(), 1100);
    let found = listed.iter().find(|found| found.path == blob.path).unwrap();
    assert_eq!((&found.sha256, found.size), (&blob.sha256, 8));
    assert!(blob.path.starts_with(&found.space.to_string()));
    assert!((Utc::now() - found.modified_at).num_seconds() < 60);

    let elsewhere = tempfile::tempdir().unwrap();
    let other = store(elsewhere.path(), "a");
    let bytes = blobs.read(&blob.path).await.unwrap();
    other.put_at(&blob.path, bytes.clone()).await.unwrap();
    other.put_at(&blob.path, bytes.clone()).await.unwrap();
    assert_eq!(other.read(&blob.path).await.unwrap(), bytes);
    let on_disk = fs::read(elsewhere.path().join("files").join(&blob.path)).unwrap();
    assert!(on_disk != bytes && !on_disk.windows(6).any(|part| part == b"resume"));
    assert_eq!(all(&other).await.len(), 1);
    let wrong = other.put_at(&blob.path, Bytes::from_static(b"another")).await;
    assert!(matches!(wrong, Err(BlobError::OtherBytes { .. })), "{wrong:?}");
    for path in
        ["", "notes.txt", "../../etc/passwd", &format!("../{}", blob.path), &format!("{}#1", blob.path)]
    {
        let strange = other.put_at(path, bytes.clone()).await;
        assert!(matches!(strange, Err(BlobError::NotOurs { .. })), "{strange:?}");
    }
    assert_eq!(other.read(&blob.path).await.unwrap(), bytes);
}

#[tokio::test]
async fn what_a_killed_process_was_writing_goes_once_it_is_old() {
    let (_folder, blobs, files) = opened();
    let kept = blobs.put(Uuid::now_v7(), Bytes::from_static(b"resume")).await.unwrap();
    let alone = fresh(Uuid::now_v7(), &kept.sha256);
    let halves = [format!("{}#1", kept.path), format!("{alone}#2"), "sign-of-life#1".to_owned()];
    for half in &halves {
        fs::create_dir_all(files.join(half).parent().unwrap()).unwrap();
        fs::write(files.join(half), "resu").unwrap();
    }
    let strange = files.join("draft#1");
    fs::write(&strange, "somebody else's").unwrap();
    let hour = TimeDelta::hours(1);
    assert_eq!(blobs.delete_half_written(Utc::now() - hour, || false).await.unwrap(), 0);
    assert_eq!(blobs.delete_half_written(Utc::now() + hour, || true).await.unwrap(), 0);
    assert_eq!(blobs.delete_half_written(Utc::now() + hour, || false).await.unwrap(), 3);
    assert!(halves.iter().all(|half| !files.join(half).exists()));
    assert!(!files.join(alone.split('/').next().unwrap()).exists(), "an empty space goes as well");
    assert!(strange.exists());
    assert_eq!(blobs.read(&kept.path).await.unwrap(), "resume");
}

#[tokio::test]
async fn a_bucket_that_is_away_is_no_file_that_is_missing() {
    let mut config = Config::defaults().unwrap();
    config.storage.kind = StorageKind::S3;
    config.storage.s3_bucket = "resumes".to_owned();
    config.storage.s3_access_key_id = Secret::new("hunter1".to_owned());
    config.storage.s3_secret_access_key = Secret::new("hunter2".to_owned());
    config.storage.retries = 0;
    // Nobody listens there, with TLS or without.
    for endpoint in ["http://127.0.0.1:1", "https://127.0.0.1:1"] {
        config.storage.s3_endpoint = endpoint.to_owned();
        let blobs = Blobs::open(&config).unwrap();
        let path = fresh(Uuid::now_v7(), &sha256(b"resume"));
        for error in [blobs.read(&path).await.unwrap_err(), blobs.ping().await.unwrap_err()] {
            let text = error.to_string();
            assert!(matches!(error, BlobError::Away { .. }) && error.is_transient(), "{error:?}");
            assert!(text.contains("refused") && text.contains("storage.s3_endpoint"), "{text}");
            assert!(!text.contains("hunter"), "{text}");
        }
        assert!(!format!("{blobs:?}").contains("hunter"));
    }
}

#[tokio::test]
async fn of_all_that_is_there_only_what_is_named_stays() {
    let (_folder, blobs, _) = opened();
    assert!(blobs.is_empty().await.unwrap());
    let kept = blobs.put(Uuid::now_v7(), Bytes::from_static(b"resume")).await.unwrap();
    let other = blobs.put(Uuid::now_v7(), Bytes::from_static(b"resume")).await.unwrap();
    assert!(!blobs.is_empty().await.unwrap());
    assert_eq!(blobs.keep_only([kept.path.clone()].into()).await.unwrap(), 1);
    assert_eq!(blobs.read(&kept.path).await.unwrap(), "resume");
    assert!(!blobs.exists(&other.path).await.unwrap());
}
