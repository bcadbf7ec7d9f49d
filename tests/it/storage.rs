//! Where the bytes of files are: in a folder or in a bucket, plain or encrypted; and what becomes of those that nothing
//! refers to.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use resume_optimizer::domain::hash::sha256;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::api::Api;
use crate::support::deadline::until_async;
use crate::support::documents::{JSON_RESUME, POSTING, RESUME};
use crate::support::ground::select;
use crate::support::inside::Inside;
use crate::support::s3::{S3, SECRET};
use crate::support::service::{Service, World};

const CLEANUP: &str = "cleanup-old-jobs";
const HEALTH: &str = "health-check";
const KEY: &str = "STORAGE_ENCRYPTION_KEY";
const PREVIOUS_KEY: &str = "RESUME_OPTIMIZER__STORAGE__PREVIOUS_ENCRYPTION_KEY";
const ORPHAN_HOURS: &str = "RESUME_OPTIMIZER__STORAGE__ORPHAN_HOURS";

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let each = entries.map(|entry| entry.unwrap().path());
    each.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Whether a file has these words in it.
fn says(path: &Path, words: &str) -> bool {
    fs::read(path).unwrap().windows(words.len()).any(|part| part == words.as_bytes())
}

/// Lets a file have been written two hours ago.
fn age(path: &Path) {
    let earlier = SystemTime::now() - Duration::from_secs(2 * 3600);
    fs::File::options().append(true).open(path).unwrap().set_modified(earlier).unwrap();
}

/// Puts bytes into a store beside the service, as an upload leaves them whose row was never written.
fn leave(folder: &Path, space: &str, text: &str) -> PathBuf {
    let hash = sha256(text.as_bytes());
    let (first, rest) = hash.split_at(2);
    let path = folder.join(space).join(first).join(rest.split_at(2).0);
    fs::create_dir_all(&path).unwrap();
    let path = path.join(format!("{hash}.{}", Uuid::now_v7().simple()));
    fs::write(&path, text).unwrap();
    path
}

/// What the last clean-up said that it swept.
fn swept(service: &Service) -> Value {
    let log = service.log();
    let line = log.iter().rfind(|line| line["message"] == "deleted what was kept for its time");
    line.unwrap_or_else(|| panic!("nothing was said: {log:#?}"))["orphans"].clone()
}

async fn content(api: &Api, file: &str) -> String {
    api.get(&format!("/files/{file}/content")).await.expect(200).text()
}

/// Asks for a job with this file; its id.
async fn ask(api: &Api, file: &str) -> String {
    let body = json!({ "file_id": file, "posting_text": POSTING });
    api.post("/jobs", &body).await.expect(202).json()["id"].as_str().unwrap().to_owned()
}

/// The id of what was uploaded.
async fn upload(api: &Api, name: &str, text: &str) -> String {
    let answer = api.upload("/files", name, text.as_bytes(), &[]).await.expect(201);
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// A worker that tries again at once, and often.
fn stubborn(world: World) -> World {
    world
        .with("RESUME_OPTIMIZER__QUEUE__RETRY_BASE_SECONDS", "1")
        .with("RESUME_OPTIMIZER__QUEUE__RETRY_MAX_SECONDS", "1")
        .with("RESUME_OPTIMIZER__QUEUE__MAX_ATTEMPTS", "50")
}

/// Runs a clean-up: what is old and has no row goes, and nothing else.
async fn sweeps(world: World, folder: &Path, is_disk: bool) {
    let world = world.with(ORPHAN_HOURS, "1");
    let service = world.serve(&["--all"]);
    let inside = Inside::of(&world).await;
    let api = service.api().register("mira@example.org").await;
    let file = api.upload_resume().await;
    let used = files(folder).pop().unwrap();
    let space = used.strip_prefix(folder).unwrap().iter().next().unwrap().to_str().unwrap().to_owned();
    let young = leave(folder, &space, "put in a moment ago");
    let strange = folder.join("notes.txt");
    fs::write(&strange, "somebody else's").unwrap();
    let mut orphans = vec![
        leave(folder, &space, "left by a process that was killed"),
        // The same bytes again, whose row was not written because there was one.
        leave(folder, &space, RESUME),
        leave(folder, &Uuid::now_v7().to_string(), "of an account that is gone"),
    ];
    let young_half = PathBuf::from(format!("{}#7", young.display()));
    if is_disk {
        fs::write(&young_half, "ha").unwrap();
        let half = PathBuf::from(format!("{}#1", used.display()));
        fs::write(&half, "ha").unwrap();
        orphans.push(half);
    }
    for path in orphans.iter().chain([&used, &strange]) {
        age(path);
    }
    inside.run(CLEANUP).await;
    assert_eq!(swept(&service), json!(orphans.len()));
    assert!(orphans.iter().all(|path| !path.exists()), "{:#?}", files(folder));
    assert!(young.exists() && strange.exists() && young_half.exists() == is_disk);
    assert_eq!(content(&api, &file).await, RESUME);

    api.delete(&format!("/files/{file}")).await.expect(204);
    assert!(!used.exists());
    inside.run(CLEANUP).await;
    assert_eq!(swept(&service), json!(0));
    assert!(young.exists() && strange.exists());
}

on_both! {
    async fn files_in_a_bucket_come_and_go_and_outlive_the_process(world) {
        let s3 = S3::start();
        let world = s3.in_use(world);
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let id = api.ask().await;
        let job = api.ended(&id).await;
        assert_eq!(job["status"], "completed", "{job}");
        let file = job["file_id"].as_str().unwrap();
        assert_eq!(content(&api, file).await, RESUME);
        Inside::of(&world).await.run(HEALTH).await;
        let metrics = service.api().outside("/metrics").await.text();
        assert!(metrics.contains("dependency_up{dependency=\"files\"} 1"), "{metrics}");

        let kept = files(&s3.folder());
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert_eq!(fs::read(&kept[0]).unwrap(), RESUME.as_bytes());
        let within = kept[0].strip_prefix(s3.folder()).unwrap().display();
        let row = format!(
            "SELECT count(*) AS number FROM files WHERE file_path = '{within}' AND s3_key = '{}/{within}'",
            s3.prefix()
        );
        assert_eq!(select(&world, &row).await, 1);
        assert!(!world.dir().join("data/files").exists(), "nothing is beside the bucket");

        assert!(service.stop().success());
        let service = world.serve(&["--all"]);
        let api = service.api().with_token(&api.token());
        assert_eq!(content(&api, file).await, RESUME);
        let second = api.ended(&ask(&api, file).await).await;
        assert_eq!(second["status"], "completed", "{second}");
        api.delete(&format!("/files/{file}")).await.expect(204);
        assert!(files(&s3.folder()).is_empty());

        let jonas = service.api().register("jonas@example.org").await;
        let theirs = jonas.upload_resume().await;
        api.upload_resume().await;
        upload(&api, "resume.json", JSON_RESUME).await;
        assert_eq!(files(&s3.folder()).len(), 3);
        api.delete("/me").await.expect(204);
        assert_eq!(files(&s3.folder()).len(), 1, "an erased account takes its files along");
        assert_eq!(content(&jonas, &theirs).await, RESUME);
        assert!(!format!("{:?}", service.log()).contains(SECRET));
    }

    async fn while_the_bucket_is_away_nothing_is_lost(world) {
        let s3 = S3::start();
        let world = stubborn(s3.in_use(world));
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;

        s3.leave();
        let refused = api.upload("/files", "resume.json", JSON_RESUME.as_bytes(), &[]).await;
        refused.refused(503, "unavailable", &["file store", "try again"]);
        let refused = api.get(&format!("/files/{file}/content")).await;
        refused.refused(503, "unavailable", &["file store", "try again"]);
        assert_eq!(api.items("/files").await.len(), 1);
        let export = reqwest::Client::builder().no_proxy().build().unwrap();
        let export = export.get(format!("{}/api/v1/me/export", service.address())).bearer_auth(api.token());
        assert!(export.send().await.unwrap().bytes().await.is_err(), "an export without the files never looks whole");
        let id = ask(&api, &file).await;
        until_async("an attempt that fails", || async {
            let log = service.log();
            log.iter().any(|line| line["message"] == "an attempt failed on our side").then_some(())
        })
        .await;
        Inside::of(&world).await.run(HEALTH).await;
        let metrics = service.api().outside("/metrics").await.text();
        assert!(metrics.contains("dependency_up{dependency=\"files\"} 0"), "{metrics}");
        api.outside("/ready").await.expect(200);
        // Whoever starts now serves what needs no files.
        let other = world.serve(&["--api"]);
        assert!(other.log().iter().any(|line| {
            line["level"] == "WARN" && line["exception"].as_str().is_some_and(|text| text.contains("storage.s3_endpoint"))
        }));
        assert_eq!(other.api().with_token(&api.token()).items("/files").await.len(), 1);

        s3.come_back();
        let job = api.ended(&id).await;
        assert_eq!(job["status"], "completed", "{job}");
        assert!(job["attempts"].as_i64().unwrap() > 1, "{job}");
        upload(&api, "resume.json", JSON_RESUME).await;
        assert_eq!(content(&other.api().with_token(&api.token()), &file).await, RESUME);
        assert!(!format!("{:?}", service.log()).contains(SECRET));
    }

    async fn a_key_keeps_files_from_whoever_has_the_disk(world) {
        let (first, second) = ("a1".repeat(32), "b2".repeat(32));
        let folder = world.dir().join("data/files");
        let world = stubborn(world);
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let again = |service: &Service| service.api().with_token(&api.token());
        let plain = upload(&api, "resume.json", JSON_RESUME).await;
        let as_it_came = files(&folder).pop().unwrap();
        assert_eq!(fs::read(&as_it_came).unwrap(), JSON_RESUME.as_bytes());
        assert!(service.stop().success());

        let world = world.with(KEY, &first);
        let service = world.serve(&["--all"]);
        let mira = again(&service);
        let sealed = mira.upload_resume().await;
        let on_disk = files(&folder).into_iter().find(|path| *path != as_it_came).unwrap();
        assert!(RESUME.contains("Mira Holm") && !says(&on_disk, "Mira Holm"), "the disk tells nothing");
        assert!(on_disk.display().to_string().contains(&sha256(RESUME.as_bytes())), "but for the hash");
        assert_eq!(select(&world, "SELECT count(*) AS number FROM files WHERE s3_key IS NOT NULL").await, 0);
        let job = mira.ended(&ask(&mira, &sealed).await).await;
        assert_eq!(job["status"], "completed", "{job}");
        assert!(service.stop().success());

        let world = world.with(KEY, &second).with(PREVIOUS_KEY, &first);
        let service = world.serve(&["--all"]);
        let mira = again(&service);
        let newest = upload(&mira, "other.md", &format!("{RESUME}\n- Sailed the fjords\n")).await;
        for (file, words) in [(&plain, JSON_RESUME), (&sealed, RESUME), (&newest, "Sailed the fjords")] {
            assert!(content(&mira, file).await.contains(words));
        }
        assert!(service.stop().success());

        let world = world.with(PREVIOUS_KEY, "");
        let service = world.serve(&["--all"]);
        let mira = again(&service);
        assert_eq!(content(&mira, &plain).await, JSON_RESUME);
        assert!(content(&mira, &newest).await.contains("Sailed the fjords"));
        let locked = mira.get(&format!("/files/{sealed}/content")).await;
        locked.refused(503, "unavailable", &["not lost"]);
        let id = ask(&mira, &sealed).await;
        until_async("an attempt that fails", || async {
            let job = mira.get(&format!("/jobs/{id}")).await.expect(200).json();
            assert_ne!(job["status"], "failed", "it is not the file's fault: {job}");
            (job["attempts"].as_i64().unwrap() > 1).then_some(())
        })
        .await;
        let log = service.log();
        let errors = log.iter().filter(|line| line["level"] == "ERROR");
        let names = |line: &Value| line["exception"].as_str().unwrap().contains("storage.encryption_key");
        assert!(errors.clone().count() >= 2 && errors.clone().all(names), "{log:#?}");
        assert!(!format!("{log:?}").contains(&first) && !format!("{log:?}").contains(&second));
        assert!(service.stop().success());

        let world = world.with(PREVIOUS_KEY, &first);
        let service = world.serve(&["--all"]);
        let job = again(&service).ended(&id).await;
        assert_eq!(job["status"], "completed", "{job}");
    }

    async fn a_file_that_the_store_lost_is_there_again_once_it_is_uploaded_again(world) {
        let folder = world.dir().join("data/files");
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        let bytes = files(&folder).pop().unwrap();
        for harm in ["lost", "damaged"] {
            if harm == "lost" {
                fs::remove_file(&bytes).unwrap();
            } else {
                fs::write(&bytes, "something else").unwrap();
            }
            let job = api.ended(&ask(&api, &file).await).await;
            assert_eq!(job["status"], "failed", "{job}");
            assert!(job["error_message"].as_str().unwrap().contains("upload it again"), "{job}");

            let again = api.upload("/files", "resume.md", RESUME.as_bytes(), &[]).await.expect(200).json();
            assert_eq!(again["id"], file, "it is the same file");
            assert_eq!(content(&api, &file).await, RESUME);
            assert_eq!(files(&folder), std::slice::from_ref(&bytes), "and is kept once");
            let job = api.ended(&ask(&api, &file).await).await;
            assert_eq!(job["status"], "completed", "{job}");
        }
    }

    async fn bytes_on_disk_that_nothing_refers_to_are_swept(world) {
        let folder = world.dir().join("data/files");
        sweeps(world, &folder, true).await;
    }

    async fn bytes_in_a_bucket_that_nothing_refers_to_are_swept(world) {
        let s3 = S3::start();
        let world = s3.in_use(world);
        sweeps(world, &s3.folder(), false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_moved_into_a_bucket_by_copying_it() {
    let world = World::on_sqlite().with(KEY, &"c3".repeat(32));
    let folder = world.dir().join("data/files");
    let service = world.serve(&["--all"]);
    let api = service.api().register("mira@example.org").await;
    let file = api.upload_resume().await;
    assert!(service.stop().success());
    let s3 = S3::start();
    for path in files(&folder) {
        let copy = s3.folder().join(path.strip_prefix(&folder).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::rename(path, copy).unwrap();
    }

    let world = s3.in_use(world);
    let service = world.serve(&["--all"]);
    let mira = service.api().with_token(&api.token());
    assert_eq!(content(&mira, &file).await, RESUME);
    let newer = upload(&mira, "resume.json", JSON_RESUME).await;
    assert_eq!(content(&mira, &newer).await, JSON_RESUME);
    let kept = files(&s3.folder());
    assert_eq!(kept.len(), 2);
    assert!(
        kept.iter().all(|path| !says(path, "Mira Holm") && !says(path, "basics")),
        "the bucket tells nothing"
    );
    mira.delete(&format!("/files/{file}")).await.expect(204);
    assert_eq!(files(&s3.folder()).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_files_of_another_database_are_left_alone() {
    let world = World::on_sqlite().with(ORPHAN_HOURS, "0");
    let folder = world.dir().join("data/files");
    let service = world.serve(&["--all"]);
    let inside = Inside::of(&world).await;
    for number in 0..12 {
        age(&leave(&folder, &Uuid::now_v7().to_string(), &format!("number {number}")));
    }
    inside.run(CLEANUP).await;
    assert_eq!((swept(&service), files(&folder).len()), (json!(0), 12), "it never looks for any");
    assert!(service.stop().success());

    let world = world.with(ORPHAN_HOURS, "1");
    let service = world.serve(&["--all"]);
    inside.run(CLEANUP).await;
    assert_eq!(
        (swept(&service), files(&folder).len()),
        (json!(0), 12),
        "the database knows of no file at all"
    );
    let log = service.log();
    let error = log.iter().find(|line| line["level"] == "ERROR").unwrap();
    assert!(error["message"].as_str().unwrap().contains("database.url"), "{error}");
    service.api().register("mira@example.org").await.upload_resume().await;
    for path in files(&folder) {
        age(&path);
    }
    inside.run(CLEANUP).await;
    assert_eq!((swept(&service), files(&folder).len()), (json!(0), 13), "most of what is there is not known");
    let strangers =
        || files(&folder).into_iter().filter(|path| fs::read(path).unwrap().starts_with(b"number"));
    for path in strangers().take(2).collect::<Vec<_>>() {
        fs::remove_file(path).unwrap();
    }
    inside.run(CLEANUP).await;
    assert_eq!((swept(&service), files(&folder).len()), (json!(10), 1), "a few may be what crashes left");
}

#[test]
fn a_bucket_that_is_closed_to_us_stops_the_start() {
    let s3 = S3::start();
    for (name, value) in [("AWS_SECRET_ACCESS_KEY", "hunter2"), ("AWS_ACCESS_KEY_ID", "hunter2")] {
        let world = s3.in_use(World::on_sqlite()).with(name, value);
        for role in ["--api", "--worker"] {
            let ended = world.program().args(["serve", role]).run();
            assert_eq!((ended.code, ended.stderr.lines().count()), (Some(1), 1), "{ended:#?}");
            for part in
                ["403", "storage.s3_access_key_id", "storage.s3_secret_access_key", "storage.s3_bucket"]
            {
                assert!(ended.stderr.contains(part), "{part} is missing in: {}", ended.stderr);
            }
            let all = format!("{ended:?}");
            assert!(!all.contains("hunter2") && !all.contains(SECRET), "no secret in a complaint: {all}");
        }
    }
}

#[test]
fn a_storage_that_makes_no_sense_is_one_sentence() {
    let check = |pairs: &[(&str, &str)], parts: &[&str]| {
        let world = pairs.iter().fold(World::on_sqlite(), |world, (name, value)| world.with(name, value));
        world.program().arg("serve").run().refused(1, parts);
    };
    let s3 = ("RESUME_OPTIMIZER__STORAGE__KIND", "s3");
    let bucket = ("RESUME_OPTIMIZER__STORAGE__S3_BUCKET", "resumes");
    check(&[s3], &["storage.kind", "storage.s3_bucket"]);
    check(&[s3, bucket, ("AWS_ACCESS_KEY_ID", "AKIA")], &["storage.s3_secret_access_key", "both"]);
    check(
        &[("RESUME_OPTIMIZER__STORAGE__S3_ENDPOINT", "s3.example.org")],
        &["storage.s3_endpoint", "https://"],
    );
    check(&[(KEY, "too short")], &["storage.encryption_key", "64 hexadecimal digits"]);
}
