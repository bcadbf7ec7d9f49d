//! What is kept for how long: nothing goes before its time, and what goes is gone from the disk as well.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::deadline::until_async;
use crate::support::documents::{JSON_RESUME, POSTING, RESUME};
use crate::support::inside::Inside;
use crate::support::redis::Redis;
use crate::support::service::{Service, World};

const CLEANUP: &str = "cleanup-old-jobs";
const HEALTH: &str = "health-check";

/// How many uploads are on the disk; they are in folders, one for each account.
fn uploads(world: &World) -> usize {
    fn files(path: &Path) -> usize {
        if !path.is_dir() {
            return 1;
        }
        std::fs::read_dir(path).unwrap().map(|entry| files(&entry.unwrap().path())).sum()
    }
    let accounts = std::fs::read_dir(world.dir().join("data/files")).unwrap();
    accounts.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).map(|path| files(&path)).sum()
}

/// A job with our resume that has been completed: its id and its file's.
async fn completed(api: &Api) -> (String, String) {
    let id = api.ask().await;
    let job = api.ended(&id).await;
    assert_eq!(job["status"], "completed", "{job}");
    (id, job["file_id"].as_str().unwrap().to_owned())
}

/// What the last clean-up said that it deleted.
fn said(service: &Service) -> Value {
    let log = service.log();
    let line = log.iter().rfind(|line| line["message"] == "deleted what was kept for its time");
    line.unwrap_or_else(|| panic!("nothing was said: {log:#?}")).clone()
}

on_both! {
    async fn an_old_job_goes_with_its_file_and_its_bytes(world) {
        let service = world.serve(&["--all"]);
        let inside = Inside::of(&world).await;
        let mira = service.api().register("mira@example.org").await;
        let jonas = service.api().register("jonas@example.org").await;
        let (job, file) = completed(&mira).await;
        let (kept, theirs) = completed(&jonas).await;
        assert_eq!(uploads(&world), 2);

        inside.run(CLEANUP).await;
        mira.get(&format!("/jobs/{job}/result")).await.expect(200);

        inside.age_job(&job).await;
        inside.age_file(&file).await;
        inside.run(CLEANUP).await;
        for part in ["", "/result", "/events", "/documents/pdf"] {
            mira.get(&format!("/jobs/{job}{part}")).await.refused(404, "not_found", &["job"]);
        }
        mira.get(&format!("/files/{file}/content")).await.refused(404, "not_found", &["file"]);
        assert!(mira.items("/jobs").await.is_empty() && mira.items("/files").await.is_empty());
        assert_eq!(uploads(&world), 1, "the bytes are gone from the disk");
        let said = said(&service);
        assert_eq!((&said["jobs"], &said["files"]), (&json!(1), &json!(1)), "{said}");

        // The same bytes of somebody else are nobody's business.
        assert_eq!(jonas.get(&format!("/files/{theirs}/content")).await.expect(200).text(), RESUME);
        jonas.get(&format!("/jobs/{kept}/documents/pdf")).await.expect(200);
        // Whoever comes back starts anew.
        assert_ne!(mira.upload_resume().await, file);
        inside.run(CLEANUP).await;
        assert_eq!(uploads(&world), 2);
    }

    async fn what_is_young_or_not_at_its_end_stays(world) {
        let service = world.serve(&["--all"]);
        let inside = Inside::of(&world).await;
        let api = service.api().register("mira@example.org").await;
        let (old, file) = completed(&api).await;
        let (young, shared) = completed(&api).await;
        assert_eq!(file, shared, "the same bytes are the same file");
        inside.age_job(&old).await;
        inside.age_file(&file).await;
        let body = json!({ "file_id": file, "posting_text": POSTING });
        let mut open = Vec::new();
        for status in ["queued", "running"] {
            let job = api.post("/jobs", &body).await.expect(202).json();
            let id = job["id"].as_str().unwrap().to_owned();
            api.ended(&id).await;
            inside.set_status(&id, status).await;
            inside.age_job(&id).await;
            open.push((id, status));
        }
        inside.run(CLEANUP).await;
        api.get(&format!("/jobs/{old}")).await.refused(404, "not_found", &["job"]);
        for (id, status) in &open {
            assert_eq!(api.get(&format!("/jobs/{id}")).await.expect(200).json()["status"], *status);
        }
        api.get(&format!("/jobs/{young}/result")).await.expect(200);
        assert_eq!(api.get(&format!("/files/{file}/content")).await.expect(200).text(), RESUME);

        // The last job that needs the file takes it along; failed and cancelled ones end as well.
        for ((id, _), status) in open.iter().zip(["failed", "cancelled"]) {
            inside.set_status(id, status).await;
        }
        inside.age_job(&young).await;
        inside.run(CLEANUP).await;
        assert!(api.items("/jobs").await.is_empty() && api.items("/files").await.is_empty());
        assert_eq!(uploads(&world), 0);
    }

    async fn a_file_that_nobody_uses_goes_when_it_is_old(world) {
        let service = world.serve(&["--all"]);
        let inside = Inside::of(&world).await;
        let api = service.api().register("mira@example.org").await;
        let old = api.upload_resume().await;
        let young = api.upload("/files", "resume.json", JSON_RESUME.as_bytes(), &[]).await.expect(201).json();
        inside.age_file(&old).await;
        inside.run(CLEANUP).await;
        api.get(&format!("/files/{old}")).await.refused(404, "not_found", &["file"]);
        let left = api.items("/files").await;
        assert_eq!((left.len(), &left[0]["id"], uploads(&world)), (1, &young["id"], 1));
        let content = api.get(&format!("/files/{}/content", young["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(content.text(), JSON_RESUME);
    }

    async fn more_than_one_transaction_deletes_goes_too(world) {
        let world = world.with("RESUME_OPTIMIZER__TIERS__FREE__JOBS_PER_DAY", "0");
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        let body = json!({ "file_id": file, "posting_text": POSTING });
        for _ in 0..205 {
            let job = api.post("/jobs", &body).await.expect(202).json();
            api.post(&format!("/jobs/{}/cancel", job["id"].as_str().unwrap()), &json!({})).await.expect(202);
        }
        for name in 0..205 {
            let text = format!("{RESUME}\n- Ran project number {name}\n");
            api.upload("/files", "resume.md", text.as_bytes(), &[]).await.expect(201);
        }
        let inside = Inside::of(&world).await;
        for column in ["created_at", "updated_at", "completed_at"] {
            inside.age_all("jobs", column).await;
        }
        inside.age_all("files", "created_at").await;
        let worker = world.serve(&["--worker"]);
        inside.run(CLEANUP).await;
        let said = said(&worker);
        assert_eq!((&said["jobs"], &said["files"]), (&json!(205), &json!(206)), "{said}");
        assert_eq!((inside.count("jobs").await, inside.count("files").await, uploads(&world)), (0, 0, 0));
        drop(worker);
    }

    async fn what_is_no_longer_valid_goes_too(world) {
        let service = world.serve(&["--all"]);
        let inside = Inside::of(&world).await;
        let api = service.api().register("mira@example.org").await;
        let keyed = api.with_header("idempotency-key", "once");
        let job = keyed.ask().await;
        api.ended(&job).await;
        inside.run(CLEANUP).await;
        assert_eq!(keyed.ask().await, job, "the key is remembered");
        assert_eq!((inside.count("refresh_tokens").await, inside.tasks("optimize").await), (1, 1));

        inside.age_all("idempotency_keys", "created_at").await;
        inside.age_all("refresh_tokens", "expires_at").await;
        inside.age_tasks(8).await;
        inside.run(CLEANUP).await;
        assert_eq!((inside.count("idempotency_keys").await, inside.count("refresh_tokens").await), (0, 0));
        assert_eq!((inside.tasks("optimize").await, inside.tasks(CLEANUP).await), (0, 1), "only this one is young");
        // The job is as young as ever; the sign-in is over.
        assert_eq!(inside.count("jobs").await, 1);
        api.get(&format!("/jobs/{job}/result")).await.refused(401, "invalid_token", &[]);
    }

    async fn a_dependency_that_is_down_is_seen_and_said(world) {
        let redis = Redis::start();
        // A loaded machine takes longer than a cache would wait.
        let world = world.with("REDIS_URL", &redis.url()).with("RESUME_OPTIMIZER__REDIS__TIMEOUT_MS", "2000");
        let service = world.serve(&["--all"]);
        let inside = Inside::of(&world).await;
        let api = service.api();
        let is = |dependency: &'static str, up: u8| {
            let line = format!("dependency_up{{dependency=\"{dependency}\"}} {up}\n");
            let api = api.clone();
            async move {
                let text = api.outside("/metrics").await.expect(200).text();
                assert!(text.contains(&line), "{line} is missing in:\n{text}");
            }
        };
        let warned = |dependency: &str| {
            let log = service.log();
            log.iter().any(|line| line["level"] == "WARN" && line["dependency"] == dependency)
        };
        inside.run(HEALTH).await;
        for dependency in ["database", "redis", "files"] {
            is(dependency, 1).await;
            assert!(!warned(dependency));
        }
        let left = std::fs::read_dir(world.dir().join("data/files")).unwrap().count();
        assert_eq!(left, 0, "it leaves nothing behind");

        drop(redis);
        std::fs::remove_dir_all(world.dir().join("data/files")).unwrap();
        world.file("data/files", "a file where a folder should be");
        inside.run(HEALTH).await;
        is("database", 1).await;
        for dependency in ["redis", "files"] {
            is(dependency, 0).await;
            until_async("the warning", || async { warned(dependency).then_some(()) }).await;
        }
        assert!(!warned("database"));
    }

    async fn without_redis_nothing_is_said_of_it(world) {
        let service = world.serve(&["--all"]);
        Inside::of(&world).await.run(HEALTH).await;
        let text = service.api().outside("/metrics").await.expect(200).text();
        assert!(text.contains("dependency_up{dependency=\"files\"} 1"), "{text}");
        assert!(!text.contains("dependency=\"redis\""), "{text}");
    }
}

// SQLite has one writer: there, nothing happens at the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_up_at_the_same_moment_stays() {
    let world = World::on_postgresql().await;
    let service = world.serve(&["--all"]);
    let inside = Inside::of(&world).await;
    let api = service.api().register("mira@example.org").await;
    let (job, file) = completed(&api).await;
    let unused = api.upload("/files", "resume.json", JSON_RESUME.as_bytes(), &[]).await.expect(201).json();
    let unused = unused["id"].as_str().unwrap();
    inside.age_job(&job).await;
    inside.age_file(&file).await;
    inside.age_file(unused).await;
    let retried = inside
        .hold(&format!("UPDATE jobs SET status = 'queued', completed_at = NULL WHERE id = '{job}'"))
        .await;
    let asked = inside
        .hold(&format!(
            "INSERT INTO jobs (id, user_id, file_id, options, created_at, updated_at)
             SELECT gen_random_uuid(), user_id, id, '{{}}', now(), now() FROM files WHERE id = '{unused}'"
        ))
        .await;
    inside.run(CLEANUP).await;
    retried.commit().await.unwrap();
    asked.commit().await.unwrap();
    assert_eq!(api.get(&format!("/jobs/{job}")).await.expect(200).json()["status"], "queued");
    assert_eq!(api.get(&format!("/files/{file}/content")).await.expect(200).text(), RESUME);
    assert_eq!(api.get(&format!("/files/{unused}/content")).await.expect(200).text(), JSON_RESUME);
}

#[test]
fn a_schedule_that_is_none_is_one_sentence() {
    let name = "RESUME_OPTIMIZER__SCHEDULES__CLEANUP_OLD_JOBS";
    let ended = World::on_sqlite().with(name, "every night").program().arg("serve").run();
    ended.refused(1, &["schedules.cleanup_old_jobs", name, "five fields", "every night"]);
}
