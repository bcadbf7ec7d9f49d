//! An archive as anybody can look into it, and what is done to a world around one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::support::api::Api;
use crate::support::documents::{JSON_RESUME, POSTING};
use crate::support::inside::Inside;
use crate::support::program::Ended;
use crate::support::service::World;

/// The entries of an archive by name.
pub(super) type Entries = BTreeMap<String, Vec<u8>>;

/// Backs this world up; where the archive is.
pub(super) fn back_up(world: &World, name: &str) -> PathBuf {
    world.program().args(["backup", name]).run().done();
    world.dir().join(name)
}

/// Restores this archive into this world.
pub(super) fn restore(world: &World, archive: &Path, flags: &[&str]) -> Ended {
    world.program().arg("restore").arg(archive).args(flags).run()
}

/// What is in an archive.
pub(super) fn entries(archive: &Path) -> Entries {
    let mut zip = ZipArchive::new(File::open(archive).unwrap()).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut entries = Entries::new();
    for name in names {
        let mut bytes = Vec::new();
        zip.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
        entries.insert(name, bytes);
    }
    entries
}

/// Its manifest.
pub(super) fn manifest(archive: &Path) -> Value {
    serde_json::from_slice(&entries(archive)["manifest.json"]).unwrap()
}

/// The rows of a table in it.
pub(super) fn rows(entries: &Entries, table: &str) -> Vec<Value> {
    let text = std::str::from_utf8(&entries[&format!("tables/{table}.jsonl")]).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The same archive with these changes, whole in itself, beside it.
pub(super) fn changed(archive: &Path, change: impl FnOnce(&mut Entries)) -> PathBuf {
    let mut entries = entries(archive);
    change(&mut entries);
    let path = archive.with_file_name("changed.zip");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    for (name, bytes) in entries {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap();
    path
}

/// The same archive with another manifest.
pub(super) fn with_manifest(archive: &Path, change: impl FnOnce(&mut Value)) -> PathBuf {
    changed(archive, |entries| {
        let mut manifest = serde_json::from_slice(&entries["manifest.json"]).unwrap();
        change(&mut manifest);
        entries.insert("manifest.json".to_owned(), manifest.to_string().into());
    })
}

/// Deletes the database, the files and the secret of a world: a machine that was lost.
pub(super) async fn wipe(world: &World) {
    if world.config().is_postgres() {
        let inside = Inside::of(world).await;
        inside.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
        inside.close().await;
    }
    let data = world.dir().join("data");
    if data.exists() {
        fs::remove_dir_all(data).unwrap();
    }
}

/// Every file below a folder, with its bytes, by its path there.
pub(super) fn files_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Lets every table have a row, by what a service that works in this world is asked for. Nothing is left to be done.
pub(super) async fn use_everything(world: &World) -> Api {
    let service = world.serve(&["--all"]);
    let mira = service.api().register("mira@example.org").await;
    let job = mira.with_header("idempotency-key", "once").ask().await;
    assert_eq!(mira.ended(&job).await["status"], "completed");
    mira.post("/me/api-keys", &json!({ "name": "script" })).await.expect(201);
    let spare = mira.upload("/files", "spare.json", JSON_RESUME.as_bytes(), &[]).await.expect(201).json();
    let spare = spare["id"].as_str().unwrap();
    let corrected = json!({ "resume": { "basics": { "name": "Mira Aurora Holm" } } });
    mira.put(&format!("/files/{spare}/resume"), &corrected).await.expect(200);
    let wrong = json!({ "email": "mira@example.org", "password": "not that one, surely" });
    mira.post("/auth/login", &wrong).await.refused(401, "invalid_credentials", &[]);
    // A task that is refused has its attempt in the history.
    world.program().args(["queue", "pause"]).run().done();
    let other =
        mira.upload("/files", "other.md", b"# Mira Holm\n\n## Skills\n\nRust, SQL\n", &[]).await.expect(201);
    let other = other.json()["id"].as_str().unwrap().to_owned();
    let lost =
        mira.post("/jobs", &json!({ "file_id": other, "posting_text": POSTING })).await.expect(202).json();
    mira.delete(&format!("/files/{other}")).await.expect(204);
    world.program().args(["queue", "resume"]).run().done();
    assert_eq!(mira.ended(lost["id"].as_str().unwrap()).await["status"], "failed");
    assert!(service.stop().success());
    mira
}
