//! A backup of a service that works, and the service on what was restored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use resume_optimizer::domain::hash::sha256;
use serde_json::{Value, json};

use crate::backup::archive::{back_up, entries, manifest, restore, rows, wipe};
use crate::support::api::Api;
use crate::support::deadline::until_async;
use crate::support::documents::{JSON_RESUME, POSTING, RESUME};
use crate::support::service::World;

const PASSWORD: &str = "a long enough passphrase 42";

/// A resume of its own for each number.
fn resume(number: usize) -> String {
    RESUME.replace("- Moved 40 services", &format!("- Moved {number} services"))
}

/// Signs in with the password, as on a new machine.
async fn signed_in(api: &Api, email: &str) -> Api {
    let body = json!({ "email": email, "password": PASSWORD });
    let session = api.post("/auth/login", &body).await.expect(200).json();
    api.with_token(session["access_token"].as_str().unwrap())
}

/// Uploads, jobs and deletions without a pause, until it is told to stop; how many rounds those were.
async fn busy(api: Api, done: Arc<AtomicBool>, rounds: Arc<std::sync::atomic::AtomicUsize>) {
    while !done.load(Ordering::SeqCst) {
        let number = 1000 + rounds.load(Ordering::SeqCst);
        let kept = api.upload("/files", "kept.md", resume(number).as_bytes(), &[]).await.expect(201).json();
        let short = format!("# Mira Holm\n\n## Skills\n\nRust, SQL, number {number}\n");
        let gone = api.upload("/files", "gone.md", short.as_bytes(), &[]).await.expect(201).json();
        let body = json!({ "file_id": kept["id"], "posting_text": POSTING });
        api.post("/jobs", &body).await.expect(202);
        api.delete(&format!("/files/{}", gone["id"].as_str().unwrap())).await.expect(204);
        rounds.fetch_add(1, Ordering::SeqCst);
    }
}

/// What a person has of a job: its result and two documents.
async fn had(api: &Api, job: &str) -> (Value, Vec<u8>, Vec<u8>) {
    let result = api.get(&format!("/jobs/{job}/result")).await.expect(200).json();
    let text = api.get(&format!("/jobs/{job}/documents/txt")).await.expect(200).bytes;
    (result, text, api.get(&format!("/jobs/{job}/documents/pdf")).await.expect(200).bytes)
}

on_both! {
    async fn all_that_was_kept_is_back_after_a_backup_under_load(world) {
        let world = world.with("RESUME_OPTIMIZER__TIERS__FREE__JOBS_PER_DAY", "0");
        let service = world.serve(&["--all"]);
        let mira = service.api().register("mira@example.org").await;
        let job = mira.ask().await;
        assert_eq!(mira.ended(&job).await["status"], "completed");
        let file = mira.items("/files").await[0].clone();
        let before = had(&mira, &job).await;
        let key = mira.post("/me/api-keys", &json!({ "name": "script" })).await.expect(201).json();

        // From here on tasks wait, so that there are some to go on with.
        world.program().args(["queue", "pause"]).run().done();
        let waiting = mira.ask().await;
        let jonas = service.api().register("jonas@example.org").await;
        let (done, rounds) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let load = tokio::spawn(busy(jonas, Arc::clone(&done), Arc::clone(&rounds)));
        until_async("the load", || async { (rounds.load(Ordering::SeqCst) > 3).then_some(()) }).await;
        let program = world.program().args(["backup", "under-load.zip"]);
        let at_start = rounds.load(Ordering::SeqCst);
        let made = tokio::task::spawn_blocking(|| program.run().done()).await.unwrap();
        let goes_on = || async { (rounds.load(Ordering::SeqCst) > at_start).then_some(()) };
        until_async("the load to go on beside a backup", goes_on).await;
        done.store(true, Ordering::SeqCst);
        load.await.unwrap();
        assert!(made.stdout.starts_with("Wrote under-load.zip ("), "{}", made.stdout);
        service.signal("KILL");
        drop(service);

        let archive = world.dir().join("under-load.zip");
        let kept = entries(&archive);
        for row in rows(&kept, "files") {
            let missing = manifest(&archive)["missing"].as_array().unwrap().iter().any(|one| one["file_id"] == row["id"]);
            let bytes = kept.get(&format!("files/{}", row["file_path"].as_str().unwrap()));
            assert_eq!(bytes.is_none(), missing, "{row}");
            assert!(bytes.is_none_or(|bytes| sha256(bytes) == row["content_hash"].as_str().unwrap()));
        }

        wipe(&world).await;
        let restored = restore(&world, &archive, &[]).done();
        assert!(restored.stdout.contains("\nRestored ") && restored.stdout.contains("users"), "{}", restored.stdout);

        let service = world.serve(&["--all"]);
        let old_token = service.api().with_token(&mira.token());
        old_token.get("/me").await.expect(200);
        let script = service.api().with_token(key["key"].as_str().unwrap());
        script.get("/me").await.expect(200);
        let mira = signed_in(&service.api(), "mira@example.org").await;
        assert_eq!(had(&mira, &job).await, before);
        let content = mira.get(&format!("/files/{}/content", file["id"].as_str().unwrap())).await.expect(200);
        assert_eq!((content.text().as_str(), sha256(&content.bytes)), (RESUME, file["content_hash"].as_str().unwrap().to_owned()));

        assert_eq!(mira.get(&format!("/jobs/{waiting}")).await.expect(200).json()["status"], "queued");
        world.program().args(["queue", "resume"]).run().done();
        assert_eq!(mira.ended(&waiting).await["status"], "completed");
        let jonas = signed_in(&service.api(), "jonas@example.org").await;
        let jobs = jonas.items("/jobs?limit=100").await;
        assert!(!jobs.is_empty());
        for job in &jobs {
            assert_eq!(jonas.ended(job["id"].as_str().unwrap()).await["status"], "completed");
        }
        for file in jonas.items("/files?limit=100").await {
            let bytes = jonas.get(&format!("/files/{}/content", file["id"].as_str().unwrap())).await.expect(200).bytes;
            assert_eq!(sha256(&bytes), file["content_hash"].as_str().unwrap());
        }
        assert!(service.stop().success());
    }

    async fn a_task_that_ran_is_taken_up_again(world) {
        let world = world.with("RESUME_OPTIMIZER__QUEUE__CONCURRENCY", "1");
        let bullets: String = (0..500).map(|number| format!("- Moved service number {number} to Kubernetes\n")).collect();
        let long = RESUME.replace("- Moved 40 services", &format!("{bullets}- Moved 40 services"));
        let service = world.serve(&["--all"]);
        let mira = service.api().register("mira@example.org").await;
        let file = mira.upload("/files", "long.md", long.as_bytes(), &[]).await.expect(201).json();
        let body = json!({ "file_id": file["id"], "posting_text": POSTING });
        let job = mira.post("/jobs", &body).await.expect(202).json()["id"].as_str().unwrap().to_owned();
        until_async("the start of the job", || async {
            let job = mira.get(&format!("/jobs/{job}")).await.expect(200).json();
            assert_ne!(job["status"], "completed", "too fast to be caught half-way");
            (job["status"] == "running").then_some(())
        })
        .await;
        service.signal("STOP");
        let archive = back_up(&world, "half-way.zip");
        let held = rows(&entries(&archive), "queue_tasks").into_iter().find(|task| task["kind"] == "optimize").unwrap();
        assert_eq!(held["state"], "running", "{held}");
        // Its worker still has the database open, and could go on at any moment.
        restore(&world, &archive, &["--replace"]).refused(1, &["stop the service"]);
        service.signal("KILL");
        drop(service);

        wipe(&world).await;
        let restored = restore(&world, &archive, &["--json"]).json();
        assert_eq!(restored["released_tasks"], 1, "{restored}");
        let second = back_up(&world, "restored.zip");
        let waits = rows(&entries(&second), "queue_tasks").into_iter().find(|task| task["id"] == held["id"]).unwrap();
        assert_eq!((&waits["state"], &waits["attempt"]), (&json!("queued"), &json!(0)), "it did not fail: {waits}");
        // What holds a lease is its number with its owner; the next claim has another of both.
        assert_eq!((&waits["lease_seq"], waits.get("lease_owner")), (&held["lease_seq"], None), "{waits}");
        let service = world.serve(&["--all"]);
        let mira = service.api().with_token(&mira.token());
        let ended = mira.ended(&job).await;
        assert_eq!((&ended["status"], &ended["attempts"]), (&json!("completed"), &json!(2)), "{ended}");
        let third = back_up(&world, "completed.zip");
        let done = rows(&entries(&third), "queue_tasks").into_iter().find(|task| task["id"] == held["id"]).unwrap();
        assert_eq!(done["state"], "completed");
        assert!(done["lease_seq"].as_i64() > held["lease_seq"].as_i64(), "{done}");
        assert_ne!(done["lease_owner"], held["lease_owner"]);
    }

    async fn a_file_whose_bytes_are_lost_is_left_out_and_nothing_hangs(world) {
        let service = world.serve(&["--all"]);
        let mira = service.api().register("mira@example.org").await;
        let job = mira.ask().await;
        mira.ended(&job).await;
        let lost = mira.items("/files").await[0]["id"].as_str().unwrap().to_owned();
        let corrected = json!({ "resume": { "basics": { "name": "Mira Aurora Holm" } } });
        mira.put(&format!("/files/{lost}/resume"), &corrected).await.expect(200);
        let spoilt = mira.upload("/files", "spoilt.json", JSON_RESUME.as_bytes(), &[]).await.expect(201).json();
        let whole = mira.upload("/files", "whole.md", resume(7).as_bytes(), &[]).await.expect(201).json();
        assert!(service.stop().success());
        for row in rows(&entries(&back_up(&world, "whole.zip")), "files") {
            let path = world.dir().join("data/files").join(row["file_path"].as_str().unwrap());
            if row["id"] == lost.as_str() {
                std::fs::remove_file(path).unwrap();
            } else if row["id"] == spoilt["id"] {
                std::fs::write(path, "something else").unwrap();
            }
        }
        // The archive is there, and a nightly run fails so that somebody sees to it.
        let ended = world.program().args(["backup", "lost.zip", "--json"]).run();
        assert_eq!(ended.code, Some(1), "{ended:#?}");
        assert!(ended.stderr.contains("lacks 2 files") && ended.stderr.contains("--incomplete"), "{ended:#?}");
        let said: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(said["files"], json!({ "count": 1, "bytes": resume(7).len() }));
        // A whole one that is there is not replaced by it, unless somebody is content with less.
        let whole_archive = std::fs::read(world.dir().join("whole.zip")).unwrap();
        let ended = world.program().args(["backup", "whole.zip", "--force"]).run();
        assert!(ended.code == Some(1) && ended.stderr.contains("whole.zip.incomplete lacks 2 files"), "{ended:#?}");
        assert!(std::fs::read(world.dir().join("whole.zip")).unwrap() == whole_archive);
        assert!(entries(&world.dir().join("whole.zip.incomplete")).contains_key("manifest.json"));
        world.program().args(["backup", "whole.zip", "--force", "--incomplete"]).run().done();
        assert!(std::fs::read(world.dir().join("whole.zip")).unwrap() != whole_archive);
        let mut missing: Vec<(&str, &str)> = said["missing"].as_array().unwrap().iter()
            .map(|one| (one["file_id"].as_str().unwrap(), one["why"].as_str().unwrap())).collect();
        missing.sort_unstable();
        let mut expected = vec![(lost.as_str(), "lost"), (spoilt["id"].as_str().unwrap(), "damaged")];
        expected.sort_unstable();
        assert_eq!(missing, expected);

        wipe(&world).await;
        let restored = restore(&world, &world.dir().join("lost.zip"), &[]).done();
        assert!(restored.stdout.contains("2 files are left out"), "{}", restored.stdout);
        let service = world.serve(&["--all"]);
        let mira = signed_in(&service.api(), "mira@example.org").await;
        let files = mira.items("/files").await;
        assert_eq!(files.iter().map(|file| &file["id"]).collect::<Vec<_>>(), [&whole["id"]]);
        mira.get(&format!("/files/{lost}/resume")).await.refused(404, "not_found", &["file"]);
        let kept = mira.get(&format!("/jobs/{job}")).await.expect(200).json();
        assert_eq!((&kept["file_id"], &kept["status"]), (&Value::Null, &json!("completed")), "{kept}");
        mira.get(&format!("/jobs/{job}/documents/pdf")).await.expect(200);
        // The same bytes may come again.
        mira.upload("/files", "resume.md", RESUME.as_bytes(), &[]).await.expect(201);
    }
}

/// One container with everything becomes a cluster, and back, and what people have is the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_moves_from_sqlite_to_postgresql_and_back() {
    let alone = World::on_sqlite();
    let service = alone.serve(&["--all"]);
    let mira = service.api().register("mira@example.org").await;
    let job = mira.ask().await;
    mira.ended(&job).await;
    let before = had(&mira, &job).await;
    alone.program().args(["queue", "pause"]).run().done();
    let waiting = mira.ask().await;
    assert!(service.stop().success());

    let cluster = World::on_postgresql().await;
    let said = restore(&cluster, &back_up(&alone, "alone.zip"), &[]).done();
    assert!(said.stdout.contains("sign in again"), "the cluster has a secret of its own: {}", said.stdout);
    let api = cluster.serve(&["--api"]);
    let worker = cluster.serve(&["--worker"]);
    let mira = signed_in(&api.api(), "mira@example.org").await;
    assert_eq!(had(&mira, &job).await, before);
    cluster.program().args(["queue", "resume"]).run().done();
    assert_eq!(mira.ended(&waiting).await["status"], "completed");
    let more = mira.ask().await;
    assert_eq!(mira.ended(&more).await["status"], "completed");
    assert!(worker.stop().success() && api.stop().success());

    let again = World::on_sqlite();
    restore(&again, &back_up(&cluster, "cluster.zip"), &[]).done();
    let service = again.serve(&["--all"]);
    let mira = signed_in(&service.api(), "mira@example.org").await;
    assert_eq!(had(&mira, &job).await, before);
    assert_eq!(mira.items("/jobs?status=completed").await.len(), 3);
    let last = mira.ask().await;
    assert_eq!(mira.ended(&last).await["status"], "completed");
}
