//! Installations of earlier releases, each as `scripts/dump-schema` kept it, under the present program: their schema is
//! brought up with the data in it, and people find what they had.

use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait as _, Database};
use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::documents::{JSON_RESUME, POSTING, RESUME};
use crate::support::inside::Inside;
use crate::support::service::World;

/// The dumps of all releases, oldest first.
fn releases() -> Vec<PathBuf> {
    let fixtures = std::fs::read_dir("tests/fixtures").unwrap().map(|entry| entry.unwrap().path());
    let mut releases: Vec<PathBuf> =
        fixtures.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("schema-")).collect();
    releases.sort();
    assert!(!releases.is_empty(), "each release leaves a dump: run scripts/dump-schema");
    releases
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            std::fs::copy(&entry, &target).unwrap();
        }
    }
}

/// Puts what a release left into this world.
async fn install(world: &World, release: &Path) {
    copy(&release.join("files"), &world.dir().join("data/files"));
    let (dump, url) = if world.config().is_postgres() {
        ("postgresql.sql", world.config().database_url())
    } else {
        let file = world.dir().join("data/resume-optimizer.db");
        ("sqlite.sql", format!("sqlite://{}?mode=rwc", file.display()))
    };
    let dump = std::fs::read_to_string(release.join(dump)).unwrap();
    let database = Database::connect(url).await.unwrap();
    // Its tables refer to each other, and come one after the other.
    let dump =
        if world.config().is_postgres() { dump } else { format!("PRAGMA foreign_keys = OFF;\n{dump}") };
    database.execute_unprepared(&dump).await.unwrap();
    database.close().await.unwrap();
}

/// What a person had in that release is there, and what waited is done.
async fn all_is_there(api: &Api) {
    let login = json!({ "email": "mira@example.org", "password": "a long enough passphrase 42" });
    let session = api.post("/auth/login", &login).await.expect(200).json();
    assert_eq!(session["user"]["first_name"], "Mira");
    let mira = api.with_token(session["access_token"].as_str().unwrap());
    let jobs = mira.items("/jobs?limit=100").await;
    assert_eq!(jobs.len(), 3, "{jobs:#?}");
    // Newest first: the one that waited, the one whose file was deleted, the one that was completed.
    let id = |number: usize| jobs[number]["id"].as_str().unwrap();
    assert_eq!(mira.ended(id(0)).await["status"], "completed");
    let failed = mira.get(&format!("/jobs/{}", id(1))).await.expect(200).json();
    assert_eq!((&failed["status"], &failed["file_id"]), (&json!("failed"), &Value::Null));
    assert!(failed["error_message"].as_str().unwrap().contains("deleted"), "{failed}");
    let result = mira.get(&format!("/jobs/{}/result", id(2))).await.expect(200).json();
    assert!(result["scores"]["match"]["after"].is_number(), "{result}");
    for format in ["pdf", "docx", "md", "txt", "html", "json"] {
        mira.get(&format!("/jobs/{}/documents/{format}", id(2))).await.expect(200);
    }
    assert!(!mira.events(id(2), None).await.is_empty());

    let files = mira.items("/files").await;
    let content = |name: &'static str| {
        let file = files.iter().find(|file| file["filename"] == name).unwrap();
        let (mira, path) = (mira.clone(), format!("/files/{}", file["id"].as_str().unwrap()));
        async move {
            let text = mira.get(&format!("{path}/content")).await.expect(200).text();
            (text, mira.get(&format!("{path}/resume")).await.expect(200).json())
        }
    };
    let (text, read) = content("resume.md").await;
    assert_eq!((text.as_str(), &read["resume"]["basics"]["name"]), (RESUME, &json!("Mira Holm")));
    let (text, corrected) = content("resume.json").await;
    assert_eq!(
        (text.as_str(), &corrected["resume"]["basics"]["name"]),
        (JSON_RESUME, &json!("Mira Aurora Holm"))
    );

    assert_eq!(mira.items("/me/api-keys").await[0]["name"], "script");
    let file = files.iter().find(|file| file["filename"] == "resume.md").unwrap();
    let more = json!({ "file_id": file["id"], "posting_text": POSTING });
    mira.post("/jobs", &more).await.expect(202);
}

/// Jobs are as old as the release that kept them: the clean-up would delete them.
fn patient(world: World) -> World {
    world.with("RESUME_OPTIMIZER__JOBS__KEEP_DAYS", "36500")
}

/// Each release in a world of its own, which `fresh` makes.
async fn each_release<F: Future<Output = World>>(fresh: impl Fn() -> F) {
    for release in releases() {
        let world = patient(fresh().await);
        install(&world, &release).await;
        world.program().args(["migrate", "up"]).run().done();
        let status = world.program().args(["migrate", "status", "--json"]).run().json();
        assert!(status["items"].as_array().unwrap().iter().all(|step| step["applied"] == true), "{status}");
        let service = world.serve(&["--all"]);
        all_is_there(&service.api()).await;
        assert!(service.stop().success());
        // And by a backup as well.
        let restored = patient(fresh().await);
        world.program().args(["backup", "all.zip"]).run().done();
        restored.program().arg("restore").arg(world.dir().join("all.zip")).run().done();
        let service = restored.serve(&["--all"]);
        let login = json!({ "email": "mira@example.org", "password": "a long enough passphrase 42" });
        service.api().post("/auth/login", &login).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_of_every_release_is_brought_up_on_sqlite() {
    each_release(|| async { World::on_sqlite() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_of_every_release_is_brought_up_on_postgresql() {
    each_release(World::on_postgresql).await;
}

on_both! {
    /// While a release is rolled out, programs of the one before go on, and start again when they are killed.
    async fn a_program_goes_on_beside_what_a_newer_one_added(world) {
        let service = world.serve(&["--all"]);
        let mira = service.api().register("mira@example.org").await;
        let inside = Inside::of(&world).await;
        inside.sql("ALTER TABLE users ADD COLUMN shoe_size INTEGER").await;
        inside.sql("CREATE TABLE shoes (size INTEGER NOT NULL)").await;
        inside.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_shoes', 0)").await;
        inside.close().await;
        mira.outside("/ready").await.expect(200);
        let job = mira.ask().await;
        assert_eq!(mira.ended(&job).await["status"], "completed");
        service.signal("KILL");
        drop(service);
        let service = world.serve(&["--all"]);
        let mira = service.api().with_token(&mira.token());
        mira.outside("/ready").await.expect(200);
        mira.get(&format!("/jobs/{job}/result")).await.expect(200);
        service.api().register("jonas@example.org").await;
        assert!(world.program().args(["user", "list"]).run().done().stdout.contains("jonas@example.org"));
        let status = world.program().args(["migrate", "status"]).run().done().stdout;
        assert!(status.ends_with("newer    m20990101_000001_shoes\n"), "{status}");
        // Whoever does not know what was added neither takes it back nor copies half of it.
        let refused = |command: [&str; 2]| {
            world.program().args(command).run().refused(1, &["m20990101_000001_shoes", "use that version"]);
        };
        refused(["backup", "all.zip"]);
        assert!(service.stop().success());
        refused(["migrate", "fresh"]);
    }
}

/// A release that is made without its dump would not be held to anything by the next one.
#[test]
fn the_present_release_has_its_dump_or_is_not_yet_out() {
    let present = Path::new("tests/fixtures").join(format!("schema-{}", env!("CARGO_PKG_VERSION")));
    let changes = std::fs::read_to_string("CHANGELOG.md").unwrap();
    let is_out = changes.contains(&format!("## {}", env!("CARGO_PKG_VERSION")));
    assert!(present.is_dir() || !is_out, "run scripts/dump-schema before the release");
}
