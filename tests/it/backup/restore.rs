//! What a restore leaves: all of the archive and nothing else, however often it was begun.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement, TransactionTrait as _};
use serde_json::json;

use crate::backup::archive::{back_up, entries, files_below, manifest, restore, rows, use_everything, wipe};
use crate::support::deadline::{until, until_async};
use crate::support::documents::{JSON_RESUME, RESUME};
use crate::support::inside::Inside;
use crate::support::s3::S3;
use crate::support::service::World;

/// The addresses of the accounts that there are.
async fn accounts(world: &World) -> Vec<String> {
    let inside = Inside::of(world).await;
    let accounts = inside.texts("SELECT email AS name FROM users ORDER BY 1").await;
    inside.close().await;
    accounts
}

on_both! {
    async fn what_was_there_goes_and_the_archive_takes_its_place(world) {
        let service = world.serve(&["--all"]);
        let mira = service.api().register("mira@example.org").await;
        let kept = mira.upload_resume().await;
        let archive = back_up(&world, "all.zip");
        let files = files_below(&world.dir().join("data/files"));
        let jonas = service.api().register("jonas@example.org").await;
        jonas.upload("/files", "resume.json", JSON_RESUME.as_bytes(), &[]).await.expect(201);
        mira.delete(&format!("/files/{kept}")).await.expect(204);
        assert!(service.stop().success());
        assert_eq!(accounts(&world).await.len(), 2);

        let said = restore(&world, &archive, &["--replace", "--json"]).json();
        assert_eq!((&said["deleted_files"], &said["files"]["count"]), (&json!(1), &json!(1)), "{said}");
        assert_eq!(said["tables"]["users"], 1);
        assert_eq!(accounts(&world).await, ["mira@example.org"]);
        assert_eq!(files_below(&world.dir().join("data/files")), files);
        // A second time is the same.
        restore(&world, &archive, &["--replace"]).done();
        assert_eq!(files_below(&world.dir().join("data/files")), files);
        let service = world.serve(&["--all"]);
        let mira = service.api().with_token(&mira.token());
        assert_eq!(mira.get(&format!("/files/{kept}/content")).await.expect(200).text(), RESUME);
        // What was taken off for the rows is back in force.
        let inside = Inside::of(&world).await;
        inside.sql("DELETE FROM users").await;
        assert_eq!(inside.count("files").await, 0, "what belongs to an account goes with it");
        inside.close().await;
    }

    async fn the_key_of_a_store_is_not_asked_of_whoever_restores(world) {
        const KEY: &str = "STORAGE_ENCRYPTION_KEY";
        let mut world = world.with(KEY, &"1f".repeat(32));
        let service = world.serve(&["--all"]);
        let mira = service.api().register("mira@example.org").await;
        let kept = mira.upload_resume().await;
        assert!(service.stop().success());
        let tells = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("Mira Holm");
        let folder = world.dir().join("data/files");
        assert!(!files_below(&folder).values().any(|bytes| tells(bytes)), "the disk tells nothing");
        let archive = back_up(&world, "all.zip");
        assert!(entries(&archive).iter().any(|(name, bytes)| name.starts_with("files/") && tells(bytes)));
        // Another key, and then none: the archive is whole by itself.
        for key in ["2e".repeat(32), String::new()] {
            world = world.with(KEY, &key);
            wipe(&world).await;
            restore(&world, &archive, &[]).done();
            assert_eq!(files_below(&folder).values().any(|bytes| tells(bytes)), key.is_empty());
            let service = world.serve(&["--all"]);
            let mira = service.api().with_token(&mira.token());
            assert_eq!(mira.get(&format!("/files/{kept}/content")).await.expect(200).text(), RESUME);
            assert!(service.stop().success());
        }
    }

    async fn files_go_from_a_folder_into_a_bucket_and_back_and_are_called_so(world) {
        let service = world.serve(&["--api"]);
        let mira = service.api().register("mira@example.org").await;
        let kept = mira.upload_resume().await;
        assert!(service.stop().success());
        let s3 = S3::start();
        let in_bucket = format!("{}/", s3.prefix());
        let mut archive = back_up(&world, "folder.zip");
        let mut world = s3.in_use(world);
        for (kind, prefix, next) in [("s3", Some(in_bucket), "bucket.zip"), ("disk", None, "again.zip")] {
            world = world.with("RESUME_OPTIMIZER__STORAGE__KIND", kind);
            wipe(&world).await;
            restore(&world, &archive, &[]).done();
            let inside = Inside::of(&world).await;
            let path = inside.texts("SELECT file_path AS name FROM files").await.remove(0);
            let named = inside.texts("SELECT s3_key AS name FROM files WHERE s3_key IS NOT NULL").await;
            assert_eq!(named, Vec::from_iter(prefix.map(|prefix| prefix + &path)), "{kind}");
            inside.close().await;
            let service = world.serve(&["--api"]);
            let mira = service.api().with_token(&mira.token());
            assert_eq!(mira.get(&format!("/files/{kept}/content")).await.expect(200).text(), RESUME);
            assert!(service.stop().success());
            archive = back_up(&world, next);
        }
    }

    async fn an_archive_of_an_earlier_schema_is_brought_up(world) {
        use_everything(&world).await;
        world.program().args(["migrate", "down", "2", "--yes"]).run().done();
        let archive = back_up(&world, "earlier.zip");
        let known = manifest(&archive)["migrations"].as_array().unwrap().len();
        assert!(!entries(&archive).contains_key("tables/resume_corrections.jsonl"));
        wipe(&world).await;
        let said = restore(&world, &archive, &["--json"]).json();
        assert_eq!(said["migrated"], 2, "{said}");
        let status = world.program().args(["migrate", "status"]).run().done().stdout;
        assert_eq!(status.matches("applied").count(), known + 2, "{status}");
        let service = world.serve(&["--api"]);
        let login = json!({ "email": "mira@example.org", "password": "a long enough passphrase 42" });
        service.api().post("/auth/login", &login).await.expect(200);
    }

    async fn one_that_is_killed_leaves_the_old_or_the_new_and_can_be_run_again(world) {
        let service = world.serve(&["--api"]);
        let mira = service.api().register("mira@example.org").await;
        for number in 0..30 {
            let text = format!("# Mira Holm\n\n## Skills\n\nRust, SQL, number {number}\n");
            mira.upload("/files", "resume.md", text.as_bytes(), &[]).await.expect(201);
        }
        let archive = back_up(&world, "all.zip");
        let files = files_below(&world.dir().join("data/files"));
        assert!(service.stop().success());
        wipe(&world).await;
        let service = world.serve(&["--api"]);
        service.api().register("jonas@example.org").await;
        assert!(service.stop().success());

        // Somewhere from the first file on, a little later each time: there is no event to wait for at each step.
        let folder = world.dir().join("data/files");
        for pause in [0, 20, 60, 120, 250] {
            std::fs::remove_dir_all(&folder).unwrap();
            let mut killed = world.program().arg("restore").arg(&archive).arg("--replace").spawn();
            until("the first file, or the end", || {
                // Not the files themselves: one that is being put in place has another name a moment later.
                let begun = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
                (begun || killed.try_wait().unwrap().is_some()).then_some(())
            });
            std::thread::sleep(Duration::from_millis(pause));
            let _ = killed.kill();
            let ended = killed.wait().unwrap();
            let there = accounts(&world).await;
            if there == ["mira@example.org"] {
                // Whatever else came, all of it is there.
                let inside = Inside::of(&world).await;
                assert_eq!(inside.count("files").await, 30);
                inside.close().await;
            } else {
                assert!(!ended.success());
                assert_eq!(there, ["jonas@example.org"]);
            }
        }
        restore(&world, &archive, &["--replace"]).done();
        assert_eq!(accounts(&world).await, ["mira@example.org"]);
        assert_eq!(files_below(&world.dir().join("data/files")), files);
        assert_eq!(rows(&entries(&back_up(&world, "again.zip")), "files").len(), 30);
    }
}

/// Of a run that waits for somebody's lock: it is asked to stop, and ends with a failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_asked_to_stop_stops_and_leaves_nothing_half() {
    let world = World::on_postgresql().await;
    use_everything(&world).await;
    let archive = back_up(&world, "all.zip");
    // By a connection that is none of ours, as an operator's.
    let holder = sea_orm::Database::connect(world.config().database_url()).await.unwrap();
    for (command, flags) in [("backup", &["second.zip"][..]), ("restore", &["all.zip", "--replace"])] {
        let held = holder.begin().await.unwrap();
        held.execute_unprepared("LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let mut asked = world.program().arg(command).args(flags).spawn();
        until_async("the wait for the lock", || async {
            let waiting = "SELECT 1 AS found FROM pg_stat_activity
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let waiting = Statement::from_string(DbBackend::Postgres, waiting);
            // Not by the one that holds it: a transaction sees who is there only once.
            holder.query_one_raw(waiting).await.unwrap().map(|_| ())
        })
        .await;
        let sent =
            std::process::Command::new("kill").args(["-TERM", &asked.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(asked.wait().unwrap().code(), Some(1), "{command}");
        held.rollback().await.unwrap();
        assert_eq!(accounts(&world).await, ["mira@example.org"]);
    }
    holder.close().await.unwrap();
    let left: Vec<_> =
        std::fs::read_dir(world.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        !left.iter().any(|name| name == "second.zip" || name.to_string_lossy().ends_with(".part")),
        "{left:?}"
    );
    restore(&world, &archive, &["--replace"]).done();
}
