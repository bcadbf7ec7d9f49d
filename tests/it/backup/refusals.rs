//! What is refused, and that nothing was changed then.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use resume_optimizer::domain::hash::sha256;
use serde_json::json;
use uuid::Uuid;

use crate::backup::archive::{
    back_up, changed, entries, files_below, manifest, restore, use_everything, wipe, with_manifest,
};
use crate::support::inside::Inside;
use crate::support::program::clean;
use crate::support::service::World;

/// What nobody may have changed: every row and every file.
async fn all_of(world: &World) -> impl PartialEq + std::fmt::Debug + use<> {
    let inside = Inside::of(world).await;
    let rows = inside.everything().await;
    inside.close().await;
    (
        rows,
        files_below(&world.dir().join("data/files")),
        std::fs::read(world.dir().join("data/jwt_secret_key")).ok(),
    )
}

on_both! {
    async fn an_archive_is_its_owners_alone_and_replaces_nothing_unasked(world) {
        world.program().args(["backup", "none.zip"]).run().refused(1, &[]);
        world.program().args(["migrate", "up"]).run().done();
        let archive = back_up(&world, "all.zip");
        assert_eq!(std::fs::metadata(&archive).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&archive, "somebody's").unwrap();
        world.program().args(["backup", "all.zip"]).run().refused(1, &["all.zip exists already", "--force"]);
        assert_eq!(std::fs::read_to_string(&archive).unwrap(), "somebody's");
        let said = world.program().args(["backup", "all.zip", "--force", "--json"]).run().json();
        assert_eq!(said["bytes"], std::fs::metadata(&archive).unwrap().len());
        assert_eq!(said["format"], 1);
        assert_eq!(manifest(&archive)["migrations"], said["migrations"]);
        world.program().args(["backup", "no/such/folder/all.zip"]).run().refused(1, &["no/such/folder/all.zip", "cannot be written"]);
        assert_eq!(world.program().args(["backup"]).run().code, Some(2));
        for folder in [&["backup", "."][..], &["backup", "..", "--force"]] {
            world.program().args(folder).run().refused(1, &["is a folder", "backup.zip"]);
        }
        let left: Vec<_> = std::fs::read_dir(world.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".part")), "{left:?}");
    }

    async fn a_service_that_only_started_has_left_nothing_that_is_in_the_way(world) {
        let service = world.serve(&["--all"]);
        service.api().register("mira@example.org").await;
        let archive = back_up(&world, "all.zip");
        assert!(service.stop().success());
        wipe(&world).await;
        assert!(world.serve(&["--all"]).stop().success());
        let inside = Inside::of(&world).await;
        let task = "INSERT INTO queue_tasks (id, kind, state, payload, run_at, created_at, finished_at) VALUES
            ({id}, 'health-check', 'completed', '{}', {now}, {now}, {now})";
        let (id, now) = if world.config().is_postgres() { ("gen_random_uuid()", "now()") } else { ("randomblob(16)", "0") };
        inside.sql(&task.replace("{id}", id).replace("{now}", now)).await;
        inside.close().await;
        restore(&world, &archive, &[]).done();
        let inside = Inside::of(&world).await;
        assert_eq!(inside.count("users").await, 1);
        inside.close().await;
    }

    async fn what_a_newer_version_made_is_not_replaced_by_an_older_one(world) {
        use_everything(&world).await;
        let archive = back_up(&world, "all.zip");
        let inside = Inside::of(&world).await;
        inside.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_shoes', 0)").await;
        inside.close().await;
        let before = all_of(&world).await;
        restore(&world, &archive, &["--replace"]).refused(1, &["m20990101_000001_shoes", "Nothing was changed", "an empty database"]);
        assert_eq!(all_of(&world).await, before);
        let said = world.program().arg("doctor").run().done().stdout;
        assert!(said.contains("WARNING  schema") && said.contains("m20990101_000001_shoes"), "{said}");
        wipe(&world).await;
        restore(&world, &archive, &[]).done();
    }

    async fn what_is_there_stays_unless_it_may_go(world) {
        use_everything(&world).await;
        let archive = back_up(&world, "all.zip");
        let before = all_of(&world).await;
        restore(&world, &archive, &[]).refused(1, &["There are rows in the database", "users", "--replace"]);
        assert_eq!(all_of(&world).await, before);

        // Files alone are in the way as well.
        let fresh = if world.config().is_postgres() { World::on_postgresql().await } else { World::on_sqlite() };
        let hash = sha256(b"bytes");
        let (first, second) = (hash.get(..2).unwrap(), hash.get(2..4).unwrap());
        let folder = format!("data/files/{}/{first}/{second}", Uuid::now_v7());
        let left = fresh.dir().join(folder).join(format!("{hash}.{}", Uuid::now_v7().simple()));
        std::fs::create_dir_all(left.parent().unwrap()).unwrap();
        std::fs::write(&left, "bytes").unwrap();
        restore(&fresh, &archive, &[]).refused(1, &["There are files in the file store", "--replace"]);
        assert!(left.exists());
    }

    async fn whoever_serves_has_to_stop_first(world) {
        let service = world.serve(&["--api"]);
        service.api().register("mira@example.org").await;
        let archive = back_up(&world, "all.zip");
        for flags in [&[][..], &["--replace"]] {
            restore(&world, &archive, flags).refused(1, &["stop the service"]);
        }
        service.api().register("jonas@example.org").await;
        assert!(service.stop().success());
        let worker = world.serve(&["--worker"]);
        restore(&world, &archive, &["--replace"]).refused(1, &["stop the service"]);
        assert!(worker.stop().success());
        restore(&world, &archive, &["--replace"]).done();
    }

    async fn a_damaged_archive_changes_nothing(world) {
        use_everything(&world).await;
        let archive = back_up(&world, "all.zip");
        let whole = std::fs::read(&archive).unwrap();
        let before = all_of(&world).await;
        let damaged = world.dir().join("damaged.zip");
        let refused = |bytes: &[u8], what: &str| {
            std::fs::write(&damaged, bytes).unwrap();
            let ended = restore(&world, &damaged, &["--replace"]);
            assert_eq!(ended.code, Some(1), "{what}: {ended:#?}");
            ended.refused(1, &["damaged.zip is damaged", "Nothing was changed"]);
        };
        for kept in [0, 1, whole.len() / 3, whole.len() - 1] {
            refused(&whole[..kept], &format!("cut after {kept} bytes"));
        }
        // One bit in the bytes of each kind of entry, in their heads, and in the list of them at the end.
        let find = |needle: &[u8], from: usize| from + whole[from..].windows(needle.len()).position(|window| window == needle).unwrap();
        let mut places = vec![0, find(b"tables/audit_events.jsonl", 0), find(b"tables/users.jsonl", 0) + 60, find(b"files/", 0), whole.len() - 30];
        let list = find(b"PK\x01\x02", 0);
        places.extend([find(b"## Skills", 0), find(b"\"migrations\"", 0) + 20, list + 16, find(b"tables/jobs.jsonl", list)]);
        for place in places {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x04;
            refused(&bytes, &format!("a bit at {place} of {}", whole.len()));
        }
        assert_eq!(all_of(&world).await, before);
        restore(&world, &archive, &["--replace"]).done();
    }

    async fn an_archive_that_is_whole_and_wrong_changes_nothing(world) {
        use_everything(&world).await;
        let archive = back_up(&world, "all.zip");
        let before = all_of(&world).await;
        let refused = |archive: &std::path::Path, parts: &[&str]| {
            restore(&world, archive, &["--replace"]).refused(1, parts);
        };
        refused(&world.dir().join("none.zip"), &["none.zip cannot be read"]);
        // A table that was forgotten.
        refused(&changed(&archive, |entries| drop(entries.remove("tables/jobs.jsonl"))), &["tables/jobs.jsonl is not there"]);
        refused(
            &with_manifest(&archive, |manifest| drop(manifest["tables"].as_object_mut().unwrap().remove("jobs"))),
            &["rows of jobs and says none"],
        );
        refused(&with_manifest(&archive, |manifest| manifest["tables"]["sessions"] = json!(0)), &["no table sessions"]);
        // Rows that were taken out, put in, or are something else.
        refused(&changed(&archive, |entries| drop(entries.insert("tables/users.jsonl".to_owned(), Vec::new()))), &["0 rows of users"]);
        let lines = |text: &'static str| move |entries: &mut crate::backup::archive::Entries| {
            entries.insert("tables/queues.jsonl".to_owned(), text.into());
        };
        refused(&changed(&archive, lines("{\"name\":\"default\",\"paused_at\":7}\n")), &["queues", "paused_at holds something else"]);
        refused(&changed(&archive, lines("{\"name\":\"default\"}")), &["tables/queues.jsonl ends within a row"]);
        // Files that are not those of the rows.
        let file = entries(&archive).into_keys().find(|name| name.starts_with("files/")).unwrap();
        refused(&changed(&archive, |entries| drop(entries.remove(&file))), &["is not there"]);
        refused(&changed(&archive, |entries| drop(entries.insert(file.clone(), b"other".to_vec()))), &["is not what its row says"]);
        // Another program.
        refused(
            &with_manifest(&archive, |manifest| {
                manifest["version"] = json!("9.9.9");
                manifest["migrations"].as_array_mut().unwrap().push(json!("m20990101_000001_future"));
            }),
            &["m20990101_000001_future", "version 9.9.9", env!("CARGO_PKG_VERSION"), "m2026"],
        );
        refused(
            &with_manifest(&archive, |manifest| drop(manifest["migrations"].as_array_mut().unwrap().remove(0))),
            &["its migrations are not the first of ours"],
        );
        // Of a later form nothing but these two are known.
        let later = json!({ "format": 2, "version": "9.9.9" }).to_string();
        refused(
            &changed(&archive, |entries| drop(entries.insert("manifest.json".to_owned(), later.into()))),
            &["form 2", "version 9.9.9", env!("CARGO_PKG_VERSION")],
        );
        assert_eq!(all_of(&world).await, before);
    }

    async fn rows_that_refer_to_nothing_change_nothing(world) {
        use_everything(&world).await;
        let archive = back_up(&world, "all.zip");
        let before = all_of(&world).await;
        let torn = changed(&archive, |entries| {
            entries.insert("tables/users.jsonl".to_owned(), Vec::new());
            let mut manifest: serde_json::Value = serde_json::from_slice(&entries["manifest.json"]).unwrap();
            manifest["tables"]["users"] = json!(0);
            entries.insert("manifest.json".to_owned(), manifest.to_string().into());
        });
        restore(&world, &torn, &["--replace"]).refused(1, &["refer to rows that are not there", "The database is as it was"]);
        assert_eq!(all_of(&world).await, before);
        wipe(&world).await;
        restore(&world, &torn, &[]).refused(1, &["refer to rows that are not there"]);
        restore(&world, &archive, &["--replace"]).done();
        assert!(all_of(&world).await != before, "the audit log tells of it");
    }
}

#[test]
fn a_folder_without_a_database_is_not_made_one_by_a_backup() {
    let world = World::on_sqlite();
    world.program().args(["backup", "all.zip"]).run().refused(1, &["There is no database", "data_dir"]);
    assert!(!world.dir().join("data").exists() && !world.dir().join("all.zip").exists());
}

/// A disk that is full, in small: files of this process may have 128 KiB. One sentence, and nothing half is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_without_room_is_one_sentence() {
    let world = World::on_sqlite();
    let service = world.serve(&["--api"]);
    let mira = service.api().register("mira@example.org").await;
    let text: String =
        (0..4_000).map(|number| format!("line {number} of a long resume, as some people have\n")).collect();
    mira.upload("/files", "long.md", text.as_bytes(), &[]).await.expect(201);
    assert!(service.stop().success());
    let mut shell = Command::new("sh");
    clean(&mut shell, world.dir());
    let limited = "trap '' XFSZ; ulimit -f 256; exec \"$0\" backup all.zip";
    let ended = shell.args(["-c", limited, env!("CARGO_BIN_EXE_resume-optimizer")]).output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!((ended.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("all.zip cannot be written") && said.contains("free room"), "{said}");
    assert!(!files_below(world.dir()).keys().any(|path| path.to_string_lossy().contains("all.zip")));
}
